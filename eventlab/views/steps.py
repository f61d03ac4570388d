"""Steps of a replay: which records they are, what is said at each, and how a picture changes from one to the next.

A moving view is a `Picture`, whose parts have names, and for each step a list of changes `[part, attribute, before,
after]`. It is computed once, for all steps; showing it is somebody else's business (`replay.js`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from eventlab.errors import Invalid, unknown
from eventlab.trace import Record, Trace
from eventlab.views.show import Picture, Point
from eventlab.views.text import RECEIPTS

MOST = 400  # steps in one replay: more are not looked at one by one
FAILURES = ("lost", "failed", "refused", "expired", "dead", "crashed", "partitioned")
FAULTS = ("crashed", "restarted", "partitioned", "healed", "slowed")
QUIET = ("acknowledged", "handled", "published")


class Change(NamedTuple):
    """One attribute of one part; the attribute "text" is its content."""

    part: str
    attribute: str
    before: str
    after: str


@dataclass
class View:
    """A picture that moves: what it is like before the first step, what changes at each, what travels along which way
    (x, y, x, y, …), and where to look. The picture itself, unmoved, shows the end."""

    name: str
    picture: Picture
    begin: list[Change] = field(default_factory=list)
    changes: list[list[Change]] = field(default_factory=list)
    moves: list[list[list[float]]] = field(default_factory=list)
    focus: list[str] = field(default_factory=list)


class Mover:
    """Collects a view's changes: `begin` says what a part is at first, `set` what it becomes, `step` ends a step."""

    def __init__(self, name: str, picture: Picture) -> None:
        self.view = View(name, picture)
        self._values: dict[tuple[str, str], str] = {}
        self._now: dict[tuple[str, str], Change] = {}
        self._moves: list[list[float]] = []
        self._focus = ""

    def begin(self, part: str, attribute: str, value: str) -> None:
        """What the picture shows before the first step."""
        self._values[part, attribute] = value
        self.view.begin.append(Change(part, attribute, "", value))

    def set(self, part: str, attribute: str, value: str) -> None:
        """What the part becomes at this step; it stays so until it is set again."""
        before = self._values.get((part, attribute), "")
        if before != value:
            first = self._now.get((part, attribute))
            self._now[part, attribute] = Change(part, attribute, first.before if first else before, value)
            self._values[part, attribute] = value

    def move(self, *way: Point) -> None:
        """Something is seen to travel at this step, through these points."""
        self._moves.append([round(number) for point in way for number in point])

    def look_at(self, part: str) -> None:
        """The part to bring into the window at this step."""
        self._focus = part

    def step(self) -> None:
        """This step is complete."""
        self.view.changes.append(list(self._now.values()))
        self.view.moves.append(self._moves)
        self.view.focus.append(self._focus)
        self._now, self._moves = {}, []


def steps(
    trace: Trace,
    *,
    flight: str = "",
    service: str = "",
    since: int | None = None,
    until: int | None = None,
    receipts: bool = False,
) -> list[int]:
    """The indexes of the records that a replay stops at.

    Of one `flight` (a subject), of one `service`, between two instants (nanoseconds); faults are always among them.
    Receipts (acknowledgements and confirmations) and book-keeping are left out unless asked for. Nothing to show, or
    a flight or service that does not occur, raises `Invalid`.
    """
    if not len(trace):
        raise Invalid("trace", where="replay", expected="at least one record", found="an empty trace")
    names = {record.where for record in trace} | {record.other for record in trace} - {""}
    if service and service not in names:
        raise unknown("service", service, sorted(names), where="replay")
    first, last = trace[0].at, trace[len(trace) - 1].at
    for name, instant in (("since", since), ("until", until)):
        if instant is not None and not first <= instant <= last:
            expected = f"an instant of the run, {first} to {last}"
            raise Invalid(name, where="replay", expected=expected, found=instant)
    found = [
        record.index
        for record in trace
        if (since is None or record.at >= since)
        and (until is None or record.at <= until)
        and (record.kind in FAULTS or _wanted(record, flight, service, receipts))
    ]
    if flight and not any(about(trace[index], flight) for index in found):
        raise Invalid("flight", where="replay", expected="a flight that occurs in the run's records", found=flight)
    if not found:
        raise Invalid("steps", where="replay", expected="at least one record that fits", found="none")
    return found


def _wanted(record: Record, flight: str, service: str, receipts: bool) -> bool:
    if flight and not about(record, flight):
        return False
    if service and service not in (record.where, record.other):
        return False
    return receipts or not (record.kind in QUIET or record.purpose in RECEIPTS)


def about(record: Record, flight: str) -> bool:
    """Whether a record is about a flight: its message's subject, or the entry of a state."""
    if record.message is not None:
        return record.message.subject == flight or record.message.data.get("flight") == flight
    return record.key == flight or record.key.startswith(f"{flight} ")


def first_few(found: Sequence[int], most: int = MOST) -> tuple[list[int], str]:
    """As many steps as a replay takes, and a sentence about those that were left out ("" if none)."""
    if len(found) <= most:
        return list(found), ""
    return list(found[:most]), f"The first {most} of {len(found)} steps; choose a flight or a time to see the others."
