"""The rows of streams: every event that was stored, in a trace or in a store itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn, TypedDict

from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.wording import told


class Row(TypedDict):
    """One event: where it stands, and what it says. `index` is that of the record, 0 in a store."""

    index: int
    position: int
    database: str
    stream: str
    version: int
    time: str
    type: str
    says: str
    subject: str
    message: str


class Stored(NamedTuple):
    """An event where it stands: what a row is made of. `record` is the index of its record, 0 in a store."""

    record: int
    position: int
    database: str
    stream: str
    version: int
    at: int
    message: Message


def stored(trace: Trace, last: int | None = None) -> Iterator[Stored]:
    """Every event that was stored up to the record with index `last`; positions count what one database took in."""
    until, stage = None if last is None else last + 1, trace.stage
    acting = map(attrgetter("where"), islice(trace.records, until)) if stage.stores else ()
    one = not set(stage.stores).isdisjoint(acting)  # one store for all, or each service its own database
    positions: Counter[str] = Counter()
    for record in trace.of("appended", end=until):
        if record.message is not None:
            database = "" if one else record.where
            positions[database] += 1
            stream = f"{database}: {record.note}" if database else record.note
            place = positions[database]
            yield Stored(record.index, place, database, stream, record.packet, record.at, record.message)


def of_store(store: Any, upto: int | None = None, as_of: int | None = None) -> Iterator[Stored]:
    """Every event of a store up to a position, or to an instant."""
    for each in store.read_all(upto=upto, as_of=as_of):
        yield Stored(0, each.position, "", each.stream, each.version, each.event.time, each.event)


def row_of(stored: Stored, stage: Stage) -> Row:
    """An event as it is shown."""
    event = stored.message
    says = {key: value for key, value in event.data.items() if value != event.subject}
    about = [] if event.subject in stored.stream else [event.subject]
    return {
        "index": stored.record, "position": stored.position, "database": stored.database, "stream": stored.stream,
        "version": stored.version, "time": stage.clock(stored.at, fine=True), "type": event.type,
        "says": ", ".join([*about, told(says, stage)] if says else about) or "–",
        "subject": event.subject, "message": event.id,
    }  # fmt: skip


def chosen_of(events: Iterable[Stored], stream: str, subject: str) -> Iterator[Stored]:
    """Those of a stream and about a subject; both may be left out."""
    return (each for each in events if stream in ("", each.stream) and subject in ("", each.message.subject))


def complain(events: Iterable[Stored], stream: str, subject: str, stage: Stage) -> NoReturn:
    """Raise the `Invalid` that says why there is no row."""
    name, wanted = ("stream", stream) if stream else (stage.subject, subject)
    known = sorted({each.stream if stream else each.message.subject for each in events})
    if wanted and wanted not in known:
        raise unknown(name, wanted, [*known[:3], "…"] if len(known) > 4 else known or ["none"], where="streams")
    raise Invalid("streams", where="streams", expected="at least one stored event", found="none")
