"""The streams of a store: its events as rows, in the order in which they were stored.

`layout` finds the rows (plain data), in a trace or in a store itself; `event_streams` draws them, `moving` lets them
appear one after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.trace import Trace
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.drawing.text import clock
from eventlab.views.motion.film import BLUE, GROUND_NEW, WIDTH, checked, film, fitted, heading, moment, number
from eventlab.views.motion.steps import View
from eventlab.views.notebook import told

ROWS = 15
MOST = 200  # rows that one moving view lets appear: beyond that, a step shows the newest of its events alone
KEPT = 2  # rows that stay at the top when a page is full

Row = dict[str, Any]


def layout(
    source: Any,
    at: int | None = None,
    *,
    when: int | None = None,
    stream: str = "",
    flight: str = "",
    rows: int = ROWS,
) -> dict[str, Any]:
    """The last `rows` events that were stored, of one `stream`, of one `flight` or all of them, as plain data.

    `source` is a trace (`at` is a record's index) or a store (`at` is a position). Of a trace, the events stored up to
    the instant `when` count; of a store, those that had happened by then. What cannot be shown raises `Invalid`.
    """
    if isinstance(source, Trace):
        index, now = moment(source, at, when, "streams")
        found = stored(source, index)
    else:
        now, found = when or 0, _of_store(source, at, when)
    last: deque[Row] = deque(maxlen=rows)
    count, streams = 0, Counter[str]()
    for row in _chosen(found, stream, flight):
        last.append(row)
        count += 1
        streams[row["stream"]] += 1
    if not count:
        _complain(stored(source) if isinstance(source, Trace) else _of_store(source), stream, flight)
    return {"now": now, "rows": list(last), "above": count - len(last), "count": count, "streams": dict(streams)}


def event_streams(
    source: Any,
    at: int | None = None,
    *,
    when: int | None = None,
    stream: str = "",
    flight: str = "",
    rows: int = ROWS,
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(source, at, when=when, stream=stream, flight=flight, rows=rows)
    except Invalid as problem:
        return message("No streams", str(problem))
    about = stream or flight or "All streams"
    of = number(len(plan["streams"]), "stream")
    title = f"{about}: {number(plan['count'], 'event')} in {of}" + (
        f" until {clock(plan['now'])}" if plan["now"] else ""
    )
    return _draw(title, plan["rows"], plan["above"], len(plan["rows"]), 0, words=True)


def moving(trace: Trace, steps: Sequence[int], *, stream: str = "", flight: str = "", rows: int = ROWS) -> View:
    """The events as they are stored, step by step. A full page is turned: its last rows stay, at the top."""
    last = checked(trace, steps, "streams")[-1]
    found = list(_chosen(stored(trace, last), stream, flight))
    if not found:
        nothing = message(
            "Streams", f"No service stores an event {_about(stream, flight)}until {clock(trace[last].at)}."
        )
        return film("streams", (nothing for _ in steps))
    return film("streams", _frames(trace, steps, found, stream or flight or "All streams", rows))


def stored(trace: Trace, last: int | None = None) -> Iterator[Row]:
    """Every event that was stored up to the record with index `last`; positions count what one database took in."""
    records = trace.records if last is None else trace.records[: last + 1]
    one = any(record.where == "store" for record in records)  # one store for all, or each service its own database
    positions: Counter[str] = Counter()
    for record in records:
        if record.kind == "appended" and record.message is not None:
            database = "" if one else record.where
            positions[database] += 1
            yield _row(
                record.message, record.note, record.packet, positions[database], record.at, record.index, database
            )


def _of_store(store: Any, upto: int | None = None, as_of: int | None = None) -> Iterator[Row]:
    for each in store.read_all(upto=upto, as_of=as_of):
        yield _row(each.event, each.stream, each.version, each.position, each.event.time)


def _row(event: Message, stream: str, version: int, position: int, at: int, index: int = 0, database: str = "") -> Row:
    says = {key: value for key, value in event.data.items() if value != event.subject}
    about = [] if event.subject in stream else [event.subject]
    return {
        "index": index,
        "position": position,
        "database": database,
        "stream": f"{database}: {stream}" if database else stream,
        "version": version,
        "at": at,
        "type": event.type,
        "says": ", ".join([*about, told(says)] if says else about) or "–",
        "subject": event.subject,
        "message": event.id,
    }


def _chosen(rows: Iterable[Row], stream: str, flight: str) -> Iterator[Row]:
    return (row for row in rows if stream in ("", row["stream"]) and flight in ("", row["subject"]))


def _about(stream: str, flight: str) -> str:
    return f"in {stream} " if stream else f"about {flight} " if flight else ""


def _complain(rows: Iterable[Row], stream: str, flight: str) -> None:
    """Raise the `Invalid` that says why there is no row."""
    all_rows = list(rows)
    name, wanted, field = ("stream", stream, "stream") if stream else ("flight", flight, "subject")
    known = sorted({row[field] for row in all_rows})
    if wanted and wanted not in known:
        raise unknown(name, wanted, [*known[:3], "…"] if len(known) > 4 else known or ["none"], where="streams")
    raise Invalid("streams", where="streams", expected="at least one stored event", found="none")


# Pages of the moving view ---------------------------------------------------------------------------------------------


def _frames(trace: Trace, steps: Sequence[int], found: list[Row], about: str, rows: int) -> Iterator[Picture]:
    indexes = [row["index"] for row in found]
    counts = [bisect_right(indexes, index) for index in steps]
    new_at = [count for before, count in pairwise(counts) if count > before]
    most = max(1, min(rows - KEPT, MOST // max(1, len(new_at)))) if counts[-1] - counts[0] > MOST else rows - KEPT
    tall = min(rows, counts[-1])
    page: list[Row] = found[max(0, counts[0] - rows // 3) : counts[0]]
    done = counts[0]
    for index, count in zip(steps, counts, strict=True):
        new = found[max(done, count - most) : count]
        skipped = count - done - len(new)
        new = [{**new[0], "gap": True}, *new[1:]] if skipped else new
        if len(page) + len(new) > rows:
            page = page[-KEPT:]
        page = [*page, *new]
        title = f"{about}: {number(count, 'event')} until {clock(trace[index].at, fine=True)}"
        yield _draw(title, page, count - len(page), tall, len(new), part="row", skipped=skipped)
        done = count


# Draw -----------------------------------------------------------------------------------------------------------------

TOP, HIGH = 78, 22
COLUMNS = {
    "nr": (26, 54),
    "stored at": (84, 80),
    "stream": (168, 166),
    "v": (338, 38),
    "type": (380, 126),
    "it says": (510, 310),
}


def _draw(
    title: str,
    rows: Sequence[Row],
    above: int,
    tall: int,
    new: int,
    *,
    part: str = "",
    skipped: int = 0,
    words: bool = False,
) -> Picture:
    """`tall` rows, the last `new` of them marked; with a `part` they can change."""
    several = len({row["database"] for row in rows}) > 1
    note = f"… {number(above, 'event')} before these" if above else "from the first event on"
    note += f", {skipped:,} of them since the last step" if skipped else ""
    note += " · each service has a database of its own, nr counts its events" if several else ""
    labels = heading(title, note, part=f"{part}.title" if part else "")
    labels += [Label(x, TOP - 8, name, 11, GREY, left=True) for name, (x, _) in COLUMNS.items()]
    boxes = []
    for place in range(tall):
        row = rows[place] if place < len(rows) else None
        fresh = row is not None and place >= len(rows) - new
        name = f"{part}{place}" if part else ""
        middle = TOP + 12 + place * HIGH
        fill = GROUND_NEW if fresh else GROUND
        about = row["message"] if row else ""
        told = _words(row) if words and row else ""
        boxes.append(Box(WIDTH / 2, middle, WIDTH - 20, HIGH - 2, fill, fill, words=told, part=name, message=about))
        sign = "▸" if fresh else ""
        labels.append(Label(18, middle, sign, 11, BLUE, bold=True, part=f"{name}.new" if part else ""))
        cells = _cells(row) if row else [""] * len(COLUMNS)
        for text, (column, (x, wide)) in zip(cells, COLUMNS.items(), strict=True):
            cell = f"{name}.{column}" if part else ""
            of = about if column in ("type", "it says") else ""
            labels.append(Label(x, middle, fitted(text, wide), 12, INK, left=True, part=cell, message=of))
    lines = [Line([(14, TOP), (WIDTH - 14, TOP)], GREY, 1)]
    told_rows = [f"{title}.", f"{note}.", *map(_words, rows)]
    return Picture(WIDTH, TOP + 14 + tall * HIGH, "\n".join(told_rows), lines, boxes, labels)


def _cells(row: Row) -> list[str]:
    at = clock(row["at"], fine=True)
    gap = "… " if "gap" in row else ""
    return [f"{gap}{row['position']:,}", at, row["stream"], str(row["version"]), row["type"], row["says"]]


def _words(row: Row) -> str:
    at = clock(row["at"], fine=True)
    return f"{row['position']:,}, {at}, {row['stream']} version {row['version']}: {row['type']}, {row['says']}"
