"""Finds the answers in a submission: by the exercise's id, wherever the cell stands and whatever became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from eventlab.classroom.judge import Answer
from eventlab.classroom.submissions import Cell, Notebook, Submission
from eventlab.lessons.judging import model

CHECK = re.compile(r"\bcheck\(\s*[\"'](\w+\.\d+)[\"']\s*,")
OWN = "own-exercises"  # what the notebook of own exercises is called
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
GROUP = re.compile(r"^\W*(?:group|names?|team)\W*[:=]\W*(.+?)\W*$", re.I | re.M)


class Found(msgspec.Struct):
    """What was found for one exercise: an answer or none, and what there is to say about it."""

    answer: Answer | None
    notes: list[str]
    source: str = ""  # of the answering cell


def find(submission: Submission, id: str, name: str, variant: str = "") -> Found:
    """The answer of this submission to an exercise: its function is called `name` in what was handed out."""
    places = [(notebook, number) for notebook in submission.notebooks for number in _asking(notebook, id)]
    notes: list[str] = []
    if not places:
        places = [(notebook, number) for notebook in submission.notebooks for number in _named(notebook, id, name)][-1:]
        if not places:
            return Found(None, ["There is no cell for this exercise."])
        notes.append(f"The call of check was gone; the cell was known by what it defines (cell {places[0][1] + 1}).")
    if len(places) > 1:
        written = [each for each in places if "NotImplementedError" not in each[0].cells[each[1]].text]
        places = (written or places)[-1:]
        notes.append(f"It stands there more than once; the last that is written was taken (cell {places[0][1] + 1}).")
    notebook, number = places[0]
    code = [(place, cell.text) for place, cell in enumerate(notebook.cells) if _is_code(cell)]
    where = [place for place, _ in code].index(number)
    answer = Answer(id, [(place + 1, text) for place, text in code], where, name, variant)
    if notebook.variant not in ("", variant):
        notes.append("This notebook says that it is of another variant than yours; it was graded as yours.")
    return Found(answer, notes, notebook.cells[number].text)


def strangers(submission: Submission, known: list[str]) -> Iterator[str]:
    """What is said of cells that answer no exercise that is asked for."""
    ids = {id for notebook in submission.notebooks for cell in notebook.cells for id in CHECK.findall(cell.text)}
    lessons = {id.split(".")[0] for id in known}
    for id in sorted(ids - set(known)):
        if id.split(".")[0] in lessons:
            yield f"A cell answers {id}, and there is no such exercise."


def group_of(submission: Submission) -> list[str]:
    """The names that a submission gives as its group, in a line such as “Group: anna, ben”."""
    for notebook in submission.notebooks:
        for cell in notebook.cells:
            if match := GROUP.search(cell.text[:2000]):
                names = re.split(r"[,;&]|\band\b", match[1].strip("[]() "))
                return [name.strip(" \"'") for name in names if name.strip(" \"'")][:20]
    return []


def _asking(notebook: Notebook, id: str) -> list[int]:
    """Where an exercise is answered: by the call of `check`; where that is gone, by the cell's metadata."""
    found = [
        number for number, cell in enumerate(notebook.cells)
        if _is_code(cell) and id in CHECK.findall(cell.text) and not _is_of_nbgrader(cell)
    ]  # fmt: skip
    if found:
        return found
    return [
        number for number, cell in enumerate(notebook.cells)
        if _is_code(cell) and not CHECK.search(cell.text) and _meant(cell) == id
    ]  # fmt: skip


def _named(notebook: Notebook, id: str, name: str) -> list[int]:
    """Where something is defined that is called as in the exercise's own cell."""
    if not name or not (id.split(".")[0] in re.findall(r"\d+", notebook.name) or OWN in notebook.name):
        return []
    return [number for number, cell in enumerate(notebook.cells) if _is_code(cell) and name in _defined(cell.text)]


def _defined(source: str) -> set[str]:
    """The names that functions and values at the left edge of a cell get."""
    found = re.findall(r"^(?:async\s+)?(?:def\s+(\w+)|(\w+)\s*=)", source, re.M)
    return {name for names in found for name in names if name}


def _is_code(cell: Cell) -> bool:
    return cell.cell_type == "code" or (cell.cell_type != "markdown" and bool(CHECK.search(cell.text)))


def _is_of_nbgrader(cell: Cell) -> bool:
    """Whether it is the cell that nbgrader runs for the points, which answers nothing."""
    said = cell.metadata.get("nbgrader")
    return isinstance(said, dict) and said.get("grade") is True and "eventlab" not in cell.metadata


def _meant(cell: Cell) -> object:
    said = cell.metadata.get("eventlab")
    return said.get("exercise") if isinstance(said, dict) else None


@cache
def stub_name(id: str) -> str:
    """What the answer is called in the notebook that is handed out, or else in the model."""
    for path in NOTEBOOKS.glob(f"{id.split('.')[0]}-*.ipynb"):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for checked, name in re.findall(r'check\("([\d.]+)", (\w+)\)', "".join(cell["source"])):
                if checked == id:
                    return str(name)
    found = model.exercise(id).model
    return str(getattr(found, "__name__", ""))
