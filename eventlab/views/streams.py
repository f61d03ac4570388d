"""The streams of a store: its events as rows, in the order in which they were stored.

`layout` finds the rows (plain data), in a trace or in a store itself; `event_streams` draws them, `moving` lets them
appear one after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypedDict

from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.records import stage_at
from eventlab.views.drawing.style import EVENT, GREY, GROUND, INK, NEW, WIDTH
from eventlab.views.drawing.wording import counted
from eventlab.views.motion.choice import chosen, spelt_out
from eventlab.views.motion.film import film
from eventlab.views.motion.steps import View, checked, moment
from eventlab.views.streams_rows import Row, Stored, chosen_of, complain, of_store, row_of, stored

WHERE = "streams"
ROWS = 15
MOST = 200  # rows that one moving view lets appear: beyond that, a step shows the newest of its events alone
KEPT = 2  # rows that stay at the top when a page is full


@dataclass(frozen=True)
class Shown:
    """The events of one `stream`, about one `subject`, or all of them; the last `rows` of them."""

    stream: str = ""
    subject: str = ""
    rows: int = ROWS

    @property
    def title(self) -> str:
        """What is shown, in words."""
        return self.stream or self.subject or "All streams"


class Streams(TypedDict):
    """The last rows, how many there are above them and in all, and how many each stream has."""

    now: str
    rows: list[Row]
    above: int
    count: int
    streams: dict[str, int]


@spelt_out(Shown)
def layout(
    source: Any, at: int | None = None, *, when: int | None = None, stage: Stage | None = None, **choice: Any
) -> Streams:
    """The last events that were stored, as plain data; which ones says `Shown`.

    `source` is a trace (`at` is a record's index) or a store (`at` is a position; `stage` tells its times). Of a trace,
    the events stored up to the instant `when` count; of a store, those that had happened by then. What cannot be shown
    raises `Invalid`.
    """
    stage = stage or _stage_of(source)
    picked: Shown = chosen(Shown, choice, stage, WHERE)
    if isinstance(source, Trace):
        index, instant = moment(source, at, when, WHERE)
        now, found = stage.clock(instant), stored(source, index)
    else:
        now, found = "" if when is None else stage.clock(when), of_store(source, at, when)
    last: deque[Stored] = deque(maxlen=picked.rows)
    count, streams = 0, Counter[str]()
    for each in chosen_of(found, picked.stream, picked.subject):
        last.append(each)
        count += 1
        streams[each.stream] += 1
    if not count:
        everything = stored(source) if isinstance(source, Trace) else of_store(source)
        complain(everything, picked.stream, picked.subject, stage)
    rows = [row_of(each, stage) for each in last]
    return {"now": now, "rows": rows, "above": count - len(last), "count": count, "streams": dict(streams)}


@spelt_out(Shown)
def event_streams(
    source: Any, at: int | None = None, *, when: int | None = None, stage: Stage | None = None, **choice: Any
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(source, at, when=when, stage=stage, **choice)
    except Invalid as problem:
        return message("No streams", str(problem))
    stage = stage or _stage_of(source)
    about: Shown = chosen(Shown, choice, stage, WHERE)
    title = f"{about.title}: {counted(plan['count'], 'event')} in {counted(len(plan['streams']), 'stream')}"
    title += f" until {plan['now']}" if plan["now"] else ""
    return _draw(title, _note(plan["rows"], plan["above"]), plan["rows"], len(plan["rows"]), 0, words=True)


def _stage_of(source: Any) -> Stage:
    """A trace's own stage; of a store, one that tells the time of its first event."""
    if isinstance(source, Trace):
        return source.stage
    first = next(iter(source.read_all()), None)
    return stage_at(0 if first is None else first.event.time)


@spelt_out(Shown)
def moving(trace: Trace, steps: Sequence[int], **choice: Any) -> View:
    """The events as they are stored, step by step. A full page is turned: its last rows stay, at the top."""
    last = checked(trace, steps, WHERE)[-1]
    picked: Shown = chosen(Shown, choice, trace.stage, WHERE)
    found = list(chosen_of(stored(trace, last), picked.stream, picked.subject))
    if not found:
        about = f"in {picked.stream} " if picked.stream else f"about {picked.subject} " if picked.subject else ""
        until = trace.stage.clock(trace[last].at)
        nothing = message("Streams", f"No service stores an event {about}until {until}.")
        return film(WHERE, (nothing for _ in steps))
    return film(WHERE, _frames(trace, steps, found, picked))


def _frames(trace: Trace, steps: Sequence[int], found: list[Stored], picked: Shown) -> Iterator[Picture]:
    """A page for each step."""
    rows = picked.rows
    indexes, stage = [each.record for each in found], trace.stage
    counts = [bisect_right(indexes, index) for index in steps]
    new_at = [count for before, count in pairwise(counts) if count > before]
    most = max(1, min(rows - KEPT, MOST // max(1, len(new_at)))) if counts[-1] - counts[0] > MOST else rows - KEPT
    tall = min(rows, counts[-1])
    page = [row_of(each, stage) for each in found[max(0, counts[0] - rows // 3) : counts[0]]]
    done = counts[0]
    for index, count in zip(steps, counts, strict=True):
        new = [row_of(each, stage) for each in found[max(done, count - most) : count]]
        skipped = count - done - len(new)
        new = [{**new[0], "gap": True}, *new[1:]] if skipped else new
        if len(page) + len(new) > rows:
            page = page[-KEPT:]
        page = [*page, *new]
        title = f"{picked.title}: {counted(count, 'event')} until {stage.clock(trace[index].at, fine=True)}"
        yield _draw(title, _note(page, count - len(page), skipped), page, tall, len(new), part="row")
        done = count


# Draw -----------------------------------------------------------------------------------------------------------------

TOP, HIGH = 78, 22
COLUMNS = {
    "nr": (26, 54), "stored at": (84, 80), "stream": (168, 166), "v": (338, 38), "type": (380, 126),
    "it says": (510, 310),
}  # fmt: skip


def _note(rows: Sequence[Row], above: int, skipped: int = 0) -> str:
    """What the rows do not show."""
    note = f"… {counted(above, 'event')} before these" if above else "from the first event on"
    note += f", {skipped:,} of them since the last step" if skipped else ""
    several = len({row["database"] for row in rows}) > 1
    return note + (" · each service has a database of its own, nr counts its events" if several else "")


def _draw(
    title: str, note: str, rows: Sequence[Row], tall: int, new: int, *, part: str = "", words: bool = False
) -> Picture:
    """`tall` rows, the last `new` of them marked; with a `part` they can change."""
    sheet = Sheet(*heading(title, note, part=f"{part}.title" if part else ""))
    sheet.add(*(Label(x, TOP - 8, name, 13, GREY, left=True) for name, (x, _) in COLUMNS.items()))
    for place in range(tall):
        row = rows[place] if place < len(rows) else None
        fresh = row is not None and place >= len(rows) - new
        _draw_row(row, fresh, TOP + 12 + place * HIGH, f"{part}{place}" if part else "", words, sheet)
    sheet.add(Line([(14, TOP), (WIDTH - 14, TOP)], GREY, 1))
    return sheet.picture(WIDTH, TOP + 14 + tall * HIGH, "\n".join([f"{title}.", f"{note}.", *map(_words, rows)]))


def _draw_row(row: Row | None, fresh: bool, middle: float, name: str, words: bool, sheet: Sheet) -> None:
    fill = NEW if fresh else GROUND
    about = row["message"] if row else ""
    told = _words(row) if words and row else ""
    sheet.add(Box(WIDTH / 2, middle, WIDTH - 20, HIGH - 2, fill, fill, words=told, part=name, message=about))
    sheet.add(Label(18, middle, "▸" if fresh else "", 13, EVENT, bold=True, part=f"{name}.new" if name else ""))
    cells = _cells(row) if row else [""] * len(COLUMNS)
    for text, (column, (x, wide)) in zip(cells, COLUMNS.items(), strict=True):
        of = about if column in ("type", "it says") else ""
        part = f"{name}.{column}" if name else ""
        sheet.add(Label(x, middle, fit(text, wide, 13), 13, INK, left=True, part=part, message=of))


def _cells(row: Row) -> list[str]:
    gap = "… " if row["gap"] else ""
    return [f"{gap}{row['position']:,}", row["time"], row["stream"], str(row["version"]), row["type"], row["says"]]


def _words(row: Row) -> str:
    return f"{row['position']:,}, {row['time']}, {row['stream']} version {row['version']}: {row['type']}, {row['says']}"
