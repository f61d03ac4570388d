"""The book of answers: each exercise with a right answer, another one, and the known wrong ones with their messages.

The wrong answers are those with which the workbook's own tests try its judges. Each message is that of a check which is
made while the book is written.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from eventlab.classroom import added, folders
from eventlab.classroom.complete import cell_of
from eventlab.classroom.notebooks import HERE, Cell, code, markdown, notebook_path, written
from eventlab.classroom.plan import add_arguments as add_shared
from eventlab.classroom.plan import plan_of
from eventlab.errors import Invalid
from eventlab.lessons.judging import model
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.model import Exercise

LINE = re.compile(r"\bin line \d+ of\b")
KERNEL = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `class answers`."""
    add_shared(parser)


def run(options: argparse.Namespace) -> int:
    """Make the book, lesson by lesson."""
    plan = plan_of(options)
    folders.check_place(options.out)
    files = {}
    for number in plan.lessons:
        files[notebook_path(number).name] = written(_notebook(lesson_cells(number), number))
        print(f"lesson {number}: {len(model.lesson(number).exercises)} exercises")
    if plan.own:
        cells = [cell for each in added.exercises(plan) for cell in exercise_cells(each)]
        files["own-exercises.ipynb"] = written(_notebook(cells, "own"))
    folders.write_folder(options.out, files)
    print(f"{options.out}: {len(files)} notebooks with answers. Keep them from your students.")
    return 0


def lesson_cells(number: str) -> Iterator[Cell]:
    """All exercises of a lesson with their answers."""
    lesson = model.lesson(number)
    yield markdown(f"answers-{number}", f"# Answers to lesson {number}: {lesson.title}")
    for exercise in lesson.exercises:
        yield from exercise_cells(exercise, known(exercise.id))


def known(id: str) -> Any:
    """The answers whose verdict is known: `other` right ones, and `wrong` ones with a part of their message."""
    if not (HERE / "tests" / "lessons").is_dir():
        expected = "a clone of the workbook, with its folder tests/"
        raise Invalid("known answers", where=str(HERE), expected=expected, found="a package alone")
    return import_module(f"tests.lessons.lesson{id.split('.')[0]}.answers").ANSWERS.get(id)


def exercise_cells(exercise: Exercise, answers: Any = None) -> Iterator[Cell]:
    """One exercise: its task, a right answer, another one, and each wrong one after what is said of it."""
    key = f"answer-{exercise.id.replace('.', '-')}"
    solved = f"\n\n*When it is solved:* {exercise.explains}" if exercise.explains else ""
    yield markdown(key, f"## {exercise.id} {exercise.title} ({exercise.kind})\n\n{exercise.task}{solved}")
    yield code(f"{key}-model", _tried(exercise, "right", exercise.model, answers))
    for number, other in enumerate(answers.other[:1] if answers else ()):
        yield code(f"{key}-other-{number}", _tried(exercise, "right too", other, answers))
    for number, (wrong, _) in enumerate(answers.wrong if answers else (), 1):
        said = f"**Wrong answer {number}{_called(wrong)}.** The check says: {message_of(exercise, wrong)}"
        yield markdown(f"{key}-said-{number}", said)
        yield code(f"{key}-wrong-{number}", _tried(exercise, "wrong", wrong, answers))


def _called(answer: Any) -> str:
    """What a wrong answer is called, in words."""
    return f", *{answer.__name__.replace('_', ' ')}*" if getattr(answer, "__name__", "").isidentifier() else ""


def _tried(exercise: Exercise, verdict: str, answer: Any, known: Any) -> str:
    """A cell that runs by itself and ends with the check; an exercise of one's own is not known to `check` here."""
    text, name = cell_of(answer)
    end = f'\n\nfrom eventlab.lessons import check\n\ncheck("{exercise.id}", {name})' if known else ""
    return f"# {verdict}\n{text}{end}"


def message_of(exercise: Exercise, wrong: Any) -> str:
    """What a check says of an answer."""
    failure = attempt(exercise, wrong)
    return "nothing: it passes." if failure is None else f"“{without_place(failure.mistake.message)}”"


def without_place(message: str) -> str:
    """A message without the line of the code that it blames: everybody's own is another one."""
    return LINE.sub("in a line of", message)


def _notebook(cells: Any, number: str) -> dict[str, Any]:
    metadata = {**KERNEL, "eventlab": {"book": "answers", "lesson": number}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
