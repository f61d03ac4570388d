"""The instructor's book: a page for each lesson, with what it is for, how long it takes, and what students get wrong.

All of it is read from the lesson itself: its notebook and its questions.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

from eventlab.classroom import folders
from eventlab.classroom.notebooks import notebook_path, read, source
from eventlab.classroom.plan import add_arguments as add_shared
from eventlab.classroom.plan import plan_of
from eventlab.lessons.judging import model
from eventlab.lessons.judging.model import Question
from eventlab.views.drawing.table import Table, table
from eventlab.views.player.page import article

PART = re.compile(r"^\| ([^|]+) \| ([^|]+) \| (\d[^|]*) \|$", re.M)
AIM = re.compile(r"^- (.+)$", re.M)
MISCONCEPTION = "The misconception: "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `class instructor`."""
    add_shared(parser)


def run(options: argparse.Namespace) -> int:
    """Make the book."""
    plan = plan_of(options)
    folders.check_place(options.out)
    files = {f"lesson-{number}.html": guide(number).encode() for number in plan.lessons}
    folders.write_folder(options.out, files)
    print(f"{options.out}: a page for each of {len(files)} lessons.")
    return 0


def guide(number: str) -> str:
    """The page of a lesson."""
    lesson, text = model.lesson(number), _opening(read(notebook_path(number)))
    parts: dict[str, list[str | Table]] = {
        "What students can do afterwards": [f"• {aim}" for aim in aims(text)],
        "Minutes": [table(minutes(text)), "Of the practice, the first figure is for the core exercises."],
    }
    for question in lesson.predictions:
        parts[f"Ask {question.id}: {_plain(question.text)}"] = list(_asked(question))
    parts["Exercises"] = [table([_exercise(each) for each in lesson.exercises])]
    return article(f"Lesson {number}: {lesson.title}", parts)


def aims(text: str) -> list[str]:
    """What the lesson's notebook promises."""
    said = text.partition("**Afterwards you can**")[2].partition("**You need**")[0]
    return [_plain(each) for each in AIM.findall(said)]


def minutes(text: str) -> list[dict[str, str]]:
    """The parts of the lesson, with what is done and for how long."""
    return [{"part": part, "what they do": _plain(what), "minutes": long} for part, what, long in PART.findall(text)]


def _asked(question: Question) -> Iterator[str]:
    """A question with its options: what is right, and which misconception each other one reveals."""
    for each in question.options:
        begun = "" if each.why.startswith(MISCONCEPTION) else "Right: " if each.right else "Not so: "
        yield f"{each.key}) {_plain(each.text)}"
        yield f"→ {begun}{_plain(each.why)}"


def _exercise(exercise: model.Exercise) -> dict[str, str]:
    said = {"exercise": f"{exercise.id} {exercise.title}", "kind": exercise.kind, "asks": _plain(exercise.task)}
    return {**said, "say at the end": _plain(exercise.explains)}


def _opening(notebook: Any) -> str:
    """The cell that says what the lesson is."""
    return next(text for text in map(source, notebook["cells"]) if "**Afterwards you can**" in text)


def _plain(text: str) -> str:
    """Markdown without its signs."""
    return re.sub(r"[*`]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)).strip()
