"""Lesson 12, choosing: needs, bars, figures, and briefs from other trades."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson12 import ex1_order, ex2_bars, ex3_measure, ex4_dated_copy, ex5_to_ex8_briefs

LESSON = read_lesson(
    "12",
    ex1_order.EXERCISE,
    ex2_bars.EXERCISE,
    ex3_measure.EXERCISE,
    ex4_dated_copy.EXERCISE,
    *ex5_to_ex8_briefs.EXERCISES,
)
