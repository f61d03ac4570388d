"""06.1: from an event that says little to a new row: the order of the messages."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("06.1")
INCOMPLETE = "Use each letter from a to h once. Found: {given}."
WRONG = "{then} ({step_then}) stands before {first} ({step_first}), but {why}."

EXERCISE = read_exercise(
    "06.1", judge_order(ORDER, INCOMPLETE, WRONG), ["d", "c", "g", "h", "f", "b", "e", "a"], runs=1
)
