"""A rush of questions: a short cause, and a storm that outlives it."""

from __future__ import annotations

from eventlab.lessons.lesson01.retry_storm import RetryStorm
from eventlab.measures.requests import share_answered, through_time


def answered(tries: int, slow_for: float, *, off: float = 0.0) -> list[float]:
    rush = RetryStorm(tries=tries)
    rush.slow("gates", 10, 30, 30 + slow_for)
    rush.restart("boards", 70, off)
    rush.run(110)
    return share_answered(rush.questions, seconds=10, until=100)


def test_without_a_cause_everybody_is_served() -> None:
    assert min(answered(4, 0)) > 95


def test_those_who_ask_once_are_served_soon_after_the_cause_has_gone() -> None:
    assert min(answered(1, 20)[7:]) > 95


def test_those_who_ask_again_keep_the_storm_alive_after_the_cause_has_gone() -> None:
    assert max(answered(4, 20)[6:]) < 5


def test_it_ends_when_the_queue_is_thrown_away_and_the_crowd_has_gone() -> None:
    assert max(answered(4, 20, off=0.2)[8:]) < 5, "the crowd is still there"
    assert min(answered(4, 20, off=5)[8:]) > 95


def test_the_load_on_the_boards_is_a_multiple_of_the_people_who_come() -> None:
    rush = RetryStorm(rate=8, tries=4)
    rush.slow("gates", 10, 30, 50)
    load = through_time(rush.run(100).calls, seconds=10, until=100)["boards"]
    assert max(load[:3]) < 12 < 24 < min(load[6:])
