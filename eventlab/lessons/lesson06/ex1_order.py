"""06.1: from an event that says little to a new row: the order of the messages."""

from __future__ import annotations

from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("06.1")


def judge(answer: Any, case: Case) -> None:
    """Every step once, each after whatever it needs; what is independent may come in any order."""
    given = "".join(str(step) for step in answer).replace(" ", "")
    if sorted(given) != sorted(ORDER.steps):
        raise Mistake(f"Use each letter from a to h once. Found: {' '.join(given) or 'nothing'}.", kind="letters")
    for first, then, why in ORDER.rules:
        if given.index(first) > given.index(then):
            message = f"{then} ({ORDER.steps[then]}) stands before {first} ({ORDER.steps[first]}), but {why}."
            raise Mistake(message, kind=f"{first}{then}")


EXERCISE = read_exercise("06.1", judge, ["d", "c", "g", "h", "f", "b", "e", "a"], runs=1)
