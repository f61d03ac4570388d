"""Lesson 03, publish/subscribe: saying what happened, once, to whoever listens."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson03 import ex1_order, ex2_durable_boards, ex3_telling, ex4_hospital, ex5_scaling

LESSON = read_lesson(
    "03",
    ex1_order.EXERCISE,
    ex2_durable_boards.EXERCISE,
    ex3_telling.EXERCISE,
    ex4_hospital.EXERCISE,
    ex5_scaling.EXERCISE,
)
