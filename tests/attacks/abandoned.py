"""Readers that are begun and forgotten, as a notebook's cells leave them: the log ahead does not grow without end.

A reader takes whole pages and keeps no cursor open, so that SQLite can write the log back into the file and begin it
anew. The control is a cursor of SQLite's own that was left half-read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from eventlab.event import Event
from eventlab.store import Store

SHORT, LONG = 20_000, 200_000
EVERY = 500  # so many appends, and another reader is begun
LIMIT = 8 * 2**20


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


def main(long: bool) -> int:
    appends = LONG if long else SHORT
    largest, shown = attack(appends)
    print(f"{appends:,} appends, {appends // EVERY} forgotten readers: the log took up to {largest / 2**20:.1f} MiB")
    print(f"the first one, taken up again, shows {shown:,} events")
    grown, old = attack(SHORT, raw)
    print(f"control, half-read cursors, {SHORT:,} appends: {grown / 2**20:.1f} MiB; the first one shows {old:,}")
    return (largest > LIMIT) + (shown != appends + 1_000) + (grown <= LIMIT)
