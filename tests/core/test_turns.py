"""Interrupts wait for the end of a turn; a run cannot be begun inside itself; asyncio stays outside."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab import turns
from eventlab.bus import Bus
from eventlab.errors import ForeignAwait, TornRun
from eventlab.event import Event
from eventlab.network import Network
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.store import Store


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def day(presses: set[int], *, stepwise: bool = False) -> Sim:
    """Ten orders through an outbox and an inbox; Ctrl-C is pressed whenever the trace has so many records."""
    sim = Sim(seed=1)
    network = Network(sim)
    bus = Bus(network)
    shop, worker = Service("shop", network, bus), Service("worker", network, bus, workers=2)
    Outbox(worker, Store())
    Inbox(worker)
    left = set(presses)
    add = sim.trace.add

    def watched(*fields: Any, **more: Any) -> None:
        add(*fields, **more)
        if len(sim.trace) in left and not sim._turns.held:  # a second one in the same turn would not wait
            left.discard(len(sim.trace))
            press()

    sim.trace.add = watched  # type: ignore[method-assign]

    @worker.on("order.*", durable="worker")
    async def work(event: Event) -> Event:
        await worker.sleep(0.5)
        worker.state["n"] = worker.state.get("n", 0) + 1
        return Event("count.raised", {"n": event.data["n"]}, event.subject)

    for number in range(10):
        sim.call_at(sim.instant(number), shop.publish, Event("order.placed", {"n": number}, str(number)))
    for _ in range(len(presses) + 1):
        try:
            while stepwise and sim.step():
                pass
            sim.run()
        except KeyboardInterrupt:
            continue
    return sim


UNDISTURBED = day(set())


@given(presses=st.sets(st.integers(1, len(UNDISTURBED.trace)), max_size=5), stepwise=st.booleans())
@settings(max_examples=80, deadline=None)
def test_whenever_ctrl_c_is_pressed_going_on_gives_the_same_trace(presses: set[int], stepwise: bool) -> None:
    sim = day(presses, stepwise=stepwise)
    assert sim.is_over
    assert sim.trace.digest() == UNDISTURBED.trace.digest()


def test_an_interrupt_is_told_when_the_turn_is_over_and_the_old_handler_comes_back() -> None:
    sim, done, before = Sim(), [], signal.getsignal(signal.SIGINT)

    def turn() -> None:
        press()
        done.append("the whole turn")

    sim.call_at(0, turn)
    sim.call_at(0, done.append, "the next one")
    with pytest.raises(KeyboardInterrupt):
        sim.run()
    assert done == ["the whole turn"]
    assert signal.getsignal(signal.SIGINT) is before
    sim.run()
    assert done == ["the whole turn", "the next one"]


def test_a_second_interrupt_does_not_wait_and_the_torn_run_says_that_it_cannot_go_on() -> None:
    sim, done = Sim(), []

    def turn() -> None:
        press()
        press()
        done.append("never")

    sim.call_at(0, turn)
    with pytest.raises(KeyboardInterrupt):
        sim.run()
    assert done == []
    for verb in (sim.run, sim.step):
        with pytest.raises(TornRun, match="begin it anew"):
            verb()


def test_a_turn_without_end_is_interrupted_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    sim = Sim()

    def endless() -> None:
        press()
        while True:
            pass

    sim.call_at(0, endless)
    with pytest.raises(KeyboardInterrupt):
        sim.run()
    with pytest.raises(TornRun):
        sim.run()


def test_whatever_is_no_ordinary_error_tears_a_run_too() -> None:
    sim = Sim()

    def leave() -> None:
        raise SystemExit

    sim.call_at(0, leave)
    with pytest.raises(SystemExit):
        sim.run()
    with pytest.raises(TornRun):
        sim.step()


def test_an_ordinary_error_comes_out_and_the_run_goes_on() -> None:
    sim, done = Sim(), []
    sim.call_at(0, lambda: 1 / 0)
    sim.call_at(1, done.append, "later")
    with pytest.raises(ZeroDivisionError):
        sim.run()
    sim.run()
    assert done == ["later"]


@pytest.mark.parametrize("verb", ["run", "step"])
@pytest.mark.parametrize("awaits", [False, True])
def test_time_cannot_be_let_pass_inside_a_handler(verb: str, awaits: bool) -> None:
    sim = Sim()
    network = Network(sim)
    bus = Bus(network)
    worker, shop = Service("worker", network, bus), Service("shop", network, bus)
    calls: list[str] = []

    def handler(event: Event) -> None:
        calls.append(event.id)
        getattr(sim, verb)()

    async def waiting(event: Event) -> None:
        await worker.sleep(1)
        handler(event)

    worker.on("order.*", waiting if awaits else handler, durable="worker", max_deliver=1)
    for _ in range(3):
        shop.publish(Event("order.placed"))
    sim.run()
    assert len(calls) == 3
    assert all("inside a handler" in record.note for record in sim.trace.of("failed"))
    assert len(list(sim.trace.of("failed"))) == 3


def test_asyncio_is_as_foreign_in_a_notebook_as_in_a_script() -> None:
    def tried() -> list[str]:
        sim, ends = Sim(), []

        async def limited() -> None:
            async with asyncio.timeout(1):
                await sim.sleep(10)

        async def asleep() -> None:
            await asyncio.sleep(1)

        for work in (limited, asleep):
            sim.start(work(), then=lambda task: ends.append(type(task.error).__name__))
            sim.run()
        return ends

    async def cell() -> list[str]:
        found = tried()
        assert asyncio.get_running_loop() is not None  # it is there again
        return found

    assert tried() == asyncio.run(cell()) == [ForeignAwait.__name__] * 2


def test_in_another_thread_nothing_is_held_back_and_time_passes_as_well() -> None:
    done: list[int] = []

    def elsewhere() -> None:
        sim = Sim()
        sim.call_at(5, done.append, 1)
        sim.run()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert done == [1]
