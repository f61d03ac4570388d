"""The scenes of lesson 11: the first days of the year, stored, snapshotted, closed, archived, cut and counted."""

from __future__ import annotations

import atexit
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eventlab.airports import flights
from eventlab.archive import Archive
from eventlab.errors import CorruptStore, WrongExpectedVersion
from eventlab.event import Event
from eventlab.lessons.lesson11.in_rows import columns
from eventlab.lessons.lesson11.year import DAY, YEAR, folded, kept
from eventlab.rows import encode
from eventlab.store import Store
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

SIZES = (1_000, 3_000, 6_000)


@cache
def first_days() -> list[Event]:
    """The first events of the year."""
    return list(islice(flights.iter_events(), SIZES[-1]))


@cache
def stored() -> Store:
    """They, in a store in memory, a stream for each flight."""
    store = Store()
    for event in first_days():
        store.append(f"flight-{event.subject}", event)
    return store


def read_for(evolve: Callable[[Any, Event], Any]) -> list[dict[str, str]]:
    """How many events each work reads at each size; `evolve` is folded over all of them."""
    rows = []
    for size in SIZES:
        events = list(stored().read_all(upto=size))
        state = folded(evolve, {}, events)
        one = sum(each.stream == events[-1].stream for each in events)
        entries = len(state) if isinstance(state, Mapping) else 1
        rows.append(
            {
                "events": f"{size:,}",
                "rebuild reads": f"{len(events):,}",
                "entries": f"{entries}",
                "a flight reads": f"{one}",
            }
        )
    return rows


# Snapshots ------------------------------------------------------------------------------------------------------------


@cache
def _lengths() -> tuple[list[int], int]:
    """Bytes of each event of a day in one stream, and of the state at noon: how each flight stands."""
    events = first_days()[:2_400]
    state = {each.subject: each.type for each in events[:300]}
    return [len(encode(each)) for each in events], len(encode(Event("state", state)))


def cost(every: int, loads: float) -> float:
    """Bytes written and read for each event, if a snapshot is kept after so many, and an event is loaded so often."""
    lengths, snapshot = _lengths()
    total, since = 0.0, 0
    for number, length in enumerate(lengths, 1):
        since += length
        total += loads * since
        if number % every == 0:
            total, since = total + snapshot, 0
    return total / len(lengths)


def intervals(best: Callable[[float, float, float], float]) -> list[dict[str, str]]:
    """The best interval: measured by trying, and computed by `best`."""
    lengths, snapshot = _lengths()
    rows = []
    for loads in (1.0, 0.1, 0.01):
        tried = min(range(1, 1201), key=lambda every: cost(every, loads))
        computed = best(sum(lengths) / len(lengths), snapshot, loads)
        rows.append({"loads for each event": f"{loads:g}", "measured": f"{tried}", "computed": f"{computed:.0f}"})
    return rows


def costs(loads: float) -> Picture:
    """The cost by interval."""
    every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    values = [cost(each, loads) / 1000 for each in every]
    least = every[values.index(min(values))]
    names = [str(each) for each in every]
    return chart(
        f"With {loads:g} load{'s' * (loads != 1)} for each event, a snapshot after about {least} is cheapest",
        x=names, series={"kB for each event": values}, bars=True, x_title="events between two snapshots",
        y_title="kB written and read for each event",
    )  # fmt: skip


def to_fold(closed: str) -> Picture:
    """How many events a decision folds, day by day: in one stream, or in one that is closed at midnight."""
    events, began, counts = first_days(), 0, []
    for number, event in enumerate(events):
        if closed == "at midnight" and number and event.time // DAY > events[number - 1].time // DAY:
            began = number
        counts.append(number - began)
    shown = range(0, len(events), 50)
    return chart(
        f"Closed {closed}: {max(counts):,} events to fold at most",
        x=[float(each) for each in shown], series={"to fold": [counts[each] for each in shown]},
        x_title="events so far", y_title="events to fold for the next decision",
    )  # fmt: skip


# The archive ----------------------------------------------------------------------------------------------------------


DELAYS = """SELECT split_part(subject, '-', 2) AS airport, count(*) FROM events
            WHERE type = 'flight.delayed' GROUP BY airport ORDER BY airport"""


@cache
def archived() -> Archive:
    """The first days in two files beside their store."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    archive = Archive(Path(folder.name, "archive"), stored(), columns=columns())
    archive.write(3_000)
    archive.write(5_000)
    return archive


def harmed(harm: str) -> str:
    """What `verify` says of an archive of the first events after somebody has harmed its files."""
    with TemporaryDirectory() as folder, Store() as store:
        for event in first_days()[:1_000]:
            store.append(f"flight-{event.subject}", event)
        archive = Archive(Path(folder, "archive"), store, columns=columns())
        archive.write(600)
        archive.write(1_000)
        _harm(harm, *(each.path for each in archive.segments))
        try:
            archive.verify()
        except CorruptStore as error:
            return f"**Found**, at position {error.position:,}: {error.reason}."
    return "Nothing is wrong: every event is the one that the store was given."


def _harm(harm: str, one: Path, two: Path) -> None:
    first, second = one.read_bytes(), two.read_bytes()
    if harm == "a bit is flipped":
        one.write_bytes(first[:2_000] + bytes([first[2_000] ^ 1]) + first[2_001:])
    if harm == "a file is missing":
        one.unlink()
    if harm == "two are exchanged":
        one.write_bytes(second)
        two.write_bytes(first)


def sizes() -> list[dict[str, str]]:
    """The year in the store and in the archive."""
    return [
        {
            "events": f"{each.events:,}",
            "store": f"{each.file / 1e6:.1f} MB", "archive": f"{each.archive / 1e6:.1f} MB",
            "by event": f"{each.seconds['rebuild']:.2f} s", "by column": f"{each.seconds['columns']:.2f} s",
        }
        for each in kept()
    ]  # fmt: skip


# Streams and machines -------------------------------------------------------------------------------------------------


CUTS: dict[str, Callable[[Event], str]] = {
    "one for all": lambda event: "all",
    "one for each airport": lambda event: event.subject.split("-")[1],
    "one for each flight": lambda event: event.subject,
}


REFUSED, FULLEST = "refused of 100", "fullest of 4 machines"


def conflicts(stream: Callable[[Event], str], desks: int = 4) -> int:
    """Refused appends among 100 events, of `desks` who read at one moment and then append, each what comes next."""
    refused, events = 0, first_days()[:1_000]
    with Store() as store:
        for start in range(0, len(events), desks):
            ready = [(each, str(stream(each))) for each in events[start : start + desks]]
            seen = {name: store.version(name) for _, name in ready}
            for event, name in ready:
                try:
                    store.append(name, event, seen[name])
                except WrongExpectedVersion:
                    refused += 1
                    store.append(name, event)
    return round(100 * refused / len(events))


def fullest(key: Callable[[Event], str], machines: int = 4) -> int:
    """The share, in percent, of the events that the fullest of some machines holds, if a hash of the key chooses."""
    events = first_days()
    digests = (sha256(str(key(each)).encode()).digest() for each in events)
    count = Counter(int.from_bytes(digest[:8], "big") % machines for digest in digests)
    return round(100 * max(count.values()) / len(events))


def cuts(stream: Callable[[Event], str]) -> list[dict[str, str]]:
    """The reader's cut beside three others: refused appends among 100, and how full the fullest of four machines is."""
    return [
        {"stream": name, REFUSED: f"{conflicts(each)}", FULLEST: f"{fullest(each)}%"}
        for name, each in {"yours": stream, **CUTS}.items()
    ]


def limits(times: int, disk: float = 1e12, night: float = 8 * 3600.0) -> list[dict[str, str]]:
    """What one machine bears of so many times the flights: what a year needs of a disk, a night and a second."""
    year = kept()[-1]
    peak = times * YEAR / 365 / 86400 * 5  # the busiest hour has five times the usual
    needs: Iterable[tuple[str, float]] = [
        ("a year in the store, of a disk of 1 TB", year.file * times / disk),
        ("a year rebuilt, of a night", year.seconds["rebuild"] * times / night),
        ("appends in the busiest second", peak * year.seconds["append"]),
    ]
    return [
        {"one machine": name, "needed": f"{share:.1%}", "": "✓" if share <= 1 else "too much"} for name, share in needs
    ]
