"""Simulated power cuts: the store's file as a disk could hold it after every write and sync, opened and verified.

SQLite writes through a layer that notes every write, truncation and sync. A cut keeps what was synced, and of what came
after it nothing, everything, or a random part, torn in sectors of 512 bytes. The control is SQLite told not to sync.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import apsw

from eventlab.errors import EventlabError
from eventlab.event import Event
from eventlab.store import Store
from tests.support import store_door

SECTOR = 512
Step = tuple[Any, ...]  # ("write", file, offset, bytes), ("cut off", file, size), ("sync" or "delete", file)


class Recorder(apsw.VFS):
    """A layer below SQLite that notes what it asks of the disk, for as long as it is the default one."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        super().__init__("recorder", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> apsw.VFSFile:
        return _File(self.steps, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        self.steps.append(("delete", Path(name).name))
        super().xDelete(name, sync)


class _File(apsw.VFSFile):
    def __init__(self, steps: list[Step], name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.steps, self.name = steps, Path(path or "temporary").name

    def xWrite(self, data: bytes, offset: int) -> None:
        self.steps.append(("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:
        self.steps.append(("cut off", self.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:
        self.steps.append(("sync", self.name))
        super().xSync(flags)


def record(mode: str, appends: int) -> list[Step]:
    """The steps of so many appends; ("acknowledged", position) stands where the store had answered."""
    vfs = Recorder()
    apsw.connection_hooks.append(_alone)
    try:
        with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/events.db", durable=mode != "NORMAL") as store:
            if mode == "OFF":
                store_door.connection(store).pragma("synchronous", 0)
            store_door.connection(store).pragma(
                "wal_autocheckpoint", 40
            )  # as rarely as in earnest, none would fall into the run
            for n in range(appends):
                events = [Event("noted", {"text": "x" * (n * 37 % 900)}, id=f"{n}-{k}") for k in range(1 + n % 3)]
                vfs.steps.append(("acknowledged", store.append(f"flight-{n % 5}", events).position))
            return list(vfs.steps)
    finally:
        apsw.connection_hooks.remove(_alone)
        vfs.unregister()


def _alone(connection: apsw.Connection) -> None:
    connection.pragma("locking_mode", "exclusive")  # the index of the log in memory: the layer has none to share


def cuts(steps: list[Step], chance: Random) -> Iterator[tuple[int, dict[str, bytearray]]]:
    """For every step three disks, as a cut behind it may leave them, with the last position acknowledged by then."""
    synced: dict[str, bytearray] = {}
    waiting: list[Step] = []
    acknowledged = 0
    for step in steps:
        if step[0] == "acknowledged":
            acknowledged = step[1]
        elif step[0] == "sync":
            for each in [each for each in waiting if each[1] == step[1]]:
                _apply(synced, each)
            waiting = [each for each in waiting if each[1] != step[1]]
        elif step[0] == "delete":
            synced.pop(step[1], None)
            waiting = [each for each in waiting if each[1] != step[1]]
        else:
            waiting.append(step)
        for kept in ("nothing", "everything", "a part"):
            disk = {name: bytearray(content) for name, content in synced.items()}
            for each in waiting:
                if kept == "everything":
                    _apply(disk, each)
                elif kept == "a part" and chance.random() < 0.5:
                    for part in _torn(each, chance):
                        _apply(disk, part)
            yield acknowledged, disk


def _torn(step: Step, chance: Random) -> list[Step]:
    """A write of which only some sectors reached the disk."""
    if step[0] != "write" or chance.random() < 0.7:
        return [step]
    _, name, offset, data = step
    parts = [("write", name, offset + n, data[n : n + SECTOR]) for n in range(0, len(data), SECTOR)]
    return [part for part in parts if chance.random() < 0.5]


def _apply(disk: dict[str, bytearray], step: Step) -> None:
    file = disk.setdefault(step[1], bytearray())
    if step[0] == "cut off":
        del file[step[2] :]
        return
    _, _, offset, data = step
    file.extend(bytes(max(0, offset + len(data) - len(file))))
    file[offset : offset + len(data)] = data


def attack(mode: str, appends: int, seed: int = 1) -> Counter[str]:
    """How the cuts ended: `whole`, `lost` (a clean beginning, but not all that was acknowledged), `corrupt`."""
    ends = Counter[str]()
    steps = record(mode, appends)
    for acknowledged, disk in cuts(steps, Random(seed)):
        ends["cuts"] += 1
        with tempfile.TemporaryDirectory() as folder:
            for name, content in disk.items():
                Path(folder, name).write_bytes(content)
            try:
                with Store(f"{folder}/events.db", durable=False) as store:
                    store.verify()  # dense, chained, whole: a clean beginning
                    batches = Counter(each.event.id.split("-")[0] for each in store.read_all())
                    torn = any(count != 1 + int(n) % 3 for n, count in batches.items())
                    ends["corrupt" if torn else "whole" if store.position >= acknowledged else "lost"] += 1
            except EventlabError:
                ends["corrupt"] += 1
    return ends


def main(long: bool) -> int:
    appends = 200 if long else 30
    ends = {mode: attack(mode, appends) for mode in ("FULL", "NORMAL", "OFF")}
    for mode, found in ends.items():
        print(f"synchronous={mode}: {found['cuts']:,} cuts, {found['lost']:,} lost, {found['corrupt']:,} corrupt")
    blind = [mode for mode, kind in (("NORMAL", "lost"), ("OFF", "corrupt")) if not ends[mode][kind]]
    if blind:
        print(f"INVALID: the cuts did not hurt {', '.join(blind)}")
    return ends["FULL"]["lost"] + ends["FULL"]["corrupt"] + ends["NORMAL"]["corrupt"] + len(blind)
