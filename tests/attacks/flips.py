"""One bit turned anywhere in a store's file: `verify` finds it, or every event can still be read as it was appended.

The control is SQLite's own `integrity_check`, which does not know what an event should say.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import apsw

from eventlab.errors import CorruptStore, StoreUnavailable
from eventlab.event import Event
from eventlab.store import Recorded, Store

SHORT, LONG = 200, 100_000
EVENTS = 150


def make(path: Path) -> list[Recorded]:
    """A closed store with some streams; what it holds."""
    store = Store(path)
    for number in range(EVENTS):
        data = {"n": number, "says": f"flight {number} is late"}
        store.append(f"flight-{number % 7}", [Event("flight.delayed", data, id=f"e{number}", time=number)])
    held = list(store.read_all())
    store.close()
    return held


def look(path: Path, held: list[Recorded]) -> str:
    """What becomes of a changed file: `found`, `harmless` (all is as it was), or `silent`."""
    try:
        store = Store(path, durable=False)
        try:
            store.verify()
            return "harmless" if list(store.read_all()) == held else "silent"
        finally:
            store.close()
    except (CorruptStore, StoreUnavailable):
        return "found"


def sqlite_is_content(path: Path) -> bool:
    """Whether SQLite itself sees nothing wrong."""
    try:
        connection = apsw.Connection(str(path))
        try:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        finally:
            connection.close()
    except apsw.Error:
        return False


def attack(count: int, folder: Path, seed: int = 0) -> tuple[Counter[str], int]:
    """Turn `count` random bits, one at a time; the outcomes, and how many changes SQLite alone did not see."""
    held = make(folder / "whole.db")
    whole, chance = (folder / "whole.db").read_bytes(), Random(seed)
    seen, missed = Counter[str](), 0
    for number in range(count):
        place, changed = chance.randrange(len(whole) * 8), bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        path = folder / f"turned-{number}.db"
        path.write_bytes(changed)
        content = sqlite_is_content(path)
        path.write_bytes(changed)
        outcome = look(path, held)
        seen[outcome] += 1
        missed += content and outcome == "found"
        for left in folder.glob(f"turned-{number}.db*"):
            left.unlink()
    return seen, missed


def main(long: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        seen, missed = attack(LONG if long else SHORT, Path(folder))
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in seen.most_common())
    print(f"{seen.total():,} bits turned: {outcomes}, {seen['silent']} unseen")
    print(f"control, SQLite's own check: {missed:,} of the found ones not seen")
    return seen["silent"] + (missed == 0)
