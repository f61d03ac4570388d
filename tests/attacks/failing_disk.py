"""A disk that refuses writes or syncs, once or for a while: one clear error, nothing half-written.

SQLite works on a layer that fails at the n-th call, as a disk fails that is broken, full, or mounted read-only in the
middle of a store's life. Then the disk is well again, and the store must go on; or the process is killed where it
stands, and another must find a clean beginning. The control appends the same batches event by event.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import apsw

from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store
from tests.attacks.children import forked
from tests.support import store_door

SHORT, LONG = 150, 5_000
CYCLE = 25  # tries of one process; then it is killed
BATCH = 3
FAULTS = (apsw.FullError, apsw.ReadOnlyError, apsw.IOError, apsw.PermissionsError)


class Disk(apsw.VFS):
    """The layer below SQLite: healthy, or failing from the call number `at` on, for `calls` calls."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.at, self.calls, self.count, self.struck = chance, -1, 0, 0, Counter[str]()
        super().__init__("failing", "unix", makedefault=True)

    def fail(self, at: int, calls: int) -> None:
        self.at, self.calls, self.count = at, calls, 0

    def touch(self, what: str) -> None:
        self.count += 1
        if 0 <= self.at < self.count <= self.at + self.calls:
            self.struck[what] += 1
            raise self.chance.choice(FAULTS)(f"the disk refuses to {what}")

    def xOpen(self, name: Any, flags: Any) -> apsw.VFSFile:
        return _Log(self, name, flags) if flags[0] & apsw.SQLITE_OPEN_WAL else super().xOpen(name, flags)


class _Log(apsw.VFSFile):
    """Only the log ahead fails, outside of checkpoints: a failed one SQLite tries again, but apsw would raise it."""

    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        self.disk = disk
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.touch("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self.disk.touch("sync")
        super().xSync(flags)


def _alone(connection: apsw.Connection) -> None:
    connection.pragma("locking_mode", "exclusive")  # the index of the log in memory: the layer has none to share


def suffer(path: Path, notes: Path, seed: int, whole: bool) -> None:
    """Append batches to a failing disk, note what came of each, and die without a word."""
    chance = Random(seed)
    disk = Disk(chance)
    apsw.connection_hooks.append(_alone)
    store = Store(path)
    store_door.connection(store).pragma("wal_autocheckpoint", 0)
    out = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(*what: Any) -> None:
        os.write(out, json.dumps([*what, dict(disk.struck)]).encode() + b"\n")

    for number in range(CYCLE):
        name = f"{seed}-{number}"
        batch = [Event("noted", {"text": "x" * chance.randrange(2_000)}, id=f"{name}-{n}") for n in range(BATCH)]
        before = store.position
        disk.fail(chance.randrange(30 if number % 5 else 3), chance.choice([1, 1, 2, 10**9]))
        said, first = "done", before
        try:
            for part in [batch] if whole else [[event] for event in batch]:
                store.append("s", part)
        except StoreUnavailable:
            said = "refused"
        if chance.random() < 0.1:
            break  # killed while the disk is still failing
        disk.fail(-1, 0)
        if chance.random() < 0.3:
            store_door.connection(store).pragma("wal_checkpoint")  # so that the log begins anew
        stored = store.position - first
        again = store.append("s", batch) if whole and chance.random() < 0.5 else None
        note(name, said, stored, again and again.duplicate)
    else:
        os.kill(os.getpid(), signal.SIGKILL)
    note(name, said, "killed", None)
    os.kill(os.getpid(), signal.SIGKILL)


def attack(tries: int, whole: bool = True, seed: int = 1) -> tuple[Counter[str], Counter[str]]:
    """What went wrong, and what came of the appends."""
    wrong, counts = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        path, notes = Path(folder, "events.db"), Path(folder, "notes")
        Store(path).close()
        while counts["done"] + counts["refused"] < tries:
            seed += 1
            child = forked(suffer, path, notes, seed, whole)
            wrong["another error than ours"] += os.WTERMSIG(os.waitpid(child, 0)[1]) != signal.SIGKILL
            with Store(path, durable=False) as store:
                store.verify()
                there = Counter(recorded.event.id.rpartition("-")[0] for recorded in store.read_all())
            wrong["half a batch"] += sum(count != BATCH for count in there.values())
            lines = [json.loads(line) for line in notes.read_text().splitlines()]
            for name, said, stored, duplicate, _ in lines:
                counts[said] += 1
                if stored == "killed":
                    counts["killed there"] += 1
                    counts["refused, and there after the kill"] += said == "refused" and name in there
                else:
                    wrong["refused, but written"] += said == "refused" and stored > 0
                    wrong["the answer to a repetition"] += duplicate is not None and duplicate != (said == "done")
                wrong["acknowledged, and gone"] += said == "done" and name not in there
            for what, count in lines[-1][-1].items():
                counts[f"{what} failed"] += count
            notes.unlink(missing_ok=True)
    return +wrong, counts


def main(long: bool) -> int:
    tries = LONG if long else SHORT
    wrong, counts = attack(tries)
    hit = all(counts[f"{what} failed"] for what in ("write", "sync")) and counts["refused"] > tries // 20
    print(f"{dict(counts)}; wrong: {dict(wrong) or 'nothing'}{'' if hit else '; INVALID: the disk did not fail'}")
    control, _ = attack(SHORT, whole=False)
    print(f"control, event by event: {dict(control)}")
    return wrong.total() + (not hit) + (not control["half a batch"])
