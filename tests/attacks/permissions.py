"""Permissions taken from a store in the middle of its life, its folder removed, its file moved or exchanged.

Whatever is taken, in turn and at random, an append is either done or refused with `StoreUnavailable`; what is
acknowledged stands in the file that has the store's name; and when all is given back the work goes on. It runs as a
user who may not do everything. The control is SQLite itself, which goes on writing to a file that nobody can find.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import apsw

from eventlab.errors import CorruptStore, StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store

SHORT, LONG = 60, 2_000
NOBODY = 65534
PARTS = ("", "-wal", "-shm")
MODES = (0o000, 0o222, 0o444)


def take(path: Path, chance: Random) -> str:
    """Take some permissions away; what was taken."""
    if chance.random() < 0.3:
        path.parent.chmod(mode := chance.choice([0o000, 0o500, 0o100]))
        return f"folder {mode:o}"
    mode, part = chance.choice(MODES), chance.choice(PARTS)
    with suppress(OSError):  # there is none, or the folder is closed already
        os.chmod(f"{path}{part}", mode)
    return f"file{part} {mode:o}"


def give_back(path: Path) -> None:
    path.parent.chmod(0o700)
    for part in PARTS:
        with suppress(FileNotFoundError):
            os.chmod(f"{path}{part}", 0o600)


def lose_permissions(folder: Path, rounds: int, seed: int = 1) -> Counter[str]:
    """An open store and newly opened ones, while permissions come and go."""
    chance, counts, acknowledged = Random(seed), Counter[str](), 0
    path = folder / "own" / "events.db"
    path.parent.mkdir()
    store = Store(path)
    for n in range(rounds):
        taken = {take(path, chance) for _ in range(chance.randint(1, 2))}
        for who in chance.sample(["open", "new"], 2):
            batch = [Event("noted", {"taken": sorted(taken)}, id=f"{n}-{who}-{k}") for k in range(3)]
            try:
                if who == "open":
                    store.append("s", batch)
                else:
                    with Store(path) as other:
                        other.append("s", batch)
                acknowledged += 1
                counts[f"{who}: done"] += 1
            except StoreUnavailable:
                counts[f"{who}: refused"] += 1
            except CorruptStore:
                counts["WRONG: a store that may not be read is called corrupt"] += 1
        give_back(path)
        if chance.random() < 0.3:
            store.close()
            store = Store(path)
        done = store.append("s", Event("noted", id=f"{n}-after"))
        acknowledged_events = 3 * acknowledged + n + 1
        counts["WRONG: half-written or lost"] += done.position != acknowledged_events
    store.verify()
    store.close()
    return +counts


def removed(folder: Path, rounds: int, seed: int = 2) -> Counter[str]:
    """The file or its folder goes away, is moved, or exchanged for another store's, while a store is open."""
    chance, counts = Random(seed), Counter[str]()
    for n in range(rounds):
        path = folder / f"gone-{n}" / "events.db"
        path.parent.mkdir()
        store = Store(path)
        for k in range(chance.randint(0, 3)):
            store.append("s", Event("noted", id=str(k)))
        how = chance.choice(["removed", "folder removed", "moved", "folder moved", "exchanged"])
        if how == "folder removed":
            shutil.rmtree(path.parent)
        elif how == "folder moved":
            path.parent.rename(folder / f"elsewhere-{n}")
        elif how == "removed":
            path.unlink()
        else:
            path.rename(path.with_name("moved.db"))
        if how == "exchanged":
            path.touch()
        for _ in range(2):
            try:
                store.append("s", Event("noted", id="too late"))
                counts[f"WRONG: {how}, and acknowledged"] += 1
            except StoreUnavailable:
                counts[f"{how}: refused"] += 1
        try:
            store.close()
        except StoreUnavailable:
            counts["a close that says so"] += 1
    return counts


def control(folder: Path) -> bool:
    """Whether SQLite by itself acknowledges what nobody will find."""
    (folder / "bare").mkdir()
    connection = apsw.Connection(str(folder / "bare" / "events.db"))
    connection.execute("PRAGMA journal_mode = wal; CREATE TABLE events (n)").fetchall()
    shutil.rmtree(folder / "bare")
    connection.execute("INSERT INTO events VALUES (1)")
    return not (folder / "bare").exists()


def suffer(rounds: int) -> None:
    """Run in a process of its own, as a user whom permissions bind."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        try:
            counts = lose_permissions(Path(name), rounds) + removed(Path(name), rounds // 2)
            counts["control: acknowledged by SQLite, and gone"] += control(Path(name))
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
    for what, count in sorted(counts.items()):
        print(f"{count} {what}")


def attack(rounds: int) -> Counter[str]:
    """What came of it; any other error than ours raises `AssertionError` with what the process said."""
    command = [sys.executable, "-m", "tests.attacks.permissions", str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr
    found = (line.split(" ", 1) for line in done.stdout.splitlines())
    return Counter({what: int(count) for count, what in found})


def broken(counts: Counter[str]) -> list[str]:
    """What is not as it should be, or was never tried."""
    expected = ("open: done", "new: refused", "new: done", "folder removed: refused", "exchanged: refused", "control")
    missing = [name for name in expected if not any(what.startswith(name) and counts[what] for what in counts)]
    return [what for what in counts if what.startswith("WRONG")] + [f"INVALID: never {name}" for name in missing]


def main(long: bool) -> int:
    counts = attack(LONG if long else SHORT)
    for what, count in counts.items():
        print(f"{count:>6,} {what}")
    wrong = broken(counts)
    print(*wrong or ["nothing wrong"], sep="\n")
    return len(wrong)


if __name__ == "__main__":
    suffer(int(sys.argv[1]))
