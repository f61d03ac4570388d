"""The event store beside SQLite used by hand, which is the limit, and beside `eventsourcing`, its peer.

By hand means: the standard library's sqlite3, one table (stream, version, event), the event's JSON made beforehand
for appending, a bare msgspec Struct for reading. It keeps no event ids, no hashes and no total order that other
processes can rely on; so the ratios say what those cost.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from functools import cache, reduce
from typing import Any
from uuid import UUID, uuid5

import msgspec

from benchmarks.harness import Case, Row, measure
from eventlab import rows
from eventlab.aggregate import Aggregate
from eventlab.decider import Decider, fold
from eventlab.errors import WrongExpectedVersion
from eventlab.event import Event, Frozen, decoded
from eventlab.store import Store

try:
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate as PeerAggregate
    from eventsourcing.domain import event as peer_event
    from eventsourcing.persistence import IntegrityError, StoredEvent
    from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteConnectionPool, SQLiteDatastore
except ImportError:
    MISSING = "eventsourcing is missing: pip install -r benchmarks/requirements.txt"
else:
    MISSING = ""

    class PeerOrder(PeerAggregate):
        """The peer's aggregate; it must stand in a module, where the peer finds it by name."""

        @peer_event("Placed")
        def __init__(self) -> None:
            self.pieces, self.price = 0, 0.0

        @peer_event("Noted")
        def note(self, order, article, pieces, price, customer, city, currency, remark):  # type: ignore[no-untyped-def]
            self.pieces += pieces
            self.price += price


STREAMS, LONG = 500, 10_000
MANY = 40_000  # enough that SQLite moves its log to the file now and then, as in real use
BOTH = "by hand, encoding too, and an index of ids"  # what eventlab has to do as well
PRAGMAS = ("synchronous", "journal_mode")
NAMESPACE = UUID(int=7)
NAMES = [f"order-{uuid5(NAMESPACE, str(n))}" for n in range(STREAMS)]
UUIDS = [uuid5(NAMESPACE, name) for name in NAMES]


def payload(n: int) -> dict[str, Any]:
    return {
        "order": 1_000_000 + n,
        "article": f"A-{n % 977:06d}",
        "pieces": n % 7 + 1,
        "price": 19.99 + n % 100,
        "customer": f"customer-{n % 5003:06d}",
        "city": "Amsterdam",
        "currency": "EUR",
        "remark": "leave the parcel with the neighbours on the left hand side",
    }


class Bare(msgspec.Struct):
    """The attributes of an event, as somebody who decodes by hand would declare them."""

    type: str
    data: dict[str, Any] = {}
    subject: str = ""
    id: str = ""
    source: str = ""
    time: int = 0


class Locked(msgspec.Struct, frozen=True, gc=False):
    """The same, but what was read can be handed to several handlers: nobody can change it."""

    type: str
    data: Frozen = Frozen()
    subject: str = ""
    id: str = ""
    source: str = ""
    time: int = 0


class Payload(msgspec.Struct):
    """The payload alone, with a type for each key: the least work that reading can be."""

    order: int
    article: str
    pieces: int
    price: float
    customer: str
    city: str
    currency: str
    remark: str


@cache
def events() -> list[Event]:
    return [Event("order.noted", payload(n), id=f"shop-{n}", source="shop", time=n) for n in range(MANY)]


@cache
def texts() -> list[bytes]:
    return [msgspec.json.encode(event) for event in events()]


class Raw:
    """SQLite by hand."""

    insert = "INSERT INTO events VALUES (?, ?, ?, ?)"

    def __init__(self, synchronous: str = "NORMAL", ids: bool = False) -> None:
        self.folder = tempfile.mkdtemp()
        self.db = sqlite3.connect(os.path.join(self.folder, "events.db"), isolation_level=None)
        self.db.execute("PRAGMA journal_mode = wal")
        self.db.execute(f"PRAGMA synchronous = {synchronous}")
        columns = f"stream TEXT, version INT, type TEXT, data BLOB{', id TEXT UNIQUE' if ids else ''}"
        self.db.execute(f"CREATE TABLE events ({columns}, PRIMARY KEY (stream, version))")

    def close(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)


class Ours(Store):
    """The store in a folder of its own, which goes when it is closed."""

    def __init__(self, durable: bool = False) -> None:
        self.folder = tempfile.mkdtemp()
        super().__init__(os.path.join(self.folder, "events.db"), durable=durable)

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder)


def batches(count: int, size: int) -> list[tuple[int, int, range]]:
    """(stream, first version, events) for each append: the streams in turn."""
    return [(n % STREAMS, n // STREAMS * size + 1, range(n * size, (n + 1) * size)) for n in range(count // size)]


# -- the work, by hand, by eventlab, by the peer ---------------------------------------------------------------------


def raw_append(count: int, size: int, synchronous: str, encode: bool = False, ids: bool = False) -> Case:
    def row(stream: int, version: int, n: int) -> tuple[Any, ...]:
        data = msgspec.json.encode(events()[n]) if encode else texts()[n]
        return NAMES[stream], version, "order.noted", data, *((events()[n].id,) if ids else ())

    def work(raw: Raw) -> int:
        execute, many = raw.db.execute, raw.db.executemany
        insert = Raw.insert.replace("?)", "?, ?)") if ids else Raw.insert
        for stream, version, batch in batches(count, size):
            if size == 1:
                execute(insert, row(stream, version, batch[0]))
            else:
                execute("BEGIN IMMEDIATE")
                many(insert, [row(stream, version + k, n) for k, n in enumerate(batch)])
                execute("COMMIT")
        return count

    name = BOTH if ids else "by hand, encoding too" if encode else "by hand"
    return Case(name, work, lambda: Raw(synchronous, ids), Raw.close)


def our_append(name: str, count: int, size: int, goal: float | None, make: Any) -> Case:
    def work(store: Store) -> int:
        for stream, _, batch in batches(count, size):
            store.append(NAMES[stream], events()[batch[0] : batch[-1] + 1])
        return count

    return Case(name, work, make, lambda store: store.close(), goal)


class Recorder:
    """The peer's recorder on an SQLite file of its own; `synchronous` is set on each of its connections."""

    def __init__(self, synchronous: str = "NORMAL") -> None:
        class Pool(SQLiteConnectionPool):
            def _create_connection(self) -> Any:
                connection = super()._create_connection()
                connection._sqlite_conn.execute(f"PRAGMA synchronous = {synchronous}")
                return connection

        self.folder = tempfile.mkdtemp()
        path = os.path.join(self.folder, "events.db")
        store = SQLiteDatastore(path)
        store.pool.close()
        store.pool = Pool(db_name=path)
        self.recorder = SQLiteApplicationRecorder(store)
        self.recorder.create_table()
        with store.get_connection(commit=False) as connection:
            level, mode = (connection._sqlite_conn.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS)
        if (level, mode) != ({"NORMAL": 1, "FULL": 2}[synchronous], "wal"):
            raise AssertionError(f"the peer writes with synchronous={level} in {mode} mode")

    def close(self) -> None:
        self.recorder.datastore.close()
        shutil.rmtree(self.folder)


def peer_append(count: int, size: int, synchronous: str) -> Case:
    def work(peer: Recorder) -> int:
        for stream, version, batch in batches(count, size):
            peer.recorder.insert_events(
                [StoredEvent(UUIDS[stream], version + k, "order.noted", texts()[n]) for k, n in enumerate(batch)]
            )
        return count

    return Case("eventsourcing, recorder alone", work, lambda: Recorder(synchronous), Recorder.close, missing=MISSING)


class PeerApplication:
    """The peer as an application uses it: aggregates that have not been saved yet, each with so many events."""

    def __init__(self, aggregates: int, size: int) -> None:
        class Pool(SQLiteConnectionPool):
            def _create_connection(self) -> Any:
                connection = super()._create_connection()
                connection._sqlite_conn.execute("PRAGMA synchronous = NORMAL")
                return connection

        self.folder = tempfile.mkdtemp()
        path = os.path.join(self.folder, "events.db")
        self.app = Application({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path})
        store = self.app.recorder.datastore
        store.pool.close()
        store.pool = Pool(db_name=path)
        self.orders = [PeerOrder() for _ in range(aggregates)]
        for number, order in enumerate(self.orders):
            for n in range(1, size):
                order.note(**payload(number * size + n))

    def close(self) -> None:
        self.app.close()
        shutil.rmtree(self.folder)


def peer_application(count: int, size: int) -> Case:
    """Only saving is timed: what the aggregates decided is there, as the events are that eventlab appends."""

    def work(peer: PeerApplication) -> int:
        for order in peer.orders:
            peer.app.save(order)
        assert peer.app.recorder.max_notification_id() == count
        return count

    prepare = lambda: PeerApplication(count // size, size)  # noqa: E731
    return Case("eventsourcing, application", work, prepare, PeerApplication.close, missing=MISSING)


# -- conflicts -------------------------------------------------------------------------------------------------------


def raw_conflict(count: int) -> Case:
    def prepare() -> Raw:
        raw = Raw()
        raw.db.executemany(Raw.insert, [(name, 1, "order.noted", texts()[n]) for n, name in enumerate(NAMES)])
        return raw

    def work(raw: Raw) -> int:
        refused = 0
        for n in range(count):
            try:
                raw.db.execute(Raw.insert, (NAMES[n % STREAMS], 1, "order.noted", texts()[n]))
            except sqlite3.IntegrityError:
                refused += 1
        return refused

    return Case("by hand", work, prepare, Raw.close)


def our_conflict(count: int, goal: float) -> Case:
    def prepare() -> Store:
        store = Ours()
        for n, name in enumerate(NAMES):
            store.append(name, events()[n])
        return store

    def work(store: Store) -> int:
        refused = 0
        for n in range(count):
            try:
                store.append(NAMES[n % STREAMS], events()[STREAMS + n], 0)
            except WrongExpectedVersion:
                refused += 1
        return refused

    return Case("eventlab", work, prepare, lambda store: store.close(), goal)


def peer_conflict(count: int) -> Case:
    def prepare() -> Recorder:
        peer = Recorder()
        peer.recorder.insert_events([StoredEvent(id, 1, "order.noted", texts()[0]) for id in UUIDS])
        return peer

    def work(peer: Recorder) -> int:
        refused = 0
        for n in range(count):
            try:
                peer.recorder.insert_events([StoredEvent(UUIDS[n % STREAMS], 1, "order.noted", texts()[n])])
            except IntegrityError:
                refused += 1
        return refused

    return Case("eventsourcing, recorder alone", work, prepare, Recorder.close, missing=MISSING)


# -- reading ---------------------------------------------------------------------------------------------------------


def filled_raw(data: list[bytes], streams: int) -> Raw:
    raw = Raw()
    rows = [(NAMES[n % streams], n // streams + 1, "order.noted", text) for n, text in enumerate(data)]
    raw.db.executemany(Raw.insert, rows)
    raw.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return raw


def filled_ours(streams: int) -> Store:
    store = Ours()
    if streams == 1:
        store.append(NAMES[0], events()[:LONG])
    else:
        for n, event in enumerate(events()[:LONG]):
            store.append(NAMES[n % streams], event)
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return store


def raw_read(type: Any, name: str) -> Case:
    decode = msgspec.json.Decoder(type).decode
    data = texts()[:LONG] if type is Bare else [msgspec.json.encode(payload(n)) for n in range(LONG)]

    def work(raw: Raw) -> int:
        return len([decode(data) for (data,) in raw.db.execute("SELECT data FROM events ORDER BY rowid")])

    return Case(name, work, lambda: filled_raw(data, STREAMS), Raw.close)


def our_read(goal: float) -> Case:
    def work(store: Store) -> int:
        return len(list(store.read_all()))

    return Case("eventlab", work, lambda: filled_ours(STREAMS), lambda store: store.close(), goal)


def evolve(state: tuple[int, float], event: Event) -> tuple[int, float]:
    data = event.data
    return state[0] + data["pieces"], state[1] + data["price"]


def raw_load(type: Any, name: str) -> Case:
    decode = msgspec.json.Decoder(type).decode
    data = texts()[:LONG] if type is Bare else [msgspec.json.encode(payload(n)) for n in range(LONG)]

    def work(raw: Raw) -> int:
        state = (0, 0.0)
        rows = raw.db.execute("SELECT data FROM events WHERE stream = ? ORDER BY version", (NAMES[0],))
        if type is Bare:
            for (text,) in rows:
                state = evolve(state, decode(text))
        else:
            for (text,) in rows:
                event = decode(text)
                state = state[0] + event.pieces, state[1] + event.price
        assert state[0] > 0
        return LONG

    return Case(name, work, lambda: filled_raw(data, 1), Raw.close)


def our_load(goal: float | None, snapshot_every: int | None = None) -> Case:
    decider = Decider((0, 0.0), lambda command, state: None, evolve)

    def prepare() -> Store:
        store = filled_ours(1)
        if snapshot_every:
            before = Aggregate(store, "order", decider).load(NAMES[0].removeprefix("order-"), version=LONG - 50)[0]
            store.save_snapshot(NAMES[0], LONG - 50, before)
        return store

    def work(store: Store) -> int:
        orders = Aggregate(store, "order", decider, snapshot_every=snapshot_every)
        state, version = orders.load(NAMES[0].removeprefix("order-"))
        assert (version, state[0]) == (LONG, sum(n % 7 + 1 for n in range(LONG)))
        return LONG

    name = "eventlab, from a snapshot 50 events back" if snapshot_every else "eventlab"
    return Case(name, work, prepare, lambda store: store.close(), goal)


def peer_load() -> Case:
    def prepare() -> Any:
        folder = tempfile.mkdtemp()
        app = Application({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": os.path.join(folder, "a.db")})
        order = PeerOrder()
        for n in range(LONG):
            order.note(**payload(n))
        app.save(order)
        return app, order.id, folder

    def work(prepared: Any) -> int:
        app, id, _ = prepared
        assert app.repository.get(id).version == LONG + 1
        return LONG

    def clean(prepared: Any) -> None:
        prepared[0].close()
        shutil.rmtree(prepared[2])

    return Case("eventsourcing, repository", work, prepare, clean, missing=MISSING)


def folding() -> tuple[Case, Case]:
    """The same state from the same texts in memory: no store at all."""
    few, start = texts()[:LONG], (0, 0.0)
    decider = Decider(start, lambda command, state: None, evolve)
    bare = msgspec.json.Decoder(Bare).decode
    expected = sum(n % 7 + 1 for n in range(LONG))

    def case(name: str, state: Any, goal: float | None = None) -> Case:
        def work(prepared: None) -> int:
            assert state()[0] == expected
            return LONG

        return Case(name, work, goal=goal)

    frozen = msgspec.json.Decoder(Locked, dec_hook=decoded).decode
    return (
        case("by hand", lambda: reduce(evolve, map(bare, few), start)),
        case("by hand, data that nobody can change", lambda: reduce(evolve, map(frozen, few), start)),
        case("eventlab", lambda: fold(decider, map(rows.decode, few)), 0.75),
    )


def run(rounds: int) -> list[Row]:
    found: list[Row] = []
    # So many that most are written into a log that has reached its length: while its file grows, each wait is longer.
    for synchronous, count in (("NORMAL", 10_000), ("FULL", 5_000)):
        full = synchronous == "FULL"
        found += measure(
            f"append one, {synchronous}",
            "events",
            [
                raw_append(count, 1, synchronous),
                our_append("eventlab", count, 1, 0.8, lambda full=full: Ours(full)),
                *([] if full else [our_append("eventlab in memory", count, 1, None, Store)]),
                peer_append(min(count, 2000), 1, synchronous),
            ],
            rounds,
        )
    found += measure(
        "append 100",
        "events",
        [
            raw_append(MANY, 100, "NORMAL"),
            raw_append(MANY, 100, "NORMAL", encode=True),
            raw_append(MANY, 100, "NORMAL", encode=True, ids=True),
            our_append("eventlab", MANY, 100, None, Ours),
            our_append("eventlab in memory", MANY, 100, None, Store),
            peer_append(MANY, 100, "NORMAL"),
            peer_application(MANY, 100),
        ],
        rounds,
        also=[("eventlab", BOTH, 0.85), ("eventlab", "eventsourcing, application", 1)],
    )
    many = MANY // 2  # a tenth of a second and more: in less, what else the machine does decides
    found += measure("conflict", "refusals", [raw_conflict(many), our_conflict(many, 0.5), peer_conflict(1000)], rounds)
    found += measure(
        "read all",
        "events",
        [raw_read(Bare, "by hand"), raw_read(Payload, "by hand, payload alone, each key typed"), our_read(0.75)],
        rounds,
    )
    found += measure(
        "load 10,000",
        "events",
        [
            raw_load(Bare, "by hand"),
            raw_load(Payload, "by hand, payload alone, each key typed"),
            our_load(0.75),
            our_load(None, snapshot_every=100),
            peer_load(),
        ],
        rounds,
        also=[("eventlab", "eventsourcing, repository", 20)],
    )
    found += measure("decode and fold", "events", folding(), rounds)
    return found
