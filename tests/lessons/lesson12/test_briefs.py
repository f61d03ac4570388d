"""The briefs: told in the notebook as the data has them, each with bars that leave something over."""

from __future__ import annotations

import json

import pytest

from eventlab.lessons.lesson12.ex5_to_ex8_briefs import BRIEFS, EXERCISES, MODELS
from eventlab.lessons.lesson12.needs import NEEDS
from tests.support import REPO

NOTEBOOK = REPO / "notebooks" / "12-choosing.ipynb"


@pytest.mark.parametrize("name", BRIEFS)
def test_the_notebook_tells_a_brief_word_for_word(name: str) -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    told = " ".join(" ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown").split())
    assert BRIEFS[name].text in told


def test_every_brief_is_an_exercise_and_its_bars_are_measures() -> None:
    assert list(BRIEFS) == list(MODELS)
    assert [each.id for each in EXERCISES] == [id for id, _ in MODELS.values()]
    assert all(set(brief.bars) <= set(NEEDS) for brief in BRIEFS.values())
