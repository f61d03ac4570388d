"""Stories: messages and what they led to, found by the `correlationid` and `causationid` that each one carries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypedDict

from eventlab.errors import Invalid
from eventlab.event import Event, Message, Refusal, Reply
from eventlab.stage import Stage
from eventlab.trace import KINDS, Record, Trace
from eventlab.views.drawing.wording import one

WRONG = {  # kinds of records, and what they say of a message
    "lost": "lost", "duplicated": "doubled", "failed": "failed", "refused": "refused", "expired": "not answered",
    "dead": "given up",
}  # fmt: skip


# Kinds of records that a message cannot be found in first: with each of these, it was there before.
BEGINNINGS = tuple(kind for kind in KINDS if kind not in ("received", "handled", "acknowledged", "ignored", "changed"))


class Node(TypedDict):
    """A message and what became of it; of kind "rest", all messages that have no box of their own.

    `answer` says what the answer was and how long it took (nanoseconds). `level`, `x`, `y` and `lines` are its box.
    """

    id: str
    type: str
    kind: str
    service: str
    message: Message | None
    cause: str
    first: int
    last: int
    done_by: list[str]
    wrong: Counter[str]
    answer: tuple[str, int] | None
    count: int
    chosen: bool
    level: int
    x: float
    y: float
    lines: list[str]


def node(id: str, type: str, kind: str, at: int) -> Node:
    """A message of which nothing has become yet, and which stands nowhere."""
    return {
        "id": id, "type": type, "kind": kind, "service": "", "message": None, "cause": "", "first": at, "last": at,
        "done_by": [], "wrong": Counter(), "answer": None, "count": 1, "chosen": False, "level": 0, "x": 0.0, "y": 0.0,
        "lines": [],
    }  # fmt: skip


def correlation(message: Message) -> str:
    """The id of the message that the story began with."""
    return message.correlationid or message.id


def find(trace: Trace, about: Message | str) -> set[str]:
    """The correlations that a message, an id or a subject belongs to."""
    if isinstance(about, Message):
        about = about.id
    found: set[str] = set()
    for kinds in (BEGINNINGS, KINDS):  # a part of a trace may have the end of a message alone
        found = found or _correlations(trace.of(*kinds), about, trace.stage)
    if not about or not found:
        expected = f"a message's id or {one(trace.stage.subject)} that occurs in the trace"
        raise Invalid("story", where="causal tree", expected=expected, found=about)
    return found


def _correlations(records: Iterable[Record], about: str, stage: Stage) -> set[str]:
    """The correlations of what has this id, or else of what is about this subject: both are looked for at once."""
    by_id: set[str] = set()
    by_subject: set[str] = set()
    word = stage.subject
    for record in records:
        message = record.message
        if message is None:
            continue
        if about == message.id or about == message.correlationid:
            by_id.add(correlation(message))
        elif message.subject == about or message.data.get(word) == about:
            by_subject.add(correlation(message))
    return (by_id or by_subject) if about else set()


def nodes(trace: Trace, stories: set[str]) -> dict[str, Node]:
    """A node for each message of these stories, with what became of it; answers are counted at their question."""
    nodes: dict[str, Node] = {}
    sent: Counter[tuple[str, str, str]] = Counter()
    for record in trace.of(*(kind for kind in KINDS if kind != "changed")):
        about = record.message
        if about is None or (about.correlationid or about.id) not in stories:
            continue
        if isinstance(about, Reply | Refusal):
            if about.causationid in nodes and record.kind in ("received", "lost"):
                _answer(nodes[about.causationid], record)
            continue
        if about.id not in nodes:
            kind = "event" if isinstance(about, Event) else "command"
            found = nodes[about.id] = node(about.id, about.type, kind, record.at)
            found["service"], found["message"] = about.source or record.where, about
            found["cause"] = about.causationid
        _note(nodes[about.id], record, sent)
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
    elif kind in WRONG:
        wrong[WRONG[kind]] += 1


def _answer(node: Node, record: Record) -> None:
    if record.kind == "lost":
        node["wrong"]["answer lost"] += 1
    elif node["answer"] is None or isinstance(record.message, Reply):
        said = "answered" if isinstance(record.message, Reply) else "refused"
        node["answer"] = (said, record.at - node["first"])
        node["last"] = record.at


def tree(nodes: dict[str, Node]) -> tuple[list[str], dict[str, list[str]]]:
    """Roots and children, both in the order of time. A message whose cause is not there is a root.

    A circle cannot come from a run, but from a file: its earliest message becomes a root.
    """
    children: dict[str, list[str]] = defaultdict(list)
    roots, circles = [], _first_of_circles(nodes)
    for id, node in nodes.items():
        if node["cause"] in nodes and id not in circles:
            children[node["cause"]].append(id)
        else:
            roots.append(id)
    return roots, children


def _first_of_circles(nodes: dict[str, Node]) -> set[str]:
    """The earliest message of each circle of causes; each message is looked at once, however long the chains are."""
    order = {id: place for place, id in enumerate(nodes)}
    seen: set[str] = set()
    found = set()
    for id in nodes:
        way: dict[str, None] = {}
        while id in nodes and id not in seen:
            seen.add(id)
            way[id] = None
            id = nodes[id]["cause"]
        if id in way:  # back where this very way has been
            chain = list(way)
            found.add(min(chain[chain.index(id) :], key=order.__getitem__))
    return found


def depths(roots: Sequence[str], children: dict[str, list[str]]) -> dict[str, int]:
    """How far each message is from the beginning of its story."""
    depth, waiting = {}, [(root, 1) for root in roots]
    while waiting:
        id, level = waiting.pop()
        depth[id] = level
        waiting += [(child, level + 1) for child in children.get(id, ())]
    return depth


def join(roots: list[str], children: dict[str, list[str]], nodes: dict[str, Node], most: int) -> set[str]:
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
