"""The judge of an order: each step once, and none before what it needs. Lessons say in their own words what is wrong.

`reading` has read the answer by then: letters alone, as a text or a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import ExerciseText


def judge_order(order: ExerciseText, incomplete: str, wrong: str = "{why}") -> Callable[[Any, Case], None]:
    """A judge of this order.

    `incomplete` is said of letters that are missing, unknown or there twice: {steps} are asked for, {given} was found.
    `wrong` is said of a broken rule: the step {then} stands before {first}, and {why} it must not.
    """
    steps = order.steps

    def judge(answer: Iterable[str], case: Case) -> None:
        """Each step once, and none before what it needs; steps that do not depend on each other may change places."""
        letters = [letter for letter in answer if letter != " "]
        if sorted(letters) != sorted(steps):
            raise Mistake(incomplete.format(steps=", ".join(steps), given=" ".join(letters) or "nothing"))
        for first, then, why in order.rules:
            if letters.index(first) > letters.index(then):
                raise Mistake(
                    wrong.format(first=first, then=then, why=why, step_first=steps[first], step_then=steps[then])
                )

    return judge
