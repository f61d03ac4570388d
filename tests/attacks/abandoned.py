"""Readers that are begun and forgotten, as a notebook's cells leave them, and writers that never pause: the log ahead.

It does not grow without end. A reader takes whole pages and keeps no cursor open, so that SQLite can write the log back
into the file and begin it anew; and where many write, one of them makes the others wait for that. Controls: a cursor of
SQLite's own that was left half-read, and writers that leave the log to SQLite.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw

from eventlab import storefile
from eventlab.event import Event
from eventlab.store import Store
from tests.attacks.children import end, start

SHORT, LONG = 20_000, 200_000
SHORT_SECONDS, LONG_SECONDS = 6, 60
WRITERS = 8
EVERY = 500  # so many appends, and another reader is begun
LIMIT, CROWDED = 8 * 2**20, 128 * 2**20


def forgetful(store: Store) -> Any:
    """A reader that has shown one event, and nobody asks it for more."""
    next(reader := store.read_all())
    return reader


def raw(store: Store) -> Any:
    """The same by hand."""
    cursor = apsw.Connection(store.path).execute("SELECT * FROM events")
    next(cursor)
    return cursor


def attack(appends: int, begin: Callable[[Store], Any] = forgetful) -> tuple[int, int]:
    """The largest size of the log ahead, and how many events the first forgotten reader shows, taken up again."""
    with tempfile.TemporaryDirectory() as folder:
        path, readers, largest = Path(folder, "events.db"), [], 0
        with Store(path, durable=False) as store:
            store.append("flight-0", [Event("noted", id=f"first-{n}") for n in range(1_000)])
            for n in range(appends):
                store.append(f"flight-{n % 9}", Event("noted", {"text": "late " * 20}, id=f"e-{n}"))
                if n % EVERY == 0:
                    readers.append(begin(store))
                    largest = max(largest, os.path.getsize(f"{path}-wal"))
            largest = max(largest, os.path.getsize(f"{path}-wal"))
            shown = 1 + sum(1 for _ in readers[0])
            for cursor in readers[1:]:
                cursor.close()
    return largest, shown


def write(me: str, path: str, kind: str) -> None:
    """Run in a process of its own: append without a pause until it is killed."""
    if kind == "control":
        storefile.LOG = 2**60
    with Store(path, durable=False) as store:
        for n in itertools.count():
            store.append(f"s-{me}", Event("noted", {"text": "late " * 40}, id=f"{me}-{n}"))


def busy(seconds: float, kind: str = "store") -> tuple[int, int]:
    """The largest log that so many writers leave, looked at from time to time, and how many events they wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path, largest = Path(folder, "events.db"), 0
        Store(path).close()
        writers = [start(write, n, path, kind) for n in range(WRITERS)]
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(0.05)
                with suppress(FileNotFoundError):  # nobody has written yet
                    largest = max(largest, os.path.getsize(f"{path}-wal"))
            assert not any(writer.poll() for writer in writers), "a writer ended by itself"
        finally:
            for writer in writers:
                end(writer)
        with Store(path) as store:
            store.verify()
            return largest, store.position


def main(long: bool) -> int:
    appends = LONG if long else SHORT
    largest, shown = attack(appends)
    print(f"{appends:,} appends, {appends // EVERY} forgotten readers: the log took up to {largest / 2**20:.1f} MiB")
    print(f"the first one, taken up again, shows {shown:,} events")
    grown, old = attack(SHORT, raw)
    print(f"control, half-read cursors, {SHORT:,} appends: {grown / 2**20:.1f} MiB; the first one shows {old:,}")
    seconds, logs = LONG_SECONDS if long else SHORT_SECONDS, {}
    for kind in ("store", "control"):
        logs[kind], written = busy(seconds, kind)
        print(f"{WRITERS} writers, {seconds} s, {kind}: {logs[kind] / 2**20:.1f} MiB, {written:,} events", flush=True)
    crowded = (logs["store"] > CROWDED) + (logs["control"] <= CROWDED)
    return (largest > LIMIT) + (shown != 1_001) + (grown <= LIMIT) + crowded
