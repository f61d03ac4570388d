"""How cost grows with the number of events: from 1,000 to 1,000,000, and what an event takes in memory and on disk.

A straight line through the logarithms of events and seconds gives the exponent: 1 means that ten times the events take
ten times as long, 0 that it does not matter how many there are. Seconds are those of the processor: what else the
machine does must not bend the line. The figures beside the exponents are what one event takes at the largest size.
"""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

from benchmarks.delivery import ours
from benchmarks.harness import Row, at_most
from benchmarks.store import NAMES, STREAMS, Ours, evolve, payload
from eventlab.aggregate import Aggregate
from eventlab.decider import Decider, fold
from eventlab.event import Event
from eventlab.rows import decode, encode
from eventlab.views.charts import growth

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TOTALS = Decider((0, 0.0), lambda command, state: None, evolve)
ONE = "order-1"

Seconds = dict[str, dict[int, list[float]]]  # by what was done and how many events


def event(n: int) -> Event:
    return Event("order.noted", payload(n), id=f"shop-{n}", source="shop", time=n)


def batches(size: int, batch: int) -> Iterator[list[Event]]:
    return ([event(n) for n in range(start, min(start + batch, size))] for start in range(0, size, batch))


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def grow(size: int) -> Iterator[tuple[str, float]]:
    """What is done with so many events, each with its seconds."""
    store, appending = Ours(), 0.0
    for number, batch in enumerate(batches(size, 100)):
        begun = time.process_time()
        store.append(NAMES[number % STREAMS], batch)
        appending += time.process_time() - begun
    yield "append, batches of 100", appending
    yield "read all", timed(lambda: [None for _ in store.read_all()])
    store.close()

    store = Ours()
    for batch in batches(size, 500):
        store.append(ONE, batch)
    yield "load one thing", timed(lambda: Aggregate(store, "order", TOTALS).load("1"))
    before = Aggregate(store, "order", TOTALS).load("1", version=size - 50)[0]
    store.save_snapshot(ONE, size - 50, before)
    snapshots = Aggregate(store, "order", TOTALS, snapshot_every=100)
    often = [timed(lambda: snapshots.load("1")) for _ in range(25)]
    yield "load one thing, from a snapshot 50 events back", median(often)
    store.close()

    texts = [encode(event(n)) for n in range(min(size, 10_000))]
    repeat = size // len(texts)
    yield "decode and fold", timed(lambda: [fold(TOTALS, map(decode, texts)) for _ in range(repeat)])


def deliver(size: int) -> float:
    case = ours(1, size)
    prepared = case.prepare()
    return timed(lambda: case.work(prepared))


def exponent(points: Sequence[tuple[int, float]]) -> float:
    return growth.exponent(*zip(*points, strict=True))


def measured(rounds: int) -> Seconds:
    found: Seconds = {}
    for _ in range(rounds):
        for size in SIZES:
            for name, seconds in grow(size):
                found.setdefault(name, {}).setdefault(size, []).append(seconds)
        for size in SIZES:  # a million deliveries leave nine million records: two gigabytes
            found.setdefault("deliver, recorded", {}).setdefault(size, []).append(deliver(size))
    return found


# Memory ---------------------------------------------------------------------------------------------------


def peak(work: Callable[[], Any]) -> int:
    """The most bytes that Python held at once for this work."""
    gc.collect()
    tracemalloc.start()
    kept = work()
    bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del kept
    return bytes


def memory(size: int) -> Iterator[Row]:
    store = Ours()
    for number, batch in enumerate(batches(size, 100)):
        store.append(NAMES[number % STREAMS], batch)
    held = peak(lambda: list(store.read_all())) / size
    yield at_most(f"memory: an event read and kept, of {size:,}", held, None, "bytes")
    points = [
        (count, peak(lambda n=count: sum(1 for _ in store.read_all(limit=n)))) for count in SIZES if count <= size
    ]
    grown = points[-1][1] / points[1][1]
    yield at_most(f"memory: the peak of reading {size:,}, to that of 10,000", grown, 1.1, "times")
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    whole = os.path.getsize(store.path) / size
    text = sum(len(encode(event(n))) for n in range(0, size, 100)) / (size / 100)
    yield at_most(f"disk: an event in the file ({text:.0f} bytes of JSON)", whole, None, "bytes")
    store.close()
    case = ours(1, 1_000)
    prepared = case.prepare()
    held = peak(lambda: case.work(prepared))
    yield at_most("memory: a delivery in the trace (9 records and a message)", held / 1_000, None, "bytes")


def run(rounds: int) -> list[Row]:
    rows = []
    for name, sizes in measured(min(rounds, 3)).items():
        points = [(size, median(seconds)) for size, seconds in sizes.items()]
        last, seconds = points[-1]
        constant = "snapshot" in name
        each = at_most(f"growth: {name}, {last:,} events", seconds * 1e6 / (1 if constant else last), None, "µs")
        rows.append(Row(each.name, each.figure + ("" if constant else " each"), points=tuple(points)))
        limit = 0.1 if constant else 1.1
        rows.append(at_most(f"growth: {name}, exponent", exponent(points), limit, ""))
    return [*rows, *memory(100_000)]
