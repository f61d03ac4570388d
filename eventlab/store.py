"""The event store: append-only streams in one SQLite file, or in memory.

Every event stands in one *stream* (`version` 1, 2, 3 …) and in the order of the whole store (`position` 1, 2, 3 …).
An append states which version it expects, and may be repeated: event ids make the second time harmless.

The idea that carries the file: **an append is one SQL statement that states its own positions.** A store remembers the
last position it saw and claims the next one. If another process was faster, that position is taken, SQLite refuses
the whole statement, and the append looks again, this time with the file locked. So nothing is ever half-written, two
writers cannot both win, and positions have no holes that a reader could overtake.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import apsw
import msgspec

from eventlab.errors import CorruptStore, Invalid, StoreUnavailable, WrongExpectedVersion
from eventlab.event import Event, freeze
from eventlab.rows import (
    ANY,
    EVER,
    NO_STREAM,
    STREAM_EXISTS,
    Appended,
    Expected,
    New,
    Recorded,
    Snapshot,
    as_rows,
    checked,
    decode,
    encode,
    fits,
    insert,
    repeated,
    whats_wrong,
    written,
)
from eventlab.storefile import fault, identity, open_file, shorten_log

__all__ = ["ANY", "NO_STREAM", "STREAM_EXISTS", "Appended", "Expected", "Recorded", "Snapshot", "Store"]

PAGE = 500  # rows read at a time: no cursor stays open, so a forgotten reader holds nothing up
ROWS = 500  # rows in one INSERT
SEAL = "(last close)"  # a checkpoint of the store's own, which shows when the tail is cut off


class Store:
    """An event store in the file `path`, or in memory if there is none.

    `durable=True`: what was appended survives a power cut (SQLite's synchronous=FULL), and a file that has been moved
    or removed under the store is noticed. `durable=False`, the fast way: what was appended survives the death of the
    process; after a power cut the newest events may be missing, never one in the middle.
    Several processes may use one file; one `Store` belongs to the process and thread that opened it.
    """

    def __init__(self, path: str | Path | None = None, *, durable: bool = True) -> None:
        self.path = ":memory:" if path is None else os.path.abspath(path)
        self._owner: tuple[int, int] | None = (os.getpid(), threading.get_ident())
        self._watchers: dict[object, Callable[[], object]] = {}
        self._head: tuple[int, bytes] | None = None  # the last position and its hash, as far as this store has seen
        self._versions: dict[str, int] = {}
        self._connection = open_file(self.path, durable)
        self._file = identity(self.path) if durable and path is not None else None

    def __repr__(self) -> str:
        return f"<Store {self.path}>" if self._owner else f"<Store {self.path}, closed>"

    def __len__(self) -> int:
        return self.position

    def __bool__(self) -> bool:
        return True  # an empty store is a store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._owner is None:
            return
        try:
            if self.position > self.checkpoint(SEAL):
                self.save_checkpoint(SEAL, self.position)
        finally:
            self._db.close()
            self._owner = None

    # -- writing ----------------------------------------------------------------------------------------------------

    def append(self, stream: str, events: Event | Sequence[Event], expected: int | Expected = ANY) -> Appended:
        """Append one event or several, all or nothing, behind the `expected` version of the stream.

        Every event needs an id. The same events again give the same answer, marked `duplicate`, whatever is expected.
        Raises `WrongExpectedVersion`; `EventIdConflict` for a known id with other content, in another stream or
        beside events that are new; `Invalid` for what cannot be stored.
        """
        batch = checked(stream, events, expected)
        if self._file is not None and identity(self.path) != self._file:  # SQLite would write to what nobody can find
            raise StoreUnavailable(self.path, "its file is no longer where it was")
        done = self._claim(stream, batch, expected) or self._answer(stream, batch, expected)
        if done is None:
            done = self._write_locked(stream, batch, expected)
        if not done.duplicate:
            for callback in tuple(self._watchers.values()):
                callback()
        return done

    def _claim(self, stream: str, batch: list[New], expected: int | Expected) -> Appended | None:
        """Append by what this store remembers, in one statement; None if the file may know better."""
        if (version := self._versions.get(stream)) is None:
            version = self.version(stream)
        if len(batch) > ROWS or not fits(expected, version):
            return None
        self._head = self._head or self._last()
        values, done, chain = as_rows(stream, batch, version, *self._head)
        try:
            self._sql(insert(len(batch)), *values)
        except apsw.ConstraintError:
            return None
        if len(self._versions) > 10_000:
            self._versions.clear()
        self._versions[stream] = done.version
        self._head = done.position, chain
        return done

    def _answer(self, stream: str, batch: list[New], expected: int | Expected) -> Appended | None:
        """The answer where nothing is to be written: a repetition, or a refusal; None if the batch may be written.

        One statement reads the version and the ids, so that nobody can write in between.
        """
        sql = """SELECT last.version, id, stream, position, events.version, event
                 FROM (SELECT coalesce(max(version), 0) AS version FROM events WHERE stream = ?) AS last
                 LEFT JOIN events ON id IN (SELECT value FROM json_each(?))"""
        found = self._sql(sql, stream, encode([new.id for new in batch]).decode())
        version, known = found[0][0], {row[1]: row[2:] for row in found if row[1] is not None}
        if known:
            return repeated(stream, batch, known)
        if not fits(expected, version):
            raise WrongExpectedVersion(stream, expected if isinstance(expected, int) else expected.value, version)
        return None

    def _write_locked(self, stream: str, batch: list[New], expected: int | Expected) -> Appended:
        """Append by what the file says, while nobody else can write to it."""
        self._forget()  # and nothing is remembered until the transaction is over, however it ends
        try:
            with self._db:  # written in C: no interrupt comes between BEGIN and the promise to end it
                if (done := self._answer(stream, batch, expected)) is not None:
                    return done
                version, (position, chain) = self.version(stream), self._last()
                for start in range(0, len(batch), ROWS):
                    part = batch[start : start + ROWS]
                    values, done, chain = as_rows(stream, part, version, position, chain)
                    self._sql(insert(len(part)), *values)
                    version, position = done.version, done.position
        except apsw.Error as error:
            raise fault(self.path, error) from error
        shorten_log(self._db, self.path)
        assert done is not None  # a batch is never empty
        return done

    def watch(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Call `callback()` after every append through this store; the function returned ends that."""
        _ = self._db  # raises where nobody would ever be called
        key = object()  # the same callback may watch twice, and each ends alone
        self._watchers[key] = callback
        return lambda: self._watchers.pop(key, None)

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(
        self, stream: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        """The events of one stream, with versions `after` < version <= `upto`.

        `as_of` leaves out every event whose own `time` is later: what was known to have happened by then.
        """
        return self._pages("stream = ?", (stream,), "version", after, upto, as_of)

    def read_category(self, category: str, *, after: int = 0, as_of: int | None = None) -> Iterator[Recorded]:
        """The events of every stream whose name up to the first "-" is `category`, behind the position `after`."""
        return self._pages("iif(instr(stream, '-'), substr(stream, 1, instr(stream, '-') - 1), stream) = ?",
                           (category,), "position", after, None, as_of)  # fmt: skip

    def read_all(
        self, *, after: int = 0, upto: int | None = None, as_of: int | None = None, limit: int | None = None
    ) -> Iterator[Recorded]:
        """All events in the order of the store, with positions `after` < position <= `upto`, at most `limit`."""
        return self._pages("true", (), "position", after, upto, as_of, limit)

    def _pages(
        self, where: str, args: tuple[str, ...], key: str, after: int, upto: int | None, as_of: int | None,
        limit: int | None = None,
    ) -> Iterator[Recorded]:  # fmt: skip
        sql = f"""SELECT event, stream, version, position FROM events
                  WHERE {where} AND {key} > ? AND {key} <= ? AND time <= ? ORDER BY {key} LIMIT ?"""
        upto, as_of, left = (EVER if bound is None else bound for bound in (upto, as_of, limit))
        while left > 0:
            rows = self._sql(sql, *args, after, upto, as_of, min(PAGE, left))
            try:
                page = [Recorded(decode(text), name, version, position) for text, name, version, position in rows]
            except (TypeError, ValueError) as error:
                raise CorruptStore(self.path, f"an event cannot be read ({error}); verify() finds the first") from error
            yield from page
            if len(page) < PAGE:
                return
            after, left = getattr(page[-1], key), left - len(page)

    def find(self, id: str) -> Recorded | None:
        """The event with this id, wherever it stands."""
        return next(self._pages("id = ?", (id,), "position", 0, None, None), None)

    def version(self, stream: str) -> int:
        """The number of events in the stream; 0 if there is no such stream."""
        rows = self._sql("SELECT version FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1", stream)
        return int(rows[0][0]) if rows else 0

    @property
    def position(self) -> int:
        """The position of the last event in the store; 0 if it is empty."""
        return self._last()[0]

    def streams(self, category: str | None = None) -> list[str]:
        """The names of all streams, or of one category's, in the order of the alphabet."""
        names = [name for (name,) in self._sql("SELECT DISTINCT stream FROM events ORDER BY stream")]
        return [name for name in names if category is None or name.split("-", 1)[0] == category]

    # -- snapshots and checkpoints ----------------------------------------------------------------------------------

    def save_snapshot(self, stream: str, version: int, state: Any, schema: str = "") -> None:
        """Keep the stream's state after its event number `version`: plain data, which can always be computed again."""
        last = self.version(stream)
        if not 1 <= version <= last:
            raise Invalid("snapshot version", where=f"stream {stream!r}", expected=f"1 to {last}", found=version)
        sql = """WITH older AS (SELECT version, time FROM snapshots WHERE stream = ?1 AND version <= ?2
                                ORDER BY version DESC LIMIT 1)
                 INSERT OR REPLACE INTO snapshots
                 SELECT ?1, ?3, ?2, max(time), ?4 FROM (SELECT time FROM older UNION ALL SELECT time FROM events
                 WHERE stream = ?1 AND version <= ?2 AND version > coalesce((SELECT version FROM older), 0))"""
        kept = freeze(state, "snapshot")
        self._sql(sql, stream, version, schema, written(kept, kept, f"snapshot of stream {stream!r}"))

    def snapshot(
        self, stream: str, *, as_of_version: int | None = None, as_of: int | None = None, schema: str = ""
    ) -> Snapshot | None:
        """The latest snapshot at or below a version, none of whose events is later than the time `as_of`."""
        sql = """SELECT version, state FROM snapshots WHERE stream = ? AND schema = ? AND version <= ? AND time <= ?
                 ORDER BY version DESC LIMIT 1"""
        bounds = (EVER if bound is None else bound for bound in (as_of_version, as_of))
        for version, state in self._sql(sql, stream, schema, *bounds):
            return Snapshot(stream, version, freeze(msgspec.json.decode(state)), schema)
        return None

    def checkpoint(self, name: str) -> int:
        """The position up to which the reader `name` has worked; 0 if it never said."""
        return self._checkpoint(name)[0]

    def checkpoint_state(self, name: str) -> Any:
        """What the reader `name` saved with its position, frozen; None if nothing."""
        return freeze(msgspec.json.decode(self._checkpoint(name)[1]))

    def _checkpoint(self, name: str) -> tuple[int, str]:
        return next(iter(self._sql("SELECT position, state FROM checkpoints WHERE name = ?", name)), (0, "null"))

    def save_checkpoint(self, name: str, position: int, state: Any = None) -> None:
        """Note that `name` has worked up to `position`, with what it knows then. An older position changes nothing.

        Both are saved in one step, so `state` holds the effect of each event exactly once. An effect elsewhere (a mail,
        another database) comes first and the position after it: it happens at least once, and after a crash in between
        again. Give it the event's position or id, by which the other side can tell.
        """
        if not 0 <= position <= self.position:
            raise Invalid("position", where=f"checkpoint {name!r}", expected=f"0 to {self.position}", found=position)
        sql = """INSERT INTO checkpoints VALUES (?, ?, ?) ON CONFLICT DO UPDATE
                 SET position = excluded.position, state = excluded.state WHERE excluded.position >= position"""
        kept = freeze(state, "checkpoint")
        self._sql(sql, name, position, written(kept, kept, f"checkpoint {name!r}"))

    def reset_checkpoint(self, name: str) -> None:
        """Let `name` begin again from the start of the store."""
        self._sql("DELETE FROM checkpoints WHERE name = ?", name)

    # -- care -------------------------------------------------------------------------------------------------------

    def verify(self) -> None:
        """Check that the store holds what was appended; `CorruptStore` names the first bad position.

        Each row's hash covers the row and the hash before it, so that no event can be changed, exchanged, inserted or
        removed unseen. What no chain can see: a forger who computes all later hashes anew, and a tail cut off beyond
        every checkpoint, snapshot and close. Snapshots can be computed again: only their place is checked.
        """
        position, chain, after = 0, b"", -EVER
        sql = """SELECT position, version, CAST(stream AS BLOB), CAST(id AS BLOB), time, chain, CAST(event AS BLOB)
                 FROM events WHERE position > ? ORDER BY position LIMIT ?"""
        while rows := self._sql(sql, after, PAGE):
            after = rows[-1][0]
            for row in rows:
                position += 1
                if (problem := whats_wrong(row, position, chain)) is not None:
                    raise CorruptStore(self.path, problem, position)
                chain = row[5]
        if position < (self._head or (0, b""))[0]:
            raise CorruptStore(self.path, "events that this store has seen are gone", position + 1)
        for name, ahead in self._sql("SELECT name, position FROM checkpoints WHERE position > ?", position):
            raise CorruptStore(self.path, f"checkpoint {name!r} is at {ahead}, behind the last event", position + 1)
        sql = """SELECT stream, version FROM snapshots AS s
                 WHERE version > (SELECT coalesce(max(version), 0) FROM events WHERE stream = s.stream)"""
        for stream, version in self._sql(sql):
            raise CorruptStore(self.path, f"snapshot of {stream!r} at version {version}, where there is no such event")
        if (report := self._sql("PRAGMA integrity_check(1)")[0][0]) != "ok":
            raise CorruptStore(self.path, report)

    def backup(self, path: str | Path) -> None:
        """Write a copy to a new file, while others go on appending."""
        if os.path.exists(path):
            raise StoreUnavailable(str(path), "a backup goes to a new file, and this one exists")
        self._sql("VACUUM INTO ?", os.path.abspath(path))

    # -- the way to SQLite ------------------------------------------------------------------------------------------

    @property
    def _db(self) -> apsw.Connection:
        if self._owner != (os.getpid(), threading.get_ident()):
            reason = "it is closed" if self._owner is None else "it belongs to another process or thread; open one here"
            raise StoreUnavailable(self.path, reason)
        return self._connection

    def _sql(self, sql: str, *args: Any) -> list[Any]:
        """All rows of one statement: no cursor, and so no read transaction, stays open."""
        try:
            return self._db.execute(sql, args).fetchall()
        except apsw.ConstraintError:
            raise
        except (apsw.Error, UnicodeDecodeError) as error:
            raise fault(self.path, error) from error

    def _last(self) -> tuple[int, bytes]:
        """The last position and its hash."""
        rows = self._sql("SELECT position, chain FROM events ORDER BY position DESC LIMIT 1")
        return rows[0] if rows else (0, b"")

    def _forget(self) -> None:
        self._head, self._versions = None, {}
