"""The flow graph in motion: messages travel along its arrows, counts grow, services stop and come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eventlab.trace import Record, Trace
from eventlab.views import flow
from eventlab.views.arrows import PURPOSES
from eventlab.views.steps import FAILURES, Mover, View

FAINT = "0.25"


def moving(trace: Trace, at: Sequence[int]) -> View:
    """The flow graph of these steps: an arrow is faint until something has travelled along it."""
    shown = [trace[index] for index in at]
    plan = flow.layout(Trace(shown))
    mover = Mover("flow graph", flow.draw(plan, ""))
    edges = {(edge["source"], edge["target"], edge["kind"]): number for number, edge in enumerate(plan["edges"])}
    nodes = {node["name"]: f"node{number}" for number, node in enumerate(plan["nodes"])}
    for number in edges.values():
        mover.begin(f"edge{number}", "opacity", FAINT)
        mover.begin(f"count{number}", "text", "")
    for node in plan["nodes"]:
        mover.begin(nodes[node["name"]], "fill", flow.fill(node, stopped=False))
    counts: Counter[int] = Counter()
    wrong: Counter[int] = Counter()
    for record in shown:
        if record.kind in ("crashed", "restarted"):
            _stop(mover, plan, nodes, record)
        elif (found := _edge(record, edges)) is not None:
            number, along = found
            mover.set(f"edge{number}", "opacity", "1")
            counts[number] += record.kind == "sent" and along
            wrong[number] += record.kind in FAILURES
            mark = f" ✕{wrong[number]}" if wrong[number] else ""
            mover.set(f"count{number}", "text", f"{counts[number]}{mark}")
            if record.kind == "sent":
                way = plan["edges"][number]["points"]
                mover.move(*(way if along else reversed(way)))
        mover.step()
    return mover.view


def _stop(mover: Mover, plan: flow.Plan, nodes: dict[str, str], record: Record) -> None:
    for node in plan["nodes"]:
        if node["name"] == record.where:
            mover.set(nodes[record.where], "fill", flow.fill(node, stopped=record.kind == "crashed"))


def _edge(record: Record, edges: dict[tuple[str, str, str], int]) -> tuple[int, bool] | None:
    """The arrow that a record belongs to, and whether its message travels along it or back."""
    kind, along = PURPOSES.get(record.purpose, ("tell", True))
    ends = (record.where, record.other) if record.kind in ("sent", "expired", "dead") else (record.other, record.where)
    source, target = ends if along else reversed(ends)
    for kind_of_edge in (kind, "people"):
        if (source, target, kind_of_edge) in edges:
            return edges[source, target, kind_of_edge], along
    return None
