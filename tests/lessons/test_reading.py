"""Answers of every shape: read as they are meant, or a verdict in words."""

from __future__ import annotations

import functools
import math
from collections import OrderedDict, deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest

from eventlab.lessons.judging import model
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.reading import plain
from eventlab.lessons.judging.verdict import Verdict
from tests.support.borders import EDGES

ORDERS = [each for number in model.lessons() for each in model.lesson(number).exercises if each.kind == "order"]
WAYS: dict[str, Callable[[list[str]], Any]] = {
    "spaces": " ".join, "commas": ", ".join, "arrows": " -> ".join, "together": "".join,
    "large": lambda letters: "".join(letters).upper(), "small": lambda letters: " ".join(letters).lower(),
    "list": list, "tuple": tuple, "deque": deque, "iterator": iter, "generator": lambda letters: (x for x in letters),
    "bytes": lambda letters: "".join(letters).encode(),
    "odd spaces": lambda letters: [f" {x.upper()}, " for x in letters],
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("exercise", ORDERS, ids=lambda exercise: exercise.id)
def test_letters_in_order_are_read_in_every_usual_form(exercise: model.Exercise, way: str) -> None:
    letters = [letter for letter in "".join(exercise.model) if letter.isalpha()]
    assert attempt(exercise, WAYS[way](letters)) is None


PLAN = {"mail": 4, "invoice": 1, "stock": 2, "key": "product"}


@pytest.mark.parametrize(
    "plan",
    [
        OrderedDict(PLAN), MappingProxyType(PLAN), list(PLAN.items()), {**PLAN, "mail": 4.0, "stock": "2"},
        {**PLAN, "mail": Decimal(4), "invoice": Fraction(1), "key": " Product "},
        {k.upper(): v for k, v in PLAN.items()},
    ],
)  # fmt: skip
def test_a_table_is_read_in_every_usual_form(plan: Any) -> None:
    assert attempt(model.exercise("03.5"), plan) is None


def test_names_in_one_text_are_read_without_the_spaces_between_them() -> None:
    exercise = model.exercise("08.5")
    plan = {**exercise.model, "order": ", ".join(exercise.model["order"]), "back": " ; ".join(exercise.model["back"])}
    assert attempt(exercise, plan) is None


def test_results_of_any_kind_of_list_or_number_are_read_as_meant() -> None:
    assert plain(x for x in "ab") == ["a", "b"] and plain({1}) == [1] and plain(deque([Fraction(1, 2)])) == [0.5]
    assert plain(Decimal("0.5")) == 0.5 and type(plain(Decimal(3))) is int and plain("ab") == "ab"
    assert math.isnan(plain(math.nan)) and plain(None) is None


class Raising:
    def __call__(self, figures: Any, bars: Any) -> Any:
        raise self

    @property
    def __signature__(self) -> Any:
        raise OSError("no")


async def gives(figures: Any, bars: Any) -> Any:
    yield 1


async def waits(figures: Any, bars: Any) -> Any:
    return "none"


ANSWERS: dict[str, Any] = {
    "partial": functools.partial(waits, None), "async generator": gives, "async": waits, "object": Raising(),
    "max": max, "dict": dict, "lambda": lambda figures, bars: ..., "type": type, "object itself": object,
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_anything_that_can_be_called_gets_a_verdict_in_words(name: str) -> None:
    assert "not yet: " in Verdict(model.exercise("12.2"), attempt(model.exercise("12.2"), ANSWERS[name])).text


@pytest.mark.parametrize("id", ["01.1", "03.5", "12.2"])
@pytest.mark.parametrize("edge", EDGES)
def test_any_value_as_an_answer_gets_a_verdict_in_words(id: str, edge: str) -> None:
    text = Verdict(model.exercise(id), attempt(model.exercise(id), EDGES[edge]())).text
    assert "not yet: " in text
    text.encode()
