"""Tries mutants: each is refused in one of its exercise's runs, or passes all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    """A mutant that is right too, and why. Without an `answer` it holds for all answers of the exercise."""

    exercise: str
    mutant: str
    why: str
    answer: str = ""


class _List(msgspec.Struct, forbid_unknown_fields=True):
    right: list[Right]


@dataclass(frozen=True)
class Tried:
    """A mutant of an answer, and what was said about it; empty if it passed."""

    exercise: str
    answer: str
    mutant: Mutant
    said: str

    @property
    def is_listed(self) -> bool:
        """Whether the list says that it is right too."""
        return any(
            (each.exercise, each.mutant) == (self.exercise, self.mutant.words) and each.answer in ("", self.answer)
            for each in listed()
        )


@cache
def listed() -> tuple[Right, ...]:
    """The list of mutants that are right too."""
    return tuple(msgspec.toml.decode(LIST.read_bytes(), type=_List).right)


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
            made = of_data(answer, [*others.other, *(wrong for wrong, _ in others.wrong)], exercise.kind)
        yield from ((name, mutant) for mutant in made)


def tried(exercise: Exercise, name: str, mutant: Mutant, *, apart: bool = True) -> Tried:
    """What is said about a mutant; in a process of its own if it may never end."""
    exercise.prepare()
    if not apart:
        return Tried(exercise.id, name, mutant, _verdict(exercise, mutant.answer))
    heard = run_apart(lambda: [f"!{_verdict(exercise, mutant.answer)}".encode("utf-8", "replace")], SECONDS)
    said = heard.last.decode()[1:] if heard.last is not None else f"it ended: {heard.end}"
    return Tried(exercise.id, name, mutant, said)


def _verdict(exercise: Exercise, answer: Any) -> str:
    failure = next(iter(failures(exercise, answer)), None)
    return "" if failure is None else f"{failure.mistake.kind}: {failure.mistake.message}"[:300]
