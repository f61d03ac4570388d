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
from eventlab.trace import ENDS, FAILURES, FAULTS, RECEIPTS, Record, Trace
from eventlab.views.drawing.wording import listed

SEEN = ("sent", "published", "handled", "refused", "ignored", "dead", "failed", "lost", "expired")  # and if one crashes
ASKS, ANSWERS = ("request", "tell"), ("reply", "refusal", *RECEIPTS)  # purposes
WORDS = {"crashed": "down", "partitioned": "cut off", "slowed": "slow"}


Tell = Callable[[str, int, int, int], None]
Wanted = Callable[[Record], bool]


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

    for record in trace.of(*FAULTS):
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


def backlogs(trace: Trace, wanted: Wanted | None = None) -> dict[str, list[Point]]:
    """For each service, a point whenever what waits for it changes; only messages of `wanted` records count."""
    points: dict[str, list[Point]] = defaultdict(list)
    follow(trace, lambda name, *point: points[name].append(Point(*point)), wanted)
    return dict(points)


def follow(trace: Trace, tell: Tell, wanted: Wanted | None = None) -> None:
    """Go through a trace and `tell` of every change: whose, at which instant, how many wait then, and the oldest's."""
    waiting = _Waiting(_Known(trace), tell)
    for record in trace.of(*SEEN, *(("crashed", "received") if next(trace.of("crashed"), None) else ())):
        message = record.message
        if record.purpose in ANSWERS:
            continue
        if record.kind == "crashed":
            waiting.crash(record)
        elif message is not None and (wanted is None or wanted(record)):
            (waiting.event if isinstance(message, Event) else waiting.request)(record, message.id)


class _Known:
    """What has to be known before a trace is gone through: it is little where little goes wrong.

    Only a message that met with trouble is sent again, so tries are counted of these alone. Only an event that is not
    sent on at the instant of its publication has to be looked up at its publication.
    """

    def __init__(self, trace: Trace) -> None:
        self.troubled = {
            id
            for record in trace.of(*FAILURES, "retried", "ignored")
            if (message := record.message) is not None
            for id in (message.id, message.causationid if record.purpose in ANSWERS else message.id)
        }
        self.tries: dict[tuple[str, str], int] = {}  # of a service and a request, the index of its last sending
        self.late: dict[str, dict[str, None]] = defaultdict(dict)  # of an event, to whom it was sent on later
        self.away = {
            name: since
            for name, spans in health(trace).items()
            for since in [span.since for span in spans if span.until is None and span.kind != "slowed"][:1]
        }
        fresh = _Fresh()
        for record in trace.of("published", "sent"):
            kind, purpose, message = record.kind, record.purpose, record.message
            if message is None or purpose in ANSWERS:
                continue
            if kind == "published":
                fresh.add(record, message.id)
            elif purpose == "deliver":
                if not fresh.has(record, message.id):
                    self.late[message.id][record.other] = None
            elif purpose in ASKS and message.id in self.troubled:
                self.tries[record.other, message.id] = record.index


class _Fresh:
    """The events that were published at this very instant."""

    def __init__(self) -> None:
        self.at, self.ids = -1, set[str]()

    def add(self, record: Record, id: str) -> None:
        if record.at != self.at:
            self.at, self.ids = record.at, set()
        self.ids.add(id)

    def has(self, record: Record, id: str) -> bool:
        return record.at == self.at and id in self.ids


class _Waiting:
    """What waits for each service, and since when, while the records go by."""

    def __init__(self, known: _Known, tell: Tell) -> None:
        self.known, self.tell, self.fresh = known, tell, _Fresh()
        self.lanes: dict[str, OrderedDict[str, int]] = defaultdict(OrderedDict)  # by service: what waits, since when
        self.over: set[tuple[str, str]] = set()  # what a service is done with, though it may come again
        self.in_hand: dict[str, dict[str, None]] = defaultdict(dict)  # requests that a crash takes away
        self.before: Counter[tuple[str, str]] = Counter()  # for who is away for good, events published before, by type
        self.got: Counter[tuple[str, str]] = Counter()  # and of these, those that it was sent

    def crash(self, record: Record) -> None:
        """What the service had in hand is gone, unless somebody tries again."""
        where = record.where
        for id in [id for id in self.in_hand[where] if self.known.tries.get((where, id), -1) < record.index]:
            self._end(where, id, record.at)

    def request(self, record: Record, id: str) -> None:
        """A request or a command: it waits from its first sending until it is done, or nobody tries again."""
        kind, where, at = record.kind, record.where, record.at
        if kind == "sent":
            if record.purpose in ASKS:
                self._begin(record.other, id, at)
        elif kind == "received":
            if record.purpose in ASKS:
                self.in_hand[where][id] = None
        elif kind in ("handled", "refused", "ignored"):
            self._over(where, id, at)
        elif kind in ("failed", "lost", "expired"):
            name = record.other if kind == "expired" else where
            if self.known.tries.get((name, id), record.index) < record.index:  # nobody will try again
                self._end(name, id, at)

    def event(self, record: Record, id: str) -> None:
        """An event: it waits from its publication on, for everybody who is to get it."""
        kind, where, at = record.kind, record.where, record.at
        if kind == "sent":
            if record.purpose == "publish" or (record.purpose == "deliver" and self._is_first(record, id)):
                self._begin(record.other, id, at)
        elif kind == "published":
            self._over(where, id, at)
            self._publish(record, id)
        elif kind in ("handled", "ignored", "dead"):
            self._over(record.other if kind == "dead" else where, id, at)

    def _is_first(self, record: Record, id: str) -> bool:
        """Whether an event is sent on at its publication; or later, if its publication was never seen."""
        if self.fresh.has(record, id):
            if record.other in self.known.away and record.message is not None:
                self.got[record.other, record.message.type] += 1
            return True
        return id in self.known.late and self.known.late[id].pop(record.other, "") is None

    def _publish(self, record: Record, id: str) -> None:
        """From now on the event waits for all to whom it is sent on later, and for who is away and always got such."""
        self.fresh.add(record, id)
        late = self.known.late.pop(id, {})
        type = record.message.type if record.message is not None else ""
        for name, since in self.known.away.items():
            if record.at < since:
                self.before[name, type] += 1
                self.got[name, type] += name in late
            elif self.got[name, type] and self.got[name, type] == self.before[name, type]:
                late[name] = None
        for name in late:
            self._begin(name, id, record.at)

    def _begin(self, name: str, id: str, at: int) -> None:
        lane = self.lanes[name]
        if id not in lane and (name, id) not in self.over:
            lane[id] = at
            self._note(name, lane, at)

    def _over(self, name: str, id: str, at: int) -> None:
        if id in self.known.troubled:
            self.over.add((name, id))
        self._end(name, id, at)

    def _end(self, name: str, id: str, at: int) -> None:
        if self.in_hand:
            self.in_hand[name].pop(id, None)
        lane = self.lanes[name]
        if lane.pop(id, None) is not None:
            self._note(name, lane, at)

    def _note(self, name: str, lane: OrderedDict[str, int], at: int) -> None:
        self.tell(name, at, len(lane), next(iter(lane.values())) if lane else at)
