"""PostgreSQL as a store beside psycopg used by hand: append one, append a hundred, catch up, load one stream.

By hand means what a careful programmer writes for the same promise: a table (position, stream, version, id, event)
with the same three indexes, and a function in the database that takes a lock, checks the expected version, and gives
the positions out without holes that a reader could overtake; prepared statements, one cursor, one commit. It has no
hashes, does not know a repetition from a conflict, and nobody is told that there is news.

Beside it stand two that promise less. "Bare" is an INSERT alone: whoever reads beside writers can miss events, and
nobody checks that versions have no holes. "One statement" states its own position without a lock: a writer who was
late waits for the other one, is refused and tries again, and beside sixteen of them perhaps for ever.
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
ONE_FUNCTION = """CREATE OR REPLACE FUNCTION append_one(of_stream text, expected bigint, of_id text, text_ text)
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE here bigint; there bigint;
    BEGIN
        PERFORM pg_advisory_xact_lock(4711);
        SELECT coalesce(max(version), 0) INTO here FROM byhand WHERE stream = of_stream;
        IF here <> expected THEN
            RETURN 0;
        END IF;
        INSERT INTO byhand SELECT coalesce(max(position), 0) + 1, of_stream, here + 1, of_id, text_ FROM byhand
            RETURNING position INTO there;
        RETURN there;
    END $$"""
FUNCTION = """CREATE OR REPLACE FUNCTION append_many(of_stream text, expected bigint, ids text[], texts text[])
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE here bigint; there bigint;
    BEGIN
        PERFORM pg_advisory_xact_lock(4711);
        SELECT coalesce(max(version), 0) INTO here FROM byhand WHERE stream = of_stream;
        SELECT coalesce(max(position), 0) INTO there FROM byhand;
        IF here <> expected THEN
            RETURN 0;
        END IF;
        INSERT INTO byhand SELECT there + n, of_stream, here + n, id_, text_
            FROM unnest(ids, texts) WITH ORDINALITY AS new(id_, text_, n);
        RETURN there + cardinality(ids);
    END $$"""
ONE_STATEMENT = """INSERT INTO byhand
    SELECT coalesce((SELECT max(position) FROM byhand), 0) + 1, $1, $2 + 1, $3, $4
    WHERE $2 = coalesce((SELECT max(version) FROM byhand WHERE stream = $1), 0) RETURNING position"""
INSERT = "INSERT INTO byhand (stream, version, id, event) VALUES ($1, $2, $3, $4)"
ALL = "SELECT event, stream, version, position FROM byhand WHERE position > $1 ORDER BY position"
ONE = "SELECT event, stream, version, position FROM byhand WHERE stream = $1 ORDER BY version"
GOAL = 0.8
encode = msgspec.json.Encoder(order="deterministic").encode
decode = msgspec.json.Decoder(Locked, dec_hook=decoded).decode


class ByHand:
    """psycopg, a table that is new, and a function that keeps what `PostgresStore` promises of appending."""

    def __init__(self, url: str, durable: bool) -> None:
        import psycopg

        self.db = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor)
        self.db.execute(f"SET synchronous_commit = {'on' if durable else 'off'}".encode())
        for statement in ("DROP TABLE IF EXISTS byhand", TABLE, ONE_FUNCTION, FUNCTION):
            self.db.execute(statement.encode())
        self.cursor = self.db.cursor()

    def append(self, stream: str, version: int, batch: list[Event]) -> None:
        ids, texts = [event.id for event in batch], [encode(event).decode() for event in batch]
        if len(batch) == 1:
            self.cursor.execute(b"SELECT append_one($1, $2, $3, $4)", (stream, version - 1, ids[0], texts[0]))
        else:
            self.cursor.execute(b"SELECT append_many($1, $2, $3, $4)", (stream, version - 1, ids, texts))
        assert self.cursor.fetchall()[0][0], "another writer was faster"


class OneStatement(ByHand):
    """One INSERT that states its own position; whoever was late is refused, and would have to try again."""

    def append(self, stream: str, version: int, batch: list[Event]) -> None:
        [event] = batch
        self.cursor.execute(ONE_STATEMENT.encode(), (stream, version - 1, event.id, encode(event).decode()))
        assert self.cursor.fetchall(), "another writer was faster"


class Bare(ByHand):
    """An INSERT alone: no lock, no version checked, positions that a reader can overtake."""

    def append(self, stream: str, version: int, batch: list[Event]) -> None:
        rows = [(stream, version + n, event.id, encode(event).decode()) for n, event in enumerate(batch)]
        if len(rows) == 1:
            self.cursor.execute(INSERT.encode(), rows[0])
        else:
            with self.db.transaction():
                self.cursor.executemany(INSERT.encode(), rows)


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


def by_hand_append(name: str, kind: type[ByHand], count: int, size: int, durable: bool) -> Case:
    def work(made: ByHand) -> int:
        for stream, version, batch in batches(count, size):
            made.append(NAMES[stream], version, events()[batch[0] : batch[-1] + 1])
        return count

    prepare = lambda: kind(url(), durable)  # noqa: E731
    return Case(name, work, prepare, lambda made: made.db.close(), missing=MISSING)


def our_append(count: int, size: int, durable: bool) -> Case:
    def work(made: Any) -> int:
        for stream, version, batch in batches(count, size):
            made.append(NAMES[stream], events()[batch[0] : batch[-1] + 1], version - 1)
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
            peers = [("psycopg by hand", ByHand), ("psycopg, bare", Bare)]
            if size == 1:
                peers.append(("psycopg, one statement", OneStatement))
            cases = [by_hand_append(*peer, count, size, durable) for peer in peers]
            rows += measure(f"{what}, {name}", "events", [*cases, our_append(count, size, durable)], rounds)
    rows += measure("catch up", "events", [catch_up(False), catch_up(True)], rounds)
    rows += measure("load one stream", "events", [load(False), load(True)], rounds)
    return rows
