"""Where things stand in a flow graph: a place for each name, a curve for each arrow, room for each label.

The places belong to the names and not to the run, so that pictures of different runs can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, log10, radians, sin
from typing import Any

import networkx as nx

from eventlab.views.drawing.picture import Point, text_width
from eventlab.views.flow.counts import Edge, Key

WIDTH, HEIGHT = 830, 550
CENTRE, RADIUS = (435.0, 275.0), (290.0, 175.0)
# Services stand on an ellipse with the bus in its middle (angles in degrees, upwards from the right).
ANGLES = {"operations": 180, "gates": 112, "rebooking": 58, "notices": 14, "baggage": -38, "boards": -112}
GAPS = (-75, 85, -150, 148)  # where somebody new finds room between them, off the line from operations to the bus


def _on_ellipse(angle: float, wide: float = 1.0) -> Point:
    x, y = wide * RADIUS[0] * cos(radians(angle)), wide * RADIUS[1] * sin(radians(angle))
    return round(CENTRE[0] + x), round(CENTRE[1] - y)


HUBS = ("bus", "store")
PLACES: dict[str, Point] = {
    "bus": CENTRE,
    "store": (278.0, 275.0),
    "airlines": (70.0, 150.0),
    "passengers": (70.0, 438.0),
    **{name: _on_ellipse(angle) for name, angle in ANGLES.items()},
}

COVERED = 1000  # how bad it is for a label to touch a box or another label, against touching a line
Node = dict[str, Any]


def find(names: Sequence[str]) -> dict[str, Point]:
    """A place for every name; those without one of their own stand in the gaps, or share a ring around the bus."""
    strangers = sorted(name for name in names if name not in PLACES)
    beside_the_cast = any(name in ANGLES for name in names)
    turns = {name: 360 * (number + 0.5) / len(strangers) for number, name in enumerate(strangers)}
    wide = 1.0  # a cast of its own has the whole ellipse
    if beside_the_cast and len(strangers) <= len(GAPS):
        turns = dict(zip(strangers, GAPS, strict=False))
    elif beside_the_cast:
        wide = 0.6
    return {name: PLACES.get(name) or _on_ellipse(turns[name], wide) for name in names}


def node(
    name: str, place: Point, edges: dict[Key, Edge], stops: dict[str, str], waiting: nx.DiGraph, people: Sequence[str]
) -> Node:
    """The box of one name: where it stands, how large it is, and what is said of it."""
    role = "people" if name in people else name if name in HUBS else "service"
    stopped = stops.get(name, "")
    held_up = sorted(nx.ancestors(waiting, name)) if name in waiting else []
    said = sum(edge["count"] for key, edge in edges.items() if key[0] == name)
    heard = sum(edge["count"] for key, edge in edges.items() if key[1] == name)
    words = f"{name}: {said:,} sent, {heard:,} received, answers and receipts not counted."
    if stopped:
        words += f" It {stopped}."
    if held_up and role != "people":
        words += f" While it is down, these wait in vain: {', '.join(held_up)}."
    shown = name if len(name) <= 22 else name[:21] + "…"
    wide = max(text_width(shown), text_width(stopped, 11) if stopped else 0) + 14
    high = 44 if stopped else 32
    return {"name": name, "shown": shown, "x": place[0], "y": place[1], "width": wide, "height": high, "role": role,
            "stopped": stopped, "words": words}  # fmt: skip


def bend(edge: Edge, edges: dict[Key, Edge], nodes: list[Node]) -> Edge:
    """Give the edge its curve: away from the bus, or to its own left where another edge joins the same two."""
    by_name = {node["name"]: node for node in nodes}
    source, target = by_name[edge["source"]], by_name[edge["target"]]
    (ax, ay), (bx, by) = (source["x"], source["y"]), (target["x"], target["y"])
    middle, length = ((ax + bx) / 2, (ay + by) / 2), hypot(bx - ax, by - ay) or 1
    left = ((by - ay) / length, (ax - bx) / length)
    outward = left[0] * (middle[0] - CENTRE[0]) + left[1] * (middle[1] - CENTRE[1])
    both = [key for key in edges if {key[0], key[1]} == {edge["source"], edge["target"]}]
    rank = sum(key[:2] == (edge["source"], edge["target"]) for key in both[: both.index(_key(edge))])
    side = 1 if len(both) > 1 or outward > 0 else -1
    if abs(outward) < 1 and len(both) == 1:
        bow = 0.0  # a spoke of its own: straight
    else:
        bow = side * (min(34, 0.11 * length) + 20 * rank)
    others = [node for node in nodes if node is not source and node is not target]
    curves = (_curve(source, target, left, share * bow) for share in (1, 0.3, -0.3, -1))
    curve = next((c for c in curves if not _meets(c, others)), _curve(source, target, left, bow))
    edge["width"] = round(1.5 + 1.2 * log10(max(1, edge["count"])), 1)
    edge["head"] = _head(curve, edge["width"]) if len(curve) > 1 else []
    edge["points"] = [*curve[:-1:4], *curve[-1:]]
    return edge


def _curve(source: Node, target: Node, left: Point, bow: float) -> list[Point]:
    """Points from one box to another on a curve that at its middle lies `bow` to the left of the straight line."""
    ends = [(source[axis], target[axis]) for axis in ("x", "y")]
    bent = [(a, (a + b) / 2 + 2 * bow * aside, b) for (a, b), aside in zip(ends, left, strict=True)]
    points = []
    for step in range(121):
        t = step / 120
        x, y = ((1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b for a, c, b in bent)
        if not _inside(x, y, source, 3) and not _inside(x, y, target, 9):
            points.append((round(x, 1), round(y, 1)))
    return points


def _meets(curve: Sequence[Point], nodes: Sequence[Node]) -> bool:
    return any(_inside(x, y, node, 4) for node in nodes for x, y in curve)


def _key(edge: Edge) -> Key:
    return edge["source"], edge["target"], edge["kind"]


def _inside(x: float, y: float, node: Node, margin: float) -> bool:
    return bool(abs(x - node["x"]) < node["width"] / 2 + margin and abs(y - node["y"]) < node["height"] / 2 + margin)


def _head(curve: Sequence[Point], width: float) -> list[Point]:
    """The triangle of an arrow whose line ends at the last point."""
    (fx, fy), (x, y) = curve[-2], curve[-1]
    length = hypot(x - fx, y - fy) or 1
    dx, dy = (x - fx) / length, (y - fy) / length
    long, half = 9 + width / 2, 4 + width / 2
    tip = (x + dx * (long - 1), y + dy * (long - 1))
    ends = [tip, (x - dx - dy * half, y - dy + dx * half), (x - dx + dy * half, y - dy - dx * half), tip]
    return [(round(px, 1), round(py, 1)) for px, py in ends]


def put_labels(edges: list[Edge], nodes: list[Node]) -> None:
    """Put each count on its own line where it hides least: no box, no other label, few other lines."""
    taken: list[tuple[float, float, float]] = []
    for edge in edges:
        failed = edge["failed"]
        text = f"{edge['count']:,}" + (f" ✕ {failed:,}" if failed else "")
        wide = text_width(text, 12)
        others = [point for other in edges if other is not edge for point in other["points"]]

        def hidden(place: Point, wide: float = wide, others: list[Point] = others) -> int:
            x, y = place
            boxes = sum(_inside(x, y, {**node, "width": node["width"] + wide, "height": node["height"] + 17}, 1)
                        for node in nodes)  # fmt: skip
            labels = sum(abs(x - lx) < (wide + lw) / 2 + 2 and abs(y - ly) < 18 for lx, ly, lw in taken)
            lines = sum(abs(x - px) < wide / 2 + 2 and abs(y - py) < 10 for px, py in others)
            return COVERED * (boxes + labels) + lines

        curve = edge["points"] or [(nodes[0]["x"], nodes[0]["y"])]
        order = sorted(curve, key=lambda point: abs(curve.index(point) - len(curve) // 2))
        beside = [(x, y + aside) for x, y in order for aside in (-17, 17, -27, 27)]  # where the line itself has no room
        x, y = min(order, key=hidden)
        if hidden((x, y)) >= COVERED:
            x, y = min(order + beside, key=hidden)
        taken.append((x, y, wide))
        edge["label"] = {"x": x, "y": y, "text": text, "width": wide}
