"""The lessons: predict, check, get a hint, see the answer; `progress()` keeps count."""

from eventlab.lessons.judging.learner import answer, check, hint, outcome, predict, progress, warm_up
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.judging.model import Case, Exercise, Lesson, Mistake, Option, Question

__all__ = ["predict", "outcome", "warm_up", "check", "hint", "answer", "progress",
           "Case", "Exercise", "Lesson", "Mistake", "Option", "Question", "Testbed"]  # fmt: skip
