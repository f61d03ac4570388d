"""The store in SQLite: the contract in memory and in a file, and what only a file can suffer."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

pytest.register_assert_rewrite("store_conformance")

from eventlab.errors import CorruptStore, EventIdConflict, Invalid, StoreUnavailable, WrongExpectedVersion  # noqa: E402
from eventlab.event import Event  # noqa: E402
from eventlab.projection import Projection  # noqa: E402
from eventlab.store import ANY, NO_STREAM, STREAM_EXISTS, Store  # noqa: E402
from tests.support import store_door  # noqa: E402
from tests.support.store_conformance import StoreContract, ids, numbered  # noqa: E402


class TestInMemory(StoreContract):
    stories = 60

    @pytest.fixture
    def make_store(self) -> Callable[[], Store]:
        return Store

    @pytest.fixture
    def reopen(self) -> Callable[[Store], Store]:
        return lambda store: store


class TestInAFile(StoreContract):
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], Store]:
        return lambda: Store(tempfile.mktemp(dir=tmp_path), durable=False)

    @pytest.fixture
    def reopen(self) -> Callable[[Store], Store]:
        def again(store: Store) -> Store:
            store.close()
            return Store(store.path, durable=False)

        return again


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path, durable=False) as store:
        yield store


def test_representations_say_what_and_where(store: Store, path: Path) -> None:
    assert repr(store) == f"<Store {path}>"
    store.close()
    assert repr(store) == f"<Store {path}, closed>"
    assert repr(Store()) == "<Store :memory:>"
    assert [repr(each) for each in (ANY, NO_STREAM, STREAM_EXISTS)] == ["ANY", "NO_STREAM", "STREAM_EXISTS"]
    assert Store()  # an empty store is still a store


def test_stores_in_memory_are_apart() -> None:
    one, other = Store(), Store()
    one.append("flight-1", numbered(1))
    assert (one.position, other.position) == (1, 0)


# -- two stores on one file -------------------------------------------------------------------------------------------


def test_two_stores_on_one_file_see_each_other(store: Store, path: Path) -> None:
    with Store(path) as other:
        for n in range(0, 40, 4):
            assert store.append("flight-1", numbered(n)).position == n + 1
            assert other.append("flight-1", numbered(n + 1)).version == n // 2 + 2
            assert other.append("flight-2", numbered(n + 2)).position == n + 3
            assert store.append("flight-2", numbered(n + 3), n // 2 + 1).position == n + 4
        store.verify()


def test_a_version_remembered_too_long_is_looked_up_before_refusing(store: Store, path: Path) -> None:
    with Store(path) as other:
        store.append("flight-1", numbered(1))
        other.append("flight-1", numbered(2))
        assert store.append("flight-1", numbered(3), 2).version == 3  # what store remembers would refuse
        other.append("flight-1", numbered(4), 3)
        with pytest.raises(WrongExpectedVersion) as caught:  # what store remembers would accept
            store.append("flight-1", numbered(5), 3)
        assert caught.value.actual == 4
        assert other.append("flight-1", numbered(3), 99).duplicate
        with pytest.raises(EventIdConflict):
            other.append("flight-2", numbered(3))


def test_what_another_store_wrote_is_remembered_from_then_on(store: Store, path: Path) -> None:
    with Store(path) as other:
        store.append("flight-1", numbered(1))
        other.append("flight-1", numbered(2))
        store.append("flight-1", numbered(3))  # in a transaction, since its position was taken
        begun: list[str] = []
        store_door.connection(store).exec_trace = lambda cursor, sql, bindings: begun.append(sql) or True  # type: ignore[func-returns-value]
        store.append("flight-1", numbered(4))
        store.append("flight-1", numbered(5))
        assert not [sql for sql in begun if sql.startswith(("BEGIN", "SAVEPOINT"))]
        assert len([sql for sql in begun if sql.startswith("SELECT")]) == 2  # the last position and the version, once


def test_one_look_at_the_file_tells_a_refusal_and_a_repetition(store: Store, path: Path) -> None:
    with Store(path) as other:
        store.append("flight-1", numbered(1))
        other.append("flight-1", numbered(2))
        begun: list[str] = []
        store_door.connection(store).exec_trace = lambda cursor, sql, bindings: begun.append(sql) or True  # type: ignore[func-returns-value]
        with pytest.raises(WrongExpectedVersion) as caught:
            store.append("flight-1", numbered(3), 0)
        assert caught.value.actual == 2
        assert store.append("flight-1", numbered(2), 1).duplicate
        assert [sql.split()[0] for sql in begun] == ["SELECT", "INSERT", "SELECT"]


def test_a_writer_that_was_faster_at_the_last_moment_is_seen(store: Store, path: Path) -> None:
    with Store(path) as other:
        store.append("flight-1", numbered(1))
        other.append("flight-1", numbered(2))
        original, times = store._answer, []

        def answer(*args: Any) -> Any:
            found = original(*args)
            times.append(found)
            if len(times) == 1:  # looked, and not yet locked
                other.append("flight-1", numbered(3))
            return found

        store._answer = answer  # type: ignore[method-assign]
        with pytest.raises(WrongExpectedVersion) as caught:
            store.append("flight-1", numbered(4), 2)
        assert caught.value.actual == 3


def test_a_batch_longer_than_one_statement_is_all_or_nothing(store: Store) -> None:
    store.append("flight-1", numbered(1400))
    with pytest.raises(EventIdConflict):
        store.append("flight-1", numbered(*range(1401)))
    assert store.append("flight-1", numbered(*range(1400)), 1).position == 1401
    assert store.append("flight-1", numbered(*range(1400)), 1).duplicate
    assert store.append("flight-1", numbered(1401), 1401).position == 1402
    store.verify()


def test_writers_in_turn_empty_a_log_that_has_grown_too_long(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlab.storefile.LOG", 200_000)
    with Store(path, durable=False) as other:
        reader = apsw.Connection(str(path)).execute("SELECT * FROM sqlite_schema")
        next(reader)  # what it sees stands in the log and stays there
        for n in range(400):
            (store, other)[n % 2].append("flight-1", numbered(n))  # and nobody waits for it
        assert os.path.getsize(f"{path}-wal") > 800_000
        reader.close()
        for n in range(400, 800):
            (store, other)[n % 2].append("flight-1", numbered(n))
            assert os.path.getsize(f"{path}-wal") < 250_000 or n < 410
        assert store.position == 800
        store.verify()


def test_a_backup_holds_the_same_events(store: Store, tmp_path: Path) -> None:
    store.append("flight-1", numbered(1, 2))
    store.save_checkpoint("board", 2)
    store.backup(tmp_path / "copy.db")
    store.append("flight-1", numbered(3))
    with Store(tmp_path / "copy.db") as copy:
        copy.verify()
        assert ids(copy.read_all()) == ["e-1", "e-2"]
        assert copy.checkpoint("board") == 2
    with pytest.raises(StoreUnavailable, match="this one exists"):
        store.backup(tmp_path / "copy.db")
    with pytest.raises(StoreUnavailable):
        store.backup(tmp_path / "nowhere" / "copy.db")


# -- files that are no store, or not ours to write ---------------------------------------------------------------------


def database(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (lambda path: path.write_text("flight,delay\nUA1,20\n" * 100), CorruptStore, "not a database"),
        (lambda path: path.write_bytes(random.Random(1).randbytes(8192)), CorruptStore, "not a database"),
        (lambda path: database(path, "CREATE TABLE t (x)"), CorruptStore, "not an event store"),
        (lambda path: database(path, "PRAGMA application_id = 7"), CorruptStore, "not an event store"),
        (
            lambda path: database(path, "PRAGMA journal_mode = wal", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)"),
            CorruptStore,
            "not an event store",
        ),
        (
            lambda path: (Store(path).close(), database(path, "PRAGMA user_version = 2")),
            StoreUnavailable,
            "schema is version 2, this program knows up to 1",
        ),
    ],
    ids=["text", "noise", "other tables", "another program's", "other tables, with a log ahead", "newer schema"],
)
def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(
    path: Path, make: Callable[[Path], Any], error: type[Exception], reason: str
) -> None:
    make(path)
    before = path.read_bytes()
    with pytest.raises(error, match=reason) as caught:
        Store(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["events.db"]


def test_a_folder_and_a_place_without_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="it is a folder"):
        Store(tmp_path)
    with pytest.raises(StoreUnavailable, match="its folder does not exist"):
        Store(tmp_path / "nowhere" / "events.db")
    assert os.listdir(tmp_path) == []


def test_a_read_only_file_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.db"
        Store(path).close()
        path.chmod(0o444)
        before = path.read_bytes()
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # root may write everything: try as somebody else
        if root:
            os.chmod(folder, 0o755)
            os.seteuid(65534)
        try:
            with pytest.raises(StoreUnavailable, match="it is read-only"):
                Store(path)
        finally:
            if root:
                os.seteuid(0)
        assert path.read_bytes() == before
        path.chmod(0o644)  # or Windows could not remove it


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody move or remove a file that is in use")
@pytest.mark.parametrize("there", ["nothing", "an empty file", "another store"])
def test_a_durable_store_whose_file_is_gone_refuses_appends(path: Path, there: str) -> None:
    store = Store(path)
    store.append("flight-1", numbered(1))
    path.rename(path.with_name("moved.db"))
    other = path.with_name("other.db")
    if there == "an empty file":
        other.touch()
    elif there == "another store":
        with Store(other) as another:
            another.append("flight-1", numbered(1))
    if other.exists():
        other.rename(path)
    with pytest.raises(StoreUnavailable, match="no longer where it was"):
        store.append("flight-1", numbered(2))
    path.with_name("moved.db").rename(path)
    assert store.append("flight-1", numbered(2)).position == 2
    store.close()
    with Store(path) as store:
        assert ids(store.read_all()) == ["e-1", "e-2"]
        store.verify()


def test_the_file_is_used_as_it_is_promised(path: Path) -> None:
    for durable, synchronous in ((True, 2), (False, 1)):
        with Store(path, durable=durable) as store:
            names = [
                "journal_mode",
                "synchronous",
                "wal_autocheckpoint",
                "recursive_triggers",
                "trusted_schema",
                "cell_size_check",
            ]
            assert [store_door.connection(store).pragma(name) for name in names] == ["wal", synchronous, 3000, 1, 0, 1]


def test_a_table_that_is_gone_is_an_error_of_ours(store: Store) -> None:
    store_door.connection(store).execute("DROP TABLE snapshots")
    with pytest.raises(StoreUnavailable, match="no such table"):
        store.snapshot("flight-1")


def test_a_full_disk_refuses_the_append_and_keeps_the_rest(store: Store) -> None:
    store.append("flight-1", numbered(1))
    pages = store_door.connection(store).pragma("page_count")
    store_door.connection(store).pragma("max_page_count", pages + 3)
    big = Event("noted", {"text": "x" * 20_000}, id="big")
    with pytest.raises(StoreUnavailable, match="full"):
        store.append("flight-1", big)
    with pytest.raises(StoreUnavailable, match="full"):
        store.append("flight-1", [*numbered(*range(2, 700)), big])
    store_door.connection(store).pragma("max_page_count", 2**30)
    assert store.append("flight-1", big, 1).position == 2
    store.verify()


def test_another_thread_is_refused(store: Store) -> None:
    errors: list[Exception] = []

    def use() -> None:
        try:
            store.append("flight-1", numbered(1))
        except StoreUnavailable as error:
            errors.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert [error.reason for error in errors] == ["it belongs to another process or thread; open one here"]
    assert store.position == 0


# -- tampering ---------------------------------------------------------------------------------------------------------


def test_events_refuse_update_and_delete(store: Store) -> None:
    store.append("flight-1", numbered(1))
    for sql in (
        "UPDATE events SET time = 1",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events",
    ):
        with pytest.raises(apsw.ConstraintError):
            store_door.connection(store).execute(sql)
    store.verify()


def open_up(path: Path) -> apsw.Connection:
    """The file in the hands of somebody who knows SQLite."""
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER events_never_change; DROP TRIGGER events_are_kept")
    return connection


def filled(path: Path, count: int = 30) -> None:
    with Store(path, durable=False) as store:
        for n in range(1, count + 1):
            store.append(f"flight-{n % 3}", numbered(n, time=n))


SWAP = """UPDATE events SET position = 99 WHERE position = 7; UPDATE events SET position = 7 WHERE position = 11;
          UPDATE events SET position = 11 WHERE position = 99"""


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("UPDATE events SET event = replace(event, '7', '8') WHERE position = 7", 7),
        ("UPDATE events SET event = ' ' || event WHERE position = 7", 7),
        ("UPDATE events SET event = CAST(x'ff' AS TEXT) WHERE position = 7", 7),
        ("UPDATE events SET time = time + 1 WHERE position = 7", 7),
        ("UPDATE events SET id = 'other' WHERE position = 7", 7),
        ("UPDATE events SET stream = 'flight-9' WHERE position = 7", 7),
        ("UPDATE events SET version = 99 WHERE position = 7", 7),
        ("UPDATE events SET chain = zeroblob(32) WHERE position = 7", 7),
        (SWAP, 7),
        ("DELETE FROM events WHERE position = 7", 7),
        ("DELETE FROM events WHERE position = 1", 1),
        ("DELETE FROM events WHERE position > 27", 28),
        ("DELETE FROM events", 1),
        ("DELETE FROM events WHERE position = 7; UPDATE events SET position = position - 1 WHERE position > 7", 7),
        ("UPDATE events SET position = position + 1000; UPDATE events SET position = position - 999", 1),
        ("INSERT INTO events SELECT 31, stream, 11, 'new', time, chain, event FROM events WHERE position = 30", 31),
        ("INSERT INTO events SELECT 0, stream, 0, 'new', time, chain, event FROM events WHERE position = 30", 1),
    ],
)
def test_a_change_by_hand_is_found_with_its_position(path: Path, sql: str, position: int | None) -> None:
    filled(path)
    connection = open_up(path)
    connection.execute(sql)
    connection.close()
    with Store(path) as store:
        with pytest.raises(CorruptStore) as caught:
            store.verify()
    assert caught.value.position == position


def test_a_tail_cut_off_under_an_open_store_is_found(store: Store, path: Path) -> None:
    store.append("flight-1", numbered(1, 2, 3))
    connection = open_up(path)
    connection.execute("DELETE FROM events WHERE position = 3")
    with pytest.raises(CorruptStore, match="gone") as caught:
        store.verify()
    assert caught.value.position == 3
    connection.close()


WRONG_PLACES = {
    "a snapshot behind the end": "UPDATE snapshots SET version = 11",
    "a snapshot at version 0": "UPDATE snapshots SET version = 0",
    "a snapshot at a version below": "UPDATE snapshots SET version = -5",
    "a snapshot of no stream": "UPDATE snapshots SET stream = 'nowhere'",
    "a snapshot with broken JSON": "UPDATE snapshots SET state = '{'",
    "a snapshot too deep to be read": "UPDATE snapshots SET state = replace(hex(zeroblob(50000)), '00', '[')",
    "a snapshot with a number too large": "UPDATE snapshots SET state = '[36893488147419103232]'",
    "a snapshot that is no text": "UPDATE snapshots SET state = CAST(x'ff' AS TEXT)",
    "a checkpoint behind the end": "UPDATE checkpoints SET position = 31 WHERE name = 'board'",
    "a checkpoint below the beginning": "UPDATE checkpoints SET position = -5 WHERE name = 'board'",
    "a checkpoint with broken JSON": "UPDATE checkpoints SET state = 'no' WHERE name = 'board'",
    "a checkpoint without a state": "UPDATE checkpoints SET state = '' WHERE name = 'board'",
    "a checkpoint that is no text": "UPDATE checkpoints SET state = CAST(x'ff' AS TEXT) WHERE name = 'board'",
}


@pytest.mark.parametrize("sql", WRONG_PLACES.values(), ids=WRONG_PLACES)
def test_what_is_saved_in_an_impossible_place_or_way_is_found_and_not_read(path: Path, sql: str) -> None:
    filled(path)
    with Store(path) as store:
        store.save_snapshot("flight-1", 3, {"n": 3})
        store.save_checkpoint("board", 20, {"n": 20})
        store.verify()
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()
    with Store(path) as store:
        with pytest.raises(CorruptStore):
            store.verify()
        if "nowhere" in sql:
            with pytest.raises(CorruptStore):
                store.snapshot("nowhere")
        elif "snapshots" in sql:
            with pytest.raises(CorruptStore):
                store.snapshot("flight-1")
        else:
            for read in (store.checkpoint, store.checkpoint_state, store.load_checkpoint):
                with pytest.raises(CorruptStore):
                    read("board")
            with pytest.raises(CorruptStore):
                Projection("board", lambda state, event: state).restore(store)
            store.reset_checkpoint("board")  # a reader can always begin again
            store.verify()


def test_a_snapshot_with_another_time_than_its_events_is_found(path: Path) -> None:
    filled(path)
    connection = apsw.Connection(str(path))
    with Store(path) as store:
        for version in (2, 4):
            store.save_snapshot("flight-1", version, version)
        store.verify()
        connection.execute("UPDATE snapshots SET time = time - 1 WHERE version = 4")
        with pytest.raises(CorruptStore, match="version 4 has the time"):
            store.verify()
    connection.close()


def test_names_of_the_stores_own_are_refused(store: Store) -> None:
    store.append("flight-1", numbered(1))
    for name in ("(last close)", "(claim) board"):
        with pytest.raises(Invalid, match="does not use itself"):
            store.save_checkpoint(name, 1)
        with pytest.raises(Invalid):
            store.reset_checkpoint(name)


def test_what_is_a_million_deep_is_refused(store: Store) -> None:
    store.append("flight-1", numbered(1))
    state: Any = {}
    for _ in range(1_000_000):
        state = [state]
    for save in (lambda: store.save_snapshot("flight-1", 1, state), lambda: store.save_checkpoint("board", 1, state)):
        with pytest.raises(Invalid, match="at most 100"):
            save()
    assert (store.snapshot("flight-1"), store.checkpoint("board")) == (None, 0)


@pytest.mark.parametrize("step", ["eventlab.storefile.sync", "os.rename"])
def test_a_backup_that_fails_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    store.append("flight-1", [Event("noted", {"text": "x" * 1000}, id=f"e-{n}") for n in range(300)])
    monkeypatch.setattr(step, fail)
    with pytest.raises(StoreUnavailable):
        store.backup(tmp_path / "copy.db")
    monkeypatch.undo()
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("events.db")) == []
    store.backup(tmp_path / "copy.db")  # nothing that was left forbids the next one
    with Store(tmp_path / "copy.db") as copy:
        assert copy.position == 300


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit to a file's size")
def test_a_backup_for_which_there_is_no_room_leaves_nothing(tmp_path: Path) -> None:
    program = """
import os, resource, signal, sys
from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store
with Store("events.db", durable=False) as store:
    store.append("flight-1", [Event("noted", {"text": "x" * 1000}, id=f"e-{n}") for n in range(300)])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        store.backup("copy.db")
    except StoreUnavailable as error:
        print(sorted(name for name in os.listdir() if not name.startswith("events.db")), error.path)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    store.backup("copy.db")
    with Store("copy.db") as copy:
        copy.verify()
        print(copy.position)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == [f"[] {tmp_path / 'copy.db'}", "300"], done.stderr


def test_an_unreadable_event_is_an_error_of_ours_to_a_reader(path: Path) -> None:
    for text in ("CAST(x'ff' AS TEXT)", "'{'", """'{"kind":"event","type":7}'""", "'[]'"):
        path.unlink(missing_ok=True)
        filled(path)
        connection = open_up(path)
        connection.execute(f"UPDATE events SET event = {text} WHERE position = 7")
        connection.close()
        with Store(path) as store, pytest.raises(CorruptStore):
            list(store.read_all())


def test_every_turned_bit_in_an_event_is_found(path: Path) -> None:
    filled(path)
    whole, chance, before = path.read_bytes(), random.Random(5), as_sqlite_sees(path)
    texts = [found.span() for found in re.finditer(rb'{"kind":"event".*?"time":[0-9]+}', whole)]
    changes = unseen = 0
    while changes < 300:
        changed = bytearray(whole)
        changed[chance.randrange(*chance.choice(texts))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        now = as_sqlite_sees(path)
        if now == before:
            continue  # it hit what SQLite left behind when it moved an event to another page
        changes += 1
        unseen += now is not None
        with pytest.raises(CorruptStore):
            with Store(path) as store:
                store.verify()
    assert unseen > 200  # the control: without the chain they would stay unseen


def as_sqlite_sees(path: Path) -> list[Any] | None:
    """All events, if SQLite's own check finds nothing wrong."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    try:
        intact = connection.execute("PRAGMA integrity_check").fetchone()[0] in (b"ok", "ok")
        return connection.execute("SELECT * FROM events").fetchall() if intact else None
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()
