"""The flow graph: who sends what to whom, and who waits for whom.

`layout` counts and places (plain data), `flow_graph` draws it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import NamedTuple

import networkx as nx

from eventlab.door import door_but
from eventlab.errors import Invalid, unknown
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, message, titled
from eventlab.views.drawing.shapes import hatch, marker
from eventlab.views.drawing.style import (
    BUTTON,
    COMMAND,
    EVENT,
    EVENT_GROUND,
    GREY,
    GROUND,
    INK,
    NAME,
    OFF,
    OFF_INK,
    PAPER,
    PEOPLE,
    QUIET,
    REQUEST,
    REQUEST_GROUND,
    SMALL,
    STORED,
    WIDTH,
    WRONG,
)  # fmt: skip
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import listed, sentence_case
from eventlab.views.flow import positions
from eventlab.views.flow.conclusion import conclusion
from eventlab.views.flow.counts import count, travelling
from eventlab.views.flow.parts import Edge, Flow, Key, Node
from eventlab.views.flow.states import NOTHING, State, states_at

STYLES = {  # colour, dash, and what it means
    "event": (EVENT, "solid", "event: sent on, nobody waits"),
    "request": (REQUEST, "dash", "request of a service, which waits for the answer"),
    "people": (PEOPLE, "dot", "people tell or ask"),
    "tell": (COMMAND, "dashdot", "command without an answer"),
    "stored": (STORED, "longdash", "stored as an event"),
}
FILLS = {"bus": EVENT_GROUND, "store": EVENT_GROUND, "service": PAPER, "people": GROUND}
ROWS = 3  # of what the graph comes to
SHARES = (0, 0.1, -0.1)  # where the dots of several messages on one arrow stand


@door_but("trace")
def layout(trace: Trace, at: int | None = None, *, since: int = 0, services: Sequence[str] = ()) -> Flow:
    """Nodes with their places, edges with their counts, and sentences about them, as plain data.

    Counted are the records from index `since` to index `at` (default: all of them), and of those the arrows that
    touch one of the `services` (default: any). What cannot be drawn raises `Invalid`.
    """
    counted, stops = count(trace, at, since)
    edges, names = chosen_of(counted, list(stops), services)
    last = len(trace) - 1 if at is None else at
    plan = place(edges, names, stops, trace.stage, _doing(trace, at, names))
    going = travelling(trace, last)
    for edge in plan["edges"]:
        edge["now"] = going.get((edge["source"], edge["target"], edge["kind"]), [])
    return plan


def chosen_of(counted: dict[Key, Edge], stopped: list[str], services: Sequence[str]) -> tuple[list[Edge], list[str]]:
    """The edges to draw, and the names that they join."""
    names = list(dict.fromkeys(name for source, target, _ in counted for name in (source, target)))
    if not names:
        raise Invalid("records", where="flow graph", expected="at least one message that was sent", found="none")
    names += [name for name in stopped if name not in names]
    for name in services:
        if name not in names:
            raise unknown("service", name, sorted(names), where="flow graph")
    if not services:
        return list(counted.values()), names
    edges = [edge for edge in counted.values() if edge["source"] in services or edge["target"] in services]
    ends = {name for edge in edges for name in (edge["source"], edge["target"])}
    return edges, [name for name in names if name in services or name in ends]


def _doing(trace: Trace, at: int | None, names: Sequence[str]) -> dict[str, State]:
    """What each service does at a record; the end of a run is no such moment, but who has stopped then has stopped."""
    if at is not None:
        known = states_at(trace, at)
        return {name: known.of(name, trace[at].at) for name in names}
    last = {record.where: record.kind for record in trace.of("crashed", "restarted")}
    return {name: State("stopped", "") for name, kind in last.items() if kind == "crashed"}


def place(
    edges: list[Edge], names: Sequence[str], stops: dict[str, str], stage: Stage, doing: Mapping[str, State]
) -> Flow:
    """Everything in its place."""
    waiting = nx.DiGraph([(e["source"], e["target"]) for e in edges if e["kind"] in ("request", "people")])
    nodes = {
        name: positions.node(name, point, edges, stops, waiting, stage, doing.get(name, NOTHING))
        for name, point in positions.find(names, stage).items()
    }
    for edge in edges:
        positions.bend(edge, edges, nodes)
    positions.put_labels(edges, list(nodes.values()))
    short, long = conclusion(edges, stops, stage)
    return {"nodes": list(nodes.values()), "edges": edges, "short": short, "summary": long}


@door_but("trace")
def flow_graph(
    trace: Trace, at: int | None = None, *, since: int = 0, services: Sequence[str] = (), title: str = ""
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, at, since=since, services=services)
    except Invalid as problem:
        return message("No flow graph", str(problem))
    going = [f"{what} ({edge['source']} – {edge['target']})" for edge in plan["edges"] for what, _ in edge["now"]]
    if going:
        plan["summary"] = plain(f"On its way now, ●: {listed(going, 2)}. {plan['summary']}")
    picture = draw(plan, title)
    return replace(picture, lines=[*picture.lines, *_travelling(plan)])


# Draw -----------------------------------------------------------------------------------------------------------------


def draw(plan: Flow, title: str) -> Picture:
    """The picture of a layout."""
    heading = f"{title}: {plan['short']}" if title else sentence_case(plan["short"])
    told = wrap(plan["summary"], 123, break_on_hyphens=False)[:ROWS] or [""]
    sheet = Sheet(*titled(heading, told))
    for number, edge in enumerate(plan["edges"]):
        colour, dash, _ = STYLES[edge["kind"]]
        label, bold = edge["label"], bool(edge["failed"])
        sheet.add(Line(edge["points"], colour, edge["width"], dash, edge["head"], edge["words"], f"edge{number}"))
        x, y, text = label["x"], label["y"], label["text"]
        sheet.add(Label(x, y, text, SMALL, number_colour(bold), GROUND, bold=bold, part=f"count{number}"))
    for number, node in enumerate(plan["nodes"]):
        _draw_node(node, number, sheet)
    _legend(plan, sheet)
    return sheet.picture(WIDTH, positions.HEIGHT, f"{heading}. {plan['summary']}")


def _draw_node(node: Node, number: int, sheet: Sheet) -> None:
    x, y, look = node["x"], node["y"], looks(node["state"], node["role"])
    size = (node["width"], node["height"])
    strokes = hatch(x, y, *size) if node["state"] == "waits" else ()
    box = Box(x, y, *size, look.fill, look.border, look.dash, node["words"], f"node{number}")
    sheet.add(replace(box, corner=BUTTON, thick=look.thick, strokes=strokes))
    sheet.add(Label(x, y - (9 if node["line"] else 0), node["shown"], NAME, look.ink, bold=True, part=f"name{number}"))
    if node["line"]:
        casing = look.fill if node["state"] == "waits" else ""
        sheet.add(Label(x, y + 11, node["line"], SMALL, look.ink, casing, part=f"line{number}"))
    if node["state"] == "stopped":
        sheet.add(Label(x + node["width"] / 2 - 11, y - 12, "✕", SMALL, look.ink, bold=True))


class Look(NamedTuple):
    """How the box of a service looks: it is not its colour alone that says what it does."""

    fill: str
    border: str
    dash: str
    thick: float
    ink: str


def looks(state: str, role: str) -> Look:
    """The look of a state, for one of people, a bus, a store or a service."""
    if role == "people":
        return Look(GROUND, INK, "dot", 1.5, INK)
    own = EVENT if role in ("bus", "store") else INK
    return {
        "works": Look(EVENT_GROUND, EVENT, "solid", 2.5, INK),
        "waits": Look(REQUEST_GROUND, REQUEST, "solid", 2.5, INK),
        "idle": Look(GROUND, QUIET, "solid", 1.5, GREY),
        "stopped": Look(OFF, GREY, "dash", 1.5, OFF_INK),
    }.get(state, Look(FILLS[role], own, "solid", 1.5, INK))


def _travelling(plan: Flow) -> list[Line]:
    """A dot on its arrow for each message that is on its way: what goes back is nearer to the arrow's end."""
    dots = []
    for edge in plan["edges"]:
        points, places = edge["points"], Counter[bool]()
        for what, along in edge["now"]:
            places[along] += 1
            if points and places[along] <= len(SHARES):
                share = (0.3 if along else 0.7) + SHARES[places[along] - 1]
                dot = marker("circle", *points[round(share * (len(points) - 1))])
                dots.append(Line(dot, INK, 4, head=dot, words=f"on its way now: {what}"))
    return dots


def number_colour(wrong: bool) -> str:
    """The colour of a count."""
    return WRONG if wrong else INK


def _legend(plan: Flow, sheet: Sheet) -> None:
    """What the lines mean: only those that are there."""
    x, y = 18.0, positions.HEIGHT - 52.0
    for kind, (colour, dash, words) in STYLES.items():
        if not any(edge["kind"] == kind for edge in plan["edges"]):
            continue
        wide = 56 + text_width(words, SMALL)
        if x + wide > WIDTH:
            x, y = 18.0, y + 20
        sheet.add(Line([(x, y), (x + 36, y)], colour, 2.5, dash), Label(x + 42, y, words, SMALL, left=True))
        x += wide
    note = "Numbers: how many messages, and how many of these went wrong."
    sheet.add(Label(18, y + 20, note, SMALL, GREY, left=True))
