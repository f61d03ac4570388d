"""08.1: a field renamed without harm to anybody, step by step."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("08.1")
INCOMPLETE = "Each of the letters a to e is needed exactly once; yours are: {given}."

EXERCISE = read_exercise("08.1", judge_order(ORDER, INCOMPLETE), "a b c e d", runs=1)
