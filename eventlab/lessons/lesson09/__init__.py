"""Lesson 09, event sourcing: what happened is stored, every state is computed from it."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson09 import ex1_order, ex2_evolve, ex3_why, ex4_decide, ex5_correct, ex6_streams

LESSON = read_lesson(
    "09",
    ex1_order.EXERCISE,
    ex2_evolve.EXERCISE,
    ex3_why.EXERCISE,
    ex4_decide.EXERCISE,
    ex5_correct.EXERCISE,
    ex6_streams.EXERCISE,
)
