"""The lesson as a whole."""

from __future__ import annotations

from eventlab.exercises.lesson03.airport import ORDER, REPAIR
from eventlab.exercises.lesson03.hospital import WIRE
from eventlab.exercises.lesson03.questions import PREDICTIONS, WARM_UP
from eventlab.exercises.lesson03.shop import DECIDE
from eventlab.exercises.lesson03.telling import TELL
from eventlab.exercises.model import Lesson

LESSON = Lesson(
    "03",
    "Publish/subscribe",
    exercises=(ORDER, REPAIR, TELL, WIRE, DECIDE),
    predictions=PREDICTIONS,
    warm_up=WARM_UP,
)
