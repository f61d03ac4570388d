"""Lesson 04, handled correctly: four mistakes with messages, each with its symptom, its cure, and its price."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson04 import ex1_order, ex2_vouchers, ex3_window, ex4_pharmacy, ex5_settings

LESSON = read_lesson(
    "04",
    ex1_order.EXERCISE,
    ex2_vouchers.EXERCISE,
    ex3_window.EXERCISE,
    ex4_pharmacy.EXERCISE,
    ex5_settings.EXERCISE,
)
