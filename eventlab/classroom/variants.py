"""Variants: the letters of an order, and the values of an own exercise, drawn for each student.

They are drawn from his name and the instructor's words: the same name always gets the same ones. They change what an
answer looks like, and never what is hard about it: a test lets the same wrong answers fail in each variant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

import msgspec

from eventlab.classroom.notebooks import Cell, source, with_source
from eventlab.door import door
from eventlab.lessons.judging import model
from eventlab.lessons.judging.prose import LESSONS, ExerciseText, read_tables

ITEM = re.compile(r"^- (\*\*|)([A-Za-z])(\*\*|:) (.+)$", re.M)
NAMED = re.compile(r"\b(Message|Step|before) ([A-Za-z])\b(?=:| has | comes | is )")  # a step, in a sentence
PAIR = re.compile(r"\b(Between|Steps) ([A-Za-z]) and ([A-Za-z])\b")
HEADING = re.compile(r"^### (\d\d\.\d+) ")


@door
def variant_of(student: str, words: str) -> str:
    """The variant of a student: from his name, however it is spaced and spelt in capitals, and the plan's words."""
    name = " ".join(student.casefold().split())
    return sha256(f"{words}\n{name}".encode()).hexdigest()[:12]


def draws(variant: str, id: str) -> Random:
    """The chance of one exercise in one variant."""
    return Random(sha256(f"{variant}\n{id}".encode()).hexdigest())


@door
def letters(id: str, variant: str) -> dict[str, str]:
    """Of an exercise that asks for an order: by the lesson's letter, the letter that this variant has for the step."""
    steps = _steps(id)
    if not variant or not steps:
        return {each: each for each in steps}
    mixed = sorted(steps)
    draws(variant, id).shuffle(mixed)
    return dict(zip(sorted(steps), mixed, strict=True))


@door
def as_in_the_lesson(id: str, answer: Any, variant: str) -> Any:
    """An answer to a variant, in the lesson's own letters: what the lesson's judge reads. Others stay as they are."""
    back = {new: old for old, new in letters(id, variant).items()}
    if not back or not variant:
        return answer
    if isinstance(answer, str):
        return "".join(_as(back, letter) for letter in answer)
    if isinstance(answer, Sequence):
        return [_as(back, letter) if isinstance(letter, str) else letter for letter in answer]
    return answer


def _as(back: Mapping[str, str], letter: str) -> str:
    return next((old for new, old in back.items() if new.casefold() == letter.casefold()), letter)


def _steps(id: str) -> dict[str, str]:
    number = id.split(".")[0]
    texts = _texts(number) if number in model.lessons() else {}
    return texts[id].steps if id in texts else {}


@cache
def _texts(number: str) -> Mapping[str, ExerciseText]:
    """The texts of a lesson's exercises; they are asked for once for each student and exercise."""
    path = LESSONS / f"lesson{number}" / "exercises.toml"
    return read_tables(path, ExerciseText) if path.exists() else {}


def lettered(id: str, said: ExerciseText, variant: str) -> ExerciseText:
    """The text of an exercise with the variant's letters."""
    new = letters(id, variant)
    if not variant or not new:
        return said
    steps = {new[letter]: words for letter, words in said.steps.items()}
    rules = tuple((new[first], new[then], _renamed(why, new)) for first, then, why in said.rules)
    explains, hints = _renamed(said.explains, new), tuple(_renamed(each, new) for each in said.hints)
    return msgspec.structs.replace(said, steps=dict(sorted(steps.items())), rules=rules, explains=explains, hints=hints)


def _renamed(why: str, new: Mapping[str, str]) -> str:
    """A sentence about steps, by their new letters: "Message f is sent before c has arrived"."""
    why = NAMED.sub(lambda found: f"{found[1]} {new.get(found[2], found[2])}", why)
    return PAIR.sub(lambda found: f"{found[1]} {new.get(found[2], found[2])} and {new.get(found[3], found[3])}", why)


def lettered_cell(cell: Cell, variant: str) -> Cell:
    """The cell of an order's task with the variant's letters, its items in the alphabet's order again."""
    heading = HEADING.match(source(cell)) if cell["cell_type"] == "markdown" else None
    new = letters(heading[1], variant) if heading and heading[1].split(".")[0] in model.lessons() else {}
    items = ITEM.findall(source(cell))
    if not variant or not new:
        return cell
    if sorted(letter for _, letter, _, _ in items) != sorted(new):
        raise LookupError(f"the steps of {heading and heading[1]} were not found in its notebook")
    mixed = iter(sorted((new[letter], words) for _, letter, _, words in items))
    return with_source(cell, ITEM.sub(lambda found: _item(found, *next(mixed)), source(cell)))


def _item(found: re.Match[str], letter: str, words: str) -> str:
    return f"- {found[1]}{letter}{found[3]} {words}"
