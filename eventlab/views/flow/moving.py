"""The flow graph in motion: messages travel along its arrows, counts grow, services stop and come back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from eventlab.event import Event
from eventlab.stage import Stage
from eventlab.trace import TROUBLE, Record, Trace
from eventlab.views.drawing.picture import Label, Picture
from eventlab.views.drawing.records import PURPOSES
from eventlab.views.drawing.style import DASHES, HEAVY, INK, OFF_INK
from eventlab.views.drawing.wording import counted, sentence_case, tally
from eventlab.views.flow import graph
from eventlab.views.flow.counts import failed
from eventlab.views.flow.parts import Flow, Key, Node
from eventlab.views.motion.steps import Mover, View, loosen

FAINT = "0.25"
STOPS = ("crashed", "restarted")
SENDERS = ("sent", "expired", "dead", "retried")  # noted where the message comes from; all others where it arrives
GOING = ("sent", "appended")  # what is seen to travel


def moving(trace: Trace, at: Sequence[int]) -> View:
    """The flow graph of these steps: an arrow is faint until something has travelled along it."""
    shown = [trace[index] for index in at]
    plan = graph.layout(Trace(shown, trace.stage))
    nodes = {node["name"]: (node, place) for place, node in enumerate(plan["nodes"])}
    mover = Mover("flow graph", _picture(plan))
    _begin(mover, plan)
    for record in shown:
        if record.kind in STOPS and record.where in nodes:
            _stop(mover, *nodes[record.where], None, trace.stage)
    arrows = _Arrows(mover, plan, trace.stage)
    for record in shown:
        if record.kind in STOPS and record.where in nodes:
            _stop(mover, *nodes[record.where], record, trace.stage)
        else:
            arrows.count(record)
        mover.set("title", "text", _title(arrows.sent, arrows.failed))
        mover.step()
    return mover.view


def _begin(mover: Mover, plan: Flow) -> None:
    mover.begin("title", "text", "")
    for number in range(len(plan["edges"])):
        mover.begin(f"edge{number}", "opacity", FAINT)
        mover.begin(f"count{number}", "text", "")
        mover.begin(f"count{number}.ground", "opacity", "0")
        mover.begin(f"count{number}", "fill", INK)
        mover.begin(f"count{number}", "font-weight", "normal")


class _Arrows:
    """The arrows while the steps go by: how much has travelled along each, and what went wrong."""

    def __init__(self, mover: Mover, plan: Flow, stage: Stage) -> None:
        self.mover, self.plan, self.stage = mover, plan, stage
        self.places: dict[Key, int] = {(e["source"], e["target"], e["kind"]): n for n, e in enumerate(plan["edges"])}
        self.counts: Counter[int] = Counter()
        self.failures: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.sent = 0

    @property
    def failed(self) -> int:
        """How many went wrong, on all arrows."""
        return sum(map(failed, self.failures.values()))

    def count(self, record: Record) -> None:
        """What a record adds to its arrow, if it has one."""
        found = self._of(record)
        if found is None:
            return
        number, along = found
        self.sent += record.kind == "sent" and along
        self.counts[number] += record.kind in GOING and along
        if record.kind in TROUBLE:
            self.failures[number][record.kind] += 1
        _count(self.mover, number, self.counts[number], self.failures[number])
        self.mover.look_at(f"edge{number}")
        if record.message is not None:
            self.mover.belongs(f"edge{number}", record.message.id)
        if record.kind in GOING:
            way = self.plan["edges"][number]["points"]
            self.mover.move(*(way if along else reversed(way)))

    def _of(self, record: Record) -> tuple[int, bool] | None:
        """The arrow that a record belongs to, and whether its message travels along it or back."""
        if record.message is None:
            return None
        usual = "event" if isinstance(record.message, Event) else "request"
        kind, along = PURPOSES.get(record.purpose, ("tell" if record.purpose else usual, True))
        ends = (record.where, record.other) if record.kind in SENDERS else (record.other, record.where)
        if record.kind == "appended":
            kind, ends = "stored", (record.where, next(iter(self.stage.stores), record.where))
        source, target = ends if along else reversed(ends)
        for each in (kind, "people", "tell"):
            if (source, target, each) in self.places:
                return self.places[source, target, each], along
        return None


def _picture(plan: Flow) -> Picture:
    """The picture of the end, without what would tell the end beforehand, and with a name for all that changes."""
    calm: list[Node] = [{**node, "stopped": ""} for node in plan["nodes"]]
    drawn = loosen(graph.draw({**plan, "nodes": calm, "short": "", "summary": ""}, ""))
    stopping = {(node["x"], node["y"]) for node in plan["nodes"] if node["stopped"]}
    labels = [replace(each, y=each.y - 9) if (each.x, each.y) in stopping else each for each in drawn.labels]
    labels[0] = replace(labels[0], text="", part="title")
    for number, node in enumerate(plan["nodes"]):
        if node["stopped"]:  # its box is higher, so that there is room for this
            labels.append(Label(node["x"], node["y"] + 11, "", 13, part=f"stop{number}"))
    text = f"{sentence_case(plan['short'])}. {plan['summary']}"
    return replace(drawn, text=text, labels=labels)


def _title(sent: int, wrong: int) -> str:
    many = f"{counted(sent, 'message')} until now"
    return f"{many}, {wrong:,} went wrong" if wrong else many


def _count(mover: Mover, number: int, count: int, failures: Counter[str]) -> None:
    wrong = failed(failures)
    mover.set(f"edge{number}", "opacity", "1")
    mover.set(f"count{number}", "text", tally(count, wrong, failures))
    mover.set(f"count{number}.ground", "opacity", "1")
    if wrong:
        mover.set(f"count{number}", "fill", graph.number_colour(True))
        mover.set(f"count{number}", "font-weight", f"{HEAVY}")


def _stop(mover: Mover, node: Node, number: int, record: Record | None, stage: Stage) -> None:
    """A service that stops or works again; with no record, what it is like before anything happens."""
    stopped = record is not None and record.kind == "crashed"
    usual = DASHES["dot" if node["role"] == "people" else "solid"]
    when = f"{'stopped' if stopped else 'works again'} at {stage.clock(record.at)}" if record else ""
    news = [
        (f"node{number}", "fill", graph.fill(node, stopped=stopped)),
        (f"node{number}", "stroke-dasharray", DASHES["dash"] if stopped else usual),
        (f"stop{number}", "text", when),
        (f"stop{number}", "fill", OFF_INK if stopped else INK),
        (f"name{number}", "fill", OFF_INK if stopped else INK),
    ]
    for part, attribute, value in news:
        if record is None:
            mover.begin(part, attribute, value)
        else:
            mover.set(part, attribute, value)
    if record is not None:
        mover.look_at(f"node{number}")
