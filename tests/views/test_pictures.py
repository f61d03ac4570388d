"""All views alike: readable at ten and at a thousand messages, said in words, clear about what they cannot show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.airports import ARCHITECTURES, Run, Scenario, flights, rules, run
from eventlab.airports.stage import STAGE
from eventlab.event import Command, Event, Refusal, Reply
from eventlab.faults import Crash, Flaky
from eventlab.process import Process, Step
from eventlab.store import Store
from eventlab.trace import Record, Trace
from eventlab.views import (
    Picture,
    apart,
    boards,
    causal,
    causal_tree,
    departure_boards,
    event_streams,
    export,
    flow_graph,
    rebuild,
    replay,
    saga_diagram,
    sequence_diagram,
    service_state,
    side_by_side,
    state,
    streams,
    timeline,
)
from eventlab.views.flow import graph
from eventlab.views.sequence import diagram
from eventlab.views.state_matrix import Knowledge
from tests.support.pictures import NASTY, assert_harmless, assert_readable

SECOND = 10**9
FLIGHT = "9E3422-JFK-0208"
BOSTON = Scenario(flights=[FLIGHT, "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
View = Callable[..., Picture]


@cache
def small(architecture: str = "event-carried state transfer") -> Run:
    return run(BOSTON, architecture)


@cache
def large(architecture: str = "event notification") -> Run:
    """About three thousand messages, of which some get lost, come twice, or find a service down."""
    chosen = [flight.key for flight in flights.flights("2013-02-08")][300:320]
    faults = [
        Crash("operations", BOSTON.at("10:00"), BOSTON.at("10:45")),
        Flaky(BOSTON.at("03:00"), BOSTON.at("23:00"), loss=0.05, duplication=0.05),
    ]
    return run(Scenario(flights=chosen, questions=1, faults=faults), architecture)


def shown(ran: Run, flight: str) -> dict[str, Callable[[], Any]]:
    trace = ran.trace
    return {
        "flow graph": lambda: flow_graph(trace),
        "flow graph of one service": lambda: flow_graph(trace, services=["boards"]),
        "sequence diagram": lambda: sequence_diagram(trace),
        "sequence diagram of a flight": lambda: sequence_diagram(trace, flight=flight),
        "sequence diagram of a service": lambda: sequence_diagram(trace, service="gates", receipts=True),
        "timeline": lambda: timeline(trace),
        "timeline of a flight": lambda: timeline(trace, flight=flight),
        "boards": lambda: departure_boards(trace, truth=ran.truth),
        "boards at an instant": lambda: departure_boards(trace, when=BOSTON.at("10:40"), truth=ran.truth),
        "streams": lambda: event_streams(trace),
        "streams of a flight": lambda: event_streams(trace, flight=flight),
        "state": lambda: service_state(trace),
        "state of a service": lambda: service_state(trace, service="rebooking"),
        "state of a flight": lambda: service_state(trace, flight=flight),
        "causal tree": lambda: causal_tree(trace, flight),
    }


NAMES = list(shown(small(), FLIGHT))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_few_messages_can_be_read(architecture: str, name: str) -> None:
    picture = shown(small(architecture), FLIGHT)[name]()
    if architecture == "request-driven" and name.startswith("streams"):
        assert "No streams" in picture.text  # nothing is stored there
    else:
        assert picture.lines or picture.boxes, picture.text
    assert_readable(picture)


@pytest.mark.parametrize("name", NAMES)
def test_thousands_of_messages_can_be_read_too(name: str) -> None:
    assert sum(1 for _ in large().trace.of("sent")) > 1500
    picture = shown(large(), large().scenario.flights[3])[name]()
    assert picture.lines or picture.boxes, picture.text
    assert_readable(picture)
    assert picture.height < 8_000


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_said_in_words_in_each_of_its_forms(name: str) -> None:
    picture = shown(large(), large().scenario.flights[3])[name]()
    bundle = picture._repr_mimebundle_()
    assert list(bundle) == ["text/html", "image/svg+xml", "text/plain"]
    assert bundle["text/plain"] == repr(picture) == picture.text
    assert len(picture.text) > 40
    assert picture.labels[0].text.rstrip("….") in picture.text, "the title is the first thing that is said"


# What is left out is counted ------------------------------------------------------------------------------------------


def test_a_sequence_diagram_draws_the_first_messages_and_counts_the_others() -> None:
    trace = large().trace
    plan = diagram.layout(trace)
    drawn = len(plan["arrows"])
    all_sent = sum(r.kind == "sent" and r.purpose not in ("acknowledge", "confirm", "reject") for r in trace)
    assert drawn + plan["more"]["messages"] == all_sent
    assert 40 < drawn < 80
    assert f"{plan['more']['messages']:,} messages only counted" in sequence_diagram(trace).text


def test_a_causal_tree_joins_and_cuts_and_loses_no_message() -> None:
    trace = large().trace
    for most in (5, 20, 60):
        plan = causal.layout(trace, large().scenario.flights[3], most=most)
        assert sum(node["count"] for node in plan["nodes"]) == plan["messages"]
        assert sum(node["kind"] != "rest" for node in plan["nodes"]) <= most


def test_streams_and_boards_say_how_many_rows_are_not_shown() -> None:
    plan = streams.layout(large().trace)
    stored = sum(1 for _ in large().trace.of("appended"))
    assert plan["count"] == stored == plan["above"] + len(plan["rows"])
    on = boards.layout(large().trace, rows=2)
    assert sum(on["listed"].values()) == len(large().scenario.flights)
    assert any("2 of" in label.text for label in departure_boards(large().trace, rows=2).labels)


# Each view tells what the trace tells ---------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_flow_graph_of_a_prefix_never_moves_a_node(data: Any) -> None:
    trace = large().trace
    one, two = sorted(data.draw(st.integers(200, len(trace) - 1)) for _ in range(2))
    early, late = (
        {node["name"]: (node["x"], node["y"]) for node in graph.layout(trace, at)["nodes"]} for at in (one, two)
    )
    assert early.items() <= late.items()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_streams_at_a_record_are_the_first_events_of_the_whole(data: Any) -> None:
    trace = small("event sourcing").trace
    at = data.draw(st.integers(100, len(trace) - 1))
    whole = streams.layout(trace, rows=10_000)["rows"]
    assert streams.layout(trace, at, rows=10_000)["rows"] == whole[: sum(row["index"] <= at for row in whole)]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_state_at_a_record_is_the_fold_of_the_changes_up_to_it(data: Any) -> None:
    trace = small().trace
    first = next(trace.of("changed")).index
    at = data.draw(st.integers(first, len(trace) - 1))
    plan = state.layout(trace, at, rows=10_000)
    shown = {(row["service"], row["key"]) for row in plan["rows"] if row["value"] != "–"}
    folded = {(service, key) for service, known in trace.states(at).items() for key in known if known[key] != {}}
    assert shown == folded


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_each_arrow_of_a_sequence_diagram_is_a_message_of_the_trace(data: Any) -> None:
    trace = large().trace
    begin = data.draw(st.integers(0, len(trace) - 60))
    since, until = trace[begin].at, trace[begin + 50].at
    plan = diagram.layout(trace, since=since, until=until, receipts=True, most=1000)
    sent = [r for r in trace.of("sent") if since <= r.at <= until]
    assert Counter(a["packet"] for a in plan["arrows"] if a["sent"] is not None) == Counter(r.packet for r in sent)
    ends = {r.packet: r.kind for r in reversed(trace.records) if r.kind in ("received", "lost")}
    assert all(a["end"] == ends.get(a["packet"], "under way") for a in plan["arrows"])
    assert all(a["y2"] > a["y1"] for a in plan["arrows"]), "time runs down"


def test_the_boards_are_those_of_the_fold_and_wrong_where_the_truth_differs() -> None:
    late = run(
        BOSTON.with_(faults=[Crash("boards", BOSTON.at("07:30"), BOSTON.at("08:15"))]), "event-carried state transfer"
    )
    for clock, wrong in (("07:20", 0), ("07:50", 1), ("08:30", 0)):
        plan = boards.layout(late.trace, when=BOSTON.at(clock), truth=late.truth)
        rows = {row["subject"]: row for board in plan["boards"] for row in board["rows"]}
        assert (plan["wrong"], rows[FLIGHT]["wrong"] != "") == (wrong, bool(wrong)), clock
        assert rows[FLIGHT]["says"] == ("cancelled" if clock == "08:30" else "scheduled")
    assert "wrong for 17 min: cancelled" in departure_boards(late.trace, when=BOSTON.at("07:50"), truth=late.truth).text


def test_who_led_to_what_is_what_the_messages_say() -> None:
    trace = small().trace
    plan = causal.layout(trace, FLIGHT)
    messages = {r.message.id: r.message for r in trace if r.message is not None}
    for edge in plan["edges"]:
        assert messages[edge["target"]].causationid == edge["source"]
        assert edge["begin"][0] < edge["end"][0], "time runs to the right"
    places = [(node["x"], node["y"]) for node in plan["nodes"]]
    assert len(set(places)) == len(places)


def test_a_message_can_be_asked_for_by_itself_and_is_marked() -> None:
    told = next(r.message for r in small().trace.of("handled") if r.message and r.message.type == "flight.cancelled")
    plan = causal.layout(small().trace, told)
    assert [node["id"] for node in plan["nodes"] if node["chosen"]] == [told.id]


# What cannot be shown -------------------------------------------------------------------------------------------------

AGAIN = "a flight that occurs in the run's records, found 'XX1'"
BEFORE, PAST = 0, 2**62
TRIP = Process("trip", [Step("seat", "seats", "seat.reserve", "seat.release")])
BAD: list[tuple[str, Callable[[], Any], str]] = [
    ("flow", lambda: flow_graph(Trace()), "a run that has begun"),
    ("flow", lambda: flow_graph(small().trace, services=["gate"]), "unknown service in flow graph: expected one of"),
    ("flow", lambda: flow_graph(small().trace, at=10**6), "a record's index, 0 to"),
    ("sequence", lambda: sequence_diagram(Trace()), "at least one record, found 'an empty trace'"),
    ("sequence", lambda: sequence_diagram(small()), "a trace, such as run.trace"),  # type: ignore[arg-type]
    ("sequence", lambda: sequence_diagram(small().trace, flight="XX1"), AGAIN),
    ("sequence", lambda: sequence_diagram(small().trace, service="gate"), "unknown service in sequence diagram"),
    ("sequence", lambda: sequence_diagram(small().trace, since=BEFORE), "an instant of the run"),
    ("sequence", lambda: sequence_diagram(small().trace, until=PAST), f"found {PAST}"),
    ("sequence", lambda: sequence_diagram(small().trace, most=0), "a whole number, 1 or more, found 0"),
    ("timeline", lambda: timeline(Trace()), "an empty trace"),
    ("timeline", lambda: timeline(small().trace, flight="XX1"), AGAIN),
    ("timeline", lambda: timeline(small().trace, services=["gate"]), "unknown service in timeline"),
    ("timeline", lambda: timeline(small().trace, since=PAST), "an instant of the run"),
    ("boards", lambda: departure_boards(Trace()), "at least one record, found 'an empty trace'"),
    ("boards", lambda: departure_boards(small().trace, flights=["XX1"]), "unknown flight in boards: expected one of"),
    ("boards", lambda: departure_boards(small().trace, places=["BOS"]), "at least one row on the boards"),
    ("boards", lambda: departure_boards(small().trace, when=BEFORE), "an instant of the run"),
    ("boards", lambda: departure_boards(small().trace, at=-1), "a record's index, 0 to"),
    ("streams", lambda: event_streams(Trace()), "an empty trace"),
    ("streams", lambda: event_streams(Store()), "at least one stored event"),
    ("streams", lambda: event_streams(small().trace, flight="XX1"), "unknown flight in streams: expected one of"),
    ("streams", lambda: event_streams(small().trace, stream="s"), "unknown stream in streams: expected one of"),
    ("streams", lambda: event_streams(small().trace, when=PAST), "an instant of the run"),
    ("state", lambda: service_state(Trace()), "an empty trace"),
    ("state", lambda: service_state(small().trace, service="gate"), "unknown service in state: expected one of"),
    ("state", lambda: service_state(small().trace, flight="XX1"), "a flight that some service knows, found 'XX1'"),
    ("state", lambda: service_state(small().trace, keys=["k"]), "unknown key in state: expected one of"),
    ("state", lambda: service_state(small().trace, when=BEFORE), "an instant of the run"),
    ("causal", lambda: causal_tree(Trace(), "x"), "a message's id or a subject that occurs in the trace"),
    ("causal", lambda: causal_tree(small().trace, "XX1"), "found 'XX1'"),
    ("causal", lambda: causal_tree(small().trace, ""), "found ''"),
    ("causal", lambda: causal_tree(7, FLIGHT), "a trace, such as run.trace, found 7"),  # type: ignore[arg-type]
    ("state", lambda: service_state(7), "a trace, such as run.trace, found 7"),  # type: ignore[arg-type]
    ("streams", lambda: event_streams(7), "a trace, such as run.trace, or a store, found 7"),
    ("causal", lambda: causal_tree(small().trace, FLIGHT, most=0), "a whole number, 1 to 500, found 0"),
    ("compare", lambda: side_by_side([]), "a table such as compare(scenario) gives"),
    ("apart", lambda: apart(small(), 7), "a trace, such as run.trace, found 7"),
    ("replay", lambda: replay(Trace()), "at least one record, found 'an empty trace'"),
    ("replay", lambda: replay(small(), flight="XX1"), AGAIN),
    ("replay", lambda: replay(small(), "films"), "unknown view in replay: expected one of flow, sequence"),
    ("replay", lambda: replay(small(), since=BEFORE), "an instant of the run"),
    ("rebuild", lambda: rebuild(Trace(), rules.evolve), "at least one event"),
    ("saga", lambda: saga_diagram(TRIP, []), "at least one event, all of one process, found 'none'"),
    ("saga", lambda: saga_diagram(7, []), "a Process, found 7"),  # type: ignore[arg-type]
    ("saga", lambda: saga_diagram(TRIP, 7), "events of one process, found 7"),  # type: ignore[arg-type]
    ("saga", lambda: saga_diagram(TRIP, [Event("trip.asked", {}, each) for each in "ab"]), "found ['a', 'b']"),
]  # fmt: skip


@pytest.mark.parametrize(("view", "asked", "words"), BAD, ids=[f"{n}-{view}" for n, (view, _, _) in enumerate(BAD)])
def test_what_cannot_be_shown_is_said_in_the_pictures_place(view: str, asked: Callable[[], Any], words: str) -> None:
    picture = asked()
    assert isinstance(picture, Picture)
    assert words in picture.text
    assert picture.labels, "and it can be read, not only heard"
    assert_readable(picture)


def test_every_view_that_draws_a_trace_is_asked_for_what_it_has_not() -> None:
    assert {view for view, _, _ in BAD} == {
        "flow", "sequence", "timeline", "boards", "streams", "state", "causal", "compare", "apart", "replay", "rebuild",
        "saga",
    }  # fmt: skip


def test_an_export_that_has_nothing_to_show_writes_no_file(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="something to show"):
        export(Trace(), tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


# Foreign text ---------------------------------------------------------------------------------------------------------


def hostile() -> Trace:
    """Every kind of record there is, with a text in every place that tries to be more than a text."""
    trace = Trace(stage=STAGE)
    event = Event(NASTY, {"flight": NASTY, NASTY: NASTY}, NASTY, "e1", NASTY, SECOND, "c1", "", NASTY)
    ask = Command(NASTY, {"flight": NASTY}, NASTY, "q1", NASTY, SECOND, "c1", "e1")
    answer = Reply(NASTY, {NASTY: NASTY}, NASTY, "r1", NASTY, SECOND, "c1", "q1")
    no = Refusal(NASTY, {"reason": NASTY}, NASTY, "n1", NASTY, SECOND, "c1", "q1")
    for packet, (message, purpose) in enumerate(
        [(event, "publish"), (event, "deliver"), (ask, "request"), (answer, "reply"), (no, "refusal"), (event, NASTY)],
        1,
    ):
        for kind in ("sent", "duplicated", "received", "lost"):
            trace.add(packet * SECOND, kind, NASTY, message, f"{NASTY}2", packet, purpose, NASTY)
    for kind in ("published", "acted", "handled", "ignored", "failed", "refused", "expired", "acknowledged", "retried",
                 "dead", "appended", "crashed", "restarted", "partitioned", "healed", "slowed", "staffed"):  # fmt: skip
        trace.add(9 * SECOND, kind, NASTY, event, f"{NASTY}2", 1, "", NASTY)
    trace.add(10 * SECOND, "changed", NASTY, key=NASTY, before={NASTY: NASTY}, after={NASTY: [NASTY], "status": NASTY})
    trace.add(
        10 * SECOND, "changed", "boards", key=f"{NASTY}-JFK-1", before=None, after={"status": NASTY, "dest": NASTY}
    )
    return trace


HOSTILE: dict[str, Callable[[], Any]] = {
    "flow graph": lambda: flow_graph(hostile(), title=NASTY),
    "sequence diagram": lambda: sequence_diagram(hostile(), title=NASTY, receipts=True),
    "timeline": lambda: timeline(hostile(), title=NASTY),
    "boards": lambda: departure_boards(hostile()),
    "streams": lambda: event_streams(hostile()),
    "state": lambda: service_state(hostile()),
    "causal tree": lambda: causal_tree(hostile(), NASTY, title=NASTY),
    "apart": lambda: apart(hostile(), Trace(hostile().records[:9]), names=(NASTY, NASTY), measures=({NASTY: 1}, {})),
    "replay": lambda: replay(hostile(), "flow", "sequence", "boards", "streams", "state").still,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text_in_every_view(name: str) -> None:
    picture = HOSTILE[name]()
    assert picture.lines or picture.boxes, picture.text
    assert_harmless(picture)


def test_the_journal_of_hostile_records_holds_every_kind() -> None:
    from eventlab.trace import KINDS

    assert {record.kind for record in hostile()} == set(KINDS)
    assert all(isinstance(record, Record) for record in hostile())


def test_bars_on_lifelines_say_who_works_and_who_waits_and_from_when_to_when() -> None:
    plan = diagram.layout(small("request-driven").trace, flight=FLIGHT)
    kinds = Counter(bar["kind"] for bar in plan["bars"])
    asked = [arrow for arrow in plan["arrows"] if arrow["purpose"] == "request" and not arrow["people"]]
    assert kinds["waits"] == len(asked), "all were answered"
    begins = {(arrow["x1"], arrow["y1"]) for arrow in asked}
    assert {(bar["x"], bar["y1"]) for bar in plan["bars"] if bar["kind"] == "waits"} == begins
    assert kinds["works"] >= len(asked), "who is asked works"


def test_a_matrix_of_what_all_know_marks_what_differs_from_its_owner_and_since_when() -> None:
    faults = [Crash("boards", BOSTON.at("07:30"), BOSTON.at("08:15"))]
    late = run(BOSTON.with_(faults=faults), "event-carried state transfer")
    known = Knowledge(FLIGHT, late.trace.stage)
    known.learn(r for r in late.trace.of("changed") if r.at < BOSTON.at("07:50") and r.key == FLIGHT)
    services = known.services()
    matrix = known.matrix(known.facts(30), services)
    cell = dict(zip(services, matrix["cells"]["status"], strict=True))
    assert (cell["operations"].kind, cell["operations"].value) == ("own", "cancelled")
    assert cell["boards"][:3] == ("differs", "scheduled", "since 07:32")
    assert services[0] == "operations", "the owner of most facts is the first"
    picture = service_state(late.trace, when=BOSTON.at("07:50"), flight=FLIGHT)
    assert any(label.text.startswith("✕ scheduled") and label.bold for label in picture.labels)


def test_a_matrix_forgets_no_change_between_two_of_one_service_at_the_same_instant() -> None:
    trace = Trace()
    for who, key, after in (("a", "F1", 1), ("b", "F1", 2), ("a", "F2", {"F1": 3})):
        trace.add(5, "changed", who, key=key, before=None, after=after)
    told = service_state(trace, subject="F1").text
    assert "state: a 1; b otherwise: 2 (since 00:00:00)" in told
    assert "F2 F1: a 3 (new)" in told


@pytest.mark.parametrize("width", [620, 830])
def test_of_copies_sent_at_once_no_words_lie_on_the_line_from_which_their_arrows_begin(width: int) -> None:
    trace = small("publish/subscribe").trace
    about = [record.index for record in trace if record.message and record.message.subject == FLIGHT]
    plan = diagram.arranged(trace, about, 100, width)
    copies = [arrow for arrow in plan["arrows"] if arrow["beside"]]
    assert len(copies) > 4
    for arrow in copies:
        assert f"to {arrow['target']}" in arrow["label"]
        assert arrow["label_x"] + arrow["label_wide"] - 10 <= arrow["x1"] or arrow["label_x"] >= arrow["x1"]
