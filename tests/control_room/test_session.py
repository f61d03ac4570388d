"""A session: what is done by hand is a scenario, the past stays as it was, and nothing is left behind."""

from __future__ import annotations

import gc
import threading
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from eventlab.airports.scenario import ARCHITECTURES, Scenario, run
from eventlab.control_room import ahead, course, session
from eventlab.control_room.acts import applied
from eventlab.control_room.course import Course
from eventlab.control_room.session import Session
from eventlab.control_room.told import Teller
from eventlab.errors import Invalid
from tests.control_room.page import Page
from tests.control_room.support import BOSTON

TWO = ("request-driven", "event-carried state transfer")
MINUTE = 60_000.0
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # making a failure smaller would take minutes
SERVICES = ("operations", "gates", "boards", "rebooking", "notices", "baggage")
ARROWS = ("airlines>operations", "operations>boards", "bus>boards", "passengers>boards", "operations>bus")


def from_cell(text: str) -> list[Any]:
    """The runs of a cell."""
    names: dict[str, Any] = {}
    exec(text, names)
    return list(names["runs"])


def assert_equal_to_the_cell(page: Page) -> None:
    """The runs by hand are those of the cell, byte for byte, and the page shows what a teller tells of these."""
    given = page.cell()
    runs = from_cell(given["text"])
    assert [each.digest for each in runs] == given["digests"]
    ahead = page.session.ahead
    for a, each in enumerate(runs):
        teller = Teller(each, ahead.begin)
        teller.advance(ahead.end)
        whole = Page.__new__(Page)
        whole.tracks = [teller.take()["tracks"]]
        assert page.steps(a) == whole.steps(0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow or busy the machine is, an act has the time to show itself before the page is answered."""
    monkeypatch.setattr("eventlab.control_room.session.AT_ONCE", float("inf"))


moments = st.integers(0, 255).map(lambda minute: minute * MINUTE + 123.456)


@st.composite
def acts(draw: st.DrawFn) -> dict[str, Any]:
    """An act as the page says it, some minutes after the last."""
    verb = draw(st.sampled_from(["stop", "slow", "cut", "workers", "lose", "double", "delay", "start", "start"]))
    target = draw(st.sampled_from(ARROWS if verb in ("lose", "double", "delay") else SERVICES))
    length = draw(st.one_of(st.none(), st.integers(1, 90)))
    return {"verb": verb, "target": target, "length": length, "after": draw(st.integers(0, 40))}


@given(
    done=st.lists(acts(), min_size=1, max_size=4),
    then=st.lists(st.sampled_from(["undo", "remove", "change", "back"]), max_size=3),
    architecture=st.sampled_from([*ARCHITECTURES]),
)
@settings(max_examples=12, deadline=None, phases=QUICK)
def test_whatever_is_done_by_hand_is_the_run_of_the_cell_that_comes_of_it(
    done: list[dict[str, Any]], then: list[str], architecture: str
) -> None:
    page, now = Page(BOSTON, [architecture]), 0.0
    for act in done:
        now += act["after"] * MINUTE + 123.456
        page.play(now)
        until = None if act["length"] is None else now + act["length"] * MINUTE
        page.say("act", verb=act["verb"], target=act["target"], at=now, until=until)
    for what in then:
        standing = page.session.acts.all
        if what == "undo":
            page.say("undo")
        elif what == "back":
            page.play(now / 2)
        elif standing and what == "remove":
            page.say("remove", id=standing[0].id)
        elif standing:
            page.say("change", id=standing[-1].id, at=now / 3, until=now + 7 * MINUTE)
    assert_equal_to_the_cell(page)


@given(packet=st.integers(1, 200), verb=st.sampled_from(["drop", "delay", "edit"]), a=st.integers(0, 1))
@settings(max_examples=8, deadline=None, phases=QUICK)
def test_a_message_that_is_treated_on_its_way_makes_the_run_of_the_cell(packet: int, verb: str, a: int) -> None:
    page = Page(BOSTON, TWO)
    page.play(page.session.ahead.moment(page.session.ahead.end))
    motions = sorted((each for each in page.motions[a].values() if isinstance(each[2], int)), key=lambda each: each[0])
    motion = motions[packet % len(motions)]
    at = round((motion[0] + motion[1]) / 2, 3)
    page.play(at)
    data = {"status": "delayed"} if verb == "edit" else {}
    page.say("act", verb=verb, target=str(motion[2]), at=at, a=a, data=data)
    assert len(page.session.acts.all) == 1 or page.said()
    assert_equal_to_the_cell(page)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_act_leaves_what_was_before_it_untouched(architecture: str) -> None:
    page, moment = Page(BOSTON, [architecture]), 20 * MINUTE
    page.play(moment, ahead=3_600_000)
    before = list(page.session.ahead.leading[0].run.trace)
    page.say("act", verb="stop", target="gates", at=moment)
    at = page.session.ahead.instant(moment)
    after = page.session.ahead.leading[0].run.trace
    earlier = [record for record in before if record.at < at]
    assert after.records[: len(earlier)] == earlier
    assert after[len(earlier)].kind == "crashed" and after[len(earlier)].at == at


def test_while_nothing_new_can_be_told_the_page_hears_how_far_the_kernel_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "PATIENCE", 0.0)
    page = Page(BOSTON, TWO, idles=False)
    page.play(60 * MINUTE)
    page.session.rest()
    page.say("want", at=61 * MINUTE, until=75 * MINUTE)  # 70 were told
    before = len(page.heard)
    while page.session.work(0.001):
        pass
    far = [message["at"] for message in page.heard[before:] if message["kind"] == "computing"]
    assert far == sorted(far) and far[0] < 60 * MINUTE
    assert page.heard[-1]["kind"] == "told"


def test_to_the_begin_architectures_come_one_after_the_other_and_the_first_is_told_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = count()  # a clock on which each look takes a millisecond
    for module in (ahead, course, session):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(ticks) / 1000))
    monkeypatch.setattr(ahead, "PATIENCE", 0.0)
    page = Page(BOSTON, TWO, idles=False, since="09:00")
    begin, leading = page.session.ahead.begin, page.session.ahead.leading
    while page.until[0] <= 0.0:
        page.session.work(0.01)
    assert leading[1].now < begin
    kinds = [message["kind"] for message in page.heard]
    assert {message["a"] for message in page.heard[: kinds.index("told")] if message["kind"] == "computing"} == {0}
    while page.until[1] <= 0.0:
        page.session.work(0.01)
    far = [message["at"] for message in page.heard if message["kind"] == "computing" and message["a"] == 1]
    assert far == sorted(far) and far[0] < far[-1] < 0
    straight = Page(BOSTON, TWO, idles=False, since="09:00")
    for each in (page, straight):
        each.play(30 * MINUTE)
    assert page.steps(0) == straight.steps(0) and page.steps(1) == straight.steps(1)


def test_in_idle_time_all_is_told_to_the_end_and_it_is_told_once() -> None:
    page = Page(BOSTON, TWO)
    page.play(5 * MINUTE, ahead=MINUTE)
    end = page.session.ahead.moment(page.session.ahead.end)
    assert page.until == [end, end]
    before = len(page.heard)
    for at in (end, 7 * MINUTE):
        page.play(at)
    assert len(page.heard) == before
    page.session.rest()  # what was computed is let go, what was told is not
    page.play(8 * MINUTE)
    assert not [message for message in page.heard[before:] if message["kind"] == "told"]
    assert all(each.now < page.session.ahead.end for each in page.session.ahead.leading)


def test_where_a_run_is_dear_courses_wait_on_the_way_and_an_act_after_a_jump_makes_the_run_of_the_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "LARGE", 0)
    page = Page(BOSTON, TWO)
    marks, trailing = page.session.ahead.marks, page.session.ahead.trailing
    page.play(0.0)
    assert [[each.now for each in courses][:1] for courses in trailing] == [marks, marks]
    page.play(200 * MINUTE)  # the course that waited now trails, and another one waits
    assert all({*marks, page.session.ahead.head - ahead.TICK} <= {each.now for each in courses} for courses in trailing)
    page.say("act", verb="stop", target="gates", at=200 * MINUTE)
    page.play(5 * MINUTE)
    page.say("act", verb="stop", target="notices", at=5 * MINUTE, until=80 * MINUTE)
    page.play(150 * MINUTE)
    page.say("undo")
    assert_equal_to_the_cell(page)


def test_what_was_done_last_is_taken_back_or_changed_without_a_run_from_the_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "LARGE", 0)
    page = Page(BOSTON, TWO)
    for change in ({"kind": "undo"}, {"kind": "remove", "id": 2}, {"kind": "change", "id": 3, "by": 30}):
        page.play(200 * MINUTE)
        page.say("act", verb="slow", target="gates", at=200 * MINUTE)
        page.play(200 * MINUTE)
        with monkeypatch.context() as forbidden:
            forbidden.setattr(Course, "__init__", None)
            page.say(**change)
            answer = page.say("want", at=200 * MINUTE, until=201 * MINUTE)
            page.session.ahead._lead(page.session.ahead.instant(201 * MINUTE), float("inf"))
        assert not [message for message in answer if message["kind"] == "said"]
        assert min(page.until) >= 201 * MINUTE
    assert_equal_to_the_cell(page)


def test_the_boards_stopped_by_hand_and_started_again_are_those_of_notebook_00(patient: None) -> None:
    page = Page(BOSTON.with_(questions=1), TWO)
    page.play(5 * MINUTE)
    stopped = page.say("act", verb="stop", target="boards", at=5 * MINUTE)
    assert [message["kind"] for message in stopped[:3]] == ["forked", "told", "told"]
    assert stopped[0]["acts"][0]["words"] == "boards stopped"
    page.play(125 * MINUTE)
    page.say("act", verb="start", target="boards", at=125 * MINUTE)
    page.play(page.session.ahead.moment(page.session.ahead.end))
    assert [tracks["figures"][-1][1]["late"] for tracks in page.tracks] == [62, 0]
    text = page.cell()["text"]
    assert 'Crash("boards", at("07:30"), until=at("09:30"))' in text
    assert_equal_to_the_cell(page)


def test_an_act_shows_itself_before_the_page_is_answered(patient: None) -> None:
    page = Page(BOSTON, TWO)
    page.play(5 * MINUTE)
    answer = page.say("act", verb="cut", target="notices", at=5 * MINUTE)
    for a in (0, 1):
        told = next(message for message in answer if message["kind"] == "told" and message["a"] == a)
        states = [value["state"] for _, value in told["tracks"]["service/notices"]]
        assert states[0] == "cut" and told["from"] <= 5 * MINUTE < told["until"]


def test_what_cannot_be_done_is_said_in_a_sentence_and_changes_nothing() -> None:
    page = Page(BOSTON, TWO)
    page.play(5 * MINUTE)
    for message in (
        {"kind": "act", "verb": "stop", "target": "boards", "at": -5.0},
        {"kind": "act", "verb": "stop", "target": "nobody", "at": 1.0},
        {"kind": "act", "verb": "explode", "target": "boards", "at": 1.0},
        {"kind": "act", "verb": "start", "target": "boards", "at": 1.0},
        {"kind": "act", "verb": "drop", "target": "3", "at": 1.0, "a": 0},
        {"kind": "act", "verb": "drop", "target": "3", "at": 1.0, "a": 7},
        {"kind": "act", "verb": "lose", "target": "boards>airlines", "at": 1.0},
        {"kind": "act", "verb": "slow", "target": "boards", "at": 1.0, "by": -3},
        {"kind": "act", "verb": "stop", "target": "boards", "at": float("nan")},
        {"kind": "change", "id": 9, "at": 1.0}, {"kind": "remove", "id": 9}, {"kind": "undo"}, {"kind": "act"},
        {"kind": "want", "at": None, "until": 1}, {"kind": "dance"}, {}, 5,
        {"kind": "ask", "a": 0, "packet": 99999}, {"kind": "ask", "a": 9, "packet": 1}, {"kind": "act", "verb": []},
    ):  # fmt: skip
        said = len(page.said())
        page.session.hear(message)  # type: ignore[arg-type]
        assert len(page.said()) == said + 1, message
        assert "\n" not in page.said()[-1]
    assert page.session.acts.all == () and page.run == 0


@pytest.mark.parametrize(
    "architectures", [[], ["request-driven"] * 4, ["no such"], [("request-driven", {"outbox": True})]]
)
def test_architectures_that_cannot_be_meant_are_refused(architectures: list[Any]) -> None:
    with pytest.raises(Invalid):
        Session(BOSTON, architectures)


def test_options_go_to_the_architectures_that_know_them() -> None:
    session = Session(BOSTON, [*TWO, ("publish/subscribe", {"inbox": False})], check_versions=False)
    assert session.chosen == [
        ("request-driven", {}), (TWO[1], {"check_versions": False}), ("publish/subscribe", {"inbox": False}),
    ]  # fmt: skip
    with pytest.raises(Invalid, match="unknown option"):
        Session(BOSTON, TWO, colour=1)


def test_what_a_message_says_and_what_a_service_knows_can_be_asked_for() -> None:
    page = Page(BOSTON, TWO)
    page.play(10 * MINUTE)
    packet = next(motion[2] for motion in page.motions[0].values() if motion[6] == "board.show")
    says = page.say("ask", a=0, packet=packet)[0]
    assert ["status", "cancelled"] in says["says"] and [each[1] for each in says["why"]] == ["flight.cancel"]
    knows = page.say("ask", a=1, service="boards", at=10 * MINUTE)[0]
    assert ["9E3422 status", "cancelled", "cancelled"] in knows["rows"]


def test_a_change_that_changes_nothing_is_answered_and_is_nothing_to_undo() -> None:
    page = Page(BOSTON, TWO)
    page.play(5 * MINUTE)
    page.say("act", verb="stop", target="boards", at=5 * MINUTE, until=9 * MINUTE)
    page.play(20 * MINUTE)
    shown, act = [page.steps(a) for a in (0, 1)], page.session.acts.all[0].id
    answer = page.say("change", id=act, until=9 * MINUTE)
    assert [message["kind"] for message in answer] == ["forked"]
    page.play(20 * MINUTE)
    assert [page.steps(a) for a in (0, 1)] == shown
    assert page.say("undo")[0]["acts"] == []


def test_what_was_reset_can_be_undone() -> None:
    page = Page(BOSTON, TWO)
    assert page.say("act", verb="stop", target="boards", at=5 * MINUTE)[0]["can_undo"]
    gone = page.say("reset")[0]
    assert gone["acts"] == [] and gone["can_undo"]
    assert len(page.say("undo")[0]["acts"]) == 1
    assert not page.say("undo")[0]["can_undo"]


def test_a_view_that_is_opened_later_is_told_everything_again() -> None:
    page = Page(BOSTON, TWO)
    page.play(30 * MINUTE)
    shown = [page.steps(a) for a in (0, 1)]
    page.say("hello")
    while page.session.work(1.0):
        pass
    assert [page.steps(a) for a in (0, 1)] == shown


def test_telling_everything_again_and_a_record_run_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(BOSTON, TWO)
    page.play(30 * MINUTE)
    page.say("act", verb="stop", target="boards", at=30 * MINUTE)
    page.play(60 * MINUTE)
    shown = [page.steps(a) for a in (0, 1)]
    monkeypatch.setattr(Course, "__init__", None)
    monkeypatch.setattr(page.session.ahead.leading[0].run.sim, "run", None)
    record = page.session.record()
    page.say("hello")
    page.session.ahead._lead(page.session.ahead.end, float("inf"))
    assert [page.steps(a) for a in (0, 1)] == shown
    for a, whole in enumerate(record["told"]):
        again = Page.__new__(Page)
        again.tracks = [whole["tracks"]]
        assert again.steps(0) == shown[a]


def test_nothing_is_computed_while_nobody_sees_the_page() -> None:
    page = Page(BOSTON, TWO)
    page.say("want", at=0.0, until=60 * MINUTE)
    assert page.session.work(0.0)
    page.say("hidden")
    before = len(page.heard)
    assert not page.session.work(1.0) and len(page.heard) == before
    page.play(5 * MINUTE)
    assert len(page.heard) > before


def test_in_a_browser_a_kernel_computes_what_is_asked_for_and_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "emscripten")
    page = Page(BOSTON, TWO)
    page.play(5 * MINUTE, ahead=10 * MINUTE)
    assert page.until == [15 * MINUTE, 15 * MINUTE]


def test_an_hour_of_an_afternoon_is_told_to_its_end_before_courses_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "LARGE", 0)
    page = Page(BOSTON, TWO, since="10:00", until="10:30")
    page.say("hello")
    while not any(page.session.ahead.trailing):
        assert page.session.work(0.001)
    assert min(page.until) == 30 * MINUTE


def test_a_session_runs_in_the_thread_that_works_it_and_leaves_none_behind() -> None:
    before = threading.active_count()
    page = Page(BOSTON, TWO)
    page.play(30 * MINUTE)
    assert threading.active_count() == before


def test_an_act_in_the_scenario_is_one_of_the_acts() -> None:
    page = Page(BOSTON, TWO)
    page.say("act", verb="workers", target="notices", at=1.0, until=MINUTE, by=3)
    scenario = applied(BOSTON, page.session.acts.all, 0)
    assert run(scenario, "request-driven").digest == page.cell()["digests"][0]


def test_a_session_that_has_rested_goes_on_as_if_it_had_not() -> None:
    page, other = Page(BOSTON, TWO), Page(BOSTON, TWO)
    for each in (page, other):
        each.play(5 * MINUTE)
        each.say("act", verb="stop", target="boards", at=5 * MINUTE)
        each.play(30 * MINUTE)
        if each is page:
            each.session.rest()
        each.play(200 * MINUTE)
    assert [page.steps(a) for a in (0, 1)] == [other.steps(a) for a in (0, 1)]
    assert page.motions == other.motions


@pytest.mark.parametrize("when", [1, 3, 10, 40])
def test_an_interrupt_in_the_middle_of_computing_leaves_nothing_torn(
    when: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, other = Page(BOSTON, TWO), Page(BOSTON, TWO)
    other.play(200 * MINUTE)
    left = [when]

    def interrupted(teller: Teller, record: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        take(teller, record)

    take = Teller._take
    monkeypatch.setattr(Teller, "_take", interrupted)
    page.play(200 * MINUTE)
    assert left[0] < 0
    assert [page.steps(a) for a in (0, 1)] == [other.steps(a) for a in (0, 1)]


def test_a_run_that_cannot_go_on_says_so_and_the_last_act_can_be_taken_back() -> None:
    class Surprise:
        def steps(self, network: Any) -> list[Any]:
            return [(network.sim.instant(BOSTON.at("08:00")), self.fail, ())]

        def fail(self) -> None:
            raise RuntimeError("a bug")

    page = Page(BOSTON.with_(faults=[Surprise()]), TWO)
    page.play(60 * MINUTE)
    assert page.said() and "cannot go on (RuntimeError: a bug)" in page.said()[-1]


def test_only_the_newest_runs_are_kept_however_often_one_acts() -> None:
    others = courses()  # what other tests may have left
    page = Page(BOSTON, TWO)
    for number in range(1, 30):
        page.play(number * MINUTE)
        page.say("act", verb="slow", target="notices", at=number * MINUTE, until=(number + 1) * MINUTE)
    own = [each for each in courses() if not any(each is other for other in others)]
    assert len(own) <= 6


def courses() -> list[Course]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, Course)]


def test_a_room_of_several_days_has_the_dates_in_its_cell() -> None:
    keys = ["9E3422-JFK-0208", "B61004-JFK-0209"]
    page = Page(Scenario(flights=keys, days=2, questions=1), ["publish/subscribe"])
    assert [flight["key"] for flight in page.session.setting["flights"]] == keys
    page.say("act", verb="stop", target="boards", at=20 * 60 * MINUTE, until=21 * 60 * MINUTE)
    assert 'at("2013-02-09 ' in page.session.cell()
    assert_equal_to_the_cell(page)


def test_two_acts_in_a_row_need_no_run_from_the_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(BOSTON, TWO)
    page.play(30 * MINUTE)
    made: list[Course] = []
    begin = Course.__init__
    monkeypatch.setattr(Course, "__init__", lambda self, *given: (made.append(self), begin(self, *given))[1])
    monkeypatch.setattr("eventlab.control_room.session.AT_ONCE", 0.0)
    for target in ("boards", "gates"):
        page.say("act", verb="stop", target=target, at=30 * MINUTE)
    assert made == []
    assert_equal_to_the_cell(page)
