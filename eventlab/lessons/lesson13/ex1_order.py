"""13.1: the nodes of a cluster get a new version one after the other, and nobody notices."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("13.1")
INCOMPLETE = "Each of the letters a to f is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("13.1", judge_order(ORDER, INCOMPLETE), "d f a e b c", runs=1)
