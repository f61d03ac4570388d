"""kill -9 of all of PostgreSQL, and of writers, while sixteen of these append and a reader follows.

Each writer notes what it begins and what it was answered in a file of its own, which outlives it; what a killed one
never heard about is tried again by the next. The story is then held against the store by `eventlab.histories`.
Controls: a commit that does not wait for the disk, and positions from a sequence, which are there before the commit.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from eventlab import engines
from eventlab.engines.servers import Server
from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, UNKNOWN, Append, Read, anomalies
from eventlab.rows import Appended
from eventlab.store import ANY
from tests.attacks.children import forked
from tests.attacks.notes import gather, log, noted, opened
from tests.attacks.tails import SIZES, missed

WRITERS = 16
READS = msgspec.json.Decoder(Read)


class Sequence:
    """The control: a position is taken from a sequence, the work goes on, and only then comes the commit."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.db = psycopg.connect(url)

    def append(self, append: Append) -> Appended:
        with self.db.transaction():
            for id in append.ids:
                self.db.execute("INSERT INTO plain (id) VALUES (%s)", (id,))
            time.sleep(0.002)  # what was begun is thought about; without it a busy machine may let nobody in between
        return Appended(append.stream, 0, 0)


def opened_store(url: str, durable: bool = True) -> Any:
    """The store, as soon as PostgreSQL is there."""
    from eventlab.engines.postgres import PostgresStore

    while True:
        try:
            return PostgresStore(url, "attacked", durable=durable, patience=60)
        except StoreUnavailable:
            time.sleep(0.05)


def write(url: str, notes: Path, name: str, kind: str, again: list[Append]) -> None:
    """Append until somebody kills this process, or its parent is gone; first of all what nobody knows about."""
    chance, out, n, parent = Random(name), opened(notes), 0, os.getppid()
    store = Sequence(url) if kind == "sequence" else opened_store(url, durable=kind != "not durable")

    def do(append: Append) -> Appended:
        if isinstance(store, Sequence):
            return store.append(append)
        events = [Event("noted", id=id) for id in append.ids]
        done: Appended = store.append(append.stream, events, ANY if append.expected is None else append.expected)
        if done.duplicate:
            os.write(out, b"again\n")
        return done

    while os.getppid() == parent:
        if again:
            append = again.pop()
        else:
            stream, n = f"s-{chance.randrange(5)}", n + 1
            ids = tuple(f"{name}-{n}-{k}" for k in range(chance.choice(SIZES)))
            known = kind == "store" and chance.random() < 0.3
            append = Append(stream, ids, 0, expected=store.version(stream) if known else None)
        noted(out, append, lambda append=append: do(append))  # type: ignore[misc]


def follow(page: Callable[[int], list[tuple[int, str]]], notes: Path, stop: Path) -> None:
    """Read what is new until the file `stop` is there, and note it; once more after that, to the end."""
    after, parent, last = 0, os.getppid(), False
    with open(notes, "wb") as out:
        while not last and os.getppid() == parent:
            last, begun = stop.exists(), time.monotonic_ns()
            seen = page(after)
            out.write(msgspec.json.encode(Read(begun, tuple(seen), after)) + b"\n")
            after = seen[-1][0] if seen else after
            time.sleep(0.001)


def pages(url: str, kind: str) -> Callable[[int], list[tuple[int, str]]]:
    """What the reader calls: all that is behind a position."""
    if kind == "sequence":
        import psycopg

        db = psycopg.connect(url, autocommit=True)
        return lambda after: db.execute(
            "SELECT position, id FROM plain WHERE position > %s ORDER BY 1", (after,)
        ).fetchall()
    store = opened_store(url)
    return lambda after: [(each.position, each.event.id) for each in store.read_all(after=after)]


def crash(database: Server) -> int:
    """kill -9 of the server and of every process that it began; the number of processes."""
    pid = database.pid
    everyone = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    for each in everyone:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    database.kill()  # so that its owner knows
    return len(everyone)


class Writers:
    """Sixteen processes that append; some are killed now and then, and others take over what they left open."""

    def __init__(self, url: str, folder: Path, kind: str) -> None:
        self.url, self.folder, self.kind, self.count = url, folder, kind, 0
        self.running: dict[int, Path] = {}

    def begin(self, count: int, again: list[Append]) -> None:
        for n in range(count):
            self.count += 1
            notes = self.folder / f"notes-{self.count}"
            self.running[forked(write, self.url, notes, str(self.count), self.kind, again[n::count])] = notes

    def kill(self, pids: list[int]) -> list[Append]:
        """kill -9; gives back what these were doing."""
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            os.waitpid(pid, 0)
        left = [underway(self.running.pop(pid)) for pid in pids]
        return [append for append in left if append is not None]


def underway(notes: Path) -> Append | None:
    """The append in which a writer's notes break off."""
    lines = [line for line in noted_lines(notes) if line != b"again\n"]
    append = msgspec.json.decode(lines[-1], type=Append) if lines else None
    return append if append is not None and append.outcome == UNKNOWN else None


def noted_lines(notes: Path) -> list[bytes]:
    with suppress(FileNotFoundError):  # it was killed before it began
        return [line for line in notes.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    return []


def attack(cycles: int, kind: str = "store", seed: int = 7) -> tuple[Counter[str], Counter[str]]:
    """What was wrong, by kind, and what went on."""
    with tempfile.TemporaryDirectory() as name, engines.local(nodes=1) as real:
        folder, database = Path(name), real.database
        assert database is not None, "unset EVENTLAB_POSTGRES: a server of one's own is not killed"
        prepare(real.postgres, kind)
        reader = forked(lambda: follow(pages(real.postgres, kind), folder / "reads", folder / "stop"))
        writers = Writers(real.postgres, folder, kind)
        writers.begin(WRITERS, [])
        counts = strike(cycles if kind != "sequence" else 0, writers, database, Random(seed))
        writers.kill(list(writers.running))
        sessions_ended(real.postgres)
        (folder / "stop").touch()
        assert os.waitpid(reader, 0)[1] == 0, "the reader failed"
        return judged(real.postgres, folder, kind, counts)


def sessions_ended(url: str) -> None:
    """Wait until only the reader's session is left: one of a killed writer may commit after the reader's last look."""
    import psycopg

    others = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as db:
        while len(db.execute(others).fetchall()) > 1:
            time.sleep(0.01)


def prepare(url: str, kind: str) -> None:
    if kind != "sequence":
        opened_store(url).close()
        return
    import psycopg

    with psycopg.connect(url) as db:
        db.execute("CREATE TABLE plain (position bigserial PRIMARY KEY, id text)")


def strike(cycles: int, writers: Writers, database: Server, chance: Random) -> Counter[str]:
    """Kill and start again; what was killed, and how often a writer stood in an append when PostgreSQL went."""
    counts = Counter[str]()
    for _ in range(cycles):
        time.sleep(0.15 + chance.random() / 3)
        counts["processes of PostgreSQL"] += crash(database)
        counts["kills of PostgreSQL"] += 1
        counts["struck"] += sum(underway(notes) is not None for notes in writers.running.values())
        chosen = chance.sample(sorted(writers.running), 2)
        again = writers.kill(chosen)
        counts["kills of writers"] += len(chosen)
        database.start()
        writers.begin(len(chosen), again)
    time.sleep(1)
    return counts


def judged(url: str, folder: Path, kind: str, counts: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """The story against the store."""
    reads = [READS.decode(line) for line in (folder / "reads").read_bytes().splitlines()]
    seen = [position for read in reads for position, _ in read.seen]
    if kind == "sequence":
        return missed([position for position, _ in pages(url, kind)(0)], seen), counts
    story: dict[str, Append] = {}
    for notes in sorted(folder.glob("notes-*"), key=lambda path: int(path.name.split("-")[1])):
        lines = noted_lines(notes)
        counts["answered as repeated"] += lines.count(b"again\n")
        notes.write_bytes(b"".join(line for line in lines if line != b"again\n"))
        gather([notes], story)
    with opened_store(url) as store:
        places = log(store)
        if kind == "store":
            store.verify()
    wrong = missed([place.position for place in places], seen)
    wrong.update(each.kind for each in anomalies(list(story.values()), places, reads, {"it": seen}))
    outcomes = Counter(append.outcome for append in story.values())
    return +wrong, counts + outcomes + Counter(events=len(places), readings=len(reads))


def main(long: bool) -> int:
    wrong, counts = attack(150 if long else 6)
    print(f"sixteen writers and a reader: {dict(counts)}; wrong: {dict(wrong) or 'nothing'}")
    struck = min(counts[each] for each in ("struck", "kills of writers", ACKNOWLEDGED, CONFLICTED)) > 0
    lost, counts = attack(20 if long else 3, "not durable")
    print(f"control, a commit that does not wait for the disk: {dict(counts)}; wrong: {dict(lost)}")
    skipped, _ = attack(0, "sequence")
    print(f"control, positions from a sequence: {dict(skipped)}")
    return wrong.total() + (not struck) + (lost["lost append"] == 0) + (skipped["missed"] == 0)
