"""Steps of a replay: which records they are, what is said at each, and how a picture changes from one to the next.

A moving view is a `Picture`, whose parts have names, and for each step a list of changes `[part, attribute, before,
after]`. It is computed once, for all steps; showing it is somebody else's business (`player/replay.js`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.trace import Record, Trace
from eventlab.views.drawing.picture import Box, Picture, Point, text_width
from eventlab.views.drawing.text import RECEIPTS

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
    (x, y, x, y, …), and where to look. The picture itself, unmoved, shows the end. `about` says which parts belong to
    a message (its id) besides those that carry it."""

    name: str
    picture: Picture
    begin: list[Change] = field(default_factory=list)
    changes: list[list[Change]] = field(default_factory=list)
    moves: list[list[list[float]]] = field(default_factory=list)
    focus: list[str] = field(default_factory=list)
    about: dict[str, list[str]] = field(default_factory=dict)


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
        """The part that is highlighted at this step and brought into the window."""
        self._focus = part

    def belongs(self, part: str, message: str) -> None:
        """The part is highlighted together with this message."""
        parts = self.view.about.setdefault(message, [])
        if part not in parts:
            parts.append(part)

    def step(self) -> None:
        """This step is complete."""
        self.view.changes.append(list(self._now.values()))
        self.view.moves.append(self._moves)
        self.view.focus.append(self._focus)
        self._now, self._moves, self._focus = {}, [], ""


def loosen(picture: Picture, *grounds: str) -> Picture:
    """The picture with the coloured grounds of its labels as boxes of their own, "t7.ground" behind the label "t7".

    So that they can change; with `grounds`, only those of these colours.
    """
    boxes, labels = [], []
    for label in picture.labels:
        if label.part and label.ground and (not grounds or label.ground in grounds):
            wide = label.wide or text_width(label.text, label.size)
            x = label.x - 3 + wide / 2 if label.left else label.x
            name = f"{label.part}.ground"
            boxes.append(Box(x, label.y, wide - 1, label.size + 1, label.ground, label.ground, part=name))
            label = replace(label, ground="")
        labels.append(label)
    return replace(picture, boxes=[*boxes, *picture.boxes], labels=labels)


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
    if not isinstance(trace, Trace):
        raise Invalid("trace", where="replay", expected="a run or its trace", found=trace)
    if not len(trace):
        raise Invalid("trace", where="replay", expected="at least one record", found="an empty trace")
    names = {record.where for record in trace} | {record.other for record in trace} - {""}
    if service and service not in names:
        raise unknown("service", service, sorted(names), where="replay")
    first, last = trace[0].at, trace[len(trace) - 1].at
    for name, instant in (("since", since), ("until", until)):
        if instant is not None and (instant.__class__ is not int or not first <= instant <= last):
            expected = f"an instant of the run (nanoseconds, such as scenario.at(...) gives), {first} to {last}"
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


def subject_of(message: Message) -> str:
    """What a message is about: its subject, or the flight that it names."""
    return message.subject or str(message.data.get("flight", ""))


def subject(record: Record) -> str:
    """What a record is about: its message's flight, or that of the entry that changed ("UA1545-EWR-0208 booked")."""
    return subject_of(record.message) if record.message is not None else record.key.split(" ")[0]


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
