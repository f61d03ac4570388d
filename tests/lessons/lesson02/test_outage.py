"""The outage of lesson 02: what each policy does to it on any day, not only on the one that the lesson shows."""

from __future__ import annotations

from typing import Any

import pytest

from eventlab.client import Client
from eventlab.errors import Unavailable
from eventlab.event import Command, Event
from eventlab.lessons.lesson02.fates import fates
from eventlab.lessons.lesson02.felt import Felt, asked_in, load_chart, row
from eventlab.lessons.lesson02.halves import HalfDown, airport
from eventlab.lessons.lesson02.outage import Course, Outage
from eventlab.proxy import Policy
from eventlab.resilience import Breaker

SHORT = Course(60, 240, 300, 480)  # a day of eight minutes


def felt(policy: Policy, seed: int, course: Course = SHORT) -> Felt:
    return Felt(Outage(policy, seed=seed, course=course).run())


@pytest.mark.parametrize("seed", [2, 3])
def test_more_tries_keep_an_outage_alive_and_a_budget_does_not(seed: int) -> None:
    once, thrice = felt(Policy(timeout=4), seed), felt(Policy(timeout=4, tries=3, pause=1, jitter=True), seed)
    within = felt(Policy(timeout=4, tries=3, pause=1, jitter=True, share=0.1), seed)
    assert once.recovery is not None and within.recovery is not None and thrice.recovery is None
    assert thrice.after < 5 < 90 < min(once.after, within.after)
    assert thrice.gates < 60 < min(once.gates, within.gates), "who only wants a gate suffers too"
    assert thrice.load > 1.8 > within.load and thrice.twice > 0 == once.twice


def test_without_a_time_out_the_boards_never_come_back() -> None:
    assert felt(Policy(timeout=None), 2).after == 0 == felt(Policy(timeout=None), 2).minutes[-1][1]


def test_a_bulkhead_serves_more_than_a_breaker_while_operations_is_slow_and_nobody_while_it_is_away() -> None:
    breaker, bulkhead = felt(Policy(timeout=4, limit=5, open_for=20), 2), felt(Policy(timeout=4, room=3), 2)
    assert bulkhead.slow > breaker.slow > felt(Policy(timeout=4), 2).slow
    assert bulkhead.answered(SHORT.cut, SHORT.well - 15) < 10


def test_what_is_stopped_forgets_its_queue_and_the_storm_with_it() -> None:
    stopped = Course(60, 240, 300, 480, stops=True)
    storm = Policy(timeout=4, tries=3)
    assert felt(storm, 2).after < 5 and felt(storm, 2, stopped).after > 90


def test_a_queue_between_loses_nothing_and_too_many_in_hand_make_a_storm_of_its_own() -> None:
    course, found = Course(60, 240, 300, 840), {}
    for most in (2, 100):
        day = Outage(_leave, seed=2, course=course)
        day.operations.on("wish.left", _done, durable="operations", max_ack_pending=most)
        found[most] = fates(day.run())
    asked = fates(Outage(Policy(timeout=4), seed=2, course=course).run())
    assert found[2].never == 0 < asked.never and found[2].mistaken == 0 < asked.mistaken
    assert found[100].twice > 10 * max(1, found[2].twice)
    assert found[2].slowest > 60


def _leave(boards: Client, command: Command) -> list[Any]:
    return [{"status": "we have it"}, Event("wish.left", {}, command.subject)]


def _done(event: Event) -> None: ...


def test_one_breaker_turns_the_healthy_half_away_and_one_for_each_half_does_not() -> None:
    shares = {}
    for fine in (False, True):
        breakers: dict[str, Breaker] = {}

        def describe(boards: Client, command: Command, fine: bool = fine, breakers: Any = breakers) -> Any:
            name = airport(command) if fine else "operations"
            breaker = breakers.setdefault(name, Breaker(boards, name, limit=3, pause=20))
            return breaker.call(lambda: boards.request("operations", command, timeout=4))

        shares[fine] = HalfDown(describe).run().answered()
    assert shares[False]["Kennedy"] < 60 < 99 < shares[True]["Kennedy"]
    assert max(each["Newark"] for each in shares.values()) < 5


def test_a_mistake_of_the_learner_comes_out_with_its_line_and_a_failure_does_not() -> None:
    def divides(boards: Client, command: Command) -> Any:
        return 1 / 0

    def gives_up(boards: Client, command: Command) -> Any:
        raise Unavailable("not today")

    course = Course(10, 20, 30, 60)
    with pytest.raises(ZeroDivisionError):
        Outage(divides, course=course).run()
    day = Outage(gives_up, course=course).run()
    assert Felt(day).after == 0
    assert "records" in repr(day)


def test_the_day_is_shown_as_a_row_a_chart_and_a_story() -> None:
    policy = Policy(timeout=4, tries=2)
    day = Outage(policy, course=SHORT).run()
    shown = row("retries", Felt(day))
    assert shown["settings"] == "2" and shown["parts"] == "2" and shown["answered: before"].endswith("%")
    assert load_chart(day).text == load_chart(policy, course=SHORT).text
    assert "out of reach" in load_chart(day).text
    assert asked_in(day, minute=2).startswith("passenger ")
