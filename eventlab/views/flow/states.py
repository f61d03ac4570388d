"""What each service does at a moment: it works, it waits for another, it is idle, it has stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from eventlab.event import Event
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.records import WORK
from eventlab.views.drawing.wording import duration

LOOK = 20_000  # records before the moment: what was begun earlier is over, or will never be
LONG = 60 * 10**9  # a minute without a message is worth a word
DONE = ("handled", "failed", "refused", "ignored", "published")


class State(NamedTuple):
    """One of "works", "waits", "idle", "stopped" and "" (nothing to be said), and the word for it."""

    kind: str
    words: str


NOTHING = State("", "")


class States:
    """The services while the records go by."""

    def __init__(self, stage: Stage, records: Iterable[Record] = ()) -> None:
        self.stage = stage
        self._working: dict[str, dict[str, None]] = defaultdict(dict)
        self._waiting: dict[str, dict[str, str]] = defaultdict(dict)
        self._stopped: dict[str, int] = {}
        self._touched: dict[str, int] = {}
        for record in records:
            self.take(record)

    def take(self, record: Record) -> None:
        """The next record."""
        kind, where, id = record.kind, record.where, record.message.id if record.message else ""
        if kind == "crashed":
            self._working.pop(where, None)
            self._waiting.pop(where, None)
            self._stopped[where] = record.at
        elif kind == "restarted":
            self._stopped.pop(where, None)
        elif kind == "sent":
            self._touched[where] = self._touched[record.other] = record.at
            if record.purpose == "request":
                self._waiting[where][id] = record.other
        elif kind == "received":
            self._receive(record, id)
        elif kind == "expired":
            self._waiting[where].pop(id, None)
        elif kind in DONE:
            self._working[where].pop(id, None)

    def _receive(self, record: Record, id: str) -> None:
        self._touched[record.where] = record.at
        if record.purpose in WORK:
            self._working[record.where][id] = None
        elif record.message is not None and not isinstance(record.message, Event):
            self._waiting[record.where].pop(record.message.causationid, None)

    def of(self, name: str, now: int | None = None) -> State:
        """The state of a service; with an instant `now`, also how long it has been so."""
        if name in self.stage.people:
            return NOTHING
        if name in self._stopped:
            since = self._stopped[name]
            at = f"stopped at {self.stage.clock(since)}"
            return State("stopped", f"stopped for {duration(now - since)}" if now is not None else at)
        if waits := self._waiting.get(name):
            names = set(waits.values())
            return State("waits", f"waits for {names.pop() if len(names) == 1 else f'{len(waits)} answers'}")
        if works := self._working.get(name):
            return State("works", "works" if len(works) == 1 else f"works, {len(works)} at hand")
        return self._idle(name, now)

    def _idle(self, name: str, now: int | None) -> State:
        last = self._touched.get(name)
        if last is None:
            return State("idle", "not called yet")
        if now is not None and now - last >= LONG:
            return State("idle", f"idle for {duration(now - last)}")
        return NOTHING


def states_at(trace: Trace, at: int) -> States:
    """The states after the record with index `at`."""
    return States(trace.stage, trace.records[max(0, at + 1 - LOOK) : at + 1])
