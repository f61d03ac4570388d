"""The flow graph in motion: messages travel along its arrows, counts grow, services stop and come back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from eventlab.door import door
from eventlab.event import Event
from eventlab.stage import Stage
from eventlab.trace import TROUBLE, Record, Trace
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.records import PURPOSES
from eventlab.views.drawing.style import DASHES, HEAVY, INK
from eventlab.views.drawing.wording import counted, sentence_case, tally
from eventlab.views.flow import graph
from eventlab.views.flow.counts import count, failed
from eventlab.views.flow.parts import Flow, Key, Node
from eventlab.views.flow.states import NOTHING, State, States
from eventlab.views.motion.steps import Mover, View, checked, loosen

FAINT = "0.25"
STOPS = ("crashed", "restarted")
SENDERS = ("sent", "expired", "dead", "retried")  # noted where the message comes from; all others where it arrives
ROOM = State("", "waits for a neighbour")  # as long as what a service does is told
GOING = ("sent", "appended")  # what is seen to travel


@door
def moving(trace: Trace, at: Sequence[int]) -> View:
    """The flow graph of these steps: an arrow is faint until something has travelled along it."""
    shown = Trace([trace[index] for index in checked(trace, at, "flow graph")], trace.stage)
    plan = _plan(shown)
    nodes = {node["name"]: place for place, node in enumerate(plan["nodes"])}
    mover = Mover("flow graph", _picture(plan), graph.flow_graph(shown))
    _begin(mover, plan)
    arrows, states = _Arrows(mover, plan, trace.stage), States(trace.stage)
    for record in shown:
        states.take(record)
        if record.kind in STOPS and record.where in nodes:
            mover.look_at(f"node{nodes[record.where]}")
        else:
            arrows.count(record)
        for node in plan["nodes"]:
            _show(mover, nodes[node["name"]], node["role"], states.of(node["name"]))
        mover.set("title", "text", _title(arrows.sent, arrows.failed))
        mover.step()
    return mover.view


def _plan(trace: Trace) -> Flow:
    """The graph at its end, with room in every box for what its service does."""
    counted, stops = count(trace, None, 0)
    edges, names = graph.chosen_of(counted, list(stops), ())
    room = {name: ROOM for name in names if name not in trace.stage.people}
    return graph.place(edges, names, dict.fromkeys(stops, ""), trace.stage, room)


def _begin(mover: Mover, plan: Flow) -> None:
    mover.begin("title", "text", "")
    for number in range(len(plan["edges"])):
        mover.begin(f"edge{number}", "opacity", FAINT)
        mover.begin(f"count{number}", "text", "")
        mover.begin(f"count{number}.ground", "opacity", "0")
        mover.begin(f"count{number}", "fill", INK)
        mover.begin(f"count{number}", "font-weight", "normal")
    for number, node in enumerate(plan["nodes"]):
        for part, attribute, value in _look(number, node["role"], NOTHING):
            mover.begin(part, attribute, value)


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
    calm: list[Node] = [
        {**node, "state": "waits", "line": " "} if node["role"] != "people" else node for node in plan["nodes"]
    ]
    drawn = graph.draw({**plan, "nodes": calm, "short": "", "summary": ""}, "")
    labels = [replace(each, ground="") if each.part.startswith("line") else each for each in drawn.labels]
    labels[0] = replace(labels[0], text="", part="title")
    text = f"{sentence_case(plan['short'])}. {plan['summary']}"
    return loosen(replace(drawn, text=text, labels=labels))


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


def _show(mover: Mover, number: int, role: str, state: State) -> None:
    """Let a box look as its service does."""
    for part, attribute, value in _look(number, role, state):
        mover.set(part, attribute, value)


def _look(number: int, role: str, state: State) -> list[tuple[str, str, str]]:
    look = graph.looks(state.kind, role)
    box = f"node{number}"
    return [
        (box, "fill", look.fill),
        (box, "stroke", look.border),
        (box, "stroke-width", f"{look.thick:g}"),
        (box, "stroke-dasharray", DASHES[look.dash]),
        (f"name{number}", "fill", look.ink),
    ] + (
        []
        if role == "people"
        else [
            (f"{box}.strokes", "opacity", "1" if state.kind == "waits" else "0"),
            (f"line{number}", "text", state.words),
            (f"line{number}", "fill", look.ink),
        ]
    )
