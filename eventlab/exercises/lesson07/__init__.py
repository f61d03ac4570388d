"""Lesson 07, event-carried state transfer: what it asks, and how answers are judged."""

from eventlab.exercises.lesson07.copying import NEVER_OLDER, STALE_THOUGH_NOTHING_FAILED, TWO_SHAPES
from eventlab.exercises.lesson07.deciding import COPY_OR_ASK, requirements
from eventlab.exercises.lesson07.questions import PREDICTIONS, WARM_UP
from eventlab.exercises.lesson07.shop import PRICES
from eventlab.exercises.model import Lesson

__all__ = ["LESSON", "requirements"]

LESSON = Lesson(
    "07",
    "Event-carried state transfer",
    exercises=(STALE_THOUGH_NOTHING_FAILED, NEVER_OLDER, TWO_SHAPES, PRICES, COPY_OR_ASK),
    predictions=PREDICTIONS,
    warm_up=WARM_UP,
)
