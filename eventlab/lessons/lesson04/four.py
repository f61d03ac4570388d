"""Four evenings, each with one mistake in how meals handles its messages; the lesson finds them by their symptoms."""

from __future__ import annotations

from eventlab.event import Event
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
    """A flight whose message meals had in its hands when it stopped for the first time."""
    crash = next((record for record in trace.of("crashed")), None)
    before = [r for r in trace.of("received") if r.where == "meals" and (crash is None or r.index < crash.index)]
    return before[-1].message.subject if before and before[-1].message else ""
