"""Health and backlog of every service over time: when it worked, how much waited for it, how old its oldest news was.

Waiting for a service are events from their publication, and requests and commands from their first sending, until its
work on them is over or nobody tries again. So what is still in the bus's log, on its way, in the service's own queue or
in the hands of an asker who will try again all counts. Who is to get an event is seen from whom it was sent to, at any
time; while a service is away for good, from what it always got before.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from eventlab.event import Event, Message
from eventlab.trace import Record, Trace

ENDS = {"crashed": "restarted", "partitioned": "healed", "slowed": "slowed"}
WORDS = {"crashed": "down", "partitioned": "cut off", "slowed": "slow"}


class Span(NamedTuple):
    """What was wrong with a service, from when until when (None: to the end)."""

    kind: str
    since: int
    until: int | None
    words: str


class Point(NamedTuple):
    """From this instant on, so many messages wait, and the oldest has waited since then."""

    at: int
    waiting: int
    oldest: int


def health(trace: Trace) -> dict[str, list[Span]]:
    """The spans in which each service was down, slow or cut off, in the order of their beginning."""
    open: dict[tuple[str, str], tuple[int, list[str]]] = {}
    found: dict[str, list[Span]] = defaultdict(list)

    def close(kind: str, name: str, until: int | None) -> None:
        since, others = open.pop((kind, name))
        told = {"crashed": "", "slowed": f", {''.join(others)} × as long"}.get(kind, f" from {_listed(others)}")
        found[name].append(Span(kind, since, until, WORDS[kind] + told))

    for record in trace:
        kind, name = record.kind, record.where
        if kind == "slowed":
            if (kind, name) in open:
                close(kind, name, record.at)
            if record.note != "1":
                open[kind, name] = (record.at, [record.note])
        elif kind in ENDS:
            open.setdefault((kind, name), (record.at, []))[1].append(record.other)
        elif kind == "restarted" and ("crashed", name) in open:
            close("crashed", name, record.at)
        elif kind == "healed" and ("partitioned", name) in open:
            close("partitioned", name, record.at)
    for kind, name in list(open):
        close(kind, name, None)
    return {name: sorted(spans, key=lambda span: span.since) for name, spans in found.items()}


def _listed(names: list[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def backlogs(trace: Trace, wanted: Callable[[Record], bool] = lambda record: True) -> dict[str, list[Point]]:
    """For each service, a point whenever what waits for it changes; only messages of `wanted` records count."""
    receivers, tries = _receivers(trace), _last_tries(trace)
    lanes: dict[str, OrderedDict[str, int]] = defaultdict(OrderedDict)  # by service: what waits, since when
    points: dict[str, list[Point]] = defaultdict(list)
    over: set[tuple[str, str]] = set()  # what a service is done with: it may come again
    in_hand: dict[str, dict[str, None]] = defaultdict(dict)  # requests that a crash takes away

    def note(name: str, at: int) -> None:
        lane = lanes[name]
        points[name].append(Point(at, len(lane), next(iter(lane.values()), at)))

    def begin(name: str, id: str, at: int) -> None:
        if id not in lanes[name] and (name, id) not in over:
            lanes[name][id] = at
            note(name, at)

    def end(name: str, id: str, at: int) -> None:
        in_hand[name].pop(id, None)
        if lanes[name].pop(id, None) is not None:
            note(name, at)

    for record in trace:
        about, where, at, kind = record.message, record.where, record.at, record.kind
        if kind == "crashed":
            for id in [id for id in in_hand[where] if tries.get((where, id), -1) < record.index]:
                end(where, id, at)
        if about is None or not wanted(record):
            continue
        if isinstance(about, Event):
            _event(record, about, receivers, over, begin, end)
        elif kind == "sent" and record.purpose in ("request", "tell"):
            begin(record.other, about.id, at)
        elif kind == "received" and record.purpose in ("request", "tell"):
            in_hand[where][about.id] = None
        elif kind in ("handled", "refused", "ignored"):
            over.add((where, about.id))
            end(where, about.id, at)
        elif kind in ("failed", "lost", "expired"):
            name = record.other if kind == "expired" else where
            if tries.get((name, about.id), record.index) < record.index:  # nobody will try again
                end(name, about.id, at)
    return dict(points)


def _last_tries(trace: Trace) -> dict[tuple[str, str], int]:
    """For each service and each request or command (by id) the index of its last sending."""
    return {
        (record.other, record.message.id): record.index
        for record in trace.of("sent")
        if record.message is not None and record.purpose in ("request", "tell")
    }


def _event(
    record: Record,
    about: Message,
    receivers: Mapping[str, list[str]],
    over: set[tuple[str, str]],
    begin: Callable[[str, str, int], None],
    end: Callable[[str, str, int], None],
) -> None:
    where, at, id = record.where, record.at, about.id
    if record.kind == "sent" and record.purpose in ("publish", "deliver"):
        begin(record.other, id, at)
    elif record.kind == "published":
        over.add((where, id))
        end(where, id, at)
        for name in receivers.get(id, ()):
            begin(name, id, at)
    elif record.kind in ("handled", "ignored", "dead"):
        name = record.other if record.kind == "dead" else where
        over.add((name, id))
        end(name, id, at)


def _receivers(trace: Trace) -> dict[str, list[str]]:
    """For each event (by id) the services that it was, or would have been, sent to."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    types: dict[str, str] = {}
    published: dict[str, int] = {}
    for record in trace.of("published", "sent"):
        if record.message is None:
            continue
        if record.kind == "published":
            published.setdefault(record.message.id, record.index)
            types[record.message.id] = record.message.type
        elif record.purpose == "deliver":
            found[record.message.id][record.other] = None
    for name, spans in health(trace).items():
        away = next((span.since for span in spans if span.until is None and span.kind != "slowed"), None)
        if away is None:
            continue
        before = Counter(types[id] for id, index in published.items() if trace[index].at < away)
        got = Counter(types[id] for id, index in published.items() if trace[index].at < away and name in found[id])
        for id, index in published.items():
            if trace[index].at >= away and got[types[id]] and got[types[id]] == before[types[id]]:
                found[id][name] = None
    return {id: list(names) for id, names in found.items()}
