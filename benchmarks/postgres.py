"""PostgreSQL as a store beside psycopg used by hand: append one, append a hundred, catch up, load one stream.

By hand means: a table (position, stream, version, id, event) with the same three indexes, prepared statements, one
transaction for each append, many rows at once in the way that psycopg has for it. It has no lock, so that a reader who
catches up beside writers can miss events, no hashes, no answer to a repetition, and nobody is told that there is news.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache, partial
from typing import Any

import msgspec

from benchmarks.harness import Case, Row, measure
from benchmarks.store import LONG, NAMES, Locked, batches, events
from eventlab import engines
from eventlab.aggregate import Aggregate
from eventlab.decider import Decider
from eventlab.engines.errors import INSTALL
from eventlab.event import Event, decoded

MISSING = "" if engines.available() else f"the engines are missing: {INSTALL}"
TABLE = """CREATE TABLE byhand (position bigserial PRIMARY KEY, stream text COLLATE "C" NOT NULL, version bigint,
           id text COLLATE "C" NOT NULL UNIQUE, event text NOT NULL, UNIQUE (stream, version))"""
INSERT = "INSERT INTO byhand (stream, version, id, event) VALUES (%s, %s, %s, %s)"
ALL = "SELECT event, stream, version, position FROM byhand WHERE position > %s ORDER BY position"
ONE = "SELECT event, stream, version, position FROM byhand WHERE stream = %s ORDER BY version"
GOAL = 0.8
encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.Decoder(Locked, dec_hook=decoded).decode


class ByHand:
    """psycopg, and a table that is new."""

    def __init__(self, url: str, durable: bool) -> None:
        import psycopg

        self.db = psycopg.connect(url, autocommit=True)
        self.db.execute(f"SET synchronous_commit = {'on' if durable else 'off'}".encode())
        self.db.execute("DROP TABLE IF EXISTS byhand")
        self.db.execute(TABLE.encode())

    def append(self, stream: str, version: int, batch: list[Event]) -> None:
        rows = [(stream, version + n, event.id, encode(event).decode()) for n, event in enumerate(batch)]
        if len(rows) == 1:
            self.db.execute(INSERT, rows[0])
        else:
            with self.db.transaction(), self.db.cursor() as cursor:
                cursor.executemany(INSERT, rows)


@cache
def real() -> engines.Engines:
    """One PostgreSQL for all cases; it ends with this process."""
    return engines.local(nodes=1)


def url() -> str:
    return real().postgres


def store(durable: bool) -> Any:
    from eventlab.engines.postgres import PostgresStore

    opened = PostgresStore(url(), "benchmark", durable=durable)
    opened._sql("SET client_min_messages = error")
    return opened


def dropped(opened: Any) -> None:
    opened._sql("DROP SCHEMA benchmark CASCADE")
    with suppress(Exception):
        opened.close()


def by_hand_append(count: int, size: int, durable: bool) -> Case:
    def work(made: ByHand) -> int:
        for stream, version, batch in batches(count, size):
            made.append(NAMES[stream], version, events()[batch[0] : batch[-1] + 1])
        return count

    prepare = lambda: ByHand(url(), durable)  # noqa: E731
    return Case("psycopg by hand", work, prepare, lambda made: made.db.close(), missing=MISSING)


def our_append(count: int, size: int, durable: bool) -> Case:
    def work(made: Any) -> int:
        for stream, _, batch in batches(count, size):
            made.append(NAMES[stream], events()[batch[0] : batch[-1] + 1])
        return count

    return Case("eventlab", work, partial(store, durable), dropped, GOAL, missing=MISSING)


def filled_by_hand(streams: int) -> ByHand:
    made = ByHand(url(), False)
    for start in range(0, LONG, 500):
        for n in range(streams):
            batch = events()[start + n : start + 500 : streams]
            made.append(NAMES[n], start // streams + 1, batch)
    made.db.execute("ANALYZE byhand")
    return made


def filled(streams: int) -> Any:
    made = store(False)
    for start in range(0, LONG, 500):
        for n in range(streams):
            made.append(NAMES[n], events()[start + n : start + 500 : streams])
    made._sql("ANALYZE events")
    return made


def catch_up(ours: bool) -> Case:
    if ours:
        return Case(
            "eventlab", lambda made: len(list(made.read_all())), partial(filled, 50), dropped, GOAL, missing=MISSING
        )

    def work(made: ByHand) -> int:
        found, after = [], 0
        while page := made.db.execute(f"{ALL} LIMIT 500".encode(), (after,)).fetchall():
            found += [(decode(text), *place) for text, *place in page]
            after = found[-1][3]
        return len(found)

    return Case("psycopg by hand", work, partial(filled_by_hand, 50), lambda made: made.db.close(), missing=MISSING)


def evolve(state: int, event: Any) -> int:
    return state + int(event.data["pieces"])


def load(ours: bool) -> Case:
    def our_work(made: Any) -> int:
        decider = Decider(0, lambda command, state: None, evolve)
        state, _ = Aggregate(made, "order", decider).load(NAMES[0].removeprefix("order-"))
        assert state > 0
        return LONG

    def work(made: ByHand) -> int:
        state = 0
        for text, *_ in made.db.execute(ONE, (NAMES[0],)):
            state = evolve(state, decode(text))
        return LONG

    if ours:
        return Case("eventlab", our_work, partial(filled, 1), dropped, GOAL, missing=MISSING)
    return Case("psycopg by hand", work, partial(filled_by_hand, 1), lambda made: made.db.close(), missing=MISSING)


def run(rounds: int) -> list[Row]:
    rows: list[Row] = []
    for durable in (True, False):
        name = "waiting for the disk" if durable else "not waiting for the disk"
        for count, size, what in ((500 if durable else 2_000, 1, "append one"), (10_000, 100, "append 100")):
            pair = [by_hand_append(count, size, durable), our_append(count, size, durable)]
            rows += measure(f"{what}, {name}", "events", pair, rounds)
    rows += measure("catch up", "events", [catch_up(False), catch_up(True)], rounds)
    rows += measure("load one stream", "events", [load(False), load(True)], rounds)
    return rows
