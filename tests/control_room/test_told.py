"""What is told of a run: its figures are those of the measures, and nothing is told before its time."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.airports.clocks import HOUR
from eventlab.airports.scenario import ARCHITECTURES, Run, Scenario, run, start
from eventlab.control_room.services import Standing
from eventlab.control_room.session import Session
from eventlab.control_room.setting import span
from eventlab.control_room.told import Teller
from eventlab.errors import Invalid
from eventlab.faults import Crash, Fault
from tests.control_room.support import BOSTON, architectures, at, faults

LONG = 40 * HOUR  # nothing lasts longer: the last try of an airline is over by then


def told_whole(finished: Run) -> dict[str, Any]:
    teller = Teller(finished, finished.sim.begin)
    teller.advance(finished.sim.begin + LONG)
    return teller.take()


@given(faults=faults(), architecture=architectures)
@settings(max_examples=25, deadline=None)
def test_at_the_end_the_figures_are_those_of_the_measures(faults: list[Fault], architecture: str) -> None:
    finished = run(BOSTON.with_(faults=faults), architecture)
    measured, tracks = finished.metrics, told_whole(finished)["tracks"]
    figures = tracks["figures"][-1][1]
    assert figures["late"] == measured["told late"] + measured["never told"]
    assert figures["without"] == measured["not rebooked"]
    assert figures["asked"] - figures["unanswered"] == round(measured["answered %"] * figures["asked"] / 100)
    steps = [(moment, value["wrong"]) for moment, value in tracks["figures"]]
    wrong = sum(number * (until - since) for (since, number), (until, _) in pairwise(steps))
    assert wrong / 3_600_000 == pytest.approx(measured["wrong board h"], abs=1e-6)
    assert figures["hear"] == figures["told"] + figures["untold"] + figures["late"] - figures["overdue"]


@given(faults=faults(), architecture=architectures, minute=st.integers(0, 720))
@settings(max_examples=15, deadline=None)
def test_what_is_told_up_to_a_moment_follows_from_what_happened_by_then(
    faults: list[Fault], architecture: str, minute: int
) -> None:
    """A teller that reads a run of which nothing else has happened yet tells the same."""
    scenario, moment = BOSTON.with_(faults=faults), at(minute)
    whole, part = run(scenario, architecture), start(scenario, architecture)
    part.sim.run(until=moment)
    begin = whole.sim.begin
    of_whole, of_part = Teller(whole, begin), Teller(part, begin)
    of_whole.advance(moment)
    of_part.advance(moment)
    assert of_whole.take() == of_part.take()


@given(faults=faults(), architecture=architectures, cuts=st.lists(st.integers(0, 720), max_size=5))
@settings(max_examples=12, deadline=None)
def test_told_in_pieces_it_is_the_same(faults: list[Fault], architecture: str, cuts: list[int]) -> None:
    finished = run(BOSTON.with_(faults=faults), architecture)
    whole, teller = told_whole(finished), Teller(finished, finished.sim.begin)
    pieces = []
    for moment in [*sorted(at(cut) for cut in cuts), finished.sim.begin + LONG]:
        if moment > teller.now:
            teller.advance(moment)
            pieces.append(teller.take())
    tracks: dict[str, list[Any]] = {}
    motions: dict[Any, Any] = {}
    for piece in pieces:
        for name, steps in piece["tracks"].items():
            tracks.setdefault(name, []).extend(steps)
        motions |= {motion[2]: motion for motion in piece["motions"]}
    assert tracks == whole["tracks"]
    assert motions == {motion[2]: motion for motion in whole["motions"]}


def test_the_boston_morning_is_told_as_it_was_while_the_boards_are_stopped() -> None:
    dark = BOSTON.with_(faults=[Crash("boards", BOSTON.at("07:30"), BOSTON.at("09:30"))])
    data = Session(dark, ["request-driven", "event-carried state transfer"]).record()
    calls, events = [each["tracks"] for each in data["told"]]
    assert calls["finding"][-1][1]["text"].startswith("62 told late; 10 without a seat")
    gone = {"n": 62, "hear": 1, "told": 0, "late": 62, "untold": 0, "overdue": False, "since": 475000.0}
    assert calls["people/9E3422-JFK-0208"][-1][1] == gone | {"moved": [["B61026-JFK-0208", 52]], "without": 10}
    assert events["people/9E3422-JFK-0208"][-1][1]["told"] == 62
    assert max(value["kept"] for _, value in events["lane/boards"]) == 2
    assert calls["arrow/operations/boards"][-1][1]["refused"] == 61
    stopped = [value for _, value in calls["service/boards"] if value["state"] == "stopped"]
    assert stopped and all(value["since"] == 300_000 for value in stopped)
    json.dumps(data)


def test_the_last_dead_letters_are_told_with_their_packets_and_why_they_are_dead() -> None:
    session = Session(BOSTON, ["event-carried state transfer"], until="08:30")
    session.hear({"kind": "act", "verb": "lose", "target": "bus>notices", "at": 300_000.0, "until": 3_600_000.0})
    told = session.record()["told"][0]
    lane, motions = told["tracks"]["lane/notices"][-1][1], {motion[2]: motion for motion in told["motions"]}
    assert lane["dead"] == len(lane["letters"]) == 2
    for packet, why in lane["letters"]:
        assert (motions[packet][4], motions[packet][8], why) == ("notices", "lost", "no acknowledgement")


def test_a_motion_ends_where_its_packet_does_and_names_its_causes() -> None:
    data = Session(BOSTON, ["request-driven"]).record()
    motions = {motion[2]: motion for motion in data["told"][0]["motions"]}
    shown = next(motion for motion in motions.values() if motion[6] == "board.show")
    assert shown[1] > shown[0] and shown[8] == "arrives"
    assert [motions[cause][6] for cause in shown[11]] == ["flight.cancel"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_everything_that_was_used_is_an_arrow_that_could_be_expected(architecture: str) -> None:
    finished = run(BOSTON, architecture)
    teller = Teller(finished, finished.sim.begin)
    expected = set(teller.traffic.kinds)
    teller.advance(finished.sim.now)
    assert set(teller.traffic.kinds) == expected
    counts = {ends: count["n"] for ends, count in teller.traffic.counts.items()}
    assert counts["airlines", "operations"] == len(BOSTON.commands)
    assert counts["passengers", "boards"] == len(BOSTON.asked)


def read(standing: Standing) -> tuple[str, str]:
    """Its state, and the same in words."""
    state = standing.does()
    return state, standing.words(state)


def test_a_service_says_what_it_does_and_how_much_waits() -> None:
    assert read(Standing(1, in_hand=1)) == ("working", "works")
    assert read(Standing(8, in_hand=3)) == ("working", "3 of 8 work")
    assert read(Standing(2, in_hand=1202)) == ("working", "2 of 2 work, 1,200 wait")
    assert read(Standing(2, in_hand=2, down=True)) == ("stopped", "stopped for {for}")
    assert read(Standing(0, in_hand=2)) == ("idle", "")


def test_a_scenario_in_which_nothing_happens_has_no_span() -> None:
    class Empty(Scenario):
        commands = ()  # type: ignore[assignment]

    with pytest.raises(Invalid, match="at least one flight"):
        span(Empty())


@given(planned=faults(), minute=st.integers(0, 12 * 60), architecture=architectures)
@settings(max_examples=6, deadline=None)
def test_a_quiet_teller_says_when_it_speaks_what_one_that_spoke_all_the_time_has_said(
    planned: list[Fault], minute: int, architecture: str
) -> None:
    ran = run(BOSTON.with_(faults=planned), architecture)
    quiet, loud = Teller(ran, at(minute), quiet=True), Teller(ran, at(minute))
    for teller in (quiet, loud):
        teller.advance(at(minute) - 1)
        if teller is quiet:
            teller.forget()
            teller.speak()
        teller.advance(at(13 * 60))
    said, all_said = quiet.take(), loud.take()
    assert said["tracks"] == all_said["tracks"]
    assert sorted(said["motions"], key=str) == sorted(all_said["motions"], key=str)
    assert said["news"] == all_said["news"] and quiet.history == loud.history
