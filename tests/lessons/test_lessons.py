"""Every exercise of every lesson: the stub fails kindly, right answers pass, wrong ones get their own message."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from eventlab.lessons.judging import model
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.model import Exercise
from eventlab.lessons.judging.verdict import Verdict
from tests.support.known import Known

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = model.lessons()
EXERCISES = [each for number in LESSONS for each in model.lesson(number).exercises]
KNOWN: dict[str, Known] = {
    id: known
    for number in LESSONS
    for id, known in import_module(f"tests.lessons.lesson{number}.answers").ANSWERS.items()
}
OTHER = [(each, other) for each in EXERCISES if each.id in KNOWN for other in KNOWN[each.id].other]
WRONG = [(each, *wrong) for each in EXERCISES if each.id in KNOWN for wrong in KNOWN[each.id].wrong]
EXPECTED = ("as it should be", "as they should be", "to stand there", "before")  # beside what an answer did


def name(value: Any) -> str:
    if isinstance(value, Exercise):
        return value.id
    return getattr(value, "__name__", "") if callable(value) else "" if not isinstance(value, str) else value[:30]


def cells(number: str) -> list[dict[str, Any]]:
    """The code cells of the lesson's notebook."""
    (path,) = NOTEBOOKS.glob(f"{number}-*.ipynb")
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def said(cell: dict[str, Any]) -> str:
    """What a cell's stored outputs say."""
    words = []
    for output in cell["outputs"]:
        text = output.get("data", {}).get("text/plain", output.get("text", ""))
        words.append("".join(text))
    return "\n".join(words)


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_has_at_least_five_exercises_and_each_has_known_answers(number: str) -> None:
    lesson = model.lesson(number)
    ids = [each.id for each in lesson.exercises]
    assert len(ids) >= 5
    assert ids == [f"{number}.{place}" for place in range(1, len(ids) + 1)]
    assert set(ids) == {id for id in KNOWN if id.startswith(f"{number}.")}
    for id in ids:
        assert len(KNOWN[id].other) >= 1, f"{id}: another right answer is missing"
        assert len(KNOWN[id].wrong) >= 3, f"{id}: three wrong answers, at least"
        # Each wrong answer has a message of its own: feedback that says the same to all helps none.
        assert len({words for _, words in KNOWN[id].wrong}) == len(KNOWN[id].wrong), id


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_notebook_asks_for_it_once_and_its_starting_point_fails_kindly(exercise: Exercise) -> None:
    asking = [cell for cell in cells(exercise.id.split(".")[0]) if f'check("{exercise.id}"' in "".join(cell["source"])]
    assert len(asking) == 1
    verdict = said(asking[0])
    assert f"{exercise.id}** " in verdict or f"{exercise.id} " in verdict
    assert "not yet" in verdict
    assert not any(word in verdict for word in ("Traceback", "raised "))
    if exercise.kind in ("fill", "write"):
        assert "not written yet" in verdict


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_the_model_answer_passes(exercise: Exercise) -> None:
    assert attempt(exercise, exercise.model) is None


@pytest.mark.parametrize(("exercise", "answer"), OTHER, ids=name)
def test_another_right_answer_passes(exercise: Exercise, answer: Any) -> None:
    assert attempt(exercise, answer) is None


@pytest.mark.parametrize(("exercise", "answer", "words"), WRONG, ids=name)
def test_a_wrong_answer_fails_with_the_message_meant_for_it(exercise: Exercise, answer: Any, words: str) -> None:
    failure = attempt(exercise, answer)
    assert failure is not None, "it passes"
    verdict = Verdict(exercise, failure)
    assert words in verdict.text
    picture = verdict.picture
    assert picture is None or "<svg" in picture.svg()  # it can be drawn
    assert picture is None or "Nothing went wrong" not in picture.text
    rows = [] if picture is None else [row.partition(": ") for row in picture.text.split("\n")[1:]]
    if any(name in EXPECTED for name, *_ in rows):
        assert len({values for *_, values in rows}) > 1, "what is and what should be look the same"
    if failure.mistake.picture is not None:
        assert [label.text for label in failure.mistake.picture.labels if label.text.endswith("…")] == [], "cut"
    if failure.mistake.trace is not None:
        assert failure.mistake.marks, "nothing is marked in the picture"
    if exercise.kind in ("repair", "fill", "write") and exercise.runs > 1 and failure.mistake.kind != "raised":
        assert failure.mistake.trace is not None or failure.mistake.picture is not None, "no picture of what went wrong"


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_hints_do_not_give_the_answer_away_and_the_task_is_a_sentence(exercise: Exercise) -> None:
    assert len(exercise.hints) == 2
    assert all(hint.strip().endswith((".", "?", ":", "`")) for hint in exercise.hints)
    assert exercise.task.strip().endswith(".")
    runs = exercise.runs if exercise.kind in ("order", "decide") else 20
    assert exercise.runs >= runs, "an answer in code is judged over at least 20 runs"


@pytest.mark.parametrize("number", LESSONS)
def test_predictions_and_warm_up_are_asked_in_the_notebook_without_their_key(number: str) -> None:
    lesson = model.lesson(number)
    source = "\n".join("".join(cell["source"]) for cell in cells(number))
    for question in lesson.predictions:
        assert source.count(f'predict("{question.id}")') == 1, question.id
        assert source.count(f'outcome("{question.id}")') == 1, question.id
    for question in (*lesson.predictions, *lesson.warm_up):
        assert len(question.options) in (3, 4)
        assert all(len(option.why) > 20 for option in question.options), f"{question.id}: a reason for each option"
    if lesson.warm_up:
        assert len(lesson.warm_up) == 3
        assert source.count(f'warm_up("{number}")') == 1
    # The right option must not be found by its place.
    keys = [question.right.key for question in (*lesson.predictions, *lesson.warm_up)]
    assert len(set(keys)) > 1, f"the right option is always {keys[0]}"


def _lines(rows: list[str]) -> int:
    """The lines to read, without what only says whether a claim holds."""
    read = re.sub(r"^lesson_says\((?:\n    .*)+\n\)$|^lesson_says\(.*\)$", "", "\n".join(rows), flags=re.MULTILINE)
    return len([row for row in read.split("\n") if row])


@pytest.mark.parametrize("number", LESSONS)
def test_code_cells_are_short_enough_to_read(number: str) -> None:
    code = ["".join(cell["source"]).strip().split("\n") for cell in cells(number)]
    assert len(code[0]) <= 3, "the set-up cell has three lines at most"
    long = [rows for rows in code if _lines(rows) > 10 and not any(re.search(r"\bcheck\(", row) for row in rows)]
    assert long == []
    assert max(len(row) for rows in code for row in rows) <= 105
