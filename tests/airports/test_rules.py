"""What the airports' services do when they learn something: rules without any network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from unittest.mock import patch

import hypothesis.strategies as st
import pytest
from hypothesis import given

from eventlab import decider
from eventlab.airports import flights, rules
from eventlab.airports.catalogue import check
from eventlab.airports.clocks import HOUR, MINUTE
from eventlab.airports.rules import EFFECTS, decide, evolve, move_bags, plan_gate, rebook, show, tell
from eventlab.decider import Decider, fold
from eventlab.errors import Refused
from eventlab.event import Command, Event

NOON = 1_360_346_400 * 10**9  # 8 February 2013, 18:00 UTC
FLIGHT = "UA1-EWR-0208"
flight = Decider({}, decide, evolve)


def schedule(
    key: str = FLIGHT, planned: int = NOON, dest: str = "ORD", passengers: int = 80, seats: int = 100
) -> Command:
    data = {"flight": key, "carrier": "UA", "origin": key.split("-")[1], "dest": dest, "planned": planned,
            "planned_arrival": planned + 2 * HOUR, "passengers": passengers, "seats": seats}  # fmt: skip
    return Command("flight.schedule", data, key)


def say(word: str, key: str = FLIGHT, **data: Any) -> Command:
    return Command(f"flight.{word}", {"flight": key, **data}, key)


def events(*commands: Command) -> list[Event]:
    """What happens when an airline says all this about one flight."""
    facts: Any = {}
    happened: list[Event] = []
    for command in commands:
        for event in decide(command, facts):
            facts = evolve(facts, event)
            happened.append(event)
    return happened


def news(*commands: Command) -> dict[str, Any]:
    """All that is known about a flight after all this."""
    return dict(fold(flight, events(*commands)))


# Operations ------------------------------------------------------------------------------------------------------

LIFE = [
    schedule(),
    say("delay", estimate=NOON + HOUR),
    say("depart", departed=NOON + HOUR),
    say("arrive", arrived=NOON + 3 * HOUR),
]


def test_given_nothing_when_a_plan_is_handed_in_then_the_flight_is_scheduled() -> None:
    decider.given(flight).when(schedule()).then(Event("flight.scheduled", schedule().data))


def test_given_a_plan_when_the_airline_speaks_then_that_happens() -> None:
    scheduled = events(schedule())
    for command, type in (
        (say("delay", estimate=NOON + HOUR), "flight.delayed"),
        (say("depart", departed=NOON), "flight.departed"),
        (say("cancel", reason="weather"), "flight.cancelled"),
    ):
        decider.given(flight, *scheduled).when(command).then(Event(type, command.data))


def test_given_a_delayed_flight_when_it_is_delayed_further_then_that_happens_too() -> None:
    later = say("delay", estimate=NOON + 2 * HOUR)
    decider.given(flight, *events(*LIFE[:2])).when(later).then(Event("flight.delayed", later.data))


def test_given_a_diverted_flight_when_it_comes_after_all_then_it_arrived() -> None:
    arrive = say("arrive", arrived=NOON + 9 * HOUR)
    diverted = events(schedule(), say("depart", departed=NOON), say("divert"))
    decider.given(flight, *diverted).when(arrive).then(Event("flight.arrived", arrive.data))


@pytest.mark.parametrize("length", range(1, len(LIFE) + 1))
def test_saying_the_last_thing_again_changes_nothing(length: int) -> None:
    decider.given(flight, *events(*LIFE[:length])).when(LIFE[length - 1]).then()


@pytest.mark.parametrize("length", range(1, len(LIFE) + 1))
def test_handing_in_the_plan_again_changes_nothing_however_late(length: int) -> None:
    decider.given(flight, *events(*LIFE[:length])).when(schedule(planned=NOON + HOUR)).then()


DEPARTED = LIFE[:3]
CANCELLED = [schedule(), say("cancel", reason="weather")]


@pytest.mark.parametrize(
    ("before", "command", "reason"),
    [
        ([], say("delay", estimate=NOON), "not scheduled"),
        ([], say("cancel"), "not scheduled"),
        ([schedule()], say("arrive", arrived=NOON), "scheduled"),
        ([schedule()], say("divert"), "scheduled"),
        (DEPARTED, say("cancel"), "departed"),
        (DEPARTED, say("delay", estimate=NOON), "departed"),
        (CANCELLED, say("depart", departed=NOON), "cancelled"),
        (CANCELLED, say("delay", estimate=NOON), "cancelled"),
        (LIFE, say("depart", departed=NOON), "arrived"),
        (LIFE, say("divert"), "arrived"),
    ],
    ids=lambda value: value.type if isinstance(value, Command) else None,
)
def test_what_is_impossible_is_refused_and_the_refusal_says_why(
    before: list[Command], command: Command, reason: str
) -> None:
    decider.given(flight, *events(*before)).when(command).then_refused(f"{FLIGHT} is {reason}")


def test_every_event_counts_one_version_up_and_keeps_what_was_known() -> None:
    facts = news(*LIFE)
    assert facts["version"] == 4
    assert facts["status"] == "arrived"
    assert (facts["planned"], facts["estimate"]) == (NOON, NOON + HOUR)
    assert (facts["departed"], facts["arrived"]) == (NOON + HOUR, NOON + 3 * HOUR)


def test_a_flight_is_expected_at_its_plan_until_something_else_is_said() -> None:
    assert news(schedule())["estimate"] == NOON
    assert news(*CANCELLED)["estimate"] == NOON


def test_everything_the_airlines_really_said_happened_once_and_said_again_changes_nothing() -> None:
    facts: dict[str, Any] = {}
    count = 0
    for _, command in flights.commands("2013-02-08"):
        key = command.subject
        (event,) = decide(command, facts.get(key, {}))
        assert check(event).subject == key
        facts[key] = evolve(facts.get(key, {}), event)
        assert decide(command, facts[key]) == []
        count += 1
    assert sum(known["version"] for known in facts.values()) == count
    ways = Counter(found.status for found in flights.flights("2013-02-08"))
    assert Counter(known["status"] for known in facts.values())["cancelled"] == ways["cancelled"]


# Gates -----------------------------------------------------------------------------------------------------------


def gates_learn(state: dict[str, Any], key: str, *commands: Command) -> list[Event]:
    """What the gates do about each of these in turn, told with every fact."""
    found: list[Event] = []
    facts: Any = {}
    for command in commands:
        for event in decide(command, facts):
            facts = evolve(facts, event)
            found += plan_gate(state, event.type, facts, command.time)
    return found


def test_a_scheduled_flight_gets_the_first_free_gate_of_its_airport() -> None:
    state: dict[str, Any] = {}
    (first,) = gates_learn(state, "UA1-EWR", schedule("UA1-EWR"))
    (second,) = gates_learn(state, "UA2-EWR", schedule("UA2-EWR"))
    (elsewhere,) = gates_learn(state, "UA3-JFK", schedule("UA3-JFK"))
    (much_later,) = gates_learn(state, "UA4-EWR", schedule("UA4-EWR", NOON + HOUR))
    assert first == Event("gate.assigned", {"flight": "UA1-EWR", "gate": "EWR-01"}, "UA1-EWR")
    assert [event.data["gate"] for event in (second, elsewhere, much_later)] == ["EWR-02", "JFK-01", "EWR-01"]


def test_a_delayed_flight_keeps_its_gate_if_it_can() -> None:
    assert [event.type for event in gates_learn({}, FLIGHT, *LIFE[:2])] == ["gate.assigned"]


def test_a_delayed_flight_whose_gate_is_taken_at_the_new_time_gets_another() -> None:
    state: dict[str, Any] = {}
    gates_learn(state, "UA2-EWR", schedule("UA2-EWR", NOON + HOUR))
    _, changed = gates_learn(state, FLIGHT, *LIFE[:2])
    assert changed == Event("gate.changed", {"flight": FLIGHT, "gate": "EWR-02", "before": "EWR-01"}, FLIGHT)
    assert state[FLIGHT]["gate"] == "EWR-02"
    assert list(state["EWR-01"]["taken"]) == ["UA2-EWR"]


def test_a_flight_that_loses_its_gate_and_finds_no_other_is_announced_without_one() -> None:
    state: dict[str, Any] = {}
    with patch.object(rules, "GATES", 1):
        gates_learn(state, "UA2-EWR", schedule("UA2-EWR", NOON + HOUR))
        _, changed = gates_learn(state, FLIGHT, *LIFE[:2])
    assert changed == Event("gate.changed", {"flight": FLIGHT, "gate": "", "before": "EWR-01"}, FLIGHT)
    assert list(state["EWR-01"]["taken"]) == ["UA2-EWR"]


@pytest.mark.parametrize("end", [say("depart", departed=NOON), say("cancel")], ids=["departed", "cancelled"])
def test_a_gate_is_free_again_when_its_flight_is_gone(end: Command) -> None:
    state: dict[str, Any] = {}
    assigned, released = gates_learn(state, FLIGHT, schedule(), end)
    assert released == Event("gate.released", {"flight": FLIGHT, "gate": "EWR-01"}, FLIGHT)
    assert assigned.data["gate"] == "EWR-01"
    assert state["EWR-01"] == {"taken": {}}
    assert "gate" not in state[FLIGHT]


def test_news_of_an_unknown_flight_or_of_one_without_gate_release_nothing() -> None:
    state: dict[str, Any] = {}
    assert plan_gate(state, "flight.delayed", {"flight": "X", "status": "delayed", "estimate": NOON}, NOON) == []
    assert plan_gate(state, "flight.departed", {"flight": "X", "status": "departed"}, NOON) == []


def test_hearing_the_same_twice_changes_no_gate() -> None:
    state: dict[str, Any] = {}
    gates_learn(state, FLIGHT, schedule())
    before = dict(state)
    assert plan_gate(state, "flight.scheduled", news(schedule()), NOON) == []
    assert state == before


moves = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["delay", "delay", "delay", "depart", "cancel"]), st.integers(0, 24)),
    max_size=40,
)


@given(
    plans=st.lists(st.integers(0, 24), min_size=8, max_size=8),
    moves=moves,
    gates=st.integers(1, 3),
    thin=st.booleans(),
)
def test_a_gate_never_has_two_flights_at_once_whatever_is_delayed(
    plans: list[int], moves: list[tuple[int, str, int]], gates: int, thin: bool
) -> None:
    state: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    held: dict[str, str] = {}  # by what the gates say, not by what they remember
    story = [schedule(f"UA{n}-{'EWR' if n % 3 else 'JFK'}", NOON + plan * 10 * MINUTE) for n, plan in enumerate(plans)]
    keys = [command.subject for command in story]
    for number, word, when in moves:
        time = NOON + when * 10 * MINUTE
        more = {"delay": {"estimate": time}, "depart": {"departed": time}}.get(word, {})
        story.append(say(word, keys[number], **more))
    with patch.object(rules, "GATES", gates):
        for command in story:
            try:
                decided = decide(command, facts.get(command.subject, {}))
            except Refused:
                continue
            for event in decided:
                facts[event.subject] = evolve(facts.get(event.subject, {}), event)
                told = rules.news(event) if thin else facts[event.subject]
                for what in plan_gate(state, event.type, told, NOON):
                    key, gate = check(what).data["flight"], what.data["gate"]
                    if what.type == "gate.released":
                        assert held.pop(key) == gate
                        continue
                    assert held.get(key, "") == what.data.get("before", "")
                    assert gate == "" or gate.startswith(f"{facts[key]['origin']}-")
                    held[key] = gate
                for one, other in combinations([key for key in held if held[key]], 2):
                    apart = abs(facts[one]["estimate"] - facts[other]["estimate"]) >= rules.BEFORE + rules.AFTER
                    assert held[one] != held[other] or apart, f"{one} and {other} are both at {held[one]}"
    gone = [key for key in facts if facts[key]["status"] not in rules.GROUND]
    assert not any(held.get(key) for key in gone)
    for key in facts:
        assert state[key].get("gate", "") == held.get(key, "")


# Boards ----------------------------------------------------------------------------------------------------------


def test_a_row_grows_with_what_is_heard() -> None:
    state: dict[str, Any] = {}
    for event in events(*LIFE[:2]):
        show(state, event.type, rules.news(event), NOON)
    show(state, "gate.assigned", {"flight": FLIGHT, "gate": "EWR-01"}, NOON)
    row = {"dest": "ORD", "planned": NOON, "estimate": NOON + HOUR, "status": "delayed", "gate": "EWR-01"}
    assert state == {FLIGHT: row}


def test_a_gate_may_be_heard_of_before_its_flight() -> None:
    state: dict[str, Any] = {}
    show(state, "gate.assigned", {"flight": FLIGHT, "gate": "EWR-01"}, NOON)
    assert state == {FLIGHT: {"gate": "EWR-01"}}


def test_a_released_gate_stays_on_the_board() -> None:
    state: dict[str, Any] = {FLIGHT: {"gate": "EWR-01"}}
    show(state, "gate.released", {"flight": FLIGHT, "gate": "EWR-01", "status": "departed"}, NOON)
    assert state == {FLIGHT: {"gate": "EWR-01"}}


def test_what_the_gates_knew_of_a_flight_does_not_overwrite_what_its_airline_said_since() -> None:
    state: dict[str, Any] = {}
    show(state, "flight.cancelled", news(*CANCELLED), NOON)
    show(state, "gate.changed", {**news(*LIFE[:2]), "gate": "EWR-02", "before": "EWR-01"}, NOON)
    assert (state[FLIGHT]["status"], state[FLIGHT]["estimate"]) == ("cancelled", NOON)
    assert state[FLIGHT]["gate"] == "EWR-02"


# Notices ---------------------------------------------------------------------------------------------------------


def hear(state: dict[str, Any], event_type: str, **facts: Any) -> list[str]:
    """What passengers are told about this news."""
    acts = tell(state, event_type, {"flight": FLIGHT, **facts}, NOON)
    assert all(check(act) and act.type in EFFECTS and act.subject == FLIGHT for act in acts)
    return [act.data["told"] for act in acts]


def test_a_cancellation_a_gate_and_new_seats_are_told_each_time() -> None:
    state: dict[str, Any] = {}
    for times in (1, 2):
        assert hear(state, "flight.cancelled", status="cancelled") == ["cancelled"]
        assert hear(state, "gate.changed", gate="EWR-02", before="EWR-01") == ["gate"]
        assert hear(state, "passengers.rebooked", moved=1, left=0, onto=()) == ["rebooked"]
        assert state == {FLIGHT: {"told": {"cancelled": times, "rebooked": times}, "gates": {"EWR-02": times}}}


def test_a_delay_is_told_when_it_is_fifteen_minutes_later_than_was_told_before() -> None:
    state: dict[str, Any] = {}
    assert hear(state, "flight.scheduled", status="scheduled", planned=NOON) == []
    for minutes, times in ((14, 0), (15, 1), (15, 1), (29, 1), (30, 2), (20, 2), (45, 3)):
        before = state[FLIGHT].get("told", {}).get("delayed", 0)
        said = hear(state, "flight.delayed", status="delayed", estimate=NOON + minutes * MINUTE)
        assert said == ["delayed"] * (times - before), minutes
        assert state[FLIGHT].get("told", {}).get("delayed", 0) == times, minutes


def test_a_delay_of_a_flight_that_was_never_heard_of_is_told_by_its_plan_if_that_comes_along() -> None:
    state: dict[str, Any] = {}
    hear(state, "flight.delayed", status="delayed", planned=NOON, estimate=NOON + HOUR)
    assert state == {FLIGHT: {"estimate": NOON + HOUR, "told": {"delayed": 1}}}


def test_nobody_is_told_of_a_departure_or_of_a_gate_that_is_no_more() -> None:
    state: dict[str, Any] = {}
    hear(state, "flight.departed", status="departed")
    hear(state, "gate.changed", gate="", before="EWR-01")
    hear(state, "flight.delayed", status="departed", estimate=NOON)  # looked up late: it has left meanwhile
    assert state == {}


# Rebooking -------------------------------------------------------------------------------------------------------


def rebooking(*plans: Command) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for plan in plans:
        assert rebook(state, "flight.scheduled", news(plan), NOON) == []
    return state


def cancel(state: dict[str, Any], plan: Command, now: int = NOON - 3 * HOUR) -> list[Event]:
    return rebook(state, "flight.cancelled", news(plan, say("cancel", plan.subject)), now)


def test_passengers_move_to_the_next_flights_to_the_same_place_as_far_as_there_are_seats() -> None:
    plan, full = schedule(passengers=50), schedule("UA2-EWR", NOON + HOUR, passengers=100)
    last = schedule("UA3-EWR", NOON + 3 * HOUR, passengers=70)
    next = schedule("UA4-EWR", NOON + 2 * HOUR, passengers=90)
    state = rebooking(full, last, plan, next)  # whichever plan came in first
    (event,) = cancel(state, plan)
    onto = ({"flight": "UA4-EWR", "passengers": 10}, {"flight": "UA3-EWR", "passengers": 30})
    assert event.data == {"flight": FLIGHT, "moved": 40, "left": 10, "onto": onto}
    assert [state[key]["booked"] for key in (FLIGHT, "UA2-EWR", "UA3-EWR", "UA4-EWR")] == [0, 100, 100, 100]
    assert check(event) is event


def test_hearing_of_the_cancellation_again_moves_nobody_again() -> None:
    state = rebooking(schedule(), schedule("UA2-EWR", NOON + HOUR))
    assert len(cancel(state, schedule())) == 1
    before = dict(state)
    assert cancel(state, schedule()) == []
    assert state == before


def test_nobody_moves_to_an_earlier_or_gone_or_cancelled_flight_or_to_another_place() -> None:
    plans = [
        schedule("UA2-EWR", NOON - HOUR, passengers=1),
        schedule("UA3-EWR", NOON + HOUR, dest="BOS", passengers=1),
        schedule("UA4-EWR", NOON + HOUR, passengers=0),
        schedule("UA5-EWR", NOON + 2 * HOUR, passengers=1),
        schedule("UA6-EWR", NOON + 3 * HOUR, passengers=1),
    ]
    state = rebooking(schedule(), *plans)
    cancel(state, plans[2])
    rebook(state, "flight.departed", news(plans[3], say("depart", "UA5-EWR", departed=NOON)), NOON)
    (event,) = cancel(state, schedule(), now=NOON + 2 * HOUR)
    assert [onto["flight"] for onto in event.data["onto"]] == ["UA6-EWR"]


def test_a_flight_that_rebooking_never_heard_of_moves_nobody() -> None:
    assert rebook({}, "flight.cancelled", {"flight": FLIGHT, "status": "cancelled"}, NOON) == []


@given(
    plans=st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from(["ORD", "BOS"]), st.integers(0, 9), st.integers(0, 9)),
        min_size=1, max_size=10,
    ),
    ends=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["cancel", "cancel", "depart"]), st.integers(-3, 12))),
)  # fmt: skip
def test_nobody_is_lost_won_or_put_where_there_is_no_seat(
    plans: list[tuple[int, str, int, int]], ends: Sequence[tuple[int, str, int]]
) -> None:
    story = [
        schedule(f"UA{n}-EWR", NOON + hour * HOUR, dest, passengers, passengers + free)
        for n, (hour, dest, passengers, free) in enumerate(plans)
    ]
    state = rebooking(*story)
    aboard = {plan.subject: plan.data["passengers"] for plan in story}  # by what rebooking says, not by its memory
    told = {plan.subject: [plan] for plan in story}
    without = 0
    for number, word, hour in ends:
        plan = story[number % len(story)]
        key, now = plan.subject, NOON + hour * HOUR
        if len(told[key]) > 1:
            continue
        told[key].append(say(word, key, **({"departed": now} if word == "depart" else {})))
        what = "flight.cancelled" if word == "cancel" else "flight.departed"
        for event in rebook(state, what, news(*told[key]), now):
            said = check(event).data
            assert said["moved"] + said["left"] == aboard[key]
            assert sum(onto["passengers"] for onto in said["onto"]) == said["moved"]
            for onto in said["onto"]:
                other = next(plan for plan in story if plan.subject == onto["flight"])
                assert len(told[other.subject]) == 1, "it is gone or cancelled"
                assert other.data["dest"] == plan.data["dest"]
                assert other.data["planned"] > max(now, plan.data["planned"])
                aboard[other.subject] += onto["passengers"]
                assert onto["passengers"] > 0 and aboard[other.subject] <= other.data["seats"]
            aboard[key] = 0
            without += said["left"]
        assert {key: state[key]["booked"] for key in aboard} == aboard
        assert sum(aboard.values()) + without == sum(plan.data["passengers"] for plan in story)


# Baggage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "type"), [("departed", "bags.loaded"), ("cancelled", "bags.returned")])
def test_bags_move_once(status: str, type: str) -> None:
    state: dict[str, Any] = {}
    heard = {"flight": FLIGHT, "status": status}
    assert move_bags(state, f"flight.{status}", heard, NOON) == [Event(type, {"flight": FLIGHT}, FLIGHT)]
    assert move_bags(state, f"flight.{status}", heard, NOON) == []
    assert state == {FLIGHT: {"bags": type.removeprefix("bags.")}}


def test_every_service_but_operations_has_a_reaction_and_interests() -> None:
    assert set(rules.REACTIONS) == set(rules.INTERESTS) == {"gates", "boards", "notices", "rebooking", "baggage"}
