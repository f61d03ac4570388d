"""Lesson 05, sagas: a process over several services, led or not, its failures, what is seen in between, its changes."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson05 import ex1_order, ex2_once, ex3_next, ex4_transfer, ex5_order

LESSON = read_lesson(
    "05", ex1_order.EXERCISE, ex2_once.EXERCISE, ex3_next.EXERCISE, ex4_transfer.EXERCISE, ex5_order.EXERCISE
)
