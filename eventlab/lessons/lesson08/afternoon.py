"""The day of the storm with meals, and a team at operations that changes its event at noon without asking anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.errors import unknown
from eventlab.event import Event
from eventlab.lessons.lesson08.delays import MINUTE, STAGE, delays, storm
from eventlab.lessons.lesson08.meals import HOUR, given, missing, owed_meals
from eventlab.lessons.lesson08.shapes import TYPE, renamed, told, with_airline
from eventlab.network import Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Trace
from eventlab.views import chart, table
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.table import Table

NOON = "12:00"
HALF_HOURS = 28  # from 05:00 to 19:00

Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]
CHANGES: dict[str, Change] = {
    "none": lambda data: data,
    "a field more": with_airline,
    "a field renamed": renamed,
    "a number as text": lambda data: {**data, "late": f"{data['late']} min"},
    "minutes as seconds": lambda data: {**data, "late": data["late"] * 60},
}


def delayed(meals: Service, event: Event) -> Event | None:
    """Everybody whose flight is an hour late gets a meal, once: meals as it was before anything changed."""
    flight, late = event.data["flight"], event.data["late"]
    before = meals.state.get(flight, 0)
    meals.state[flight] = max(late, before)
    return meal_for(event) if late >= HOUR > before else None


def meal_for(event: Event) -> Event:
    """What meals says when everybody on a flight has got a meal."""
    return Event("meals.given", {"flight": event.data["flight"], "people": event.data["people"]}, event.subject)


class Afternoon:
    """One day with meals. `handle(meals, event)` is what it does with a delay; from noon on the event is changed."""

    def __init__(self, handle: Callable[[Service, Event], Any] = delayed, change: str = "none") -> None:
        if change not in CHANGES:
            raise unknown("change", change, CHANGES, where="Afternoon")
        self.change = change
        self.sim = Sim(1, start=storm().at("04:00"))
        self.sim.trace.stage = STAGE
        network = Network(self.sim)
        self.bus = Bus(network)
        self.meals = Service("meals", network, self.bus, workers=20)
        self.operations = Client("operations", network, self.bus)
        self.meals.on(TYPE, lambda event: handle(self.meals, event), durable="meals", max_deliver=1)
        noon = storm().at(NOON)
        for delay in delays():
            data = told(delay, 1).data
            said = CHANGES[change](data) if delay.at >= noon else data
            self.sim.call_at(delay.at, self.operations.publish, Event(TYPE, said, delay.flight))

    def __repr__(self) -> str:
        return f"<Afternoon, {self.change}: {len(self.trace):,} records>"

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    def run(self) -> Self:
        """Let the day pass."""
        self.sim.run(storm().at("22:00"))
        return self

    def felt(self) -> dict[str, int]:
        """How many people waited for an hour, how many got no meal, how many too many, and what was refused."""
        owed, got = owed_meals(delays()), given(self.trace)
        return {
            "people an hour late": sum(owed.values()),
            "without a meal": missing(owed, got),
            "meals too many": missing(got, owed),
            "dead letters": sum(1 for _ in self.trace.of("dead")),
        }

    def chart(self) -> Picture:
        """The day as curves: people who are owed a meal, and meals."""
        begin = storm().at("05:00")
        instants = [begin + 30 * MINUTE * n for n in range(HALF_HOURS + 1)]
        late: dict[str, tuple[int, int]] = {}
        for delay in delays():
            if delay.minutes >= HOUR:
                late.setdefault(delay.flight, (delay.at, delay.people))
        said = [(record.at, record.message) for record in self.trace.of("published") if record.message is not None]
        meals = [(at, message.data["people"]) for at, message in said if message.type == "meals.given"]
        series = {
            name: [sum(people for at, people in told if at <= until) for until in instants]
            for name, told in (("people an hour late", late.values()), ("meals", meals))
        }
        found = self.felt()
        title = f"{found['without a meal']:,} people without a meal, {found['meals too many']:,} meals too many"
        title += f", {found['dead letters']:,} dead letters"
        return chart(
            title,
            x=instants,
            series=series,
            y_title="people",
            stage=STAGE,
            text="People who wait for an hour, and meals; at noon the event changes.",
        )


def ledger(**afternoons: Afternoon) -> Table:
    """A row of what people felt for each afternoon."""
    rows = [{"change": name.replace("_", " "), **each.felt()} for name, each in afternoons.items()]
    return table(rows, right=list(rows[0])[1:])


def changed(change: str) -> Picture:
    """The afternoon with one change, as curves."""
    return Afternoon(delayed, change).run().chart()
