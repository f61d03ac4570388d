"""How the steps of a long process stood after each of its events: what the diagram of a saga is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypedDict

from eventlab.event import Event
from eventlab.process import START, Process, evolve
from eventlab.stage import SECOND

WAITING, BACK = "waiting", "taking back"
ENDS = ("done", "refused", "undone", "kept")
OVER = ("done", "compensated", "stuck")  # what a leader says at the end


class Column(TypedDict):
    """One event, or several time-outs in a row: when it happened (the last of them), what, and how the steps stood."""

    at: int
    row: str
    says: str
    count: int
    counts: bool  # whether it changed anything: an answer may come twice, or too late
    steps: dict[str, str]


class Span(TypedDict):
    """How a step stood, from one column up to before another."""

    step: str
    since: int
    until: int
    stands: str


def columns(process: Process, events: Iterable[Event]) -> tuple[list[Column], Any]:
    """The events as columns, and the state of the process after the last of them."""
    state, stands = START, dict.fromkeys((step.name for step in process.steps), "")
    found: list[Column] = []
    for event in events:
        after = evolve(process, state, event)
        stands = _stands(process, stands, event, state, after)
        row, _, says = event.type.rpartition(".")
        counts = after != state or (row == process.name and says in OVER)
        last = found[-1] if found else None
        again = last is not None and (last["row"], last["says"]) == (row, says) == (process.name, "overdue")
        if again and last is not None and last["steps"] == stands:
            last |= {"at": event.time, "count": last["count"] + 1}
        else:
            at = {"at": event.time, "row": row, "says": says, "count": 1, "counts": counts, "steps": stands}
            found.append(at)  # type: ignore[arg-type]
        state = after
    return found, state


def _stands(process: Process, before: dict[str, str], event: Event, was: Any, now: Any) -> dict[str, str]:
    """How each step stands after an event."""
    if now == was:
        return before
    stands, (name, _, says) = dict(before), event.type.rpartition(".")
    if name in stands and says in ENDS:
        stands[name] = says
    for step in set(now["kept"]) - set(was["kept"]):
        stands[step] = "kept"
    if now["step"]:
        stands[now["step"]] = WAITING if now["going"] == "on" else BACK
    if now["end"] and was["step"] and stands[was["step"]] in (WAITING, BACK):
        stands[was["step"]] = "kept" if was["going"] == "back" else ""
    return stands


def spans(process: Process, found: Sequence[Column]) -> list[Span]:
    """The same told for each step: how it stood, and for how many columns."""
    told: list[Span] = []
    for step in (step.name for step in process.steps):
        stood = [column["steps"][step] for column in found]
        changes = [0, *(n for n, (one, other) in enumerate(pairwise(stood), 1) if one != other), len(stood)]
        for since, until in pairwise(changes):
            if since < until and stood[since]:
                told.append({"step": step, "since": since, "until": until, "stands": stood[since]})
    return told


def seconds(events: Sequence[Event], at: int) -> float:
    """How long after the first event an instant is."""
    return (at - events[0].time) / SECOND
