"""What asking back costs, measured from runs."""

from __future__ import annotations

from typing import Any

import pytest

from eventlab.airports import Scenario, run
from eventlab.airports.event_notification import ask
from eventlab.errors import Invalid
from eventlab.event import Command, Event
from eventlab.lessons.lesson06.callbacks import Measured, tell_once, under_load
from eventlab.measures.traffic import size, traffic
from eventlab.service import Service
from eventlab.trace import RECEIPTS, Trace


async def asks(screen: Service, event: Event) -> None:
    news = await screen.request("gates", Command("gate.describe", event.data))
    screen.state[event.subject] = news["gate"]


def reads(screen: Service, event: Event) -> None:
    screen.state[event.subject] = event.data["gate"]


@pytest.mark.parametrize("consumers", [1, 4])
def test_each_consumer_costs_three_messages_if_it_asks_and_one_if_it_reads(consumers: int) -> None:
    asking = under_load(asks, consumers=consumers, per_second=1)
    reading = under_load(reads, consumers=consumers, per_second=1, full=True)
    assert asking.messages == 1 + 3 * consumers  # the event, a question, an answer
    assert reading.messages == 1 + consumers
    assert asking.events == reading.events > 5
    assert len(asking.waits) == asking.events * consumers
    assert asking.bytes > reading.bytes


def test_in_the_end_every_consumer_has_what_the_producer_has() -> None:
    for measured in (under_load(asks, per_second=8), under_load(reads, per_second=8, full=True)):
        states = measured.trace.states()
        gates = {flight: facts["gate"] for flight, facts in states.pop("gates").items()}
        assert len(states) == measured.consumers
        assert all(rows == gates for rows in states.values())


def test_the_queue_is_counted_from_arrival_until_the_answer_and_ends_empty() -> None:
    measured = under_load(asks, consumers=10)
    assert measured.queue >= 10  # all ask at once
    assert measured.queued[-1][1] == 0
    assert min(number for _, number in measured.queued) == 0
    assert under_load(reads, full=True).queue == 0


def test_near_the_limit_of_the_producer_waiting_grows_faster_than_the_load() -> None:
    few, many = under_load(asks, consumers=5), under_load(asks, consumers=25)
    assert many.p99 > 10 * few.p99
    assert many.p50 > few.p50


def test_one_seed_gives_one_run_and_another_seed_another() -> None:
    digests = [under_load(asks, seconds=3, seed=seed).trace.digest() for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("load", [{"consumers": 0}, {"per_second": 0.0}, {"per_second": float("nan")}])
def test_a_load_that_is_none_is_refused(load: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="a consumer and an event"):
        under_load(asks, **load)


def test_a_run_without_questions_has_no_queue() -> None:
    assert Measured(Trace(), 1).queue == 0
    assert size(Event("gate.changed", {"flight": "F1"})) < size(Event("gate.changed", {"flight": "F1", "gate": "B 1"}))


def test_a_consumer_that_cannot_read_the_answer_fails_alone() -> None:
    count: list[str] = []
    consumers = {"screen": asks, "statistics": lambda service, event: count.append(event.type)}
    trace = tell_once({"flight": "F1", "terminal": "B", "number": 14}, consumers)
    assert [record.where for record in trace.of("failed")] == ["screen"]
    assert count == ["gate.changed"]
    assert tell_once({"flight": "F1", "gate": "B 14"}, {"screen": asks}).state("screen") == {"F1": "B 14"}
    told = tell_once({"flight": "F1", "gate": "B 14"}, {"screen": reads}, full=True)
    assert told.state("screen") == {"F1": "B 14"}
    assert traffic(told)[0] == 2


def test_people_and_receipts_are_no_traffic_of_the_services() -> None:
    scenario = Scenario(flights=["AA1925-LGA-0208"], questions=3)
    trace = run(scenario, "event notification").trace
    assert traffic(trace) == traffic(run(scenario, "event notification", ask=ask).trace)
    counted = Trace([r for r in trace if r.purpose in RECEIPTS[:2] or "airlines" in (r.where, r.other)], trace.stage)
    assert len(counted) > 10 and traffic(counted) == (0, 0)


def test_a_learners_way_of_asking_takes_the_place_of_the_usual_one() -> None:
    asked: list[str] = []

    async def note(service: Service, event: Event) -> Any:
        asked.append(event.type)
        return await ask(service, event)

    run(Scenario(flights=["AA1925-LGA-0208"], questions=0), "event notification", ask=note)
    assert asked.count("flight.delayed") == 9  # three delays, three services that want to know
