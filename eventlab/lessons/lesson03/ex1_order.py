"""03.1: the way of one event, from the airline to the boards."""

from __future__ import annotations

from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("03.1")


def judge(answer: Any, case: Case) -> None:
    """The order must not contradict any of the rules; steps that do not depend on each other may change places."""
    letters = [letter for letter in str(answer).lower() if letter not in " ,"]
    if sorted(letters) != sorted(ORDER.steps):
        wanted = ", ".join(ORDER.steps)
        raise Mistake(f"Use each of the letters {wanted} once; found {' '.join(letters) or 'nothing'}.", kind="letters")
    for first, second, why in ORDER.rules:
        if letters.index(first) > letters.index(second):
            raise Mistake(f"{second} stands before {first}. {why}", kind=first + second)


EXERCISE = read_exercise("03.1", judge, "f h c b g d e a", runs=1)
