"""The causal tree: which message led to which, from the `causationid` that each one carries.

From left to right: what began the story, and what followed from it. `layout` places (plain data), `causal_tree` draws.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import Event, Message, Refusal, Reply
from eventlab.trace import Record, Trace
from eventlab.views import reprs
from eventlab.views.lifelines import cut, duration, wide
from eventlab.views.sequence import STYLES
from eventlab.views.show import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.steps import about as is_about
from eventlab.views.text import clock, plain

MOST = 60  # messages with a box of their own
WIDTH, BOX, HIGH, STEP, ROW = 860, 182, 44, 216, 54
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
    stories = _stories(trace, about)
    nodes = _nodes(record for record in trace if record.message and _story(record.message) in stories)
    chosen = about.id if isinstance(about, Message) else about
    for node in nodes.values():
        node["chosen"] = node["id"] == chosen
    roots, children = _tree(nodes)
    depth = _depths(roots, children)
    short, long = _conclusion(nodes, roots, depth)
    shown = _join(roots, children, nodes, most)
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


def _story(message: Message) -> str:
    return message.correlationid or message.id


def _stories(trace: Trace, about: Message | str) -> set[str]:
    """The correlations that a message, an id or a flight belongs to."""
    if isinstance(about, Message):
        about = about.id
    found = {_story(r.message) for r in trace if r.message is not None and about in (r.message.id, _story(r.message))}
    if about and not found:
        found = {_story(r.message) for r in trace if r.message is not None and is_about(r, about)}
    if not about or not found:
        expected = "a message's id or a flight that occurs in the trace"
        raise Invalid("story", where="causal tree", expected=expected, found=about)
    return found


def _nodes(records: Iterable[Record]) -> dict[str, Node]:
    """A node for each message, with what became of it; answers are counted at their question."""
    nodes: dict[str, Node] = {}
    sent: Counter[tuple[str, str, str]] = Counter()
    for record in records:
        about = record.message
        if about is None:
            continue
        if isinstance(about, Reply | Refusal):
            if about.causationid in nodes and record.kind in ("received", "lost"):
                _answer(nodes[about.causationid], record)
            continue
        node = nodes.get(about.id)
        if node is None:
            node = nodes[about.id] = {
                "id": about.id, "type": about.type, "kind": "event" if isinstance(about, Event) else "command",
                "service": about.source or record.where, "message": about, "cause": about.causationid,
                "first": record.at, "last": record.at, "done_by": [], "wrong": Counter(), "answer": None, "count": 1,
            }  # fmt: skip
        _note(node, record, sent)
    return nodes


def _note(node: Node, record: Record, sent: Counter[tuple[str, str, str]]) -> None:
    kind, wrong = record.kind, node["wrong"]
    node["last"] = record.at
    if kind == "handled" and record.where not in node["done_by"]:
        node["done_by"].append(record.where)
    elif kind == "sent" and record.purpose in ("publish", "deliver", "request", "tell"):
        key = (node["id"], record.other, record.purpose)
        sent[key] += 1
        wrong["sent again"] += sent[key] > 1
    elif kind in ("lost", "duplicated", "failed", "refused", "expired", "dead"):
        wrong[{"expired": "not answered", "dead": "given up", "duplicated": "doubled"}.get(kind, kind)] += 1


def _answer(node: Node, record: Record) -> None:
    if record.kind == "lost":
        node["wrong"]["answer lost"] += 1
    elif node["answer"] is None or isinstance(record.message, Reply):
        said = "answered" if isinstance(record.message, Reply) else "refused"
        node["answer"] = (said, record.at - node["first"])
        node["last"] = record.at


def _tree(nodes: dict[str, Node]) -> tuple[list[str], dict[str, list[str]]]:
    """Roots and children, both in the order of time. A message whose cause is not there is a root.

    A circle cannot come from a run, but from a file: its earliest message becomes a root.
    """
    children: dict[str, list[str]] = defaultdict(list)
    roots = []
    for id, node in nodes.items():
        cause, seen = node["cause"], {id}
        while cause in nodes and cause not in seen:
            seen.add(cause)
            cause = nodes[cause]["cause"]
        circle = cause in seen and min(_circle(nodes, cause), key=list(nodes).index) == id
        if node["cause"] in nodes and not circle:
            children[node["cause"]].append(id)
        else:
            roots.append(id)
    return roots, children


def _circle(nodes: dict[str, Node], begin: str) -> list[str]:
    found = [begin]
    while (following := nodes[found[-1]]["cause"]) != begin:
        found.append(following)
    return found


def _depths(roots: Sequence[str], children: dict[str, list[str]]) -> dict[str, int]:
    depth, waiting = {}, [(root, 1) for root in roots]
    while waiting:
        id, level = waiting.pop()
        depth[id] = level
        waiting += [(child, level + 1) for child in children.get(id, ())]
    return depth


def _join(roots: list[str], children: dict[str, list[str]], nodes: dict[str, Node], most: int) -> set[str]:
    """What has a box of its own: all, or after joining equal leaves as many as there is room for, the early ones."""
    if len(nodes) <= most:
        return set(nodes)
    for family in (roots, *children.values()):
        first: dict[tuple[str, str], str] = {}
        for id in [id for id in family if not children.get(id)]:
            node = nodes[id]
            leader = first.setdefault((node["type"], node["service"]), id)
            if leader != id:
                nodes[leader]["count"] += 1
                nodes[leader]["wrong"] += node["wrong"]
                family.remove(id)
    shown: set[str] = set()
    level = list(roots)
    while level:  # the nearest to the beginning first
        shown |= set(level[: most - len(shown)])
        level = [child for id in level if id in shown for child in children.get(id, ())] if len(shown) < most else []
    return shown


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
    return [_fit(plain(text), 12 if not number else 11) for number, text in enumerate(lines)]


def _listed(wrong: Counter[str]) -> str:
    return ", ".join(f"{number:,} {what}" if number > 1 else what for what, number in wrong.items() if number)


def _fit(text: str, size: int) -> str:
    while wide(text, size) > BOX - 12:
        text = cut(text, len(text) - 1)
    return text


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
    words = reprs.sentence(about) if about is not None else node["lines"][0]
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
