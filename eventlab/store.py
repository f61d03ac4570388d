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

from eventlab import borders, reading, rows, saved, verification
from eventlab.errors import StoreUnavailable, WrongExpectedVersion
from eventlab.event import Event
from eventlab.reading import ALL, BY_CATEGORY, BY_STREAM, By
from eventlab.rows import ANY, NO_STREAM, STREAM_EXISTS, Appended, Expected, New, Recorded, encode, fits
from eventlab.saved import Checkpoint, Snapshot
from eventlab.storefile import MEMORY, copy, fault, identity, located, open_file, shorten_log
from eventlab.watchers import Watchers

__all__ = ["ANY", "NO_STREAM", "STREAM_EXISTS", "Appended", "Checkpoint", "Expected", "Recorded", "Snapshot", "Store"]

ROWS = 500  # rows in one INSERT


class Store:
    """An event store in the file `path`, or in memory if there is none (":memory:" is no file).

    `durable=True`: what was appended survives a power cut (SQLite's synchronous=FULL), and a file that has been moved
    or removed under the store is noticed. `durable=False`, the fast way: what was appended survives the death of the
    process; after a power cut the newest events may be missing, never one in the middle.
    Several processes may use one file; one `Store` belongs to the process and thread that opened it.
    """

    def __init__(self, path: str | Path | None = None, *, durable: bool = True) -> None:
        self.path = located(path)
        borders.instance(durable, bool, "durable", where=f"store {self.path!r}")
        self._owner: tuple[int, int] | None = (os.getpid(), threading.get_ident())
        self._watchers, self._told = Watchers(f"store {self.path!r}"), 0
        self._head: tuple[int, bytes] | None = None  # the last position and its hash, as far as this store has seen
        self._versions: dict[str, int] = {}
        self._connection = open_file(self.path, durable)
        self._file = identity(self.path) if durable and self.path != MEMORY else None

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
            saved.seal(self._sql)
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
        batch = rows.checked(stream, events, expected)
        if self._file is not None and identity(self.path) != self._file:  # SQLite would write to what nobody can find
            raise StoreUnavailable(self.path, "its file is no longer where it was")
        done = self._claim(stream, batch, expected) or self._answer(stream, batch, expected)
        if done is None:
            done = self._write_locked(stream, batch, expected)
        if done.position > self._told:  # also if an interrupt came before they were told, and this is a repetition
            self._watchers.tell()
            self._told = max(self._told, done.position)
        return done

    def _claim(self, stream: str, batch: list[New], expected: int | Expected) -> Appended | None:
        """Append by what this store remembers, in one statement; None if the file may know better."""
        if (version := self._versions.get(stream)) is None:
            version = self.version(stream)
        if len(batch) > ROWS or not fits(expected, version):
            return None
        self._head = self._head or self._last()
        values, done, chain = rows.as_rows(stream, batch, version, *self._head)
        try:
            self._sql(rows.insert(len(batch)), *values)
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
        found = self._sql(rows.KNOWN, stream, encode([new.id for new in batch]).decode())
        version, known = found[0][0], {row[1]: row[2:] for row in found if row[1] is not None}
        if known:
            return rows.repeated(stream, batch, known)
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
                    values, done, chain = rows.as_rows(stream, part, version, position, chain)
                    self._sql(rows.insert(len(part)), *values)
                    version, position = done.version, done.position
        except apsw.Error as error:
            raise fault(self.path, error) from error
        shorten_log(self._db, self.path)
        assert done is not None  # a batch is never empty
        return done

    def watch(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Call `callback()` after every append through this store; the function returned ends that.

        What is stored stays stored: a callback that fails is logged, and the others are called (see `watchers`).
        """
        _ = self._db  # raises where nobody would ever be called
        return self._watchers.add(callback)

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(
        self, stream: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        """The events of one stream, with versions `after` < version <= `upto`.

        Where a reading ends is fixed when it begins, with this call: what is appended later is for the next one.
        `as_of` leaves out every event whose own `time` is later: what was known to have happened by then.
        """
        borders.text(stream, "stream name", where="read")
        return self._read(BY_STREAM, stream, after, upto, as_of)

    def read_category(
        self, category: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        """The events of every stream whose name up to the first "-" is `category`, between positions as `read_all`."""
        return self._read(BY_CATEGORY, reading.category(category), after, upto, as_of)

    def read_all(
        self, *, after: int = 0, upto: int | None = None, as_of: int | None = None, limit: int | None = None
    ) -> Iterator[Recorded]:
        """All events in the order of the store, with positions `after` < position <= `upto`, at most `limit`.

        Where a reading ends is fixed when it begins, with this call.
        """
        return self._read(ALL, None, after, upto, as_of, limit)

    def _read(self, by: By, which: str | None, after: int, *bounds: int | None) -> Iterator[Recorded]:
        return reading.read(self._sql, self.path, by, which, after, *bounds)

    def find(self, id: str) -> Recorded | None:
        """The event with this id, wherever it stands."""
        return reading.find(self._sql, self.path, id)

    def version(self, stream: str) -> int:
        """The number of events in the stream; 0 if there is no such stream."""
        borders.text(stream, "stream name", where="version")
        return int(self._sql("SELECT coalesce(max(version), 0) FROM events WHERE stream = ?", stream)[0][0])

    @property
    def position(self) -> int:
        """The position of the last event in the store; 0 if it is empty."""
        return self._last()[0]

    def streams(self, category: str | None = None) -> list[str]:
        """The names of all streams, or of one category's, in the order of the alphabet."""
        names = [name for (name,) in self._sql("SELECT DISTINCT stream FROM events ORDER BY stream")]
        if category is None:
            return names
        reading.category(category)
        return [name for name in names if name.split("-", 1)[0] == category]

    # -- snapshots and checkpoints ----------------------------------------------------------------------------------

    def save_snapshot(self, stream: str, version: int, state: Any, schema: str = "") -> None:
        """Keep the stream's state after its event number `version`: plain data, which can always be computed again."""
        saved.save_snapshot(self._sql, stream, version, state, schema)

    def snapshot(
        self, stream: str, *, as_of_version: int | None = None, as_of: int | None = None, schema: str = ""
    ) -> Snapshot | None:
        """The latest snapshot at or below a version, none of whose events is later than the time `as_of`."""
        return saved.snapshot(self._sql, self.path, stream, as_of_version, as_of, schema)

    def load_checkpoint(self, name: str) -> Checkpoint:
        """The position up to which the reader `name` has worked, 0 if it never said, and what it saved with it.

        In one look: between calls to `checkpoint` and `checkpoint_state` somebody may save.
        """
        return saved.checkpoint(self._sql, self.path, name)

    def checkpoint(self, name: str) -> int:
        """The position up to which the reader `name` has worked; 0 if it never said."""
        return self.load_checkpoint(name).position

    def checkpoint_state(self, name: str) -> Any:
        """What the reader `name` saved with its position, frozen; None if nothing."""
        return self.load_checkpoint(name).state

    def save_checkpoint(self, name: str, position: int, state: Any = None) -> int:
        """Note that `name` has worked up to `position`, with what it knows then; gives the position that stands now.

        An older position changes nothing: another process was further. Position and state are saved in one step, so
        `state` holds the effect of each event exactly once. An effect elsewhere (a mail, another database) comes first
        and the position after it: it happens at least once, and after a crash in between again. Give it the event's
        position or id, by which the other side can tell.
        """
        return saved.save_checkpoint(self._sql, name, position, state)

    def reset_checkpoint(self, name: str) -> None:
        """Let `name` begin again from the start of the store."""
        saved.reset_checkpoint(self._sql, name)

    def claim(self, name: str) -> int:
        """Take over the work that goes by this name; gives a number, one higher than the last one: a fencing token.

        Of several, the last that claimed it does the work; the others see before each step that `claimed(name)` is not
        their own number any more, and stop. A holder that crashed holds nothing up.
        """
        return saved.claim(self._sql, name)

    def claimed(self, name: str) -> int:
        """The number of the last `claim` to this name; 0 if there was none."""
        return saved.claimed(self._sql, name)

    def verify(self) -> None:
        """Check that the store holds what was appended; `CorruptStore` names the first bad position.

        Each row's hash covers the row and the hash before it. What no chain can see: a forger who computes all later
        hashes anew, and a tail cut off beyond every checkpoint, snapshot and close.
        """
        verification.verify(self._sql, self.path, (self._head or (0, b""))[0])

    def backup(self, path: str | Path) -> None:
        """Write a copy to a new file, while others go on appending: a whole one, or nothing."""
        copy(self._db, path)

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
        found = self._sql("SELECT position, chain FROM events ORDER BY position DESC LIMIT 1")
        return found[0] if found else (0, b"")

    def _forget(self) -> None:
        self._head, self._versions = None, {}
