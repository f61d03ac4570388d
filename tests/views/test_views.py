"""The views: words that are harmless, pictures that count right, and prose that says what the run says."""

from __future__ import annotations

import html
import json
from base64 import b64decode
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.airports import ARCHITECTURES, Run, Scenario, report, run
from eventlab.airports.cast import WORK
from eventlab.airports.stage import STAGE
from eventlab.errors import Invalid
from eventlab.event import Command, Event, Reply
from eventlab.faults import Crash, Flaky
from eventlab.stage import Stage
from eventlab.trace import KINDS, Record, Trace
from eventlab.views import (
    Picture,
    clock,
    departure_boards,
    escape,
    flow_graph,
    layout,
    line,
    lines,
    replay,
    sequence_diagram,
    table,
)
from eventlab.views.drawing.picture import Box, Line
from eventlab.views.drawing.records import PURPOSES
from eventlab.views.drawing.style import INK
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.writing import HAIR
from eventlab.views.flow import graph
from eventlab.views.flow.graph import STYLES

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
NASTY = """<img src=x onerror="alert(1)"> $x^2$ %{x} & 'q' |a| *b* `c` [d](javascript:e) \x00\x1b[31m \u202e"""
SECOND = 1_000_000_000
WATCH = msgspec.structs.replace(STAGE, zone="")  # the airports, in a time that began at 0

CALM: dict[str, Any] = {}
FAULTS: dict[str, list[Any]] = {
    "calm": [],
    "operations": [Crash("operations", BOSTON.at("07:30"), BOSTON.at("08:15"))],
    "boards": [Crash("boards", BOSTON.at("07:30"), BOSTON.at("09:30"))],
    "bus": [Crash("bus", BOSTON.at("07:30"), BOSTON.at("08:15"))],
    "flaky": [Flaky(BOSTON.at("03:00"), BOSTON.at("12:00"), loss=0.2, duplication=0.2)],
}


@cache
def ran(architecture: str, fault: str = "calm") -> Run:
    return run(BOSTON.with_(faults=FAULTS[fault]), architecture)


def edges(plan: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(edge["source"], edge["target"], edge["kind"]): edge for edge in plan["edges"]}


# Words ----------------------------------------------------------------------------------------------------------------


@given(st.text())
def test_escaped_text_is_the_same_text_to_a_reader_and_holds_nothing_that_acts(text: str) -> None:
    safe = escape(text)
    assert html.unescape(safe) == plain(text)
    assert not set(safe) & set("<>\"'$|*_`\\[]~\x00\x1b\u202e")
    ElementTree.fromstring(f"<text>{safe}</text>")


def test_every_kind_of_record_and_every_purpose_has_plain_words() -> None:
    message = Event("flight.cancelled", {"flight": "X1"}, "X1")
    purposes = [*PURPOSES, ""]
    told = {
        (kind, purpose): line(Record(0, 0, kind, "gates", message, "boards", 7, purpose, "why", "X1", 1, 2))
        for kind in KINDS
        for purpose in (purposes if kind in ("sent", "received") else ["deliver"])
    }
    assert all("{" not in words and words.startswith("00:00:00.000  gates       ") for words in told.values())
    usual = [key for key, words in told.items() if words.split("gates       ")[1].startswith(f"{key[0]} {key[1]} ")]
    assert usual == [("sent", ""), ("received", "")]  # these alone have no words of their own


def test_a_change_tells_only_what_is_different() -> None:
    before, after = {"status": "scheduled", "planned": 1360330800 * SECOND}, {"status": "cancelled"}
    change = Record(0, 0, "changed", "boards", key="X1", before=before, after={**before, **after, "reason": "weather"})
    told = lines([change], STAGE)
    assert told.endswith("changes X1: status scheduled → cancelled, reason weather")
    gone = Record(0, 0, "changed", "boards", key="X1", before=before, after={"status": "scheduled"})
    assert lines([gone], STAGE).endswith("changes X1: planned 08:40 → nothing")


def test_a_brief_story_has_no_receipts_and_no_arrivals_but_everything_that_went_wrong() -> None:
    trace = ran("event-carried state transfer", "flaky").trace
    brief = lines(trace, brief=True)
    assert "is done" not in brief
    assert "gets the event" not in brief
    assert "is done" in lines(trace)
    assert brief.count("never gets") == sum(1 for _ in trace.of("lost")) > 0


def test_long_lines_are_folded_and_nothing_is_lost() -> None:
    trace = ran("request-driven").trace
    folded = lines(trace, trace.stage)
    assert max(map(len, folded.split("\n"))) <= 104
    whole = "".join(line(record, trace.stage) for record in trace)
    assert "".join(folded.split()) == "".join(whole.split())


def test_a_table_keeps_foreign_text_in_its_cell() -> None:
    shown = table([{"what": NASTY, "how many": 3}], right=["how many"])
    heading, rule, row = shown._repr_markdown_().split("\n")
    assert (heading, rule) == ("| what | how many |", "| :--- | ---: |")
    assert row.count("|") == 3
    assert "<" not in row
    assert "how many" in repr(shown)
    assert repr(table([])) == "nothing to show\n---------------"


# What is counted ------------------------------------------------------------------------------------------------------


def small_trace() -> Trace:
    """A question and its answer, an event and its receipt, one more of each that got lost, and a crash."""
    trace, ask = Trace(stage=WATCH), Command("flight.describe", {"flight": "X1"})
    event = Event("flight.delayed", {"flight": "X1"})
    trace.add(1 * SECOND, "sent", "boards", ask, "operations", 1, "request")
    trace.add(2 * SECOND, "received", "operations", ask, "boards", 1, "request")
    trace.add(2 * SECOND, "sent", "operations", Reply("flight.describe"), "boards", 2, "reply")
    trace.add(3 * SECOND, "sent", "operations", event, "bus", 3, "publish")
    trace.add(3 * SECOND, "sent", "bus", event, "operations", 4, "confirm")
    trace.add(4 * SECOND, "sent", "bus", event, "gates", 5, "deliver")
    trace.add(5 * SECOND, "sent", "gates", event, "bus", 6, "acknowledge")
    trace.add(60 * SECOND, "crashed", "gates")
    trace.add(61 * SECOND, "sent", "bus", event, "gates", 7, "deliver")
    trace.add(61 * SECOND, "lost", "gates", event, "bus", 7, "deliver", "gates is down")
    trace.add(62 * SECOND, "sent", "boards", ask, "gates", 8, "request")
    trace.add(62 * SECOND, "lost", "gates", ask, "boards", 8, "request", "gates is down")
    trace.add(67 * SECOND, "expired", "boards", ask, "gates")
    trace.add(120 * SECOND, "restarted", "gates")
    trace.add(121 * SECOND, "sent", "passengers", ask, "boards", 9, "request")
    return trace


def test_answers_and_receipts_belong_to_the_arrow_of_what_they_answer() -> None:
    plan = layout(small_trace())
    found = {key: (edge["count"], edge["back"], edge["failed"]) for key, edge in edges(plan).items()}
    assert found == {
        ("boards", "operations", "request"): (1, 1, 0),
        ("operations", "bus", "event"): (1, 1, 0),
        ("bus", "gates", "event"): (2, 1, 1),
        ("boards", "gates", "request"): (1, 0, 1),  # lost, and waited for in vain: one failure, not two
        ("passengers", "boards", "people"): (1, 0, 0),
    }
    assert edges(plan)["bus", "gates", "event"]["words"] == (
        "bus → gates: 2 events, 1 acknowledged. Went wrong: 1 lost (gates is down)"
    )


def test_a_stop_is_told_while_it_lasts_and_where_the_counted_records_touch_it() -> None:
    def stopped(**window: int) -> str:
        (gates,) = [node for node in layout(small_trace(), **window)["nodes"] if node["name"] == "gates"]
        return str(gates["stopped"])

    assert stopped(at=6) == ""
    assert stopped(at=9) == "stopped at 00:01:00"
    assert stopped() == "stopped 00:01:00–00:02:00"
    assert stopped(since=10, at=11) == "stopped at 00:01:00"  # it began before the first record that counts
    trace = small_trace()
    trace.add(122 * SECOND, "sent", "boards", Command("gate.describe", {"flight": "X1"}), "gates", 10, "request")
    (gates,) = [node for node in layout(trace, since=14)["nodes"] if node["name"] == "gates"]
    assert gates["stopped"] == ""  # it was over by then


def test_an_arrow_says_who_waits_in_vain_while_a_service_is_down() -> None:
    (operations,) = [n for n in layout(ran("request-driven").trace)["nodes"] if n["name"] == "gates"]
    assert "these wait in vain: airlines, boards, operations, passengers." in operations["words"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_arrows_hold_every_message_that_was_sent(architecture: str, fault: str) -> None:
    trace = ran(architecture, fault).trace
    plan = layout(trace)
    forth = [r for r in trace.of("sent") if PURPOSES[r.purpose][1]]
    answers = [r for r in trace.of("sent") if r.purpose in ("reply", "acknowledge", "confirm")]
    drawn = [edge for edge in plan["edges"] if edge["kind"] != "stored"]
    assert sum(edge["count"] for edge in drawn) == len(forth)
    assert sum(edge["back"] for edge in drawn) == len(answers)
    requests = sum(edge["count"] for edge in plan["edges"] if edge["kind"] == "request")
    assert requests == ran(architecture, fault).metrics["requests"]
    pairs = sum(edge["kind"] == "request" for edge in plan["edges"])
    assert pairs == ran(architecture, fault).metrics["coupling"]


def test_the_picture_at_a_record_is_that_of_the_trace_up_to_it(tmp_path: Path) -> None:
    trace = ran("event notification", "boards").trace
    for at in (0, 40, 200, len(trace) - 1):
        assert layout(trace, at) == layout(Trace(trace.records[: at + 1], STAGE), at)
    trace.save(tmp_path / "run.jsonl")
    assert layout(Trace.load(tmp_path / "run.jsonl")) == layout(trace)


def test_a_box_says_what_its_service_does_at_a_moment_and_looks_so() -> None:
    trace = ran("request-driven", "boards").trace
    seen: set[str] = set()
    for at in range(0, len(trace), 3):
        nodes = layout(trace, at)["nodes"]
        seen |= {node["state"] for node in nodes}
        assert all(node["line"] for node in nodes if node["state"] not in ("", "works")), "a word says it too"
        if {"works", "waits", "idle", "stopped"} <= seen:
            break
    assert {"works", "waits", "idle", "stopped"} <= seen
    looks = [graph.looks(state, "service") for state in ("", "works", "waits", "idle", "stopped")]
    assert len({look.fill + look.border + look.dash for look in looks}) == 5


def test_what_is_on_its_way_at_a_record_has_a_dot_on_its_arrow() -> None:
    def dots(at: int | None = None) -> list[str]:
        return [line.words for line in flow_graph(small_trace(), at).lines if line.words.startswith("on its way now")]

    assert dots(0) == ["on its way now: flight.describe X1"]
    assert dots(1) == []
    assert dots(2) == ["on its way now: reply: flight.describe"]
    (gates,) = [edge for edge in layout(small_trace(), 9)["edges"] if edge["target"] == "gates"]
    assert gates["now"] == [  # the second delivery was lost and is gone
        ("flight.delayed X1", True),
        ("acknowledge: flight.delayed X1", False),
    ]
    assert "On its way now, ●: flight.describe X1 (boards – operations). " in flow_graph(small_trace(), 0).text
    calm = flow_graph(ran("request-driven").trace)
    assert "On its way" not in calm.text


def test_who_waits_is_told_in_the_title() -> None:
    def title(architecture: str, fault: str = "calm") -> str:
        return flow_graph(ran(architecture, fault).trace, title=architecture).text

    assert title("request-driven").startswith("request-driven: 2 services wait for others. operations waits for gates")
    assert title("event notification").startswith("event notification: 5 services wait for others.")
    assert title("event sourcing").startswith("event sourcing: 5 services wait for others. baggage waits for store;")
    for architecture in ("publish/subscribe", "event-carried state transfer"):
        assert title(architecture).startswith(f"{architecture}: no service waits for another.")
    assert "operations → boards" in title("request-driven", "boards")
    assert "boards stopped 07:30–09:30" in title("request-driven", "boards")


# How it is drawn ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_covers_anything_and_everything_is_inside(architecture: str, fault: str) -> None:
    assert_clear(ran(architecture, fault).trace)


def test_nothing_covers_anything_where_everybody_talks_to_everybody() -> None:
    whole_day = run(Scenario(questions=1), "event notification").trace
    assert len(layout(whole_day)["edges"]) == 19
    assert_clear(whole_day)


def assert_clear(trace: Trace) -> None:
    plan, picture = layout(trace), flow_graph(trace)
    boxes = [(n["x"], n["y"], n["width"], n["height"]) for n in plan["nodes"]]
    labels = [(e["label"]["x"], e["label"]["y"], e["label"]["width"], 15) for e in plan["edges"]]
    things = boxes + labels
    for number, (x, y, w, h) in enumerate(things):
        assert x - w / 2 >= 0
        assert x + w / 2 <= picture.width
        assert y - h / 2 >= 75, "hidden by the title"
        assert y + h / 2 <= picture.height - 62, "hidden by the legend"
        for other_x, other_y, other_w, other_h in things[:number]:
            assert abs(x - other_x) >= (w + other_w) / 2 or abs(y - other_y) >= (h + other_h) / 2
    for edge in plan["edges"]:
        for node in plan["nodes"]:
            if node["name"] not in (edge["source"], edge["target"]):
                inside = [
                    (x, y)
                    for x, y in edge["points"]
                    if abs(x - node["x"]) < node["width"] / 2 and abs(y - node["y"]) < node["height"] / 2
                ]
                assert not inside, f"{edge['source']} → {edge['target']} runs through {node['name']}"


def test_places_stay_put_over_architectures_faults_and_time() -> None:
    seen: dict[str, set[tuple[float, float]]] = {}
    for architecture in ARCHITECTURES:
        for fault in FAULTS:
            trace = ran(architecture, fault).trace
            for at in (5, len(trace) // 2, None):
                for node in layout(trace, at)["nodes"]:
                    seen.setdefault(node["name"], set()).add((node["x"], node["y"]))
    assert set(seen) == set(STAGE.actors)
    assert {len(places) for places in seen.values()} == {1}


def test_a_cast_of_another_trade_gets_places_too() -> None:
    trace = Trace()
    names = ["shop", "payment", "stock", "parcels", "bus"]
    for number, (source, to) in enumerate(zip(names, [*names[1:], names[0]], strict=True)):
        trace.add(number, "sent", source, Event("order.placed"), to, number, "publish")
    places = {(node["x"], node["y"]) for node in layout(trace)["nodes"]}
    assert len(places) == len(names)


@pytest.mark.parametrize("newcomers", [["hotels"], ["hotels", "kitchen"], ["hotels", "kitchen", "taxis", "doctors"]])
def test_newcomers_beside_the_cast_stand_on_nobodys_line(newcomers: list[str]) -> None:
    trace = Trace(list(ran("publish/subscribe", "calm").trace), STAGE)
    for number, name in enumerate(newcomers):
        trace.add(trace[-1].at, "sent", "bus", Event("flight.cancelled"), name, 10**6 + number, "deliver")
    assert set(newcomers) < {node["name"] for node in layout(trace)["nodes"]}
    assert_clear(trace)


def test_kinds_of_arrows_differ_in_dash_and_words() -> None:
    assert len({style[:2] for style in STYLES.values()}) == len({style[2] for style in STYLES.values()}) == len(STYLES)
    assert len({dash for _, dash, _ in STYLES.values()}) == len(STYLES), "never colour alone"
    picture = flow_graph(ran("event notification").trace)
    words = {label.text for label in picture.labels}
    assert {STYLES[kind][2] for kind in ("event", "request", "people")} <= words
    assert STYLES["stored"][2] not in words, "the legend names only what is there"
    drawn = {(found.colour, found.dash) for found in picture.lines}
    assert {STYLES["event"][:2], STYLES["request"][:2], STYLES["people"][:2]} == drawn


def test_a_picture_shows_itself_as_an_image_svg_and_text_and_is_a_plotly_figure_for_who_asks() -> None:
    from plotly.graph_objects import Figure

    picture = flow_graph(ran("event sourcing", "boards").trace, title="event sourcing")
    bundle = picture._repr_mimebundle_()
    assert list(bundle) == ["text/html", "image/svg+xml", "text/plain"]
    assert Figure(picture.plotly()).layout.width == picture.width  # plotly refuses what it does not know
    assert json.loads(json.dumps(bundle)) == bundle  # plain data
    svg = ElementTree.fromstring(bundle["image/svg+xml"])
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == bundle["text/plain"] == repr(picture)
    assert len(picture.figure().data) == len(picture.plotly()["data"])
    image = ElementTree.fromstring(bundle["text/html"]).find("img")
    assert image is not None
    assert b64decode(image.get("src", "").partition("base64,")[2]).decode() == bundle["image/svg+xml"]
    assert (image.get("alt") or "").split() == picture.text.split(), "who does not see it hears it"
    assert f"min-width:{picture.width - HAIR}px" in image.get("style", ""), "its letters never shrink"


def test_every_word_of_a_still_picture_is_found_by_the_mouse_where_its_shape_lies() -> None:
    steep = Line([(100, 20), (100, 60), (180, 100)], INK, words="an <arrow>")
    boxes = [Box(100, 40, 40, 30, INK, words="below"), Box(100, 40, 4, 4, INK, words="above"), Box(9, 9, 9, 9, INK)]
    output = ElementTree.fromstring(Picture(200, 120, "all", [steep], boxes).shown()["text/html"])
    areas = [(area.get("title"), area.get("coords")) for area in output.iter("area")]
    assert areas == [
        ("above", "94,34,106,46"),  # what is drawn last lies above; the mouse need not be so sure as the pen
        ("below", "80,25,120,55"),
        ("an <arrow>", "94,20,96,64,177,105,183,95,104,56,106,20"),
    ]
    named, used = output.find("map"), output.find("img")
    assert named is not None and used is not None and used.get("usemap") == f"#{named.get('name')}"
    assert not list(ElementTree.fromstring(Picture(9, 9, "bare").shown()["text/html"]).iter("map"))


def test_hostile_names_and_notes_stay_text() -> None:
    trace, message = Trace(stage=WATCH), Event(NASTY, {"flight": NASTY}, NASTY)
    trace.add(0, "sent", NASTY, message, "bus", 1, "publish")
    trace.add(0, "lost", "bus", message, NASTY, 1, "publish", NASTY)
    trace.add(0, "crashed", NASTY)
    picture = flow_graph(trace, title=NASTY)
    names = {element.tag.split("}")[1] for element in ElementTree.fromstring(picture.svg()).iter()}
    assert names == {"svg", "style", "g", "title", "polyline", "polygon", "rect", "text"}
    plotly = json.dumps(picture.plotly()).replace("<br>", "").replace("<b>", "").replace("</b>", "")
    assert not set(plotly) & set("<>$")
    assert "hovertemplate" not in plotly  # %{…} in a name would be filled in
    assert "\x1b" not in lines(trace)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: flow_graph(Trace()), "a run that has begun"),
        (lambda: flow_graph(ran("request-driven")), "a trace, such as run.trace"),  # type: ignore[arg-type]
        (lambda: flow_graph(small_trace(), services=["gate"]), "unknown service in flow graph: expected one of boards"),
        (lambda: flow_graph(small_trace(), at=99), "a record's index, 0 to 14, found 99"),
        (lambda: flow_graph(small_trace(), at=3, since=5), "a record's index, 5 to 14, found 3"),
        (lambda: flow_graph(small_trace(), at=13, since=13), "at least one message that was sent"),
        (lambda: flow_graph(small_trace(), at=-1), "found -1"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_the_pictures_place(asked: Any, words: str) -> None:
    picture = asked()
    assert isinstance(picture, Picture)
    assert words in picture.text
    assert words.split(" ")[0] in html.unescape(picture.svg())


def test_a_picture_of_one_service_has_only_its_arrows() -> None:
    plan = layout(ran("request-driven").trace, services=["boards"])
    assert {key[:2] for key in edges(plan)} == {
        ("passengers", "boards"),
        ("boards", "operations"),
        ("boards", "gates"),
        ("operations", "boards"),
    }
    with pytest.raises(Invalid):
        layout(small_trace(), services=["nobody"])


# The report ----------------------------------------------------------------------------------------------------------


def test_the_cast_of_the_report_is_the_cast_of_the_run() -> None:
    assert set(report.CAST) == {"airlines", "passengers", "bus", "store", *WORK} == set(STAGE.actors)


def test_the_report_tells_when_passengers_heard_and_who_got_no_seat() -> None:
    rows = report.what_passengers_heard(ran("request-driven", "boards"), "07:30", "09:34")
    told = [(row["time"][:5], row["who"], row["does what"]) for row in rows]
    assert told == [
        ("09:32", "rebooking", "moves 52 people to B61026-JFK-0208"),
        ("09:32", "rebooking", "finds no seat for 10 people of 9E3422-JFK-0208"),
        ("09:32", "notices", "tells the passengers of 9E3422-JFK-0208: cancelled"),
        ("09:32", "notices", "tells the passengers of 9E3422-JFK-0208: rebooked"),
    ]


def test_a_reading_says_who_has_which_value() -> None:
    import pandas

    compared = pandas.DataFrame(
        {"told late": [4755, 0, 0], "answered %": [94.52, 94.48, float("nan")]}, ["a", "b", "c"]
    )
    assert report.who_has_which_value(compared).split("\n") == [
        "- **told late**: **4,755** in a; **0** in b and c.",
        "- **answered %**: **94.5** in a and b; **–** in c.",
    ]


def test_the_versions_that_a_copy_keeps_beside_its_rows_are_not_rows_of_the_boards() -> None:
    scenario = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208"], questions=0)
    told = run(scenario, "event-carried state transfer")
    assert any("versions" in row for row in told.trace.state("boards").values())  # they are there
    assert "versions" not in departure_boards(told.trace, truth=told.truth).text
    assert "boards" in replay(told, "boards", flight="B61004-JFK-0208").text


def test_time_that_began_at_zero_is_shown_as_a_stopwatch_shows_it() -> None:
    assert clock(0, Stage()) == "00:00:00"
    assert clock(3_723_004_000_000, Stage(), fine=True) == "01:02:03.004"
    assert clock(1360330800 * SECOND, STAGE) == "08:40"


def test_receipts_of_different_consumers_for_one_event_are_not_sent_again() -> None:
    trace, event = Trace(), Event("order.placed", id="shop-1")
    for packet, name in enumerate(["mail", "stock"]):
        trace.add(packet, "sent", name, event, "bus", packet, "acknowledge")
    assert "again" not in sequence_diagram(trace, receipts=True).text
    trace.add(9, "sent", "mail", event, "bus", 9, "acknowledge")
    assert "1 sent again" in sequence_diagram(trace, receipts=True).text
