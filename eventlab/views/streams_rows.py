"""The rows of streams: every event that was stored, in a trace or in a store itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, TypedDict

from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.wording import told


class Row(TypedDict):
    """One event: where it stands, and what it says. `index` is that of the record, 0 in a store.

    `gap` says that events before it were left out.
    """

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
    gap: bool


def stored(trace: Trace, last: int | None = None) -> Iterator[Row]:
    """Every event that was stored up to the record with index `last`; positions count what one database took in."""
    records = trace.records if last is None else trace.records[: last + 1]
    stage = trace.stage
    one = any(record.where in stage.stores for record in records)  # one store for all, or each service its own database
    positions: Counter[str] = Counter()
    for record in records:
        if record.kind == "appended" and record.message is not None:
            database = "" if one else record.where
            positions[database] += 1
            row = _row(record.message, record.note, record.packet, positions[database], record.at, stage)
            yield {
                **row,
                "index": record.index,
                "database": database,
                "stream": f"{database}: {record.note}" if database else record.note,
            }


def of_store(store: Any, stage: Stage, upto: int | None = None, as_of: int | None = None) -> Iterator[Row]:
    """Every event of a store up to a position, or to an instant."""
    for each in store.read_all(upto=upto, as_of=as_of):
        yield _row(each.event, each.stream, each.version, each.position, each.event.time, stage)


def _row(event: Message, stream: str, version: int, position: int, at: int, stage: Stage) -> Row:
    says = {key: value for key, value in event.data.items() if value != event.subject}
    about = [] if event.subject in stream else [event.subject]
    return {
        "index": 0, "position": position, "database": "", "stream": stream, "version": version,
        "time": stage.clock(at, fine=True), "type": event.type,
        "says": ", ".join([*about, told(says, stage)] if says else about) or "–",
        "subject": event.subject, "message": event.id, "gap": False,
    }  # fmt: skip


def rows_of(rows: Iterable[Row], stream: str, subject: str) -> Iterator[Row]:
    """Those of a stream and about a subject; both may be left out."""
    return (row for row in rows if stream in ("", row["stream"]) and subject in ("", row["subject"]))


def complain(rows: Iterable[Row], stream: str, subject: str, stage: Stage) -> NoReturn:
    """Raise the `Invalid` that says why there is no row."""
    all_rows = list(rows)
    name, wanted = ("stream", stream) if stream else (stage.subject, subject)
    known = sorted({row["stream"] if stream else row["subject"] for row in all_rows})
    if wanted and wanted not in known:
        raise unknown(name, wanted, [*known[:3], "…"] if len(known) > 4 else known or ["none"], where="streams")
    raise Invalid("streams", where="streams", expected="at least one stored event", found="none")
