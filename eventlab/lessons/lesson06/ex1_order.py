"""06.1: from an event that says little to a new row: the order of the messages."""

from __future__ import annotations

from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise

STEPS = {
    "a": "boards tells the bus that it is done",
    "b": "gates answers: gate B 14",
    "c": "the bus sends the event to boards",
    "d": "gates publishes: the gate of the flight has changed",
    "e": "boards shows gate B 14",
    "f": "boards asks gates: which gate has the flight?",
    "g": "the bus sends the event to statistics, which only counts events",
    "h": "statistics tells the bus that it is done",
}
FIRST = (  # what must come before what, and why
    ("d", "c", "the bus has nothing to send before gates has published"),
    ("d", "g", "the bus has nothing to send before gates has published"),
    ("c", "f", "boards does not know that there is something to ask before the event has come"),
    ("f", "b", "gates answers when it is asked; the event that it published does not name the gate"),
    ("b", "e", "the event does not name the gate: boards cannot show it before it has the answer"),
    (
        "e",
        "a",
        "boards must not say that it is done before it is: if no answer came, the bus would not try again",
    ),
    ("g", "h", "statistics cannot be done with an event that it does not have yet"),
)


def judge(answer: Any, case: Case) -> None:
    """Every step once, each after whatever it needs; what is independent may come in any order."""
    given = "".join(str(step) for step in answer).replace(" ", "")
    if sorted(given) != sorted(STEPS):
        raise Mistake(f"Use each letter from a to h once. Found: {' '.join(given) or 'nothing'}.", kind="letters")
    for first, then, why in FIRST:
        if given.index(first) > given.index(then):
            message = f"{then} ({STEPS[then]}) stands before {first} ({STEPS[first]}), but {why}."
            raise Mistake(message, kind=f"{first}{then}")


EXERCISE = read_exercise("06.1", judge, ["d", "c", "g", "h", "f", "b", "e", "a"], runs=1)
