"""Pictures know no trade: a shop, a hospital and a bare program are drawn as well as the airports."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from eventlab.airports.stage import AIRPORTS, STAGE
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.stage import Board, Stage
from eventlab.trace import Trace
from eventlab.views import (
    Picture,
    Replay,
    apart,
    causal_tree,
    chart,
    departure_boards,
    event_streams,
    flow_graph,
    layout,
    lines,
    rebuild,
    replay,
    sequence_diagram,
    service_state,
    timeline,
)
from eventlab.views.drawing.style import WIDTH
from eventlab.views.drawing.wording import told
from eventlab.views.sequence import diagram
from tests.support import REPO
from tests.support.pictures import assert_harmless, assert_readable
from tests.support.trades import SHOP, TRADES

VIEWS = REPO / "eventlab" / "views"


@cache
def traced(trade: str) -> Trace:
    return TRADES[trade]()


def first_subject(trace: Trace) -> str:
    return next(record.message.subject for record in trace if record.message and record.message.subject)


PICTURES: dict[str, Callable[[Trace], Picture]] = {
    "flow": flow_graph,
    "sequence": sequence_diagram,
    "timeline": timeline,
    "state": service_state,
    "causal": lambda trace: causal_tree(trace, first_subject(trace)),
    "apart": lambda trace: apart(trace, Trace(trace.records[:-9], trace.stage)),
}


@pytest.mark.parametrize("trade", TRADES)
@pytest.mark.parametrize("name", PICTURES)
def test_every_trade_is_drawn_in_every_picture(trade: str, name: str) -> None:
    picture = PICTURES[name](traced(trade))
    assert picture.lines, picture.text
    assert_harmless(picture)
    assert_readable(picture)


@pytest.mark.parametrize("trade", TRADES)
def test_every_trade_moves_in_every_view_that_it_has(trade: str) -> None:
    shown = replay(traced(trade), "flow", "sequence", "state", "streams")
    assert isinstance(shown, Replay)
    assert len(shown.data["views"]) == 4
    assert shown.data["subject"] == traced(trade).stage.subject


# Who is there ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trade", TRADES)
def test_lifelines_stand_in_the_order_of_the_stage(trade: str) -> None:
    trace = traced(trade)
    assert [lane["name"] for lane in diagram.layout(trace)["lanes"]] == list(trace.stage.actors)


@pytest.mark.parametrize("trade", TRADES)
def test_boxes_stand_apart_inside_the_picture_and_where_they_stood_before(trade: str) -> None:
    trace = traced(trade)
    places = {node["name"]: (node["x"], node["y"]) for node in layout(trace)["nodes"]}
    for node in layout(trace)["nodes"]:
        assert node["x"] - node["width"] / 2 > 0 and node["x"] + node["width"] / 2 < WIDTH
        assert node["y"] - node["height"] / 2 > 75
        for other, (x, y) in places.items():
            assert other == node["name"] or abs(x - node["x"]) > 40 or abs(y - node["y"]) > 40, other
    early = layout(trace, len(trace) // 2)["nodes"]
    assert {node["name"]: (node["x"], node["y"]) for node in early}.items() <= places.items()


def test_people_a_bus_and_services_look_different() -> None:
    roles = {node["name"]: node["role"] for node in layout(traced("shop"))["nodes"]}
    assert roles == {
        "customers": "people", "shop": "service", "post": "bus", "payment": "service", "parcels": "service",
    }  # fmt: skip
    assert "people tell or ask" in {label.text for label in flow_graph(traced("shop")).labels}
    assert {node["role"] for node in layout(traced("bare program"))["nodes"]} == {"service", "bus"}


def test_people_have_no_lane_in_the_timeline() -> None:
    assert "customers" not in timeline(traced("shop")).text


# How time is told -----------------------------------------------------------------------------------------------------


def test_clocks_are_those_of_the_stage() -> None:
    assert "On 2024-06-10, 09:00:01 to" in sequence_diagram(traced("shop")).text
    assert "Stopwatch 00:00:01 to" in sequence_diagram(traced("hospital")).text
    utc = Trace(traced("shop").records)  # whoever says nothing gets UTC
    assert "On 2024-06-10, 07:00:01 to" in sequence_diagram(utc).text
    assert lines(traced("hospital").records[:1], traced("hospital").stage).startswith("00:00:01.000  doctors")


def test_an_instant_is_told_by_its_field_and_never_by_its_size() -> None:
    later = replace(SHOP, instants=("due",))
    large, small = 1_718_002_800_000_000_000, 90_000_000_000
    assert told({"due": large, "number": large}, later) == f"due 09:00, number {large}"
    assert told({"due": small}, Stage(instants=("due",))) == "due 00:01:30"
    assert told({"due": {"a": (large,)}}, later) == "due a 09:00"  # and so are all that stand in it
    assert told({"due": True, "on": False}, later) == "due yes, on no"


def test_a_charts_axis_shows_clocks_if_it_is_given_a_stage() -> None:
    hours = [1_718_002_800_000_000_000 + hour * 3_600_000_000_000 for hour in range(4)]
    values = {"waiting": [1.0, 2.0, 3.0, 4.0]}
    clocks = {label.text for label in chart("Waiting", x=hours, series=values, stage=SHOP).labels}
    assert {"09:00", "10:00", "11:00", "12:00"} <= clocks
    assert "09:00" not in {label.text for label in chart("Waiting", x=hours, series=values).labels}


def test_a_store_is_told_with_the_stage_that_is_given() -> None:
    events = [Event("order.placed", {"ordered": 1_718_002_800_000_000_000}, "A", time=1_718_002_800_000_000_000)]
    evolve = lambda state, event: {**state, **event.data}  # noqa: E731
    assert "09:00:00" in rebuild(events, evolve, stage=SHOP).text
    assert "ordered 09:00" in rebuild(events, evolve, stage=SHOP).text
    assert "07:00:00" in rebuild(events, evolve).text


# The stage's own word -------------------------------------------------------------------------------------------------


def test_a_subject_may_be_asked_for_by_the_stages_own_word() -> None:
    trace = traced("shop")
    assert sequence_diagram(trace, order="order-2").text == sequence_diagram(trace, subject="order-2").text
    assert "unknown option in sequence diagram" in sequence_diagram(trace, flight="order-2").text
    assert "expected an order that occurs" in sequence_diagram(trace, order="order-99").text


def test_a_stage_without_a_board_says_so_and_one_with_a_board_shows_it() -> None:
    assert "expected the service that has boards" in departure_boards(traced("shop")).text
    trace = Trace(stage=Stage(zone="UTC", board=Board("station", {"GVA": "Genève"}), subject="train"))
    leaves = 1_718_002_800_000_000_000
    row = {"status": "scheduled", "planned": leaves, "estimate": leaves, "dest": "Lyon", "gate": "3"}
    trace.add(leaves, "changed", "station", key="TGV9764-GVA-0610", after=row)
    text = departure_boards(trace).text
    assert "GVA: 07:00 TGV9764-GVA-0610 to Lyon, gate 3: scheduled" in text


def test_streams_and_steps_find_what_the_stage_calls_a_subject() -> None:
    assert "No service stores" not in event_streams(traced("shop")).text
    with pytest.raises(Invalid):
        diagram.layout(traced("shop"), subject="order-99")


# What views know ------------------------------------------------------------------------------------------------------


def constants(path: Path) -> Iterator[str]:
    """Every text in a module's code; what documents it does not count."""
    tree = ast.parse(path.read_text("utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@pytest.mark.parametrize("path", sorted(VIEWS.rglob("*.py")), ids=lambda path: str(path.relative_to(VIEWS)))
def test_no_view_knows_an_airport(path: Path) -> None:
    names = {*STAGE.actors} - {"bus", "store", "boards"}  # kinds of actors, and a kind of picture
    forbidden = re.compile("|".join([*names, *AIRPORTS, *AIRPORTS.values(), "America", r"eventlab\.airports"]))
    assert [text for text in constants(path) if forbidden.search(text)] == []


@pytest.mark.parametrize("path", sorted(VIEWS.rglob("*.py")), ids=lambda path: str(path.relative_to(VIEWS)))
def test_colours_are_written_in_one_module_alone(path: Path) -> None:
    colours = [text for text in constants(path) if re.fullmatch(r"#[0-9a-fA-F]{3,8}|rgba?\(.*\)", text)]
    assert path == VIEWS / "drawing" / "style.py" or colours == []
