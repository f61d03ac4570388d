"""04.1: the way of one cancellation through an inbox and an outbox."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("04.1")
INCOMPLETE = "Each of the letters a to f is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("04.1", judge_order(ORDER, INCOMPLETE), "c e f a b d", runs=1)
