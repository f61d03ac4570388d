"""Exercises of the lessons: predict, check, get a hint, see the answer; `progress()` keeps count."""

from eventlab.exercises.checking import answer, check, hint, outcome, predict, progress, warm_up
from eventlab.exercises.bench import Bench, bench
from eventlab.exercises.model import Case, Exercise, Lesson, Mistake, Option, Question

__all__ = ["predict", "outcome", "warm_up", "check", "hint", "answer", "progress",
           "Case", "Exercise", "Lesson", "Mistake", "Option", "Question", "Bench", "bench"]  # fmt: skip
