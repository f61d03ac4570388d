"""Health and backlog of every service over time: when it worked, how much waited for it, how old its oldest news was.

Waiting for a service are events from their publication, and requests and commands from their first sending, until its
work on them is over or nobody tries again. So what is still in the bus's log, on its way, in the service's own queue or
in the hands of an asker who will try again all counts. Who is to get an event is seen from whom it was sent to, at any
time; while a service is away for good, from what it always got before.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import NamedTuple

from eventlab.event import Event
from eventlab.trace import ENDS, Record, Trace
from eventlab.views.drawing.wording import listed

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
        told = {"crashed": "", "slowed": f", {''.join(others)} × as long"}.get(kind, f" from {listed(others, 2)}")
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


def backlogs(trace: Trace, wanted: Callable[[Record], bool] = lambda record: True) -> dict[str, list[Point]]:
    """For each service, a point whenever what waits for it changes; only messages of `wanted` records count."""
    waiting = _Waiting(trace)
    for record in trace:
        if record.kind == "crashed":
            waiting.crash(record)
        if record.message is None or not wanted(record):
            continue
        if isinstance(record.message, Event):
            waiting.event(record, record.message.id)
        else:
            waiting.request(record, record.message.id)
    return dict(waiting.points)


class _Waiting:
    """What waits for each service, and since when, while the records go by."""

    def __init__(self, trace: Trace) -> None:
        self.receivers, self.tries = _receivers(trace), _last_tries(trace)
        self.lanes: dict[str, OrderedDict[str, int]] = defaultdict(OrderedDict)  # by service: what waits, since when
        self.points: dict[str, list[Point]] = defaultdict(list)
        self.over: set[tuple[str, str]] = set()  # what a service is done with: it may come again
        self.in_hand: dict[str, dict[str, None]] = defaultdict(dict)  # requests that a crash takes away

    def crash(self, record: Record) -> None:
        """What the service had in hand is gone, unless somebody tries again."""
        where = record.where
        for id in [id for id in self.in_hand[where] if self.tries.get((where, id), -1) < record.index]:
            self._end(where, id, record.at)

    def request(self, record: Record, id: str) -> None:
        """A request or a command: it waits from its first sending until it is done, or nobody tries again."""
        kind, where, at = record.kind, record.where, record.at
        if kind in ("sent", "received") and record.purpose in ("request", "tell"):
            if kind == "sent":
                self._begin(record.other, id, at)
            else:
                self.in_hand[where][id] = None
        elif kind in ("handled", "refused", "ignored"):
            self._over(where, id, at)
        elif kind in ("failed", "lost", "expired"):
            name = record.other if kind == "expired" else where
            if self.tries.get((name, id), record.index) < record.index:  # nobody will try again
                self._end(name, id, at)

    def event(self, record: Record, id: str) -> None:
        """An event: it waits from its publication on, for everybody who is to get it."""
        kind, where, at = record.kind, record.where, record.at
        if kind == "sent" and record.purpose in ("publish", "deliver"):
            self._begin(record.other, id, at)
        elif kind == "published":
            self._over(where, id, at)
            for name in self.receivers.get(id, ()):
                self._begin(name, id, at)
        elif kind in ("handled", "ignored", "dead"):
            self._over(record.other if kind == "dead" else where, id, at)

    def _begin(self, name: str, id: str, at: int) -> None:
        if id not in self.lanes[name] and (name, id) not in self.over:
            self.lanes[name][id] = at
            self._note(name, at)

    def _over(self, name: str, id: str, at: int) -> None:
        self.over.add((name, id))
        self._end(name, id, at)

    def _end(self, name: str, id: str, at: int) -> None:
        self.in_hand[name].pop(id, None)
        if self.lanes[name].pop(id, None) is not None:
            self._note(name, at)

    def _note(self, name: str, at: int) -> None:
        lane = self.lanes[name]
        self.points[name].append(Point(at, len(lane), next(iter(lane.values()), at)))


def _last_tries(trace: Trace) -> dict[tuple[str, str], int]:
    """For each service and each request or command (by id) the index of its last sending."""
    return {
        (record.other, record.message.id): record.index
        for record in trace.of("sent")
        if record.message is not None and record.purpose in ("request", "tell")
    }


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
