"""A reader follows a store beside eight writers that append, are slow, roll back on purpose and are killed.

A slow writer holds its transaction open, with the events in it, for some milliseconds; a tenth of them are slow. Some
of these are refused midway and roll back: nobody may ever see their events. The whole story is then held against the
store. The control takes its positions from a sequence before it commits, as many databases do: the reader misses some.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import cast

import apsw

from eventlab.event import Event
from eventlab.histories import CONFLICTED, Append, Read, anomalies
from eventlab.rows import Appended
from eventlab.store import ANY, Store
from tests.attacks.children import children, end, hear, say, start, tell, told
from tests.attacks.notes import GaveUp, gather, log, noted, opened, replaced
from tests.support import store_door

WRITERS = 8
SIZES = (1, 1, 1, 1, 1, 2, 2, 3, 5, 8)


class Careful:
    """The store, and slow transactions in it."""

    def __init__(self, path: str) -> None:
        self.store = Store(path, durable=False)

    def append(self, append: Append, slow: float) -> Appended:
        events = [Event("noted", id=id) for id in append.ids]
        expected = ANY if append.expected is None else append.expected
        if not slow:
            return self.store.append(append.stream, events, expected)
        try:
            with store_door.connection(self.store):
                done = self.store.append(append.stream, events, expected)
                time.sleep(slow)
                if append.outcome == CONFLICTED:
                    raise GaveUp
        finally:
            store_door.forget(self.store)  # what was claimed may have been rolled back
        return done


class Naive:
    """Takes its positions from a sequence, and stores the events under them a little later."""

    def __init__(self, path: str) -> None:
        self.db = apsw.Connection(path)
        self.db.set_busy_timeout(30_000)

    def append(self, append: Append, slow: float) -> Appended:
        count = len(append.ids)
        ((last,),) = self.db.execute("UPDATE sequence SET value = value + ? RETURNING value", (count,)).fetchall()
        assert isinstance(last, int)
        time.sleep(slow)
        if append.outcome == CONFLICTED:
            raise GaveUp
        with self.db:
            rows = zip(range(last - count + 1, last + 1), append.ids, strict=True)
            self.db.executemany("INSERT INTO events VALUES (?, ?)", rows)
        return Appended(append.stream, 0, last)


def write(me: str, path: str, kind: str) -> None:
    """Run in a process of its own: append until the time it is told, and note everything."""
    chance, out, n = Random(me), opened(Path(f"{path}.notes-{me}")), 0
    writer = Naive(path) if kind == "naive" else Careful(path)
    tell("ready")
    until = told()
    while time.monotonic() < until:
        n += 1
        append = Append(f"s-{chance.randrange(5)}", tuple(f"{me}-{n}-{k}" for k in range(chance.choice(SIZES))), 0)
        if isinstance(writer, Careful) and chance.random() < 0.3:
            append = replaced(append, expected=writer.store.version(append.stream))
        slow = chance.random() / 200 if chance.random() < 0.1 else 0.0
        if slow and chance.random() < 0.5:  # whatever happens, nobody may ever see it
            append = replaced(append, outcome=CONFLICTED, version=-1)
        noted(out, append, lambda append=append, slow=slow: writer.append(append, slow))  # type: ignore[misc]


Page = tuple[tuple[int, str], ...]  # positions and ids


class Reader:
    """Follows whatever `page(after)` reads, and notes what it was given and when it had asked."""

    def __init__(self, page: Callable[[int], Page]) -> None:
        self.page = page
        self.reads: list[Read] = []
        self.seen: list[int] = []

    def look(self) -> None:
        after, begun = self.seen[-1] if self.seen else 0, time.monotonic_ns()
        found = self.page(after)
        self.reads.append(Read(begun, found, after))
        self.seen += [position for position, _ in found]


def pages(store: Store) -> Callable[[int], Page]:
    return lambda after: tuple((each.position, each.event.id) for each in store.read_all(after=after))


def follow(
    reader: Reader, seconds: float, chance: Random, count: int, work: Callable[..., object], *args: object
) -> int:
    """Read beside so many processes that work until they are told to end; kill one now and then, and start another in
    its place. The number of kills."""
    with children(count, work, *args) as working:
        assert [hear(each) for each in working] == ["ready"] * count
        now, kills = time.monotonic(), 0
        until, next_kill = now + seconds, now + seconds / 4
        for each in working:
            say(each, until)
        while now < until:
            reader.look()
            time.sleep(0.0005)
            now = time.monotonic()
            if now > next_kill:
                kills, next_kill = kills + 1, now + 0.2 + chance.random()
                place = chance.randrange(count)
                end(working[place])
                working[place] = start(work, place + count * kills, *args)  # a number that nobody had
                say(working[place], until)
    reader.look()
    return kills


def attack(seconds: float, seed: int = 5) -> tuple[Counter[str], Counter[str]]:
    """What was wrong, by kind, and what went on."""
    story: dict[str, Append] = {}
    with tempfile.TemporaryDirectory() as folder, Store(path := Path(folder, "events.db")) as store:
        reader = Reader(pages(store))
        kills = follow(reader, seconds, Random(seed), WRITERS, write, path, "store")
        store.verify()
        places = log(store)
        gather(path.parent.glob("*.notes-*"), story)
    wrong = missed([place.position for place in places], reader.seen)
    wrong.update(each.kind for each in anomalies(list(story.values()), places, reader.reads, {"it": reader.seen}))
    counts = Counter(append.outcome for append in story.values())
    counts["given up"] = sum(append.version == -1 for append in story.values())
    return +wrong, counts + Counter(kills=kills, events=len(places), readings=len(reader.reads))


def attack_naive(seconds: float, seed: int = 5) -> Counter[str]:
    """What the same reader misses of what takes its positions before it commits."""
    sql = "SELECT position, id FROM events WHERE position > ? ORDER BY position"
    with tempfile.TemporaryDirectory() as folder, closing(apsw.Connection(f"{folder}/naive.db")) as db:
        db.execute("""PRAGMA journal_mode = wal; CREATE TABLE events (position INTEGER PRIMARY KEY, id);
                      CREATE TABLE sequence (value); INSERT INTO sequence VALUES (0)""").fetchall()
        reader = Reader(lambda after: cast(Page, tuple(db.execute(sql, (after,)))))
        follow(reader, seconds, Random(seed), WRITERS, write, f"{folder}/naive.db", "naive")
        places = [position for position, _ in reader.page(0)]
    return missed(places, reader.seen) + Counter(events=len(places))


def missed(places: list[int], seen: list[int]) -> Counter[str]:
    disorder = sum(later <= earlier for earlier, later in pairwise(seen))
    return Counter({"missed": len({*places} - {*seen}), "out of order": disorder})


def main(long: bool) -> int:
    wrong, counts = attack(660 if long else 4)
    print(f"eight writers and a reader: {dict(counts)}; wrong: {dict(wrong) or 'nothing'}")
    control = attack_naive(60 if long else 2)
    print(f"control, positions before the commit: {dict(control)}")
    struck = min(counts["kills"], counts["given up"], counts[CONFLICTED]) > 0
    return wrong.total() + (not struck) + (control["missed"] == 0)
