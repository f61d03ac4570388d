"""Lesson 01, request-driven: calling another service so that its failure does not become yours."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson01 import ex1_order, ex2_fallback, ex3_contract, ex4_payment, ex5_waits

LESSON = read_lesson(
    "01", ex1_order.EXERCISE, ex2_fallback.EXERCISE, ex3_contract.EXERCISE, ex4_payment.EXERCISE, ex5_waits.EXERCISE
)
