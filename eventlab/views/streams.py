"""The streams of a store: its events as rows, in the order in which they were stored.

`layout` finds the rows (plain data), in a trace or in a store itself; `event_streams` draws them, `moving` lets them
appear one after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from eventlab.door import door, door_but
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.drawing.records import stage_at
from eventlab.views.drawing.wording import counted
from eventlab.views.motion.choice import chosen, spelt_out
from eventlab.views.motion.film import film
from eventlab.views.motion.steps import View, checked, moment
from eventlab.views.streams_lanes import CARDS, draw, lane, lanes_of, note_of
from eventlab.views.streams_rows import Row, Stored, chosen_of, complain, of_store, row_of, stored

WHERE = "streams"
ROWS = 15
LANES = 12  # streams of one moving view


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
@door_but("source")
def layout(
    source: Any, at: int | None = None, *, when: int | None = None, stage: Stage | None = None, **choice: Any
) -> Streams:
    """The last events that were stored, as plain data; which ones says `Shown`.

    `source` is a trace (`at` is a record's index) or a store (`at` is a position; `stage` tells its times). Of a trace,
    the events stored up to the instant `when` count; of a store, those that had happened by then. What cannot be shown
    raises `Invalid`.
    """
    if not isinstance(source, Trace) and not hasattr(source, "read_all"):
        raise Invalid("source", where=WHERE, expected="a trace, such as run.trace, or a store", found=source)
    stage = stage or _stage_of(source)
    picked: Shown = chosen(Shown, choice, stage, WHERE)
    if picked.rows < 1:
        raise Invalid("rows", where=WHERE, expected="1 or more", found=picked.rows)
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
@door
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
    rows = plan["rows"]
    lanes = lanes_of(rows, [rows[-1]["message"]])
    hidden = sum(max(0, sum(row["stream"] == lane["stream"] for row in rows) - len(lane["cards"])) for lane in lanes)
    return draw(title, note_of(rows, plan["above"] + hidden), lanes)


def _stage_of(source: Any) -> Stage:
    """A trace's own stage; of a store, one that tells the time of its first event."""
    if isinstance(source, Trace):
        return source.stage
    first = next(iter(source.read_all()), None)
    return stage_at(0 if first is None else first.event.time)


@spelt_out(Shown)
@door
def moving(trace: Trace, steps: Sequence[int], **choice: Any) -> View:
    """The events as they are stored, step by step. Its lanes stay where they are."""
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
    """The lanes at each step: those of the streams that get most in these steps."""
    indexes, stage = [each.record for each in found], trace.stage
    counts = [bisect_right(indexes, index) for index in steps]
    often = Counter(each.stream for each in found[counts[0] : counts[-1]]) or Counter(each.stream for each in found)
    kept = {stream for stream, _ in often.most_common(LANES)}
    last: dict[str, deque[Stored]] = {each.stream: deque(maxlen=CARDS) for each in found if each.stream in kept}
    made: dict[int, Row] = {}  # of what is shown alone, by record
    done = others = 0
    for index, count in zip(steps, counts, strict=True):
        fresh: list[str] = []
        for each in found[done:count]:
            if each.stream in last:
                last[each.stream].append(each)
                fresh.append(each.message.id)
            else:
                others += 1
        new = fresh if done else []
        title = f"{picked.title}: {counted(count, 'event')} until {stage.clock(trace[index].at, fine=True)}"
        made |= {each.record: row_of(each, stage) for its in last.values() for each in its if each.record not in made}
        rows = {name: [made[each.record] for each in its] for name, its in last.items()}
        shown = [each for its in rows.values() for each in its]
        yield draw(title, note_of(shown, 0, others), [lane(name, its, new) for name, its in rows.items()], part="row")
        done = count
