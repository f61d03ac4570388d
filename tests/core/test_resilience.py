"""Trying again, breakers and bulkheads, each to the exact instant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from eventlab.errors import Invalid, NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, inject
from eventlab.resilience import Breaker, Bulkhead, retry
from eventlab.sim import SECOND, Sim
from eventlab.times import Instant
from tests.support.laboratory import lab, result, seconds


class Callee:
    """Fails the first times it is called, and notes when that was. A call takes a second."""

    def __init__(self, sim: Sim, failures: int, error: Exception | None = None) -> None:
        self.sim, self.failures = sim, failures
        self.error = error or NoReply("operations", "flight.describe", 1)
        self.called: list[float] = []

    async def __call__(self) -> str:
        self.called.append(self.sim.now / SECOND)
        number = len(self.called)
        await self.sim.sleep(1)
        if number <= self.failures:
            raise self.error
        return f"answer {number}"


# Retry ----------------------------------------------------------------------------------------------------


def test_pauses_double_from_try_to_try() -> None:
    sim = Sim()
    callee = Callee(sim, failures=4)
    assert result(sim, retry(sim, callee, tries=5, first=0.5)) == "answer 5"
    assert callee.called == [0, 1.5, 3.5, 6.5, 11.5]  # each call takes a second; pauses of 0.5, 1, 2, 4


def test_pauses_grow_by_the_factor_given() -> None:
    sim = Sim()
    callee = Callee(sim, failures=2)
    result(sim, retry(sim, callee, first=2.0, factor=10.0))
    assert callee.called == [0, 3, 24]


@pytest.mark.parametrize("error", [NoReply("operations", "x", 1), Unavailable("not running")])
def test_the_last_error_comes_out_when_all_tries_fail_and_no_time_is_lost_after_it(error: Exception) -> None:
    sim = Sim()
    callee = Callee(sim, failures=9, error=error)
    with pytest.raises(type(error)) as caught:
        result(sim, retry(sim, callee, tries=3))
    assert caught.value is error
    assert callee.called == [0, 1.5, 3.5] and sim.now == seconds(4.5)


def test_a_mistake_is_not_tried_again() -> None:
    sim = Sim()
    callee = Callee(sim, failures=9, error=KeyError("no such flight"))
    with pytest.raises(KeyError):
        result(sim, retry(sim, callee))
    assert len(callee.called) == 1


def test_a_definite_no_is_never_tried_again() -> None:
    sim = Sim()
    callee = Callee(sim, failures=9, error=Refused("card declined"))
    with pytest.raises(Refused, match="card declined"):
        result(sim, retry(sim, callee, tries=4))
    assert callee.called == [0]


def test_a_service_can_be_given_instead_of_the_simulation() -> None:
    home = lab()
    callee = Callee(home.sim, failures=2)
    mail = home.service("mail")
    assert result(home.sim, retry(mail, callee, jitter=mail.random("pauses"))) == "answer 3"
    assert Breaker(mail, "operations").state == "closed"


def test_with_one_try_there_is_no_pause() -> None:
    sim = Sim()
    with pytest.raises(NoReply):
        result(sim, retry(sim, Callee(sim, failures=1), tries=1))
    assert sim.now == SECOND


def test_full_jitter_draws_each_pause_between_nothing_and_its_bound() -> None:
    sim = Sim(2)
    pauses: list[list[float]] = [[], [], []]
    for number in range(400):
        callee = Callee(Sim(), failures=3)
        result(callee.sim, retry(callee.sim, callee, tries=4, first=0.5, jitter=sim.random(f"caller {number}")))
        for position in range(3):
            pauses[position].append(callee.called[position + 1] - callee.called[position] - 1)
    for bound, drawn in zip((0.5, 1.0, 2.0), pauses, strict=True):
        assert 0 <= min(drawn) < 0.02 * bound and 0.98 * bound < max(drawn) <= bound
        assert sum(drawn) / 400 == pytest.approx(bound / 2, rel=0.12)


@pytest.mark.parametrize("wrong", [{"tries": 0}, {"first": -1.0}, {"first": float("nan")}, {"factor": 0.0}])
def test_a_retry_that_cannot_be_meant_is_refused_before_the_first_call(wrong: dict[str, Any]) -> None:
    sim = Sim()
    callee = Callee(sim, failures=9)
    with pytest.raises(Invalid):
        result(sim, retry(sim, callee, **wrong))
    assert callee.called == []


# Breaker --------------------------------------------------------------------------------------------------


async def outcome(call: Callable[[], Awaitable[Any]]) -> str:
    try:
        return str(await call())
    except (NoReply, Refused, Unavailable, KeyError) as error:
        return type(error).__name__


def test_a_breaker_opens_after_so_many_failures_in_a_row_and_lets_one_call_try_after_its_pause() -> None:
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=3, pause=10.0)
    callee = Callee(sim, failures=4)
    seen: list[tuple[float, str, str]] = []

    async def caller() -> None:
        for _ in range(30):
            before = breaker.state
            seen.append((sim.now / SECOND, before, await outcome(lambda: breaker.call(callee))))
            await sim.sleep(1 if seen[-1][2] != "Unavailable" else 2)

    result(sim, caller())
    assert seen[:9] == [
        (0, "closed", "NoReply"), (2, "closed", "NoReply"), (4, "closed", "NoReply"),
        (6, "open", "Unavailable"), (8, "open", "Unavailable"), (10, "open", "Unavailable"),
        (12, "open", "Unavailable"), (14, "open", "Unavailable"),
        (16, "half open", "NoReply"),  # open from 5 to 15; the try at 16 fails at 17
    ]  # fmt: skip
    after = [line for line in seen[9:] if line[1] != "open"]
    assert after[0] == (28, "half open", "answer 5")
    assert {line[1] for line in after[1:]} == {"closed"}
    assert callee.called[:6] == [0, 2, 4, 16, 28, 30]  # while it is open nobody calls


def test_a_success_starts_the_count_anew() -> None:
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=2)
    states: list[str] = []

    async def caller() -> None:
        for fails in (True, False, True, False, True, True):
            await outcome(lambda fails=fails: breaker.call(Callee(sim, failures=int(fails))))
            states.append(breaker.state)

    result(sim, caller())
    assert states == ["closed"] * 5 + ["open"]


def test_an_open_breaker_ends_calls_at_once_and_says_who() -> None:
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=1)
    result(sim, outcome(lambda: breaker.call(Callee(sim, failures=1))))
    before = sim.now
    with pytest.raises(Unavailable, match="the circuit breaker of operations is open"):
        result(sim, breaker.call(Callee(sim, failures=0)))
    assert sim.now == before


def test_a_half_open_breaker_lets_exactly_one_call_try() -> None:
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=1, pause=10.0)
    callee = Callee(sim, failures=1)
    result(sim, outcome(lambda: breaker.call(callee)))  # open from second 1 to second 11
    outcomes: list[str] = []

    async def caller(after: float) -> None:
        await sim.sleep(after)
        outcomes.append(await outcome(lambda: breaker.call(callee)))

    for after in (10.5, 10.6, 10.7, 11.8):
        sim.start(caller(after))
    sim.run()
    assert outcomes == ["Unavailable", "Unavailable", "answer 2", "answer 3"]


def test_a_call_from_before_does_not_open_the_door_to_a_second_try() -> None:
    """A slow call, begun while the breaker was closed, ends while another one tries: still only that one tries."""
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=1, pause=5.0)
    called: list[str] = []
    outcomes: list[str] = []

    async def call(name: str, takes: float, fails: bool) -> str:
        called.append(name)
        await sim.sleep(takes)
        if fails:
            raise NoReply("operations", "x", takes)
        return name

    async def caller(name: str, begins: float, takes: float, fails: bool = False) -> None:
        await sim.sleep(begins)
        outcomes.append(await outcome(lambda: breaker.call(lambda: call(name, takes, fails))))

    sim.start(caller("slow", 0, 8, fails=True))
    sim.start(caller("opens it", 0, 1, fails=True))
    sim.start(caller("tries", 7, 10))
    sim.start(caller("comes too early", 14, 1))
    sim.run()
    assert called == ["slow", "opens it", "tries"]
    assert outcomes == ["NoReply", "NoReply", "Unavailable", "tries"]


def test_a_mistake_counts_neither_as_failure_nor_as_success() -> None:
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=1)
    result(sim, outcome(lambda: breaker.call(Callee(sim, failures=1, error=KeyError("x")))))
    assert breaker.state == "closed" and breaker.failures == 0


def test_customers_whose_card_is_declined_do_not_open_the_breaker_for_the_others() -> None:
    sim = Sim()
    breaker = Breaker(sim, "payment", limit=3)
    for _ in range(5):
        declined = Callee(sim, failures=1, error=Refused("card declined"))
        assert result(sim, outcome(lambda declined=declined: breaker.call(declined))) == "Refused"
    assert breaker.state == "closed" and breaker.failures == 0


def test_a_definite_no_shows_that_the_callee_works_and_closes_a_half_open_breaker() -> None:
    sim = Sim()
    breaker = Breaker(sim, "payment", limit=1, pause=10.0)
    result(sim, outcome(lambda: breaker.call(Callee(sim, failures=1))))
    sim.run(until=seconds(12))
    assert breaker.state == "half open"
    result(sim, outcome(lambda: breaker.call(Callee(sim, failures=1, error=Refused("card declined")))))
    assert breaker.state == "closed"


def test_a_try_that_is_cut_short_by_a_crash_leaves_the_door_open_for_the_next() -> None:
    sim = Sim()
    breaker = Breaker(sim, "operations", limit=1, pause=10.0)
    result(sim, outcome(lambda: breaker.call(Callee(sim, failures=1))))
    sim.run(until=seconds(12))
    crashed = sim.start(breaker.call(Callee(sim, failures=0)))
    sim.run(until=seconds(12.5))
    crashed.stop()
    assert result(sim, breaker.call(Callee(sim, failures=0))) == "answer 1"


# Bulkhead -------------------------------------------------------------------------------------------------


def test_a_bulkhead_refuses_what_is_too_much_and_nothing_else() -> None:
    sim = Sim()
    bulkhead = Bulkhead("operations", limit=2)
    callee = Callee(sim, failures=1)  # a failing call gives its place back too
    outcomes: list[tuple[float, str]] = []

    async def caller(after: float) -> None:
        await sim.sleep(after)
        what = await outcome(lambda: bulkhead.call(callee))
        outcomes.append((sim.now / SECOND, what))

    for after in (0, 0.25, 0.5, 1.125, 1.5):
        sim.start(caller(after))
    sim.run()
    assert outcomes == [
        (0.5, "Unavailable"),
        (1.0, "NoReply"),
        (1.25, "answer 2"),
        (2.125, "answer 3"),
        (2.5, "answer 4"),
    ]
    assert bulkhead.running == 0


def test_a_bulkhead_says_why_and_survives_a_crash_of_its_callers() -> None:
    sim = Sim()
    bulkhead = Bulkhead("operations", limit=1)
    first = sim.start(bulkhead.call(Callee(sim, failures=0)))
    sim.run(until=seconds(0.5))
    with pytest.raises(Unavailable, match="the bulkhead of operations is full: 1 calls are running"):
        result(sim, bulkhead.call(Callee(sim, failures=0)))
    sim.run()
    assert first.result == "answer 1"
    second = sim.start(bulkhead.call(Callee(sim, failures=0)))
    sim.run(until=Instant(sim.now))
    second.stop()
    assert bulkhead.running == 0


@pytest.mark.parametrize("wrong", [lambda sim: Breaker(sim, "x", limit=0), lambda sim: Breaker(sim, "x", pause=-1.0),
                                   lambda sim: Bulkhead("x", limit=0)])  # fmt: skip
def test_limits_that_cannot_be_meant_are_refused(wrong: Callable[[Sim], Any]) -> None:
    with pytest.raises(Invalid):
        wrong(Sim())


# All of it together ---------------------------------------------------------------------------------------


def test_with_retries_a_short_outage_is_only_a_delay() -> None:
    home = lab()
    gates, operations = home.service("gates"), home.service("operations")
    operations.answers("flight.describe", lambda command: {"status": "on time"})
    inject([Crash("operations", 0, seconds(3))], home.network)
    home.sim.run(until=seconds(1))

    async def ask() -> Any:
        return await gates.request("operations", Command("flight.describe"), timeout=1)

    assert result(home.sim, retry(home.sim, ask, tries=5, first=0.5)) == {"status": "on time"}
    assert home.sim.now == seconds(1 + 0.02 + 0.5 + 0.02 + 1.0 + 0.02 + 2.0 + 0.02)
