"""Events as rows: what a store takes in and gives out, and the chain of hashes that holds the rows together."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from eventlab import borders
from eventlab.errors import EventIdConflict, Invalid
from eventlab.event import DEPTH, Event, Frozen, as_text, decoded, freeze, too_deep

__all__ = ["ANY", "EVER", "NO_STREAM", "STREAM_EXISTS", "Appended", "Expected", "New", "Recorded", "checked"]

EVER = borders.GREATEST
LONGEST = 512  # characters of a name
RELEASED = ""  # what stands for the text of an event that is in an archive only


class Expected(enum.Enum):
    """What a writer may expect of a stream, beside an exact version."""

    ANY = "ANY"
    NO_STREAM = "NO_STREAM"
    STREAM_EXISTS = "STREAM_EXISTS"

    def __repr__(self) -> str:
        return self.value


ANY, NO_STREAM, STREAM_EXISTS = Expected


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the store: `version` in its stream, `position` in the whole store, both from 1."""

    event: Event
    stream: str
    version: int
    position: int


class Appended(msgspec.Struct, frozen=True):
    """The answer to an append: where its last event stands. `duplicate`: it had been appended before."""

    stream: str
    version: int
    position: int
    duplicate: bool = False


class New(msgspec.Struct, frozen=True, gc=False):
    """An event ready to be written."""

    id: str
    time: int
    text: str


KNOWN = """SELECT last.version, id, stream, position, events.version, event
           FROM (SELECT coalesce(max(version), 0) AS version FROM events WHERE stream = ?) AS last
           LEFT JOIN events ON id IN (SELECT value FROM json_each(?))"""  # a stream's version, and which ids are there
encode = msgspec.json.Encoder(order="deterministic", enc_hook=as_text).encode
decode = msgspec.json.Decoder(Event, dec_hook=decoded).decode


def checked(stream: str, events: Event | Sequence[Event], expected: int | Expected) -> list[New]:
    """The events as they will be written, or `Invalid`: what could not be read again is not stored."""
    named(stream, "stream name", where="append")
    where = f"append to stream {stream!r}"
    if not isinstance(expected, Expected) and (expected.__class__ is not int or not 0 <= expected <= EVER):
        known = "a version (0 and up), ANY, NO_STREAM or STREAM_EXISTS"
        raise Invalid("expected version", where=where, expected=known, found=expected)
    if isinstance(events, Event):
        batch = [_new(events, where)]
    elif isinstance(events, Iterable):
        batch = [_new(event, where) for event in events]
    else:
        raise Invalid("events", where=where, expected="an event, or several", found=events)
    if len({new.id for new in batch}) != len(batch) or not batch:
        raise Invalid("events", where=where, expected="one event or more, each with its own id", found=events)
    return batch


def _new(event: Event, where: str) -> New:
    if not isinstance(event, Event) or event.data.__class__ is not Frozen:
        raise Invalid("event", where=where, expected="an Event whose data is a dictionary", found=event)
    named(event.id, "event id", where=where)
    return New(event.id, event.time, _written(event, event.data, where))


def plain(state: Any, where: str) -> str:
    """A state as the text that is stored; `Invalid` unless it is plain data, which can be read again."""
    kept = freeze(state, where, most=EVER)
    return _written(kept, kept, where)


def _written(whole: Any, nested: Any, where: str) -> str:
    """`whole` as the text that is stored; `Invalid` if what is `nested` in it goes too deep to be read again."""
    try:
        text: str = encode(whole).decode()
        # What stands n deep has at least n characters before it: most texts need no closer look.
        shallow = text.rfind("{") < DEPTH and text.rfind("[") < DEPTH
        if shallow or text.count("{") + text.count("[") <= DEPTH or not too_deep(nested):
            return text
    except UnicodeEncodeError as error:
        raise Invalid("data", where=where, expected="Unicode text, which UTF-8 can write", found=whole) from error
    except RecursionError:
        pass
    raise _too_deep(where)


def _too_deep(where: str) -> Invalid:
    return Invalid("data", where=where, expected=f"at most {DEPTH} dictionaries or lists in each other", found="more")


def named(name: Any, what: str, *, where: str) -> None:
    """`name` is one that can be stored."""
    if name.__class__ is str and 0 < len(name) <= LONGEST and name.isascii() and "\0" not in name:
        return  # most are: each event of a large import comes by here
    borders.text(name, what, where=where, least=1, most=LONGEST, plain=True)


def fits(expected: int | Expected, version: int) -> bool:
    if expected is ANY:
        return True
    return version > 0 if expected is STREAM_EXISTS else version == (0 if expected is NO_STREAM else expected)


def repeated(stream: str, batch: list[New], known: dict[str, Any]) -> Appended:
    """The answer to an append that was made before; `known`: (stream, position, version, text) of each known id."""
    start = known[batch[0].id][1] if batch[0].id in known else 0
    for n, new in enumerate(batch):
        if new.id not in known:
            id = next(other.id for other in batch if other.id in known)
            place, position, _, _ = known[id]
            raise EventIdConflict(id, place, position, f"it comes again beside {new.id!r}, which is new")
        place, position, version, text = known[new.id]
        if place != stream:
            raise EventIdConflict(new.id, place, position, f"it comes again for stream {stream!r}")
        if text == RELEASED:
            raise EventIdConflict(new.id, place, position, "it comes again, and its content is in an archive only")
        if text != new.text:
            raise EventIdConflict(new.id, place, position, f"it comes again with other content, {new.text:.200}")
        if position != start + n:
            raise EventIdConflict(new.id, place, position, "it comes again in another batch or order")
    return Appended(stream, version, position, duplicate=True)


def as_rows(
    stream: str, batch: list[New], version: int, position: int, chain: bytes
) -> tuple[list[Any], Appended, bytes]:
    """The values of the rows behind `version` and `position`, and where they end."""
    values: list[Any] = [stream]
    name = stream.encode()
    for new in batch:
        version, position = version + 1, position + 1
        chain = linked(chain, position, version, name, new.text.encode())
        values += (position, version, new.id, new.time, chain, new.text)
    return values, Appended(stream, version, position), chain


def linked(chain: bytes, position: int, version: int, stream: bytes, event: bytes) -> bytes:
    """The hash of a row: of the hash before it, its place and its event."""
    return sha256(b"%b%d %d %b\0%b" % (chain, position, version, stream, event)).digest()


@cache
def insert(rows: int) -> str:
    columns = "stream, position, version, id, time, chain, event"  # the stream is the same in all rows
    return f"INSERT INTO events ({columns}) VALUES " + ", ".join(["(?1, ?, ?, ?, ?, ?, ?)"] * rows)


def whats_wrong(row: Any, position: int, chain: bytes) -> str | None:
    """What is wrong with the row that should be at `position`, behind the hash `chain`."""
    found, version, stream, id, time, hash, text = row
    if found != position:
        return f"there is no event here, the next one is at {found}"
    try:
        if hash != linked(chain, position, version, stream, text):
            return "the event is not what was appended"
        event = decode(text)
        return None if (event.id.encode(), event.time) == (id, time) else "its id or time is not the event's own"
    except (TypeError, ValueError) as error:
        return f"the event cannot be read ({error})"
