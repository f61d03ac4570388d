"""05.1: the events of a rebooking that is taken back, in order."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("05.1")
INCOMPLETE = "Each of the letters a to g is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("05.1", judge_order(ORDER, INCOMPLETE), "c f a d g b e", runs=1)
