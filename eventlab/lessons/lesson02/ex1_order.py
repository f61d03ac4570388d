"""02.1: what a circuit breaker does in an outage, in order."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("02.1")
INCOMPLETE = "Each of the letters a to f is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("02.1", judge_order(ORDER, INCOMPLETE), "d b f a e c", runs=1)
