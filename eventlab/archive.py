"""An archive: the old events of a store as Parquet files, a tenth of their size, which are read by column.

    old = Archive("archive", store)
    old.write(100_000)                 # a file more, written whole or not at all
    old.verify()                       # every file, every event, and that the store goes on where they end
    old.release()                      # and only now the store lets go of their texts

Archive and store together read like the store alone: `Projection.rebuild(old)`. A file is named by its first and its
last position and by its own digest; one move gives it that name, so a crash leaves nothing that counts. In its place
in the store each event leaves version, id and hash: nothing can be appended twice, and the chain of hashes goes on.
Parquet is written and read by DuckDB (`eventlab.columns`); the names here work without it until then.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import file_digest
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from eventlab import borders
from eventlab.columns import NAMES, PAGE, Columns, Parquet
from eventlab.errors import CorruptStore, Invalid, StoreUnavailable
from eventlab.rows import EVER, Recorded, decode, linked
from eventlab.saved import released
from eventlab.store import Store
from eventlab.storefile import alone, release, sync

NAME = re.compile(r"(\d{12})-(\d{12})-([0-9a-f]{16})")


class Segment(NamedTuple):
    """One file: the events from position `first` to `last`, and the digest that its content must have."""

    first: int
    last: int
    digest: str
    path: Path


class Archive:
    """The events of `store` up to `end` in the folder, and how they are read together with those that follow.

    `columns` writes and reads the files: `Parquet()`, if nothing else is given.
    """

    def __init__(self, folder: str | Path, store: Store, *, columns: Columns | None = None) -> None:
        borders.instance(store, Store, "store", where="archive")
        self.columns = Parquet() if columns is None else columns
        borders.instance(self.columns, Columns, "columns", where="archive")
        if not isinstance(folder, str | Path) or not str(folder):
            raise Invalid("folder", where="archive", expected="a folder's name", found=folder)
        self.folder, self.store = Path(folder), store
        if not self.folder.parent.is_dir() or (self.folder.exists() and not self.folder.is_dir()):
            raise StoreUnavailable(str(folder), "an archive needs a folder, or a place where one can be made")

    def __repr__(self) -> str:
        return f"<Archive {self.folder} of {self.store!r}, to position {self.end}>"

    # -- writing ----------------------------------------------------------------------------------------------------

    def write(self, upto: int) -> int:
        """Write the events behind `end`, up to the position `upto`, to one more file; gives `end` as it is then.

        What is archived already is not written again. The file is read back and checked before it gets its name. Of
        several that write at once each file counts once.
        """
        borders.integer(upto, "position", where="archive", least=0)
        if upto > (last := self.store.position):
            raise Invalid("position", where="archive", expected=f"0 to {last}, where the store ends", found=upto)
        self._own()
        while upto > (end := self.end):
            try:
                self.folder.mkdir(exist_ok=True)
                self._write(end + 1, upto)
            except OSError as error:
                problem = f"the archive cannot be written ({error.strerror})"
                raise StoreUnavailable(str(self.folder), problem) from error
        return end

    def _write(self, first: int, last: int) -> None:
        part = self.folder / f"{first:012}-{last:012}.{os.getpid()}.part"
        lines = part.with_suffix(".lines")
        try:
            with open(lines, "wb") as file:
                file.writelines(msgspec.json.encode(row) + b"\n" for row in _rows(self.store, first, last))
            self.columns.write(lines, part)
            with open(part, "rb") as read:
                digest = file_digest(read, "sha256").hexdigest()[:16]
            segment = Segment(first, last, digest, part)
            self._check(segment, self._hash(first - 1))
            sync(str(part))
            name = self.folder / f"{first:012}-{last:012}-{digest}{self.columns.suffix}"

            def give_it_its_name() -> None:
                if self.end + 1 == first:  # nobody was faster
                    os.replace(part, name)

            alone(self.store._db, self.store.path, give_it_its_name)
            sync(str(self.folder))
        finally:
            for left in (lines, part):
                with suppress(OSError):
                    os.unlink(left)

    def release(self) -> None:
        """Let the store forget the texts of what is archived, after `verify` has found all of it whole.

        Reading them from the store alone is refused from then on; here they are still read.
        """
        end = self.end  # and no further, should somebody archive meanwhile
        self.verify()
        if end:
            release(self.store._db, self.store.path, end)

    # -- checking ---------------------------------------------------------------------------------------------------

    def verify(self) -> None:
        """Check every file and every event in it against the store's chain of hashes, and then the store itself.

        `CorruptStore` names the file, or what is missing. What no chain can see is what `Store.verify` says.
        """
        self.store.verify()
        self._own()
        chain = b""
        for segment in self.segments:
            try:
                with open(segment.path, "rb") as file:
                    digest = file_digest(file, "sha256").hexdigest()[:16]
            except OSError as error:
                raise CorruptStore(str(segment.path), f"it cannot be read ({error.strerror})", segment.first) from error
            if digest != segment.digest:
                raise CorruptStore(str(segment.path), "the file is not what was written", segment.first)
            chain = self._check(segment, chain)

    def _check(self, segment: Segment, chain: bytes) -> bytes:
        """The hash behind a segment's last event, if all of them are those that the store was given."""
        position, where = segment.first - 1, str(segment.path)
        statement = f"SELECT {', '.join(NAMES)} FROM events ORDER BY position"
        for row in self.columns.rows([segment.path], statement, ()):
            position += 1
            found, stream, version, *_, text = row
            chain = linked(chain, position, version, stream.encode(), text.encode())
            if found != position or tuple(row) != _columns(found, stream, version, text):
                raise CorruptStore(where, "its columns do not say what the event says", position)
        if position != segment.last or chain != self._hash(segment.last):
            raise CorruptStore(where, "its events are not those of the store", segment.first)
        return chain

    def _own(self) -> None:
        """The archive is this store's, and holds all that the store has let go."""
        end, gone = self.end, released(self.store._sql)
        if end < gone:
            raise CorruptStore(str(self.folder), f"the events up to {gone} are to be here", end + 1)
        if end > self.store.position:
            raise CorruptStore(str(self.folder), f"the store ends at {self.store.position}: it is another one", end)

    def _hash(self, position: int) -> bytes:
        rows = self.store._sql("SELECT chain FROM events WHERE position = ?", position)
        return bytes(rows[0][0]) if rows else b""

    # -- reading ----------------------------------------------------------------------------------------------------

    @property
    def segments(self) -> list[Segment]:
        """The files in their order, with none missing between two of them; other files do not count."""
        names = sorted(os.listdir(self.folder)) if self.folder.is_dir() else []
        paths = [self.folder / name for name in names if name.endswith(self.columns.suffix)]
        read = [(NAME.fullmatch(path.stem), path) for path in paths]
        found = [Segment(int(m[1]), int(m[2]), m[3], path) for m, path in read if m]
        for last, each in pairwise([Segment(0, 0, "", self.folder), *found]):
            if each.first != last.last + 1 or each.last < each.first:
                problem = f"{each.path.name} does not follow position {last.last}"
                raise CorruptStore(str(self.folder), problem, each.first)
        return found

    @property
    def end(self) -> int:
        """The last position that is archived; 0 if nothing is."""
        segments = self.segments
        return segments[-1].last if segments else 0

    @property
    def position(self) -> int:
        """Where the history ends: the store's last position."""
        return self.store.position

    def read_all(
        self, *, after: int = 0, upto: int | None = None, as_of: int | None = None, limit: int | None = None
    ) -> Iterator[Recorded]:
        """All events, archived or not, as `Store.read_all` gives them."""
        last = _least(upto, self.store.position)

        def later(after: int, left: int) -> Iterator[Recorded]:
            return self.store.read_all(after=after, upto=last, as_of=as_of, limit=left)

        yield from self._joined("true", (), "position", later, after, last, as_of, limit)

    def read_category(
        self, category: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        """The events of a category's streams, archived or not, as `Store.read_category` gives them."""
        last = _least(upto, self.store.position)

        def later(after: int, _: int) -> Iterator[Recorded]:
            return self.store.read_category(category, after=after, upto=last, as_of=as_of)

        later(0, 0)  # `Invalid` if no category is called so
        which = "split_part(stream, '-', 1) = ?"
        yield from self._joined(which, (category,), "position", later, after, last, as_of)

    def read(
        self, stream: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        """The events of one stream, archived or not, as `Store.read` gives them."""
        last = _least(upto, self.store.version(stream))

        def later(after: int, _: int) -> Iterator[Recorded]:
            return self.store.read(stream, after=after, upto=last, as_of=as_of)

        yield from self._joined("stream = ?", (stream,), "version", later, after, last, as_of)

    def _joined(
        self, where: str, given: tuple[str, ...], key: str, later: Callable[[int, int], Iterator[Recorded]],
        after: int, upto: int, as_of: int | None = None, limit: int | None = None,
    ) -> Iterator[Recorded]:  # fmt: skip
        """What is archived, and then what follows in the store; what is let go meanwhile is found in the archive."""
        as_of, left = (EVER if bound is None else bound for bound in (as_of, limit))
        for bound in (after, as_of, left):
            borders.integer(bound, "bound", where="read")
        while left > 0:
            segments = self.segments  # looked at once: which files there are says where the store goes on, too
            end = segments[-1].last if segments else 0
            sql = f"""SELECT event, stream, version, position FROM events WHERE {where}
                      AND {key} > ? AND {key} <= ? AND time <= ? ORDER BY position LIMIT {left}"""
            for text, *place in self.columns.rows([each.path for each in segments], sql, (*given, after, upto, as_of)):
                recorded = Recorded(decode(text), *place)
                after, left = getattr(recorded, key), left - 1
                yield recorded
            try:
                for recorded in later(max(after, self._behind(end, key, *given)), left):
                    after, left = getattr(recorded, key), left - 1
                    yield recorded
                return
            except StoreUnavailable:
                if self.end == end:
                    raise  # and not because these events were archived and let go meanwhile

    def _behind(self, end: int, key: str, *given: str) -> int:
        """Where the store goes on behind the position `end`: there, or in a stream at its version there."""
        if key == "position":
            return end
        sql = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ? AND position <= ?"
        return int(self.store._sql(sql, *given, end)[0][0])

    def query(self, sql: str, *given: object) -> list[tuple[Any, ...]]:
        """The rows of one SQL query on the table `events`: the archived ones, by column.

        Columns: position, stream, version, time, type, subject, and the whole event as JSON.
        """
        borders.text(sql, "query", where="archive")
        return list(self.columns.rows([segment.path for segment in self.segments], sql, given))


def _least(upto: int | None, last: int) -> int:
    """Where a reading ends: fixed when it begins."""
    if upto is None:
        return last
    borders.integer(upto, "bound", where="read")
    return min(upto, last)


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows(store: Store, first: int, last: int) -> Iterator[dict[str, object]]:
    """The store's own rows, each as the columns that are archived."""
    sql = "SELECT position, stream, version, event FROM events WHERE position > ? AND position <= ? LIMIT ?"
    after = first - 1
    while after < last and (rows := store._sql(sql.replace("LIMIT", "ORDER BY position LIMIT"), after, last, PAGE)):
        for row in rows:
            yield dict(zip(NAMES, _columns(*row), strict=True))
        after = rows[-1][0]


def _columns(position: int, stream: str, version: int, text: str) -> tuple[object, ...]:
    event = decode(text)
    return position, stream, version, event.time, event.type, event.subject, text
