"""The causal tree: which message led to which, from the `causationid` that each one carries.

From left to right: what began the story, and what followed from it. `layout` places (plain data), `causal_tree` draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap
from typing import TypedDict

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.event import Message
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views import causal_stories
from eventlab.views.causal_stories import Node
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, message, titled
from eventlab.views.drawing.records import sentence
from eventlab.views.drawing.shapes import Point
from eventlab.views.drawing.style import (
    CLEAR,
    EVENT,
    EVENT_GROUND,
    GREY,
    GROUND,
    INK,
    REQUEST,
    SMALL,
    WIDTH,
    WRONG,
    WRONG_GROUND,
)
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted, duration
from eventlab.views.motion.choice import check_trace

WHERE = "causal tree"
MOST = 60  # messages with a box of their own
BOX, HIGH, STEP, ROW = 182, 54, 208, 64
KINDS = {  # colour and dash of what leads there, dash and ground of the box
    "event": (EVENT, "solid", "solid", EVENT_GROUND),
    "command": (REQUEST, "dash", "dash", GROUND),
    "rest": (GREY, "dot", "dot", GROUND),
}


class Edge(TypedDict):
    """What led to what."""

    source: str
    target: str
    begin: Point
    end: Point
    kind: str


class Tree(TypedDict):
    """Boxes and arrows with their places (`rows` of boxes), and sentences about them; `words` more about each box."""

    nodes: list[Node]
    edges: list[Edge]
    rows: float
    short: str
    summary: str
    messages: int
    depth: int
    words: dict[str, str]


@door_but("trace")
def layout(trace: Trace, about: Message | str, *, most: int = MOST) -> Tree:
    """The messages of a story as a tree with places, and sentences about it, as plain data.

    `about` is a message, its id, or a subject, which may have several stories. Answers have no box: they are said in
    the box of the question. Beyond `most` messages, equal ones side by side share a box, then the tree is cut where it
    is deepest. Nothing to show raises `Invalid`.
    """
    check_trace(trace, WHERE)
    if most.__class__ is not int or not 1 <= most <= 500:
        raise Invalid("most", where=WHERE, expected="a whole number, 1 to 500", found=most)
    found, stage = causal_stories.find(trace, about), trace.stage
    nodes = causal_stories.nodes(trace, found)
    chosen = about.id if isinstance(about, Message) else about
    for node in nodes.values():
        node["chosen"] = node["id"] == chosen
    roots, children = causal_stories.tree(nodes)
    depth = causal_stories.depths(roots, children)
    short, long = _conclusion(nodes, roots, depth)
    grown = _Growth(nodes, children, causal_stories.join(roots, children, nodes, most), stage)
    grown.plant(roots)
    return {"nodes": grown.drawn, "edges": grown.edges, "rows": grown.row, "short": short, "summary": long,
            "messages": len(nodes), "depth": max(depth.values()),
            "words": {node["id"]: _words(node, stage) for node in grown.drawn}}  # fmt: skip


@door_but("trace")
def causal_tree(trace: Trace, about: Message | str, *, most: int = MOST, title: str = "") -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw(layout(trace, about, most=most), title)
    except Invalid as problem:
        return message("No causal tree", str(problem))


# Compute --------------------------------------------------------------------------------------------------------------


class _Growth:
    """The tree while it grows: leaves one below the other, each cause in the middle of what it led to."""

    def __init__(self, nodes: dict[str, Node], children: dict[str, list[str]], shown: set[str], stage: Stage) -> None:
        self.nodes, self.children, self.shown, self.stage = nodes, children, shown, stage
        self.drawn: list[Node] = []
        self.edges: list[Edge] = []
        self.row = 0.0

    def plant(self, roots: list[str]) -> None:
        """One tree below the other, and a box for the roots that have none."""
        for number, root in enumerate(root for root in roots if root in self.shown):
            self.row += 0.25 if number else 0
            self._walk(root, 0)
        hidden = [root for root in roots if root not in self.shown]
        if hidden:
            self._box(self._rest(hidden), 0, self.row + 0.25)
            self.row += 1.25

    def _walk(self, id: str, level: int) -> Node:
        children = self.children.get(id, ())
        family = [self._walk(child, level + 1) for child in children if child in self.shown]
        hidden = [child for child in children if child not in self.shown]
        if hidden:
            family.append(self._box(self._rest(hidden), level + 1, self.row))
            self.row += 1
        y = (family[0]["y"] + family[-1]["y"]) / 2 if family else self.row
        self.row += not family
        place = self._box(self.nodes[id], level, y)
        for child in family:
            self.edges.append({"source": id, "target": child["id"], "begin": (place["x"], y),
                               "end": (child["x"], child["y"]), "kind": child["kind"]})  # fmt: skip
        return place

    def _box(self, node: Node, level: int, y: float) -> Node:
        lines = _lines(node, self.stage)
        place: Node = {**node, "level": level, "x": 18 + BOX / 2 + STEP * level, "y": y, "lines": lines}
        self.drawn.append(place)
        return place

    def _rest(self, hidden: Sequence[str]) -> Node:
        """One box for all that has none, and for what followed from it."""
        rest = causal_stories.node(f"… {hidden[0]}", "", "rest", self.nodes[hidden[0]]["first"])
        rest["count"], waiting = 0, list(hidden)
        while waiting:
            id = waiting.pop()
            rest["count"] += self.nodes[id]["count"]
            rest["wrong"] += self.nodes[id]["wrong"]
            waiting += self.children.get(id, ())
        return rest


def _lines(node: Node, stage: Stage) -> list[str]:
    """The lines in a box: what, who and when, and what became of it."""
    wrong = _counts(node["wrong"])
    if node["kind"] == "rest":
        return [f"… {counted(node['count'], 'more message')}", *([f"✕ {wrong}"] if wrong else [])]
    many = f"{node['count']:,} × " if node["count"] > 1 else ""
    lines = [many + node["type"], f"{node['service']} {stage.clock(node['first'], fine=True)}"]
    if wrong:
        lines.append(f"✕ {wrong}")
    elif node["answer"]:
        lines.append(f"{' '.join(node['done_by'])} {node['answer'][0]} after {duration(node['answer'][1])}".strip())
    elif node["done_by"]:
        lines.append(f"→ {', '.join(node['done_by'])}")
    else:
        lines.append("nobody has handled it")
    return [fit(lines[0], BOX - 12, SMALL, bold=True), *(fit(text, BOX - 12, SMALL) for text in lines[1:])]


def _words(node: Node, stage: Stage) -> str:
    """What is said of a box under the mouse."""
    about, wrong = node["message"], _counts(node["wrong"])
    words = sentence(about, stage) if about is not None else node["lines"][0]
    words += f" Handled by {', '.join(node['done_by'])}." if node["done_by"] else ""
    return words + (f" Went wrong: {wrong}." if wrong else "")


def _counts(wrong: Counter[str]) -> str:
    return ", ".join(f"{number:,} {what}" if number > 1 else what for what, number in wrong.items() if number)


def _conclusion(nodes: dict[str, Node], roots: list[str], depth: dict[str, int]) -> tuple[str, str]:
    begun = nodes[roots[0]]
    services = {node["service"] for node in nodes.values()}
    last = max(node["last"] for node in nodes.values())
    if len(roots) == 1:
        followers = counted(len(nodes) - 1, "message")
        short = f"{begun['type']} led to {followers} in {duration(last - begun['first'])}"
    else:
        short = f"{counted(len(roots), 'story', 'stories')} with {counted(len(nodes), 'message')}"
    chain, makers = counted(max(depth.values()), "message"), counted(len(services), "service")
    parts = [f"Deepest chain: {chain}; made by {makers}."]
    (cause, children), *_ = Counter(node["cause"] for node in nodes.values()).most_common(1)
    if cause in nodes and children > 1:
        parts.append(f"{nodes[cause]['type']} of {nodes[cause]['service']} led directly to {children} others.")
    wrong: Counter[str] = Counter()
    for node in nodes.values():
        wrong += node["wrong"]
    said = ", ".join(f"{number:,} {what}" for what, number in wrong.items() if number)
    return plain(short), plain(" ".join([*parts, f"Went wrong: {said}." if said else "Nothing went wrong."]))


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: Tree, title: str) -> Picture:
    heading = f"{title}: {plan['short']}" if title else plan["short"]
    told = wrap(plan["summary"], 128)
    top = 62 + 18 * len(told) + HIGH / 2
    sheet = Sheet(*titled(heading, told), *(_edge(edge, top) for edge in plan["edges"]))
    for node in plan["nodes"]:
        _draw_box(node, plan["words"][node["id"]], top, sheet)
    width = max(WIDTH, max(node["x"] for node in plan["nodes"]) + BOX / 2 + 18)
    bottom = top + ROW * plan["rows"]
    x = 18.0
    for kind, words in (("event", "led to an event"), ("command", "led to a command")):
        if any(edge["kind"] == kind for edge in plan["edges"]):
            colour, dash, _, _ = KINDS[kind]
            sheet.add(Line([(x, bottom + 4), (x + 34, bottom + 4)], colour, 1.8, dash))
            sheet.add(Label(x + 40, bottom + 4, words, SMALL, left=True))
            x += 70 + text_width(words, SMALL)
    note = "In each box: what; who made it and when; who handled it, or what went wrong (✕)."
    sheet.add(Label(18, bottom + 24, note, SMALL, GREY, left=True))
    return sheet.picture(width, bottom + 44, f"{heading}. {plan['summary']}")


def _edge(edge: Edge, top: float) -> Line:
    (ax, ay), (bx, by) = edge["begin"], edge["end"]
    x1, x2, y1, y2 = ax + BOX / 2, bx - BOX / 2, top + ROW * ay, top + ROW * by
    middle = (x1 + x2) / 2 - 3
    colour, dash, _, _ = KINDS[edge["kind"]]
    points = [(x1, y1), (middle, y1), (middle, y2), (x2 - 9, y2)]
    head = [(x2, y2), (x2 - 9, y2 - 4), (x2 - 9, y2 + 4), (x2, y2)]
    return Line(points, colour, 1.6, dash, head, message=edge["target"])


def _draw_box(node: Node, words: str, top: float, sheet: Sheet) -> None:
    y = top + ROW * node["y"]
    _, _, dash, ground = KINDS[node["kind"]]
    fill = WRONG_GROUND if any(node["wrong"].values()) else ground
    border = WRONG if fill == WRONG_GROUND else INK
    sheet.add(Box(node["x"], y, BOX, HIGH, fill, border, dash, words, message=node["id"], corner=3))
    if node["chosen"]:
        sheet.add(Box(node["x"], y, BOX + 7, HIGH + 7, CLEAR, INK, "solid", "the message asked for"))
    for number, text in enumerate(node["lines"]):
        at = y + 16 * (number - (len(node["lines"]) - 1) / 2)
        sheet.add(Label(node["x"], at, text, SMALL, bold=not number, message=node["id"]))
