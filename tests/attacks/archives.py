"""Harm to an archive's files, and kill -9 while it is written and let go: found, or harmless; no event is ever lost.

Harm: a bit turned, a file missing, cut short, longer, exchanged with another, put in another's place, or forged, with
the digest in its name computed anew. Controls: DuckDB alone, which reads much of that without a word; and a store that
lets go first.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from hashlib import file_digest
from pathlib import Path
from random import Random

import duckdb

from eventlab.archive import Archive
from eventlab.errors import CorruptStore, StoreUnavailable
from eventlab.event import Event
from eventlab.store import Recorded, Store
from eventlab.storefile import release
from tests.attacks.children import asked, forked
from tests.support.store_door import connection

SHORT, LONG = 60, 5_000
KILLS, FOLDERS = 8, 60  # in a folder, since each look takes as long as there are events; folders in a long run
EVENTS, SEGMENT = 120, 30
STEPS = {b"w": "writing", b"r": "letting go", b"d": "between"}


def filled(path: Path, count: int = EVENTS, who: str = "meter") -> Store:
    store = Store(path, durable=False)
    grow(store, count, who)
    return store


def grow(store: Store, count: int, who: str = "meter") -> None:
    for n in range(store.position, store.position + count):
        store.append(f"{who}-{n % 5}", Event("power.read", {"kWh": n}, f"{who} {n % 5}", f"{who}-{n}", time=n))


# -- harm -------------------------------------------------------------------------------------------------------------


def turned(old: Archive, chance: Random) -> None:
    path = chance.choice(old.segments).path
    content, place = bytearray(path.read_bytes()), chance.randrange(path.stat().st_size * 8)
    content[place // 8] ^= 1 << place % 8
    path.write_bytes(content)


def missing(old: Archive, chance: Random) -> None:
    chance.choice(old.segments).path.unlink()


def cut_short(old: Archive, chance: Random) -> None:
    path = chance.choice(old.segments).path
    os.truncate(path, chance.randrange(path.stat().st_size))


def longer(old: Archive, chance: Random) -> None:
    with open(chance.choice(old.segments).path, "ab") as file:
        file.write(chance.randbytes(chance.randrange(1, 99)))


def exchanged(old: Archive, chance: Random) -> None:
    one, two = (each.path for each in chance.sample(old.segments, 2))
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


def in_place_of(old: Archive, chance: Random) -> None:
    one, two = (each.path for each in chance.sample(old.segments, 2))
    shutil.copy(one, two)


def forged(old: Archive, chance: Random) -> None:
    """One event says something else, in all columns, and the file has the name that belongs to its new content."""
    segment, new = chance.choice(old.segments), old.folder / "new"
    was = chance.randrange(segment.first, segment.last + 1) - 1
    changed = f"""SELECT * REPLACE (replace(event, '"kWh":{was}}}', '"kWh":{was + 1}}}') AS event)"""
    with closing(duckdb.connect()) as db:
        db.execute(f"COPY ({changed} FROM '{segment.path}' ORDER BY position) TO '{new}' (FORMAT parquet)")
    with open(new, "rb") as file:
        digest = file_digest(file, "sha256").hexdigest()[:16]
    segment.path.unlink()
    new.rename(old.folder / f"{segment.first:012}-{segment.last:012}-{digest}.parquet")


HARM: tuple[Callable[[Archive, Random], None], ...] = (
    turned, missing, cut_short, longer, exchanged, in_place_of, forged,
)  # fmt: skip


def outcome(old: Archive, held: list[Recorded]) -> str:
    """What becomes of a harmed archive: `found`, `harmless` (all reads as it was), or `silent`."""
    try:
        old.verify()
    except CorruptStore:
        return "found"
    return "harmless" if list(old.read_all()) == held else "silent"


def duckdb_says_nothing(folder: Path) -> bool:
    """Control: whether the files, read by DuckDB alone, give rows without any error."""
    try:
        with closing(duckdb.connect()) as db:
            return bool(db.execute(f"SELECT * FROM read_parquet('{folder}/*.parquet')").fetchall())
    except duckdb.Error:
        return False


def harmed(count: int, seed: int = 0) -> tuple[Counter[str], Counter[str], int]:
    """Harm an archive so many times: the outcomes, which harm was found, and how often DuckDB alone said nothing."""
    chance, seen, by, unnoticed = Random(seed), Counter[str](), Counter[str](), 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with filled(folder / "live.db") as store:
            whole, old = Archive(folder / "whole", store), Archive(folder / "harmed", store)
            for end in range(SEGMENT, EVENTS, SEGMENT):
                whole.write(end)
            held = list(whole.read_all())
            whole.release()
            for number in range(count):
                shutil.rmtree(old.folder, ignore_errors=True)
                shutil.copytree(whole.folder, old.folder)
                harm = HARM[number % len(HARM)]
                harm(old, chance)
                found = outcome(old, held)
                seen[found] += 1
                by[harm.__name__] += found == "found"
                unnoticed += found == "found" and duckdb_says_nothing(old.folder)
    return seen, by, unnoticed


# -- kills ------------------------------------------------------------------------------------------------------------


def let_go(folder: Path, careless: bool, told: int) -> None:
    """Append, archive and let go without a pause, until somebody kills this process."""
    with Store(folder / "live.db", durable=False) as store:
        old = Archive(folder / "old", store)
        while True:
            grow(store, 10)
            end = store.position - 5
            os.write(told, b"w")
            if careless:  # lets go of what is not archived yet
                release(connection(store), store.path, end)
                time.sleep(0.01)
            old.write(end)
            os.write(told, b"r")
            old.release()
            os.write(told, b"d")


def killed(count: int, careless: bool = False, seed: int = 0) -> tuple[list[str], Counter[str]]:
    """Kill it so many times at any moment; what is wrong, and in which step it was."""
    chance, seen, wrong = Random(seed), Counter[str](), set[str]()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        filled(folder / "live.db", 20).close()
        for _ in range(count):
            read, write = os.pipe()
            child = forked(partial(let_go, folder, careless, write))
            os.close(write)  # so that reading ends when the process has ended by itself, as a careless one does
            step = chance.choice([b"w", b"r"])
            while os.read(read, 1) not in (step, b""):
                pass
            time.sleep(chance.random() / 50)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            seen[STEPS[(step + b"".join(iter(partial(os.read, read, 999), b"")))[-1:]]] += 1
            os.close(read)
            wrong.update(asked(lost, folder))
            if wrong:
                break
        with Store(folder / "live.db") as store:
            seen["events"] = store.position
    return sorted(wrong), seen


def lost(folder: Path) -> list[str]:
    """What a kill has left wrong: nothing may be, neither in the store nor in the archive."""
    try:
        with Store(folder / "live.db", durable=False) as store:
            old = Archive(folder / "old", store)
            old.verify()
            numbers = [each.event.data["kWh"] for each in old.read_all()]
            return [] if numbers == list(range(store.position)) else ["events lost"]
    except (CorruptStore, StoreUnavailable) as error:
        return [f"refused: {type(error).__name__}"]


def main(long: bool) -> int:
    wrong, steps = list[str](), Counter[str]()
    for seed in range(FOLDERS if long else 1):  # before DuckDB starts threads here: we fork
        found, seen = killed(KILLS, seed=seed)
        wrong += found
        steps += seen
    struck = steps["writing"] and steps["letting go"]
    print(f"kills: {dict(steps)}: {wrong or '0 wrong'}{'' if struck else '; INVALID: no kill fell into both steps'}")
    careless, _ = killed(KILLS, careless=True)
    print(f"control, letting go first: {careless}")
    seen, by, unnoticed = harmed(LONG if long else SHORT)
    print(f"harm: {dict(seen)}, found {dict(by)}; control, DuckDB alone says nothing: {unnoticed}")
    broken = seen["silent"] + (unnoticed == 0) + any(by[harm.__name__] == 0 for harm in HARM)
    return broken + len(wrong) + (not struck) + (not careless)
