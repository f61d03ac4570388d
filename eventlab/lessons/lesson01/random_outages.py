"""Services that stop and come back at random.

Every service has outages of its own, drawn from its own random numbers: independent, which real ones often are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eventlab.faults import Crash
from eventlab.measures.availability import Span
from eventlab.sim import Draws, nanoseconds
from eventlab.times import Instant


def outages(names: Iterable[str], *, begin: int, end: int, up: float, down: float, seed: int = 0) -> list[Crash]:
    """Crashes between two instants: a service works for `up` seconds on average, then is down for `down`."""
    spans = [(name, span) for name in names for span in _spans(name, begin, end, up, down, seed)]
    return [Crash(name, Instant(since), Instant(until)) for name, (since, until) in spans]


def _spans(name: str, begin: int, end: int, up: float, down: float, seed: int) -> Iterator[Span]:
    draws, now = Draws(seed, f"outages of {name}"), begin
    while True:
        since = now + draws.exponential(nanoseconds(up))
        now = since + 1 + draws.exponential(nanoseconds(down))
        if since >= end:
            return
        yield since, min(now, end)
