"""How long messages wait, and in which order their turn comes: read from a trace, in simulated seconds.

Work on a message is over with its record `handled`, `failed` or `refused`. A message that came twice counts once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from eventlab.door import door
from eventlab.stage import SECOND
from eventlab.subscription import matches
from eventlab.trace import Record, Trace

DONE = ("handled", "failed", "refused")


@door
def answered(trace: Trace, who: str, type: str) -> list[float]:
    """How long `who` waited for the answer to each request of this type, from the first try on, if one came."""
    asked: dict[str, int] = {}
    waited: list[float] = []
    for record in trace:
        if record.where != who or record.message is None:
            continue
        message = record.message
        if record.kind == "sent" and record.purpose == "request" and message.type == type:
            asked.setdefault(message.id, record.at)
        elif record.kind == "received" and record.purpose == "reply" and message.causationid in asked:
            waited.append((record.at - asked.pop(message.causationid)) / SECOND)
    return waited


@door
def finished(trace: Trace, who: str, type: str) -> list[float]:
    """How long it took, from each request of this type by `who`, until the last service was done with what followed."""
    asked: dict[str, int] = {}
    last: dict[str, int] = {}
    for record in trace:
        if record.message is None:
            continue
        if record.kind == "sent" and record.where == who and record.message.type == type:
            asked.setdefault(record.message.id, record.at)
        elif record.kind == "handled":
            last[record.message.correlationid or record.message.id] = record.at
    return [(last[story] - begin) / SECOND for story, begin in asked.items() if story in last]


@door
def held(trace: Trace, service: str) -> list[float]:
    """How long each message was in the service's hands, from its arrival until the work on it was over."""
    arrived: dict[int, int] = {}
    times: list[float] = []
    for record in trace:
        if record.where != service:
            continue
        if record.kind == "received" and record.purpose in ("request", "tell", "deliver"):
            arrived[record.packet] = record.at
        elif record.kind in DONE and record.packet in arrived:
            times.append((record.at - arrived.pop(record.packet)) / SECOND)
    return times


@door
def lags(trace: Trace, services: Iterable[str], pattern: str = ">") -> list[float]:
    """How long each event that fits waited, from its publication until one of the services had handled it."""
    return [(done.at - published.at) / SECOND for published, done in _turns(trace, services, pattern) if done]


@door
def backlog(trace: Trace, services: Iterable[str], pattern: str, instants: Iterable[int]) -> list[int]:
    """How many events that fit were published but not yet handled by any of the services, at each instant."""
    turns = _turns(trace, services, pattern)
    begun = sorted(published.at for published, _ in turns)
    over = sorted(max(published.at, done.at) for published, done in turns if done is not None)
    return [bisect_right(begun, instant) - bisect_right(over, instant) for instant in instants]


@door
def overtaken(
    trace: Trace, services: Iterable[str], key: Callable[[Record], object], pattern: str = ">"
) -> list[Record]:
    """The publications whose work was over only after that of a later event with the same key."""
    found: list[Record] = []
    earliest: dict[object, int] = {}  # by key, reading backwards: the first end among those published later
    for published, done in reversed(_turns(trace, services, pattern)):
        if done is None:
            continue
        which = key(published)
        if done.index > earliest.get(which, done.index):
            found.append(published)
        earliest[which] = min(done.index, earliest.get(which, done.index))
    return found[::-1]


def _turns(trace: Trace, services: Iterable[str], pattern: str) -> Sequence[tuple[Record, Record | None]]:
    """Every publication that fits, in order, and the record of the end of the first work on it, if there was one."""
    wanted = set(services)
    done: dict[str, Record] = {}
    for record in trace.of("handled"):
        if record.where in wanted and record.message is not None:
            done.setdefault(record.message.id, record)
    published = [r for r in trace.of("published") if r.message is not None and matches(pattern, r.message.type)]
    return [(record, done.get(record.message.id if record.message else "")) for record in published]
