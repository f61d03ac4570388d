"""The year of flights in a store, at four sizes: what each kind of work takes. Measured once, kept in `year.toml`.

    python -m eventlab.lessons.lesson11.year      # measure it all anew: some minutes

A stream for each flight, an append for each event. Seconds are those of the processor. The digest is the hash of the
last event, which covers all events before it: whoever makes the year again must come to the same.
"""

from __future__ import annotations

import os
import time
import tomllib
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from eventlab import under_way
from eventlab.airports import flights
from eventlab.archive import Archive
from eventlab.event import Event
from eventlab.store import Store

KEPT = Path(__file__).with_name("year.toml")
YEAR = 1_228_797
SIZES = (1_000, 10_000, 100_000, YEAR)
DAY = 24 * 3600 * 10**9
COUNT = "SELECT split_part(subject, '-', 2) AS airport, count(*) FROM events WHERE type = 'flight.delayed' GROUP BY 1"
WORKS = {  # what is measured, in words
    "append": "append one event",
    "load": "load one flight",
    "rebuild": "rebuild a read model",
    "instant": "any instant, all events",
    "midnight": "any instant, from midnight on",
    "columns": "the read model by column",
}


@dataclass(frozen=True)
class Measured:
    """What was found at one size: seconds of each work, bytes of the store's file and of the archive's, a digest."""

    events: int
    seconds: dict[str, float]
    file: int
    archive: int
    digest: str


@cache
def kept() -> list[Measured]:
    """What was measured before, size by size."""
    found = tomllib.loads(KEPT.read_text("utf-8"))
    return [Measured(**each) for each in found["sizes"]]


def seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor that a work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def late(counts: dict[str, int], event: Event) -> dict[str, int]:
    """Delays by airport: the read model that is rebuilt."""
    if event.type == "flight.delayed":
        airport = event.subject.split("-")[1]
        counts[airport] = counts.get(airport, 0) + 1
    return counts


def folded(evolve: Callable[[Any, Event], Any], initial: Any, events: Iterable[Any]) -> Any:
    """The state after these recorded events."""
    state = initial
    for recorded in events:
        state = evolve(state, recorded.event)
    return state


def status(state: dict[str, str], event: Event) -> dict[str, str]:
    """How each flight stands: the state of all airports."""
    state[event.subject] = event.type
    return state


def measure(size: int) -> Measured:
    """Store so many events of the year, and measure every work on them."""
    with TemporaryDirectory() as folder, Store(Path(folder, "year.db"), durable=False) as store:
        took = {"append": _fill(store, size) / size}
        last = next(store.read_all(after=size - 1))
        took["load"] = median(seconds(lambda: list(store.read(last.stream))) for _ in range(25))
        took["rebuild"] = seconds(lambda: folded(late, {}, store.read_all()))
        took["instant"] = seconds(lambda: folded(status, {}, store.read_all()))
        midnight = _before(store, last.event.time // DAY * DAY)
        took["midnight"] = median(seconds(lambda: folded(status, {}, store.read_all(after=midnight))) for _ in range(3))
        archive = Archive(Path(folder, "archive"), store)
        archive.write(size)
        took["columns"] = median(seconds(lambda: archive.query(COUNT)) for _ in range(5))
        if dict(archive.query(COUNT)) != folded(late, {}, store.read_all()):
            raise AssertionError("the columns say something else than the events")
        bytes = sum(each.path.stat().st_size for each in archive.segments)
        return Measured(size, took, _length(store), bytes, digest(store))


def _fill(store: Store, size: int) -> float:
    made = islice(flights.iter_events(), size)
    done, appending = 0, 0.0
    with under_way.told(lambda: (done, size)):
        for done, event in enumerate(made):  # noqa: B007  (`done` is what is told)
            begun = time.process_time()
            store.append(f"flight-{event.subject}", event)
            appending += time.process_time() - begun
    return appending


def _before(store: Store, instant: int) -> int:
    """The position of the last event before an instant: late notes make it a little earlier than need be."""
    low, high = 0, store.position
    while low < high:
        middle = (low + high) // 2
        if next(store.read_all(after=middle)).event.time < instant:
            low = middle + 1
        else:
            high = middle
    return low


def _length(store: Store) -> int:
    with TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        store.backup(copy)
        return os.path.getsize(copy)


def digest(store: Store) -> str:
    """The hash of the last event and so, link by link, of all of them."""
    return str(store._last()[1].hex())


def written(found: Iterable[Measured]) -> Iterator[str]:
    """The lines of `year.toml`."""
    yield "# The year of flights, by `python -m eventlab.lessons.lesson11.year`: seconds of the processor, bytes."
    for each in found:
        took = ", ".join(f"{name} = {value:.3g}" for name, value in each.seconds.items())
        yield f"\n[[sizes]]\nevents = {each.events}\nseconds = {{{took}}}"
        yield f'file = {each.file}\narchive = {each.archive}\ndigest = "{each.digest}"'


def make_again(sizes: Iterable[int] = SIZES, path: Path = KEPT) -> list[Measured]:
    """Measure all sizes anew and keep them at `path`; the digests must be those of `year.toml`, wherever that is.

    A size that `year.toml` does not have is compared with nothing, and said to be so by a warning.
    """
    found = [measure(size) for size in sizes]
    known = {each.events: each.digest for each in kept()}
    if new := [each.events for each in found if each.events not in known]:
        warnings.warn(f"nothing to compare with: no digest is kept for {new} events", stacklevel=2)
    if changed := [each.events for each in found if known.get(each.events, each.digest) != each.digest]:
        raise AssertionError(f"another year: the digests of {changed} differ from those kept")
    path.write_text("\n".join(written(found)) + "\n", "utf-8")
    kept.cache_clear()
    return found


if __name__ == "__main__":
    make_again()
