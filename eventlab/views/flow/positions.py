"""Where things stand in a flow graph: a place for each name, a curve for each arrow, room for each label.

The places belong to the names and not to the run, so that pictures of different runs can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import cos, hypot, log10, radians, sin

import networkx as nx

from eventlab.stage import Stage
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import NAME, SMALL
from eventlab.views.drawing.wording import tally
from eventlab.views.flow.parts import Edge, Node
from eventlab.views.flow.states import State

HEIGHT = 564
# Services stand on an ellipse with the bus in its middle (angles in degrees, upwards from the right).
CENTRE, RADIUS = (435.0, 288.0), (290.0, 175.0)
HUBS: list[Point] = [CENTRE, (268.0, 288.0), (602.0, 288.0), (435.0, 213.0), (435.0, 363.0)]
PEOPLE_X, PEOPLE_Y = 70.0, (163.0, 451.0)  # people stand at the left, between these heights
NEWCOMERS = 4  # so many find room between the services of a stage
LONGEST = 170  # pixels for a name
COVERED = 1000  # how bad it is for a label to touch a box or another label, against touching a line
BESIDE = (-17, 17, -29, 29, -36, 36)  # pixels from a line, where the line itself has no room for its label


def find(names: Sequence[str], stage: Stage) -> dict[str, Point]:
    """A place for every name: hubs in the middle, people at the left, services around where the stage puts them.

    Those without a place of their own stand in the widest gaps between the others, or share a ring around the bus.
    """
    fixed = {**_hubs(stage), **_people(stage), **{name: _on_ellipse(angle) for name, angle in stage.angles.items()}}
    known = [name for name in stage.actors if name not in fixed]
    strangers = known + sorted(name for name in names if name not in fixed and name not in known)
    cast = [angle for name, angle in stage.angles.items() if name in names]
    wide, turn = 1.0, 360 / max(1, len(strangers))
    turns = {name: 180 - turn * place for place, name in enumerate(strangers)}  # the whole ellipse, from the left on
    if cast and len(strangers) <= NEWCOMERS:
        turns = dict(zip(strangers, _gaps(stage.angles.values()), strict=False))
    elif cast:
        wide, turns = 0.6, {name: turn * (place + 0.5) for place, name in enumerate(strangers)}
    return {name: fixed.get(name) or _on_ellipse(turns[name], wide) for name in names}


def _on_ellipse(angle: float, wide: float = 1.0) -> Point:
    x, y = wide * RADIUS[0] * cos(radians(angle)), wide * RADIUS[1] * sin(radians(angle))
    return round(CENTRE[0] + x), round(CENTRE[1] - y)


def _hubs(stage: Stage) -> dict[str, Point]:
    """The first bus in the middle, stores beside it, whether there is a bus or not; then the other buses."""
    order = [*stage.buses[:1], *stage.stores, *stage.buses[1:]]
    places = HUBS if stage.buses else HUBS[1:]
    ring = {name: _on_ellipse(360 * place / len(order), 0.5) for place, name in enumerate(order)}
    return {name: places[place] if place < len(places) else ring[name] for place, name in enumerate(order)}


def _people(stage: Stage) -> dict[str, Point]:
    top, bottom = PEOPLE_Y
    step = (bottom - top) / max(1, len(stage.people) - 1)
    return {name: (PEOPLE_X, round(top + step * place)) for place, name in enumerate(stage.people)}


def _gaps(angles: Iterable[float]) -> list[float]:
    """The middles of the widest gaps between services, the widest first."""
    order = sorted(angle % 360 for angle in angles)
    gaps = [(after - before, (before + after) / 2) for before, after in pairwise([*order, order[0] + 360])]
    middles = [middle for gap, middle in sorted(gaps, key=lambda gap: -gap[0])]
    return (middles * NEWCOMERS)[:NEWCOMERS]


def role(name: str, stage: Stage) -> str:
    """Whether a name is one of people, a bus, a store, or a service."""
    roles = {"people": stage.people, "bus": stage.buses, "store": stage.stores}
    return next((role for role, names in roles.items() if name in names), "service")


def node(
    name: str, place: Point, edges: Sequence[Edge], stops: Mapping[str, str], waiting: nx.DiGraph, stage: Stage,
    state: State,
) -> Node:  # fmt: skip
    """The box of one name: where it stands, how large it is, and what is said of it."""
    stopped, part = stops.get(name, ""), role(name, stage)
    held_up = sorted(nx.ancestors(waiting, name)) if name in waiting else []
    said = sum(edge["count"] for edge in edges if edge["source"] == name)
    heard = sum(edge["count"] for edge in edges if edge["target"] == name)
    words = f"{name}: {said:,} sent, {heard:,} received, answers and receipts not counted."
    if stopped:
        words += f" It {stopped}."
    if held_up and part != "people":
        words += f" While it is down, these wait in vain: {', '.join(held_up)}."
    line = (state.words if state.kind == "stopped" else "") or stopped or state.words
    shown = fit(name, LONGEST, NAME, bold=True)
    wide = max(text_width(shown, NAME, bold=True) + 24, text_width(line, SMALL) + 16)
    return {"name": name, "shown": shown, "x": place[0], "y": place[1], "width": round(wide, 1),
            "height": 50 if line else 36, "role": part, "stopped": stopped, "state": state.kind, "line": line,
            "words": words}  # fmt: skip


# Curves ---------------------------------------------------------------------------------------------------------------


def bend(edge: Edge, edges: Sequence[Edge], nodes: Mapping[str, Node]) -> None:
    """Give the edge its curve: away from the bus, or to its own left where another edge joins the same two."""
    source, target = nodes[edge["source"]], nodes[edge["target"]]
    (ax, ay), (bx, by) = (source["x"], source["y"]), (target["x"], target["y"])
    length = hypot(bx - ax, by - ay) or 1
    left = ((by - ay) / length, (ax - bx) / length)
    outward = left[0] * ((ax + bx) / 2 - CENTRE[0]) + left[1] * ((ay + by) / 2 - CENTRE[1])
    bow = _bow(edge, edges, outward, length)
    others = [node for node in nodes.values() if node is not source and node is not target]
    curves = (_curve(source, target, left, share * bow) for share in (1, 0.3, -0.3, -1))
    curve = next((curve for curve in curves if not _meets(curve, others)), None) or _curve(source, target, left, bow)
    edge["width"] = round(1.5 + 1.2 * log10(max(1, edge["count"])), 1)
    edge["head"] = _head(curve, edge["width"]) if len(curve) > 1 else []
    edge["points"] = [*curve[:-1:4], *curve[-1:]]


def _bow(edge: Edge, edges: Sequence[Edge], outward: float, length: float) -> float:
    """How far the middle of the curve lies from the straight line."""
    ends = {edge["source"], edge["target"]}
    both = [other for other in edges if {other["source"], other["target"]} == ends]
    before = both[: next(place for place, other in enumerate(both) if other is edge)]
    rank = sum(other["source"] == edge["source"] for other in before)
    if abs(outward) < 1 and len(both) == 1:
        return 0.0  # a spoke of its own: straight
    side = 1 if len(both) > 1 or outward > 0 else -1
    return side * (min(34, 0.11 * length) + 20 * rank)


def _curve(source: Node, target: Node, left: Point, bow: float) -> list[Point]:
    """Points from one box to another on a curve that at its middle lies `bow` to the left of the straight line."""
    (ax, ay), (bx, by) = (source["x"], source["y"]), (target["x"], target["y"])
    bent = [(a, (a + b) / 2 + 2 * bow * aside, b) for a, b, aside in ((ax, bx, left[0]), (ay, by, left[1]))]
    points = []
    for step in range(121):
        t = step / 120
        x, y = ((1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b for a, c, b in bent)
        if not _inside(x, y, source, 3) and not _inside(x, y, target, 9):
            points.append((round(x, 1), round(y, 1)))
    return points


def _meets(curve: Sequence[Point], nodes: Sequence[Node]) -> bool:
    return any(_inside(x, y, node, 4) for node in nodes for x, y in curve)


def _inside(x: float, y: float, node: Node, margin: float, wider: float = 0, higher: float = 0) -> bool:
    half, tall = (node["width"] + wider) / 2 + margin, (node["height"] + higher) / 2 + margin
    return abs(x - node["x"]) < half and abs(y - node["y"]) < tall


def _head(curve: Sequence[Point], width: float) -> list[Point]:
    """The triangle of an arrow whose line ends at the last point."""
    (fx, fy), (x, y) = curve[-2], curve[-1]
    length = hypot(x - fx, y - fy) or 1
    dx, dy = (x - fx) / length, (y - fy) / length
    long, half = 9 + width / 2, 4 + width / 2
    tip = (x + dx * (long - 1), y + dy * (long - 1))
    ends = [tip, (x - dx - dy * half, y - dy + dx * half), (x - dx + dy * half, y - dy - dx * half), tip]
    return [(round(px, 1), round(py, 1)) for px, py in ends]


# Labels ---------------------------------------------------------------------------------------------------------------


def put_labels(edges: Sequence[Edge], nodes: Sequence[Node]) -> None:
    """Put each count on its own line where it hides least: no box, no other label, few other lines."""
    taken: list[tuple[float, float, float]] = []
    for edge in edges:
        text = tally(edge["count"], edge["failed"], edge["failures"])
        wide = round(text_width(text, SMALL, bold=bool(edge["failed"])) + 8, 1)
        lines = [point for other in edges if other is not edge for point in other["points"]]

        def hidden(place: Point, wide: float = wide, lines: list[Point] = lines) -> int:
            x, y = place
            boxes = sum(_inside(x, y, node, 1, wide, 17) for node in nodes)
            labels = sum(abs(x - lx) < (wide + lw) / 2 + 2 and abs(y - ly) < 18 for lx, ly, lw in taken)
            crossed = sum(abs(x - px) < wide / 2 + 2 and abs(y - py) < 10 for px, py in lines)
            return COVERED * (boxes + labels) + crossed

        curve = edge["points"] or [(nodes[0]["x"], nodes[0]["y"])]
        order = sorted(curve, key=lambda point: abs(curve.index(point) - len(curve) // 2))
        x, y = min(order, key=hidden)
        if hidden((x, y)) >= COVERED:
            x, y = min([*order, *((x, y + aside) for x, y in order for aside in BESIDE)], key=hidden)
        taken.append((x, y, wide))
        edge["label"] = {"x": x, "y": y, "text": text, "width": wide}
