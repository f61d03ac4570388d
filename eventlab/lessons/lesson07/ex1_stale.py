"""07.1: an answer that is old though nothing failed: the order of seven lines."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("07.1")


def judge(order: Sequence[str], case: Case) -> None:
    """The order is possible, and the passenger hears the old gate."""
    if sorted(order) != sorted(ORDER.steps):
        raise Mistake(f"Use each letter from a to g exactly once; found {', '.join(map(str, order))}.")
    for first, then, else_ in ORDER.rules:
        if order.index(first) > order.index(then):
            raise Mistake(f"{then} stands before {first}. {else_}")


EXERCISE = read_exercise("07.1", judge, ["c", "g", "f", "b", "d", "e", "a"], runs=1)
