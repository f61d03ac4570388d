"""12.1: the steps of a choice, in order."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("12.1")


def judge(answer: Sequence[str], case: Case) -> None:
    """Each step once, and none before one that it needs."""
    if sorted(answer) != sorted(ORDER.steps):
        raise Mistake(
            f"Name each of the steps {', '.join(ORDER.steps)} once; you gave {', '.join(map(str, answer)) or 'none'}."
        )
    for first, then, why in ORDER.rules:
        if answer.index(first) > answer.index(then):
            raise Mistake(why)


EXERCISE = read_exercise("12.1", judge, ["b", "d", "e", "c", "a", "f"], runs=1)
