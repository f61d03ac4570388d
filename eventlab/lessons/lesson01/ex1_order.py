"""01.1: the six messages of one question, in the order in which they travel."""

from __future__ import annotations

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise

MESSAGES = {
    "a": "boards answer the passenger",
    "b": "boards ask gates for the gate",
    "c": "a passenger asks the boards",
    "d": "gates answer the boards",
    "e": "operations answers the boards",
    "f": "boards ask operations for the flight",
}
RULES = (  # earlier, later, and what is wrong if it is the other way round
    ("c", "f", "Message f is sent before c has arrived: the boards ask nobody until a passenger asks them."),
    ("f", "e", "Message e comes before f: operations would answer a question that nobody has asked yet."),
    ("b", "d", "Message d comes before b: gates would answer a question that nobody has asked yet."),
    ("e", "b", "Message b is sent before e has arrived: `await` in the first line of the handler holds its second "
               "line back until operations has answered."),
    ("e", "a", "Message a is sent before e has arrived: the boards would answer without knowing the flight."),
    ("d", "a", "Message a is sent before d has arrived: a handler's answer leaves when the handler is at its end."),
)  # fmt: skip


def judge(answer: str, case: Case) -> None:
    """Every message once, and none before what it waits for."""
    letters = [letter for letter in answer.lower() if letter.isalpha()]
    if sorted(letters) != sorted(MESSAGES):
        raise Mistake(f"Each of the letters a to f is needed exactly once; yours are: {' '.join(letters) or 'none'}.")
    for earlier, later, words in RULES:
        if letters.index(earlier) > letters.index(later):
            raise Mistake(words)


EXERCISE = read_exercise("01.1", judge, "c f e b d a", runs=1)
