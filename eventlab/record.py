"""One line of the laboratory's journal: what kinds there are, and what each says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from eventlab import borders
from eventlab.errors import Invalid, unknown
from eventlab.event import LONGEST, Command, Event, Refusal, Reply, Whole, freeze

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


MESSAGES = (Event, Command, Reply, Refusal)


def checked(record: Record) -> Record:
    """The record, which can be saved, read and drawn; else `Invalid`."""
    place = f"record {record.index}"
    for name in ("kind", "where", "other", "purpose", "note", "key"):
        borders.text(getattr(record, name), name, where=place, most=LONGEST)
    if record.kind not in KINDS:
        raise unknown("kind of record", record.kind, KINDS, where=place)
    for name in ("at", "packet"):
        borders.integer(getattr(record, name), name, where=place)
        msgspec.structs.force_setattr(record, name, int(getattr(record, name)))
    if record.message is not None and record.message.__class__ not in MESSAGES:
        expected = "an Event, a Command, a Reply or a Refusal"
        raise Invalid("message", where=place, expected=expected, found=record.message)
    for name in ("before", "after"):
        msgspec.structs.force_setattr(record, name, freeze(getattr(record, name), name))
    return record


def fold(changes: Iterable[Record], states: dict[str, dict[str, Any]]) -> None:
    """Let the states of services change as these records of the kind "changed" say."""
    for record in changes:
        state = states.setdefault(record.where, {})
        if record.after is None:
            state.pop(record.key, None)
        else:
            state[record.key] = record.after
