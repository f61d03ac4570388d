"""What services know at one record of a run, entry by entry, and what the last change changed.

`layout` finds the entries (plain data), `service_state` draws them, `moving` shows them at each step. How a state
comes about from events is another picture: `rebuilt.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

from eventlab.door import door, door_but
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.drawing.records import about
from eventlab.views.drawing.wording import counted
from eventlab.views.motion.choice import chosen, spelt_out
from eventlab.views.motion.film import film
from eventlab.views.motion.steps import View, checked, moment
from eventlab.views.state_entries import (
    Entries,
    Entry,
    Known,
    Place,
    changes_of,
    complain,
    fields_of,
    places_that_change,
    row_of,
    whole_entries,
)  # fmt: skip
from eventlab.views.state_grid import draw as grid
from eventlab.views.state_matrix import Knowledge
from eventlab.views.state_table import Drawn, draw

WHERE = "state"
ROWS = 24
TALL = 16  # facts of a matrix that changes


@dataclass(frozen=True)
class Shown:
    """The values of one `service` (or of all), about a `subject` or under these `keys`; of more than `rows`, some."""

    service: str = ""
    subject: str = ""
    keys: Sequence[str] = ()
    rows: int = ROWS

    @property
    def title(self) -> str:
        """What is shown, in words."""
        who = f"What {self.service or 'every service'} knows"
        what = [self.subject] * bool(self.subject) + list(self.keys)
        return f"{who} about {', '.join(what)}" if what else who


@spelt_out(Shown)
@door_but("trace")
def layout(trace: Trace, at: int | None = None, *, when: int | None = None, **choice: Any) -> Known:
    """The values after the record with index `at`, or at the instant `when`, as plain data; which ones says `Shown`.

    A row says service, key, field and value, and, if the last change of any of them changed it, what it was `before`.
    Of too many values, those that changed last are shown. What cannot be shown raises `Invalid`.
    """
    return _known(trace, _seen(trace, at, when, choice))


@spelt_out(Shown)
@door_but("trace")
def service_state(trace: Trace, at: int | None = None, *, when: int | None = None, **choice: Any) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        seen = _seen(trace, at, when, choice)
    except Invalid as problem:
        return message("No state", str(problem))
    if seen.picked.subject and not seen.picked.service:
        return _matrix(trace, seen)
    plan = _known(trace, seen)
    note = f"last change: {plan['last']}"
    if plan["above"]:
        note += f" · {counted(plan['above'], 'more value')} not shown"
    return draw(f"{seen.picked.title} at {plan['now']}", note, plan["rows"], {})


class _Seen(NamedTuple):
    """What is asked for, at which instant, and the changes until then; the last one begins at `news`."""

    picked: Shown
    now: int
    changes: list[Record]
    news: int


def _seen(trace: Trace, at: int | None, when: int | None, choice: Mapping[str, Any]) -> _Seen:
    index, now = moment(trace, at, when, WHERE)
    picked: Shown = chosen(Shown, choice, trace.stage, WHERE)
    changes = _changes(trace, picked, index + 1)
    if not changes:
        complain(trace, picked.service, picked.subject, picked.keys)
    who, at = changes[-1].where, changes[-1].at  # what one service changes at one instant is one change
    news = sum(1 for _ in takewhile(lambda record: (record.where, record.at) == (who, at), reversed(changes)))
    return _Seen(picked, now, changes, len(changes) - news)


def _known(trace: Trace, seen: _Seen) -> Known:
    """The values at an instant, as plain data."""
    picked, now, changes, news = seen
    entries = {(record.where, record.key): record.after for record in changes}
    newest = {(record.where, record.key): record.index for record in changes}
    before = {(record.where, record.key): record.before for record in reversed(changes[news:])}
    places = _places(changes, picked, sorted(newest, key=lambda entry: -newest[entry]))
    count = sum(len(fields_of(entry[1], value, picked.subject)) for entry, value in entries.items())
    return {
        **_plan(places, entries, before, picked.subject, trace.stage),
        "now": trace.stage.clock(now, fine=True),
        "above": max(0, count - len(places)),
        "last": _last(trace, changes[-1]),
    }


def _matrix(trace: Trace, seen: _Seen) -> Picture:
    """What all know about a subject, beside each other."""
    picked, now, changes, news = seen
    known = Knowledge(picked.subject, trace.stage)
    known.learn(changes[:news])
    known.learn(changes[news:])
    matrix = known.matrix(known.facts(picked.rows), known.services())
    title = f"{picked.subject} at {trace.stage.clock(now, fine=True)}: {matrix['short']}"
    return grid(title, f"last change: {_last(trace, changes[-1])}", matrix, "")


@spelt_out(Shown)
@door
def moving(trace: Trace, steps: Sequence[int], **choice: Any) -> View:
    """The values at each step, and what changed since the one before. The rows stay where they are.

    Of too many values, those that change most often in these steps are shown.
    """
    first, last = checked(trace, steps, WHERE)[0], steps[-1]
    stage = trace.stage
    picked: Shown = chosen(Shown, choice, stage, WHERE)
    changes = _changes(trace, picked, last + 1)
    if not changes:
        if not _changes(trace, picked):
            complain(trace, picked.service, picked.subject, picked.keys)
        nothing = message("State", f"{picked.title}: nothing is known until {stage.clock(trace[last].at)}.")
        return film(WHERE, (nothing for _ in steps))
    if picked.subject and not picked.service:
        return film(WHERE, _matrices(trace, steps, changes, picked))
    often: Counter[Entry] = Counter()
    for record in changes:
        often[record.where, record.key] += 1000 if record.index >= first else 1
    places = _places(changes, picked, [entry for entry, _ in often.most_common()])
    note = f" · shown are {len(places)} values that change most often" if len(places) >= picked.rows else ""
    return film(WHERE, _frames(trace, steps, changes, places, picked, note))


def _frames(
    trace: Trace, steps: Sequence[int], changes: list[Record], places: list[Place], picked: Shown, note: str
) -> Iterator[Picture]:
    entries: dict[Entry, Any] = {}
    coming = deque(changes)
    drawn: Drawn = {}
    for index in steps:
        before: dict[Entry, Any] = {}
        while coming and coming[0].index <= index:
            record = coming.popleft()
            entry = record.where, record.key
            entries[entry] = record.after
            if record.index >= steps[0]:
                before.setdefault(entry, record.before)
        plan = _plan(places, entries, before, picked.subject, trace.stage)
        changed = f"{counted(plan['changed'], 'value')} changed" if plan["changed"] else "nothing changed here"
        now = trace.stage.clock(trace[index].at, fine=True)
        yield draw(f"{picked.title} at {now}", changed + note, plan["rows"], drawn, part="row")


def _matrices(trace: Trace, steps: Sequence[int], changes: list[Record], picked: Shown) -> Iterator[Picture]:
    """The matrix at each step: its rows and columns are those of the end."""
    end = Knowledge(picked.subject, trace.stage)
    end.learn(changes)
    facts, services = end.facts(min(picked.rows, TALL)), end.services()
    known, done = Knowledge(picked.subject, trace.stage), 0
    for index in steps:
        upto = bisect_right(changes, index, key=lambda record: record.index)
        known.learn(changes[done:upto])
        done = upto
        matrix = known.matrix(facts, services)
        now = trace.stage.clock(trace[index].at, fine=True)
        yield grid(f"{picked.subject} at {now}: {matrix['short']}", "", matrix, picked.subject, part="row")


def _changes(trace: Trace, picked: Shown, until: int | None = None) -> list[Record]:
    return changes_of(trace, picked.service, picked.subject, picked.keys, until)


def _places(changes: Sequence[Record], picked: Shown, order: Sequence[Entry]) -> list[Place]:
    """The values to show: of a choice, those that change most often; else the first entries in this order."""
    if picked.subject or picked.keys:
        return places_that_change(changes, picked.subject, picked.rows)
    return whole_entries(order[: picked.rows], changes, picked.rows)


def _plan(
    places: Sequence[Place], entries: Mapping[Entry, Any], before: Mapping[Entry, Any], subject: str, stage: Stage
) -> Entries:
    now = {place[:2]: fields_of(place[1], entries.get(place[:2]), subject) for place in places}
    old = {entry: fields_of(entry[1], value, subject) for entry, value in before.items()}
    rows = [row_of(place, now, old, stage) for place in places]
    return {"rows": rows, "changed": sum(row["before"] is not None for row in rows)}


def _last(trace: Trace, change: Record) -> str:
    """When the last change was, and what its service was working on: the next message that it finished just then."""
    said = f"record {change.index:,}, {trace.stage.clock(change.at, fine=True)}"
    for record in trace.records[change.index + 1 : change.index + 500]:
        if record.at > change.at:
            break
        if record.where == change.where and record.kind in ("handled", "failed", "refused") and record.message:
            return f"{said}, while {change.where} worked on {about(record.message, trace.stage)}"
    return said
