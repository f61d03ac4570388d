"""Lesson 01, request-driven: five exercises in calling another service so that its failure does not become yours."""

from __future__ import annotations

from eventlab.lessons.judging.model import Lesson
from eventlab.lessons.lesson01.ex1_order import ORDER
from eventlab.lessons.lesson01.ex2_fallback import FALLBACK
from eventlab.lessons.lesson01.ex3_contract import CONTRACT
from eventlab.lessons.lesson01.ex4_payment import PAYMENT
from eventlab.lessons.lesson01.ex5_waits import WAITS
from eventlab.lessons.lesson01.questions import PREDICTIONS, WARM_UP

LESSON = Lesson("01", "Request-driven", (ORDER, FALLBACK, CONTRACT, PAYMENT, WAITS), PREDICTIONS, WARM_UP)
