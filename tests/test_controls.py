"""Every control of every notebook: it works at its least, middle and greatest choice, and at random ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from eventlab.lessons.judging.model import Option, Question
from eventlab.lessons.judging.question_form import QuestionForm
from tests.attacks.widgets import CELL, failing_control, walk
from tests.support import REPO

WITH_CONTROLS = [path for path in sorted((REPO / "notebooks").glob("*.ipynb")) if "what_if(" in path.read_text("utf-8")]
TURN = """
import gc
from eventlab.views import WhatIf
_controls = [each for each in gc.get_objects() if isinstance(each, WhatIf)]
for _control in _controls:
    for _words in _control.ends():
        assert _words and not _words.startswith("This does not work"), _words
print(len({id(each) for each in _controls}), "controls turned")
"""
STEPS = 40  # in each notebook, as the browser would send them; the long form takes some thousands


@pytest.mark.parametrize("path", WITH_CONTROLS, ids=lambda path: path.name)
def test_every_control_works_at_its_least_middle_and_greatest(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPO), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(TURN))
    notebook.cells.append(nbformat.v4.new_code_cell(CELL.format(steps=STEPS, seed=path.name)))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    said, walked = (cell.outputs[0].text for cell in notebook.cells[-2:])
    assert int(said.split()[0]) >= 1
    found = json.loads(walked)
    assert found["problems"] == []
    assert found["controls"] >= 1
    assert sum(map(len, found["took"].values())) == STEPS


def test_a_control_that_fails_at_one_of_its_values_is_found_out() -> None:
    failing = failing_control(lambda number: number == 7)
    assert any("ZeroDivisionError" in problem for problem in walk([failing], 200, "seed")["problems"])
    assert walk([failing_control(lambda number: False)], 200, "seed")["problems"] == []


def test_questions_that_raise_when_they_are_answered_are_found_out() -> None:
    def react(question: Question, key: str) -> str:
        raise KeyError(key)

    options = (Option("a", "this", "yes", right=True), Option("b", "that", "no"))
    question = Question("9.9", "Which?", options)
    asked = QuestionForm([question], react, "ask()", "")
    assert "KeyError" in walk([asked], 1, "seed")["problems"][0]
