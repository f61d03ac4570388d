"""The flow graph: who sends what to whom, and who waits for whom.

`layout` counts and places (plain data), `flow_graph` draws it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import networkx as nx

from eventlab.errors import Invalid, unknown
from eventlab.trace import Trace
from eventlab.views.charts.chart import marker
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, message, text_width
from eventlab.views.drawing.text import plain
from eventlab.views.flow import counts, positions

PEOPLE = ("airlines", "passengers")
# Colours of Okabe and Ito, which colour-blind people can tell apart; the dashes and the words below say the same.
STYLES = {
    "event": ("#0072B2", "solid", "event: sent on, nobody waits"),
    "request": ("#D55E00", "dash", "request of a service, which waits for the answer"),
    "people": (GREY, "dot", "people tell or ask"),
    "tell": ("#000000", "dashdot", "command without an answer"),
    "stored": ("#009E73", "longdash", "stored as an event"),
}
FILLS = {"bus": "#d6eaf5", "store": "#d3efe4"}
DOWN, WRONG = "#ffe2cc", "#F0E442"
Plan = dict[str, Any]  # what `layout` gives


def layout(
    trace: Trace,
    at: int | None = None,
    *,
    since: int = 0,
    services: Sequence[str] = (),
    people: Sequence[str] = PEOPLE,
) -> Plan:
    """Nodes with their places, edges with their counts, and sentences about them, as plain data.

    Counted are the records from index `since` to index `at` (default: all of them), and of those the arrows that
    touch one of the `services` (default: any). What cannot be drawn raises `Invalid`.
    """
    edges, stops = counts.count(trace, at, since, people)
    names = list(dict.fromkeys(name for source, to, _ in edges for name in (source, to)))
    if not names:
        raise Invalid("records", where="flow graph", expected="at least one message that was sent", found="none")
    names += [name for name in stops if name not in names]
    for name in services:
        if name not in names:
            raise unknown("service", name, sorted(names), where="flow graph")
    if services:
        edges = {key: edge for key, edge in edges.items() if key[0] in services or key[1] in services}
        names = [name for name in names if name in services or any(name in key[:2] for key in edges)]
    waiting = nx.DiGraph([key[:2] for key in edges if key[2] in ("request", "people")])
    nodes = [
        positions.node(name, place, edges, stops, waiting, people) for name, place in positions.find(names).items()
    ]
    drawn = [
        positions.bend({"source": a, "target": b, "kind": c, **edge}, edges, nodes) for (a, b, c), edge in edges.items()
    ]
    positions.put_labels(drawn, nodes)
    short, long = counts.conclusion(edges, stops)
    now = counts.travelling(trace, len(trace) - 1 if at is None else at, people)
    for edge in drawn:
        edge["now"] = now.get((edge["source"], edge["target"], edge["kind"]), [])
    return {"nodes": nodes, "edges": drawn, "short": short, "summary": long}


def flow_graph(
    trace: Trace,
    at: int | None = None,
    *,
    since: int = 0,
    services: Sequence[str] = (),
    people: Sequence[str] = PEOPLE,
    title: str = "",
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, at, since=since, services=services, people=people)
    except Invalid as problem:
        return message("No flow graph", str(problem))
    going = [f"{what} ({edge['source']} – {edge['target']})" for edge in plan["edges"] for what, _ in edge["now"]]
    if going:
        more = f" and {len(going) - 2} more" if len(going) > 2 else ""
        plan["summary"] = plain(f"On its way now, ●: {', '.join(going[:2])}{more}. {plan['summary']}")
    picture = draw(plan, title)
    return replace(picture, lines=[*picture.lines, *_travelling(plan)])


# Draw -----------------------------------------------------------------------------------------------------------------


def draw(plan: Plan, title: str) -> Picture:
    """The picture of a layout."""
    heading = f"{title}: {plan['short']}" if title else plan["short"].capitalize()
    lines, labels = [], [Label(18, 22, heading, 16, bold=True, left=True)]
    labels += [Label(18, 46 + 18 * n, part, 13, GREY, left=True) for n, part in enumerate(_rows(plan["summary"]))]
    for number, edge in enumerate(plan["edges"]):
        colour, dash, _ = STYLES[edge["kind"]]
        lines.append(Line(edge["points"], colour, edge["width"], dash, edge["head"], edge["words"], f"edge{number}"))
        label = edge["label"]
        ground = WRONG if edge["failed"] else GROUND
        bold, part = bool(edge["failed"]), f"count{number}"
        labels.append(Label(label["x"], label["y"], label["text"], 12, INK, ground, bold=bold, part=part))
    boxes = []
    for number, node in enumerate(plan["nodes"]):
        people = node["role"] == "people"
        dash = "dash" if node["stopped"] else "dot" if people else "solid"
        place, ground = (node["x"], node["y"], node["width"], node["height"]), fill(node, stopped=bool(node["stopped"]))
        boxes.append(Box(*place, ground, INK, dash, node["words"], f"node{number}"))
        lift = 8 if node["stopped"] else 0
        labels.append(Label(node["x"], node["y"] - lift, node["shown"], bold=True))
        if node["stopped"]:
            labels.append(Label(node["x"], node["y"] + 11, node["stopped"], 11))
    _legend(plan, lines, labels)
    return Picture(positions.WIDTH, positions.HEIGHT, f"{heading}. {plan['summary']}", lines, boxes, labels)


def _travelling(plan: Plan, most: int = 3) -> list[Line]:
    """A dot on its arrow for each message that is on its way: what goes back is nearer to the arrow's end."""
    dots = []
    for edge in plan["edges"]:
        points, places = edge["points"], Counter[bool]()
        for what, along in edge["now"]:
            places[along] += 1
            if points and places[along] <= most:
                share = (0.3 if along else 0.7) + (0, 0.1, -0.1)[places[along] - 1]
                dot = marker("circle", *points[round(share * (len(points) - 1))])
                dots.append(Line(dot, INK, 4, head=dot, words=f"on its way now: {what}"))
    return dots


def fill(node: dict[str, Any], *, stopped: bool) -> str:
    """The colour of a node's box."""
    return DOWN if stopped else FILLS.get(node["role"], GROUND if node["role"] == "people" else "#eeeeee")


def _rows(text: str, width: int = 124) -> list[str]:
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= width:
            rows.append("")
        rows[-1] += f"{word} "
    return [row.strip() for row in rows][:3]


def _legend(plan: Plan, lines: list[Line], labels: list[Label]) -> None:
    """What the lines mean: only those that are there."""
    x, y = 18.0, positions.HEIGHT - 52.0
    for kind, (colour, dash, words) in STYLES.items():
        if not any(edge["kind"] == kind for edge in plan["edges"]):
            continue
        wide = 50 + 0.85 * text_width(words, 12)  # words are narrower than the digits that it reckons with
        if x + wide > positions.WIDTH:
            x, y = 18.0, y + 20
        lines.append(Line([(x, y), (x + 36, y)], colour, 2.5, dash))
        labels.append(Label(x + 42, y, words, 12, left=True))
        x += wide
    failed = any(edge["failed"] for edge in plan["edges"])
    note = "Numbers: how many messages. ✕ of these went wrong." if failed else "Numbers: how many messages."
    labels.append(Label(18, y + 20, note, 12, GREY, left=True))
