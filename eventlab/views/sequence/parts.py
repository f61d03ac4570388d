"""The parts of a sequence diagram as plain data, each with its place, from 0 downwards."""

from __future__ import annotations

from typing import TypedDict

from eventlab.event import Message
from eventlab.trace import Record

LEFT = 98  # room for clock times at the left
ARROWS = ("sent", "received", "lost", "duplicated")


class Lane(TypedDict):
    """A lifeline, and its name as it is shown; `low` if that stands in a second row."""

    name: str
    shown: str
    x: float
    low: bool


class Again(TypedDict):
    """A second arrival of a message."""

    part: str
    y: float
    end: str
    delay: int | None
    label: str
    label_x: float
    label_y: float
    label_wide: float


class Arrow(TypedDict):
    """A message from its sending to its end. `sent` is None if that was before the first record that is shown."""

    part: str
    packet: int
    source: str
    target: str
    purpose: str
    people: bool
    message: Message | None
    sent: int | None
    x1: float
    y1: float
    x2: float
    y2: float
    end: str
    delay: int | None
    note: str
    tries: int
    beside: bool  # one of several copies sent at once
    follows: bool  # and not the first of them
    again: list[Again]
    label: str
    label_x: float
    label_y: float
    label_wide: float


class Note(TypedDict):
    """What happens at one place: a dot with words beside it."""

    part: str
    kind: str
    name: str
    x: float
    y: float
    record: Record
    others: list[str]
    words: str
    label_x: float
    label_wide: float


class Span(TypedDict):
    """The time in which something was wrong with a service; None where it began or ended beyond what is shown."""

    part: str
    kind: str
    name: str
    x: float
    y1: float
    y2: float | None
    since: int | None
    until: int | None


class Bar(TypedDict):
    """The time in which a service worked on a message ("works") or waited for an answer ("waits")."""

    part: str
    kind: str
    x: float
    y1: float
    y2: float


class Text(TypedDict):
    """A text at a height: a clock time at the left, or the words of a band."""

    y: float
    text: str


class Pair(TypedDict):
    """How many messages with one purpose went from one to another, counted instead of drawn."""

    source: str
    target: str
    purpose: str
    count: int
    lost: int
    x1: float
    x2: float
    people: bool
    y: float


class More(TypedDict):
    """What is only counted."""

    y: float
    text: str
    messages: int
    notes: int
    lost: int
    pairs: list[Pair]


class Lifelines(TypedDict):
    """All parts with their places. `rows` says where each record stands, `parts` which parts it brings."""

    lanes: list[Lane]
    arrows: list[Arrow]
    notes: list[Note]
    times: list[Text]
    bands: list[Text]
    headings: list[float]
    spans: list[Span]
    bars: list[Bar]
    more: More | None
    rows: dict[int, float]
    parts: dict[int, list[str]]
    width: float
    end: float
    height: float


class Diagram(Lifelines):
    """The parts, and sentences about them; `told` are the rows of the longer one, `top` is where the lifelines begin.

    `words` says more about each arrow and each dot, by its part.
    """

    short: str
    summary: str
    told: list[str]
    top: int
    words: dict[str, str]
