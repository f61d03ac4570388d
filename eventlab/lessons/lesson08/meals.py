"""Meals, a program in three versions: everybody whose flight is an hour late gets a meal, once.

For each flight it keeps the longest delay so far, in the shape of its own version, with that version written on it. So
what a newer or an older program finds there, it reads as it reads an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eventlab.errors import EventlabError, Refused
from eventlab.event import Command, Event
from eventlab.lessons.lesson08.shapes import NEW, TYPE
from eventlab.lessons.lesson08.ways import Way
from eventlab.service import Service
from eventlab.trace import Trace
from eventlab.upcast import version_of
from eventlab.views.versions import Meeting

HOUR = 60  # minutes after which people get a meal
OPERATIONS = "operations"


class Program:
    """What runs at meals: a version of the program, which may be changed. It notes how it got on with each event."""

    def __init__(self, meals: Service, way: Way, version: int, *, airport: str = "") -> None:
        self.meals, self.way, self.version, self.airport = meals, way, version, airport
        self.meetings: list[Meeting] = []
        self.meant: dict[str, tuple[int, int]] = {}  # by the event's id: the minutes, and the producer's version

    def subscribe(self, durable: str, *, pattern: str = "") -> None:
        """Listen, from the first stored event on, to these types (default: those that the version wants).

        What cannot be read is a dead letter at once.
        """
        pattern = pattern or self.way.listens(self.version)
        handler = self._asking if self.way.thin else self._delayed
        self.meals.on(pattern, handler, durable=durable, deliver="all", max_deliver=1)

    def keep(self, event: Event, version: int) -> None:
        """What an earlier program of this version left behind."""
        self.meals.state[self.way.keys(event.subject, version)[0]] = _kept(event, version)

    async def _asking(self, event: Event) -> Event | None:
        answer = await self.meals.request(OPERATIONS, Command("delay.describe", event.data, event.subject))
        return self._delayed(event.with_(data=answer["data"], dataschema=answer["dataschema"]))

    def _delayed(self, event: Event) -> Event | None:
        flight = event.subject
        if self.airport and f"-{self.airport}-" not in flight:
            return None
        keys = self.way.keys(flight, self.version)
        kept = next((self.meals.state[key] for key in keys if key in self.meals.state), None)
        try:
            data = self._read(event)
            now = _minutes(data, self.version)
            before = 0 if kept is None else _minutes(self._read(_event(kept, flight)), self.version)
        except Exception as problem:
            self._note(event, kept, "refused", f"{type(problem).__name__}: {problem}")
            if self.way.own and not isinstance(problem, EventlabError):
                raise  # a mistake in a cell: it is told with its line
            raise Refused(f"{type(problem).__name__}: {problem}") from None
        meant = self.meant.get(event.id, (now, 0))[0]
        self._note(event, kept, "well" if now == meant else "wrong", f"takes {meant} min for {now} min")
        if now > before or kept is None or keys[0] not in self.meals.state:
            self.meals.state[keys[0]] = _kept(_shaped(data, max(now, before), flight, self.version), self.version)
        people = {"flight": flight, "people": data["people"]}
        return Event("meals.given", people, flight) if now >= HOUR > before else None

    def _read(self, event: Event) -> Mapping[str, Any]:
        return event.data if event.type == NEW else self.way.read(event, self.version)

    def _note(self, event: Event, kept: Any, outcome: str, why: str) -> None:
        producer = self.meant.get(event.id, (0, version_of(event)))[1]
        stored = "nothing" if kept is None else kept["dataschema"].rpartition(":")[2]
        note = "" if outcome == "well" else why
        self.meetings.append(Meeting(str(producer), str(self.version), stored, outcome, note))


def _minutes(data: Mapping[str, Any], mine: int) -> int:
    """How late, under the name that a program of this version knows."""
    return int(data["minutes" if mine == 3 else "late"])


def _shaped(data: Mapping[str, Any], minutes: int, flight: str, mine: int) -> Event:
    """What a program of version `mine` keeps of a flight."""
    kept = {"flight": flight, "people": data["people"], "minutes" if mine == 3 else "late": minutes}
    if mine > 1:
        kept["airline"] = data.get("airline", "unknown")
    return Event(TYPE, kept, flight)


def _kept(event: Event, version: int) -> dict[str, Any]:
    return {"dataschema": f"{TYPE}:{version}", "data": dict(event.data)}


def _event(kept: Mapping[str, Any], flight: str) -> Event:
    return Event(TYPE, kept["data"], flight, dataschema=kept["dataschema"])


def given(trace: Trace) -> dict[str, int]:
    """How many people got a meal, by flight."""
    found: dict[str, int] = {}
    for record in trace.of("published"):
        if record.message is not None and record.message.type == "meals.given":
            said = record.message.data
            found[said["flight"]] = found.get(said["flight"], 0) + said["people"]
    return found


def missing(owed: Mapping[str, int], got: Mapping[str, int]) -> int:
    """How many people are owed a meal that they did not get."""
    return sum(max(0, people - got.get(flight, 0)) for flight, people in owed.items())


def owed_meals(delays: Iterable[Any]) -> dict[str, int]:
    """Who should get a meal: everybody on a flight that is an hour late."""
    return {delay.flight: delay.people for delay in delays if delay.minutes >= HOUR}
