"""Event sourcing: whatever crashes, all states are computed again from the store, and nobody is told twice."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eventlab.airports import event_sourcing, flights
from eventlab.airports.cast import Cast
from eventlab.airports.scenario import Run, Scenario, run
from eventlab.bus import Bus
from eventlab.faults import Crash, Fault, Flaky, Partition
from eventlab.network import Network
from eventlab.sim import SECOND, Sim
from eventlab.times import Instant

SOURCING = "event sourcing"
SERVICES = ("operations", "gates", "boards", "notices", "rebooking", "baggage")
BEHIND = ("gates", "boards", "notices", "rebooking", "baggage", "bus")  # who does not delay what airlines say
ALL = ("operations", "store", *BEHIND)
DAY = Scenario(flights=[flight.key for flight in flights.flights("2013-02-08") if flight.dest in ("ORD", "BOS")][::3])
BEGIN, END = DAY.at("04:00"), DAY.at("20:00")
apart = pytest.mark.parametrize("apart", [False, True], ids=["own streams at hand", "a server apart"])


@cache
def undisturbed(apart: bool) -> Run:
    return run(DAY, SOURCING, apart=apart)


def tellings(finished: Run) -> set[tuple[str, str, str]]:
    """What was done in the world outside; the other side knows the id, and does nothing when it is asked again."""
    acts = [(r.key, r.message) for r in finished.trace.of("acted")]
    return {(key, message.data["told"], message.id) for key, message in acts if message}


def links(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """All links between these and the store."""
    return tuple(combinations(dict.fromkeys((*names, "store")), 2))


def states(finished: Run) -> dict[str, Any]:
    """Every service's memory in the end; a destination lists its flights in the order of their plans."""
    return {name: finished.states.get(name, {}) for name in SERVICES}


instants = st.integers(BEGIN // SECOND, END // SECOND).map(lambda seconds: Instant(seconds * SECOND))
durations = st.integers(1, 3 * 3600).map(lambda seconds: seconds * SECOND)


@st.composite
def faults_of(draw: st.DrawFn, names: tuple[str, ...]) -> list[Fault]:
    """Crashes, cuts and bad links of these nodes, at any time, also at the same time."""
    faults: list[Fault] = []
    for _ in range(draw(st.integers(1, 5))):
        at, name = draw(instants), draw(st.sampled_from(names))
        until = at + draw(durations)
        kind = draw(st.sampled_from(["crash", "crash", "cut", "bad links"]))
        if kind == "crash":
            faults.append(Crash(name, at, until))
        elif kind == "cut":
            faults.append(Partition(name, at, until, tuple(other for other in (*names, "store") if other != name)))
        else:
            shares = {what: draw(st.sampled_from([0.0, 0.05, 0.2])) for what in ("loss", "duplication", "reordering")}
            faults.append(Flaky(at, until, **shares, pairs=links(names)))
    return faults


many = settings(
    max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@apart
@given(faults=faults_of(BEHIND))
@many
def test_whatever_crashes_all_states_end_as_if_nothing_had_happened_and_nobody_is_told_twice(
    apart: bool, faults: list[Fault]
) -> None:
    finished, usual = run(DAY.with_(faults=faults), SOURCING, apart=apart), undisturbed(apart)
    assert states(finished) == states(usual)
    assert tellings(finished) == tellings(usual)
    assert finished.metrics["told twice"] == 0


@apart
@given(faults=faults_of(ALL))
@many
def test_with_operations_or_the_store_down_what_airlines_say_comes_later_and_all_else_holds(
    apart: bool, faults: list[Fault]
) -> None:
    """Who got which gate and seat hangs on the order in which airlines were heard; the rest does not."""
    finished, usual = run(DAY.with_(faults=faults), SOURCING, apart=apart), undisturbed(apart)
    assert states(finished) == computed_anew(finished)
    assert finished.metrics["told twice"] == 0
    assert told(finished) == told(usual)
    assert finished.states["baggage"] == usual.states["baggage"]
    assert rows(finished) == rows(usual)


def computed_anew(finished: Run) -> dict[str, Any]:
    """The states of a cast that wakes up when all is over and finds nothing but the store."""
    sim = Sim(start=finished.sim.now)
    network = Network(sim)
    cast = Cast(network, Bus(network))
    event_sourcing.wire(cast, store=finished.cast.store)
    sim.run()
    assert not any(sim.trace.of("acted")), "a replay did something in the world outside"
    return {name: sim.trace.state(name) for name in SERVICES}


def told(finished: Run) -> set[tuple[str, str]]:
    return {(key, word) for key, word, _ in tellings(finished) if word in ("cancelled", "rebooked", "delayed")}


def rows(finished: Run) -> dict[str, Any]:
    return {key: {**row, "gate": ""} for key, row in finished.states["boards"].items()}
