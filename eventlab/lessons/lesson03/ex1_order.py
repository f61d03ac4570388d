"""03.1: the way of one event, from the airline to the boards."""

from __future__ import annotations

from eventlab.lessons.judging.order import judge_order
from eventlab.lessons.judging.prose import read_exercise, read_order

ORDER = read_order("03.1")
INCOMPLETE = "Use each of the letters {steps} once; found {given}."
WRONG = "{then} stands before {first}. {why}"

EXERCISE = read_exercise("03.1", judge_order(ORDER, INCOMPLETE, WRONG), "f h c b g d e a", runs=1)
