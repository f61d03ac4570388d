"""Lesson 13, in production: the same handlers on a cluster that is killed, what is promised where, and how much."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson13 import ex1_order, ex2_announce, ex3_group, ex4_assign, ex5_plan

LESSON = read_lesson(
    "13", ex1_order.EXERCISE, ex2_announce.EXERCISE, ex3_group.EXERCISE, ex4_assign.EXERCISE, ex5_plan.EXERCISE
)
