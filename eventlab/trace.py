"""The laboratory's journal: one record for every arrow and every change, in the order in which they happened.

Pictures, measures and checks are computed from a trace and from nothing else. No service may read it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from pathlib import Path
from sys import intern
from typing import Any

import msgspec

from eventlab import borders
from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.event import Command, Event, Refusal, Reply, Whole, as_text
from eventlab.index import Index, records_about
from eventlab.record import BOOK_KEEPING, ENDS, FAILURES, FAULTS, KINDS, RECEIPTS, TROUBLE, Record, checked, fold
from eventlab.sharing import Shared
from eventlab.stage import Stage

__all__ = [
    "BOOK_KEEPING", "ENDS", "FAILURES", "FAULTS", "KINDS", "RECEIPTS", "TROUBLE", "Record", "Trace", "fold",
    "records_about",
]  # fmt: skip

YEAR = 366 * 86_400 * 1_000_000_000  # time that began earlier than that after 0 is a stopwatch, not a date
LONGEST, LARGEST = 1 << 20, 1 << 36  # bytes: of a line, and of a file; a month of the airports has 4 billion
STAGE = b'{"stage":'  # how the line begins that holds a trace's stage
NOTHING = msgspec.Raw()


class _Heading(msgspec.Struct, forbid_unknown_fields=True):
    stage: Stage


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """A record as it stands in a file: what may be shared is still JSON."""

    index: int
    at: Whole
    kind: str
    where: str
    message: msgspec.Raw = NOTHING
    other: str = ""
    packet: Whole = 0
    purpose: str = ""
    note: str = ""
    key: str = ""
    before: msgspec.Raw = NOTHING
    after: msgspec.Raw = NOTHING


_encode = msgspec.json.Encoder(order="deterministic", enc_hook=as_text).encode
_decode = msgspec.json.Decoder(_Line).decode


class Trace:
    """A growing list of `Record`s; `trace[3]`, `len(trace)` and `for record in trace` work as for a list.

    `stage` says who acts in it and how its time is told, to be read by pictures.
    """

    def __init__(self, records: list[Record] | None = None, stage: Stage | None = None) -> None:
        self.records: list[Record] = [] if records is None else records
        self._stage, self._shown = stage, (-1, Stage())
        self._made = Index(self.records, KINDS)

    @property
    def stage(self) -> Stage:
        """The stage that was set, or else what the records show: who acts, in order of appearance; who is a bus.

        Time that began within a year of 0 is told as seconds, any other as UTC's clocks show it.
        """
        if self._stage is not None:
            return self._stage
        if self._shown[0] != len(self.records):
            buses = dict.fromkeys(record.where for record in self.of("published"))
            zone = "UTC" if self.records and self.records[0].at >= YEAR else ""
            self._shown = (len(self.records), Stage(actors=self.names(), buses=tuple(buses), zone=zone))
        return self._shown[1]

    @stage.setter
    def stage(self, stage: Stage) -> None:
        self._stage = stage

    def write(
        self,
        at: int,
        kind: str,
        where: str,
        message: Event | Command | Reply | Refusal | None = None,
        other: str = "",
        packet: int = 0,
        purpose: str = "",
        note: str = "",
        key: str = "",
        before: Any = None,
        after: Any = None,
    ) -> None:
        """As `add`, for the kernel, whose doors have looked at all this before: here nothing is looked at again."""
        records = self.records
        records.append(Record(len(records), at, kind, where, message, other, packet, purpose, note, key, before, after))

    def add(
        self,
        at: int,
        kind: str,
        where: str,
        message: Event | Command | Reply | Refusal | None = None,
        other: str = "",
        packet: int = 0,
        purpose: str = "",
        note: str = "",
        key: str = "",
        before: Any = None,
        after: Any = None,
    ) -> None:
        """Write one record at the end; the arguments are the fields of `Record`. `Invalid` if nobody could read it."""
        records = self.records
        record = Record(len(records), at, kind, where, message, other, packet, purpose, note, key, before, after)
        records.append(checked(record))

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __getitem__(self, index: int) -> Record:
        return self.records[index]

    def __repr__(self) -> str:
        services = len(set(map(attrgetter("where"), self.records)))
        told = f"{len(self.records)} record{'s' * (len(self.records) != 1)}"
        return f"<Trace: {told} of {services} service{'s' * (services != 1)}>"

    @property
    def _index(self) -> Index:
        if self._made.records is not self.records:  # somebody put another list in its place
            self._made = Index(self.records, KINDS)
        return self._made

    def names(self) -> tuple[str, ...]:
        """Whoever occurs in a record, in order of appearance."""
        return self._index.names()

    @door
    def of(self, *kinds: str, begin: int = 0, end: int | None = None) -> Iterator[Record]:
        """The records of these kinds, in order, from the index `begin` until just before `end` (default: the last)."""
        return self._index.of(kinds, begin, end)

    @door
    def about(self, subject: str, *kinds: str, always: Sequence[str] = ()) -> Iterator[Record]:
        """The records of these kinds about a subject, in order, and of them all that are of a kind of `always`.

        A record is about its message's subject or what the data has for it, by the stage's word; or an entry's key.
        """
        word, index = self.stage.subject, self._index
        parts = [index.of(kinds, *part) for part in index.about(subject, word, tuple(always))]
        records = chain.from_iterable(parts)
        return records_about(records, subject, word, frozenset(always))

    @door
    def changes(self, subject: str = "", end: int | None = None) -> Iterator[Record]:
        """The changes of a subject's entries, and of those whose values name it, until just before an index."""
        return self._index.changes(subject, end) if subject else self.of("changed", end=end)

    @door
    def state(self, service: str, at: int | None = None) -> dict[str, Any]:
        """The state of `service` after the record with index `at` (default: at the end), folded from its changes."""
        return self.states(at).get(service, {})

    @door
    def states(self, at: int | None = None) -> dict[str, dict[str, Any]]:
        """The state of every service that ever changed, after the record with index `at`."""
        states: dict[str, dict[str, Any]] = {}
        fold(self.of("changed", end=None if at is None else at + 1), states)
        return states

    def digest(self) -> str:
        """sha256 over all records, as hexadecimal text: equal digests mean equal traces, byte for byte."""
        whole = sha256()
        for record in self.records:
            whole.update(_encode(record))
            whole.update(b"\n")
        return whole.hexdigest()

    @door
    def save(self, path: str | Path) -> None:
        """Write the trace as JSON Lines, one record a line; a stage of its own comes first.

        The file appears whole or not at all. What `load` would not read raises the same `Invalid`, and nothing is
        written: each line is read before it counts.
        """
        path = Path(borders.text(os.fspath(path), "path", where="trace", least=1, plain=True))
        part = path.parent / f"{path.name}.{os.getpid()}.part"  # its own: another process may save here, too
        reader = _Reader(path)
        try:
            with part.open("wb") as file:
                for line in self._lines():
                    reader.check(line)
                    file.write(line)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _lines(self) -> Iterator[bytes]:
        if self._stage is not None:
            yield STAGE + _encode(self._stage) + b"}\n"
        for record in self.records:
            yield _encode(record) + b"\n"

    @classmethod
    @door
    def load(cls, path: str | Path) -> Trace:
        """Read a trace that `save` wrote, whole or not at all; it takes no more memory than the run itself.

        A line that is no record, is longer than `LONGEST` or holds data more than `DEPTH` deep raises `Invalid` with
        file and line number; so does a file of more than `LARGEST` bytes.
        """
        records: list[Record] = []
        reader = _Reader(path)
        with Path(borders.text(os.fspath(path), "path", where="trace", least=1, plain=True)).open("rb") as file:
            found = map(reader.record, iter(partial(file.readline, LONGEST + 1), b""))
            records.extend(record for record in found if record is not None)
        return cls(records, reader.stage)


class _Reader:
    """Takes the lines of a file one after the other; `stage` is what the first one said, if it did."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.number, self.index, self.size = path, 0, 0, 0
        self.stage: Stage | None = None
        self._shared = Shared()

    def check(self, line: bytes) -> None:
        """Raise the `Invalid` with which the line would be refused."""
        self._take(line, self._parts)

    def record(self, line: bytes) -> Record | None:
        """The record that a line says, or None if it says the stage. `Invalid` names file and line."""
        found: Record | None = self._take(line, self._record)
        return found

    def _take(self, line: bytes, make: Callable[[_Line], Any]) -> Any:
        self.number += 1
        self.size += len(line)
        try:
            if self.size > LARGEST:
                raise Invalid("trace", where="a file", expected=f"at most {LARGEST:,} bytes", found=self.size)
            if len(line) > LONGEST:
                raise Invalid("trace", where="a line", expected=f"at most {LONGEST:,} bytes", found=line[:100])
            if self.number == 1 and line.startswith(STAGE):
                self.stage = msgspec.json.decode(line, type=_Heading).stage
                return None
            found = _decode(line)
            if found.index != self.index:
                raise Invalid("trace", where="a line", expected=f"record {self.index}", found=f"record {found.index}")
            if found.kind not in KINDS:
                raise unknown("kind of record", found.kind, KINDS, where="a line")
            self.index += 1
            if self.index % 1024 == 0:
                self._shared.make_room()
            return make(found)
        except (Invalid, msgspec.DecodeError, ValueError, RecursionError) as error:
            place = f"{self.path}, line {self.number}"
            if isinstance(error, Invalid):
                raise Invalid(error.what, where=place, expected=error.expected, found=error.found) from error
            raise Invalid("trace", where=place, expected="one record in JSON", found=str(error)) from error

    def _parts(self, line: _Line) -> tuple[Any, Any, Any]:
        """The message and the values, made of their JSON."""
        message, value = self._shared.message, self._shared.value
        return (
            None if line.message is NOTHING else message(bytes(line.message)),
            None if line.before is NOTHING else value(bytes(line.before)),
            None if line.after is NOTHING else value(bytes(line.after)),
        )

    def _record(self, line: _Line) -> Record:
        text, whole = self._shared.texts.setdefault, self._shared.wholes.setdefault
        at, kind, where, other, packet = line.at, line.kind, line.where, line.other, line.packet
        purpose, note, key = line.purpose, line.note, line.key
        message, before, after = self._parts(line)
        return Record(
            line.index, whole(at, at), intern(kind), intern(where), message, intern(other),
            whole(packet, packet), intern(purpose), text(note, note), text(key, key), before, after,
        )  # fmt: skip
