"""A sample of the mutants is refused, or listed as right with the reason; `python -m tests.mutants` tries all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from hashlib import sha256

import pytest

from eventlab.lessons.judging.model import Exercise
from tests.mutants.making import Mutant, of_function
from tests.mutants.seeds import SHARE, answers, depends_on_seeds, held
from tests.mutants.trying import Right, escaped, exercises, listed, mutants, tried

EACH = 5  # mutants of each exercise
EXERCISES = exercises()
TRIED = [each for each in EXERCISES if depends_on_seeds(each)]


@cache
def made(id: str) -> list[tuple[str, Mutant]]:
    (exercise,) = (each for each in EXERCISES if each.id == id)
    return list(mutants(exercise))


def sample(exercise: Exercise) -> Iterable[tuple[str, Mutant]]:
    """Always the same ones, of those that come to an end for sure."""
    ending = [(name, mutant) for name, mutant in made(exercise.id) if not mutant.loops]
    return sorted(ending, key=lambda each: sha256(f"{each[0]} {each[1].words}".encode()).digest())[:EACH]


@pytest.mark.parametrize("exercise", [each for each in EXERCISES if each.id != "01.5"], ids=lambda each: each.id)
def test_a_mutant_of_a_right_answer_is_refused_or_right_for_a_reason(exercise: Exercise) -> None:
    for name, mutant in sample(exercise):
        found = tried(exercise, name, mutant)
        assert found.said or found.is_listed, f"{name}: {mutant.words} passes"


@pytest.mark.parametrize("entry", listed(), ids=lambda each: f"{each.exercise} {each.mutants[0]}")
def test_what_is_listed_as_right_is_made_and_has_a_reason(entry: Right) -> None:
    assert len(entry.why) > 15
    words = [mutant.words for name, mutant in made(entry.exercise) if entry.answer in ("", name)]
    for pattern in entry.mutants:
        assert any(fnmatchcase(each, escaped(pattern)) for each in words), pattern


def test_a_judge_that_is_blind_is_found_out() -> None:
    """The control: where nothing is looked at, every mutant passes, and none is listed."""
    (exercise,) = (each for each in EXERCISES if each.id == "07.4")
    blind = replace(exercise, judge=lambda answer, case: None)
    for name, mutant in sample(exercise):
        assert tried(blind, name, mutant).said == ""


def test_mutants_of_many_kinds_are_made_of_a_function() -> None:
    words = " | ".join(mutant.words for mutant in of_function(_shop))
    for kind in (
        "without: ", "negated: ", "becomes", "no await", "no return", "not caught", "in a global",
        "kept from call to call", "looks at its first", "without timeout=1", "and, or", "only once",
        "nothing caught", "always: ", "never: ",
    ):  # fmt: skip
        assert kind in words, kind


async def _shop(shop, order):  # type: ignore[no-untyped-def]
    found = {}
    while order.open and order.new:
        try:
            if order.price > 3:
                found[order.id] = await shop.request("pay", order, timeout=1)
        except (KeyError, ValueError):
            shop.state[order.id] = 0
    return found


# Seeds ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", TRIED, ids=lambda each: each.id)
def test_a_right_answer_holds_on_other_seeds_and_a_wrong_one_is_caught_by_a_third(exercise: Exercise) -> None:
    few = 2 if exercise.id == "03.5" else 9
    for answer, right in answers(exercise):
        found = held(exercise, answer, right, range(1000, 1000 + few) if right else range(few), enough=few // SHARE)
        assert found.is_well, found
