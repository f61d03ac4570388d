"""Reads what a lesson says: `questions.toml` and `exercises.toml` in its folder, so that Python holds no prose of it.

A text may be written over several lines: they are joined by spaces, and an empty line begins a new paragraph.
What is wrong with a file raises `Invalid`, which names the file and the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from eventlab.errors import Invalid, unknown
from eventlab.lessons.judging.model import Case, Exercise, Lesson, Option, Question

LESSONS = Path(__file__).parents[1]
HEADING = re.compile(r"\s*\[")  # of a table: [cards], ["06.1"], [[predictions]]


class ExerciseText(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is said about an exercise: its task in one sentence, two hints, and what is said when it is solved."""

    title: str
    kind: str
    task: str
    hints: tuple[str, str]
    explains: str
    steps: dict[str, str] = {}  # of what is to be put in order, by letter
    rules: tuple[tuple[str, str, str], ...] = ()  # this step, before that one, and what is wrong with it otherwise


class OptionText(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One way to answer, and why it is right or looks right."""

    text: str
    why: str


class QuestionText(msgspec.Struct, frozen=True):
    """A question. Every other key is that of an option: `a.text`, `a.why`. Held back, it has no `right` one."""

    id: str
    text: str
    right: str


T = TypeVar("T")

# What lessons call ----------------------------------------------------------------------------------------------------


def read_exercise(
    id: str,
    judge: Callable[[Any, Case], object],
    model: Any,
    *,
    cases: Callable[[int], Case] = Case,
    runs: int = 20,
    prepare: Callable[[], object] = lambda: None,
    pure: bool = False,
    may_raise: bool = False,
) -> Exercise:
    """The exercise with the words that `exercises.toml` has for it; the arguments are those of `Exercise`."""
    said = _said(id)
    return Exercise(
        id, said.title, said.kind, said.task, judge, model, said.hints, cases, runs, said.explains, prepare, pure,
        may_raise,
    )  # fmt: skip


def read_order(id: str) -> ExerciseText:
    """The steps that an exercise wants in order, and the rules of their order."""
    said = _said(id)
    if unruled := [rule for rule in said.rules if not set(rule[:2]) <= set(said.steps)]:
        raise Invalid("rules", where=f"exercise {id}", expected=f"two of {', '.join(said.steps)}", found=unruled[0])
    return said


def read_lesson(number: str, *exercises: Exercise) -> Lesson:
    """The lesson with the questions of `questions.toml`. `exercises.toml` must describe these exercises, in order."""
    folder = LESSONS / f"lesson{number}"
    described, given = list(read_tables(folder / "exercises.toml", ExerciseText)), [each.id for each in exercises]
    if described != given:
        raise Invalid(
            "exercises", where=_place(folder / "exercises.toml", 1), expected=", ".join(given), found=described
        )
    path = folder / "questions.toml"
    content = _parsed(path)
    wrong = set(content) - {"title", "predictions", "warm_up"}
    if wrong or not isinstance(content.get("title"), str):
        raise Invalid("questions", where=_place(path, 1), expected="title, predictions and warm_up", found=[*content])
    predictions, warm_up = (tuple(_questions(path, content, name)) for name in ("predictions", "warm_up"))
    return Lesson(number, content["title"], exercises, predictions, warm_up)


def read_tables(path: Path, shape: type[T]) -> Mapping[str, T]:
    """Every table of a file, by its name, as a `shape` (a Struct)."""
    return {name: _shaped(path, [name], value, shape) for name, value in _parsed(path).items()}


# How they are read ----------------------------------------------------------------------------------------------------


def _said(id: str) -> ExerciseText:
    path = LESSONS / f"lesson{id.split('.')[0]}" / "exercises.toml"
    texts = read_tables(path, ExerciseText)
    if id not in texts:
        raise unknown("exercise", id, texts, where=path.name)
    return texts[id]


def _questions(path: Path, content: Mapping[str, Any], name: str) -> Iterator[Question]:
    for number, entry in enumerate(content.get(name, [])):
        known = {"id", "text", "right"}
        said = _shaped(path, [name, number], {key: entry[key] for key in known & set(entry)}, QuestionText)
        texts = {
            key: _shaped(path, [name, number, key], value, OptionText)
            for key, value in entry.items()
            if key not in known
        }
        options = tuple(Option(key, each.text, each.why, key == said.right) for key, each in texts.items())
        try:
            yield Question(said.id, said.text, options, held=not said.right)
        except Invalid as problem:
            where = f"question {said.id}, {_place(path, _line(path, [name, number]))}"
            raise Invalid(problem.what, where=where, expected=problem.expected, found=problem.found) from problem


@cache
def _parsed(path: Path) -> dict[str, Any]:
    try:
        return {key: _joined(value) for key, value in tomllib.loads(path.read_text("utf-8")).items()}
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"line (\d+)", str(problem))
        raise Invalid(
            "prose", where=_place(path, int(line[1]) if line else 1), expected="a TOML file", found=str(problem)
        ) from problem


def _joined(value: Any) -> Any:
    """The same with each paragraph on one line."""
    if isinstance(value, str):
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", value.strip()))
    if isinstance(value, list):
        return [_joined(each) for each in value]
    if isinstance(value, dict):
        return {key: _joined(each) for key, each in value.items()}
    return value


def _shaped(path: Path, place: list[str | int], value: object, shape: type[T]) -> T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as problem:
        named = re.findall(r"`\$?\.?(\w+)", str(problem))  # the key that the problem names, if it names one
        line = _line(path, [*place, *named[-1:]])
        keys = ", ".join(shape.__struct_fields__)  # type: ignore[attr-defined]
        raise Invalid("prose", where=_place(path, line), expected=keys, found=str(problem)) from problem


def _line(path: Path, place: list[str | int]) -> int:
    """The line where something stands: the heading of its table, or a key within the table."""
    lines = path.read_text("utf-8").splitlines()
    name, *rest = place
    nth = rest.pop(0) if rest and isinstance(rest[0], int) else 0
    headings = [number for number, line in enumerate(lines, 1) if HEADING.match(line)]
    found = [number for number in headings if lines[number - 1].strip(' []"') == name]
    begin = found[int(nth)] if int(nth) < len(found) else 1
    end = next((number for number in headings if number > begin), len(lines) + 1)
    for key in (".".join(map(str, rest)), *map(str, rest)):
        for number in range(begin, end - 1):
            if key and lines[number].startswith((f"{key} ", f"{key}.", f"{key}=")):
                return number + 1
    return begin


def _place(path: Path, line: int) -> str:
    return f"{path.parent.name}/{path.name}, line {line}"
