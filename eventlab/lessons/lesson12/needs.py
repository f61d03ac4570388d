"""What to compare when choosing: the same hours with the same faults, and measures that stand for needs.

Each of the `NEEDS` says under which fault it is counted and how; `scoreboard` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from eventlab.airports import metrics
from eventlab.airports.scenario import CUT_OFF_FROM, Run, Scenario, start
from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable, unknown
from eventlab.event import Command, Event
from eventlab.faults import Crash, Partition
from eventlab.remote import RemoteStore
from eventlab.service import Service

SINCE, UNTIL = "15:00", "15:45"  # while something is wrong


def hours(fault: str) -> Scenario:
    """The flights of two hours of the storm with one of the `FAULTS`, the same for every architecture."""
    if fault not in FAULTS:
        raise unknown("fault", fault, FAULTS, where="hours")
    afternoon = Scenario().leaving("15:00", "17:00")
    begin, end = afternoon.at(SINCE), afternoon.at(UNTIL)
    faults = {
        "nothing": [],
        "cut off": [Partition(name, begin, end, CUT_OFF_FROM) for name in ("operations", "store")],  # one side of it
        "stopped": [Crash("operations", begin, end)],
        "boards stopped": [Crash("boards", begin, end)],
    }
    return afternoon.with_(faults=faults[fault])


FAULTS = {
    "nothing": "nothing goes wrong",
    "cut off": "operations (and its store, if it has one) cannot reach the bus and the other services, 15:00 to 15:45",
    "stopped": "operations is stopped, 15:00 to 15:45",
    "boards stopped": "the boards are stopped, 15:00 to 15:45",
}


# What is counted ------------------------------------------------------------------------------------------------------


def answered(run: Run) -> float:
    """Share of the questions asked while something was wrong that got an answer, in per cent."""
    asked, told, _ = _meanwhile(run)
    return 100 * told / asked


def wrong(run: Run) -> float:
    """Share of the answers given while something was wrong that were no longer true, in per cent."""
    _, told, false = _meanwhile(run)
    return 100 * false / told if told else 0.0


def _meanwhile(run: Run) -> tuple[int, int, int]:
    """Questions asked while something was wrong, how many were answered, and how many of the answers were not true."""
    begin, end = run.scenario.at(SINCE), run.scenario.at(UNTIL)
    asked: dict[str, int] = {}
    told = false = 0
    for record in run.trace:
        message = record.message
        if message is None or "passengers" not in (record.where, record.other):
            continue
        if record.kind == "sent" and record.where == "passengers" and begin <= record.at < end:
            asked[message.id] = record.at
        elif record.kind == "received" and record.purpose == "reply" and message.causationid in asked:
            told += 1
            true = [metrics.true_at(run.truth[message.subject], at) for at in (asked[message.causationid], record.at)]
            said = (message.data.get("status"), message.data.get("estimate"))
            false += said not in [moment[1:] for moment in true if moment]
    return len(asked), told, false


def done_when_confirmed(run: Run) -> float:
    """Share of the airlines' news that stood on the boards when operations said "heard", in per cent."""
    said = {command.id: command for command in run.scenario.commands}
    rows: dict[str, Mapping[str, object]] = {}
    confirmed = done = 0
    for record in run.trace:
        if record.kind == "changed" and record.where == "boards":
            rows[record.key] = record.after or {}
        elif record.kind == "received" and record.where == "airlines" and record.purpose == "reply" and record.message:
            command = said[record.message.causationid]
            moment = metrics.true_at(run.truth[command.subject], command.time)
            row = rows.get(command.subject, {})
            confirmed += 1
            done += moment is not None and (row.get("status"), row.get("estimate")) == moment[1:]
    return 100 * done / confirmed


AUDITED = "16:00"  # the instant about which an auditor asks when all is over


def past_told(run: Run) -> float:
    """Share of the flights of which operations can tell an auditor afterwards what was known at 16:00, in per cent.

    Everybody gets the same question. Who keeps states answers with what is true now, or not at all.
    """
    again = start(run.scenario, run.architecture).finish()  # the auditor's questions are not among what is measured
    instant = again.scenario.at(AUDITED)
    auditor = Client("auditor", again.cast.network)
    right: list[bool] = []

    async def ask() -> None:
        for flight, moments in again.truth.items():
            said: Mapping[str, object] = {}
            with suppress(NoReply, Refused, Unavailable):
                question = Command("flight.describe", {"flight": flight, "as_of": instant})
                said = await auditor.request("operations", question)
            known = metrics.true_at(moments, instant)
            right.append((said.get("status"), said.get("estimate")) == (known[1:] if known else (None, None)))

    again.sim.start(ask())
    again.sim.run()
    return 100 * sum(right) / len(right)


def kept_per_flight(run: Run) -> float:
    """Entries kept in the end, for each flight: states and copies, outboxes, the bus's log and the event store."""
    copies = sum(len(state) for name, state in run.states.items() if name != NEWCOMER)
    logs = sum(1 for _ in run.trace.of("appended", "published"))
    return (copies + logs) / len(run.truth)


NEWCOMER = "crews"


def with_a_newcomer(fault: str, architecture: str) -> Run:
    """A run to which one more service is added, which finds out about cancellations and where its crews wanted to go.

    It subscribes, and reads the flight's events in the event store, if there is one that all share: private events of
    operations. No other module changes, and it asks nobody.
    """
    run = start(hours(fault), architecture)
    crews = Service(NEWCOMER, run.cast.network, run.cast.bus)

    async def note(event: Event) -> None:
        said = [event]
        if run.cast.store is not None:
            said += [stored.event for stored in await RemoteStore(crews).read(f"flight-{event.subject}")]
        knows = any("dest" in each.data for each in said)
        crews.state[event.subject] = "knows where to" if knows else "would have to ask"

    crews.on("flight.cancelled", note, durable=NEWCOMER)
    return run.finish()


def heard_by_a_newcomer(run: Run) -> float:
    """Share of the cancellations of which the newcomer heard, in per cent."""
    return _of_the_newcomer(run, "knows where to", "would have to ask")


def understood_by_a_newcomer(run: Run) -> float:
    """Share of the cancellations of which the newcomer knew enough without asking anybody, in per cent."""
    return _of_the_newcomer(run, "knows where to")


def _of_the_newcomer(run: Run, *wanted: str) -> float:
    cancelled = sum(command.type == "flight.cancel" for command in run.scenario.commands)
    return 100 * sum(said in wanted for said in run.trace.state(NEWCOMER).values()) / cancelled


def per_change(measure: str, factor: float = 1.0) -> Callable[[Run], float]:
    """A measure of the run for each thing that an airline said."""
    return lambda run: factor * run.metrics[measure] / len(run.scenario.commands)


def whole(measure: str) -> Callable[[Run], float]:
    """A measure of the run as it is."""
    return lambda run: run.metrics[measure]


class Need(NamedTuple):
    """One row of the scoreboard: under which fault it is counted, how, and which way is better."""

    fault: str
    measured: Callable[[Run], float]
    higher: bool
    group: str
    words: str


NEEDS: dict[str, Need] = {
    "answered while cut off %": Need(
        "cut off", answered, True, "availability", "questions asked while operations is cut off that got an answer"
    ),
    "answered while stopped %": Need(
        "stopped", answered, True, "availability", "questions asked while operations is stopped that got an answer"
    ),
    "wrong while cut off %": Need(
        "cut off", wrong, False, "freshness", "answers given while operations is cut off that were no longer true"
    ),
    "done when confirmed %": Need(
        "nothing", done_when_confirmed, True, "freshness", "news that stood on the boards when the airline heard “done”"
    ),
    "p99 ms": Need("nothing", whole("p99 ms"), False, "speed", "99 of 100 answers came within this time"),
    "messages per change": Need(
        "nothing", per_change("messages"), False, "load", "messages on the network for each thing an airline said"
    ),
    "kB per change": Need("nothing", per_change("MB", 1000), False, "load", "the size of these messages as JSON"),
    "services that wait": Need(
        "nothing", whole("coupling"), False, "autonomy", "pairs of services of which one waits for the other"
    ),
    "told late": Need(
        "boards stopped", whole("told late"), False, "autonomy", "passengers told late because the boards are stopped"
    ),
    "heard by a newcomer %": Need(
        "nothing", heard_by_a_newcomer, True, "cost of change", "cancellations a new service hears of, no other changed"
    ),
    "understood by a newcomer %": Need(
        "nothing",
        understood_by_a_newcomer,
        True,
        "cost of change",
        "cancellations it understands without asking anybody",
    ),
    "past told %": Need(
        "nothing", past_told, True, "audit", "flights of which operations can say afterwards what was known at 16:00"
    ),
    "kept per flight": Need(
        "nothing", kept_per_flight, False, "storage", "entries for each flight in states, copies, outboxes and logs"
    ),
}
