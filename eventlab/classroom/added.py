"""Exercises of an instructor's own: a folder each, with `exercise.toml` (the words) and `judge.py` (the judge).

`judge.py` has `judge(answer, case, values)`, which raises `Mistake` where a property does not hold, and
`model(values)`, which gives an answer that is right. `values` are drawn for each student from the table `[values]`:
numbers, names. The words may use them in braces: `{customer}`. What a student gets has no body of `model` in it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventlab.classroom import handouts
from eventlab.classroom.notebooks import Cell, code, markdown, written
from eventlab.classroom.plan import Plan
from eventlab.classroom.stripping import GONE
from eventlab.classroom.variants import draws
from eventlab.lessons.judging.added import Words, read_folder, read_words
from eventlab.lessons.judging.model import Exercise

PLACE = "eventlab/lessons/added"


def exercises(plan: Plan) -> list[Exercise]:
    """The own exercises of a plan, with the values of its variant."""
    return [exercise(Path(folder), plan.variant) for folder in plan.own]


def exercise(folder: Path, variant: str = "") -> Exercise:
    """The exercise in a folder, as a student with this variant has it."""
    return read_folder(folder, drawn(read_words(folder), variant))


def drawn(words: Words, variant: str) -> dict[str, Any]:
    """One of each list of values; without a variant the first one."""
    chance = draws(variant, words.id)
    return {key: chance.choice(values) if variant else values[0] for key, values in words.values.items()}


def student_files(plan: Plan) -> dict[str, bytes]:
    """What a student's book has of each: words and judge, the values that were drawn, and no model."""
    files: dict[str, bytes] = {}
    for folder in map(Path, plan.own):
        words = read_words(folder)
        values = drawn(words, plan.variant)
        place = f"{PLACE}/{words.id.replace('.', '_')}"
        files[f"{place}/exercise.toml"] = (folder / "exercise.toml").read_bytes()
        files[f"{place}/judge.py"] = without_model((folder / "judge.py").read_text("utf-8")).encode()
        files[f"{place}/values.json"] = json.dumps(values, indent=1, ensure_ascii=False).encode() + b"\n"
    return files


def without_model(source: str) -> str:
    """The judge's module with an empty `model`, which keeps its parameters."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    for node in reversed(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name == "model":
            assert node.end_lineno is not None
            lines[node.body[0].lineno - 1 : node.end_lineno] = [f"    {GONE}\n"]
    return "".join(lines)


def notebooks(plan: Plan) -> dict[str, bytes]:
    """A notebook of all own exercises, if there are any."""
    if not plan.own:
        return {}
    cells = [markdown("own", f"# {plan.title or 'Further exercises'}\n\n{_due(plan)}")]
    for number, folder in enumerate(map(Path, plan.own), 1):
        cells += _cells(plan, read_words(folder), f"own-{number}")
    meta = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    said = {"kernelspec": meta, "eventlab": {"book": "students", "lesson": "own", "variant": plan.variant}}
    return {
        "notebooks/own-exercises.ipynb": written({"cells": cells, "metadata": said, "nbformat": 4, "nbformat_minor": 5})
    }


def _due(plan: Plan) -> str:
    return f"**Due: {plan.due}**" if plan.due else ""


def _cells(plan: Plan, words: Words, id: str) -> Iterator[Cell]:
    values = drawn(words, plan.variant)
    yield markdown(
        id, f"### {words.id} {words.title} ({words.kind})\n\n{words.filled(words.text or words.task, values)}"
    )
    start = f"from eventlab.lessons import check, hint\n\n{words.filled(words.start, values).strip()}"
    yield from handouts.graded(
        code(f"{id}-answer", f'{start}\n\ncheck("{words.id}", {words.name})'), words.id, plan.points_for(words.id)
    )
    more = f'      # hint("{words.id}", 2)' if plan.second_hints else ""
    yield code(f"{id}-hint", f'# hint("{words.id}"){more}')
