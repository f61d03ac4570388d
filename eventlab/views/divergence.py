"""Two runs of one scenario where they part: what one has and the other has not, and what comes of it.

    apart(run, run.without(news))

`layout` compares (plain data), `apart` draws: the picture of a counterfactual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any

from eventlab.door import door, door_but
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.trace import Record, Trace, fold
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.drawing.wording import number, told
from eventlab.views.fork import Difference, Divergence, Side, draw
from eventlab.views.motion.choice import check_trace

MOST, BEFORE, STATES = 24, 12, 8  # rows: of each side, of what both have, of different states
PART = 1000  # records that are compared at once
LOOKED_AT = 100_000  # records of each side that are compared from where the two part
Measures = tuple[Mapping[str, float], Mapping[str, float]]


@door_but("one", "other")
def layout(
    one: Trace, other: Trace, *, measures: Measures = ({}, {}), most: int = MOST, before: int = BEFORE
) -> Divergence:
    """Where two traces part, as plain data: the last records they share, the first that one has and the other has not,
    what the services know in the end, and the measures that differ. What is no trace raises `Invalid`.
    """
    for trace in (one, other):
        check_trace(trace, "two runs")
    at = _first_different(one.records, other.records)
    until = _until(one, other, at)
    return {
        "at": at,
        "until": until,
        "since": min((trace[at].at for trace in (one, other) if at < len(trace)), default=0),
        "equal": at == len(one) == len(other),
        "shared": one.records[max(0, at - before) : at],
        "sides": [_side(one, other, at, most, until), _side(other, one, at, most, until)],
        "states": _different_states(one, other, at),
        "measures": _different_measures(*measures),
        "stage": one.stage,
    }


def _first_different(one: list[Record], other: list[Record]) -> int:
    """The index from which on two lists differ: parts that are equal are passed over at once."""
    both = min(len(one), len(other))
    for begin in range(0, both, PART):
        here, there = one[begin : begin + PART], other[begin : begin + PART]
        if here != there:
            found = (begin + n for n, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1])
            return next(found, both)
    return both


def _until(one: Trace, other: Trace, at: int) -> int | None:
    """The instant up to which both sides are compared; None: to the end."""
    long = [trace[at + LOOKED_AT].at for trace in (one, other) if len(trace) > at + LOOKED_AT]
    return min(long, default=None)


def _side(trace: Trace, against: Trace, at: int, most: int, until: int | None) -> Side:
    """What a trace has, and the other has not, from a record on, until an instant."""
    theirs = Counter(map(_same, _part(against, at, until)))
    own = []
    for record in _part(trace, at, until):
        same = _same(record)
        theirs[same] -= 1
        if theirs[same] < 0:
            own.append(record)
    return {"own": len(own), "shown": own[:most], "records": len(trace)}


def _part(trace: Trace, at: int, until: int | None) -> Iterator[Record]:
    return takewhile(lambda record: until is None or record.at < until, islice(trace.records, at, None))


def _same(record: Record) -> tuple[Any, ...]:
    """What a record says, whenever it says it and in whatever packet."""
    about = record.message
    said = (about.type, about.subject, about.data) if about is not None else None
    change = (record.key, repr(record.before), repr(record.after)) if record.kind == "changed" else ()
    return record.kind, record.where, record.other, record.purpose, record.note, repr(said), change


def _different_states(one: Trace, other: Trace, at: int) -> list[Difference]:
    """The entries that differ in the end; only those that are shown are put into words."""
    shared = one.states(at - 1) if at else {}
    here, there = ({service: dict(state) for service, state in shared.items()} for _ in range(2))
    fold(one.of("changed", begin=at), here)
    fold(other.of("changed", begin=at), there)
    found: list[tuple[str, str, Any, Any]] = []
    for service in sorted({*here, *there}):
        mine, theirs = here.get(service, {}), there.get(service, {})
        found += [
            (service, key, mine.get(key), theirs.get(key))
            for key in {**mine, **theirs}
            if mine.get(key) != theirs.get(key)
        ]
    rows = [
        (f"{service}: {key}", *_only_different(key, mine, theirs, one.stage))
        for service, key, mine, theirs in found[:STATES]
    ]
    return rows + ([("…", f"{len(found) - STATES} more", "")] if len(found) > STATES else [])


def _only_different(key: str, one: Any, other: Any, stage: Stage) -> tuple[str, str]:
    """Two values in words; of two dictionaries, only what is not the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        fields = [field for field in {**one, **other} if one.get(field) != other.get(field)]
        one, other = ({field: each.get(field) for field in fields} for each in (one, other))
    return told(one, stage, key), told(other, stage, key)


def _different_measures(one: Mapping[str, float], other: Mapping[str, float]) -> list[Difference]:
    none = float("nan")
    said = [(name, number(one.get(name, none)), number(other.get(name, none))) for name in {**one, **other}]
    return [row for row in said if row[1] != row[2]]


@door
def apart(
    one: Any,
    other: Any,
    *,
    names: tuple[str, str] = ("as it was", "as it would have been"),
    measures: Measures | None = None,
    most: int = MOST,
) -> Picture:
    """Two runs (or traces) side by side from where they part, with the measures that differ.

    Two runs bring their own `measures`. Equal ones, or what cannot be drawn, give a sentence instead.
    """
    try:
        if measures is None:
            measures = (getattr(one, "metrics", {}), getattr(other, "metrics", {}))
        plan = layout(getattr(one, "trace", one), getattr(other, "trace", other), measures=measures, most=most)
    except Invalid as problem:
        return message("No comparison", str(problem))
    if plan["equal"]:
        return message("The two are the same", f"All {plan['at']:,} records are equal, one by one.")
    return draw(plan, names)
