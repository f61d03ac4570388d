"""03.1: the way of one event, from the airline to the boards."""

from __future__ import annotations

from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise

STEPS = {
    "a": "boards shows that the flight is cancelled",
    "b": "the bus writes the event down",
    "c": "operations publishes the event",
    "d": "notices tells the passengers",
    "e": "boards works again",
    "f": "operations notes that the flight is cancelled",
    "g": "the bus sends the event to notices",
    "h": "the airline gets its answer",
}
RULES = (  # what comes before what, and what is wrong with it the other way round
    ("f", "c", "An event says what has happened. operations cannot publish it before it has happened there."),
    ("f", "h", "The answer says that it is done. operations has not even noted it yet."),
    ("c", "b", "The bus cannot write down an event that nobody has published yet."),
    (
        "b",
        "g",
        "The bus writes an event down first, and sends it then: else it could lose what it has promised to keep.",
    ),
    (
        "g",
        "d",
        "notices cannot act on an event that has not been sent to it. operations does not call notices any more.",
    ),
    ("e", "a", "boards is down: it can show nothing before it works again."),
    (
        "h",
        "e",
        "boards is down for an hour, and you let the airline wait for it. The answer waits for operations alone.",
    ),
    (
        "d",
        "e",
        "boards is down for an hour, and you let notices wait for it. Each subscription has its own place in the log.",
    ),
)


def judge(answer: Any, case: Case) -> None:
    """The order must not contradict any of the rules; steps that do not depend on each other may change places."""
    letters = [letter for letter in str(answer).lower() if letter not in " ,"]
    if sorted(letters) != sorted(STEPS):
        wanted = ", ".join(STEPS)
        raise Mistake(f"Use each of the letters {wanted} once; found {' '.join(letters) or 'nothing'}.", kind="letters")
    for first, second, why in RULES:
        if letters.index(first) > letters.index(second):
            raise Mistake(f"{second} stands before {first}. {why}", kind=first + second)


EXERCISE = read_exercise("03.1", judge, "f h c b g d e a", runs=1)
