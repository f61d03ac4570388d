"""Exercises that an instructor has added: read from folders, with the words and the judge of each.

In a book for students they lie in `lessons/added`, with the values that were drawn for the student; the classroom's
commands read them from wherever the instructor keeps them.
"""

from __future__ import annotations

import importlib.util
import json
import tomllib
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from eventlab.errors import Invalid
from eventlab.lessons.judging.model import Case, Exercise

PLACE = Path(__file__).parents[1] / "added"
Value = int | float | str


class Words(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What `exercise.toml` says. `start` is the code to begin with, `name` the name of the answer in it."""

    id: str
    title: str
    kind: str
    task: str
    hints: tuple[str, str]
    explains: str
    start: str
    name: str
    text: str = ""  # the task at length, in Markdown
    runs: int = 20
    pure: bool = False
    may_raise: bool = False
    values: dict[str, list[Value]] = {}

    def filled(self, text: str, values: dict[str, Any]) -> str:
        """The text with the values in the places of their names in braces."""
        for key, value in values.items():
            text = text.replace("{" + key + "}", str(value))
        return text


def read_words(folder: Path) -> Words:
    """The words of the exercise in a folder; `Invalid` says what is wrong with them."""
    path = folder / "exercise.toml"
    try:
        words = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Words)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as problem:
        expected = f"TOML with {', '.join(Words.__struct_fields__)}"
        raise Invalid("exercise", where=str(path), expected=expected, found=str(problem)) from problem
    before, dot, number = words.id.partition(".")
    if not (dot and number.isdigit() and before.isidentifier()):
        raise Invalid("id", where=str(path), expected='a word and a number, such as "bakery.1"', found=words.id)
    if empty := [key for key, values in words.values.items() if not values]:
        raise Invalid("values", where=str(path), expected="at least one value for each name", found=empty)
    return words


def read_folder(folder: Path, values: dict[str, Any]) -> Exercise:
    """The exercise in a folder, with these values."""
    words, module = read_words(folder), _module(folder / "judge.py")
    judge = partial(_judged, module.judge, values)
    try:
        model = module.model(values)
    except NotImplementedError:  # a student's book: its place is kept by the shape that is asked for
        model = getattr(module, "shape", None)
    said = [words.filled(each, values) for each in (words.title, words.task, *words.hints, words.explains)]
    return Exercise(
        words.id, said[0], words.kind, said[1], judge, model, (said[2], said[3]), getattr(module, "cases", Case),
        words.runs, said[4], pure=words.pure, may_raise=words.may_raise,
    )  # fmt: skip


def _judged(judge: Any, values: dict[str, Any], answer: Any, case: Case) -> None:
    judge(answer, case, values)


def _module(path: Path) -> ModuleType:
    name = f"eventlab_added_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise Invalid("judge", where=str(path), expected="a file judge.py beside exercise.toml", found="none")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if missing := [each for each in ("judge", "model") if not callable(getattr(module, each, None))]:
        raise Invalid("judge", where=str(path), expected="functions judge and model", found=f"no {missing[0]}")
    return module


def added(id: str, place: Path = PLACE) -> Exercise | None:
    """The added exercise with this id in a student's book; None if there is none."""
    folder = place / id.replace(".", "_")
    if not id.isprintable() or "/" in id or "\\" in id or not (folder / "exercise.toml").exists():
        return None
    return read_folder(folder, json.loads((folder / "values.json").read_bytes()))
