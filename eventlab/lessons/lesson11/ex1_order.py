"""11.1: the steps of moving old events into an archive, in order."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("11.1")
INCOMPLETE = "Each of the letters a to f is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("11.1", judge_order(ORDER, INCOMPLETE), "d a f c e b", runs=1)
