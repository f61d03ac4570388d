"""The rows of the departure boards through time: what each says, and since when it has been wrong.

A row counts as wrong as in `airports.metrics`: from two hours before the planned departure until 15 minutes after the
flight left (or was to leave last, as far as anybody knew).
"""

from __future__ import annotations

from typing import Any

from eventlab.airports.clocks import HOUR, MINUTE
from eventlab.airports.metrics import Moment
from eventlab.airports.rules import GROUND
from eventlab.airports.stage import AIRPORTS, STAGE
from eventlab.control_room.people import Plan
from eventlab.control_room.tracks import Tracks
from eventlab.trace import Record
from eventlab.views.boards_rows import place_of

BEFORE, AFTER = 2 * HOUR, 15 * MINUTE
SAYS = {"scheduled": "on time", "": "?"}  # others as they are


class Rows:
    """Follows the boards' rows; `numbers` are the flights' own ("UA1545") by key."""

    def __init__(self, tracks: Tracks, numbers: dict[str, str], plan: Plan) -> None:
        self.tracks, self.numbers, self.plan = tracks, numbers, plan
        self.shown: dict[str, Any] = {}  # what the boards know, by flight
        self.true: dict[str, Moment] = {}
        self.planned: dict[str, int] = {}
        self.ends: dict[str, int] = {}  # when a row does not count any more
        self.counts: dict[str, None] = {}  # the flights whose rows count now
        self.wrong: dict[str, int] = {}  # since when
        self.changed: dict[str, None] = {}
        self.unwritten: dict[str, tuple[Any, int | None]] = {}  # what the boards know, and since when it is wrong

    def know(self, key: str, moment: Moment) -> None:
        """The truth about a flight has changed."""
        if key not in self.planned:
            self.planned[key] = moment.estimate
            self.plan(max(moment.since, moment.estimate - BEFORE), lambda now: self._begins(key))
        on_the_ground = moment.status in (*GROUND, "cancelled")
        was_gone = key in self.true and self.true[key].status not in (*GROUND, "cancelled")
        self.true[key] = moment
        if not was_gone:  # what becomes of a flight that has left changes no departure
            end = self.ends[key] = (moment.estimate if on_the_ground else moment.since) + AFTER
            self.plan(end, lambda now: self._ends(key, now))
        self.changed[key] = None

    def _begins(self, key: str) -> None:
        self.counts[key] = self.changed[key] = None

    def _ends(self, key: str, now: int) -> None:
        if now >= self.ends[key]:
            self.counts.pop(key, None)
            self.changed[key] = None

    def take(self, record: Record) -> None:
        """Read one record: a change of what the boards know."""
        if record.kind == "changed" and record.where == "boards" and record.key in self.numbers:
            self.shown[record.key] = record.after
            self.changed[record.key] = None

    def follow(self, now: int) -> None:
        """Sum up what has changed up to now."""
        for key in self.changed:
            true, row = self.true.get(key), self.shown.get(key)
            says = (row.get("status", ""), row.get("estimate", 0)) if row is not None else None
            wrong = key in self.counts and true is not None and says != true[1:]
            if not wrong:
                self.wrong.pop(key, None)
            self.wrong.setdefault(key, now) if wrong else None
            if row is not None or wrong:
                self.unwritten[key] = row, self.wrong.get(key)
        self.changed.clear()

    def write(self, now: int) -> None:
        """Write down what was summed up."""
        for key, (row, wrong) in self.unwritten.items():
            self.tracks.put(f"board/{place_of(key, AIRPORTS)}/{key}", now, self._value(key, row, wrong))
        self.unwritten.clear()

    def _value(self, key: str, row: Any, wrong: int | None) -> dict[str, Any]:
        row = {"status": "not listed"} if row is None else row
        planned = row.get("planned") or self.planned.get(key, 0)
        status, estimate = row.get("status", ""), row.get("estimate", planned)
        says = SAYS.get(status, status)
        if status in GROUND and estimate != planned:
            says = f"del {STAGE.clock(estimate)}"
        return {
            "time": STAGE.clock(planned) if planned else "?",
            "flight": self.numbers[key],
            "to": row.get("dest", ""),
            "gate": row.get("gate", "").rpartition("-")[2],
            "status": says,
            "wrong": None if wrong is None else self.tracks.moment(wrong),
        }

    def figures(self) -> dict[str, Any]:
        """How many rows count now, how many of them are wrong, and since when."""
        since = min(self.wrong.values(), default=None)
        return {
            "rows": len(self.counts),
            "wrong": len(self.wrong),
            "wrong_since": None if since is None else self.tracks.moment(since),
        }
