"""The airports themselves: the storm day under each architecture, and a whole year of flights in a store.

The year stands in one stream for each day. The state of the airports at an instant is what the streams of that day and
of its neighbours say by then: a flight that was to leave yesterday may still be in the air.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import median
from typing import Any

from benchmarks.harness import Row, at_most
from benchmarks.store import Ours
from eventlab.aggregate import Aggregate
from eventlab.airports import assumptions, clocks, cores, flights
from eventlab.airports.scenario import ARCHITECTURES, Scenario
from eventlab.airports.scenario import run as run_scenario
from eventlab.decider import Decider
from eventlab.event import Event
from eventlab.store import Store

DAY = 24 * 3600 * 1_000_000_000
IMPORT = "import time; begun = time.perf_counter(); import eventlab; print(time.perf_counter() - begun)"
ENDS = ("arrived", "cancelled", "diverted")
INSTANTS, EVERY = 30, 500  # how many instants are asked about; a snapshot after so many events


def seconds(work: Any, clock: Callable[[], float] = time.perf_counter) -> float:
    begun = clock()
    work()
    return clock() - begun


def imported() -> float:
    """`import eventlab` in a Python of its own, which has imported nothing else."""
    shown = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    return float(shown.stdout)


def storm(rounds: int) -> Iterator[Row]:
    """In seconds of the processor, which does nothing else here: what other people's work takes does not count."""
    flights.flights(Scenario().day)  # read the files once
    taken: dict[str, list[float]] = {name: [] for name in ARCHITECTURES}
    for _ in range(rounds):
        for name, times in taken.items():
            times.append(seconds(partial(run_scenario, Scenario(), name), time.process_time))
    for name, times in taken.items():
        yield at_most(f"storm day: {name}", median(times), 2, "s")
    yield at_most("storm day: all five", median(map(sum, zip(*taken.values(), strict=True))), 10, "s")
    if cores.cores() > 1:
        yield side_by_side(rounds)


def side_by_side(rounds: int) -> Row:
    """All five compared on two cores and on one, in turns, in seconds of the clock."""
    shares = []
    for _ in range(rounds):
        took = [seconds(partial(list, cores.for_each(measured, [*ARCHITECTURES][::-1], most))) for most in (2, 1)]
        shares.append(took[0] / took[1])
    return at_most("storm day: all five side by side on two cores, to one after the other", median(shares), 0.6, "")


def measured(architecture: str) -> float:
    return run_scenario(Scenario(), architecture).metrics["messages"]


# A year ---------------------------------------------------------------------------------------------------


def status(state: Mapping[str, str], event: Event) -> Mapping[str, str]:
    return {**state, event.subject: event.type.removeprefix("flight.")}


DAYS = Decider({}, lambda command, state: None, status)


def store_the_year(store: Store) -> tuple[int, float]:
    """Append the events of each day at once, as a night's work on the record would.

    How many there were, and how many times as long as appending alone it took (in seconds of the processor).
    """
    appending, begun = 0.0, time.process_time()
    for day in clocks.days(clocks.FIRST, clocks.LAST):
        happened = [assumptions.happened(said) for _, said in flights.commands(day)]
        appending += seconds(partial(store.append, f"day-{day:%m%d}", happened), time.process_time)
    return len(store), (time.process_time() - begun) / appending


def save_snapshots(store: Store) -> None:
    days = Aggregate(store, "day", DAYS, snapshot_every=EVERY)
    for stream in store.streams("day"):
        for version in range(EVERY, store.version(stream) + 1, EVERY):
            store.save_snapshot(stream, version, days.load(stream.removeprefix("day-"), version=version)[0])


def names_at(instant: int) -> list[str]:
    """The days whose flights can be under way: yesterday's, today's, and shortly before midnight tomorrow's."""
    moments = (instant - DAY, instant, instant + assumptions.EARLIEST)
    return sorted({clocks.shown(moment)[5:10].replace("-", "") for moment in moments})


def state_at(days: Aggregate, instant: int) -> dict[str, str]:
    return {key: how for name in names_at(instant) for key, how in days.load(name, as_of=instant)[0].items()}


def check(store: Store, instant: int, found: Mapping[str, str]) -> None:
    """The same, event by event, from the whole log; and the flights of all other days have reached their end."""
    expected: dict[str, str] = {}
    for recorded in store.read_all():
        if recorded.event.time <= instant:
            expected[recorded.event.subject] = recorded.event.type.removeprefix("flight.")
    now = {key: how for key, how in expected.items() if key[-4:] in names_at(instant)}
    under_way = [key for key, how in expected.items() if key not in now and how not in ENDS]
    if found != now or not now or under_way:
        raise AssertionError(f"at {instant}: {len(found)} flights, {len(now)} expected; forgotten: {under_way}")


def year() -> Iterator[Row]:
    store = Ours()
    begun = time.perf_counter()
    stored, times = store_the_year(store)
    took = time.perf_counter() - begun
    yield at_most(f"a year of flights: {stored:,} events imported", took, 60, "s")
    yield at_most("a year of flights: imported, to appending alone", times, 2.5, "times")
    yield at_most("a year of flights: snapshots of every day", seconds(lambda: save_snapshots(store)), None, "s")
    draw = random.Random(2013)
    first, last = clocks.instant("2013-01-02 00:00"), clocks.instant("2013-12-31 23:00")
    asked = [draw.randrange(first, last) for _ in range(INSTANTS)]
    for title, every in (("without snapshots", None), ("with snapshots", EVERY)):
        days = Aggregate(store, "day", DAYS, snapshot_every=every)
        slowest = max(seconds(partial(state_at, days, moment)) for moment in asked)
        yield at_most(f"a year of flights: the slowest of {INSTANTS} instants, {title}", slowest, every and 1, "s")
    check(store, asked[0], state_at(days, asked[0]))
    read = seconds(lambda: [None for _ in store.read_all()])
    yield at_most("a year of flights: read all of it", read, None, "s")
    yield at_most("a year of flights: the file", os.path.getsize(store.path) / 1e6, None, "MB")
    store.close()


def run(rounds: int) -> list[Row]:
    took = median(imported() for _ in range(rounds))
    return [at_most("import eventlab", took, 0.2, "s"), *storm(min(rounds, 3)), *year()]
