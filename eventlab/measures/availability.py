"""Outages as data: services that stop and come back at random, and how much of the time they were up.

Every service has outages of its own, drawn from its own random numbers: independent, which real ones often are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from eventlab.faults import Crash
from eventlab.sim import Draws, nanoseconds
from eventlab.trace import Trace

Span = tuple[int, int]  # from when until when, in nanoseconds


def outages(names: Iterable[str], *, begin: int, end: int, up: float, down: float, seed: int = 0) -> list[Crash]:
    """Crashes between two instants: a service works for `up` seconds on average, then is down for `down`."""
    return [Crash(name, since, until) for name in names for since, until in _spans(name, begin, end, up, down, seed)]


def _spans(name: str, begin: int, end: int, up: float, down: float, seed: int) -> Iterator[Span]:
    draws, now = Draws(seed, f"outages of {name}"), begin
    while True:
        since = now + draws.exponential(nanoseconds(up))
        now = since + 1 + draws.exponential(nanoseconds(down))
        if since >= end:
            return
        yield since, min(now, end)


def down(trace: Trace, name: str, begin: int, end: int) -> list[Span]:
    """When a service was down between two instants, as the trace tells it."""
    spans: list[Span] = []
    since: int | None = None
    for record in trace.where("crashed", "restarted"):
        if record.where != name:
            continue
        if record.kind == "crashed":
            since = record.at
        elif since is not None:
            spans.append((since, record.at))
            since = None
    if since is not None:
        spans.append((since, end))
    return [(max(begin, a), min(end, b)) for a, b in spans if b > begin and a < end]


def share_up(trace: Trace, names: Sequence[str], begin: int, end: int) -> float:
    """The share of the time between two instants in which all of these services were up at once."""
    lost = reached = 0
    for since, until in sorted(span for name in names for span in down(trace, name, begin, end)):
        lost += max(0, until - max(since, reached))
        reached = max(reached, until)
    return 1 - lost / (end - begin)


def product(trace: Trace, names: Sequence[str], begin: int, end: int) -> float:
    """What the formula says: the availabilities of the parts, each measured by itself, multiplied."""
    return prod(share_up(trace, [name], begin, end) for name in names)
