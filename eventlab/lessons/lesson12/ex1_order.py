"""12.1: the steps of a choice, in order."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("12.1")
INCOMPLETE = "Name each of the steps {steps} once; you gave {given}."

EXERCISE = read_exercise("12.1", judge_order(ORDER, INCOMPLETE), ["b", "d", "e", "c", "a", "f"], runs=1)
