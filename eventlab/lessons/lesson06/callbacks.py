"""What asking back costs: one producer, many consumers, and news at random instants, measured from the trace.

`under_load` takes the consumers' handler, so that a lesson can write it out and change it:

    async def heard(screen, event):
        news = await screen.request("gates", Command("gate.describe", event.data))
        screen.state[event.subject] = news["gate"]

    under_load(heard, consumers=20).p99

Messages and bytes are those of the work: what people say and the receipts for events are not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import Command, Event
from eventlab.lab import Lab
from eventlab.measures.traffic import percentile, size, traffic
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

Heard = Callable[[Service, Event], Any]
WORK = Delay(0.010)  # what the producer needs for one question, so it can answer 100 a second


@dataclass(frozen=True)
class Measured:
    """What a run cost: per event, and at the producer."""

    trace: Trace
    consumers: int
    producer: str = "gates"

    @cached_property
    def events(self) -> int:
        """How many events were published."""
        return sum(1 for _ in self.trace.of("published"))

    @property
    def messages(self) -> float:
        """Messages for each event."""
        return traffic(self.trace)[0] / self.events

    @property
    def bytes(self) -> float:
        """Bytes for each event: all its messages as JSON, added."""
        return traffic(self.trace)[1] / self.events

    @cached_property
    def waits(self) -> list[float]:
        """Milliseconds from each event's publishing until each consumer had done its work on it."""
        begun = {record.message.id: record.at for record in self.trace.of("published") if record.message}
        return [
            (record.at - begun[record.message.id]) / 1e6
            for record in self.trace.of("handled")
            if isinstance(record.message, Event)
        ]

    @property
    def p50(self) -> float:
        """Half of the work on events was done within this many milliseconds."""
        return percentile(self.waits, 0.50)

    @property
    def p99(self) -> float:
        """99 of 100 within this many."""
        return percentile(self.waits, 0.99)

    @property
    def queue(self) -> int:
        """The most questions that were at the producer at one moment, waiting or at work."""
        return max((number for _, number in self.queued), default=0)

    def queue_at(self, seconds: Sequence[float]) -> list[int]:
        """How many questions were at the producer at each of these instants (simulated seconds)."""
        return [
            next((number for at, number in reversed(self.queued) if at <= second * SECOND), 0) for second in seconds
        ]

    def queue_chart(self, title: str) -> Picture:
        """The questions at the producer against time, through the seconds of news and some more."""
        seconds = [quarter / 4 for quarter in range(81)]
        return chart(
            title, x=seconds, x_title="seconds", y_title="questions", text=f"At most {self.queue:,} at one moment.",
            series={"questions waiting at gates": self.queue_at(seconds)},
        )  # fmt: skip

    @property
    def wrong(self) -> float:
        """The share (in percent) of the consumers' rows that, in the end, differ from what the producer has."""
        states = self.trace.states()
        rows = [(states[name].get(flight), facts["gate"]) for flight, facts in states[self.producer].items()
                for name in states if name != self.producer]  # fmt: skip
        return float(100 * sum(row != gate for row, gate in rows) / len(rows)) if rows else 100.0  # nobody has any

    @cached_property
    def queued(self) -> list[tuple[int, int]]:
        """How many questions were at the producer, whenever that changed."""
        steps: dict[int, int] = defaultdict(int)
        for record in self.trace:
            if record.where == self.producer and isinstance(record.message, Command):
                steps[record.at] += {"received": 1, "handled": -1, "failed": -1, "refused": -1}.get(record.kind, 0)
        there, course = 0, []
        for at, step in sorted(steps.items()):
            there += step
            course.append((at, there))
        return course


COUNTS = ("smallest event", "largest event", "questions", "pairs that wait", "messages", "bytes")
COSTS = ("messages per event", "bytes per event", "p50 ms", "p99 ms", "longest queue", "wrong rows in the end")


def sizes(trace: Trace) -> list[int]:
    """The bytes of each event that was published, as JSON."""
    return [size(record.message) for record in trace.of("published") if record.message]


def compared(traces: Mapping[str, Trace]) -> list[dict[str, str]]:
    """Rows for a table: the events' bytes, how often services asked each other, and what travelled in these runs."""
    rows = []
    for name, trace in traces.items():
        asked = [r for r in trace.of("sent") if r.purpose == "request" and r.where not in trace.stage.people]
        events = sizes(trace) or [0]
        pairs = len({(record.where, record.other) for record in asked})
        counts = (min(events), max(events), len(asked), pairs, *traffic(trace))
        rows.append({"events": name} | {what: f"{count:,}" for what, count in zip(COUNTS, counts, strict=True)})
    return rows


def costs(measured: Mapping[Any, Measured], who: str) -> list[dict[str, str]]:
    """Rows for a table: what each of these runs cost, under the names that they have in the column `who`."""
    return [
        {who: str(name)}
        | {"messages per event": f"{run.messages:.0f}", "bytes per event": f"{run.bytes:,.0f}"}
        | {"p50 ms": f"{run.p50:,.0f}", "p99 ms": f"{run.p99:,.0f}", "longest queue": f"{run.queue:,}"}
        | {"wrong rows in the end": f"{run.wrong:.0f} %"}
        for name, run in measured.items()
    ]


def outcomes(facts: Mapping[str, Any], thin: Mapping[str, Heard], full: Mapping[str, Heard]) -> list[dict[str, str]]:
    """Rows for a table: what the event of `tell_once` says, and what becomes of it at each consumer, thin or full."""
    columns = {
        "thin events": _outcome(tell_once(facts, thin), thin),
        "full events": _outcome(tell_once(facts, full, full=True), full),
    }
    return [{"who": who} | {title: column[who] for title, column in columns.items()} for who in columns["thin events"]]


def _outcome(trace: Trace, consumers: Mapping[str, Heard]) -> dict[str, str]:
    event = next(trace.of("published")).message
    fails = {record.where: f"fails: {record.note}" for record in trace.of("failed")}
    said = f"says: {', '.join(event.data) if event else 'nothing'}"
    return {"the event": said} | {name: fails.get(name, "works") for name in consumers}


def event_of(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the thin event says, if these are the facts."""
    event = next(tell_once(facts, {}).of("published")).message
    return event.data if event else {}


def tell_once(facts: Mapping[str, Any], consumers: Mapping[str, Heard], *, full: bool = False) -> Trace:
    """One gate changes, and `facts` is what the producer knows about it: the consumers by name, with their handlers.

    The event names the flight, or with `full` all the facts. Nobody tries twice.
    """
    lab = Lab(6)
    gates = lab.service("gates")
    gates.answers("gate.describe", lambda asked: facts)
    for name, heard in consumers.items():
        consumer = lab.service(name)
        consumer.on("gate.changed", partial(heard, consumer), durable=name, max_deliver=1)
    gates.publish(Event("gate.changed", facts if full else {"flight": facts["flight"]}, facts["flight"]))
    return lab.run()


def under_load(
    heard: Heard,
    *,
    consumers: int = 5,
    per_second: float = 4.0,
    seconds: float = 15.0,
    full: bool = False,
    flights: int = 40,
    seed: int = 6,
) -> Measured:
    """Let the gates of `flights` change, `per_second` of them by chance; `heard(consumer, event)` works on each event.

    An event names the flight and nothing else, or with `full` the gate too. The consumers, `screen 1` and so on, have
    workers enough; the producer has one.
    """
    if consumers < 1 or not per_second > 0:
        raise Invalid("load", where="under_load", expected="a consumer and an event", found=(consumers, per_second))
    lab = Lab(seed)
    gates = lab.service("gates", work=WORK)
    gates.answers("gate.describe", lambda asked: gates.state[asked.data["flight"]])
    for number in range(1, consumers + 1):
        screen = lab.service(f"screen {number}", workers=1000)
        screen.on("gate.changed", partial(heard, screen), durable=screen.name)
    sim, draws = lab.sim, lab.sim.random("news")

    async def change() -> None:
        number = 0
        while sim.now < seconds * SECOND:
            await sim.sleep(draws.exponential(round(SECOND / per_second)) / SECOND)
            number += 1
            flight = f"F{draws.below(flights) + 1}"
            gates.state[flight] = {"flight": flight, "gate": f"B {number}"}
            gates.publish(Event("gate.changed", gates.state[flight] if full else {"flight": flight}, flight))

    sim.start(change(), "news")
    return Measured(lab.run(), consumers)
