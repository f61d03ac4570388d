"""What became of every flight of 2013, folded once from the year's 1,228,797 events and kept in a file beside this one.

The fold takes half a minute, so its result is kept: `year.xz`, known by its digest. `made_again` folds the year anew
and says whether the file holds the same.
"""

from __future__ import annotations

import lzma
from array import array
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from eventlab.airports import clocks, tables
from eventlab.airports.flights import iter_events
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.views.charts.chart import chart
from eventlab.views.drawing.picture import Picture

KEPT = Path(__file__).with_name("year.xz")
DIGEST = "df6560faa328ce3697cd6b34eeeb94a86605a6fba22da7a0d9b23b191166d9e8"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STATUSES = ("scheduled", "delayed", "cancelled", "departed", "diverted", "arrived")
CARRIERS = ("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV")
AIRPORTS = ("EWR", "JFK", "LGA")
NEVER = -(2**15)  # in the file: how late a flight was that never left
COLUMNS = (("month", "B"), ("carrier", "B"), ("origin", "B"), ("status", "B"), ("late", "h"), ("passengers", "H"))


class Flown(NamedTuple):
    """A flight in the end: `late` in minutes at its departure, None if it never left; `passengers` are modelled."""

    month: str
    carrier: str
    origin: str
    status: str
    late: int | None
    passengers: int


def folded(events: Iterable[Event], tell: Callable[[int], object] = lambda count: None) -> list[Flown]:
    """What became of each flight, in the order in which they were first heard of; `tell` hears the count of events."""
    found: dict[str, list[Any]] = {}
    for count, event in enumerate(events, 1):
        word, data = event.type.removeprefix("flight."), event.data
        if word == "scheduled":
            planned = data["planned"]
            month = MONTHS[int(clocks.shown(planned)[5:7]) - 1]
            found[event.subject] = [month, data["carrier"], data["origin"], word, None, data["passengers"], planned]
            continue
        flight = found[event.subject]
        flight[3] = word
        if word == "departed":
            flight[4] = (data["departed"] - flight[6]) // clocks.MINUTE
        if count % 10_000 < 5:
            tell(count)
    return [Flown(*row[:6]) for row in found.values()]


def packed(flown: Iterable[Flown]) -> bytes:
    """The flights as bytes: one column after the other."""
    rows = [
        (MONTHS.index(f.month), CARRIERS.index(f.carrier), AIRPORTS.index(f.origin), STATUSES.index(f.status),
         NEVER if f.late is None else f.late, f.passengers) for f in flown
    ]  # fmt: skip
    written = b""
    for (_, kind), column in zip(COLUMNS, zip(*rows, strict=True), strict=True):
        values = array(kind, column)
        written += values.tobytes()
    return written


@cache
def flown() -> list[Flown]:
    """Every flight of 2013 in the end, from the file that is kept; `Invalid` if that is another one."""
    written = lzma.decompress(KEPT.read_bytes())
    if (found := sha256(written).hexdigest()) != DIGEST:
        raise Invalid("digest", where=str(KEPT), expected=DIGEST, found=found)
    wide = sum(array(kind).itemsize for _, kind in COLUMNS)
    count, place, columns = len(written) // wide, 0, []
    for _, kind in COLUMNS:
        values = array(kind)
        values.frombytes(written[place : place + count * values.itemsize])
        place += count * values.itemsize
        columns.append(values)
    month, carrier, origin, status, late, people = columns
    return [
        Flown(MONTHS[m], CARRIERS[c], AIRPORTS[o], STATUSES[s], None if n == NEVER else n, p)
        for m, c, o, s, n, p in zip(month, carrier, origin, status, late, people, strict=True)
    ]


def made_again(tell: Callable[[int], object] = lambda count: print(f"{count:,} events", end="\r")) -> str:
    """Fold all events of the year anew, half a minute; says whether the kept file holds the same."""
    found = sha256(packed(folded(iter_events(), tell))).hexdigest()
    return f"{'the same' if found == DIGEST else 'ANOTHER'} digest: {found[:16]}"


class Owed:
    """A rule applied to each flight of the year: the `flights` that it holds for, and their `people` by month."""

    def __init__(self, rule: Callable[[Flown], object]) -> None:
        found = [flight for flight in flown() if rule(flight)]
        self.flights, self.people = len(found), sum(flight.passengers for flight in found)
        self.months = [sum(flight.passengers for flight in found if flight.month == month) for month in MONTHS]

    def __repr__(self) -> str:
        return f"<Owed: {self.flights:,} flights, {self.people:,} people>"

    def chart(self) -> Picture:
        """People by month, in thousands."""
        title = f"{self.people:,} people on {self.flights:,} flights would have their money back"
        values = [round(each / 1000, 1) for each in self.months]
        return chart(title, x=MONTHS, series={"people": values}, y_title="thousand people", bars=True)


@cache
def by_record(minutes: int) -> int:
    """Flights that, by the lines of the record itself, never left or left so many minutes late or more."""
    count, never, late = 0, tables.FLIGHTS.split(",").index("dep_time"), tables.FLIGHTS.split(",").index("dep_delay")
    for month in range(1, 13):
        for _, line in tables.lines(tables.DATA / f"flights-2013-{month:02}.csv.gz", tables.FLIGHTS):
            fields = line.split(",")
            count += fields[never] == "" or int(fields[late]) >= minutes
    return count
