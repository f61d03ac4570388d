"""The learner's service in the storm: plugged into an architecture, and what its people have of it.

The service is the same everywhere. What the architectures differ in is how it learns how many people are on a flight
(`people_on`): from an event of the morning that it remembers, by asking operations, or from the event itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eventlab.airports import catalogue
from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, start
from eventlab.borders import function
from eventlab.errors import Invalid, Unavailable, unknown
from eventlab.event import Command, Event, Message
from eventlab.faults import Fault, inject
from eventlab.lessons.judging.time_limit import SLOWER, TookTooLong, limited
from eventlab.lessons.own.promises import booked, flight_of
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.store import Store
from eventlab.trace import Trace
from eventlab.views.charts.chart import chart
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.table import Table, table

SECONDS = 30.0 * SLOWER  # of processor time for one storm: it takes two, in a browser up to thirty
MINUTE = 60 * SECOND


@cache
def storm() -> Scenario:
    """The day of the storm, with the flights that are cancelled."""
    day = Scenario(questions=0)
    return day.with_(flights=[each.subject for each in day.commands if each.type == "flight.cancel"])


@cache
def wanted() -> dict[str, tuple[int, int]]:
    """For each flight that is cancelled: its people, and the instant at which the airline gives it up."""
    said = storm().commands
    people = {each.subject: each.data["passengers"] for each in said if each.type == "flight.schedule"}
    return {each.subject: (people[each.subject], each.time) for each in said if each.type == "flight.cancel"}


@dataclass(frozen=True)
class Storm:
    """What came of the service in one architecture: `rooms` are (instant, flight, rooms booked) in order of time."""

    architecture: str
    rooms: tuple[tuple[int, str, int], ...]
    requests: int
    trace: Trace

    @property
    def housed(self) -> int:
        """How many people have a room."""
        of = dict.fromkeys(wanted(), 0)
        for _, flight, rooms in self.rooms:
            if flight in of:
                of[flight] += rooms
        return sum(min(rooms, wanted()[flight][0]) for flight, rooms in of.items())

    @property
    def longest(self) -> str:
        """The longest time from a cancellation until its people had rooms."""
        waits = [at - wanted()[flight][1] for at, flight, _ in self.rooms if flight in wanted()]
        if not waits:
            return ""
        seconds = max(waits) / SECOND
        return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

    @property
    def row(self) -> dict[str, object]:
        """The figures, under their headings."""
        return {
            "architecture": self.architecture,
            "people of cancelled flights": f"{sum(people for people, _ in wanted().values()):,}",
            "with a room": f"{self.housed:,}",
            "rooms booked": f"{sum(rooms for _, _, rooms in self.rooms):,}",
            "requests of hotels": f"{self.requests:,}",
            "longest wait": self.longest,
        }


@dataclass(frozen=True)
class Storms:
    """The service in one architecture or several: the last line of a cell shows a chart and a table."""

    each: tuple[Storm, ...]

    @property
    def table(self) -> Table:
        """A row for each architecture."""
        rows = [storm.row for storm in self.each]
        return table(rows, right=[heading for heading in rows[0] if heading != "architecture"])

    @property
    def picture(self) -> Picture:
        """Who needs a room, and who has one, in the course of the day."""
        scenario = storm()
        times = range(scenario.at("05:00"), scenario.at("23:30"), 15 * MINUTE)
        need = [(at, people) for people, at in wanted().values()]
        series = {"need a room": _until(times, need)}
        for each in self.each:
            series[f"have one, {each.architecture}"] = _until(times, [(at, rooms) for at, _, rooms in each.rooms])
        title = f"hotels: {self.each[0].housed:,} people have a room"
        if len(self.each) > 1:
            title = f"hotels in {len(self.each)} architectures: who has a room?"
        ends = "; ".join(f"{each.architecture} {each.housed:,}" for each in self.each)
        people = sum(people for people, _ in wanted().values())
        text = f"{people:,} people of cancelled flights. So many have a room at the end: {ends}."
        return chart(title, x=times, series=series, y_title="people", text=text, stage=scenario.stage)

    def __repr__(self) -> str:
        return repr(self.table)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.picture)
        display(self.table)


def plug(hotels: Callable[..., Any], *architectures: str, faults: Sequence[Fault] = ()) -> Storms:
    """Let `my_hotels(service, people_on)` work through the day of the storm; default: in publish/subscribe."""
    function(hotels, "hotels", where="own.plug")
    for name in architectures:
        if name not in ARCHITECTURES:
            raise unknown("architecture", name, ARCHITECTURES, where="own.plug")
    return Storms(tuple(_lived(hotels, name, faults) for name in architectures or ("publish/subscribe",)))


def sourced(lived: Storms) -> Store:
    """What hotels booked in the storm, as events in a store: a stream for each flight."""
    if not isinstance(lived, Storms):
        raise Invalid("storm", where="own.sourced", expected="what own.plug(...) gave", found=lived)
    store, trace = Store(), lived.each[-1].trace
    for record in booked(trace):
        assert isinstance(record.message, Event)
        if type(record.message.data.get("rooms")) is int:
            store.append(f"rooms-{flight_of(record)}", [record.message])
    return store


def _lived(hotels: Callable[..., Any], architecture: str, faults: Sequence[Fault]) -> Storm:
    run = start(storm(), architecture)
    network = run.cast.network
    network.check = _check
    service = Service("hotels", network, run.cast.bus)
    inject(faults, network)

    def day() -> None:
        hotels(service, PEOPLE.get(architecture, _asked)(service))
        run.finish()

    try:
        limited(day, SECONDS)
    except TookTooLong:
        expected = f"a service that comes to an end within {SECONDS:g} seconds: is there a loop without an end?"
        raise Invalid("hotels", where="own.plug", expected=expected, found="none") from None
    return _measured(run)


def _measured(run: Run) -> Storm:
    trace = run.trace
    rooms = [(r.at, flight_of(r), r.message.data.get("rooms")) for r in booked(trace) if r.message is not None]
    asked = sum(r.where == "hotels" and r.purpose == "request" for r in trace.of("sent"))
    return Storm(run.architecture, tuple(each for each in rooms if type(each[2]) is int), asked, trace)  # type: ignore[misc]


def _check(message: Message) -> Message:
    """What the airports know must fit their catalogue; what hotels publishes is its own affair."""
    return message if message.type == "rooms.booked" else catalogue.check(message)


def _until(times: Sequence[int], changes: Sequence[tuple[int, int]]) -> list[int]:
    """The sum of the changes up to each of the instants."""
    return [sum(change for at, change in changes if at <= time) for time in times]


# How many people are on a flight --------------------------------------------------------------------------------------

PeopleOn = Callable[[Event], Awaitable[int]]


def _remembered(service: Service) -> PeopleOn:
    """Publish/subscribe: the plan of the morning said it."""
    plan: dict[str, int] = {}

    def note(event: Event) -> None:
        plan[event.data["flight"]] = event.data["passengers"]

    service.on("flight.scheduled", note, durable="the plan for hotels", deliver="all")

    async def people_on(event: Event) -> int:
        if event.data["flight"] not in plan:
            raise Unavailable("the plan of this flight is not known yet")
        return plan[event.data["flight"]]

    return people_on


def _asked(service: Service) -> PeopleOn:
    """Event notification and event sourcing: operations knows."""

    async def people_on(event: Event) -> int:
        flight = await service.request("operations", Command("flight.describe", {"flight": event.data["flight"]}))
        people: int = flight["passengers"]
        return people

    return people_on


def _read(service: Service) -> PeopleOn:
    """Event-carried state transfer: the event says it."""

    async def people_on(event: Event) -> int:
        people: int = event.data["passengers"]
        return people

    return people_on


PEOPLE = {"publish/subscribe": _remembered, "event-carried state transfer": _read}
