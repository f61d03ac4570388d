"""10.1: the steps from one version of a read model to the next, in order."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("10.1")
INCOMPLETE = "Each of the letters a to f is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("10.1", judge_order(ORDER, INCOMPLETE), "b f d e a c", runs=1)
