"""The SQLite file of an event store: its tables, and how it is opened without harm to anything else."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import closing, suppress
from pathlib import Path

import apsw

from eventlab.errors import CorruptStore, StoreUnavailable

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


def open_file(path: str, durable: bool) -> apsw.Connection:
    """A connection to the store at `path`, made if there is nothing; any other file is left as it is."""
    try:
        if path != ":memory:":
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
    if os.path.isdir(path):
        raise StoreUnavailable(path, "it is a folder")
    if not os.path.isdir(os.path.dirname(path)):
        raise StoreUnavailable(path, "its folder does not exist")
    if not os.path.exists(path) or not os.path.getsize(path):
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
        if os.path.getsize(f"{path}-wal") >= LOG:
            db.set_busy_handler(lambda tries: _wait(tries) and tries < 5)
            try:
                db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            finally:
                db.set_busy_handler(_wait)
