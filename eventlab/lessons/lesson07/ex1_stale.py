"""07.1: an answer that is old though nothing failed: the order of seven lines."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("07.1")
INCOMPLETE = "Use each letter from a to g exactly once; found {given}."
WRONG = "{then} stands before {first}. {why}"

EXERCISE = read_exercise("07.1", judge_order(ORDER, INCOMPLETE, WRONG), ["c", "g", "f", "b", "d", "e", "a"], runs=1)
