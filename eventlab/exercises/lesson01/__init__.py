"""Lesson 01, request-driven: five exercises in calling another service so that its failure does not become yours."""

from __future__ import annotations

from eventlab.exercises.lesson01.contract import CONTRACT
from eventlab.exercises.lesson01.fallback import FALLBACK
from eventlab.exercises.lesson01.order import ORDER
from eventlab.exercises.lesson01.payment import PAYMENT
from eventlab.exercises.lesson01.questions import PREDICTIONS, WARM_UP
from eventlab.exercises.lesson01.waits import WAITS
from eventlab.exercises.model import Lesson

LESSON = Lesson("01", "Request-driven", (ORDER, FALLBACK, CONTRACT, PAYMENT, WAITS), PREDICTIONS, WARM_UP)
