"""The SQLite file of an event store: its tables, and how it is opened without harm to anything else."""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import apsw

from eventlab.borders import writable
from eventlab.errors import CorruptStore, Invalid, StoreUnavailable

ARCHIVED = "(archived)"  # a checkpoint of the store's own: up to there the texts are in an archive
MEMORY = ":memory:"  # SQLite's own name for what is in no file
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite adds to a name for the files that belong to it

SCHEMA = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    id       TEXT    NOT NULL UNIQUE,
    time     INTEGER NOT NULL,
    chain    BLOB    NOT NULL,  -- sha256 of the row before and of this one
    event    TEXT    NOT NULL,  -- the whole event as JSON
    UNIQUE (stream, version)
) STRICT;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT raise(ABORT, 'events never change'); END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events BEGIN SELECT raise(ABORT, 'events are never deleted'); END;
CREATE TABLE snapshots (
    stream TEXT, schema TEXT, version INTEGER,
    time   INTEGER NOT NULL,  -- the latest event time up to this version
    state  TEXT    NOT NULL,
    PRIMARY KEY (stream, schema, version)
) STRICT;
CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
PRAGMA application_id = 1702261868;
PRAGMA user_version = 1;
"""
EMPTY = "SELECT count(*) = 0 FROM sqlite_schema"
APPLICATION, NEWEST = 1702261868, 1  # "evtl" as a number, and the schema's version
LOG = 32 * 2**20  # bytes of log ahead that are too many: at 3,000 pages of 2,048 it should have begun anew
PATIENCE = 30  # seconds to wait for other writers before giving up


def fault(path: str, error: Exception) -> StoreUnavailable | CorruptStore:
    """The error of SQLite in the store's own words."""
    if isinstance(error, apsw.BusyError):
        return StoreUnavailable(path, f"another program has kept it locked for {PATIENCE} seconds")
    corrupt = (apsw.CorruptError, apsw.NotADBError, apsw.ConstraintError, UnicodeDecodeError)
    return (CorruptStore if isinstance(error, corrupt) else StoreUnavailable)(path, str(error))


def located(path: object) -> str:
    """The one name of a store's file: absolute, with every link on the way followed, as SQLite does it when it opens.

    So one file has one name, here as there, and where this process goes later changes nothing. Refused are names that
    would lose data: no name at all, an address (SQLite knows "file:"), and those of the files beside another store.
    """
    name: Any = os.fspath(path) if isinstance(path, os.PathLike) else path
    if name is None:
        return MEMORY
    good = isinstance(name, str) and name and "\0" not in name and writable(name)
    if good and name == MEMORY:
        return MEMORY
    if not good or name.lower().startswith("file:") or name.endswith(BESIDE):
        ends = ", ".join(BESIDE)
        expected = f"a file's name in Unicode text, no address and no end in {ends}, or nothing for a store in memory"
        raise Invalid("path", where="store", expected=expected, found=path)
    try:
        if len(name) > 4096 or os.path.basename(name) != os.path.basename(os.path.abspath(name)):
            raise StoreUnavailable(f"{name:.200}", "it names no file")  # "here/", "..", and "end. " on Windows
        real: str = os.path.realpath(name)
    except OSError as error:
        raise StoreUnavailable(name, f"it cannot be found ({error.strerror})") from error
    if real.endswith(BESIDE) or not writable(real):
        raise StoreUnavailable(name, f"it leads to {real!r}, where no store can be")
    return real


def open_file(path: str, durable: bool) -> apsw.Connection:
    """A connection to the store at `path`, made if there is nothing; any other file is left as it is."""
    try:
        if path != MEMORY:
            _look_at(path)
        db = apsw.Connection(path)
        try:
            _prepare(db, path, durable)
        except BaseException:
            db.close()
            raise
    except apsw.Error as error:
        raise fault(path, error) from error
    return db


def identity(path: str) -> tuple[int, int] | None:
    """Which file stands at `path`: one that was made anew, or moved there, is another. None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _look_at(path: str) -> None:
    """Refuse a place where no store can be, and a file that is none or a newer one than this program knows."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if not os.path.isdir(os.path.dirname(path)):
            raise StoreUnavailable(path, "its folder does not exist") from None
        return
    except OSError as error:
        raise StoreUnavailable(path, f"it cannot be found ({error.strerror})") from error
    if not stat.S_ISREG(found.st_mode):
        raise StoreUnavailable(path, "it is a folder" if stat.S_ISDIR(found.st_mode) else "it is no regular file")
    if found.st_nlink > 1:  # what is written under one name stands in a log that the other name does not find
        raise StoreUnavailable(path, "its file has a second name (a hard link); a store's file has one")
    if not found.st_size:
        return
    try:
        # As an immutable file SQLite only reads it: no log, no lock. A store's header is written before its first log.
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        _check(apsw.Connection(Path(path).as_uri() + "?immutable=1", flags), path)
    except (apsw.CorruptError, apsw.NotADBError):
        # A write that was cut short, or is going on now: what the file lacks stands in the log or journal beside it.
        if not any(os.path.exists(path + beside) for beside in ("-wal", "-journal")):
            raise
        _check(apsw.Connection(path), path)


def _check(connection: apsw.Connection, path: str) -> None:
    """Refuse a database that is no store, or a newer one."""
    with closing(connection) as db:
        db.set_busy_handler(_wait)
        application, schema = db.pragma("application_id"), db.pragma("user_version")
        if application != APPLICATION and (application or not db.execute(EMPTY).get):
            raise CorruptStore(path, "it is a database, but not an event store")
        if schema > NEWEST:
            raise StoreUnavailable(path, f"its schema is version {schema}, this program knows up to {NEWEST}")


def _prepare(db: apsw.Connection, path: str, durable: bool) -> None:
    """Make the tables in an empty file, and set what is set for each connection."""
    if db.readonly("main"):
        raise StoreUnavailable(path, "it is read-only")
    db.set_busy_handler(_wait)
    db.transaction_mode = "IMMEDIATE"
    db.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)  # keep a plan once made: a third of the time of a small query
    if db.execute(EMPTY).get:
        db.pragma("page_size", 2048)  # an append touches three pages: small ones are written sooner
        with db:
            if db.execute(EMPTY).get:  # nobody else was faster
                db.execute(SCHEMA)
    _log_ahead(db)
    db.execute(f"""PRAGMA synchronous = {"FULL" if durable else "NORMAL"};
                   PRAGMA wal_autocheckpoint = 3000; PRAGMA recursive_triggers = ON;
                   PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
                   PRAGMA cache_size = -16000 -- 16 MB: new ids fall anywhere in their index""").fetchall()


def _wait(tries: int) -> bool:
    """What SQLite does while another process writes. Short waits of equal length keep the writers' turns fair."""
    time.sleep(0.001)
    return tries < PATIENCE * 1000


def _log_ahead(db: apsw.Connection) -> None:
    """Write ahead to a log: readers and the writer do not wait for each other."""
    for tries in itertools.count():
        try:
            db.pragma("journal_mode", "wal")
            return
        except apsw.BusyError:  # the one step at which SQLite does not wait by itself
            if not _wait(tries):
                raise


def shorten_log(db: apsw.Connection, path: str) -> None:
    """Write a log that has grown too long back into the file, and empty it.

    SQLite writes it back beside the work of others; where several write without a pause, it never gets to the end, and
    the log would grow for ever. Here they have to wait. But this waits for nobody longer than it takes to read a page:
    a cursor that was left half-read would hold up every append. It will be tried again.
    """
    with suppress(OSError, apsw.Error):  # what was to be stored is stored, whatever becomes of this
        if path != MEMORY and os.path.getsize(f"{path}-wal") >= LOG:
            # Another connection, which has no patience: this one's is not touched, so no interrupt can leave it so.
            with closing(apsw.Connection(path)) as other:
                other.set_busy_handler(lambda tries: _wait(tries) and tries < 5)
                other.pragma("schema_version")  # it knows of the log when it has read the file
                other.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def copy(db: apsw.Connection, to: object) -> None:
    """Write what `db` holds to a new file: beside it first, so that at its place there is a whole copy or nothing."""
    if (path := located(to)) == MEMORY:
        raise Invalid("path", where="backup", expected="the name of a new file", found=to)
    _refuse_if_there(path)
    part = f"{path}.{os.getpid()}.part"
    try:
        db.execute("VACUUM INTO ?", (part,))
        sync(part)
        _refuse_if_there(path)  # somebody may have been faster
        os.rename(part, path)
        sync(os.path.dirname(path))
    except apsw.Error as error:
        raise fault(path, error) from error
    except OSError as error:
        raise StoreUnavailable(path, f"the backup cannot be written ({error.strerror})") from error
    finally:
        for left in (part, f"{part}-journal"):
            with suppress(OSError):
                os.unlink(left)


def _refuse_if_there(path: str) -> None:
    if os.path.lexists(path):
        raise StoreUnavailable(path, "a backup goes to a new file, and this one exists")


def release(db: apsw.Connection, path: str, position: int) -> None:
    """Drop the texts of the events up to `position`, and note it: all or nothing. What is free goes back to the disk.

    The trigger that keeps events as they are is away within this one transaction, which nobody else sees half-done.
    """
    kept = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'events_never_change'"
    try:
        with db:
            trigger = db.execute(kept).get
            db.execute("DROP TRIGGER events_never_change")
            db.execute("UPDATE events SET event = '' WHERE position <= ? AND event != ''", (position,))
            db.execute(trigger)
            db.execute(
                """INSERT INTO checkpoints VALUES (?, ?, 'null')
                   ON CONFLICT DO UPDATE SET position = max(position, excluded.position)""",
                (ARCHIVED, position),
            )
        db.execute("VACUUM")
    except apsw.Error as error:
        raise fault(path, error) from error


def alone(db: apsw.Connection, path: str, work: Callable[[], None]) -> None:
    """Do something while no other process writes to the store, or does something `alone`."""
    try:
        with db:  # written in C: no interrupt comes between BEGIN and the promise to end it
            work()
    except apsw.Error as error:
        raise fault(path, error) from error


def sync(path: str) -> None:
    """Let a file or a folder reach the disk, where the system can do that."""
    with suppress(PermissionError):  # Windows opens no folder
        file = os.open(path, os.O_RDWR if os.path.isfile(path) else os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
