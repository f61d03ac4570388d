"""The lessons: predict, check, get a hint, see the answer; `progress()` keeps count."""

from eventlab.lessons.judging.learner import answer, check, hint, lesson_says, outcome, predict, progress, warm_up
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.judging.model import Case, Exercise, Lesson, Mistake, Option, Question
from eventlab.airports.stage import STAGE
from eventlab.views.notebook import show_with

__all__ = ["predict", "outcome", "lesson_says", "warm_up", "check", "hint", "answer", "progress",
           "Case", "Exercise", "Lesson", "Mistake", "Option", "Question", "Testbed"]  # fmt: skip

show_with(STAGE)  # in a notebook, messages and records that stand alone tell their times as the airports' clocks do
