"""Who notices when a listener comes, stops or is slow."""

from __future__ import annotations

import pytest

from eventlab.airports import Run, Scenario, run, start
from eventlab.bus import Bus
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.faults import Crash, Slow
from eventlab.lessons.lesson03 import subscribers
from eventlab.network import Network
from eventlab.service import Service
from eventlab.sim import Sim

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=0)


def with_hotels(*, durable: bool = True) -> tuple[Run, Service]:
    day = start(BOSTON, "publish/subscribe")
    day.sim.run(until=BOSTON.at("06:00"))
    hotels = Service("hotels", day.cast.network, day.cast.bus)
    hotels.on("flight.cancelled", lambda event: None, durable="hotels" if durable else "")
    return day.finish(), hotels


def test_only_the_bus_sends_more_when_somebody_new_listens() -> None:
    before, (after, _) = run(BOSTON, "publish/subscribe"), with_hotels()
    rows = {row["sent by"]: row for row in subscribers.traffic(before, after, ["operations", "bus"])}
    assert rows["operations"]["the same, to the nanosecond"] == "yes"
    assert rows["operations"]["before"] == rows["operations"]["after"]
    assert rows["bus"]["the same, to the nanosecond"] == "no"
    assert rows["bus"]["after"] == int(str(rows["bus"]["before"])) + 1


def test_a_pattern_brings_the_events_whose_topics_fit() -> None:
    log = [Event("gate.assigned"), Event("flight.cancelled"), Event("flight.delayed"), Event("flight.delayed")]
    assert subscribers.brought(log, ["flight.*", "bags.*"]) == [
        {"pattern": "flight.*", "events": 3, "topics": "flight.cancelled, flight.delayed"},
        {"pattern": "bags.*", "events": 0, "topics": ""},
    ]


def test_whoever_calls_is_occupied_and_does_not_work_and_whoever_publishes_only_works() -> None:
    asking, telling = (subscribers.pace(run(BOSTON, name)) for name in ("request-driven", "publish/subscribe"))
    assert telling.wait < asking.wait
    assert telling.working == 1.0
    assert 0 < asking.working < 0.2
    own = asking.working * asking.occupied  # the same work, and the pauses of the way from call to call
    assert own == pytest.approx(telling.occupied, rel=0.2)


def test_a_slow_listener_is_waited_for_by_callers_alone() -> None:
    slow = BOSTON.with_(faults=[Slow("notices", 20.0, BOSTON.at("00:00"))])
    asking, telling = (subscribers.pace(run(slow, name)) for name in ("request-driven", "publish/subscribe"))
    usual = subscribers.pace(run(BOSTON, "publish/subscribe"))
    assert telling.wait == usual.wait
    assert telling.done > 2 * usual.done
    assert asking.wait > 1.0
    assert [row["of it at work"] for row in subscribers.paces(run(slow, "publish/subscribe"))] == ["100%"]


def test_who_stops_is_late_who_listens_to_it_too_and_nobody_else() -> None:
    before = run(BOSTON, "publish/subscribe")
    begin, end = BOSTON.at("07:00"), BOSTON.at("09:00")
    stopped = {
        name: run(BOSTON.with_(faults=[Crash(name, begin, end)]), "publish/subscribe")
        for name in ("boards", "rebooking")
    }
    boards, rebooking = subscribers.effects(before, stopped)
    assert {name for name, effect in boards.items() if effect == "later"} == {"boards"}
    assert {name for name, effect in rebooking.items() if effect == "later"} == {"rebooking", "notices"}
    assert "lost" not in {*boards.values(), *rebooking.values()}
    forever = {"boards": run(BOSTON.with_(faults=[Crash("boards", begin)]), "publish/subscribe")}
    assert subscribers.effects(before, forever)[0]["boards"] == "lost"
    instants = [begin, end - 1, end + 10**11]
    counts = subscribers.undelivered(stopped["boards"], "boards", instants)
    assert counts[0] == counts[2] == 0 < counts[1]


def test_the_airport_of_a_flight_is_where_it_leaves_from() -> None:
    after, _ = with_hotels()
    published = list(after.trace.of("published"))
    assert {subscribers.airport(record) for record in published} == {"JFK"}


def announced(key: str) -> Bus:
    sim = Sim(start=BOSTON.at("00:00"))
    bus = Bus(Network(sim))
    subscribers.announce(BOSTON, bus, "flight.cancelled flight.departed", key=key)
    sim.run()
    return bus


def test_the_news_is_said_again_at_its_time_and_nothing_else_is() -> None:
    log = announced("flight").log
    said = [(c.time, c.subject) for c in BOSTON.commands if c.type in ("flight.cancel", "flight.depart")]
    assert sorted((event.time, event.subject) for event in log) == sorted(said)
    assert {event.type for event in log} == {"flight.cancelled", "flight.departed"}


def test_the_key_of_an_announcement_is_the_flight_or_its_airport() -> None:
    assert {event.subject for event in announced("airport").log} == {"JFK"}
    with pytest.raises(Invalid, match="key"):
        announced("gate")
