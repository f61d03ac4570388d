"""The laboratory's journal: one record for every arrow and every change, in the order in which they happened.

Pictures, measures and checks are computed from a trace and from nothing else. No service may read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from os import fstat
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Invalid, unknown
from eventlab.event import DEPTH, Command, Event, Refusal, Reply, Whole, freeze, too_deep
from eventlab.stage import Stage

KINDS = {
    "sent": "a message left `where` for `other`",
    "received": "a message from `other` arrived at `where`",
    "lost": "a message from `other` will never arrive at `where`; `note` says why",
    "duplicated": "the network will deliver this message to `where` twice",
    "published": "the bus `where` took an event into its log; from now on it is delivered to every subscriber",
    "handled": "`where` finished its work on a message",
    "ignored": "`where` had handled this very message before and did nothing",
    "failed": "the handler at `where` raised an error; `note` is the error",
    "refused": "`where` said no to a message of `other`; `note` says why",
    "expired": "`where` stopped waiting for an answer of `other`",
    "acknowledged": "`where` learnt that `other` has handled an event",
    "retried": "`where` will try the message for `other` again",
    "dead": "`where` gave the message for `other` up and put it among its dead letters",
    "appended": "`where` stored an event; `note` is the stream, `packet` the version",
    "acted": "`where` did something in the world outside, for `key`, which nothing takes back; `note` says what",
    "changed": "the state of `where` changed at `key` from `before` to `after`",
    "crashed": "`where` stopped; all it had in memory is gone",
    "restarted": "`where` works again",
    "partitioned": "nothing passes between `where` and `other` any more",
    "healed": "messages pass between `where` and `other` again",
    "slowed": "`where` now needs `note` times as long for its work",
    "staffed": "`where` can now work on `note` messages at once",
}

# Sets of kinds, for whoever reads a trace.
ENDS = {"crashed": "restarted", "partitioned": "healed", "slowed": "slowed"}  # what is wrong for a time, and its end
FAULTS = tuple(dict.fromkeys(kind for pair in ENDS.items() for kind in pair))  # both, begin and end
FAILURES = ("lost", "failed", "refused", "expired", "dead")  # what goes wrong with a message
TROUBLE = (*FAILURES, "crashed", "partitioned")  # what a reader wants to be shown
BOOK_KEEPING = ("published", "handled", "acknowledged")  # says again what other records have said
RECEIPTS = ("acknowledge", "confirm", "reject")  # purposes of arrows that only say what became of another

LONGEST, LARGEST = 1 << 20, 1 << 30  # bytes: of a line, and of a file that is read; the storm's has 60 to 100 million

YEAR = 366 * 86_400 * 1_000_000_000  # time that began earlier than that after 0 is a stopwatch, not a date
STAGE = b'{"stage":'  # how the line begins that holds a trace's stage


class Record(
    msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """One line of the journal. `at` is in nanoseconds since 1970; `packet` is the same for both ends of an arrow."""

    index: int
    at: Whole
    kind: str
    where: str
    message: Event | Command | Reply | Refusal | None = None
    other: str = ""
    packet: Whole = 0
    purpose: str = ""  # of an arrow: publish, deliver, acknowledge, request, reply …
    note: str = ""
    key: str = ""
    before: Any = None
    after: Any = None


class _Heading(msgspec.Struct, forbid_unknown_fields=True):
    stage: Stage


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Record, dec_hook=lambda kind, value: freeze(value)).decode


class Trace:
    """A growing list of `Record`s; `trace[3]`, `len(trace)` and `for record in trace` work as for a list.

    `stage` says who acts in it and how its time is told, to be read by pictures.
    """

    def __init__(self, records: list[Record] | None = None, stage: Stage | None = None) -> None:
        self.records: list[Record] = [] if records is None else records
        self._stage, self._shown = stage, (-1, Stage())

    @property
    def stage(self) -> Stage:
        """The stage that was set, or else what the records show: who acts, in order of appearance; who is a bus.

        Time that began within a year of 0 is told as seconds, any other as UTC's clocks show it.
        """
        if self._stage is not None:
            return self._stage
        if self._shown[0] != len(self.records):
            self._shown = (len(self.records), _shown_by(self.records))
        return self._shown[1]

    @stage.setter
    def stage(self, stage: Stage) -> None:
        self._stage = stage

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
        """Write one record at the end; the arguments are the fields of `Record`."""
        records = self.records
        records.append(Record(len(records), at, kind, where, message, other, packet, purpose, note, key, before, after))

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __getitem__(self, index: int) -> Record:
        return self.records[index]

    def __repr__(self) -> str:
        services = len({record.where for record in self.records})
        return f"<Trace: {len(self.records)} records of {services} services>"

    def of(self, *kinds: str) -> Iterator[Record]:
        """The records of these kinds, in order."""
        for kind in kinds:
            if kind not in KINDS:
                raise unknown("kind of record", kind, KINDS, where="Trace.of")
        return (record for record in self.records if record.kind in kinds)

    def state(self, service: str, at: int | None = None) -> dict[str, Any]:
        """The state of `service` after the record with index `at` (default: at the end), folded from its changes."""
        return self.states(at).get(service, {})

    def states(self, at: int | None = None) -> dict[str, dict[str, Any]]:
        """The state of every service that ever changed, after the record with index `at`."""
        states: dict[str, dict[str, Any]] = {}
        for record in self.records if at is None else self.records[: at + 1]:
            if record.kind == "changed":
                state = states.setdefault(record.where, {})
                if record.after is None:
                    state.pop(record.key, None)
                else:
                    state[record.key] = record.after
        return states

    def digest(self) -> str:
        """sha256 over all records, as hexadecimal text: equal digests mean equal traces, byte for byte."""
        whole = sha256()
        for record in self.records:
            whole.update(_encode(record))
            whole.update(b"\n")
        return whole.hexdigest()

    def save(self, path: str | Path) -> None:
        """Write the trace as JSON Lines, one record a line; a stage of its own comes first.

        The file appears whole or not at all.
        """
        path = Path(path)
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as file:
                if self._stage is not None:
                    file.write(STAGE + _encode(self._stage) + b"}\n")
                file.writelines(_encode(record) + b"\n" for record in self.records)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace that `save` wrote, whole or not at all.

        A line that is no record, is longer than `LONGEST` or holds data more than `DEPTH` deep raises `Invalid` with
        file and line number; so does a file of more than `LARGEST` bytes.
        """
        records: list[Record] = []
        stage = None
        with Path(path).open("rb") as file:
            if (size := fstat(file.fileno()).st_size) > LARGEST:
                raise Invalid("trace", where=str(path), expected=f"at most {LARGEST:,} bytes", found=size)
            for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), b""), 1):
                place = f"{path}, line {number}"
                try:
                    if number == 1 and line.startswith(STAGE):
                        stage = _read_stage(line)
                    else:
                        records.append(_read(line, len(records)))
                except Invalid as error:
                    raise Invalid(error.what, where=place, expected=error.expected, found=error.found) from error
                except (msgspec.DecodeError, ValueError, RecursionError) as error:
                    expected = "one record in JSON"
                    raise Invalid("trace", where=place, expected=expected, found=str(error)) from error
        return cls(records, stage)


def _shown_by(records: list[Record]) -> Stage:
    """The stage that the records show."""
    actors: dict[str, None] = {}
    buses: dict[str, None] = {}
    for record in records:
        actors[record.where] = None
        if record.other:
            actors[record.other] = None
        if record.kind == "published":
            buses[record.where] = None
    zone = "UTC" if records and records[0].at >= YEAR else ""
    return Stage(actors=tuple(actors), buses=tuple(buses), zone=zone)


def _read_stage(line: bytes) -> Stage:
    if len(line) > LONGEST:
        raise Invalid("stage", where="a line", expected=f"at most {LONGEST:,} bytes", found=line[:100])
    return msgspec.json.decode(line, type=_Heading).stage


def _read(line: bytes, index: int) -> Record:
    """A line as the record with this index, whose parts are as unchangeable as they were."""
    if len(line) > LONGEST:
        raise Invalid("trace", where="a line", expected=f"at most {LONGEST:,} bytes", found=line[:100])
    record = _decode(line)
    if record.index != index:
        raise Invalid("trace", where="a line", expected=f"record {index}", found=f"record {record.index}")
    if record.kind not in KINDS:
        raise unknown("kind of record", record.kind, KINDS, where="a line")
    if record.before is not None:
        msgspec.structs.force_setattr(record, "before", freeze(record.before))
    if record.after is not None:
        msgspec.structs.force_setattr(record, "after", freeze(record.after))
    if line.count(b"{") + line.count(b"[") > DEPTH:
        nested = (record.message.data if record.message else None, record.before, record.after)
        if any(map(too_deep, nested)):
            raise Invalid("trace", where="a line", expected=f"data at most {DEPTH} deep", found=line[:100])
    return record
