"""Two clerks who have read the same version: the second decision is stored, refused by the store, or by the rule."""

from __future__ import annotations

import pytest

from eventlab import Decider
from eventlab.lessons.lesson09.clerks import WAYS, two_clerks
from eventlab.lessons.lesson09.ex2_evolve import evolve
from eventlab.lessons.lesson09.ex4_decide import decide

SAID = ["**Stored**", "expected version 1, actual version 2", "the flight is departed"]


@pytest.mark.parametrize(("way", "words", "events"), list(zip(WAYS, SAID, [3, 2, 2], strict=True)))
def test_what_becomes_of_the_second_decision_hangs_on_what_it_expects(way: str, words: str, events: int) -> None:
    picture, said = two_clerks(Decider({}, decide, evolve), way)
    assert words in str(said)
    assert f"{events} events in 1 stream" in str(picture)


def test_a_clerk_who_decides_nothing_stores_nothing() -> None:
    never = Decider({}, lambda command, state: None, evolve)
    assert "decides nothing" in str(two_clerks(never, next(iter(WAYS)))[1])
