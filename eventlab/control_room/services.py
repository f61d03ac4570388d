"""What each service does at any moment, read from the records of a trace: works, waits, is stopped, how much it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from eventlab.airports.assumptions import PAST
from eventlab.airports.cast import WORK
from eventlab.airports.rules import INTERESTS
from eventlab.control_room.tracks import Tracks
from eventlab.event import Command
from eventlab.subscription import matches
from eventlab.trace import Record

WORKING = ("deliver", "request", "tell")  # purposes of what somebody has to work on
TROUBLED = ("stopped", "cut", "slow")
DONE = ("handled", "failed", "refused", "ignored")
INTERESTED = {  # by type of command: whom its news concerns
    command: ("operations", *(name for name, pattern in INTERESTS.items() if matches(pattern, event)))
    for command, event in PAST.items()
}


@dataclass
class Standing:
    """What is known of one service (or of the bus, or of people) at present."""

    workers: int
    down: bool = False
    slowness: str = "1"
    in_hand: int = 0
    state: str = "idle"
    since: int = 0
    cut: dict[str, None] = field(default_factory=dict)  # from whom
    waits: dict[str, str] = field(default_factory=dict)  # for whom, by the request's id
    news: set[str] = field(default_factory=set)  # ids of commands whose news it has not handled
    concerned: bool = False
    saying: str = ""  # of airlines: the message that they said last,
    tries: int = 0  # and how often

    @property
    def busy(self) -> int:
        """How many work."""
        return min(self.in_hand, self.workers)

    @property
    def queue(self) -> int:
        """How many messages wait for somebody to work on them; none where nobody works."""
        return self.in_hand - self.busy if self.workers else 0

    def does(self) -> str:
        """Its state."""
        if self.down:
            return "stopped"
        if self.cut:
            return "cut"
        if self.slowness != "1":
            return "slow"
        if self.waits and len(self.waits) >= self.busy:
            return "waiting"
        return "working" if self.busy else "idle"

    def words(self, state: str) -> str:
        """Its state in words; "{for}" stands for how long it has been so."""
        if state in ("stopped", "cut"):
            return "stopped for {for}" if self.down else "cut off for {for}"
        if state == "slow":
            return f"slow, {self.slowness} times"
        if state == "waiting":
            return "waits for " + ", ".join(dict.fromkeys(self.waits.values()))
        if state == "working":
            works = "works" if self.busy == 1 else f"{self.busy} of {self.workers} work"
            return f"{works}, {self.queue:,} wait" if self.queue else works
        if self.tries:
            return "said it once" if self.tries == 1 else f"tried {self.tries} times"
        return "" if not self.workers else "not called for {for}" if self.news else "idle for {for}"


class Services:
    """Follows all services; `take` reads a record, `follow` sums up an instant, `write` puts it into the tracks."""

    def __init__(self, tracks: Tracks, names: tuple[str, ...], begin: int) -> None:
        self.tracks = tracks
        workers = {name: WORK[name][0] if name in WORK else 0 for name in names}
        self.all = {name: Standing(number, since=begin) for name, number in workers.items()}
        self.changed: dict[str, None] = dict.fromkeys(names)
        self.unwritten: dict[str, None] = {}

    def hear_of(self, command: Command) -> None:
        """An airline knows something new: whom it concerns does not know it yet."""
        if command.type == "flight.schedule":
            return  # the plan of the day is no news
        for name in INTERESTED[command.type]:
            standing = self.all[name]
            standing.concerned = True
            standing.news.add(command.id)
            self.changed[name] = None

    def take(self, record: Record) -> None:
        """Read one record."""
        reader = READERS.get(record.kind)
        standing = self.all.get(record.where)
        if reader is not None and standing is not None:
            reader(self, standing, record)
            self.changed[record.where] = None

    def _sent(self, standing: Standing, record: Record) -> None:
        if record.purpose == "request" and record.message is not None:
            standing.waits[record.message.id] = record.other
            if record.where == "airlines":
                id = record.message.id
                standing.tries = standing.tries + 1 if id == standing.saying else 1
                standing.saying = id

    def _received(self, standing: Standing, record: Record) -> None:
        if record.purpose in WORKING:
            standing.in_hand += 1
        elif record.purpose in ("reply", "refusal") and record.message is not None:
            standing.waits.pop(record.message.causationid, None)

    def _lost(self, standing: Standing, record: Record) -> None:
        caller = self.all.get(record.other)
        if record.purpose == "request" and standing.down and caller is not None and record.message is not None:
            caller.waits.pop(record.message.id, None)  # the machine says so at once: connection refused
            self.changed[record.other] = None

    def _done(self, standing: Standing, record: Record) -> None:
        if record.purpose != "read":  # what a follower reads in the store has not been sent to it
            standing.in_hand = max(0, standing.in_hand - 1)
        if record.kind == "handled" and record.message is not None and standing.news:
            standing.news.discard(record.message.correlationid or record.message.id)
            standing.news.discard(record.message.id)

    def _expired(self, standing: Standing, record: Record) -> None:
        if record.message is not None:
            standing.waits.pop(record.message.id, None)

    def _crashed(self, standing: Standing, record: Record) -> None:
        standing.down, standing.in_hand = True, 0
        standing.waits.clear()

    def _restarted(self, standing: Standing, record: Record) -> None:
        standing.down = False

    def _partitioned(self, standing: Standing, record: Record) -> None:
        standing.cut[record.other] = None

    def _healed(self, standing: Standing, record: Record) -> None:
        standing.cut.pop(record.other, None)

    def _slowed(self, standing: Standing, record: Record) -> None:
        standing.slowness = record.note

    def _staffed(self, standing: Standing, record: Record) -> None:
        standing.workers = int(record.note)

    def follow(self, now: int) -> bool:
        """Sum up what has changed up to now; whether some trouble began or ended."""
        troubled = False
        for name in self.changed:
            standing = self.all[name]
            state = standing.does()
            if state != standing.state:
                troubled |= state in TROUBLED or standing.state in TROUBLED
                standing.state, standing.since = state, now
        self.unwritten |= self.changed
        self.changed.clear()
        return troubled

    def write(self, now: int) -> None:
        """Write down what was summed up."""
        for name in self.unwritten:
            self.tracks.put(f"service/{name}", now, self._value(self.all[name]))
        self.unwritten.clear()

    def troubled(self) -> list[tuple[str, str]]:
        """Whoever is stopped, cut off or slow now, and which of these."""
        return [(name, each.state) for name, each in self.all.items() if each.state in TROUBLED]

    def _value(self, standing: Standing) -> dict[str, Any]:
        return {
            "state": standing.state,
            "busy": standing.busy,
            "workers": standing.workers,
            "since": self.tracks.moment(standing.since),
            "knows": not standing.news if standing.concerned else None,
            "word": standing.words(standing.state),
        }


READERS = {
    "sent": Services._sent,
    "received": Services._received,
    "lost": Services._lost,
    **dict.fromkeys(DONE, Services._done),
    "expired": Services._expired,
    "crashed": Services._crashed,
    "restarted": Services._restarted,
    "partitioned": Services._partitioned,
    "healed": Services._healed,
    "slowed": Services._slowed,
    "staffed": Services._staffed,
}
