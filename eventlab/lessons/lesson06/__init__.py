"""Lesson 06, event notification: a thin event, and who asks whom because of it."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson06 import ex1_order, ex2_no_answer, ex3_cache, ex4_ward, ex5_prices, ex6_designs

LESSON = read_lesson(
    "06",
    ex1_order.EXERCISE,
    ex2_no_answer.EXERCISE,
    ex3_cache.EXERCISE,
    ex4_ward.EXERCISE,
    ex5_prices.EXERCISE,
    ex6_designs.EXERCISE,
)
