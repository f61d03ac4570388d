"""Lesson 11, growth: what a year of events costs, snapshots, closed books, archives, streams cut well and badly."""

from eventlab.lessons.judging.prose import read_lesson
from eventlab.lessons.lesson11 import ex1_order, ex2_open, ex3_load, ex4_partition, ex5_plan

LESSON = read_lesson(
    "11", ex1_order.EXERCISE, ex2_open.EXERCISE, ex3_load.EXERCISE, ex4_partition.EXERCISE, ex5_plan.EXERCISE
)
