"""Simulated time: what a handler may await, what a crash does, in which order things happen."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Generator
from typing import Any
from weakref import ReferenceType, ref

import pytest

from eventlab.errors import ForeignAwait, Invalid, OutsideSimulation, TornRun
from eventlab.sim import SECOND, Sim, Task, nanoseconds
from eventlab.times import Instant
from tests.support.laboratory import result, seconds

# What a handler may await ---------------------------------------------------------------------------------


def test_a_handler_sleeps_in_simulated_time() -> None:
    sim = Sim(start=5 * SECOND)

    async def handler() -> int:
        await sim.sleep(90)
        await sim.sleep(0.5)
        return sim.now

    assert result(sim, handler()) == seconds(95.5)
    assert sim.now == seconds(95.5)


class Foreign:
    """An awaitable that knows nothing of simulated time."""

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield "a word for another loop")


async def _future() -> None:
    loop = asyncio.new_event_loop()
    try:
        await loop.create_future()
    finally:
        loop.close()


@pytest.mark.parametrize("foreign", [lambda: asyncio.sleep(0), _future, Foreign], ids=["sleep(0)", "Future", "object"])
def test_awaiting_something_foreign_raises_inside_the_handler_which_may_go_on(foreign: Any) -> None:
    sim = Sim()
    caught: list[ForeignAwait] = []

    async def handler() -> str:
        for _ in range(2):
            try:
                await foreign()
            except ForeignAwait as error:
                caught.append(error)
            await sim.sleep(1)
        return "went on"

    task = sim.start(handler(), name="gates")
    sim.run()
    assert task.result == "went on" and sim.now == 2 * SECOND
    assert len(caught) == 2
    assert "'gates'" in str(caught[0]) and "sim.sleep" in str(caught[0])


def test_a_foreign_await_that_nobody_catches_comes_out_of_run() -> None:
    sim = Sim()

    async def handler() -> None:
        await asyncio.sleep(0)

    sim.start(handler(), name="gates")
    with pytest.raises(ForeignAwait, match="'gates'"):
        sim.run()


def test_in_a_notebook_asyncio_sleep_ends_the_handler_as_it_does_in_a_script() -> None:
    sim = Sim()

    async def handler() -> None:
        await asyncio.sleep(1)

    async def cell() -> Any:  # a notebook's loop is running while a cell runs the simulation
        return result(sim, handler())

    with pytest.raises(ForeignAwait, match="'handler'"):
        asyncio.run(cell())


def test_outside_a_notebook_asyncio_sleep_ends_the_handler_with_the_same_error() -> None:
    sim = Sim()

    async def handler() -> None:
        await asyncio.sleep(1)  # asyncio itself refuses: no loop is running

    sim.start(handler(), name="gates")
    with pytest.raises(ForeignAwait, match="'gates'"):
        sim.run()


@pytest.mark.parametrize("thing", ["sleep", "signal"])
def test_in_a_cell_an_await_says_what_to_do_instead(thing: str) -> None:
    sim = Sim()
    work = sim.sleep(1) if thing == "sleep" else sim.signal().wait()
    with pytest.raises(OutsideSimulation, match=r"sim\.start\(.*sim\.run\(\)"):
        asyncio.run(work)


def test_a_handler_cannot_wait_in_another_simulation() -> None:
    sim, other = Sim(), Sim()
    with pytest.raises(OutsideSimulation):
        result(sim, other.sleep(1))


@pytest.mark.parametrize("thing", ["sleep", "signal"])
def test_a_forgotten_await_warns(thing: str) -> None:
    sim = Sim()

    async def handler() -> None:
        sim.sleep(1) if thing == "sleep" else sim.signal().wait()
        gc.collect()

    sim.start(handler())
    with pytest.warns(RuntimeWarning, match="never awaited"):
        sim.run()


# Durations and instants -----------------------------------------------------------------------------------


@pytest.mark.parametrize("duration", [-1, -1e-12, math.nan, math.inf, 1e9, 10**30])
def test_an_impossible_duration_is_refused_inside_the_handler(duration: float) -> None:
    sim = Sim()

    async def handler() -> None:
        with pytest.raises(Invalid, match="duration"):
            await sim.sleep(duration)
        with pytest.raises(Invalid, match="duration"):
            await sim.signal().wait(timeout=duration)

    result(sim, handler())
    assert sim.now == 0


@pytest.mark.parametrize("instant", [9 * SECOND, -1, 1e10, math.nan, math.inf])
def test_an_impossible_instant_is_refused(instant: Any) -> None:
    sim = Sim(start=10 * SECOND)
    with pytest.raises(Invalid, match="instant"):
        sim.call_at(instant, print)
    sim.run()
    assert sim.now == 10 * SECOND


@pytest.mark.parametrize(
    "until", [Instant(9 * SECOND), Instant(-1), 2e10, -1, math.nan, True, b"15:00", "25:61", "noon"]
)
def test_running_until_an_impossible_instant_is_refused(until: Any) -> None:
    sim = Sim(start=10 * SECOND)
    with pytest.raises(Invalid, match=r"instant|point in time"):
        sim.run(until=until)
    assert sim.now == 10 * SECOND


def test_seconds_become_whole_nanoseconds() -> None:
    assert nanoseconds(0.1) == 100_000_000
    assert nanoseconds(1.5e-9) == 2
    assert nanoseconds(3) == 3 * SECOND
    assert type(nanoseconds(999_999_999)) is int


def test_a_withdrawn_timer_neither_happens_nor_moves_the_time() -> None:
    sim = Sim()
    happened: list[str] = []
    sim.call_at(1, happened.append, "kept")
    timer = sim.call_at(100, happened.append, "withdrawn")
    sim.cancel(timer)
    sim.cancel(timer)
    sim.run()
    assert (happened, sim.now) == (["kept"], 1)


def test_withdrawing_what_has_happened_is_harmless() -> None:
    sim = Sim()
    happened: list[int] = []
    timer = sim.call_at(1, happened.append, 1)
    sim.run()
    sim.cancel(timer)
    sim.run()
    assert happened == [1]


def test_withdrawing_nearly_everything_leaves_the_rest_in_order() -> None:
    sim = Sim()
    happened: list[int] = []
    alarms = []

    def plan(number: int) -> None:  # of those that are planned for one instant, every tenth stays
        alarms.append(sim.call_at(10_000 + number % 7, happened.append, number))

    def withdraw(number: int) -> None:
        sim.cancel(alarms[number])

    for number in range(3_000):
        sim.call_at(number, plan, number)
        if number % 10:
            sim.call_at(number + 50, withdraw, number)
    sim.run()
    assert happened == sorted(range(0, 3_000, 10), key=lambda number: number % 7)


def test_what_was_withdrawn_is_let_go_before_its_time() -> None:
    class Payload: ...

    sim = Sim()
    payloads: list[ReferenceType[Payload]] = []

    def plan(number: int) -> None:
        payload = Payload()
        payloads.append(ref(payload))
        sim.cancel(sim.call_at(sim.now + 1_000_000, id, payload))

    for number in range(10_000):
        sim.call_at(number, plan, number)
    sim.run(until=Instant(10_000))
    assert sum(payload() is not None for payload in payloads) < 500


# Stepping and running -------------------------------------------------------------------------------------


def test_a_step_lasts_until_something_visible_happens_and_returns_it() -> None:
    sim = Sim()

    def visible(where: str) -> None:
        sim.trace.add(sim.now, "handled", where)
        sim.trace.add(sim.now, "sent", where)

    async def handler() -> None:
        for _ in range(10):
            await sim.sleep(1)  # invisible
        visible("gates")
        await sim.sleep(1)

    sim.start(handler())
    sim.call_at(20 * SECOND, visible, "boards")
    first, second, third = sim.step(), sim.step(), sim.step()
    assert [(r.kind, r.where) for r in first] == [("handled", "gates"), ("sent", "gates")]
    assert first[0].at == 10 * SECOND
    assert [(r.index, r.where) for r in second] == [(2, "boards"), (3, "boards")]
    assert third == [] and sim.step() == []


def test_stepping_and_running_write_the_same_trace() -> None:
    def build() -> Sim:
        sim = Sim(4)

        async def handler(name: str) -> None:
            for _ in range(20):
                await sim.sleep(sim.random(name).random())
                sim.trace.add(sim.now, "handled", name)

        for name in ("a", "b", "c"):
            sim.start(handler(name))
        return sim

    stepped, ran = build(), build()
    while stepped.step():
        pass
    ran.run()
    assert stepped.trace.digest() == ran.trace.digest() and len(ran.trace) == 60


def test_running_until_an_instant_includes_it_and_can_be_continued() -> None:
    sim = Sim()
    happened: list[int] = []
    for instant in (1, 5, 6):
        sim.call_at(instant, happened.append, instant)
    sim.run(until=Instant(5))
    assert (happened, sim.now) == ([1, 5], 5)
    sim.run(until=Instant(5))
    sim.run(until=Instant(50))
    assert (happened, sim.now) == ([1, 5, 6], 50)


def test_a_run_ends_though_handlers_still_wait_for_a_signal() -> None:
    sim = Sim()
    never = sim.signal()

    async def waits() -> None:
        await never.wait()

    tasks = [sim.start(waits()) for _ in range(3)]
    sim.run()
    assert sim.now == 0 and not any(task.done for task in tasks)
    for task in tasks:
        task.stop()


# Order ----------------------------------------------------------------------------------------------------


class Incomparable:
    """Whoever compares two of these has made a mistake."""

    def _compare(self, other: object) -> bool:
        raise AssertionError("payloads must not be compared")

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = _compare
    __hash__ = None

    def __call__(self, happened: list[int], number: int, payload: Incomparable) -> None:
        happened.append(number)


def test_a_hundred_thousand_ties_keep_the_order_of_planning_and_compare_no_payload() -> None:
    sim = Sim()
    happened: list[int] = []
    payload = Incomparable()
    for number in range(100_000):
        sim.call_at(7, payload, happened, number, payload)
    sim.run()
    assert happened == list(range(100_000))


def test_what_is_planned_for_now_happens_after_what_was_planned_for_now_before() -> None:
    sim = Sim()
    happened: list[str] = []

    def first() -> None:
        happened.append("first")
        sim.call_at(sim.now, happened.append, "third")

    sim.call_at(1, first)
    sim.call_at(1, happened.append, "second")
    sim.run()
    assert happened == ["first", "second", "third"]


def test_sleeping_for_no_time_gives_the_others_a_turn() -> None:
    sim = Sim()
    happened: list[str] = []

    async def handler(name: str) -> None:
        for turn in range(2):
            happened.append(f"{name}{turn}")
            await sim.sleep(0)

    for name in "ab":
        sim.start(handler(name))
    sim.run()
    assert happened == ["a0", "b0", "a1", "b1"]


# Ends and errors ------------------------------------------------------------------------------------------


def test_an_error_of_a_task_comes_out_of_run_and_the_others_can_go_on() -> None:
    sim = Sim()

    async def fails() -> None:
        await sim.sleep(1)
        raise ValueError("no such flight")

    async def works() -> str:
        await sim.sleep(2)
        return "done"

    failed, worked = sim.start(fails()), sim.start(works())
    with pytest.raises(ValueError, match="no such flight"):
        sim.run()
    assert sim.now == SECOND and failed.done and isinstance(failed.error, ValueError)
    assert sim.task is None and sim.cause is None
    sim.run()
    assert worked.result == "done"


def test_an_error_of_a_task_comes_out_of_step() -> None:
    sim = Sim()

    async def fails() -> None:
        raise ValueError("no such flight")

    sim.start(fails())
    with pytest.raises(ValueError, match="no such flight"):
        sim.step()


def test_whoever_gave_a_callback_gets_results_and_errors() -> None:
    sim = Sim()
    ended: list[Task] = []

    async def work(number: int) -> int:
        await sim.sleep(1)
        return 10 // number

    for number in (5, 0):
        sim.start(work(number), then=ended.append)
    sim.run()
    assert [task.result for task in ended] == [2, None]
    assert isinstance(ended[1].error, ZeroDivisionError)


def test_after_an_interrupt_in_the_middle_of_a_handler_a_simulation_says_that_it_cannot_go_on() -> None:
    sim = Sim()

    async def interrupted() -> None:
        raise KeyboardInterrupt

    async def handler() -> str:
        await sim.sleep(1)
        return "done"

    sim.start(interrupted())
    other = sim.start(handler())
    with pytest.raises(KeyboardInterrupt):
        sim.run()
    assert sim.task is None
    with pytest.raises(TornRun, match="begin it anew"):
        sim.run()
    other.stop()


# A crash --------------------------------------------------------------------------------------------------


def test_a_crash_closes_the_coroutine_and_no_except_in_it_runs() -> None:
    sim = Sim()
    ran: list[str] = []

    async def handler() -> None:
        try:
            await sim.sleep(10)
            ran.append("the rest")
        except Exception:
            ran.append("except")
        finally:
            ran.append("finally")

    task = sim.start(handler(), then=lambda task: ran.append("then"))
    sim.call_at(SECOND, task.stop)
    sim.run()
    assert ran == ["finally"]
    assert task.done and sim.now == SECOND  # its sleep was withdrawn


def test_a_finally_that_awaits_does_no_harm() -> None:
    sim = Sim()
    ran: list[str] = []

    async def handler() -> None:
        try:
            await sim.sleep(10)
        finally:
            await sim.sleep(1)
            ran.append("after a crash nobody sleeps")

    task = sim.start(handler())
    sim.call_at(SECOND, task.stop)
    sim.run()
    assert task.done and ran == []


def test_a_finally_that_fails_does_not_stop_the_crash_halfway() -> None:
    sim = Sim()

    async def handler() -> None:
        try:
            await sim.sleep(10)
        finally:
            raise KeyError("no such gate")

    task = sim.start(handler())
    sim.call_at(SECOND, task.stop)
    sim.run()
    assert task.done


@pytest.mark.parametrize("ending", ["returns", "fails", "sleeps", "sleeps in finally", "fails in finally"])
def test_a_task_may_stop_itself(ending: str) -> None:
    sim = Sim()
    ran: list[str] = []

    async def handler() -> None:
        try:
            task.stop()
            if ending == "fails":
                raise ValueError("whatever the dying say")
            if ending != "returns":
                await sim.sleep(1)
                ran.append("went on")
        except GeneratorExit:
            ran.append("closed")
            raise
        finally:
            if ending == "sleeps in finally":
                await sim.sleep(1)
            if ending == "fails in finally":
                raise KeyError("no such gate")

    task = sim.start(handler(), then=lambda task: ran.append("then"))
    sim.run()
    assert ran == ([] if ending in ("returns", "fails") else ["closed"])
    assert task.done and sim.now == 0


def test_a_task_stopped_before_its_first_turn_never_runs_and_nobody_is_warned() -> None:
    sim = Sim()
    ran: list[str] = []

    async def handler() -> None:
        ran.append("ran")

    task = sim.start(handler())
    task.stop()
    task.stop()
    sim.run()
    del task
    gc.collect()
    assert ran == []


# Signals --------------------------------------------------------------------------------------------------


def test_a_signal_wakes_everybody_in_the_order_in_which_they_came() -> None:
    sim = Sim()
    signal = sim.signal()
    woken: list[tuple[str, str, int]] = []

    async def waits(name: str, after: float) -> None:
        await sim.sleep(after)
        woken.append((name, await signal.wait(), sim.now))

    for name, after in (("late", 3.0), ("second", 2.0), ("first", 1.0), ("too late to wait", 9.0)):
        sim.start(waits(name, after))
    sim.call_at(5 * SECOND, signal.set, "open")
    sim.run()
    assert woken == [
        ("first", "open", 5 * SECOND),
        ("second", "open", 5 * SECOND),
        ("late", "open", 5 * SECOND),
        ("too late to wait", "open", 9 * SECOND),
    ]


def test_a_signal_with_an_error_raises_it_where_somebody_waits() -> None:
    sim = Sim()
    signal = sim.signal()

    async def waits() -> str:
        with pytest.raises(ValueError, match="closed"):
            await signal.wait()
        with pytest.raises(ValueError, match="closed"):
            await signal.wait()  # and again for whoever comes later
        return "went on"

    task = sim.start(waits())
    sim.call_at(1, signal.set, None, ValueError("closed"))
    sim.run()
    assert task.result == "went on"


def test_a_signal_happens_once() -> None:
    sim = Sim()
    signal = sim.signal()
    task = sim.start(signal.wait())
    sim.call_at(1, signal.set, "first")
    sim.call_at(1, signal.set, "second")
    sim.call_at(2, signal.set, None, ValueError("third"))
    sim.run()
    assert task.result == "first" and signal.value == "first" and signal.error is None


def test_waiting_no_longer_than_the_timeout() -> None:
    sim = Sim()
    signal = sim.signal()

    async def waits() -> tuple[int, str]:
        with pytest.raises(TimeoutError, match=r"2\.5 simulated seconds"):
            await signal.wait(timeout=2.5)
        expired = sim.now
        return expired, await signal.wait(timeout=100)

    task = sim.start(waits())
    sim.call_at(10 * SECOND, signal.set, "at last")
    sim.run()
    assert task.result == (seconds(2.5), "at last")
    assert sim.now == 10 * SECOND  # the second alarm was withdrawn
    assert signal.waiting == []


def test_a_signal_that_is_set_needs_no_time_even_with_a_timeout_of_zero() -> None:
    sim = Sim()
    signal = sim.signal()
    signal.set("there")
    assert result(sim, signal.wait(timeout=0)) == "there"


@pytest.mark.parametrize("first", ["value", "timeout"])
def test_of_a_value_and_a_timeout_at_the_same_instant_the_one_planned_first_counts(first: str) -> None:
    sim = Sim()
    signal = sim.signal()

    async def waits() -> str:
        try:
            return str(await signal.wait(timeout=3))
        except TimeoutError:
            return "timeout"

    if first == "value":
        sim.call_at(3 * SECOND, signal.set, "value")
        task = sim.start(waits())
    else:
        task = sim.start(waits())
        sim.call_at(0, lambda: sim.call_at(3 * SECOND, signal.set, "value"))
    sim.run()
    assert task.result == first
    assert signal.value == "value" and sim.now == 3 * SECOND


def test_a_waiter_that_was_stopped_is_forgotten() -> None:
    sim = Sim()
    signal = sim.signal()
    woken: list[str] = []

    async def waits(name: str, timeout: float | None) -> None:
        woken.append(f"{name} {await signal.wait(timeout)}")

    gone = [sim.start(waits("gone", timeout)) for timeout in (None, 20.0)]
    sim.start(waits("there", None))
    for task in gone:
        sim.call_at(1, task.stop)
    sim.run(until=Instant(1))
    assert len(signal.waiting) == 1
    signal.set("open")
    sim.run()
    assert woken == ["there open"] and sim.now == 1


def test_a_waiter_stopped_between_the_signal_and_its_turn_stays_stopped() -> None:
    sim = Sim()
    signal = sim.signal()
    woken: list[Any] = []

    async def waits() -> None:
        woken.append(await signal.wait())

    task = sim.start(waits())
    sim.call_at(1, signal.set, "open")
    sim.call_at(1, lambda: task.stop())
    sim.call_at(0, lambda: None)
    sim.run()
    assert woken == [] and task.done


# Draws ----------------------------------------------------------------------------------------------------


def test_every_name_has_its_own_draws_and_the_seed_decides_them() -> None:
    def numbers(seed: int, name: str) -> list[float]:
        draws = Sim(seed).random(name)
        return [draws.random() for _ in range(5)]

    assert numbers(1, "gates") == numbers(1, "gates")
    assert len({tuple(numbers(seed, name)) for seed in (1, 2) for name in ("gates", "boards")}) == 4
    assert numbers(0, "the same on every machine")[0] == 0.381188228946458


def test_the_draws_of_a_name_do_not_depend_on_the_other_names() -> None:
    alone, busy = Sim(3), Sim(3)
    expected = [alone.random("gates").random() for _ in range(50)]
    found = []
    for number in range(50):
        busy.random(f"service {number}").exponential(1000)
        busy.random("boards").random()
        found.append(busy.random("gates").random())
    assert found == expected


def test_whole_numbers_are_drawn_evenly_below_the_count() -> None:
    draws = Sim(5).random("gates")
    counts = [0] * 7
    for _ in range(70_000):
        counts[draws.below(7)] += 1
    chi_squared = sum((count - 10_000) ** 2 / 10_000 for count in counts)
    assert chi_squared < 22.5  # six degrees of freedom: 0.1 % of honest samples are worse


def test_chance_never_happens_at_zero_and_always_at_one() -> None:
    draws = Sim(5).random("gates")
    assert not any(draws.chance(0.0) for _ in range(1000))
    assert all(draws.chance(1.0) for _ in range(1000))
    assert sum(draws.chance(0.3) for _ in range(10_000)) == pytest.approx(3000, abs=150)


def test_exponential_draws_have_the_exponential_distribution() -> None:
    draws, mean, count = Sim(7).random("latency"), SECOND, 50_000
    sample = sorted(draws.exponential(mean) for _ in range(count))
    assert sum(sample) / count == pytest.approx(mean, rel=4 / math.sqrt(count))
    # Kolmogorov and Smirnov: the largest gap between the sample's distribution and the true one.
    gap = 0.0
    for rank, value in enumerate(sample):
        true = 1 - math.exp(-value / mean)
        gap = max(gap, (rank + 1) / count - true, true - rank / count)
    assert gap * math.sqrt(count) < 1.95  # 0.1 % of honest samples are worse


def test_exponential_draws_of_a_mean_of_nothing_are_nothing() -> None:
    assert [Sim(1).random("x").exponential(0) for _ in range(5)] == [0] * 5
