"""Who wants which events, how they are served, and which are still pending."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import maxsize

from eventlab.door import look_at_fields
from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.sim import Entry, nanoseconds


@lru_cache(10_000)
def matches(pattern: str, topic: str) -> bool:
    """Whether a topic (an event type) fits a pattern: `*` stands for one word, `>` at the end for one or more.

    A pattern may name alternatives with spaces between them: `flight.* gate.changed`.
    """
    words = topic.split(".")
    return any(_fits(one.split("."), words) for one in pattern.split())


def _fits(wanted: list[str], words: list[str]) -> bool:
    if wanted[-1] == ">":
        if len(words) < len(wanted):
            return False
        wanted = wanted[:-1]
    elif len(words) != len(wanted):
        return False
    return all(want in ("*", word) for want, word in zip(wanted, words, strict=False))


def check_pattern(pattern: str) -> str:
    """The pattern, or `Invalid` if it could never be meant: an empty word, or `>` before the end."""
    for one in pattern.split() or [""]:
        words = one.split(".")
        if not all(words) or ">" in words[:-1] or any(len(word) > 1 and ("*" in word or ">" in word) for word in words):
            expected = "words joined by dots, each a name or *, and > only as the last: flight.*, flight.>"
            raise Invalid("pattern", where="subscription", expected=expected, found=pattern)
    return pattern


@dataclass(frozen=True, slots=True)
class SubscriptionSettings:
    """How a subscription is served. Times in simulated seconds.

    A subscription with a `durable` name gets every event from its start on, at least once, whether or not anybody is
    there at the time; several services that share the name share the work. Without a name, it gets what is published
    while it is connected, at most once. A connection that breaks (crash, partition) is noticed and costs no try.
    """

    durable: str = ""
    deliver: str = "new"  # "all": begin with the oldest event of the log
    ack_wait: float = 30.0  # how long to wait for an acknowledgement before sending again
    max_deliver: int = 5  # tries before an event becomes a dead letter
    backoff: Sequence[float] = (1.0, 5.0, 30.0)  # the pause before each further try; the last one repeats
    max_ack_pending: int = 100  # how many unanswered events a subscription may have at once
    max_backlog: int = 0  # how many events may be pending before the bus refuses more of them; 0: no limit
    ordered: bool = True  # events of one subject are sent one after the other, also when one is tried again
    on_dead: str = "skip"  # "hold": the events of a dead letter's subject wait until it is redriven

    def __post_init__(self) -> None:
        look_at_fields(self, "ack_wait", "backoff")
        for name in ("max_deliver", "max_ack_pending"):
            if getattr(self, name) < 1:
                raise Invalid(name, where="subscription", expected="1 or more", found=getattr(self, name))
        if self.max_backlog < 0 or (self.max_backlog and not self.durable):
            expected = "0 or more; nothing stays pending without a durable name"
            raise Invalid("max_backlog", where="subscription", expected=expected, found=self.max_backlog)
        if not isinstance(self.backoff, list | tuple | range) or not self.backoff:
            raise Invalid("backoff", where="subscription", expected="at least one pause", found=self.backoff)
        for seconds in (self.ack_wait, *self.backoff):
            nanoseconds(seconds)
        for name, known in (("deliver", ("new", "all")), ("on_dead", ("skip", "hold"))):
            if getattr(self, name) not in known:
                raise unknown(name, getattr(self, name), known, where="subscription")
        if self.on_dead == "hold" and not self.ordered:
            raise Invalid("on_dead", where="subscription", expected='"skip" without order', found=self.on_dead)


class Delivery:
    """One event on its way to one subscription, through all its tries."""

    __slots__ = ("alarm", "event", "member", "number", "sent", "tries")

    def __init__(self, number: int, event: Event) -> None:
        self.number, self.event = number, event
        self.tries = 0  # that count
        self.sent = 0  # how often it was sent: an answer names the one that it belongs to
        self.member = ""
        self.alarm: Entry | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event the bus gave up for one subscription, after how many tries, and why."""

    event: Event
    tries: int
    reason: str


class Subscription:
    """One subscription with its backlog: `ready` to be sent, `pending` an answer, `behind` another of their subject."""

    def __init__(self, name: str, pattern: str, settings: SubscriptionSettings) -> None:
        self.name, self.pattern, self.settings = name, pattern, settings
        self.ack_wait = nanoseconds(settings.ack_wait)
        self.members: dict[str, int] = {}  # each with the number of events it has not answered yet
        self.ready: list[tuple[int, Delivery]] = []  # a heap: the earliest published first
        self.pending: dict[int, Delivery] = {}
        self.behind: dict[str, deque[Delivery]] = {}  # by subject; the key is there while one of it is on its way
        self.waiting = 0  # how many are behind another of their subject
        self.dead: list[DeadLetter] = []

    @property
    def backlog(self) -> int:
        """How many events wait for this subscription's attention or answer."""
        return len(self.ready) + len(self.pending) + self.waiting

    @property
    def room(self) -> int:
        """How many more events its backlog may take."""
        limit = self.settings.max_backlog
        return max(0, limit - self.backlog) if limit else maxsize

    def __repr__(self) -> str:
        return f"<Subscription {self.name} to {self.pattern}: backlog {self.backlog}, dead letters {len(self.dead)}>"
