"""Writers, checkpoints without a pause and kills: SQLite's log begins anew all the time, and nothing is corrupted.

SQLite from 3.7.0 to 3.51.2 could corrupt a file when one process began the log anew while another was moving it into
the file. `apsw` brings a newer one; Python's own may be an older one, and is then the control. How often the log really
began anew is read from its header, by a process that has no other business with the file.
"""

from __future__ import annotations

import select
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import apsw

from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, Append, anomalies
from eventlab.store import Store
from tests.attacks.children import children, end, hear, say, start, tell, told
from tests.attacks.notes import gather, log, noted, opened
from tests.attacks.tails import Reader, follow, pages
from tests.support import store_door

WRITERS, CHECKPOINTERS = 3, 2
MODES = ["PASSIVE"] * 200 + ["FULL", "RESTART", "TRUNCATE"]


def play(me: str, path: str) -> None:
    """Run in a process of its own: the first of every five write, the others move the log into the file."""
    chance, n = Random(me), 0
    store = Store(path, durable=False)
    store_door.connection(store).execute(
        "PRAGMA synchronous = OFF"
    ).fetchall()  # a kill needs no sync, and without it more happens
    store_door.connection(store).execute(f"PRAGMA wal_autocheckpoint = {chance.choice([1, 5, 20])}").fetchall()
    tell("ready")
    until = told()
    if int(me) % (WRITERS + CHECKPOINTERS) >= WRITERS:
        store_door.connection(store).set_busy_timeout(0)
        while time.monotonic() < until:
            store_door.rows(store, f"PRAGMA wal_checkpoint({chance.choice(MODES)})")
        return
    out = opened(Path(f"{path}.notes-{me}"))
    while time.monotonic() < until:
        n += 1
        append = Append(f"s-{chance.randrange(5)}", tuple(f"{me}-{n}-{k}" for k in range(1 + n % 7)), 0)
        events = [Event("noted", {"text": "x" * 500}, id=id) for id in append.ids]
        noted(out, append, lambda append=append, events=events: store.append(append.stream, events))  # type: ignore[misc]


def count_resets(path: str) -> None:
    """Run in a process of its own: how often the log began anew. Each time a number in its header grows by one."""
    resets, last = 0, None
    while not select.select([sys.stdin], [], [], 0.001)[0]:  # until somebody asks
        with open(f"{path}-wal", "rb") as file:
            header = file.read(32)
        if len(header) == 32:
            salt = int.from_bytes(header[16:20], "big")
            grown = (salt - (salt if last is None else last)) % 2**32
            resets += grown if grown < 10**6 else 1
            last = salt
    tell(resets)


def attack(seconds: float, seed: int = 6) -> tuple[list[str], Counter[str]]:
    """The kinds of anomalies found, and what went on; a corrupt file raises `CorruptStore`."""
    story: dict[str, Append] = {}
    with tempfile.TemporaryDirectory() as folder, Store(path := Path(folder, "events.db"), durable=False) as store:
        store.append("s-0", Event("noted", id="first"))  # the log is there
        story["first"] = Append("s-0", ("first",), 0, 1, ACKNOWLEDGED, None, 1, 1)
        counter = start(count_resets, path)
        reader = Reader(pages(store))
        kills = follow(reader, seconds, Random(seed), WRITERS + CHECKPOINTERS, play, path)
        say(counter, "how often?")
        resets = hear(counter)
        end(counter)
        store.verify()  # SQLite's own check of its integrity is the last thing in it
        places = log(store)
        gather(path.parent.glob("*.notes-*"), story)
    found = anomalies(list(story.values()), places, reader.reads, {"beside": reader.seen})
    outcomes = Counter(append.outcome for append in story.values())
    return sorted({each.kind for each in found}), outcomes + Counter(kills=kills, events=len(places), resets=resets)


def connected(driver: str, path: str) -> Any:
    if driver == "apsw":
        connection = apsw.Connection(path)
        connection.set_busy_timeout(30_000)
        return connection
    return sqlite3.connect(path, timeout=30, isolation_level=None)


def play_raw(me: str, driver: str, path: str, until: str) -> None:
    """The same without a store, through any driver: two write rows, two move the log."""
    rows = 0
    with closing(connected(driver, path)) as db:
        db.execute("PRAGMA synchronous = OFF").fetchall()
        db.execute("PRAGMA wal_autocheckpoint = 1").fetchall()
        try:
            while time.monotonic() < float(until):
                if int(me) >= 2:
                    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    continue
                db.execute("BEGIN IMMEDIATE")
                for n in range(1 + rows % 7):
                    db.execute("INSERT INTO rows (who, number, text) VALUES (?, ?, ?)", (me, n, "x" * 500))
                db.execute("COMMIT")
                rows += 1 + rows % 7
        except (sqlite3.DatabaseError, apsw.Error) as error:
            tell([rows, str(error)])
        else:
            tell([rows, "ok"])


def attack_raw(driver: str, seconds: float) -> str:
    """What SQLite itself says of a file that one driver wrote: "ok", or what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder, closing(connected(driver, path := f"{folder}/raw.db")) as db:
        db.execute("PRAGMA journal_mode = wal").fetchall()
        db.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, who, number, text)").fetchall()
        db.execute("CREATE INDEX of ON rows (who, number)").fetchall()
        with children(4, play_raw, driver, path, time.monotonic() + seconds) as playing:
            written, said = zip(*map(hear, playing), strict=True)
        try:
            said += tuple(" ".join(line.split()) for (line,) in db.execute("PRAGMA integrity_check(1)").fetchall())
            ((there,),) = db.execute("SELECT count(*) FROM rows").fetchall()
            said += () if there == sum(written) else (f"{sum(written)} rows acknowledged, {there} there",)
        except (sqlite3.DatabaseError, apsw.Error) as error:
            said += (str(error),)
    return next((each for each in said if each != "ok"), "ok")


def main(long: bool) -> int:
    wrong, counts = attack(320 if long else 5)
    print(f"the store, SQLite {apsw.sqlite_lib_version()}: {dict(counts)}; wrong: {wrong or 'nothing'}")
    broken = len(wrong) + (min(counts["kills"], counts["resets"] - 100) <= 0)
    if long:
        said = attack_raw("apsw", 60)
        print(f"plain rows, the same SQLite: {said}")
        broken += said != "ok"
        for n in range(5):
            said = attack_raw("sqlite3", 20)
            print(f"control, not required, plain rows, Python's SQLite {sqlite3.sqlite_version}, run {n + 1}: {said}")
    return broken
