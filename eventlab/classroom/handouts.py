"""A lesson's notebook as students get it: without answers and outputs, with points, and with nbgrader's metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from eventlab.classroom import variants
from eventlab.classroom.notebooks import (
    Cell,
    checked_in,
    code,
    linked,
    markdown,
    named_answer,
    notebook_path,
    read,
    source,
    with_source,
    without_outputs,
)
from eventlab.classroom.plan import Plan
from eventlab.lessons.judging import model

ANSWERS = re.compile(r"# answer\(|<details><summary>Model answer|\*\*How others argued")
OUTCOME = re.compile(r'^outcome\("([\w.]+)"\)$', re.M)
GRADED = '# {id}: {points:g} point{s}. Leave this cell as it is.\nassert check("{id}", {name}).solved'


def lesson_handout(plan: Plan, number: str, there: Sequence[str]) -> Any:
    """The notebook of a lesson for students; `there` are the files of their book."""
    notebook = read(notebook_path(number))
    cells = [each for cell in notebook["cells"] for each in _handed_out(plan, cell, there)]
    head = markdown(f"book-{number}", _head(plan, number))
    notebook["metadata"]["eventlab"] = {"book": "students", "lesson": number, "variant": plan.variant}
    return {**notebook, "cells": [cells[0], head, *cells[1:]]}


def start_handout(plan: Plan, notebook: Any, there: Sequence[str]) -> Any:
    """The start notebook for students, which leads to their lessons alone."""
    cells = [_relinked(without_outputs(cell), there) for cell in notebook["cells"]]
    said = "\n".join(f"- [`{number}`]({notebook_path(number).name}) {_title(number)}" for number in plan.lessons)
    lead = f"## {plan.title or 'Your lessons'}\n\n{_due(plan)}{said}"
    return {**notebook, "cells": [*cells, markdown("book-lessons", lead)]}


def _title(number: str) -> str:
    return model.lesson(number).title


def _due(plan: Plan) -> str:
    return f"**Due: {plan.due}**\n\n" if plan.due else ""


def _head(plan: Plan, number: str) -> str:
    """What an instructor says at the beginning: title, date, points."""
    rows = [f"| {each.id} {each.title} | {plan.points_for(each.id):g} |" for each in model.lesson(number).exercises]
    title = f"**{plan.title}**\n\n" if plan.title else ""
    table = "\n".join(["| exercise | points |", "|---|---|", *rows])
    told = "\n\nAnswer in the cells that are there. Save the notebook, and hand in the file."
    held = "\n\nWhat comes of a prediction is told when all have voted." if plan.reveal else ""
    return f"{title}{_due(plan)}{table}{told}{held}"


def _handed_out(plan: Plan, cell: Cell, there: Sequence[str]) -> Iterator[Cell]:
    """A cell as students get it, and what follows it; nothing for one that holds an answer."""
    if ANSWERS.match(source(cell)):
        return
    cell = _relinked(without_outputs(cell), there)
    text = source(cell)
    if id := checked_in(cell):
        yield from graded(cell, id, plan.points_for(id))
    elif text.startswith("# hint(") and not plan.second_hints:
        yield with_source(cell, text.split("      #")[0])
    elif cell["cell_type"] == "code" and plan.reveal:
        yield with_source(cell, OUTCOME.sub(lambda found: _asking(plan, found), text))
    else:
        yield variants.lettered_cell(cell, plan.variant)


def _asking(plan: Plan, found: re.Match[str]) -> str:
    """`outcome` of a question that is held back, with room for the word."""
    held = plan.word_for(model.question(found[1]))
    return f'outcome("{found[1]}", "")  # the word, when all have voted' if held else found[0]


def _relinked(cell: Cell, there: Sequence[str]) -> Cell:
    return with_source(cell, linked(source(cell), there)) if cell["cell_type"] == "markdown" else cell


# What nbgrader reads --------------------------------------------------------------------------------------------------


def graded(cell: Cell, id: str, points: float) -> Iterator[Cell]:
    """The cell of an answer, and the one that nbgrader runs for its points."""
    cell, name = named_answer(cell)
    key = f"eventlab-{id.replace('.', '-')}"
    cell["metadata"] |= {"eventlab": {"exercise": id}, "nbgrader": nbgrader(key, solution=True)}
    yield cell
    text = GRADED.format(id=id, points=points, s="" if points == 1 else "s", name=name)
    test = code(f"{key}-points", text)
    # An exercise that is not solved yet must not stop “Run All Cells” there.
    test["metadata"] |= {"tags": ["raises-exception"]}
    test["metadata"] |= {"nbgrader": nbgrader(f"{key}-points", grade=True, points=points)}
    yield test


def nbgrader(grade_id: str, *, grade: bool = False, solution: bool = False, points: float = 0) -> dict[str, Any]:
    """The metadata of a cell in nbgrader's third schema; only a cell that is graded has points, and is locked."""
    flags = {"grade": grade, "locked": grade, "solution": solution, "task": False}
    return {"schema_version": 3, "grade_id": grade_id, **flags, **({"points": points} if grade else {})}
