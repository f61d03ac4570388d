"""Evidence: what has been done in a room and what came of it up to an instant, for whoever judges a mission."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.airports.metrics import truth_of
from eventlab.airports.rules import INTERESTS
from eventlab.control_room.acts import Act
from eventlab.control_room.chosen import title
from eventlab.control_room.course import Course
from eventlab.control_room.services import DONE, WORKING
from eventlab.control_room.tracks import MILLISECOND
from eventlab.subscription import matches
from eventlab.trace import Record

RANK = {"scheduled": 0, "delayed": 1, "departed": 2, "cancelled": 2, "arrived": 3, "diverted": 3}


class Side:
    """One architecture up to an instant."""

    def __init__(self, course: Course, now: int) -> None:
        self.course, self.now = course, now
        self.name = title((course.run.architecture, course.run.options))
        history = course.teller.history
        place = bisect_right(history, now, key=lambda entry: entry[0])
        self.figures: Mapping[str, Any] = history[place - 1][1] if place else Counter()

    def records(self) -> Iterator[Record]:
        """What has happened up to the instant."""
        for record in self.course.run.trace:
            if record.at > self.now:
                return
            yield record

    def told_twice(self) -> int:
        """How many people were told of a cancellation, or of a new seat, more than once."""
        told: Counter[tuple[str, str]] = Counter()
        asked: set[str] = set()
        for record in self.records():
            what = record.message
            if record.kind == "acted" and what is not None and what.id not in asked:
                asked |= {what.id} - {""}
                told[record.key, what.data["told"]] += 1
        twice = {key for (key, word), times in told.items() if word in ("cancelled", "rebooked") and times > 1}
        people = truth_of(self.course.scenario.commands)[1]
        return sum(people[key] for key in twice)

    def longest_wrong(self) -> float:
        """For how many minutes one row was wrong without a pause, at most."""
        longest, begin, history = 0.0, self.course.teller.tracks.begin, self.course.teller.history
        for (at, figures), next_at in zip(history, [*(at for at, _ in history[1:]), self.now], strict=True):
            if at <= self.now and figures["wrong"]:
                since = figures["wrong_since"] * MILLISECOND + begin
                longest = max(longest, min(next_at, self.now) - since)
        return longest / 60e9

    def went_back(self) -> int:
        """How often a row of the boards went back to what had been true earlier."""
        changes = (r for r in self.records() if r.kind == "changed" and r.where == "boards")
        return sum(_rank(change.after) < _rank(change.before) for change in changes if change.before and change.after)

    def most_waiting(self, service: str) -> int:
        """How many messages waited or were worked on there at once, at most."""
        return max(_levels(self.records(), service), default=0)

    def waiting_now(self, service: str) -> int:
        """How many wait or are worked on there at the end."""
        levels = [0, *_levels(self.records(), service)]
        return levels[-1]

    def kept(self, service: str) -> tuple[int, int]:
        """How many events the bus owed to a service: at most, and at the end."""
        owed: set[str] = set()
        most = 0
        for record in self.records():
            message = record.message
            if message is None:
                continue
            if record.kind == "published" and matches(INTERESTS[service], message.type):
                owed.add(message.id)
                most = max(most, len(owed))
            elif record.kind in ("acknowledged", "dead") and record.other == service:
                owed.discard(message.id)
        return most, len(owed)


def _rank(row: Mapping[str, Any]) -> int:
    return RANK.get(row.get("status", ""), 0)


def _levels(records: Iterator[Record], service: str) -> Iterator[int]:
    """How many messages a service has in hand, after each change."""
    level = 0
    for record in records:
        if record.where != service:
            continue
        if record.kind == "received" and record.purpose in WORKING:
            level += 1
        elif record.kind in DONE and record.purpose != "read":
            level = max(0, level - 1)
        elif record.kind == "crashed":
            level = 0
        yield level


@dataclass
class Evidence:
    """All architectures of a room up to an instant, by name, and the acts that began by then."""

    acts: Sequence[Act]
    sides: Mapping[str, Side]
    now: int
    end: int

    @property
    def over(self) -> bool:
        """Whether the room has been played to its end."""
        return self.now >= self.end


def evidence(courses: Sequence[Course], acts: Sequence[Act], now: int, end: int) -> Evidence:
    """What these courses show up to an instant."""
    sides = [Side(course, now) for course in courses]
    return Evidence([act for act in acts if act.at <= now], {side.name: side for side in sides}, now, end)
