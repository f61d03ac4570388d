"""The law for borders, for pictures: any value ends in something that can be drawn, soon, or in an error of ours.

Walks `eventlab.views.__all__`: a new name, or a parameter without a right value here, fails.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import eventlab.views
from eventlab import Event, Lab, Process, Stage, Step, Trace
from eventlab.trace import KINDS
from eventlab.views import chart, what_if
from eventlab.views.lags import Behind
from eventlab.views.versions import Meeting, Ran
from tests.support.borders import EDGES, Call, Fresh, calls, ends_well, functions

SOON = 5.0  # seconds


def small() -> Trace:
    lab = Lab(1)
    shop, mail = lab.service("a"), lab.service("b")
    mail.on("order.*", lambda event: mail.state.update(n=event.subject), durable="mail")
    for number in range(3):
        lab.at(number, shop.publish, Event("order.placed", {"n": number}, subject=str(number)))
    return lab.run()


TRACE = small()
RIGHT: dict[str, Any] = {
    "source": TRACE, "about": "0", "evolve": lambda state, event: state, "trace": TRACE, "run": TRACE, "one": TRACE,
    "other": TRACE, "table": [{"a": 1, "answered %": 2}], "x": [1, 2], "series": {"s": [1, 2]}, "title": "t",
    "rows": [("a", 1)], "record": TRACE[0], "records": TRACE.records[:3], "instant": 1, "stage": TRACE.stage,
    "text": "a", "message": TRACE[0].message, "make": lambda **chosen: "done", "shown": len, "service": "b",
    "subject": "0", "path": Fresh(lambda: Path("page.html")),
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "table": {"rows": [{"a": 1}]},
    "saga_diagram": {"process": Process("buying", [Step("pay", "mail", "order.pay")]), "events": []},
    "version_matrix": {"meetings": [Meeting("1", "2", "1", "well")]},
    "version_lanes": {"spans": [Ran("mail", "1", 0, 9)], "refused": [("mail", 3)]},
    "read_model_lag": {"models": {"board": Behind([0, 9], [2, 0], serves=(3, 9), wrong=[4])}},
    "two_times": {"value": lambda known, happened: "a", "known": [0, 1, 2], "happened": [0, 1], "at": (1, 0)},
    "growth_chart": {"sizes": [1, 10], "works": {"append": [1, 2]}, "shown": ["append"], "unit": "ms", "size": "n"},
    **{name: {"rows": 3} for name in ("event_streams", "rebuild", "departure_boards")},
}
CLASSES = ("Picture", "Table", "Prose", "Replay", "WhatIf")  # what the functions give; `WhatIf` is called below


def drawn(result: Any) -> None:
    """All that a notebook would ask of it."""
    for name in ("_repr_mimebundle_", "_repr_html_", "_repr_svg_", "_repr_markdown_"):
        if hasattr(result, name):
            getattr(result, name)()
    str(result), repr(result)


def shown_soon(call: Call) -> None:
    """The call ends well, what it gives can be drawn, and neither takes long."""
    begin = time.process_time()
    ends_well(Call(call.words, lambda: drawn(call.make())), OSError)  # the system's own word about a path
    assert time.process_time() - begin < SOON, f"{call} takes too long"


NAMES = [name for name, _ in functions(eventlab.views) if name not in CLASSES]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_every_view_ends_every_call_well(name: str) -> None:
    view = getattr(eventlab.views, name)
    names = inspect.signature(view).parameters
    right = {key: value for key, value in {**RIGHT, **OWN.get(name, {})}.items() if key in names}
    for call in calls(view, right, functions=["make", "evolve", "views", "value"], together=20):
        shown_soon(call)
    eventlab.views.show_with(None)


PLAIN = ("layout", "moving", "lanes", "backlogs", "health")  # what gives plain data, and what moves
PLAINLY = {
    "versions.layout": OWN["version_matrix"], "versions.lanes": OWN["version_lanes"],
    "lags.layout": OWN["read_model_lag"], "sagas.layout": OWN["saga_diagram"],
    "bitemporal.layout": OWN["two_times"], "growth.layout": OWN["growth_chart"],
    "sequence.moving.moving": {"at": [0, 1]}, "flow.moving.moving": {"at": [0, 1]},
}  # fmt: skip


def plain() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What the views compute before they draw, in every module of theirs: anybody may import it."""
    for each in pkgutil.walk_packages(eventlab.views.__path__, "eventlab.views."):
        for name, found in functions(importlib.import_module(each.name)):
            if name in PLAIN and found.__module__ == each.name:
                yield f"{each.name.removeprefix('eventlab.views.')}.{name}", found


BEFORE = dict(plain())


@pytest.mark.parametrize("name", BEFORE)
def test_what_is_computed_before_it_is_drawn_ends_every_call_well(name: str) -> None:
    names = inspect.signature(BEFORE[name]).parameters
    own = next((own for ending, own in PLAINLY.items() if name.endswith(ending)), {})
    right = {key: value for key, value in {**RIGHT, "steps": [0, 1], **own}.items() if key in names}
    for call in calls(BEFORE[name], right, functions=["evolve", "value"], together=5):
        ends_well(call)


@pytest.mark.parametrize("edge", EDGES)
def test_a_control_takes_any_choice_and_any_result(edge: str) -> None:
    make = EDGES[edge]
    shown_soon(Call(f"choices {edge}", lambda: what_if(lambda n: "done", n=make())))
    shown_soon(Call(f"a choice {edge}", lambda: what_if(lambda n: "done", n=[make(), 2])))
    shown_soon(Call(f"shows {edge}", lambda: what_if(lambda n: make(), n=[1, 2])))
    shown_soon(Call(f"moved to {edge}", lambda: what_if(lambda n: "done", n=[1, 2]).show(n=make())))


@pytest.mark.parametrize("edge", EDGES)
def test_a_chart_takes_any_value_in_its_rows(edge: str) -> None:
    make = EDGES[edge]
    for bars in (False, True):
        shown_soon(Call(f"x {edge}", lambda bars=bars: chart("t", x=[make(), 2], series={"s": [1, 2]}, bars=bars)))
    shown_soon(Call(f"y {edge}", lambda: chart("t", x=[1, 2], series={"s": [make(), 2]})))
    shown_soon(Call(f"span {edge}", lambda: chart("t", x=[1, 2], series={"s": [1, 2]}, spans=[("a", make(), 2)])))


# Traces from the edges ------------------------------------------------------------------------------------------------

HOSTILE = [
    "x" * 500,
    "\u202eשלום\u202c",
    "😀" * 50,
    "a\0b",
    "<script>alert(1)</script>&\"'",
    "a b",
    "%s{0}$x\\",
    "\n\r\t",
]


def busy(names: list[str], when: Callable[[int], int]) -> list[Any]:
    """Every kind of record, between these actors, at these instants."""
    trace, n = Trace(), 0
    for one in names:
        for other in names[:3]:
            event, n = Event("order.placed", {"n": n, "t": other}, other, id=f"{other[:50]}-{n}", source=one), n + 1
            for kind in KINDS:
                if kind == "changed":
                    trace.add(when(n), kind, one, key=other, before=None, after={"k": one})
                else:
                    trace.add(when(n), kind, one, event, other, n, "publish", note=one)
    return trace.records


def traces() -> dict[str, Trace]:
    many = {
        "hostile names": busy(HOSTILE, lambda n: n * 10**9),
        "one instant": busy(["a", "b"], lambda n: 0),
        "far away": busy(["a", "b"], lambda n: 2**62),
        "before 1970": busy(["a", "b"], lambda n: n - 2**62),
        "all of time": busy(["a", "b"], lambda n: -(2**63) if n == 1 else 2**63 - 1),
        "nothing": [],
    }
    found = {name: Trace(records) for name, records in many.items()}
    strangers = Stage(actors=("zz",), people=("a",), buses=("b",), stores=("q",), instants=("n",))
    stages = {"New York": Stage(zone="America/New_York"), "strangers": strangers}
    for name, records in many.items():
        found |= {f"{name}, {title}": Trace(records, stage) for title, stage in stages.items()}
    for kind in KINDS:
        found[f"one {kind}"] = bare = Trace()
        bare.add(0, kind, "a", key="k", after=1 if kind == "changed" else None)
    return found


OF_TRACES = [
    name
    for name in NAMES
    if name not in ("layout", "export")  # `flow_graph` and `replay` do the same, and draw it
    if next(iter(inspect.signature(getattr(eventlab.views, name)).parameters), "") in ("trace", "run", "one", "source")
]
TRACES = traces()


@pytest.mark.parametrize("name", OF_TRACES)
def test_every_view_draws_any_trace_or_says_why_not(name: str) -> None:
    view = getattr(eventlab.views, name)
    names = inspect.signature(view).parameters
    needed = [p.name for p in list(names.values())[1:] if p.default is p.empty and p.kind < p.VAR_POSITIONAL]
    for title, trace in TRACES.items():
        own = {each: {"other": trace, "evolve": RIGHT["evolve"]}.get(each, "a") for each in needed}
        for at in (None, 0, -1) if "at" in names else (None,):
            more = {} if at is None else {"at": at}
            shown_soon(Call(f"{name} of {title} {more}", lambda own=own, more=more, t=trace: view(t, **own, **more)))
