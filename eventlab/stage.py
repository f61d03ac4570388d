"""A stage: who acts in a trace, and how its time is told. Pictures need it beside the records; services never see it.

    Stage(actors=("shop", "bank"), people=("customers",), zone="Europe/Paris", instants=("ordered", "paid"))

A trace carries one. Without one of its own, a trace has the stage that its records show (`Trace.stage`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from eventlab.door import door, look_at_fields
from eventlab.errors import Invalid

SECOND = 1_000_000_000


class Board(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A board of departures: the service whose state holds its rows, and the names of the places that they leave from.

    A row belongs to the place whose code is a part of its key: "UA1545-EWR-0208" to "EWR".
    """

    service: str
    places: Mapping[str, str]


class Stage(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who acts in a trace, in the order of pictures, and how its time is told. All of it may be left out.

    `zone` names the time zone of the clocks; without one, time is told as seconds since the simulation's start.
    `instants` are the fields of messages and states that hold instants (nanoseconds): any other number is a number.
    """

    actors: tuple[str, ...] = ()  # from left to right
    people: tuple[str, ...] = ()  # actors who tell and ask; nothing waits for their work
    buses: tuple[str, ...] = ()  # actors that pass on what others publish
    stores: tuple[str, ...] = ()  # actors that keep the events of all
    angles: Mapping[str, float] = {}  # where services stand around the bus: degrees, upwards from the right
    zone: str = ""
    instants: tuple[str, ...] = ()
    subject: str = "subject"  # what messages are about, in a word; also the field that names it
    board: Board | None = None

    def __post_init__(self) -> None:
        look_at_fields(self)
        for name in ("actors", "people", "buses", "stores", "instants"):
            msgspec.structs.force_setattr(self, name, tuple(getattr(self, name)))  # a list may have been given
        _zone(self.zone)

    @property
    def hubs(self) -> tuple[str, ...]:
        """The actors in the middle: buses and stores."""
        return self.buses + self.stores

    @property
    def place(self) -> str:
        """Where the clocks hang: "New York"."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    @door
    def in_order(self, names: Iterable[str]) -> list[str]:
        """The names from left to right; those that the stage does not know come last, by their letters."""
        names = set(names)
        return [name for name in self.actors if name in names] + sorted(names - set(self.actors))

    @door
    def clock(self, instant: int, *, fine: bool = False) -> str:
        """What a clock shows at an instant: "07:32", or "07:32:21.350" if `fine`.

        Without a zone it is a stopwatch: "00:00:06", or "00:00:06.600" if `fine`.
        """
        thousandths = f".{instant % SECOND // 1_000_000:03}"
        if not self.zone:
            seconds = instant // SECOND
            passed = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            return passed + thousandths if fine else passed
        shown = datetime.fromtimestamp(instant // SECOND, _zone(self.zone))
        return f"{shown:%H:%M:%S}{thousandths}" if fine else f"{shown:%H:%M}"

    @door
    def calendar(self, instant: int) -> str:
        """The day of an instant: "2013-02-08"; nothing where time is told as seconds since the start."""
        return f"{datetime.fromtimestamp(instant // SECOND, _zone(self.zone)):%Y-%m-%d}" if self.zone else ""

    @door
    def when(self, instant: int) -> str:
        """The day and the clock time: "2013-02-08 07:32:21.350"."""
        return f"{self.calendar(instant)} {self.clock(instant, fine=True)}".lstrip()


@lru_cache
def _zone(name: str) -> tzinfo:
    if name in ("", "UTC"):  # which every machine knows, with or without a table of zones
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        expected = "the name of a time zone, such as Europe/Paris"
        raise Invalid("zone", where="a stage", expected=expected, found=name) from problem
