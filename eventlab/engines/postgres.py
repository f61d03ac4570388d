"""An event store in PostgreSQL: the same streams, versions, positions and promises as `Store`, for many machines.

    store = PostgresStore("postgresql://…", schema="airports")

A lost connection is found again: each statement may be repeated, an append because of its events' ids.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.generators import execute
from psycopg.pq import ExecStatus

from eventlab import borders, reading, rows, saved
from eventlab.engines import schema as tables
from eventlab.engines.checking import verify
from eventlab.errors import StoreUnavailable, WrongExpectedVersion
from eventlab.event import Event
from eventlab.reading import By
from eventlab.rows import ANY, NO_STREAM, STREAM_EXISTS, Appended, Expected, New, Recorded, fits
from eventlab.store import Store
from eventlab.watchers import Watchers

ALL = By("?1::text IS NULL")
BY_CATEGORY = By("split_part(stream, '-', 1) = ?1")
KNOWN = """SELECT last.version, id, stream, position, events.version, event
           FROM (SELECT coalesce(max(version), 0) AS version FROM events WHERE stream = ?1) AS last
           LEFT JOIN events ON id = ANY (?2)"""  # a stream's version, and which ids are there
APPEND_ONE = b"SELECT append_one($1, $2, $3, $4, $5)"
APPEND = "SELECT * FROM append(?, ?, ?, ?, string_to_array(?, E'\\n'))"
SPECIAL = {ANY: -1, STREAM_EXISTS: -2, NO_STREAM: 0}
PATIENCE = 10.0  # seconds for PostgreSQL to come back
LOCKED = 30  # seconds to wait for other writers
NUMBER = re.compile(r"\?(\d*)")


class PostgresStore(Store):
    """An event store in a schema of its own of a PostgreSQL database, made there if there is none.

    `durable=True`: what was appended survives the death of the server and a power cut. `durable=False`, the fast way:
    the newest events may be missing then, never one in the middle. One store belongs to the process and thread that
    opened it. A repetition after a lost connection is answered as `duplicate`, as any other one.
    """

    def __init__(self, url: str, schema: str = "eventlab", *, durable: bool = True, patience: float = PATIENCE) -> None:
        self.schema = tables.schema_name(schema)
        self.path = f"{_shown(url)} schema {schema}"
        borders.instance(durable, bool, "durable", where=f"store {self.path!r}")
        self._url, self._durable, self._patience = url, durable, patience
        self._owner = (os.getpid(), threading.get_ident())
        self._watchers, self._told = Watchers(f"store {self.path!r}"), 0
        self._head = None
        self._connection: Any = self._open()
        self._cursor: Any = self._connection.cursor()  # the one for all statements: making one costs as much as its use
        self._ears: Any = None  # a second connection, which listens

    def close(self) -> None:
        """Close the connection; closing twice is harmless."""
        if self._owner is None:
            return
        try:
            saved.seal(self._sql)
        finally:
            self._connection.close()
            if self._ears is not None:
                self._ears.close()
            self._owner = None

    # -- writing ------------------------------------------------------------------------------------------------------

    def append(self, stream: str, events: Event | Sequence[Event], expected: int | Expected = ANY) -> Appended:
        """As `Store.append`: one call of one function in the database."""
        batch = rows.checked(stream, events, expected)
        number = SPECIAL[expected] if isinstance(expected, Expected) else expected
        done = self._append_one(stream, batch[0], number) if len(batch) == 1 else self._append(stream, batch, number)
        while done is None:
            done = self._answer(stream, batch, expected) or self._append(stream, batch, number)
        if done.position > self._told:
            self._watchers.tell()
            self._told = max(self._told, done.position)
        return done

    def _append_one(self, stream: str, new: New, expected: int) -> Appended | None:
        """One event, the usual case, in half the time; None if nothing was written, as for the first event of all."""
        values = stream.encode(), b"%d" % expected, new.id.encode(), b"%d" % new.time, new.text.encode()
        version, _, position = (self._patiently(self._call_append_one, values) or b"").partition(b" ")
        return Appended(stream, int(version), int(position)) if position else None

    def _append(self, stream: str, batch: list[New], expected: int) -> Appended | None:
        """Any number of events; None if nothing was written."""
        ids, times = ",".join([_quoted(new.id) for new in batch]), ",".join([str(new.time) for new in batch])
        texts = "\n".join([new.text for new in batch])  # JSON has no bare line feed in it
        [(version, position)] = self._sql(APPEND, stream, expected, f"{{{ids}}}", f"{{{times}}}", texts)
        return Appended(stream, version, position) if position else None

    def _answer(self, stream: str, batch: list[New], expected: int | Expected) -> Appended | None:
        """The answer where nothing was written: a repetition, or a refusal; None if it would be written by now."""
        found = self._sql(KNOWN, stream, [new.id for new in batch])
        version, known = found[0][0], {row[1]: row[2:] for row in found if row[1] is not None}
        if known:
            return rows.repeated(stream, batch, known)
        if not fits(expected, version):
            raise WrongExpectedVersion(stream, expected if isinstance(expected, int) else expected.value, version)
        return None

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self, by: By, which: str | None, after: int, *bounds: int | None) -> Iterator[Recorded]:
        here = {reading.ALL: ALL, reading.BY_CATEGORY: BY_CATEGORY}.get(by, by)
        return reading.read(self._sql, self.path, here, which, after, *bounds)

    def news(self) -> bool:
        """Whether anybody has appended since the last time this was asked: a hint alone, reading is what counts.

        If so, the watchers are told. It costs no statement: PostgreSQL tells by itself (`NOTIFY`).
        """
        _ = self._db
        heard = self._heard()
        if heard:
            self._told = max(self._told, self.position)
            self._watchers.tell()
        return heard

    def _heard(self) -> bool:
        if self._ears is not None and not self._ears.closed:
            with suppress(psycopg.OperationalError):  # the connection is lost
                said = [note.payload.partition(" ") for note in self._ears.notifies(timeout=0)]
                return any(name == self.schema and int(position) > self._told for name, _, position in said)
        self._ears = self._open()
        self._ears.execute("LISTEN eventlab")
        return True  # whatever was said before anybody listened

    # -- care ---------------------------------------------------------------------------------------------------------

    def verify(self) -> None:
        """As `Store.verify`: each row's hash covers the row and the hash before it."""
        verify(self._sql, self.path, self._told)

    def backup(self, path: str | Path) -> None:
        """Write the events to a new file, as a `Store` reads it, with the same positions and hashes; or nothing."""
        part = f"{os.fspath(path)}.{os.getpid()}.part"
        if os.path.lexists(path) or os.path.lexists(part):
            raise StoreUnavailable(os.fspath(path), "a backup is written to a new file, and there is one")
        try:
            with Store(part) as copy:
                for recorded in self.read_all():
                    copy.append(recorded.stream, recorded.event)
            os.rename(part, path)
        finally:
            for beside in ("", "-wal", "-shm"):
                Path(part + beside).unlink(missing_ok=True)

    def grant(self, role: str) -> None:
        """Let another role of the database append and read, and no more; for whoever owns the schema."""
        try:
            tables.grant(self._db, self.schema, role)
        except psycopg.Error as error:
            raise self._fault(error) from error

    # -- the way to PostgreSQL ----------------------------------------------------------------------------------------

    def _open(self) -> Any:
        try:
            raw = psycopg.RawCursor
            connection = psycopg.connect(self._url, autocommit=True, cursor_factory=raw, connect_timeout=5)
        except (psycopg.Error, UnicodeError) as error:
            raise StoreUnavailable(self.path, _reason(error)) from error
        path, commit = tables.quoted(self.schema), "on" if self._durable else "off"
        try:
            tables.new_enough(connection.info.server_version // 10_000, self.path)
            for setting in (
                f"search_path = {path}, pg_temp", f"synchronous_commit = {commit}",
                f"lock_timeout = '{LOCKED}s'", "idle_in_transaction_session_timeout = '10s'",
                "default_transaction_isolation = 'read committed'", "client_encoding = 'UTF8'",
                "enable_seqscan = off", "jit = off",  # a plan that was made for ten events is kept for a million
            ):  # fmt: skip
                connection.execute(f"SET {setting}".encode())
            tables.migrate(connection, self.schema, self.path)
            connection.execute(b"PREPARE append_one AS " + APPEND_ONE)
        except psycopg.Error as error:
            connection.close()
            raise StoreUnavailable(self.path, _reason(error)) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _sql(self, sql: str, *args: Any) -> list[Any]:
        """All rows of one statement."""
        found: list[Any] = self._patiently(self._rows, _numbered(sql), args)
        return found

    def _patiently(self, say: Callable[..., Any], *what: Any) -> Any:
        """Say something to PostgreSQL, again if the connection was lost, for as long as patience goes."""
        end = time.monotonic() + self._patience
        while True:
            connection: Any = self._db
            try:
                if connection.closed:
                    self._connection = connection = self._open()
                    self._cursor = connection.cursor()
                return say(*what)
            except (psycopg.OperationalError, StoreUnavailable) as error:
                lost = isinstance(error, StoreUnavailable) or connection.closed
                if not lost or time.monotonic() > end:
                    raise self._fault(error) from error
                time.sleep(0.05)
            except psycopg.Error as error:
                raise self._fault(error) from error

    def _rows(self, statement: bytes, args: tuple[Any, ...]) -> list[Any]:
        cursor = self._cursor.execute(statement, args)
        return cursor.fetchall() if cursor.pgresult.nfields else []  # `description` would describe them

    def _call_append_one(self, values: tuple[bytes, ...]) -> bytes | None:
        """What a cursor does, without what it decides anew each time: that takes as long as PostgreSQL's own part."""
        connection: Any = self._connection
        connection.pgconn.send_query_prepared(b"append_one", values)
        [result] = connection.wait(execute(connection.pgconn))
        if result.status != ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result)
        place: bytes | None = result.get_value(0, 0)
        return place

    def _fault(self, error: Exception) -> Exception:
        if isinstance(error, StoreUnavailable):
            return error
        if isinstance(error, psycopg.errors.LockNotAvailable):
            return StoreUnavailable(self.path, f"another program has kept it locked for {LOCKED} seconds")
        return StoreUnavailable(self.path, _reason(error))

    def _forget(self) -> None:
        """It remembers nothing that could be out of date."""


@cache
def _numbered(sql: str) -> bytes:
    """A statement with `?` or `?2` for values, as PostgreSQL wants it: `$1`, `$2`."""
    count = iter(range(1, 100))
    return NUMBER.sub(lambda found: f"${found[1] or next(count)}", sql).encode()


def _quoted(text: str) -> str:
    """An element of an array as PostgreSQL reads it; psycopg would look at each: that takes longer than storing it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shown(url: str) -> str:
    """An address without user and password."""
    borders.text(url, "address", where="PostgresStore", least=1)
    try:
        parts = urlsplit(url)
        if parts.scheme in ("postgresql", "postgres"):
            return f"postgresql://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        pass  # what is wrong with it may quote the password
    form = "postgresql://user:password@host:port/database, with %2F for a / in the password, and so on"
    raise StoreUnavailable("PostgreSQL", f"its address cannot be read; it has the form {form}") from None


def _reason(error: Exception) -> str:
    """What PostgreSQL said, in one line, with what can be done about it."""
    said = " ".join(str(error).split())[:400]
    remedies = {
        "certificate": "name the certificate of its authority with `sslrootcert=` in the address",
        "password authentication failed": "look at user and password of the address",
        "does not exist": "create it, or take another address",
        "onnection refused": "is PostgreSQL running there? See EVENTLAB_POSTGRES",
        "already exists": "take another schema: this one holds something else",
        "permission denied": "ask the owner of the schema for `PostgresStore(...).grant(role)`",
        "too many clients": "close stores that are not needed",
    }
    remedy = next((words for sign, words in remedies.items() if sign in said), "")
    return f"{said}; {remedy}" if remedy else said
