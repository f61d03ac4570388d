"""The instructor's book: for each lesson a page to prepare with, slides, two sketches for the board, and cards.

What a lesson is for, how long it takes and what students get wrong is read from the lesson itself; what to cut, what to
talk about, what to draw and what to play stands in `teaching/`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

from eventlab.classroom import folders, sheets
from eventlab.classroom.markup import document, link, tag
from eventlab.classroom.markup import table as rows_of
from eventlab.classroom.notebooks import notebook_path, read, source
from eventlab.classroom.plan import add_arguments as add_shared
from eventlab.classroom.plan import plan_of
from eventlab.classroom.sheets import unmarked
from eventlab.classroom.sketches import drawn
from eventlab.classroom.teaching import Teaching, teaching
from eventlab.lessons.judging import model
from eventlab.lessons.judging.model import Question
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.table import Table, table
from eventlab.views.player.page import article

PART = re.compile(r"^\| ([^|]+) \| ([^|]+) \| (\d[^|]*) \|$", re.M)
AIM = re.compile(r"^- (.+)$", re.M)
KEPT = re.compile(r"^\d\. (.+)$", re.M)
MISCONCEPTION = "The misconception: "
KEEP = "**Three key points**"
Parts = dict[str, list[str | Table | Picture]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `class instructor`."""
    add_shared(parser)


def run(options: argparse.Namespace) -> int:
    """Make the book."""
    plan = plan_of(options)
    folders.check_place(options.out)
    folders.write_folder(options.out, book(plan.lessons))
    print(f"{options.out}: {len(plan.lessons)} lessons. Begin with {options.out / 'index.html'}.")
    return 0


def book(numbers: list[str]) -> dict[str, bytes]:
    """Every file of the book, by its name; the same bytes each time."""
    files = {"index.html": _index(numbers)}
    for number in numbers:
        files |= lesson_files(number)
    return files


def lesson_files(number: str) -> dict[str, bytes]:
    """The files of one lesson."""
    lesson, said, notebook = model.lesson(number), teaching(number), read(notebook_path(number))
    opening, asks, begins = _opening(notebook), *_first(notebook)
    name = f"lesson-{number}"
    files = {
        f"{name}.html": guide(number).encode(),
        f"{name}-slides.html": sheets.slides(lesson, said, [asks, begins], aims(opening), keep(notebook)),
        f"{name}-cards.html": sheets.cards(number, said.game),
    }
    sketches = {f"{name}-sketch-{place}.svg": drawn(each).svg() for place, each in enumerate(said.sketches, 1)}
    return files | {key: f"{svg}\n".encode() for key, svg in sketches.items()}


def guide(number: str) -> str:
    """The page to prepare a lesson with."""
    lesson, text, said = model.lesson(number), _opening(read(notebook_path(number))), teaching(number)
    parts: Parts = {
        "What students can do afterwards": [f"• {aim}" for aim in aims(text)],
        "Minutes": [table(minutes(text)), "Of the practice, the first figure is for the core exercises."],
        "Ten minutes late? Cut in this order": [
            f"{place}. {unmarked(each)}" for place, each in enumerate(said.late, 1)
        ],
    }
    for question in lesson.predictions:
        parts[f"Ask {question.id}: {unmarked(question.text)}"] = list(_asked(question))
    parts |= _drawn_and_played(said)
    parts["Exercises"] = [table([_exercise(each) for each in lesson.exercises])]
    return article(f"Lesson {number}: {lesson.title}", parts)


def _drawn_and_played(said: Teaching) -> Parts:
    """Sketches, discussion, and the game."""
    game, parts = said.game, Parts()
    for each in said.sketches:
        parts[f"On the board: {each.title}"] = [drawn(each), unmarked(each.say)]
    parts["Talk about it"] = [f"• {unmarked(each)}" for each in said.discuss]
    rounds = [f"{each.title}{' (it fails)' if each.fails else ''}. {each.text}" for each in game.rounds]
    asked = ["Ask at the end:", *(f"• {each}" for each in game.ask)]
    about = f"{game.people} people, about {game.minutes} minutes, with the printed cards. {game.setup}"
    parts[f"Without computers: {game.title}"] = [about, *rounds, *asked]
    return parts


def aims(text: str) -> list[str]:
    """What the lesson's notebook promises."""
    said = text.partition("**Afterwards you can**")[2].partition("**You need**")[0]
    return [unmarked(each) for each in AIM.findall(said)]


def minutes(text: str) -> list[dict[str, str]]:
    """The parts of the lesson, with what is done and for how long."""
    return [{"part": part, "what they do": unmarked(what), "minutes": long} for part, what, long in PART.findall(text)]


def keep(notebook: Any) -> list[str]:
    """The three key points with which the lesson's notebook ends."""
    said = next(text for text in map(source, notebook["cells"]) if KEEP in text).partition(KEEP)[2]
    return [unmarked(each) for each in KEPT.findall(said)]


def _asked(question: Question) -> Iterator[str]:
    """A question with its options: what is right, and which misconception each other one reveals."""
    for each in question.options:
        begun = "" if each.why.startswith(MISCONCEPTION) else "Right: " if each.right else "Not so: "
        yield f"{each.key}) {unmarked(each.text)}"
        yield f"→ {begun}{unmarked(each.why)}"


def _exercise(exercise: model.Exercise) -> dict[str, str]:
    said = {"exercise": f"{exercise.id} {exercise.title}", "kind": exercise.kind, "asks": unmarked(exercise.task)}
    return {**said, "say at the end": unmarked(exercise.explains)}


def _opening(notebook: Any) -> str:
    """The cell that says what the lesson is."""
    return next(text for text in map(source, notebook["cells"]) if "**Afterwards you can**" in text)


def _first(notebook: Any) -> tuple[str, str]:
    """The question above the lesson, and what is said under it."""
    head, _, rest = source(notebook["cells"][0]).partition("\n")
    return head.removeprefix("# "), unmarked(" ".join(rest.split()))


def _index(numbers: list[str]) -> bytes:
    """The page that leads to all others."""
    heads = ["lesson", "to prepare", "to show", "to print", "to draw"]
    rows = []
    for number in numbers:
        name = f"lesson-{number}"
        sketches = (link(f"sketch {place}", f"{name}-sketch-{place}.svg") for place in (1, 2))
        pages = [
            link(words, f"{name}{end}.html")
            for words, end in (("guide", ""), ("slides", "-slides"), ("cards", "-cards"))
        ]
        rows.append(
            [f"{number} {model.lesson(number).title}", *pages, tag("span", next(sketches), " ", next(sketches))]
        )
    told = "The slides hold what comes of each prediction on the slide after it. Keep this folder from your students."
    return document("The instructor's book", [rows_of(heads, rows), tag("p", told, kind="note")])
