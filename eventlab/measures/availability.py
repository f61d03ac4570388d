"""How much of the time services were up, as the trace tells it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.trace import Trace

Span = tuple[int, int]  # from when until when, in nanoseconds


@door
def down(trace: Trace, name: str, begin: int, end: int) -> list[Span]:
    """When a service was down between two instants, as the trace tells it."""
    spans: list[Span] = []
    since: int | None = None
    for record in trace.of("crashed", "restarted"):
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


@door
def availability(trace: Trace, names: Sequence[str], begin: int, end: int) -> float:
    """The share of the time between two instants in which all of these services were up at once."""
    if begin >= end:
        raise Invalid("end", where="availability", expected=f"an instant after the begin, {begin}", found=end)
    lost = reached = 0
    for since, until in sorted(span for name in names for span in down(trace, name, begin, end)):
        lost += max(0, until - max(since, reached))
        reached = max(reached, until)
    return 1 - lost / (end - begin)


@door
def product_of_parts(trace: Trace, names: Sequence[str], begin: int, end: int) -> float:
    """What the formula says: the availabilities of the parts, each measured by itself, multiplied."""
    return prod(availability(trace, [name], begin, end) for name in names)
