"""What people felt and what it cost: traces made by hand, with answers known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isnan
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from eventlab.airports import flights
from eventlab.airports.clocks import MINUTE, SECOND
from eventlab.airports.metrics import MEASURES, Moment, measure, true_at, truth_of
from eventlab.event import Command, Event, Reply
from eventlab.measures.traffic import percentile
from eventlab.trace import Trace

NOON = 1_360_346_400 * SECOND  # 8 February 2013, 18:00 UTC
FLIGHT = "UA1-EWR"


def say(word: str, minute: float, key: str = FLIGHT, **data: Any) -> Command:
    """What the airline says so many minutes after noon."""
    time = NOON + round(minute * MINUTE)
    return Command(f"flight.{word}", {"flight": key, **data}, key, f"{key}/{word}-{minute}", "airlines", time)


def schedule(planned: int = 0, key: str = FLIGHT, passengers: int = 80) -> Command:
    data = {"carrier": "UA", "origin": "EWR", "dest": "ORD", "planned": NOON + planned * MINUTE,
            "planned_arrival": NOON + (planned + 120) * MINUTE, "passengers": passengers, "seats": 100}  # fmt: skip
    return say("schedule", -600, key, **data)


def delay(minute: float, estimate: float, key: str = FLIGHT) -> Command:
    return say("delay", minute, key, estimate=NOON + round(estimate * MINUTE))


class Story:
    """A trace made by hand; instants are minutes after noon."""

    def __init__(self, *commands: Command) -> None:
        self.trace, self.commands = Trace(), commands
        self.packets = 0

    def note(self, kind: str, minute: float, where: str, message: Any = None, **fields: Any) -> Story:
        self.trace.add(NOON + round(minute * MINUTE), kind, where, message, **fields)
        return self

    def change(self, minute: float, where: str, key: str, after: Any, before: Any = None) -> Story:
        return self.note("changed", minute, where, key=key, before=before, after=after)

    def ask(self, minute: float, number: int = 1) -> Story:
        question = Command("flight.describe", {"flight": FLIGHT}, FLIGHT, f"q{number}", "passengers")
        return self.note("sent", minute, "passengers", question, other="boards", purpose="request")

    def answer(self, minute: float, number: int = 1, status: str = "scheduled", estimate: float = 0) -> Story:
        data = {"flight": FLIGHT, "status": status, "estimate": NOON + round(estimate * MINUTE)}
        reply = Reply("flight.describe", data, FLIGHT, f"boards-{number}", "boards", causationid=f"q{number}")
        return self.note("received", minute, "passengers", reply, other="boards", purpose="reply")

    def board(self, minute: float, status: str = "scheduled", estimate: float = 0, key: str = FLIGHT) -> Story:
        row = {"status": status, "estimate": NOON + round(estimate * MINUTE), "dest": "ORD"}
        return self.change(minute, "boards", key, row)

    def told(self, minute: float, words: str, key: str = FLIGHT, id: str = "") -> Story:
        told = Event("passengers.told", {"flight": key, "told": words}, key, id)
        return self.note("acted", minute, "notices", told, key=key)

    def measure(self) -> dict[str, float]:
        return measure(self.trace, self.commands)

    def __getitem__(self, name: str) -> float:
        return self.measure()[name]


# The truth -------------------------------------------------------------------------------------------------------


def test_the_truth_is_what_the_airlines_said_when_they_said_it() -> None:
    truth, passengers = truth_of([schedule(), delay(-60, 30), say("depart", 31, departed=NOON)])
    assert passengers == {FLIGHT: 80}
    assert truth[FLIGHT] == [
        Moment(NOON - 600 * MINUTE, "scheduled", NOON),
        Moment(NOON - 60 * MINUTE, "delayed", NOON + 30 * MINUTE),
        Moment(NOON + 31 * MINUTE, "departed", NOON + 30 * MINUTE),
    ]


def test_before_anything_was_known_nothing_was_true() -> None:
    moments = [Moment(10, "scheduled", 100), Moment(20, "cancelled", 100)]
    assert [true_at(moments, instant) for instant in (9, 10, 19, 20, 99)] == [
        None, moments[0], moments[0], moments[1], moments[1],
    ]  # fmt: skip


@given(values=st.lists(st.integers(0, 99), min_size=1), share=st.sampled_from([0.5, 0.99, 0.25]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[int], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= ceil(share * len(values))
    assert sum(value < found for value in values) < ceil(share * len(values))


def test_a_percentile_of_nothing_is_not_a_number() -> None:
    assert isnan(percentile([], 0.5))


# Questions and answers -------------------------------------------------------------------------------------------


def test_without_questions_there_is_no_share_of_answers() -> None:
    measured = Story(schedule()).measure()
    for name in ("answered %", "out of date %", "p50 ms", "p99 ms"):
        assert isnan(measured[name])


def test_without_answers_nothing_is_out_of_date_and_nothing_took_time() -> None:
    measured = Story(schedule()).ask(0).measure()
    assert measured["answered %"] == 0
    for name in ("out of date %", "p50 ms", "p99 ms"):
        assert isnan(measured[name])


def test_answers_are_counted_and_timed() -> None:
    story = Story(schedule())
    for number in range(100):
        story.ask(0, number)
    for number in range(80):
        story.answer((number + 1) / 60_000, number)  # one millisecond, two, three …
    measured = story.measure()
    assert measured["answered %"] == 80
    assert measured["out of date %"] == 0
    assert (measured["p50 ms"], measured["p99 ms"]) == (40, 80)


def test_an_answer_that_comes_twice_counts_once() -> None:
    measured = Story(schedule()).ask(0).answer(0.001).answer(0.002).measure()
    assert measured["answered %"] == 100
    assert measured["p99 ms"] == 60


def test_an_answer_for_which_nobody_waits_any_more_is_none() -> None:
    story = Story(schedule()).ask(0)
    question = story.trace[0].message
    story.note("expired", 0.1, "passengers", question, other="boards").answer(0.2)
    assert story["answered %"] == 0


@pytest.mark.parametrize(
    ("status", "estimate", "wrong"),
    [("delayed", 30, 0), ("scheduled", 0, 100), ("delayed", 20, 100), ("departed", 30, 100)],
)
def test_an_answer_is_out_of_date_if_status_or_estimate_are_no_longer_true(
    status: str, estimate: int, wrong: float
) -> None:
    story = Story(schedule(), delay(-60, 30)).ask(-10).answer(-9.999, status=status, estimate=estimate)
    assert story["out of date %"] == wrong


def test_an_answer_that_was_true_when_it_was_asked_for_is_not_out_of_date() -> None:
    story = Story(schedule(), delay(-60, 30)).ask(-60.001, 1).answer(-59.999, 1)
    assert story.ask(-60.001, 2).answer(-59.999, 2, "delayed", 30)["out of date %"] == 0


def test_an_answer_without_a_status_is_out_of_date() -> None:
    story = Story(schedule()).ask(0)
    gate_alone = Reply("flight.describe", {"flight": FLIGHT, "gate": "EWR-01"}, FLIGHT, causationid="q1")
    assert story.note("received", 0.001, "passengers", gate_alone, purpose="reply")["out of date %"] == 100


def test_a_refusal_is_no_answer_and_what_services_ask_each_other_is_no_question() -> None:
    story = Story(schedule()).ask(0)
    between = Command("flight.describe", {"flight": FLIGHT}, FLIGHT, "b1", "boards")
    story.note("sent", 0, "boards", between, other="operations", purpose="request")
    story.note("received", 0.1, "boards", Reply("flight.describe", causationid="b1"), purpose="reply")
    story.note("received", 0.1, "passengers", Reply("flight.describe", causationid="q1"), purpose="refusal")
    assert story["answered %"] == 0


# Told late, never, twice -----------------------------------------------------------------------------------------


def late_never_twice(story: Story) -> Sequence[float]:
    measured = story.measure()
    return [measured[name] for name in ("told late", "never told", "told twice")]


CANCELLED = (schedule(), say("cancel", -90))


def test_who_is_told_of_a_cancellation_in_time_is_neither_late_nor_forgotten() -> None:
    assert late_never_twice(Story(*CANCELLED).told(-85, "cancelled")) == [0, 0, 0]
    assert late_never_twice(Story(*CANCELLED).told(-84.9, "cancelled")) == [80, 0, 0]
    assert late_never_twice(Story(*CANCELLED)) == [0, 80, 0]


def test_who_hears_the_same_twice_is_counted_once_however_often() -> None:
    story = Story(*CANCELLED).told(-90, "cancelled").told(-80, "cancelled").told(-70, "cancelled")
    story.told(-60, "rebooked").told(-50, "rebooked")
    assert late_never_twice(story) == [0, 0, 80]


def test_who_is_asked_again_under_the_same_id_does_nothing_again() -> None:
    """Whoever sends letters knows what it has sent by the id; without one, every request is a letter."""
    story = Story(*CANCELLED).told(-90, "cancelled", id="e1/notices/1")
    assert late_never_twice(story.told(-80, "cancelled", id="e1/notices/1")) == [0, 0, 0]
    assert late_never_twice(story.told(-70, "cancelled", id="e2/notices/1")) == [0, 0, 80]


def test_only_a_delay_worth_telling_must_be_told() -> None:
    assert late_never_twice(Story(schedule(), delay(-60, 14))) == [0, 0, 0]
    assert late_never_twice(Story(schedule(), delay(-60, 15))) == [0, 80, 0]
    assert late_never_twice(Story(schedule(), delay(-60, 10), delay(-30, 20)).told(-26, "delayed")) == [0, 0, 0]
    assert late_never_twice(Story(schedule(), delay(-60, 10), delay(-30, 20)).told(-24, "delayed")) == [80, 0, 0]


def test_a_flight_may_be_delayed_again_and_again_and_have_its_gate_changed() -> None:
    story = Story(schedule(), delay(-60, 20), delay(-30, 40)).told(-60, "delayed").told(-30, "delayed")
    assert late_never_twice(story.told(-50, "gate").told(-20, "gate")) == [0, 0, 0]


def test_who_is_first_delayed_and_then_cancelled_must_hear_of_both() -> None:
    story = Story(schedule(), delay(-60, 20), say("cancel", -30)).told(-60, "delayed")
    assert late_never_twice(story) == [0, 80, 0]


def test_passengers_of_several_flights_are_added() -> None:
    other = (schedule(key="UA2-EWR", passengers=7), say("cancel", -90, "UA2-EWR"))
    assert late_never_twice(Story(*CANCELLED, *other).told(-60, "cancelled", key="UA2-EWR")) == [7, 80, 0]


# Wrong boards ----------------------------------------------------------------------------------------------------


def wrong_minutes(story: Story) -> float:
    return round(story["wrong board h"] * 60, 6)


LEFT = (schedule(), say("depart", 0, departed=NOON))


def test_a_board_that_shows_the_truth_is_never_wrong() -> None:
    assert wrong_minutes(Story(*LEFT).board(-600).board(0, "departed")) == 0


def test_a_missing_row_is_wrong_from_two_hours_before_until_a_quarter_after_the_flight_left() -> None:
    assert wrong_minutes(Story(*LEFT)) == 120 + 15
    assert wrong_minutes(Story(*LEFT).board(-600)) == 15
    assert wrong_minutes(Story(*LEFT).board(-100)) == 20 + 15
    assert wrong_minutes(Story(*LEFT).board(-600).board(5, "departed")) == 5


def test_a_row_is_wrong_from_the_moment_at_which_it_is_no_longer_true() -> None:
    story = Story(schedule(), delay(-60, 30), say("depart", 30, departed=NOON)).board(-600)
    assert wrong_minutes(story.board(-45, "delayed", 30).board(30, "departed", 30)) == 15


def test_a_wrong_estimate_is_wrong_too() -> None:
    story = Story(schedule(), delay(-60, 30), say("depart", 30, departed=NOON)).board(-600)
    assert wrong_minutes(story.board(-60, "delayed", 20).board(-50, "delayed", 30).board(30, "departed", 30)) == 10


def test_people_come_for_a_cancelled_flight_too() -> None:
    assert wrong_minutes(Story(schedule(), say("cancel", -300)).board(-600)) == 120 + 15
    assert wrong_minutes(Story(schedule(), say("cancel", -300)).board(-600).board(-30, "cancelled")) == 90
    assert wrong_minutes(Story(schedule(), say("cancel", -300)).board(-600).board(-200, "cancelled")) == 0


def test_what_other_services_remember_is_on_no_board() -> None:
    story = Story(*LEFT).change(-600, "gates", FLIGHT, {"status": "scheduled", "estimate": NOON})
    assert wrong_minutes(story.change(-600, "boards", f"{FLIGHT} from operations", 1)) == 135


def test_rows_of_several_flights_are_added() -> None:
    other = (schedule(key="UA2-EWR"), say("depart", 0, "UA2-EWR", departed=NOON))
    assert wrong_minutes(Story(*LEFT, *other)) == 2 * 135


# Rebooking -------------------------------------------------------------------------------------------------------


def test_who_found_no_seat_is_counted_from_the_end() -> None:
    story = Story(schedule()).change(-9, "rebooking", "to ORD", [FLIGHT]).change(-9, "rebooking", "UA2", {"left": 5})
    assert story.change(-8, "rebooking", FLIGHT, {"booked": 0, "left": 7})["not rebooked"] == 12


# Traffic ---------------------------------------------------------------------------------------------------------


def test_messages_bytes_requests_and_who_waits_for_whom() -> None:
    command = Command("gate.describe", {"flight": FLIGHT})
    story = Story(schedule()).ask(0)
    for _ in range(2):
        story.note("sent", 0, "boards", command, other="gates", purpose="request")
    story.note("sent", 0, "boards", command, other="operations", purpose="request")
    story.note("sent", 0, "gates", Event("gate.assigned", {"flight": FLIGHT}), other="bus", purpose="publish")
    story.note("received", 0, "gates", command, other="boards", purpose="request")
    told = Event("gate.assigned", {"flight": FLIGHT}, id="gates-1")
    story.note("sent", 0, "bus", told, other="gates", purpose="confirm")
    measured = story.measure()
    assert (measured["messages"], measured["requests"], measured["coupling"]) == (6, 3, 2)
    thin = '{"kind":"command","type":"gate.describe","data":{"flight":"UA1-EWR"}}'
    event = '{"kind":"event","type":"gate.assigned","data":{"flight":"UA1-EWR"}}'
    question = '{"kind":"command","type":"flight.describe","data":{"flight":"UA1-EWR"},"subject":"UA1-EWR",'
    question += '"id":"q1","source":"passengers"}'
    assert measured["MB"] == pytest.approx((3 * len(thin) + len(event) + len(question) + len("gates-1")) / 1e6)


# Blast radius and recovery ---------------------------------------------------------------------------------------


def test_the_blast_radius_counts_who_fails_though_nothing_is_wrong_with_it() -> None:
    command = Command("gate.describe", {"flight": FLIGHT}, causationid="operations-1")
    event = Event("gate.assigned", {"flight": FLIGHT})
    story = Story(schedule()).note("crashed", 0, "gates").note("failed", 1, "gates", command)
    story.note("failed", 1, "boards", command).note("failed", 2, "boards", command).note(
        "expired", 1, "notices", command
    )
    story.note("failed", 1, "baggage", event).note("expired", 1, "passengers", command)
    assert story["blast radius"] == 3  # boards, notices, baggage


def test_what_is_asked_for_nobody_s_sake_is_asked_again_and_nothing_has_failed() -> None:
    asked = Command("store.read", {"after": 7})
    assert Story(schedule()).note("expired", 1, "boards", asked, other="store")["blast radius"] == 0
    for_an_event = asked.with_(causationid="operations-1")
    assert Story(schedule()).note("expired", 1, "boards", for_an_event, other="store")["blast radius"] == 1


def test_what_waits_in_an_outbox_or_was_refused_has_not_failed() -> None:
    command, event = Command("gate.describe", {"flight": FLIGHT}), Event("gate.assigned", {"flight": FLIGHT})
    story = Story(schedule()).note("crashed", 0, "bus").note("expired", 1, "gates", event, other="bus")
    assert story.note("refused", 1, "boards", command)["blast radius"] == 0


@pytest.mark.parametrize("kind", ["crashed", "partitioned", "slowed"])
def test_a_service_that_a_fault_hits_is_not_its_victim(kind: str) -> None:
    story = Story(schedule()).note(kind, 0, "gates").note("failed", 1, "gates", Command("gate.describe"))
    assert story["blast radius"] == 0


def handled(minute: float, command: Command, story: Story) -> Story:
    event = Event("flight.cancelled", {"flight": FLIGHT}, FLIGHT, "operations-1", correlationid=command.id)
    return story.note("handled", minute, "notices", event)


def test_recovery_lasts_until_the_last_news_from_before_the_end_of_the_fault_are_handled() -> None:
    late = say("cancel", -10, "UA2-EWR")
    story = Story(*CANCELLED, schedule(key="UA2-EWR"), late)
    story.note("crashed", -100, "notices").note("restarted", -60, "notices")
    assert story["recovery min"] == 0
    handled(-50, CANCELLED[1], story)
    handled(-5, late, story)  # said after the fault was over
    assert story["recovery min"] == 10
    story.note("handled", -40, "operations", CANCELLED[1])  # the command itself, said again
    assert story["recovery min"] == 20


@pytest.mark.parametrize(("begin", "end"), [("crashed", "restarted"), ("partitioned", "healed")])
def test_a_fault_that_never_ends_has_no_recovery(begin: str, end: str) -> None:
    assert Story(schedule())["recovery min"] == 0
    assert isnan(Story(schedule()).note(begin, 0, "gates")["recovery min"])
    assert Story(schedule()).note(begin, 0, "gates").note(end, 1, "gates")["recovery min"] == 0


def test_the_end_of_slowness_is_the_end_of_a_fault() -> None:
    story = Story(*CANCELLED).note("slowed", -100, "notices", note="10")
    handled(-50, CANCELLED[1], story)
    assert story["recovery min"] == 0
    assert story.note("slowed", -60, "notices", note="1")["recovery min"] == 10


# The whole -------------------------------------------------------------------------------------------------------


def test_every_measure_is_there_in_its_order_and_explained() -> None:
    assert list(Story(schedule()).measure()) == list(MEASURES)
    assert all(MEASURES.values())


def test_a_day_on_which_nothing_works_is_measured_too() -> None:
    commands = [command for _, command in flights.commands("2013-02-08")]
    measured = measure(Trace(), commands)
    cancelled = [flight for flight in flights.flights("2013-02-08") if flight.status == "cancelled"]
    assert measured["never told"] >= sum(flight.passengers for flight in cancelled)
    assert measured["wrong board h"] > 2 * 930
    assert measured["messages"] == measured["told late"] == measured["told twice"] == 0
