"""Requests, measured from a trace: who waited for whom, how long, and what came of it.

`calls(trace)` pairs every request with its end; the other functions count over such a list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.event import Command
from eventlab.stage import SECOND
from eventlab.trace import RECEIPTS, Record, Trace

ANSWERED, REFUSED, FAILED, DOWN, SILENT, OPEN = "answered", "refused", "failed", "not running", "no reply", "open"
MOST = 1_000_000  # windows of time


@dataclass(slots=True)
class Call:
    """One request: `caller` waits for `callee` from `since` to `until` (nanoseconds); `outcome` is how it ended.

    The outcomes are `answered`, `refused` (a definite no), `failed` (the callee raised an error, `note` says which),
    `not running`, `no reply` (the caller gave up) and `open` (the trace ends, or the caller crashed, before that).
    """

    caller: str
    callee: str
    type: str
    subject: str
    id: str
    since: int
    until: int
    outcome: str = OPEN
    note: str = ""

    @property
    def waited(self) -> float:
        """How long the caller waited, in simulated seconds."""
        return (self.until - self.since) / SECOND


@door
def calls(trace: Trace) -> list[Call]:
    """Every request of the trace, in the order in which they were sent."""
    found: list[Call] = []
    open: dict[tuple[str, str, str], Call] = {}
    for record in trace.of("sent", "received", "lost", "expired"):
        message = record.message
        if message is None or record.purpose in RECEIPTS:
            continue
        if record.kind == "sent" and record.purpose == "request":
            call = Call(record.where, record.other, message.type, message.subject, message.id, record.at, record.at)
            found.append(call)
            open[record.where, record.other, message.id] = call
        elif (end := _end(record)) is not None:
            key, outcome, note = end
            if (ended := open.pop(key, None)) is not None:  # else it came too late: nobody waits any more
                ended.until, ended.outcome, ended.note = record.at, outcome, note
    last = trace[-1].at if len(trace) else 0
    for call in open.values():
        call.until = last
    return found


def _end(record: Record) -> tuple[tuple[str, str, str], str, str] | None:
    """Which request a record ends, how, and why: the request's caller, callee and id."""
    message = record.message
    assert message is not None
    if record.kind == "received" and record.purpose == "reply":
        return (record.where, record.other, message.causationid), ANSWERED, ""
    if record.kind == "received" and record.purpose == "refusal":
        outcome = FAILED if message.data.get("later") else REFUSED
        return (record.where, record.other, message.causationid), outcome, str(message.data.get("reason", ""))
    if record.kind == "lost" and record.purpose == "request" and record.note == f"{record.where} is down":
        return (record.other, record.where, message.id), DOWN, record.note
    if record.kind == "expired" and isinstance(message, Command):
        return (record.where, record.other, message.id), SILENT, "nobody knows whether it was done"
    return None


@door
def by_people(trace: Trace, since: int = 0) -> list[Call]:
    """What people (so the stage says) wanted from an instant on: the first try of each command and each question."""
    return first_tries(call for call in calls(trace) if call.caller in trace.stage.people and call.since >= since)


@door
def first_tries(chosen: Iterable[Call]) -> list[Call]:
    """Of every message that was sent more than once by one caller, only the first time."""
    first: dict[tuple[str, str], Call] = {}
    for call in chosen:
        first.setdefault((call.caller, call.id), call)
    return list(first.values())


@door
def failing(chosen: Iterable[Call]) -> dict[str, tuple[int, int]]:
    """For every type of call: how many were not answered, and how many there were; those still open do not count."""
    counts: dict[str, tuple[int, int]] = {}
    for call in chosen:
        if call.outcome == OPEN:
            continue
        failed, total = counts.get(call.type, (0, 0))
        counts[call.type] = failed + (call.outcome != ANSWERED), total + 1
    return counts


@door
def waiting(trace: Trace, service: str, type: str, subject: str = "") -> tuple[float, float]:
    """How long `service` took for its first message of this type, and how much of it it waited for others (seconds).

    Both are 0 where there was no such message, or no end of it.
    """
    begun: Record | None = None
    for record in trace.of("received", "handled", "failed", "refused"):
        message = record.message
        if record.where != service or message is None or message.type != type or message.subject != subject:
            continue
        if begun is None:
            begun = record
        elif record.kind != "received":
            own = [call for call in calls(trace) if call.caller == service and begun.at <= call.since <= record.at]
            return (record.at - begun.at) / SECOND, together(own)
    return 0.0, 0.0


@door
def together(chosen: Iterable[Call]) -> float:
    """For how long at least one of these calls was under way, in simulated seconds."""
    total = reached = 0
    for call in sorted(chosen, key=lambda call: call.since):
        total += max(0, call.until - max(call.since, reached))
        reached = max(reached, call.until)
    return total / SECOND


@door
def most_at_once(chosen: Iterable[Call]) -> int:
    """How many of these calls were under way at the same time, at most."""
    moments = sorted([(call.since, 1) for call in chosen] + [(call.until, -1) for call in chosen])
    now = most = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


@door
def connections(trace: Trace) -> set[tuple[str, str]]:
    """The pairs of services of which the first called the second; people, as the stage names them, are no service."""
    people = trace.stage.people
    return {(call.caller, call.callee) for call in calls(trace) if call.caller not in people}


@door
def through_time(chosen: Iterable[Call], *, seconds: float, until: float) -> dict[str, list[float]]:
    """For every callee, the calls a second that it was sent, in windows of so many simulated seconds up to `until`."""
    windows = _windows(seconds, until)
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for call in chosen:
        counts[call.callee][int(call.since / SECOND / seconds)] += 1
    return {name: [count[number] / seconds for number in range(windows)] for name, count in counts.items()}


@door
def share_answered(chosen: Iterable[Call], *, seconds: float, until: float) -> list[float]:
    """The share of the calls begun in each window that were answered, in percent; 100 where nobody called."""
    windows = _windows(seconds, until)
    asked: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for call in chosen:
        window = int(call.since / SECOND / seconds)
        asked[window] += 1
        answered[window] += call.outcome == ANSWERED
    return [100 * answered[n] / asked[n] if asked[n] else 100.0 for n in range(windows)]


def _windows(seconds: float, until: float) -> int:
    """How many windows there are; `Invalid` for none that can be counted."""
    if not seconds > 0:
        raise Invalid("seconds", where="requests", expected="more than 0", found=seconds)
    if not 0 <= until / seconds <= MOST:
        raise Invalid("until", where="requests", expected=f"up to {MOST:,} windows of {seconds:g} s", found=until)
    return int(until / seconds)
