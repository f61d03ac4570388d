"""Lesson 07, event-carried state transfer: what it asks, and how answers are judged."""

from eventlab.lessons.judging.model import Lesson
from eventlab.lessons.lesson07.ex1_stale import NEVER_OLDER, STALE_THOUGH_NOTHING_FAILED, TWO_SHAPES
from eventlab.lessons.lesson07.ex4_prices import PRICES
from eventlab.lessons.lesson07.ex5_copy_or_ask import COPY_OR_ASK, requirements
from eventlab.lessons.lesson07.questions import PREDICTIONS, WARM_UP

__all__ = ["LESSON", "requirements"]

LESSON = Lesson(
    "07",
    "Event-carried state transfer",
    exercises=(STALE_THOUGH_NOTHING_FAILED, NEVER_OLDER, TWO_SHAPES, PRICES, COPY_OR_ASK),
    predictions=PREDICTIONS,
    warm_up=WARM_UP,
)
