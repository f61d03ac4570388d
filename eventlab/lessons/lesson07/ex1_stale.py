"""07.1: an answer that is old though nothing failed: the order of seven lines."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise

LINES = {
    "a": "boards compares: 2 is newer than its 1, and it writes gate 14",
    "b": "a passenger's question reaches boards",
    "c": "gates writes gate 14, version 2, into its state",
    "d": "boards answers: gate 12",
    "e": "the event reaches boards",
    "f": "the bus takes the event in",
    "g": "gates publishes gate.changed: gate 14, version 2",
}
BEFORE = (  # this line, before that one, else …
    ("c", "g", "gates announces gate 14 before its own state says so. First a change is stored, then it is published."),
    ("g", "f", "The bus takes in an event that nobody has published yet."),
    ("f", "e", "The event reaches boards, but the bus has not taken it in yet."),
    ("e", "a", "boards writes what an event says that has not reached it."),
    ("b", "d", "boards answers before anybody has asked."),
    ("d", "a", "When boards answers, its copy says gate 14 already. It would not say gate 12 any more."),
    ("c", "d", "When boards answers “gate 12”, that is still true: the gate has not changed yet. Nothing is old here."),
)


def judge(order: Sequence[str], case: Case) -> None:
    """The order is possible, and the passenger hears the old gate."""
    if sorted(order) != sorted(LINES):
        raise Mistake(f"Use each letter from a to g exactly once; found {', '.join(map(str, order))}.")
    for first, then, else_ in BEFORE:
        if order.index(first) > order.index(then):
            raise Mistake(f"{then} stands before {first}. {else_}")


EXERCISE = read_exercise("07.1", judge, ["c", "g", "f", "b", "d", "e", "a"], runs=1)
