"""Laws: at any instant the effect of all faults is that of those going on, and a network keeps the order of sending.

`EVENTLAB_CASES=3000` tries so many cases of each instead of what a run of the suite has time for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.bus import Bus
from eventlab.event import Command, Event
from eventlab.faults import Crash, CrashBefore, Fault, Flaky, Partition, Slow, Workers, inject
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Sim

NAMES = ("a", "b", "c")
CASES = int(os.environ.get("EVENTLAB_CASES", "300"))
LAST = 30  # seconds: all begins and ends are at full ones, so that many meet
seconds = st.integers(1, LAST)
ends = st.one_of(st.none(), st.integers(1, LAST))


@dataclass
class Ongoing:
    """A model of what goes on, by the definition alone: a fault goes on from its begin until just before its end."""

    faults: list[Fault]

    def at(self, moment: int, kind: type, fits: Callable[[Any], bool]) -> list[Any]:
        def goes_on(fault: Any) -> bool:
            return fault.at <= moment and (fault.until is None or moment < fault.until)

        return [fault for fault in self.faults if isinstance(fault, kind) and goes_on(fault) and fits(fault)]

    def down(self, moment: int, name: str) -> bool:
        return bool(self.at(moment, Crash, lambda fault: fault.name == name))

    def slowness(self, moment: int, name: str) -> float:
        return max((fault.factor for fault in self.at(moment, Slow, lambda fault: fault.name == name)), default=1.0)

    def workers(self, moment: int, name: str) -> int:
        return 1 + sum(fault.more for fault in self.at(moment, Workers, lambda fault: fault.name == name))

    def cut(self, moment: int, one: str, other: str) -> bool:
        def parts(fault: Any) -> bool:
            return any(
                fault.name == here and (not fault.others or there in fault.others)
                for here, there in ((one, other), (other, one))
            )

        return bool(self.at(moment, Partition, parts))

    def loss(self, moment: int, one: str, other: str) -> float:
        def meets(fault: Any) -> bool:
            return not fault.pairs or (one, other) in fault.pairs or (other, one) in fault.pairs

        return max((fault.loss for fault in self.at(moment, Flaky, meets)), default=0.0)


@st.composite
def faults(draw: st.DrawFn) -> list[Fault]:
    found: list[Fault] = []
    for _ in range(draw(st.integers(1, 8))):
        at, until = draw(seconds), draw(ends)
        until = None if until is None else at + until
        name = draw(st.sampled_from(NAMES))
        others = draw(st.lists(st.sampled_from([other for other in NAMES if other != name]), unique=True, max_size=2))
        kind = draw(st.sampled_from([Crash, Slow, Workers, Partition, Flaky]))
        if kind is Crash:
            found.append(Crash(draw(st.sampled_from([*NAMES, "bus"])), at, until))
        elif kind is Slow:
            found.append(Slow(name, draw(st.sampled_from([0.5, 2.0, 3.0])), at, until))
        elif kind is Workers:
            found.append(Workers(name, draw(st.integers(1, 3)), at, until))
        elif kind is Partition:
            found.append(Partition(name, at, until, tuple(others)))
        else:
            pairs = tuple((name, other) for other in others)
            found.append(Flaky(at, until, loss=draw(st.sampled_from([0.25, 0.5])), pairs=pairs))
    return found


@given(faults=faults(), together=st.booleans(), joins=seconds)
@settings(max_examples=CASES, deadline=None)
def test_at_any_instant_the_effect_is_that_of_the_faults_going_on(
    faults: list[Fault], together: bool, joins: int
) -> None:
    sim = Sim()
    network = Network(sim)
    bus = Bus(network)
    services = {name: Service(name, network, bus) for name in NAMES}
    for one, other in combinations((*NAMES, "bus"), 2):
        network.send(one, other, Command("hello"), "tell")  # so that the links are there
        network.send(other, one, Command("hello"), "tell")
    for planned in [faults] if together else [[fault] for fault in faults]:
        inject(planned, network)
    model, names = Ongoing(faults), tuple[str, ...]((*NAMES, "bus"))
    for moment in range(1, 2 * LAST + 2):
        sim.run(until=moment)
        up: dict[str, bool] = {**{name: service.up for name, service in services.items()}, "bus": bus.up}
        assert up == {name: not model.down(moment, name) for name in up}, moment
        assert {name: service.slowness for name, service in services.items()} == {
            name: model.slowness(moment, name) for name in NAMES
        }, moment
        assert {name: service.workers for name, service in services.items()} == {
            name: model.workers(moment, name) for name in NAMES
        }, moment
        if moment == joins:  # somebody new, in the middle of whatever goes on
            Service("late", network, bus)
            names = (*names, "late")
        for one, other in combinations(names, 2):
            link = network._link(one, other)
            assert link.open is not model.cut(moment, one, other), (moment, one, other)
            assert link.share("loss") == model.loss(moment, one, other), (moment, one, other)


@given(pauses=st.lists(st.sampled_from([2.0, 5.0, 9.0]), min_size=1, max_size=4), crash=st.integers(1, 20))
@settings(max_examples=CASES // 5, deadline=None)
def test_each_crash_between_two_steps_happens_once_and_holds_as_long_as_its_pause(
    pauses: list[float], crash: int
) -> None:
    sim = Sim()
    network = Network(sim)
    bus = Bus(network)
    worker, shop = Service("worker", network, bus), Service("shop", network, bus)
    worker.on("order.*", lambda event: None, durable="worker")
    inject([CrashBefore("worker", "acknowledge", 1, pause=pause) for pause in pauses], network)
    inject([Crash("worker", 100 + crash, 130)], network)
    for number in range(40):
        sim.call_at(sim.instant(2 + 5 * number), shop.publish, Event("order.placed", {"n": number}))
    sim.run()
    stops = [r.at for r in sim.trace.of("crashed")]
    starts = [r.at for r in sim.trace.of("restarted")]
    assert len(stops) == len(starts) == len(pauses) + 1
    held = [round((start - stop) / SECOND, 6) for stop, start in zip(stops, starts, strict=True)]
    assert held == [*pauses, 30.0 - crash]
    assert worker.up


qualities = st.builds(
    LinkQuality,
    delay=st.builds(
        Delay, st.sampled_from([0.0, 0.01, 1.0]), st.sampled_from([0.0, 0.5, 5.0]),
        st.sampled_from(["uniform", "exponential"]),
    ),
    loss=st.sampled_from([0.0, 0.3]),
    duplication=st.sampled_from([0.0, 0.5, 1.0]),
    late=st.sampled_from([0.0, 1.0, 60.0]),
)  # fmt: skip


@given(
    quality=qualities,
    changes=st.lists(st.tuples(st.integers(0, 20), qualities), max_size=3),
    troubles=st.lists(st.tuples(st.integers(0, 10), st.floats(0, 1), st.floats(0, 1)), max_size=3),
    gaps=st.lists(st.sampled_from([0.0, 0.001, 0.3, 2.0]), min_size=2, max_size=40),
    seed=st.integers(0, 3),
)
@settings(max_examples=CASES, deadline=None)
def test_without_reordering_first_arrivals_are_in_the_order_of_sending(
    quality: LinkQuality,
    changes: list[tuple[int, LinkQuality]],
    troubles: list[tuple[int, float, float]],
    gaps: list[float],
    seed: int,
) -> None:
    sim = Sim(seed)
    network = Network(sim, quality)
    source, target = Service("source", network), Service("target", network)
    for at, other in changes:
        sim.call_at(sim.instant(at), network.set_quality, other)
    inject([Flaky(at, at + 5, loss=loss, duplication=double) for at, loss, double in troubles], network)
    at = 0.0
    for number, gap in enumerate(gaps):
        at += gap
        sim.call_at(sim.instant(at), source.tell, target.name, Command("count", {"n": number}))
    sim.run()
    first: dict[int, int] = {}
    for record in sim.trace.of("received"):
        if record.message is not None:
            first.setdefault(record.message.data["n"], len(first))
    assert list(first) == sorted(first)


def test_the_law_of_order_is_broken_by_reordering_and_so_can_be() -> None:
    sim = Sim(1)
    network = Network(sim, LinkQuality(reordering=0.5))
    source, target = Service("source", network), Service("target", network)
    for number in range(20):
        source.tell(target.name, Command("count", {"n": number}))
    sim.run()
    came = [record.message.data["n"] for record in sim.trace.of("received") if record.message]
    assert came != sorted(came)


@pytest.mark.parametrize("end_first", [True, False])
def test_a_fault_that_begins_as_another_ends_finds_the_effect_still_there(end_first: bool) -> None:
    sim = Sim()
    network = Network(sim)
    service = Service("a", network)
    pair: list[Fault] = [Crash("a", 1, 5), Crash("a", 5, 9)]
    inject(pair if end_first else pair[::-1], network)
    sim.run()
    assert [(r.kind, r.at // SECOND) for r in sim.trace] == [("crashed", 1), ("restarted", 9)]
    assert service.up
