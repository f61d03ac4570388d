"""Several desks of hotels share one subscription: the storm's cancellations, and nobody else but the kitchen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eventlab.airports.scenario import Scenario
from eventlab.bus import Bus
from eventlab.lessons.lesson03 import subscribers
from eventlab.measures import queues
from eventlab.network import Delay, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Sim
from eventlab.trace import Trace
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

CANCELLED = "flight.cancelled"
KITCHEN = "kitchen"
HALF_HOUR = 30 * 60 * SECOND

Open = Callable[[Bus, int], object]


def day_with(open_desks: Open, count: int, scenario: Scenario, *, key: str = "flight") -> Trace:
    """A day of cancellations with so many desks; events with one key keep their order."""
    sim = Sim(start=scenario.at("00:00"))
    bus = Bus(Network(sim))
    subscribers.announce(scenario, bus, CANCELLED, key=key)
    kitchen = Service(KITCHEN, bus.network, bus, work=Delay(1, 1))
    kitchen.on(CANCELLED, lambda event: None, durable=KITCHEN)
    open_desks(bus, count)
    sim.run()
    return sim.trace


def result(trace: Trace) -> dict[str, int]:
    """How long the last waited for beds, and how many flights were overtaken by a later one of their airport."""
    delays = queues.lags(trace, at_work(trace), CANCELLED)
    late = queues.overtaken(trace, at_work(trace), subscribers.airport, CANCELLED)
    return {"longest wait, minutes": round(max(delays, default=0) / 60), "overtaken": len(late)}


def in_the_kitchen(trace: Trace) -> list[float]:
    """How many seconds each event waited for the kitchen, which has a subscription of its own."""
    return queues.lags(trace, [KITCHEN], CANCELLED)


def at_work(trace: Trace) -> set[str]:
    """The desks that had anything to do."""
    return {record.where for record in trace.of("handled")} - {KITCHEN}


def waiting(days: dict[str, Trace], scenario: Scenario) -> Picture:
    """The flights that wait for their beds, through the day, in one or several runs."""
    half_hours: Sequence[int] = range(scenario.at("08:00"), scenario.at("23:30"), HALF_HOUR)
    series = {name: queues.backlog(trace, at_work(trace), CANCELLED, half_hours) for name, trace in days.items()}
    most = ", ".join(f"{max(curve)} with {name}" for name, curve in series.items())
    return chart(
        "Flights that wait for their beds", x=half_hours, series=series, y_title="flights",
        text=f"At the worst moment: {most}.", stage=scenario.stage,
    )  # fmt: skip
