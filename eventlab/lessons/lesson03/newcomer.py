"""hotels, a service that joins the airport while it is running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eventlab.airports.scenario import Run, Scenario, run, start
from eventlab.event import Event
from eventlab.measures import queues
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.state import State
from eventlab.views import flow_graph
from eventlab.views.drawing.picture import Picture

Hear = Callable[[Event, State], object]
WANTED = "flight.cancelled"


def flights_to(dest: str, scenario: Scenario) -> Scenario:
    """The same day with the flights to one airport only, so that messages can be followed one by one."""
    return scenario.with_(flights=[said.subject for said in scenario.commands if said.data.get("dest") == dest])


@dataclass(frozen=True)
class Day:
    """A day on which hotels joined."""

    run: Run
    hotels: Service

    @property
    def delays(self) -> list[float]:
        """How many seconds each cancellation that hotels heard of was under way."""
        return queues.lags(self.run.trace, ["hotels"], WANTED)

    def beds(self) -> dict[str, int]:
        """What hotels, if its handler notes beds as the lesson's does, has heard and booked."""
        booked = [people for key, people in self.hotels.state.items() if key.startswith("beds")]
        return {"cancellations heard": len(booked), "beds booked": sum(booked)}


def joined(scenario: Scenario, hear: Hear, wanted: str = WANTED, *, since: str = "12:00", **settings: Any) -> Day:
    """The publish/subscribe airport; from `since` on hotels is there, and subscribes to `wanted` with the settings."""
    day = start(scenario, "publish/subscribe")
    day.sim.run(until=scenario.at(since))
    hotels = _subscribed(day, hear, wanted, settings)
    return Day(day.finish(), hotels)


def airport(scenario: Scenario, since: str) -> Picture:
    """Who talked to whom, if hotels began to listen at `since`, or "never"."""
    if since == "never":
        return flow_graph(run(scenario, "publish/subscribe").trace, title="Without hotels")
    day = joined(scenario, note, since=since, durable="hotels")
    return flow_graph(day.run.trace, title=f"With hotels since {since}, which heard of {len(day.delays)} cancellations")


def note(event: Event, state: State) -> None:
    """Beds are wanted for the people of a flight."""
    state[event.subject] = "beds wanted"


def stopped(
    scenario: Scenario, hear: Hear, wanted: str = WANTED, *, at: str = "11:00", minutes: float, **settings: Any
) -> Day:
    """A day with hotels from its beginning on; it stops at `at`, and comes back some minutes later."""
    day = start(scenario, "publish/subscribe")
    hotels = _subscribed(day, hear, wanted, settings)
    begin = scenario.at(at)
    day.sim.call_at(begin, hotels.crash)
    day.sim.call_at(begin + round(minutes * 60 * SECOND), hotels.restart)
    return Day(day.finish(), hotels)


def _subscribed(day: Run, hear: Hear, wanted: str, settings: dict[str, Any]) -> Service:
    hotels = Service("hotels", day.cast.network, day.cast.bus)
    hotels.on(wanted, lambda event: hear(event, hotels.state), **settings)
    return hotels
