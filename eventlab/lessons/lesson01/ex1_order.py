"""01.1: the six messages of one question, in the order in which they travel."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("01.1")
INCOMPLETE = "Each of the letters a to f is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("01.1", judge_order(ORDER, INCOMPLETE), "c f e b d a", runs=1)
