"""The laboratory's journal: one record for every arrow and every change, in the order in which they happened.

Pictures, measures and checks are computed from a trace and from nothing else. No service may read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Invalid, unknown
from eventlab.event import Command, Event, Refusal, Reply, decoded, freeze

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
    "changed": "the state of `where` changed at `key` from `before` to `after`",
    "crashed": "`where` stopped; all it had in memory is gone",
    "restarted": "`where` works again",
    "partitioned": "nothing passes between `where` and `other` any more",
    "healed": "messages pass between `where` and `other` again",
    "slowed": "`where` now needs `note` times as long for its work",
}


class Record(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of the journal. `at` is in nanoseconds since 1970; `packet` is the same for both ends of an arrow."""

    index: int
    at: int
    kind: str
    where: str
    message: Event | Command | Reply | Refusal | None = None
    other: str = ""
    packet: int = 0
    purpose: str = ""  # of an arrow: publish, deliver, acknowledge, request, reply …
    note: str = ""
    key: str = ""
    before: Any = None
    after: Any = None


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Record, dec_hook=decoded).decode


class Trace:
    """A growing list of `Record`s; `trace[3]`, `len(trace)` and `for record in trace` work as for a list."""

    def __init__(self, records: list[Record] | None = None) -> None:
        self.records: list[Record] = [] if records is None else records

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

    def where(self, *kinds: str) -> Iterator[Record]:
        """The records of these kinds, in order."""
        for kind in kinds:
            if kind not in KINDS:
                raise unknown("kind of record", kind, KINDS, where="Trace.where")
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
        """Write the trace as JSON Lines, one record a line. The file appears whole or not at all."""
        path = Path(path)
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as file:
                file.writelines(_encode(record) + b"\n" for record in self.records)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace that `save` wrote. A line that is no record raises `Invalid` with file and line number."""
        records: list[Record] = []
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, 1):
                place = f"{path}, line {number}"
                try:
                    record = _decode(line)
                    for field in ("before", "after"):  # as unchangeable as they were
                        msgspec.structs.force_setattr(record, field, freeze(getattr(record, field)))
                except (msgspec.DecodeError, ValueError, RecursionError) as error:
                    raise Invalid("trace", where=place, expected="one record in JSON", found=str(error)) from error
                if record.index != number - 1:
                    raise Invalid("trace", where=place, expected=f"record {number - 1}", found=f"record {record.index}")
                if record.kind not in KINDS:
                    raise unknown("kind of record", record.kind, KINDS, where=place)
                records.append(record)
        return cls(records)
