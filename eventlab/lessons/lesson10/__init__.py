"""Lesson 10, views of the past: rules and read models of today, a corrected past, a forgotten person."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson10 import ex1_order, ex2_two_times, ex3_take, ex4_forget, ex5_switch

LESSON = read_lesson(
    "10", ex1_order.EXERCISE, ex2_two_times.EXERCISE, ex3_take.EXERCISE, ex4_forget.EXERCISE, ex5_switch.EXERCISE
)
