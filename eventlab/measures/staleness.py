"""How stale copies are: for how long they differed from what their owner had, and when all agreed for good.

    stale_intervals(run.trace, "operations", "boards")    when a row of the boards was not what was true

A copy agrees with its owner when every field that both have is the same: a service may keep less than it was told.
Everything is computed from the changes in a trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.door import door
from eventlab.trace import Record, Trace


@dataclass(frozen=True)
class StaleInterval:
    """From `since` until `until` (nanoseconds; None: to the end) the copy of `key` at `replica` was not true."""

    replica: str
    key: str
    since: int
    until: int | None


@door
def stale_intervals(trace: Trace, owner: str, *replicas: str) -> list[StaleInterval]:
    """Every stretch of time in which a copy differed from its owner's value, in the order in which they ended."""
    found: list[StaleInterval] = []
    true: dict[str, Any] = {}
    copies: dict[str, dict[str, Any]] = {replica: {} for replica in replicas}
    began: dict[tuple[str, str], int] = {}
    for record in trace.of("changed"):
        key = record.key
        if record.where == owner:
            true[key] = record.after
        elif record.where in copies:
            copies[record.where][key] = record.after
        else:
            continue
        for replica in replicas if record.where == owner else (record.where,):
            if agree(true.get(key), copies[replica].get(key)):
                since = began.pop((replica, key), record.at)
                if since < record.at:
                    found.append(StaleInterval(replica, key, since, record.at))
            elif key in true:
                began.setdefault((replica, key), record.at)
    return found + [StaleInterval(replica, key, since, None) for (replica, key), since in began.items()]


@dataclass(frozen=True)
class Answers:
    """What came of questions: how many were asked, how many answered, and how many answers were wrong."""

    asked: int
    answered: int
    wrong: int


@door
def answers(trace: Trace, who: str, owner: str, since: int, until: int) -> Answers:
    """What came of the questions that `who` asked from `since` until just before `until` (instants).

    An answer is wrong if the owner's state said something else at the moment at which the answer was sent.
    """
    asked: set[str] = set()
    true: dict[str, Any] = {}
    agreed: dict[str, bool] = {}  # by question: the first answer to it
    answered: set[str] = set()
    for record in trace:
        message = record.message
        if record.kind == "changed" and record.where == owner:
            true[record.key] = record.after
        elif message is None:
            continue
        elif record.kind == "sent" and record.where == who and since <= record.at < until:
            asked.add(message.id)
        elif record.purpose == "reply" and record.other == who and record.kind == "sent":
            agreed.setdefault(message.causationid, agree(true.get(message.subject), message.data))
        elif record.purpose == "reply" and record.where == who and record.kind == "received":
            answered.add(message.causationid)
    got = asked & answered
    return Answers(len(asked), len(got), sum(not agreed[question] for question in got))


def agree(true: Any, copy: Any) -> bool:
    """Whether a copy says nothing that its owner would not say now. A copy that is missing says nothing right."""
    if isinstance(true, Mapping) and isinstance(copy, Mapping):
        return all(true[name] == copy[name] for name in true if name in copy)
    return bool(true == copy)


@door
def stale_share(trace: Trace, owner: str, *replicas: str) -> float:
    """The share of time, from the owner's first change to the end of the trace, in which a copy was wrong."""
    begin = next((record.at for record in trace.of("changed") if record.where == owner), 0)
    end = trace[-1].at if len(trace) else 0
    whole = (end - begin) * len(replicas)
    found = stale_intervals(trace, owner, *replicas)
    wrong = sum((end if interval.until is None else interval.until) - interval.since for interval in found)
    return wrong / whole if whole else 0.0


@door
def seconds(found: Sequence[StaleInterval]) -> list[float]:
    """How long each interval that ended was, in simulated seconds, the shortest first."""
    return sorted((interval.until - interval.since) / 1e9 for interval in found if interval.until is not None)


@door
def last_change(trace: Trace, service: str) -> int:
    """The instant at which the state of a service changed for the last time; 0 if it never did."""
    return max((record.at for record in trace.of("changed") if record.where == service), default=0)


@door
def convergence(trace: Trace, owner: str, *replicas: str) -> float:
    """Simulated seconds from the owner's last change until all copies agreed for good; infinite if they never did."""
    found = stale_intervals(trace, owner, *replicas)
    if any(interval.until is None for interval in found):
        return float("inf")
    return max(0, max((interval.until or 0 for interval in found), default=0) - last_change(trace, owner)) / 1e9


@door
def regressions(trace: Trace, *replicas: str) -> list[Record]:
    """The changes by which a copy with a `version` became older than it was."""
    return [
        record
        for record in trace.of("changed")
        if record.where in replicas and _version(record.after) < _version(record.before)
    ]


def _version(value: Any) -> int:
    version: int = value.get("version", 0) if isinstance(value, Mapping) else 0
    return version
