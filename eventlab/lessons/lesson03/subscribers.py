"""Who notices what, when listeners come, stop or are slow: rows for tables, from runs of one scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.airports.assumptions import PAST
from eventlab.airports.scenario import Run, Scenario
from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.errors import unknown
from eventlab.event import Event
from eventlab.measures import queues
from eventlab.measures.requests import calls
from eventlab.measures.traffic import percentile
from eventlab.sim import SECOND
from eventlab.subscription import matches
from eventlab.trace import Record

KEYS = ("flight", "airport")
PACE = ("the airline waits, ms", "all is done after, ms", "operations occupied, s", "of it at work")

# Somebody new listens -------------------------------------------------------------------------------------------------


def sent(run: Run, name: str) -> list[tuple[int, Any]]:
    """Every message that `name` sent, with its instant."""
    return [(record.at, record.message) for record in run.trace.of("sent") if record.where == name]


def traffic(before: Run, after: Run, names: Iterable[str]) -> list[dict[str, object]]:
    """How many messages each sent in two runs, and whether they were the same at the same instants."""
    rows: list[dict[str, object]] = []
    for name in names:
        one, other = sent(before, name), sent(after, name)
        same = "yes" if one == other else "no"
        rows.append({"sent by": name, "before": len(one), "after": len(other), "the same, to the nanosecond": same})
    return rows


def brought(log: Sequence[Event], patterns: Iterable[str]) -> list[dict[str, object]]:
    """What a subscription to each pattern brings, of the events of a log."""
    rows: list[dict[str, object]] = []
    for pattern in patterns:
        types = [event.type for event in log if matches(pattern, event.type)]
        rows.append({"pattern": pattern, "events": len(types), "topics": ", ".join(sorted(set(types)))})
    return rows


# The day's news without the airport -----------------------------------------------------------------------------------


def announce(scenario: Scenario, bus: Bus, pattern: str = ">", *, key: str = "flight") -> Client:
    """Publish every event that fits the pattern at its time of the day; returns the publisher, `operations`.

    Events with the same `key` keep their order: those of one "flight", or of all flights from one "airport".
    """
    if key not in KEYS:
        raise unknown("key", key, KEYS, where="announce")
    operations = Client("operations", bus.network, bus)
    for command in scenario.commands:
        if matches(pattern, PAST[command.type]):
            _, airport, _ = command.subject.split("-")  # UA1545-EWR-0101
            subject = airport if key == "airport" else command.subject
            bus.sim.call_at(command.time, operations.publish, Event(PAST[command.type], command.data, subject))
    return operations


# Who waits ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pace:
    """Of one type of news, the middle (median) values in seconds; and how operations spends its time.

    `wait` is how long the airline waits for its answer, `done` how long it takes until every service has finished.
    Messages `occupied` operations for so many seconds; `working` is the share of it in which it waits for no other.
    """

    wait: float
    done: float
    occupied: float
    working: float


def pace(run: Run, type: str = "flight.cancel") -> Pace:
    """How fast news of this type gets through."""
    occupied = sum(queues.held(run.trace, "operations"))
    waited = sum(call.waited for call in calls(run.trace) if call.caller == "operations")
    wait, done = (read(run.trace, "airlines", type) for read in (queues.answered, queues.finished))
    return Pace(percentile(wait, 0.5), percentile(done, 0.5), occupied, (occupied - waited) / occupied)


def paces(*runs: Run) -> list[dict[str, str]]:
    """A row for each run; its numbers stand under `PACE`."""
    rows = []
    for run in runs:
        found = pace(run)
        numbers = (
            f"{1000 * found.wait:,.0f}",
            f"{1000 * found.done:,.0f}",
            f"{found.occupied:,.1f}",
            f"{found.working:.0%}",
        )
        rows.append({"architecture": run.architecture, **dict(zip(PACE, numbers, strict=True))})
    return rows


# Somebody stops -------------------------------------------------------------------------------------------------------


def day_of(run: Run, name: str) -> list[tuple[int, str, Any]]:
    """Every change of a service's state, with its instant."""
    return [(record.at, record.key, record.after) for record in run.trace.of("changed") if record.where == name]


def noticed(before: Run, after: Run) -> list[str]:
    """Who had another day in the second run."""
    return [name for name in after.cast.services if day_of(before, name) != day_of(after, name)]


def handled(run: Run, name: str, since: int, seconds: float) -> int:
    """How many messages a service handled in so many seconds."""
    own = (record.at for record in run.trace.of("handled") if record.where == name)
    return sum(since <= at < since + seconds * SECOND for at in own)


def effects(before: Run, stopped: Mapping[str, Run]) -> list[dict[str, str]]:
    """What the stop of each service did to each of the services: "as before", "later", or "lost"."""
    states = before.states
    return [
        {"stopped": each} | {name: _effect(before, run, name, states) for name in run.cast.services}
        for each, run in stopped.items()
    ]


def _effect(before: Run, run: Run, name: str, states: Mapping[str, Any]) -> str:
    if day_of(run, name) == day_of(before, name):
        return "as before"
    return "later" if run.states.get(name) == states.get(name) else "lost"


def undelivered(run: Run, name: str, instants: Iterable[int]) -> list[int]:
    """How many events the durable subscription `name` of the service `name` waits for, at each instant."""
    return queues.backlog(run.trace, [name], run.cast.bus.subscriptions[name].pattern, instants)


def airport(record: Record) -> str:
    """The airport from which the flight of a message leaves: a key for `queues.overtaken`."""
    return str(record.message.data["flight"]).split("-")[1] if record.message else ""
