"""Health and backlog of every service over time: when it worked, how much waited for it, how old its oldest news was.

Waiting for a service are events from their publication, and requests and commands from their first sending, until its
work on them is over or nobody tries again. So what is still in the bus's log, on its way, in the service's own queue or
in the hands of an asker who will try again all counts. Who is to get an event is seen from whom it was sent to, at any
time; while a service is away for good, from what it always got before.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from eventlab.door import door
from eventlab.event import Event
from eventlab.trace import ENDS, FAILURES, FAULTS, RECEIPTS, Record, Trace
from eventlab.views.drawing.wording import listed

SEEN = ("sent", "published", "handled", "refused", "ignored", "dead", "failed", "lost", "expired")  # and if one crashes
ASKS, ANSWERS = ("request", "tell"), frozenset(("reply", "refusal", *RECEIPTS))  # purposes
WORDS = {"crashed": "down", "partitioned": "cut off", "slowed": "slow"}


BEGINS = ("publish", *ASKS)
AnyQueue = TypeVar("AnyQueue", bound="Queue")


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


@door
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


class Queue:
    """What waits for one service, the oldest first. Whoever wants to know how that went on overrides `until`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: OrderedDict[str, int] = OrderedDict()  # by id: since when

    def begin(self, id: str, at: int) -> None:
        """From now on this waits, too."""
        if id not in self.waiting:
            self.until(at)
            self.waiting[id] = at

    def end(self, id: str, at: int) -> None:
        """It waits no longer."""
        if id in self.waiting:
            self.until(at)
            del self.waiting[id]

    def until(self, at: int) -> None:
        """What has waited since the last change goes on until now; then it changes."""


class _Points(Queue):
    """A queue that keeps a point for each change."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.points: list[Point] = []
        self.at: int | None = None

    def until(self, at: int) -> None:
        if self.at is not None:
            self.points.append(Point(self.at, len(self.waiting), next(iter(self.waiting.values()), self.at)))
        self.at = at


@door
def backlogs(trace: Trace, subject: str = "") -> dict[str, list[Point]]:
    """For each service, a point whenever what waits for it changes; of a `subject`, only messages about it count."""
    queues = follow(trace, _Points, subject)
    for queue in queues.values():
        queue.until(0)  # the last change is a point, too
    return {name: queue.points for name, queue in queues.items()}


def follow(trace: Trace, make: Callable[[str], AnyQueue], subject: str = "") -> dict[str, AnyQueue]:
    """Go through a trace with a queue for each name that something waits for, made when it first does.

    Of a `subject`, only messages about it count; they are looked for once, and what follows goes through them alone.
    """
    crashes = ("crashed", "received") if next(trace.of("crashed"), None) is not None else ()
    kinds = (*SEEN, *crashes)
    own = [*trace.about(subject, *kinds, always=crashes[:1])] if subject else None
    waiting = _Waiting(_Known(trace, trace.of("published", "sent") if own is None else own), make)
    asked, published, over = waiting.sent, waiting.published, waiting.over
    for record in trace.of(*kinds) if own is None else own:
        if record.purpose in ANSWERS:
            continue
        message, kind = record.message, record.kind
        if kind == "crashed":
            waiting.crash(record)
        elif message is None:
            continue
        elif kind == "sent":
            asked(record, message.id)
        elif kind == "handled" or kind == "ignored":
            over(record.where, message.id, record.at)
        elif kind == "published":
            published(record, message.id)
        elif isinstance(message, Event):
            if kind == "dead":
                over(record.other, message.id, record.at)
        else:
            waiting.request(record, message.id)
    return waiting.queues


class _Known:
    """What has to be known before a trace is gone through: it is little where little goes wrong.

    Only a message that met with trouble is sent again, so tries are counted of these alone. Only an event that is not
    sent on at the instant of its publication has to be looked up at its publication.
    """

    def __init__(self, trace: Trace, found: Iterable[Record]) -> None:
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
        self._look_at(found)

    def _look_at(self, found: Iterable[Record]) -> None:
        """What was published and sent, in order; other records among them say nothing here."""
        fresh, troubled = _Fresh(), self.troubled
        for record in found:
            purpose = record.purpose
            if purpose in ANSWERS or (message := record.message) is None:
                continue
            kind = record.kind
            if kind == "published":
                fresh.add(record, message.id)
            elif kind != "sent":
                continue
            elif purpose == "deliver":
                if not fresh.has(record, message.id):
                    self.late[message.id][record.other] = None
            elif purpose in ASKS and message.id in troubled:
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


class _Queues(dict[str, AnyQueue]):
    def __init__(self, make: Callable[[str], AnyQueue]) -> None:
        self.make = make

    def __missing__(self, name: str) -> AnyQueue:
        queue = self[name] = self.make(name)
        return queue


class _Waiting(Generic[AnyQueue]):
    """What waits for each service, and since when, while the records go by."""

    def __init__(self, known: _Known, make: Callable[[str], AnyQueue]) -> None:
        self.known, self.fresh = known, _Fresh()
        self.queues = _Queues(make)
        self.done: set[tuple[str, str]] = set()  # what a service is done with, though it may come again
        self.in_hand: dict[str, dict[str, None]] = defaultdict(dict)  # requests that a crash takes away
        self.before: Counter[tuple[str, str]] = Counter()  # for who is away for good, events published before, by type
        self.got: Counter[tuple[str, str]] = Counter()  # and of these, those that it was sent

    def crash(self, record: Record) -> None:
        """What the service had in hand is gone, unless somebody tries again."""
        where = record.where
        for id in [id for id in self.in_hand[where] if self.known.tries.get((where, id), -1) < record.index]:
            self._end(where, id, record.at)

    def sent(self, record: Record, id: str) -> None:
        """A request or a command waits from its first sending on; an event from its publication on, for all."""
        purpose, at = record.purpose, record.at
        if purpose == "deliver":
            fresh = self.fresh
            begins = (at == fresh.at and id in fresh.ids and not self.known.away) or self._is_first(record, id)
        else:
            begins = purpose in BEGINS
        if begins and (not self.done or (record.other, id) not in self.done):
            self.queues[record.other].begin(id, at)

    def published(self, record: Record, id: str) -> None:
        """From now on the event waits for all to whom it is sent on later, and for who is away and always got such."""
        self.over(record.where, id, record.at)
        self.fresh.add(record, id)
        known = self.known
        if not known.late and not known.away:
            return
        late = known.late.pop(id, {})
        type = record.message.type if record.message is not None else ""
        for name, since in known.away.items():
            if record.at < since:
                self.before[name, type] += 1
                self.got[name, type] += name in late
            elif self.got[name, type] and self.got[name, type] == self.before[name, type]:
                late[name] = None
        for name in late:
            if (name, id) not in self.done:
                self.queues[name].begin(id, record.at)

    def over(self, name: str, id: str, at: int) -> None:
        """A service is done with a message, for good."""
        if id in self.known.troubled:
            self.done.add((name, id))
        self._end(name, id, at)

    def request(self, record: Record, id: str) -> None:
        """What else becomes of a request or a command: it waits until it is done, or nobody tries again."""
        kind, where, at = record.kind, record.where, record.at
        if kind == "received":
            if record.purpose in ASKS:
                self.in_hand[where][id] = None
        elif kind == "refused":
            self.over(where, id, at)
        elif kind in ("failed", "lost", "expired"):
            name = record.other if kind == "expired" else where
            if self.known.tries.get((name, id), record.index) < record.index:  # nobody will try again
                self._end(name, id, at)

    def _is_first(self, record: Record, id: str) -> bool:
        """Whether an event is sent on at its publication; or later, if its publication was never seen."""
        known = self.known
        if self.fresh.has(record, id):
            if known.away and record.other in known.away and record.message is not None:
                self.got[record.other, record.message.type] += 1
            return True
        return id in known.late and known.late[id].pop(record.other, "") is None

    def _end(self, name: str, id: str, at: int) -> None:
        if self.in_hand:
            self.in_hand[name].pop(id, None)
        queue = self.queues.get(name)
        if queue is not None:
            queue.end(id, at)
