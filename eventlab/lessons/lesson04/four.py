"""Four evenings, each with one mistake in how meals handles its messages; the lesson finds them by their symptoms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, Anomaly, Append, Place
from eventlab.lessons.lesson04.evening import Evening, given, stops, torn
from eventlab.lessons.lesson04.felt import ledger_chart
from eventlab.service import Service
from eventlab.trace import Trace
from eventlab.views.drawing.picture import Picture


async def _add(meals: Service, event: Event) -> Event:
    await meals.sleep(60)
    flight = event.data["flight"]
    meals.state[flight] = meals.state.get(flight, 0) + event.data["people"]
    return given(event)


async def _hand_out(meals: Service, event: Event) -> None:
    meals.publish(await _add(meals, event))


def _start(meals: Service, event: Event) -> None:
    meals.start(_hand_out(meals, event))


def evening_of(meals: str) -> Picture:
    """The evening of one of four teams, A to D, as curves."""
    if meals == "A":
        return ledger_chart(Evening(_start, *stops()).run())
    if meals == "B":
        return ledger_chart(Evening(_add, *torn("acknowledge")).run())
    if meals == "C":
        return ledger_chart(Evening(_add, key="airport", poison=True, max_deliver=1_000_000).run())
    return ledger_chart(Evening(_add, *torn("publish"), inbox=1000).run())


def stopped_in(trace: Trace) -> str:
    """The first flight whose message meals had acknowledged and not done when it stopped; "" without one."""
    done = {record.key for record in trace.of("changed") if record.where == "meals"}
    return next((flight for flight in _handled(trace, "meals") if flight not in done), "")


def history_of(evening: Evening) -> tuple[list[Append], list[Place]]:
    """What `eventlab.histories.anomalies` asks for: what meals acknowledged, and what stands on the kitchen's list.

    A message that was acknowledged is an append that somebody was promised; its dinner is where it must stand.
    """
    times, log = Counter[str](), []
    for position, flight in enumerate(_handled(evening.trace, "kitchen"), 1):
        times[flight] += 1
        log.append(Place(position, flight, times[flight], flight))
    last = {place.id: place for place in log}
    told = [
        Append(
            flight, (flight,), begun=0, outcome=ACKNOWLEDGED, version=times[flight],
            position=last[flight].position if flight in last else 0,
        )
        for flight in dict.fromkeys(_handled(evening.trace, "meals"))
    ]  # fmt: skip
    return told, log


def by_kind(found: Iterable[Anomaly]) -> dict[str, int] | str:
    """How many there are of each kind; "none" without any."""
    return dict(Counter(each.kind for each in found)) or "none"


def _handled(trace: Trace, service: str) -> list[str]:
    """The flights of the messages that a service acknowledged, in order."""
    done = [record.message for record in trace.of("handled") if record.where == service and record.message]
    return [message.data["flight"] for message in done]
