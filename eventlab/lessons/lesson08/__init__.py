"""Lesson 08, versions: an event lives for years, and programs, events and snapshots of all its versions meet."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson08 import ex1_order, ex2_deployed, ex3_check, ex4_prescription, ex5_plan

LESSON = read_lesson(
    "08",
    ex1_order.EXERCISE,
    ex2_deployed.EXERCISE,
    ex3_check.EXERCISE,
    ex4_prescription.EXERCISE,
    ex5_plan.EXERCISE,
)
