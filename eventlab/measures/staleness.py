"""Copies of what another service owns: for how long they differed from it, and when all agreed for good.

    gaps(run.trace, "operations", "boards")    every stretch of time in which a row of the boards was not what was true

A copy agrees with its owner when every field that both have is the same: a service may keep less than it was told.
Everything is computed from the changes in a trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.trace import Record, Trace


@dataclass(frozen=True)
class Gap:
    """From `since` until `until` (nanoseconds; None: to the end) the copy of `key` at `keeper` was not true."""

    keeper: str
    key: str
    since: int
    until: int | None


def gaps(trace: Trace, owner: str, *keepers: str) -> list[Gap]:
    """Every stretch of time in which a copy differed from its owner's value, in the order in which they ended."""
    found: list[Gap] = []
    true: dict[str, Any] = {}
    copies: dict[str, dict[str, Any]] = {keeper: {} for keeper in keepers}
    began: dict[tuple[str, str], int] = {}
    for record in trace.where("changed"):
        key = record.key
        if record.where == owner:
            true[key] = record.after
        elif record.where in copies:
            copies[record.where][key] = record.after
        else:
            continue
        for keeper in keepers if record.where == owner else (record.where,):
            if agree(true.get(key), copies[keeper].get(key)):
                since = began.pop((keeper, key), record.at)
                if since < record.at:
                    found.append(Gap(keeper, key, since, record.at))
            elif key in true:
                began.setdefault((keeper, key), record.at)
    return found + [Gap(keeper, key, since, None) for (keeper, key), since in began.items()]


@dataclass(frozen=True)
class Answers:
    """What passengers who asked within some time got: how many asked, were answered, and were told what was wrong."""

    asked: int
    answered: int
    wrong: int


def answers(trace: Trace, owner: str, since: int, until: int) -> Answers:
    """What passengers got who asked from `since` until just before `until` (instants).

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
        elif record.kind == "sent" and record.where == "passengers" and since <= record.at < until:
            asked.add(message.id)
        elif record.purpose == "reply" and record.other == "passengers" and record.kind == "sent":
            agreed.setdefault(message.causationid, agree(true.get(message.subject), message.data))
        elif record.purpose == "reply" and record.where == "passengers" and record.kind == "received":
            answered.add(message.causationid)
    got = asked & answered
    return Answers(len(asked), len(got), sum(not agreed[question] for question in got))


def agree(true: Any, copy: Any) -> bool:
    """Whether a copy says nothing that its owner would not say now. A copy that is missing says nothing right."""
    if isinstance(true, Mapping) and isinstance(copy, Mapping):
        return all(true[name] == copy[name] for name in true if name in copy)
    return bool(true == copy)


def share_wrong(trace: Trace, owner: str, *keepers: str) -> float:
    """The share of time, from the owner's first change to the end of the trace, in which a copy was wrong."""
    begin = next((record.at for record in trace.where("changed") if record.where == owner), 0)
    end = trace[-1].at if len(trace) else 0
    whole = (end - begin) * len(keepers)
    wrong = sum((end if gap.until is None else gap.until) - gap.since for gap in gaps(trace, owner, *keepers))
    return wrong / whole if whole else 0.0


def seconds(found: Sequence[Gap]) -> list[float]:
    """How long each gap that ended was, in simulated seconds, the shortest first."""
    return sorted((gap.until - gap.since) / 1e9 for gap in found if gap.until is not None)


def last_change(trace: Trace, service: str) -> int:
    """The instant at which the state of a service changed for the last time; 0 if it never did."""
    return max((record.at for record in trace.where("changed") if record.where == service), default=0)


def convergence(trace: Trace, owner: str, *keepers: str) -> float:
    """Simulated seconds from the owner's last change until all copies agreed for good; infinite if they never did."""
    found = gaps(trace, owner, *keepers)
    if any(gap.until is None for gap in found):
        return float("inf")
    return max(0, max((gap.until or 0 for gap in found), default=0) - last_change(trace, owner)) / 1e9


def went_back(trace: Trace, *keepers: str) -> list[Record]:
    """The changes by which a copy with a `version` became older than it was."""
    return [
        record
        for record in trace.where("changed")
        if record.where in keepers and _version(record.after) < _version(record.before)
    ]


def _version(value: Any) -> int:
    version: int = value.get("version", 0) if isinstance(value, Mapping) else 0
    return version
