"""Every producer's version with every consumer's, over what every version stored: 27 small runs for each way.

In each run meals begins with what an earlier program kept, reads the events that are stored, and then hears new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import product

from eventlab.client import Client
from eventlab.event import Command, Event
from eventlab.lab import Lab
from eventlab.lessons.lesson08.meals import HOUR, OPERATIONS, Program, given, missing, owed_meals
from eventlab.lessons.lesson08.shapes import VERSIONS, Delay, told
from eventlab.lessons.lesson08.ways import Read, Way, way
from eventlab.service import Service
from eventlab.trace import Trace
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.wording import counted
from eventlab.views.versions import Meeting, version_matrix

PEOPLE = 100  # on each flight
KEPT = {"UA1": 70, "UA2": 30}  # minutes late, as an earlier program knew it: UA1 has had its meals
STORED = {"UA3": 65, "UA4": 20}  # told in events that are stored
NEWS = {"UA1": 90, "UA2": 80, "UA4": 70, "UA5": 75, "UA6": 15}  # told from now on
SHOWN = 3  # seconds from one to the next


class Trial:
    """One run: a producer and a consumer in these versions, and what a third version stored (0: nothing)."""

    def __init__(self, way: Way, producer: int, consumer: int, stored: int) -> None:
        self.versions, self.way = (producer, consumer, stored), way
        self.lab = Lab(1)
        self.operations: Client | Service = self.lab.service(OPERATIONS)
        self.program = Program(self.lab.service("meals"), way, consumer)
        self.known: dict[str, Delay] = {}
        if way.thin:
            self.lab.network.nodes[OPERATIONS].answers("delay.describe", self._describe)  # type: ignore[attr-defined]
        self.kept, self.stored = (KEPT, STORED) if stored else ({}, {})
        left = Program(self.program.meals, way, stored)
        for flight, minutes in self.kept.items():
            left.keep(told(Delay(0, flight, minutes, PEOPLE), stored), stored)
        for number, (flight, minutes) in enumerate(self.stored.items()):
            self.lab.at(0.1 * number, self._tell, Delay(0, flight, minutes, PEOPLE), stored)
        self.lab.at(1, self.program.subscribe, "meals")
        for number, (flight, minutes) in enumerate(NEWS.items()):
            self.lab.at(2 + SHOWN * number, self._tell, Delay(0, flight, minutes, PEOPLE), producer)
        self.trace: Trace = self.lab.run()

    def _tell(self, delay: Delay, version: int) -> None:
        self.known[delay.flight] = delay
        for event in self.way.write(delay, version):
            sent = self.operations.publish(event)
            self.program.meant[sent.id] = (delay.minutes, version)

    def _describe(self, command: Command) -> Mapping[str, object]:
        event = told(self.known[command.subject], self.versions[0])
        return {"data": event.data, "dataschema": event.dataschema}

    @property
    def refused(self) -> int:
        """How many events became dead letters."""
        return sum(1 for _ in self.trace.of("dead"))

    @property
    def meeting(self) -> Meeting:
        """What came of it: all well, events that could not be read, or people who feel what nothing has told."""
        producer, consumer, stored = (str(version) if version else "nothing" for version in self.versions)
        before = [flight for flight, minutes in self.kept.items() if minutes >= HOUR]
        told = {**self.stored, **NEWS}
        owed = owed_meals(Delay(0, flight, minutes, PEOPLE) for flight, minutes in told.items())
        owed, got = {flight: people for flight, people in owed.items() if flight not in before}, given(self.trace)
        without, many = missing(owed, got), missing(got, owed)
        felt = ", ".join(
            f"{people} people {what}" for people, what in ((without, "without"), (many, "twice")) if people
        )
        if self.refused:
            return Meeting(
                producer, consumer, stored, "refused", f"{counted(self.refused, 'event')} refused; {felt or 'no harm'}"
            )
        if felt:
            return Meeting(producer, consumer, stored, "wrong", felt)
        return Meeting(producer, consumer, stored, "well", "")


@lru_cache(16)
def trials(how: str | Read) -> tuple[Trial, ...]:
    """The 27 runs of one way."""
    return tuple(Trial(way(how), *versions) for versions in product(VERSIONS, repeat=3))


def meetings(how: str | Read) -> list[Meeting]:
    """What came of each of the 27 runs."""
    return [trial.meeting for trial in trials(how)]


def well(how: str | Read) -> int:
    """In how many of the 27 runs all was well."""
    return sum(each.outcome == "well" for each in meetings(how))


def matrix(how: str | Read) -> Picture:
    """The 27 runs as a picture."""
    return version_matrix(meetings(how), title=f"{well(how)} of {len(VERSIONS) ** 3} pairings are well")


def pairings(how: str | Read) -> Picture:
    """Every producer with every consumer where nothing is stored: nine runs as a picture."""
    found = [Trial(way(how), producer, consumer, 0).meeting for producer, consumer in product(VERSIONS, repeat=2)]
    fine = sum(each.outcome == "well" for each in found)
    return version_matrix(found, title=f"{fine} of {len(found)} pairings are well")


def costs(*ways: str) -> list[dict[str, object]]:
    """Each way as a row: in how many runs all was well, how the others failed, and how much was said."""
    return [_cost(name) for name in ways]


def _cost(name: str) -> dict[str, object]:
    found = [each.outcome for each in meetings(name)]
    sent = sum(sum(1 for r in trial.trace.of("sent") if r.purpose in ("publish", "request")) for trial in trials(name))
    said = [way(name).write(Delay(0, "UA1", 90, PEOPLE), version) for version in VERSIONS]
    return {
        "way": name, "well": found.count("well"), "refused": found.count("refused"),
        "wrong, and silent": found.count("wrong"), "messages": round(sent / len(found), 1),
        "shapes of the event": len({_shape(each) for each in said}),
    }  # fmt: skip


def _shape(events: list[Event]) -> tuple[tuple[str, ...], ...]:
    return tuple((each.type, *sorted(each.data)) for each in events)
