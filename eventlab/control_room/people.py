"""People: who has news to hear, who was told, in time or late, who has a seat on another flight, who has none.

The figures are those of `airports.metrics`: a person who is to hear of a delay and then of a cancellation counts for
each, and is late when more than `LATE` passes between the news and the telling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eventlab.airports.metrics import LATE, Moment
from eventlab.airports.rules import WORTH_TELLING
from eventlab.control_room.tracks import Tracks
from eventlab.trace import Record

FIGURES = ("hear", "told", "untold", "overdue", "late", "moved", "without")
Plan = Callable[[int, Callable[[int], None]], None]  # when, and what is to be called then


@dataclass
class Notice:
    """One thing that the people of a flight are to hear: since when it is known, and when they were told."""

    since: int
    told: int | None = None
    overdue: bool = False

    @property
    def late(self) -> bool:
        """Whether they were told late, or have not been told though it is late."""
        return self.overdue or (self.told is not None and self.told - self.since > LATE)


class People:
    """Follows the people of all flights, `booked` on each at first; `plan` calls back when time has passed."""

    def __init__(self, tracks: Tracks, booked: Mapping[str, int], plan: Plan, begin: int) -> None:
        self.tracks, self.booked, self.plan = tracks, booked, plan
        self.notices: dict[str, dict[str, Notice]] = {}  # by flight and word
        self.first: dict[str, int] = {}  # the planned departure of each flight
        self.told_before: dict[tuple[str, str], int] = {}  # acts on what nobody knew to be true
        self.moved: dict[str, dict[str, int]] = {}
        self.left: dict[str, int] = {}  # without a seat, by flight
        self._gained: list[tuple[int, str, int]] = []  # when, which flight, how many more are booked on it
        self.changed: dict[str, None] = dict.fromkeys(booked)
        self.unwritten: dict[str, None] = {}
        self._counted: dict[str, dict[str, int]] = {}  # what each flight adds to the figures
        self._sum: Counter[str] = Counter()

    def know(self, key: str, moment: Moment) -> None:
        """The truth about a flight has changed: people may have something to hear."""
        planned = self.first.setdefault(key, moment.estimate)
        delayed = moment.status == "delayed" and moment.estimate - planned >= WORTH_TELLING
        word = "cancelled" if moment.status == "cancelled" else "delayed" if delayed else ""
        of_flight = self.notices.setdefault(key, {})
        if not word or word in of_flight:
            return
        notice = of_flight[word] = Notice(moment.since, self.told_before.pop((key, word), None))
        self.changed[key] = None

        def due(now: int) -> None:
            if notice.told is None:
                notice.overdue = True
                self.changed[key] = None

        self.plan(moment.since + LATE + 1, due)

    def take(self, record: Record) -> None:
        """Read one record: an act of telling, or a change of seats."""
        if record.kind == "acted":
            self._told(record)
        elif record.kind == "changed" and record.where == "rebooking":
            self._seats(record)

    def _told(self, act: Record) -> None:
        what = act.message
        if what is None or what.type != "passengers.told":
            return
        word = what.data["told"]
        notice = self.notices.get(act.key, {}).get(word)
        if notice is None:
            self.told_before.setdefault((act.key, word), act.at)
        elif notice.told is None:
            notice.told, notice.overdue = act.at, False
            self.changed[act.key] = None

    def _seats(self, change: Record) -> None:
        """Whoever gains people gains them from the flight whose row says next, at the same instant, who is left."""
        before, after, key = change.before, change.after, change.key
        if not isinstance(after, Mapping):
            if self.left.pop(key, None) is not None:
                self.changed[key] = None
            return
        if isinstance(before, Mapping) and (more := after.get("booked", 0) - before.get("booked", 0)) > 0:
            self._gained.append((change.at, key, more))
        if "left" in after and self.left.get(key) != after["left"]:
            self.left[key] = after["left"]
            self.moved[key] = {flight: more for at, flight, more in self._gained if at == change.at}
            self._gained.clear()
            self.changed[key] = None

    def follow(self) -> None:
        """Sum up what has changed up to now."""
        for key in self.changed:
            counted = self._count(key)
            self._sum.subtract(self._counted.get(key, {}))
            self._sum.update(counted)
            self._counted[key] = counted
        self.unwritten |= self.changed
        self.changed.clear()

    def write(self, now: int) -> None:
        """Write down what was summed up."""
        for key in self.unwritten:
            if key in self.booked:
                self.tracks.put(f"people/{key}", now, self._value(key))
        self.unwritten.clear()

    def _value(self, key: str) -> dict[str, Any]:
        people, notices = self.booked[key], self.notices.get(key, {}).values()
        untold = any(notice.told is None for notice in notices)
        late = not untold and any(notice.late for notice in notices)
        return {
            "n": people,
            "hear": 1 if notices else 0,
            "told": people if notices and not untold and not late else 0,
            "late": people if late else 0,
            "untold": people if untold else 0,
            "overdue": any(notice.overdue for notice in notices),
            "since": self.tracks.moment(min(notice.since for notice in notices)) if notices else None,
            "moved": [[flight, more] for flight, more in self.moved.get(key, {}).items()],
            "without": self.left.get(key, 0),
        }

    def _count(self, key: str) -> dict[str, int]:
        """What a flight adds to the figures."""
        people, notices = self.booked.get(key, 0), self.notices.get(key, {}).values()
        return {
            "hear": people * len(notices),
            "told": people * sum(notice.told is not None and not notice.late for notice in notices),
            "untold": people * sum(notice.told is None for notice in notices),
            "overdue": people * sum(notice.overdue for notice in notices),
            "late": people * sum(notice.late for notice in notices),
            "moved": sum(self.moved.get(key, {}).values()),
            "without": self.left.get(key, 0),
        }

    def figures(self) -> dict[str, int]:
        """How many people have something to hear, were told in time, not told, not told though it is late, late."""
        return {name: self._sum[name] for name in FIGURES}
