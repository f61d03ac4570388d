"""Tries mutants: each is refused in one of its exercise's runs, or passes all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from eventlab.lessons.judging import model
from eventlab.lessons.judging.apart import run_apart
from eventlab.lessons.judging.attempt import failures
from eventlab.lessons.judging.model import Exercise
from tests.mutants.data import of_data
from tests.mutants.making import Mutant, of_function
from tests.support.known import Known

LIST = Path(__file__).with_name("right.toml")
SECONDS = 20.0  # real time for one mutant: far more than any needs that ends


class Right(msgspec.Struct, forbid_unknown_fields=True):
    """Mutants that are right too, and why: in words, where * stands for anything; of all answers if none is named."""

    exercise: str
    mutants: list[str]
    why: str
    answer: str = ""


class Free(msgspec.Struct, forbid_unknown_fields=True):
    """Pairs of steps of an order that may stand either way round, and why."""

    pairs: list[str]
    why: str


class _List(msgspec.Struct, forbid_unknown_fields=True):
    right: list[Right] = []
    free: dict[str, Free] = {}


@dataclass(frozen=True)
class Tried:
    """A mutant of an answer, and what was said about it; empty if it passed."""

    exercise: str
    answer: str
    mutant: Mutant
    said: str

    @property
    def entries(self) -> list[Right]:
        """What the list has about it."""
        return [
            entry
            for entry in listed()
            if entry.exercise == self.exercise and entry.answer in ("", self.answer)
            if any(fnmatchcase(self.mutant.words, escaped(pattern)) for pattern in entry.mutants)
        ]

    @property
    def is_listed(self) -> bool:
        """Whether the list says why it is right too."""
        return bool(self.entries) or _is_free(self.exercise, self.mutant)


def _is_free(id: str, mutant: Mutant) -> bool:
    """Whether only such steps of an order have changed places as may."""
    exercise = model.exercise(id)
    if id not in _list().free or exercise.kind != "order":
        return False
    first = [letter for letter in "".join(exercise.model) if letter.isalpha()]
    turned = {
        frozenset((one, other)) for place, one in enumerate(first) for other in first[place:]
        if mutant.answer.index(one) > mutant.answer.index(other)
    } if sorted(mutant.answer) == sorted(first) else {frozenset()}  # fmt: skip
    return turned <= {frozenset(pair.split()) for pair in _list().free[id].pairs}


def escaped(pattern: str) -> str:
    """The pattern for `fnmatch`, in which brackets stand for themselves."""
    return pattern.replace("[", "[[]")


@cache
def _list() -> _List:
    return msgspec.toml.decode(LIST.read_bytes(), type=_List)


def listed() -> list[Right]:
    """The list of mutants that are right too."""
    return _list().right


def exercises() -> list[Exercise]:
    """Every exercise of every lesson."""
    return [each for number in model.lessons() for each in model.lesson(number).exercises]


def known(exercise: Exercise) -> Known:
    """The answers to the exercise whose verdict is known, from the tests of its lesson."""
    answers = import_module(f"tests.lessons.lesson{exercise.id.split('.')[0]}.answers").ANSWERS
    found: Known = answers[exercise.id]
    return found


def mutants(exercise: Exercise) -> Iterator[tuple[str, Mutant]]:
    """Every mutant of the model answer and of each other right answer, with the name of its origin."""
    others = known(exercise)
    for number, answer in enumerate((exercise.model, *others.other)):
        name = getattr(answer, "__name__", f"answer {number}")
        if callable(answer):
            made = of_function(answer)
        else:
            made = of_data(
                answer, exercise.model, [*others.other, *(wrong for wrong, _ in others.wrong)], exercise.kind
            )
        yield from ((name, mutant) for mutant in made)


def tried(exercise: Exercise, name: str, mutant: Mutant) -> Tried:
    """What is said about a mutant; in a process of its own if it may never end."""
    exercise.prepare()
    if not mutant.loops:
        return Tried(exercise.id, name, mutant, _verdict(exercise, mutant.answer))
    heard = run_apart(lambda: [f"!{_verdict(exercise, mutant.answer)}".encode("utf-8", "replace")], SECONDS)
    said = heard.last.decode()[1:] if heard.last is not None else f"it ended: {heard.end}"
    return Tried(exercise.id, name, mutant, said)


def _verdict(exercise: Exercise, answer: Any) -> str:
    failure = next(iter(failures(exercise, answer)), None)
    return "" if failure is None else f"{failure.mistake.kind}: {failure.mistake.message}"[:300]
