"""Lesson 02, resilience: what helps requests through an outage, what it costs, and what no setting can mend."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson02 import ex1_order, ex2_again, ex3_budget, ex4_transfer, ex5_tune

LESSON = read_lesson(
    "02", ex1_order.EXERCISE, ex2_again.EXERCISE, ex3_budget.EXERCISE, ex4_transfer.EXERCISE, ex5_tune.EXERCISE
)
