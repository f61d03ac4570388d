"""Eight processes append to one stream without a pause: nobody is refused, nobody starves, nobody waits for long.

Controls: transactions that read before they write (`BEGIN DEFERRED`), which SQLite refuses at once however long they
would wait, and a store that waits with SQLite's own back-off, in which whoever has just written comes first again.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import apsw

from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store
from eventlab.storefile import PATIENCE
from tests.attacks.children import children, hear, say, tell, told
from tests.support import store_door

PROCESSES = 8


class Deferred:
    """Reads where the next event belongs, and then asks for the lock."""

    def __init__(self, path: str) -> None:
        self.path, self.db = path, apsw.Connection(path)
        self.db.set_busy_timeout(PATIENCE * 1000)

    def append(self, stream: str, event: Event) -> None:
        try:
            self.db.execute("BEGIN DEFERRED")
            version: Any = self.db.execute("SELECT count(*) FROM naive").get
            self.db.execute("INSERT INTO naive VALUES (?, ?, ?)", (version + 1, stream, event.id))
            self.db.execute("COMMIT")
        except apsw.BusyError as error:
            self.db.execute("ROLLBACK")
            raise StoreUnavailable(self.path, str(error)) from error


def write(me: str, path: str, seconds: str, kind: str) -> None:
    """Run in a process of its own: how many appends were done and refused, and the longest wait in seconds."""
    store = Deferred(path) if kind == "deferred" else Store(path)
    if kind == "back-off" and isinstance(store, Store):
        store_door.connection(store).set_busy_timeout(PATIENCE * 1000)
    done = refused = 0
    longest = 0.0
    tell("ready")
    told()
    now = time.monotonic()
    end = now + float(seconds)
    while now < end:
        try:
            store.append("shared", Event("noted", id=f"{me}-{done}-{refused}"))
            done += 1
        except StoreUnavailable:
            refused += 1
        before, now = now, time.monotonic()
        longest = max(longest, now - before)
    tell([done, refused, longest])


def hold(me: str, path: str) -> None:
    """Run in a process of its own: hold the store's lock until told, and a little longer."""
    with Store(path)._db:
        tell("holding")
        told()
        time.sleep(0.3)


def try_lock(me: str, path: str) -> None:
    """Run in a process of its own: say whether the file is locked now."""
    try:
        apsw.Connection(path).execute("BEGIN IMMEDIATE")
        tell("free")
    except apsw.BusyError:
        tell("locked")


class Waits:
    """What came of it: the appends of each process, all refused ones, the longest wait of all."""

    def __init__(self, answers: list[list[Any]]) -> None:
        self.done = [done for done, _, _ in answers]
        self.refused = sum(refused for _, refused, _ in answers)
        self.longest: float = max(longest for _, _, longest in answers)
        self.share: float = min(self.done) / max(self.done)

    def __str__(self) -> str:
        return (f"{sum(self.done):,} appends, {self.refused:,} refused as locked, slowest/fastest {self.share:.2f}, "
                f"longest wait {self.longest:.2f} s")  # fmt: skip


def attack(seconds: float, kind: str = "store") -> Waits:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        with Store(path) as store:
            if kind == "deferred":
                store_door.connection(store).execute("CREATE TABLE naive (version, stream, id)").fetchall()
        with children(PROCESSES, write, path, seconds, kind) as writers:
            assert [hear(writer) for writer in writers] == ["ready"] * PROCESSES
            for writer in writers:
                say(writer, "go")
            waits = Waits([hear(writer) for writer in writers])
        with Store(path) as store:
            assert kind == "deferred" or store.position == sum(waits.done)
            store.verify()
    return waits


def main(long: bool) -> int:
    seconds = 60 if long else 4
    found = {kind: attack(seconds, kind) for kind in ("store", "deferred", "back-off")}
    for kind, waits in found.items():
        print(f"{'' if kind == 'store' else 'control, '}{kind}, {PROCESSES} processes, {seconds} s: {waits}")
    ours, deferred, back_off = found.values()
    broken = int(ours.refused > 0) + (ours.share < 0.25) + (ours.longest > 2)
    return broken + (deferred.refused == 0) + (back_off.share >= 0.25 and back_off.longest <= 2)
