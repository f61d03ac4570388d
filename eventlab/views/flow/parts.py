"""The parts of a flow graph as plain data: boxes and arrows, what they count, and where they stand."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict

from eventlab.views.drawing.shapes import Point

Key = tuple[str, str, str]  # from whom, to whom, kind of arrow


class Count(TypedDict):
    """A number beside its arrow."""

    x: float
    y: float
    text: str
    width: float


class Edge(TypedDict):
    """All messages of one kind between two: how many there were, answers and receipts (`back`), and what went wrong.

    `now` is what is on its way: what it is, and whether it travels along the arrow or back.
    """

    source: str
    target: str
    kind: str
    count: int
    back: int
    failures: Counter[str]
    notes: list[str]
    failed: int
    words: str
    now: list[tuple[str, bool]]
    points: list[Point]
    head: list[Point]
    width: float
    label: Count


class Node(TypedDict):
    """The box of one name; `stopped` says when it was down, `line` what it does at the moment that is shown.

    `state` is one of "works", "waits", "idle", "stopped" and "".
    """

    name: str
    shown: str
    x: float
    y: float
    width: float
    height: float
    role: str
    stopped: str
    state: str
    line: str
    words: str


class Flow(TypedDict):
    """The whole graph, and sentences about it."""

    nodes: list[Node]
    edges: list[Edge]
    short: str
    summary: str


def edge(key: Key) -> Edge:
    """An arrow that has counted nothing yet and stands nowhere."""
    source, target, kind = key
    return {
        "source": source, "target": target, "kind": kind, "count": 0, "back": 0, "failures": Counter(), "notes": [],
        "failed": 0, "words": "", "now": [], "points": [], "head": [], "width": 0.0,
        "label": {"x": 0.0, "y": 0.0, "text": "", "width": 0.0},
    }  # fmt: skip
