"""12.1: the steps of a choice, in order."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise

STEPS = {
    "a": "take the cheapest of those that are left",
    "b": "ask whom it hurts, and when: name the needs",
    "c": "strike out every pattern that misses a bar",
    "d": "give each need a bar: a figure that is good enough",
    "e": "measure every pattern with the same work and the same faults",
    "f": "write down what would make you choose again",
}
FIRST = (
    ("b", "d", "A bar without a need is somebody's taste: name the needs before you give them figures."),
    ("d", "e", "You measure before you know what is good enough: then every figure looks good enough."),
    ("e", "c", "You strike out patterns before you have measured them: that is a prejudice, not a choice."),
    ("d", "c", "There is no bar yet that a pattern could miss."),
    ("c", "a", "The cheapest of all may miss a bar: strike out first, then look at the price."),
    ("a", "f", "What would make you choose again comes last: it depends on what you chose, and why."),
)


def judge(answer: Sequence[str], case: Case) -> None:
    """Each step once, and none before one that it needs."""
    if sorted(answer) != sorted(STEPS):
        raise Mistake(
            f"Name each of the steps {', '.join(STEPS)} once; you gave {', '.join(map(str, answer)) or 'none'}."
        )
    for first, then, why in FIRST:
        if answer.index(first) > answer.index(then):
            raise Mistake(why)


EXERCISE = read_exercise("12.1", judge, ["b", "d", "e", "c", "a", "f"], runs=1)
