"""The kernel on the wall's clock: what is planned happens in its order and time, and nothing outside is hurried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

pytest.importorskip("nats", reason="the engines are not installed")

from eventlab.engines.clock import FASTEST, Clock
from eventlab.errors import Invalid
from eventlab.times import SECOND

DAY = 86_400


async def until(done: Callable[[], bool], patience: float = 5.0) -> None:
    end = time.monotonic() + patience
    while not done():
        assert time.monotonic() < end, "it never happened"
        await asyncio.sleep(0.001)


def test_what_is_planned_happens_in_the_order_of_time_and_then_of_planning() -> None:
    async def story() -> list[str]:
        clock, seen = Clock(start=0, speed=1000), list[str]()
        clock.call_at(2 * SECOND, seen.append, "third")
        clock.call_at(1 * SECOND, seen.append, "first")
        clock.call_at(1 * SECOND, seen.append, "second")
        clock.go()
        await until(lambda: clock.is_over)
        return seen

    assert asyncio.run(story()) == ["first", "second", "third"]


def test_a_handler_of_the_laboratory_sleeps_as_long_as_it_says() -> None:
    async def story() -> tuple[int, float]:
        clock = Clock(start=0)

        async def handler() -> int:
            await clock.sleep(0.05)
            return clock.now

        task = clock.start(handler())
        begin = time.monotonic()
        clock.go()
        await until(lambda: task.done)
        return task.result, time.monotonic() - begin

    now, passed = asyncio.run(story())
    assert now >= 0.05 * SECOND
    assert passed >= 0.05


def test_a_day_of_waiting_passes_in_a_moment() -> None:
    async def story() -> tuple[int, float]:
        clock, seen = Clock(start=0, speed=FASTEST), list[int]()
        clock.call_at(DAY * SECOND, lambda: seen.append(clock.now))
        begin = time.monotonic()
        clock.go()
        await until(lambda: bool(seen))
        return seen[0], time.monotonic() - begin

    at, passed = asyncio.run(story())
    assert DAY * SECOND <= at < (DAY + 5) * SECOND  # being late is not multiplied
    assert 0.08 <= passed < 5


def test_while_something_is_on_its_way_a_second_is_a_second() -> None:
    async def story() -> tuple[bool, int]:
        clock, expired = Clock(start=0, speed=FASTEST), list[int]()
        clock.call_at(20 * SECOND, expired.append, 1)  # a time-out
        clock.leave()
        clock.go()
        await asyncio.sleep(0.05)
        early, waited = bool(expired), clock.present
        clock.come()
        await until(lambda: bool(expired))
        return early, waited

    early, waited = asyncio.run(story())
    assert not early
    assert 0.05 * SECOND <= waited < 20 * SECOND


def test_what_comes_from_outside_happens_now_and_is_never_before_what_has_happened() -> None:
    async def story() -> list[int]:
        clock, seen = Clock(start=0, speed=FASTEST), list[int]()
        clock.call_at(3600 * SECOND, lambda: seen.append(clock.now))
        clock.go()
        for _ in range(20):
            clock.happen(lambda: seen.append(clock.now))
            await asyncio.sleep(0.0005)
        await until(lambda: clock.is_over)
        return seen

    seen = asyncio.run(story())
    assert len(seen) == 21
    assert seen == sorted(seen)


def test_the_walls_clock_is_known_for_every_instant_of_a_hurried_run() -> None:
    async def story() -> tuple[float, float, float]:
        clock = Clock(start=0, speed=3600)
        clock.call_at(360 * SECOND, lambda: None)
        begin = time.monotonic()
        clock.go()
        await until(lambda: clock.is_over)
        passed = time.monotonic() - begin
        return clock.wall(0), clock.wall(180 * SECOND), passed

    first, half, passed = asyncio.run(story())
    assert first == 0
    assert 0.04 < half < passed
    assert half < 0.75 * passed


def test_an_error_of_a_turn_waits_for_whoever_asks() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    async def story() -> BaseException | None:
        clock = Clock(start=0)
        clock.call_at(0, broken)
        clock.go()
        await until(lambda: clock.failure is not None)
        return clock.failure

    assert isinstance(asyncio.run(story()), ZeroDivisionError)


@pytest.mark.parametrize("speed", [0, 0.5, -1, True, "fast", FASTEST * 2, float("nan")])
def test_a_speed_that_cannot_be_meant_is_refused(speed: object) -> None:
    with pytest.raises(Invalid, match="speed"):
        Clock(speed=speed)  # type: ignore[arg-type]


def test_nobody_lets_time_pass_by_hand() -> None:
    clock = Clock(start=0)
    for call in (clock.run, clock.step):
        with pytest.raises(Invalid, match="passes by itself"):
            call()
