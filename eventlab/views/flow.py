"""The flow graph: who sends what to whom, and who waits for whom.

`layout` counts and places (plain data), `flow_graph` draws it. The places belong to the names and not to the run, so
that pictures of different architectures can be laid side by side.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import cos, hypot, log10, radians, sin
from typing import Any

import networkx as nx

from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.trace import Record, Trace
from eventlab.views.show import GREY, GROUND, INK, Box, Label, Line, Picture, Point, message, text_width
from eventlab.views.text import clock

WIDTH, HEIGHT = 860, 560
CENTRE, RADIUS = (450.0, 275.0), (300.0, 175.0)
PEOPLE = ("airlines", "passengers")
# Services stand on an ellipse with the bus in its middle (angles in degrees, upwards from the right).
ANGLES = {"operations": 180, "gates": 112, "rebooking": 58, "notices": 14, "baggage": -38, "boards": -112}
PLACES: dict[str, Point] = {
    "bus": CENTRE,
    "store": (285.0, 275.0),
    "airlines": (70.0, 150.0),
    "passengers": (70.0, 438.0),
    **{
        name: (round(CENTRE[0] + RADIUS[0] * cos(radians(a))), round(CENTRE[1] - RADIUS[1] * sin(radians(a))))
        for name, a in ANGLES.items()
    },
}
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
# What a message belongs to: kind of arrow, and whether it travels along the arrow or back.
PURPOSES = {
    "publish": ("event", True), "deliver": ("event", True),
    "acknowledge": ("event", False), "confirm": ("event", False), "reject": ("event", False),
    "request": ("request", True), "reply": ("request", False), "refusal": ("request", False),
}  # fmt: skip
FAILURES = ("lost", "refused", "failed", "expired", "dead")
SEEN = {"sent", "crashed", "restarted", "appended", *FAILURES}

Edge = dict[str, Any]
Key = tuple[str, str, str]


def layout(
    trace: Trace,
    at: int | None = None,
    *,
    since: int = 0,
    services: Sequence[str] = (),
    people: Sequence[str] = PEOPLE,
) -> dict[str, Any]:
    """Nodes with their places, edges with their counts, and sentences about them, as plain data.

    Counted are the records from index `since` to index `at` (default: all of them), and of those the arrows that
    touch one of the `services` (default: any). What cannot be drawn raises `Invalid`.
    """
    records = _window(trace, at, since)
    edges, stops = _count(records, people)
    names = list(dict.fromkeys(name for source, to, _ in edges for name in (source, to)))
    names += [name for name in stops if name not in names]
    for name in services:
        if name not in names:
            raise unknown("service", name, sorted(names), where="flow graph")
    if services:
        edges = {key: edge for key, edge in edges.items() if key[0] in services or key[1] in services}
        names = [name for name in names if name in services or any(name in key[:2] for key in edges)]
    waiting = nx.DiGraph([key[:2] for key in edges if key[2] in ("request", "people")])
    nodes = [_node(name, place, edges, stops, waiting, people) for name, place in _places(names).items()]
    drawn = [_bend({"source": s, "target": t, "kind": k, **edge}, edges, nodes) for (s, t, k), edge in edges.items()]
    _put_labels(drawn, nodes)
    short, long = _conclusion(edges, stops)
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
    return _draw(plan, title)


# Count ----------------------------------------------------------------------------------------------------------------


def _window(trace: Trace, at: int | None, since: int) -> list[Record]:
    if not isinstance(trace, Trace):
        raise Invalid("trace", where="flow graph", expected="a trace, such as run.trace", found=trace)
    last = len(trace) - 1
    if last < 0:
        raise Invalid("trace", where="flow graph", expected="a run that has begun: run.step()", found="no record yet")
    for name, index in (("at", at), ("since", since)):
        if index is not None and not 0 <= index <= last:
            raise Invalid(name, where="flow graph", expected=f"a record's index, 0 to {last}", found=index)
    return trace.records[since : last + 1 if at is None else at + 1]


def _count(records: list[Record], people: Sequence[str]) -> tuple[dict[Key, Edge], dict[str, str]]:
    """All edges, in the order of their first message, and for each service that stopped, when."""
    counts: dict[tuple[str, str, str, str], int] = defaultdict(int)
    notes: dict[tuple[str, str, str, str], str] = {}
    stops: dict[str, list[str]] = defaultdict(list)
    for record in records:
        kind = record.kind
        if kind not in SEEN:
            continue
        if kind == "sent":
            counts[record.where, record.other, record.purpose, "sent"] += 1
        elif kind == "crashed":
            stops[record.where].append(f"stopped at {clock(record.at)}")
        elif kind == "restarted":
            before = stops[record.where].pop() if stops[record.where] else "stopped at …"
            stops[record.where].append(f"{before.replace(' at', '')}–{clock(record.at)}")
        elif kind == "appended":
            counts[record.where, "store", "stored", "sent"] += 1
        else:
            # Records of an arrow are written at its end; who stops waiting and who gives up stands at its beginning.
            ends = (record.where, record.other) if kind in ("expired", "dead") else (record.other, record.where)
            own = "deliver" if kind == "dead" or isinstance(record.message, Event) else "request"
            if kind == "expired" and own == "deliver":
                own = "publish"
            key = (*ends, record.purpose or own, kind)
            counts[key] += 1
            notes[key] = record.note
    if not any(record.where == "store" for record in records):  # every service has a database of its own: not drawn
        counts = {key: n for key, n in counts.items() if key[2] != "stored"}  # type: ignore[assignment]
    return _edges(counts, notes, people), {name: "; ".join(when[-2:]) for name, when in stops.items()}


def _edges(counts: Any, notes: Any, people: Sequence[str]) -> dict[Key, Edge]:
    edges: dict[Key, Edge] = {}
    for (source, to, purpose, what), number in counts.items():
        kind, along = ("stored", True) if purpose == "stored" else PURPOSES.get(purpose, ("tell", True))
        ends = (source, to) if along else (to, source)
        if kind == "request" and (ends[0] in people or ends[1] in people):
            kind = "people"
        edge = edges.setdefault((*ends, kind), {"count": 0, "back": 0, "failures": Counter(), "notes": []})
        if what != "sent":
            edge["failures"][what if along else f"{purpose} {what}"] += number
            if notes[source, to, purpose, what] not in ("", *edge["notes"]):
                edge["notes"].append(notes[source, to, purpose, what])
        elif along:
            edge["count"] += number
        elif purpose in ("reply", "acknowledge", "confirm"):
            edge["back"] += number
    for (source, to, kind), edge in edges.items():
        edge["failed"] = _failed(edge["failures"])
        edge["words"] = _words(source, to, kind, edge)
    return edges


def _failed(failures: Counter[str]) -> int:
    """How many went wrong: each counted once, though an answer that never came is both lost and waited for in vain."""
    certain = sum(number for what, number in failures.items() if what != "expired")
    return max(certain, failures["expired"])


def _words(source: str, to: str, kind: str, edge: Edge) -> str:
    number, back = edge["count"], edge["back"]
    said = {
        "event": f"{_many(number, 'event')}, {back:,} acknowledged",
        "request": f"{_many(number, 'request')}, {_many(back, 'answer')}; {source} waits for each",
        "people": f"{_many(number, 'time')} told or asked, {_many(back, 'answer')}",
        "stored": f"{_many(number, 'event')} stored",
    }.get(kind, _many(number, "command"))
    wrong = ", ".join(f"{n:,} {what}" for what, n in edge["failures"].items())
    notes = "; ".join(edge["notes"][:2])
    return f"{source} → {to}: {said}" + (f". Went wrong: {wrong}" if wrong else "") + (f" ({notes})" if notes else "")


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


# Place ----------------------------------------------------------------------------------------------------------------


def _places(names: Sequence[str]) -> dict[str, Point]:
    """A place for every name; those without one of their own share a circle around the bus."""
    strangers = sorted(name for name in names if name not in PLACES)
    circle = nx.circular_layout(nx.path_graph(strangers), center=(0, 0)) if strangers else {}
    found = {
        name: (round(CENTRE[0] + 0.62 * RADIUS[0] * float(x)), round(CENTRE[1] - 0.62 * RADIUS[1] * float(y)))
        for name, (x, y) in circle.items()
    }
    if not any(name in ANGLES for name in names):  # a cast of its own: the whole ellipse is free
        found = {
            name: (round(CENTRE[0] + (x - CENTRE[0]) / 0.62), round(CENTRE[1] + (y - CENTRE[1]) / 0.62))
            for name, (x, y) in found.items()
        }
    return {name: PLACES.get(name) or found[name] for name in names}


def _node(
    name: str, place: Point, edges: dict[Key, Edge], stops: dict[str, str], waiting: nx.DiGraph, people: Sequence[str]
) -> dict[str, Any]:
    role = "people" if name in people else name if name in FILLS else "service"
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


def _bend(edge: Edge, edges: dict[Key, Edge], nodes: list[dict[str, Any]]) -> Edge:
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
        bend = 0.0  # a spoke of its own: straight
    else:
        bend = side * (min(34, 0.11 * length) + 20 * rank)
    control = (middle[0] + 2 * bend * left[0], middle[1] + 2 * bend * left[1])
    curve = []
    for step in range(121):
        t = step / 120
        x, y = (
            (1 - t) ** 2 * p + 2 * t * (1 - t) * c + t**2 * q
            for p, c, q in zip((ax, ay), control, (bx, by), strict=True)
        )
        if not _inside(x, y, source, 3) and not _inside(x, y, target, 9):
            curve.append((round(x, 1), round(y, 1)))
    edge["width"] = round(1.5 + 1.2 * log10(max(1, edge["count"])), 1)
    edge["head"] = _head(curve, edge["width"]) if len(curve) > 1 else []
    edge["points"] = [*curve[:-1:4], *curve[-1:]]
    return edge


def _key(edge: Edge) -> Key:
    return edge["source"], edge["target"], edge["kind"]


def _inside(x: float, y: float, node: dict[str, Any], margin: float) -> bool:
    return abs(x - node["x"]) < node["width"] / 2 + margin and abs(y - node["y"]) < node["height"] / 2 + margin


def _head(curve: Sequence[Point], width: float) -> list[Point]:
    """The triangle of an arrow whose line ends at the last point."""
    (fx, fy), (x, y) = curve[-2], curve[-1]
    length = hypot(x - fx, y - fy) or 1
    dx, dy = (x - fx) / length, (y - fy) / length
    long, half = 9 + width / 2, 4 + width / 2
    tip = (x + dx * (long - 1), y + dy * (long - 1))
    ends = [tip, (x - dx - dy * half, y - dy + dx * half), (x - dx + dy * half, y - dy - dx * half), tip]
    return [(round(px, 1), round(py, 1)) for px, py in ends]


def _put_labels(edges: list[Edge], nodes: list[dict[str, Any]]) -> None:
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
            return 1000 * (boxes + labels) + lines

        curve = edge["points"] or [(nodes[0]["x"], nodes[0]["y"])]
        order = sorted(curve, key=lambda point: abs(curve.index(point) - len(curve) // 2))
        x, y = min(order, key=hidden)
        taken.append((x, y, wide))
        edge["label"] = {"x": x, "y": y, "text": text, "width": wide}


# Conclude -------------------------------------------------------------------------------------------------------------


def _conclusion(edges: dict[Key, Edge], stops: dict[str, str]) -> tuple[str, str]:
    """What the picture shows, once in a few words and once in a sentence or two."""
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for (source, to, kind), edge in edges.items():
        if kind == "request":
            asked[source][to] = edge["count"]
    pairs = sum(map(len, asked.values()))
    if not asked:
        short = "no service waits for another"
        published = sum(e["count"] for (_, to, kind), e in edges.items() if kind == "event" and to == "bus")
        delivered = sum(e["count"] for (source, _, kind), e in edges.items() if kind == "event" and source == "bus")
        long = f"{_many(published, 'event')} went to the bus, which sent them on {_many(delivered, 'time')}."
    else:
        short = f"{_many(len(asked), 'service')} {'waits' if len(asked) == 1 else 'wait'} for others"
        parts = [f"{source} waits for {_listed(list(to))}" for source, to in sorted(asked.items(), key=_most)[:2]]
        more = f"; {len(asked) - 2} more wait too" if len(asked) > 2 else ""
        total = sum(sum(to.values()) for to in asked.values())
        long = f"{'; '.join(parts)}{more}: {_many(total, 'request')} over {_many(pairs, 'pair')}."
    wrong = [(edge["failed"], key) for key, edge in edges.items() if edge["failed"]]
    if wrong:
        worst = sorted(wrong, key=lambda found: (-found[0], found[1]))[:2]
        told = ", ".join(f"{source} → {to} {_many(number, 'time')}" for number, (source, to, _) in worst)
        rest = sum(number for number, _ in wrong) - sum(number for number, _ in worst)
        long += f" Went wrong: {told}" + (f", elsewhere {_many(rest, 'time')}." if rest else ".")
    return short, " ".join([long, *(f"{name} {when}." for name, when in stops.items())])


def _most(asker: tuple[str, dict[str, int]]) -> tuple[int, str]:
    return -len(asker[1]), asker[0]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: dict[str, Any], title: str) -> Picture:
    heading = f"{title}: {plan['short']}" if title else plan["short"].capitalize()
    lines, labels = [], [Label(18, 22, heading, 16, bold=True, left=True)]
    labels += [Label(18, 46 + 18 * n, part, 13, GREY, left=True) for n, part in enumerate(_rows(plan["summary"]))]
    for edge in plan["edges"]:
        colour, dash, _ = STYLES[edge["kind"]]
        lines.append(Line(edge["points"], colour, edge["width"], dash, edge["head"], edge["words"]))
        label = edge["label"]
        ground = WRONG if edge["failed"] else GROUND
        labels.append(Label(label["x"], label["y"], label["text"], 12, INK, ground, bold=bool(edge["failed"])))
    boxes = []
    for node in plan["nodes"]:
        people = node["role"] == "people"
        fill = DOWN if node["stopped"] else FILLS.get(node["role"], GROUND if people else "#eeeeee")
        dash = "dash" if node["stopped"] else "dot" if people else "solid"
        boxes.append(
            Box(node["x"], node["y"], node["width"], node["height"], fill, INK, dash, node["words"])
        )
        lift = 8 if node["stopped"] else 0
        labels.append(Label(node["x"], node["y"] - lift, node["shown"], bold=True))
        if node["stopped"]:
            labels.append(Label(node["x"], node["y"] + 11, node["stopped"], 11))
    _legend(plan, lines, labels)
    return Picture(WIDTH, HEIGHT, f"{heading}. {plan['summary']}", lines, boxes, labels)


def _rows(text: str, width: int = 132) -> list[str]:
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= width:
            rows.append("")
        rows[-1] += f"{word} "
    return [row.strip() for row in rows][:3]


def _legend(plan: dict[str, Any], lines: list[Line], labels: list[Label]) -> None:
    """What the lines mean: only those that are there."""
    x, y = 18.0, HEIGHT - 40.0
    for kind, (colour, dash, words) in STYLES.items():
        if not any(edge["kind"] == kind for edge in plan["edges"]):
            continue
        if x + 50 + text_width(words, 12) > WIDTH:
            x, y = 18.0, y + 20
        lines.append(Line([(x, y), (x + 36, y)], colour, 2.5, dash))
        labels.append(Label(x + 42, y, words, 12, left=True))
        x += 50 + text_width(words, 12)
    failed = any(edge["failed"] for edge in plan["edges"])
    note = "Numbers: how many messages. ✕ of these went wrong." if failed else "Numbers: how many messages."
    labels.append(Label(18, HEIGHT - 18 if y < HEIGHT - 30 else HEIGHT - 2, note, 12, GREY, left=True))
