"""The causal tree: which message led to which, from the `causationid` that each one carries.

From left to right: what began the story, and what followed from it. `layout` places (plain data), `causal_tree` draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import Message
from eventlab.trace import Trace
from eventlab.views import causal_stories, notebook
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.drawing.text import clock, plain
from eventlab.views.sequence.diagram import STYLES
from eventlab.views.sequence.labels import duration, fit, wide

MOST = 60  # messages with a box of their own
WIDTH, BOX, HIGH, STEP, ROW = 840, 182, 44, 208, 54
WRONG = "#f9f1a5"
Node = dict[str, Any]


def layout(trace: Trace, about: Message | str, *, most: int = MOST) -> dict[str, Any]:
    """The messages of a story as a tree with places, and sentences about it, as plain data.

    `about` is a message, its id, or a flight (a subject), which may have several stories. Answers have no box: they
    are said in the box of the question. Beyond `most` messages, equal ones side by side share a box, then the tree is
    cut where it is deepest. Nothing to show raises `Invalid`.
    """
    if not isinstance(trace, Trace):
        raise Invalid("trace", where="causal tree", expected="a trace, such as run.trace", found=trace)
    if most.__class__ is not int or not 1 <= most <= 500:
        raise Invalid("most", where="causal tree", expected="a whole number, 1 to 500", found=most)
    found = causal_stories.find(trace, about)
    nodes = causal_stories.nodes(
        record for record in trace if record.message and causal_stories.story(record.message) in found
    )
    chosen = about.id if isinstance(about, Message) else about
    for node in nodes.values():
        node["chosen"] = node["id"] == chosen
    roots, children = causal_stories.tree(nodes)
    depth = causal_stories.depths(roots, children)
    short, long = _conclusion(nodes, roots, depth)
    shown = causal_stories.join(roots, children, nodes, most)
    drawn, edges, rows = _place(roots, children, nodes, shown)
    return {"nodes": drawn, "edges": edges, "rows": rows, "short": short, "summary": long,
            "messages": len(nodes), "depth": max(depth.values())}  # fmt: skip


def causal_tree(trace: Trace, about: Message | str, *, most: int = MOST, title: str = "") -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw(layout(trace, about, most=most), title)
    except Invalid as problem:
        return message("No causal tree", str(problem))


# Compute --------------------------------------------------------------------------------------------------------------


def _place(
    roots: list[str], children: dict[str, list[str]], nodes: dict[str, Node], shown: set[str]
) -> tuple[list[Node], list[dict[str, Any]], float]:
    """Boxes and arrows: leaves one below the other, each cause in the middle of what it led to."""
    drawn: list[Node] = []
    edges: list[dict[str, Any]] = []
    row = 0.0

    def box(node: Node, level: int, y: float) -> Node:
        place = {**node, "level": level, "x": 18 + BOX / 2 + STEP * level, "y": y, "lines": _lines(node)}
        drawn.append(place)
        return place

    def walk(id: str, level: int) -> Node:
        nonlocal row
        family = [walk(child, level + 1) for child in children.get(id, ()) if child in shown]
        hidden = [child for child in children.get(id, ()) if child not in shown]
        if hidden:
            family.append(box(_rest(hidden, children, nodes), level + 1, row))
            row += 1
        y = (family[0]["y"] + family[-1]["y"]) / 2 if family else row
        row += not family
        place = box(nodes[id], level, y)
        edges.extend({"source": id, "target": child["id"], "from": (place["x"], y), "to": (child["x"], child["y"]),
                      "kind": child["kind"]} for child in family)  # fmt: skip
        return place

    for number, root in enumerate(root for root in roots if root in shown):
        row += 0.25 if number else 0
        walk(root, 0)
    hidden = [root for root in roots if root not in shown]
    if hidden:
        box(_rest(hidden, children, nodes), 0, row + 0.25)
        row += 1.25
    return drawn, edges, row


def _rest(hidden: Sequence[str], children: dict[str, list[str]], nodes: dict[str, Node]) -> Node:
    """One box for all that has none, and for what followed from it."""
    found, waiting = 0, list(hidden)
    wrong: Counter[str] = Counter()
    while waiting:
        id = waiting.pop()
        found += nodes[id]["count"]
        wrong += nodes[id]["wrong"]
        waiting += children.get(id, ())
    return {"id": f"… {hidden[0]}", "type": "", "kind": "rest", "service": "", "message": None, "count": found,
            "wrong": wrong, "answer": None, "done_by": [], "chosen": False, "first": nodes[hidden[0]]["first"],
            "last": 0}  # fmt: skip


def _lines(node: Node) -> list[str]:
    """The lines in a box: what, who and when, and what became of it."""
    wrong = _listed(node["wrong"])
    if node["kind"] == "rest":
        return [f"… {node['count']:,} more messages", *([f"✕ {wrong}"] if wrong else [])]
    many = f"{node['count']:,} × " if node["count"] > 1 else ""
    lines = [many + node["type"], f"{node['service']} {clock(node['first'], fine=True)}"]
    if wrong:
        lines.append(f"✕ {wrong}")
    elif node["answer"]:
        lines.append(f"{' '.join(node['done_by'])} {node['answer'][0]} after {duration(node['answer'][1])}".strip())
    elif node["done_by"]:
        lines.append(f"→ {', '.join(node['done_by'])}")
    else:
        lines.append("nobody has handled it")
    return [fit(text, BOX - 12, 11 if number else 12) for number, text in enumerate(lines)]


def _listed(wrong: Counter[str]) -> str:
    return ", ".join(f"{number:,} {what}" if number > 1 else what for what, number in wrong.items() if number)


def _conclusion(nodes: dict[str, Node], roots: list[str], depth: dict[str, int]) -> tuple[str, str]:
    begun = nodes[roots[0]]
    services = {node["service"] for node in nodes.values()}
    followers, last = len(nodes) - len(roots), max(node["last"] for node in nodes.values())
    if len(roots) == 1:
        short = f"{begun['type']} led to {_many(followers, 'message')} in {duration(last - begun['first'])}"
    else:
        short = f"{len(roots)} stories with {_many(len(nodes), 'message')}"
    parts = [f"Deepest chain: {_many(max(depth.values()), 'message')}; made by {_many(len(services), 'service')}."]
    (cause, children), *_ = Counter(node["cause"] for node in nodes.values()).most_common(1)
    if cause in nodes and children > 1:
        parts.append(f"{nodes[cause]['type']} of {nodes[cause]['service']} led directly to {children} others.")
    wrong: Counter[str] = Counter()
    for node in nodes.values():
        wrong += node["wrong"]
    said = ", ".join(f"{number:,} {what}" for what, number in wrong.items() if number)
    return plain(short), plain(" ".join([*parts, f"Went wrong: {said}." if said else "Nothing went wrong."]))


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: dict[str, Any], title: str) -> Picture:
    heading = f"{title}: {plan['short']}" if title else plan["short"]
    told = wrap(plan["summary"], 128)
    top = 62 + 18 * len(told) + HIGH / 2
    lines: list[Line] = []
    boxes: list[Box] = []
    labels = [Label(18, 22, heading, 16, bold=True, left=True)]
    labels += [Label(18, 46 + 18 * n, part, 13, GREY, left=True) for n, part in enumerate(told)]
    lines += [_edge(edge, top) for edge in plan["edges"]]
    for node in plan["nodes"]:
        _box(node, top, boxes, labels)
    width = round(max(WIDTH, max(node["x"] for node in plan["nodes"]) + BOX / 2 + 18))
    bottom = top + ROW * plan["rows"]
    x = 18.0
    for kind, words in (("event", "led to an event"), ("command", "led to a command")):
        if any(edge["kind"] == kind for edge in plan["edges"]):
            colour, dash = _colour(kind)
            lines.append(Line([(x, bottom + 4), (x + 34, bottom + 4)], colour, 1.8, dash))
            labels.append(Label(x + 40, bottom + 4, words, 12, left=True))
            x += 70 + wide(words, 12)
    note = "In each box: what; who made it and when; who handled it, or what went wrong (✕, yellow)."
    labels.append(Label(18, bottom + 24, note, 12, GREY, left=True))
    return Picture(width, round(bottom + 44), f"{heading}. {plan['summary']}", lines, boxes, labels)


def _colour(kind: str) -> tuple[str, str]:
    return STYLES["event"][:2] if kind == "event" else STYLES["request"][:2] if kind == "command" else (GREY, "dot")


def _edge(edge: dict[str, Any], top: float) -> Line:
    (ax, ay), (bx, by) = edge["from"], edge["to"]
    x1, x2, y1, y2 = ax + BOX / 2, bx - BOX / 2, top + ROW * ay, top + ROW * by
    middle, (colour, dash) = (x1 + x2) / 2 - 3, _colour(edge["kind"])
    points = [(x1, y1), (middle, y1), (middle, y2), (x2 - 9, y2)]
    head = [(x2, y2), (x2 - 9, y2 - 4), (x2 - 9, y2 + 4), (x2, y2)]
    return Line(points, colour, 1.6, dash, head, message=edge["target"])


def _box(node: Node, top: float, boxes: list[Box], labels: list[Label]) -> None:
    y, about = top + ROW * node["y"], node["message"]
    wrong = any(node["wrong"].values())
    words = notebook.sentence(about) if about is not None else node["lines"][0]
    words += f" Handled by {', '.join(node['done_by'])}." if node["done_by"] else ""
    words += f" Went wrong: {_listed(node['wrong'])}." if wrong else ""
    dash = "solid" if node["kind"] == "event" else "dash" if node["kind"] == "command" else "dot"
    fill = WRONG if wrong else "#d6eaf5" if node["kind"] == "event" else GROUND
    boxes.append(Box(node["x"], y, BOX, HIGH, fill, INK if not node["chosen"] else "#000000", dash, words,
                     message=node["id"]))  # fmt: skip
    if node["chosen"]:
        boxes.append(Box(node["x"], y, BOX + 7, HIGH + 7, "rgba(0,0,0,0)", INK, "solid", "the message asked for"))
    for number, text in enumerate(node["lines"]):
        at = y + 14 * (number - (len(node["lines"]) - 1) / 2)
        labels.append(Label(node["x"], at, text, 11 if number else 12, bold=not number, message=node["id"]))
