"""The timeline: health as the trace tells it, backlogs that another count confirms, no peak that is lost."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from eventlab.airports import ARCHITECTURES, Run, Scenario, run
from eventlab.errors import Invalid
from eventlab.event import Command, Event
from eventlab.faults import Crash, Partition, Slow, inject
from eventlab.measures import queues
from eventlab.network import Delay
from eventlab.trace import Trace
from eventlab.views import timeline
from eventlab.views.timeline_backlogs import Point, Span, backlogs, health
from eventlab.views.timelines import BINS, layout
from tests.support.laboratory import lab, seconds
from tests.support.pictures import NASTY, assert_harmless, assert_readable

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
AT = BOSTON.at
FAULTS: dict[str, list[Any]] = {
    "calm": [],
    "notices": [Crash("notices", AT("07:30"), AT("08:15"))],
    "many": [
        Crash("operations", AT("07:30"), AT("08:15")),
        Slow("boards", 20, AT("08:00"), AT("09:00")),
        Partition("notices", AT("07:00"), AT("09:30")),
        Crash("boards", AT("06:00"), AT("06:01")),
        Crash("boards", AT("06:02"), AT("06:03")),
        Crash("gates", AT("10:00"), AT("23:59")),
    ],
}
SECOND = 10**9


@cache
def ran(architecture: str, fault: str = "notices") -> Run:
    return run(BOSTON.with_(faults=FAULTS[fault]), architecture)


def lane(plan: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in plan["lanes"] if each["name"] == name]
    return dict(found)


# Health ---------------------------------------------------------------------------------------------------------------


def test_health_is_told_by_what_begins_and_what_ends() -> None:
    trace = Trace()
    trace.add(1, "slowed", "gates", note="20")
    trace.add(2, "crashed", "boards")
    trace.add(3, "partitioned", "notices", None, "bus")
    trace.add(3, "partitioned", "notices", None, "gates")
    trace.add(3, "partitioned", "notices", None, "boards")
    trace.add(4, "restarted", "boards")
    trace.add(5, "slowed", "gates", note="1")
    trace.add(6, "healed", "notices", None, "bus")
    trace.add(6, "healed", "notices", None, "gates")
    trace.add(7, "crashed", "boards")
    trace.add(8, "restarted", "nobody")
    assert health(trace) == {
        "boards": [Span("crashed", 2, 4, "down"), Span("crashed", 7, None, "down")],
        "gates": [Span("slowed", 1, 5, "slow, 20 × as long")],
        "notices": [Span("partitioned", 3, 6, "cut off from bus, gates and 1 more")],
    }


# What waits -----------------------------------------------------------------------------------------------------------


def hour(*faults: Any) -> Trace:
    """A service that gets an event every 5 seconds and needs 3 for each."""
    home = lab()
    source, slow = home.service("source"), home.service("slow", work=Delay(3.0))
    slow.on("news.*", lambda event: None, durable="slow", ack_wait=30.0, max_deliver=50)

    async def tell() -> None:
        for number in range(60):
            await home.sim.sleep(5.0)
            source.publish(Event("news.told", {"number": number}))

    source.background(tell)
    inject(list(faults), home.network)
    home.sim.run()
    return home.sim.trace


@pytest.mark.parametrize(
    "faults",
    [(), (Crash("slow", seconds(60), seconds(150)),), (Partition("slow", seconds(60), seconds(150)),),
     (Slow("slow", 4.0, seconds(20), seconds(200)),), (Crash("bus", seconds(100), seconds(130)),)],
    ids=["calm", "crash", "partition", "slow", "bus"],
)  # fmt: skip
def test_as_many_events_wait_as_another_way_of_counting_finds(faults: tuple[Any, ...]) -> None:
    trace = hour(*faults)
    points = backlogs(trace)["slow"]
    instants = [point.at for point, following in pairwise(points) if following.at > point.at]
    counted = queues.backlog(trace, ["slow"], "news.*", instants)
    assert [point.waiting for point, following in pairwise(points) if following.at > point.at] == counted
    assert points[-1].waiting == 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_waits_grows_and_shrinks_one_by_one_and_never_below_nothing(architecture: str, fault: str) -> None:
    for points in backlogs(ran(architecture, fault).trace).values():
        before = Point(0, 0, 0)
        for point in points:
            assert abs(point.waiting - before.waiting) == 1
            assert point.waiting >= 0
            assert point.at >= before.at
            assert point.oldest <= point.at
            assert not (before.waiting and point.waiting) or point.oldest >= before.oldest
            before = point


def test_in_a_calm_run_nothing_waits_in_the_end() -> None:
    for architecture in ARCHITECTURES:
        for name, points in backlogs(ran(architecture, "calm").trace).items():
            assert points[-1].waiting == 0, (architecture, name)


def asking() -> Trace:
    """A request whose first try is lost, one that nobody tries again, and one in hand when a crash comes."""
    trace = Trace()
    ask, other, third = (Command("gate.describe", {"flight": n}, n, n) for n in ("F1", "F2", "F3"))
    trace.add(1 * SECOND, "sent", "boards", ask, "gates", 1, "request")
    trace.add(1 * SECOND, "lost", "gates", ask, "boards", 1, "request", "gates is down")
    trace.add(3 * SECOND, "sent", "boards", other, "gates", 2, "request")
    trace.add(4 * SECOND, "lost", "gates", other, "boards", 2, "request", "gates is down")
    trace.add(6 * SECOND, "expired", "boards", ask, "gates")
    trace.add(7 * SECOND, "sent", "boards", ask, "gates", 3, "request")
    trace.add(8 * SECOND, "received", "gates", ask, "boards", 3, "request")
    trace.add(9 * SECOND, "handled", "gates", ask, "boards", 3)
    trace.add(10 * SECOND, "sent", "boards", third, "gates", 4, "request")
    trace.add(11 * SECOND, "received", "gates", third, "boards", 4, "request")
    trace.add(12 * SECOND, "crashed", "gates")
    return trace


def test_a_request_waits_from_its_first_try_until_it_is_handled_or_given_up() -> None:
    points = [(point.at // SECOND, point.waiting, point.oldest // SECOND) for point in backlogs(asking())["gates"]]
    assert points == [(1, 1, 1), (3, 2, 1), (4, 1, 1), (9, 0, 9), (10, 1, 10), (12, 0, 12)]


def test_only_the_chosen_flight_counts() -> None:
    plan = layout(asking(), subject="F2")
    assert (lane(plan, "gates")["most"], lane(plan, "gates")["oldest"]) == (1, SECOND)


def test_news_for_a_service_that_never_comes_back_waits_to_the_end() -> None:
    trace = hour(Crash("slow", seconds(60)))
    points = backlogs(trace)["slow"]
    assert points[-1].waiting > 40
    assert points[-1].oldest == seconds(60.01)  # published 10 ms after the event that was sent as it stopped


# The picture ----------------------------------------------------------------------------------------------------------


def test_no_peak_is_lost_however_short_it_is() -> None:
    trace = ran("event-carried state transfer", "many").trace
    plan = layout(trace)
    for each in plan["lanes"]:
        assert len(each["waiting"]) == len(each["ages"]) == BINS
        assert max(each["waiting"]) == each["most"]
        assert max(each["ages"]) == each["oldest"]


def test_the_worst_service_is_named_with_its_figures() -> None:
    plan = layout(ran("event-carried state transfer").trace)
    assert plan["short"].startswith("notices down 07:30–08:15, notices fell behind most, by ")
    behind = lane(plan, "notices")
    published = ran("event-carried state transfer").trace.of("published")
    first = next(r for r in published if r.at >= AT("07:30") and r.message and r.message.type == "flight.cancelled")
    assert behind["oldest"] == pytest.approx(BOSTON.at("08:15") - first.at, abs=2 * SECOND)
    text = timeline(ran("event-carried state transfer").trace).text
    assert "boards: at most" in text and "always up" in text
    assert layout(ran("request-driven", "calm").trace)["short"].startswith("all worked, ")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_label_hides_another_and_all_are_inside(architecture: str, fault: str) -> None:
    assert_readable(timeline(ran(architecture, fault).trace, title=architecture))


def test_of_many_services_those_with_trouble_have_a_lane_and_the_others_are_counted() -> None:
    trace = Trace()
    for number in range(40):
        trace.add(
            number * SECOND, "sent", "source", Command("ask", {}, "", f"{number}"), f"s{number:02}", number, "request"
        )
    trace.add(50 * SECOND, "crashed", "s07")
    plan = layout(trace)
    assert len(plan["lanes"]) == 10
    assert {each["name"] for each in plan["lanes"]} >= {"s07", "s00"}
    assert len(plan["left_out"]) == 30
    assert "30 more services left out" in " ".join(label.text for label in timeline(trace).labels)
    assert [each["name"] for each in layout(trace, services=["s20"])["lanes"]] == ["s20"]


def test_a_window_shows_what_lies_in_it_alone() -> None:
    trace = ran("event-carried state transfer").trace
    before = layout(trace, until=BOSTON.at("07:00"))
    assert lane(before, "notices")["health"] == []
    assert lane(before, "notices")["oldest"] < SECOND
    during = layout(trace, since=BOSTON.at("07:50"), until=BOSTON.at("08:00"))
    assert lane(during, "notices")["health"][0].kind == "crashed"
    assert lane(during, "notices")["most"] >= 1
    assert (during["begin"], during["end"]) == (BOSTON.at("07:50"), BOSTON.at("08:00"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: timeline(Trace()), "an empty trace"),
        (lambda: timeline(ran("request-driven")), "a trace, such as run.trace"),  # type: ignore[arg-type]
        (lambda: timeline(asking(), services=["gate"]), "unknown service in timeline: expected one of boards, gates"),
        (lambda: timeline(asking(), subject="F9"), "a subject that occurs in the run's records, found 'F9'"),
        (lambda: timeline(asking(), since=0), "gives), 1000000000 to 12000000000, found 0"),
        (lambda: timeline(asking(), until=13 * SECOND), "found 13000000000"),
        (lambda: timeline(asking(), since=9 * SECOND, until=3 * SECOND), "an instant after 9000000000"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_the_pictures_place(asked: Any, words: str) -> None:
    picture = asked()
    assert picture.text.startswith("No timeline: ")
    assert words in picture.text


def test_a_trace_of_changes_alone_has_no_timeline() -> None:
    trace = Trace()
    trace.add(0, "changed", "boards", key="F1", after=1)
    with pytest.raises(Invalid, match="at least one that gets a message or stops"):
        layout(trace)


def test_hostile_names_stay_text() -> None:
    trace = Trace()
    trace.add(0, "sent", "source", Command(NASTY, {}, NASTY, "1"), NASTY, 1, "request")
    trace.add(SECOND, "partitioned", NASTY, None, NASTY)
    assert_harmless(timeline(trace, title=NASTY))
