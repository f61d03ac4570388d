"""02.1: what a circuit breaker does in an outage, in order."""

from __future__ import annotations

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("02.1")


def judge(answer: str, case: Case) -> None:
    """Every step once, and none before what it follows from."""
    letters = answer.split()
    if sorted(letters) != sorted(ORDER.steps):
        raise Mistake(f"Each of the letters a to f is needed exactly once; yours are: {' '.join(letters) or 'none'}.")
    for earlier, later, words in ORDER.rules:
        if letters.index(earlier) > letters.index(later):
            raise Mistake(words)


EXERCISE = read_exercise("02.1", judge, "d b f a e c", runs=1)
