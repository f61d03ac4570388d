"""The flow graph in motion: messages travel along its arrows, counts grow, services stop and come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from eventlab.event import Event
from eventlab.trace import Record, Trace
from eventlab.views.drawing.picture import DASHES, GROUND, Label, Picture
from eventlab.views.drawing.text import clock
from eventlab.views.flow import graph
from eventlab.views.flow.counts import PURPOSES
from eventlab.views.motion.steps import FAILURES, Mover, View, loosen

FAINT = "0.25"
STOPS = ("crashed", "restarted")
SENDERS = ("sent", "expired", "dead", "retried")  # noted where the message comes from; all others where it arrives
GOING = ("sent", "appended")  # what is seen to travel


def moving(trace: Trace, at: Sequence[int]) -> View:
    """The flow graph of these steps: an arrow is faint until something has travelled along it."""
    shown = [trace[index] for index in at]
    plan = graph.layout(Trace(shown))
    edges = {(edge["source"], edge["target"], edge["kind"]): number for number, edge in enumerate(plan["edges"])}
    nodes = {node["name"]: node for node in plan["nodes"]}
    places = {name: number for number, name in enumerate(nodes)}
    mover = Mover("flow graph", _picture(plan))
    mover.begin("title", "text", "")
    for number in edges.values():
        mover.begin(f"edge{number}", "opacity", FAINT)
        mover.begin(f"count{number}", "text", "")
        mover.begin(f"count{number}.ground", "opacity", "0")
        mover.begin(f"count{number}.ground", "fill", GROUND)
        mover.begin(f"count{number}.ground", "stroke", GROUND)
    for record in shown:
        if record.kind in STOPS and record.where in nodes:
            _stop(mover, nodes[record.where], places[record.where], None)
    counts: Counter[int] = Counter()
    wrong: Counter[int] = Counter()
    silent: Counter[int] = Counter()  # waited for in vain: what was lost on the way is counted already
    sent = 0
    for record in shown:
        if record.kind in STOPS and record.where in nodes:
            _stop(mover, nodes[record.where], places[record.where], record)
        elif (found := _edge(record, edges)) is not None:
            number, along = found
            sent += record.kind == "sent" and along
            counts[number] += record.kind in GOING and along
            wrong[number] += record.kind in FAILURES and record.kind != "expired"
            silent[number] += record.kind == "expired"
            _count(mover, number, counts[number], max(wrong[number], silent[number]))
            mover.look_at(f"edge{number}")
            if record.message is not None:
                mover.belongs(f"edge{number}", record.message.id)
            if record.kind in GOING:
                way = plan["edges"][number]["points"]
                mover.move(*(way if along else reversed(way)))
        mover.set("title", "text", _title(sent, sum(max(wrong[number], silent[number]) for number in counts)))
        mover.step()
    return mover.view


def _picture(plan: graph.Plan) -> Picture:
    """The picture of the end, without what would tell the end beforehand, and with a name for all that changes."""
    calm = [{**node, "stopped": ""} for node in plan["nodes"]]
    drawn = loosen(graph.draw({**plan, "nodes": calm, "short": "", "summary": ""}, ""))
    stopping = {(node["x"], node["y"]) for node in plan["nodes"] if node["stopped"]}
    labels = [replace(each, y=each.y - 8) if (each.x, each.y) in stopping else each for each in drawn.labels]
    labels[0] = replace(labels[0], text="", part="title")
    for number, node in enumerate(plan["nodes"]):
        if node["stopped"]:  # its box is higher, so that there is room for this
            labels.append(Label(node["x"], node["y"] + 10, "", 11, part=f"stop{number}"))
    text = f"{plan['short'].capitalize()}. {plan['summary']}"
    return replace(drawn, text=text, labels=labels)


def _title(sent: int, wrong: int) -> str:
    many = f"{sent:,} message{'' if sent == 1 else 's'} until now"
    return f"{many}, ✕ {wrong:,} went wrong" if wrong else many


def _count(mover: Mover, number: int, count: int, wrong: int) -> None:
    mover.set(f"edge{number}", "opacity", "1")
    mover.set(f"count{number}", "text", f"{count}{f' ✕{wrong}' if wrong else ''}")
    mover.set(f"count{number}.ground", "opacity", "1")
    if wrong:
        mover.set(f"count{number}.ground", "fill", graph.WRONG)


def _stop(mover: Mover, node: graph.Plan, number: int, record: Record | None) -> None:
    """A service that stops or works again; with no record, what it is like before anything happens."""
    stopped = record is not None and record.kind == "crashed"
    usual = DASHES["dot" if node["role"] == "people" else "solid"]
    when = f"{'stopped' if stopped else 'works again'} at {clock(record.at)}" if record else ""
    news = [
        (f"node{number}", "fill", graph.fill(node, stopped=stopped)),
        (f"node{number}", "stroke-dasharray", DASHES["dash"] if stopped else usual),
        (f"stop{number}", "text", when),
    ]
    for part, attribute, value in news:
        if record is None:
            mover.begin(part, attribute, value)
        else:
            mover.set(part, attribute, value)
    if record is not None:
        mover.look_at(f"node{number}")


def _edge(record: Record, edges: dict[tuple[str, str, str], int]) -> tuple[int, bool] | None:
    """The arrow that a record belongs to, and whether its message travels along it or back."""
    if record.message is None:
        return None
    usual = "event" if isinstance(record.message, Event) else "request"
    kind, along = PURPOSES.get(record.purpose, ("tell" if record.purpose else usual, True))
    ends = (record.where, record.other) if record.kind in SENDERS else (record.other, record.where)
    if record.kind == "appended":
        kind, ends = "stored", (record.where, "store")
    source, target = ends if along else reversed(ends)
    for each in (kind, "people", "tell"):
        if (source, target, each) in edges:
            return edges[source, target, each], along
    return None
