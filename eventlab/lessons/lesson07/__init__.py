"""Lesson 07, event-carried state transfer: copies, and how old they may be."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson07 import ex1_stale, ex2_never_older, ex3_two_shapes, ex4_prices, ex5_copy_or_ask

LESSON = read_lesson(
    "07",
    ex1_stale.EXERCISE,
    ex2_never_older.EXERCISE,
    ex3_two_shapes.EXERCISE,
    ex4_prices.EXERCISE,
    ex5_copy_or_ask.EXERCISE,
)
