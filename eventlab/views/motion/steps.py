"""Steps of a replay: which records they are, what is said at each, and how a picture changes from one to the next.

A moving view is a `Picture`, whose parts have names, and for each step a list of changes `[part, attribute, before,
after]`. It is computed once, for all steps; showing it is somebody else's business (`player/replay.js`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import NamedTuple

from eventlab.errors import Invalid
from eventlab.trace import Trace
from eventlab.views.drawing.picture import Box, Picture
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.writing import label_width
from eventlab.views.motion.choice import Choice, check_subject, check_trace

MOST = 400  # steps in one replay: more are not looked at one by one


class Change(NamedTuple):
    """One attribute of one part; the attribute "text" is its content."""

    part: str
    attribute: str
    before: str
    after: str


@dataclass
class View:
    """A picture that moves: what it is like before the first step, what changes at each, what travels along which way
    (x, y, x, y, …), and where to look. The picture itself, unmoved, shows the end, or else `still` does. `about` says
    which parts belong to a message (its id) besides those that carry it."""

    name: str
    picture: Picture
    begin: list[Change] = field(default_factory=list)
    changes: list[list[Change]] = field(default_factory=list)
    moves: list[list[list[float]]] = field(default_factory=list)
    focus: list[str] = field(default_factory=list)
    about: dict[str, list[str]] = field(default_factory=dict)
    still: Picture | None = None


class Mover:
    """Collects a view's changes: `begin` says what a part is at first, `set` what it becomes, `step` ends a step."""

    def __init__(self, name: str, picture: Picture, still: Picture | None = None) -> None:
        self.view = View(name, picture, still=still)
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


def loosen(picture: Picture) -> Picture:
    """The picture with the grounds of its labels as boxes of their own, so that they can change.

    They are called "t7.ground" behind the label "t7".
    """
    boxes, labels = [], []
    for label in picture.labels:
        if label.part and label.ground:
            wide = label.wide or label_width(label.text, label.size)
            x = label.x - 3 + wide / 2 if label.left else label.x
            name = f"{label.part}.ground"
            boxes.append(Box(x, label.y, wide - 1, label.size + 1, label.ground, label.ground, part=name))
            label = replace(label, ground="")
        labels.append(label)
    return replace(picture, boxes=[*picture.boxes, *boxes], labels=labels)


def steps(trace: Trace, choice: Choice = Choice(), where: str = "replay", most: int | None = None) -> list[int]:
    """The indexes of the records that a replay stops at: those of the choice, or the first `most` of them.

    Nothing to show, or a subject or service that does not occur, raises `Invalid`.
    """
    choice.check(trace, where)
    found = [record.index for record in islice(choice.records(trace), most)]
    whole = most is None or len(found) < most
    check_subject(map(trace.__getitem__, found) if whole else choice.records(trace), choice.subject, where, trace.stage)
    if not found:
        raise Invalid("steps", where=where, expected="at least one record that fits", found="none")
    return found


def first_few(trace: Trace, choice: Choice, where: str, most: int = MOST) -> tuple[list[int], str]:
    """As many `steps` as a replay takes, and a sentence about those that were left out ("" if none)."""
    found = steps(trace, choice, where, most + 1)
    if len(found) <= most:
        return found, ""
    count = choice.count(trace)
    return found[:most], f"The first {most} of {count:,} steps; choose a subject or a time to see the others."


def moment(trace: Trace, at: int | None, when: int | None, where: str) -> tuple[int, int]:
    """The index of the last record that counts, and the instant: that record's, or `when` itself.

    `at` is a record's index, `when` an instant in nanoseconds; without both, it is the end of the trace.
    """
    check_trace(trace, where)
    last = len(trace) - 1
    if last < 0:
        raise Invalid("trace", where=where, expected="at least one record", found="an empty trace")
    if when is not None:
        begin, end = trace[0].at, trace[last].at
        if not begin <= when <= end:
            raise Invalid("when", where=where, expected=f"an instant of the run, {begin} to {end}", found=when)
        return bisect_right(trace.records, when, key=lambda record: record.at) - 1, when
    if at is not None and not 0 <= at <= last:
        raise Invalid("at", where=where, expected=f"a record's index, 0 to {last}", found=at)
    index = last if at is None else at
    return index, trace[index].at


def checked(trace: Trace, steps: Sequence[int], where: str) -> Sequence[int]:
    """The steps, if they are indexes of records in ascending order, and there is one."""
    last = len(trace) - 1
    if not steps or steps[0] < 0 or steps[-1] > last or any(a > b for a, b in pairwise(steps)):
        expected = f"ascending indexes of records, 0 to {last}"
        raise Invalid("steps", where=where, expected=expected, found=list(steps[:5]))
    return steps
