"""One frame for all lessons: the same headings, forms of exercises, bounds; and minutes that are computed."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from eventlab.lessons.judging import model
from tests.support import REPO
from tools import minutes

LESSONS = model.lessons()
ARTICLE = "*Distributed autonomous microservices with event-driven architecture* (guest contribution, 29 February 2024)"
CLAIMS = "(../docs/claims.md)"
IN_AN_EPISODE = ("Predict", "Run", "Observe", "Explain", "What if")


@cache
def notebook(number: str) -> dict[str, Any]:
    (path,) = (REPO / "notebooks").glob(f"{number}-*.ipynb")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code(number: str) -> list[str]:
    return [source(cell) for cell in notebook(number)["cells"] if cell["cell_type"] == "code"]


def prose(number: str) -> list[str]:
    return [source(cell) for cell in notebook(number)["cells"] if cell["cell_type"] == "markdown"]


def headings(number: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", "\n".join(prose(number)), re.M)


def of_an_exercise(cell: str) -> bool:
    return re.search(r'^(?:# )?(?:check|hint|answer)\("', cell, re.M) is not None


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_keeps_to_its_bounds(number: str) -> None:
    assert len([cell for cell in code(number) if not of_an_exercise(cell)]) <= 28, "code cells besides the exercises'"
    assert sum(len(text.split()) for text in prose(number)) <= 1800, "words, as they stand, with their marks"


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_begins_with_something_to_see_or_touch_before_any_list(number: str) -> None:
    cells = notebook(number)["cells"]
    first = [index for index, cell in enumerate(cells) if cell["cell_type"] == "code"][1]
    before = "\n".join(source(cell) for cell in cells[:first] if cell["cell_type"] == "markdown")
    assert not re.search(r"^(\||- |\d+\. )", before, re.M)
    assert minutes.words(before) <= 90
    kinds = {kind for output in cells[first]["outputs"] for kind in output.get("data", {})}
    assert kinds & {"image/svg+xml", "application/vnd.plotly.v1+json", "text/html"}, "the hook shows a picture"


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_has_the_headings_that_all_have(number: str) -> None:
    assert len(headings(number, 1)) == 1
    first, *episodes, practice, last = headings(number, 2)
    assert first.startswith("Before you begin")
    assert 3 <= len(episodes) <= 4
    assert [title.split(".")[0] for title in episodes] == [str(place + 1) for place in range(len(episodes))]
    assert practice.startswith("Practice") and last == "What to keep"
    assert prose(number)[-1].index("## What to keep") == 0 or "## What to keep" in "\n".join(prose(number)[-2:])


@pytest.mark.parametrize("number", LESSONS)
def test_each_episode_lets_predict_run_and_change_before_it_explains(number: str) -> None:
    for title, cells in minutes.sections(notebook(number)):
        if not title[:1].isdigit():
            continue
        parts = re.findall(
            r"^### (.+)$", "\n".join(source(cell) for cell in cells if cell["cell_type"] == "markdown"), re.M
        )
        assert all(part.startswith(IN_AN_EPISODE) for part in parts), (title, parts)
        kinds = [next(kind for kind in IN_AN_EPISODE if part.startswith(kind)) for part in parts]
        assert "Run" in kinds and "Explain" in kinds, (title, parts)
        assert kinds.index("Run") < kinds.index("Explain")
        asked = "\n".join(source(cell) for cell in cells)
        assert asked.index('predict("') < asked.index("### Run"), f"{title}: the question comes before the run"
    assert [part for part in headings(number, 3) if part.startswith("What if")], "nothing to move"
    assert any("what_if(" in cell for cell in code(number))


@pytest.mark.parametrize("number", LESSONS)
def test_each_explanation_has_150_words_at_most(number: str) -> None:
    for text in prose(number):
        for part in re.split(r"^#{2,3} ", text, flags=re.M)[1:]:
            assert not part.startswith("Explain") or minutes.words(part) <= 151, part[:60]


@pytest.mark.parametrize("number", LESSONS)
def test_exercises_have_one_form_and_two_of_them_are_core(number: str) -> None:
    cells = [source(cell) for cell in notebook(number)["cells"]]
    marked = []
    for each in model.lesson(number).exercises:
        (at,) = [index for index, cell in enumerate(cells) if cell.startswith(f"### {each.id} ")]
        heading = re.match(rf"### {each.id} .+ \({each.kind}(, another trade)?, (core|more)\)\n", cells[at])
        assert heading, f"{cells[at].splitlines()[0]}: expected “### {each.id} Title ({each.kind}, core)”, or more"
        marked.append(heading.groups())
        assert f'check("{each.id}"' in cells[at + 1]
        assert cells[at + 2] == f'# hint("{each.id}")      # hint("{each.id}", 2)'
        assert cells[at + 3].startswith("<details><summary>Model answer</summary>")
        assert cells[at + 4] == f'# answer("{each.id}")'
    assert [how for _, how in marked].count("core") == 2
    assert any(trade for trade, _ in marked), "one in another trade"


@pytest.mark.parametrize("number", LESSONS)
def test_the_article_is_named_once_with_a_link_to_where_its_claims_are_tested(number: str) -> None:
    whole = " ".join("\n".join(prose(number)).split())
    assert whole.count(ARTICLE) == 1
    assert whole.count(CLAIMS) == 1


@pytest.mark.parametrize("number", LESSONS)
def test_objectives_name_their_exercises_and_the_end_says_what_to_keep(number: str) -> None:
    whole = "\n".join(prose(number))
    begin, end = whole[: whole.index("## Before you begin")], whole[whole.index("## What to keep") :]
    for words in (
        "| part | what you do | minutes |",
        "**Afterwards you can**",
        "**You need**",
        "**Know this already?**",
    ):
        assert words in begin, words
    for words in (
        "| you gain | it costs | do not use it when |",
        "**Three key points**",
        "**Words**",
        "**In production**",
    ):
        assert words in end, words
    aims = re.findall(r"^- .+(?:\n  .+)*", begin[begin.index("**Afterwards you can**") :], re.M)
    assert len(aims) >= 3
    named = {id for aim in aims for id in re.findall(r"\d\d\.\d", aim)}
    assert all(re.search(r"\d\d\.\d", aim) for aim in aims), "an aim without the exercise that proves it"
    assert named <= {each.id for each in model.lesson(number).exercises}


@pytest.mark.parametrize("number", LESSONS)
def test_minutes_are_those_of_reading_and_typing(number: str) -> None:
    book = notebook(number)
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            assert minutes.written(source(cell), book) == source(cell), "python tools/minutes.py --write notebooks/…"
    told = re.findall(r"^## .+$", "\n".join(prose(number)), re.M)
    assert [title for title in told if not re.search(r"\(\d+ minutes?\b", title)] == ["## What to keep"]


@pytest.mark.parametrize("number", LESSONS[:-1])
def test_a_lesson_leads_to_one_that_comes_later(number: str) -> None:
    leads = re.findall(r"\((\d\d)-[\w-]+\.ipynb\)", prose(number)[-1].split("**Where it leads.**")[1])
    assert leads and min(leads) > number
