"""01.1: the six messages of one question, in the order in which they travel."""

from __future__ import annotations

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("01.1")


def judge(answer: str, case: Case) -> None:
    """Every message once, and none before what it waits for."""
    letters = [letter for letter in answer.lower() if letter.isalpha()]
    if sorted(letters) != sorted(ORDER.steps):
        raise Mistake(f"Each of the letters a to f is needed exactly once; yours are: {' '.join(letters) or 'none'}.")
    for earlier, later, words in ORDER.rules:
        if letters.index(earlier) > letters.index(later):
            raise Mistake(words)


EXERCISE = read_exercise("01.1", judge, "c f e b d a", runs=1)
