"""A scenario and its runs: checked before anything happens, stepped or run through, the same every time."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from typing import Any

import pandas
import pytest

from eventlab.airports import cores, flights, scenario
from eventlab.airports.metrics import MEASURES
from eventlab.airports.scenario import ARCHITECTURES, Scenario, compare, run, start
from eventlab.errors import Invalid
from eventlab.event import Command
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, Slow
from eventlab.network import LinkQuality
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.times import Instant

each = pytest.mark.parametrize("architecture", ARCHITECTURES)
TINY = Scenario(flights=[flight.key for flight in flights.flights("2013-02-08") if flight.dest == "STL"])


def test_a_scenario_is_a_whole_day_unless_it_names_flights() -> None:
    assert len({command.subject for command in Scenario().commands}) == 930
    assert {command.subject for command in TINY.commands} == {question.subject for question in TINY.asked}
    assert {command.subject for command in TINY.commands} == set(TINY.flights)
    assert len(TINY.asked) == 4 * len(TINY.flights)


def test_what_is_said_and_asked_comes_in_order_of_time() -> None:
    for said in (TINY.commands, TINY.asked):
        assert [message.time for message in said] == sorted(message.time for message in said)


def test_a_flight_of_a_stormy_day_is_the_same_with_and_without_the_others() -> None:
    """How many were cancelled decides what a cancellation was like: the day is made whole, and then cut."""
    assert [c for c in Scenario().commands if c.subject in TINY.flights] == TINY.commands


def test_a_clock_time_is_new_yorks_on_that_day() -> None:
    assert TINY.at("12:00") == 1_360_342_800 * 10**9  # 17:00 UTC
    assert TINY.at("12:00:30") - TINY.at("12:00") == 30 * 10**9
    assert TINY.with_(day="2013-07-08", flights=()).at("12:00") == 1_373_299_200 * 10**9  # 16:00 UTC


def test_a_changed_scenario_is_another_one() -> None:
    other = TINY.with_(seed=3, questions=0)
    assert (other.seed, other.asked, TINY.seed) == (3, [], 0)
    assert other.commands == TINY.commands


@each
def test_stepping_and_running_give_the_same(architecture: str) -> None:
    stepped = start(TINY, architecture)
    assert len(stepped.trace) == 0
    count = 0
    while new := stepped.step():
        count += len(new)
        assert new[-1] is stepped.trace[-1]
    assert count == len(stepped.trace)
    assert stepped.digest == run(TINY, architecture).digest


def test_a_run_that_was_stepped_into_can_be_finished() -> None:
    begun = start(TINY, "publish/subscribe")
    for _ in range(5):
        begun.step()
    assert begun.finish() is begun
    assert begun.digest == run(TINY, "publish/subscribe").digest
    assert begun.step() == []


@each
def test_one_seed_is_one_run_and_another_seed_another(architecture: str) -> None:
    assert run(TINY, architecture).digest == run(TINY, architecture).digest
    assert run(TINY, architecture).digest != run(TINY.with_(seed=1), architecture).digest


def test_each_architecture_is_another_run() -> None:
    assert len({run(TINY, architecture).digest for architecture in ARCHITECTURES}) == 5


def test_the_states_are_those_of_the_trace_and_of_the_services() -> None:
    finished = run(TINY, "publish/subscribe")
    for name, service in finished.cast.services.items():
        assert dict(service.state) == finished.states[name]


def test_measuring_a_run_finishes_it() -> None:
    begun = start(TINY, "request-driven")
    assert begun.metrics == run(TINY, "request-driven").metrics
    assert begun.step() == []


def test_a_run_says_what_it_is() -> None:
    finished = run(TINY, "request-driven")
    assert repr(finished) == f"<Run of 2013-02-08 as request-driven: {len(finished.trace)} records>"


def test_a_comparison_is_a_table_with_a_row_for_each_architecture() -> None:
    table = compare(TINY)
    assert isinstance(table, pandas.DataFrame)
    assert list(table.index) == list(ARCHITECTURES) == [
        "request-driven", "publish/subscribe", "event notification", "event-carried state transfer", "event sourcing",
    ]  # fmt: skip
    assert list(table.columns) == list(MEASURES)
    assert table.index.name == "architecture"
    assert dict(table.loc["event sourcing"]) == run(TINY, "event sourcing").metrics


def test_a_comparison_may_be_of_some() -> None:
    assert list(compare(TINY, ["event sourcing", "request-driven"]).index) == ["event sourcing", "request-driven"]


def test_side_by_side_on_the_cores_gives_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    names, told = ["request-driven", "event sourcing"], []
    alone = compare(TINY, names)
    monkeypatch.setattr(scenario, "FEW", 1)
    monkeypatch.setattr(cores, "cores", lambda: 2)
    both = compare(TINY, names, tell=lambda name, done, all: told.append((name, done, all)))
    assert both.equals(alone) and list(both.index) == names
    assert {name for name, _, _ in told} == set(names)
    assert [(done, all) for _, done, all in told] == [(1, 2), (2, 2)]


@pytest.mark.skipif(sys.platform != "linux", reason="no safe fork here: one after the other")
def test_work_side_by_side_is_done_in_other_processes_and_its_error_comes_back() -> None:
    here = {"done": 0}  # a fork changes its own

    def work(name: str) -> tuple[int, int]:
        here["done"] += 1
        return os.getpid(), len(name) // len(name.strip())

    found = dict(cores.for_each(work, ["a", "b "], 2))
    assert (here["done"], {name: answer[1] for name, answer in found.items()}) == (0, {"a": 1, "b ": 2})
    assert os.getpid() not in {pid for pid, _ in found.values()}
    with pytest.raises(ZeroDivisionError):
        list(cores.for_each(work, ["a", " "], 2))


def test_several_days_are_one_run() -> None:
    days = [key for day in ("2013-02-08", "2013-02-09") for key in (flights.flights(day)[300].key,)]
    two = Scenario(flights=days, days=2)
    assert {command.subject for command in two.commands} == set(days) == {question.subject for question in two.asked}
    assert [command.time for command in two.commands] == sorted(command.time for command in two.commands)
    assert two.at("2013-02-09 12:00") - two.at("12:00") == 24 * 3600 * SECOND
    measured = run(two, "publish/subscribe")
    assert {key for key in measured.trace.state("boards") if "-" in key} == set(days)
    assert measured.metrics["answered %"] == 100


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 1.5}, {"day": "2013-12-31", "days": 2, "flights": ["x"]}])
def test_days_that_are_not_there_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Scenario(**wrong)


# What does not fit is refused before anything has run --------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "what", "found"),
    [
        ({"day": "2014-02-08"}, "unknown day", "2014-02-08"),
        ({"day": "8 February"}, "unknown day", "8 February"),
        ({"flights": ["UA1-EWR-0208", "XX"]}, "flight", "UA1-EWR-0208"),
        ({"flights": "UA1-EWR-0208"}, "flights", "UA1-EWR-0208"),
        ({"flights": (), "day": "2013-07-08", "questions": -1}, "questions", -1),
        ({"questions": "many"}, "questions", "many"),
        ({"questions": 1.5}, "questions", 1.5),
        ({"faults": Crash("gates", 1)}, "faults", Crash("gates", 1)),
    ],
    ids=str,
)
def test_a_scenario_that_cannot_be_is_refused(changes: dict[str, Any], what: str, found: object) -> None:
    with pytest.raises(Invalid) as caught:
        TINY.with_(**changes)
    assert (caught.value.what, caught.value.found) == (what, found)
    assert caught.value.where and caught.value.expected


@pytest.mark.parametrize("clock", ["25:00", "noon", "", "12:00:99", "12"])
def test_a_clock_time_that_no_clock_shows_is_refused(clock: str) -> None:
    if clock == "12":
        assert TINY.at(clock) == TINY.at("12:00")
        return
    with pytest.raises(Invalid) as caught:
        TINY.at(clock)
    assert str(caught.value.found).endswith(clock)


@pytest.mark.parametrize("begin", [start, run])
def test_an_unknown_architecture_is_refused_with_the_known_ones(begin: Any) -> None:
    with pytest.raises(Invalid, match="publish/subscribe") as caught:
        begin(TINY, "microservices")
    assert (caught.value.what, caught.value.found) == ("unknown architecture", "microservices")


def test_a_comparison_with_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(Invalid, match="event sourcing"):
        compare(TINY, ["request-driven", "mesh"])


def test_an_option_that_an_architecture_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(Invalid, match="outbox, inbox") as caught:
        start(TINY, "publish/subscribe", cache=1.0)
    assert (caught.value.where, caught.value.found) == ("publish/subscribe", "cache")
    with pytest.raises(Invalid, match="one of hear"):
        start(TINY, "request-driven", inbox=True)


def test_a_lesson_may_write_out_what_operations_does_with_what_airlines_say() -> None:
    heard: list[str] = []

    def hear(operations: Service, command: Command) -> None:
        heard.append(f"{operations.name} {command.type}")

    run(TINY, "request-driven", hear=hear)
    assert heard == [f"operations {command.type}" for command in TINY.commands]


AT = TINY.at
IMPOSSIBLE = {
    "unknown service": (Crash("gate", AT("12:00")), "operations, gates, boards", "gate"),
    "people": (Crash("passengers", AT("12:00")), "a service", "passengers"),
    "unknown partner": (Partition("gates", AT("12:00"), None, ("board",)), "boards", "board"),
    "end before the begin": (Crash("gates", AT("12:00"), AT("11:00")), repr(AT("12:00")), AT("11:00")),
    "before the day": (Crash("gates", Instant(1)), "(now) or later", 1),
    "unknown step": (CrashBefore("gates", "sleep", AT("12:00")), "publish, acknowledge", "sleep"),
    "impossible factor": (Slow("gates", 0, AT("12:00")), "more than 0", 0),
    "impossible share": (Flaky(AT("12:00"), loss=2.0), "0 to 1", 2.0),
    "no fault": ("rain", "Crash, CrashBefore", "rain"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
@each
def test_a_fault_that_cannot_be_is_refused_before_anything_has_run(architecture: str, name: str) -> None:
    fault, expected, found = IMPOSSIBLE[name]
    with pytest.raises(Invalid) as caught:
        start(TINY.with_(faults=[Crash("gates", AT("10:00")), fault]), architecture)
    assert expected in caught.value.expected
    assert caught.value.found == found
    assert caught.value.where


@each
def test_a_crash_of_the_store_delays_news_in_event_sourcing_and_is_not_felt_elsewhere(architecture: str) -> None:
    stopped = TINY.with_(faults=[Crash("store", AT("00:00"), AT("23:00"))])
    answered = run(stopped, architecture).metrics["answered %"]
    assert (answered < 100) == (architecture == "event sourcing")


@each
def test_a_run_that_is_refused_leaves_nothing_behind(architecture: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(Invalid):
            start(TINY.with_(faults=[Crash("gate", AT("12:00"))]), architecture)
        gc.collect()
    assert caught == []


def test_the_quality_of_the_network_is_the_scenarios() -> None:
    lossy = run(TINY.with_(quality=LinkQuality(loss=0.2)), "publish/subscribe")
    assert any(lossy.trace.of("lost"))
    assert not any(run(TINY, "publish/subscribe").trace.of("lost"))


@pytest.mark.parametrize("architecture", [name for name in ARCHITECTURES if name != "request-driven"])
def test_a_bus_that_is_gone_for_good_does_not_keep_time_going(architecture: str) -> None:
    day = Scenario(questions=1)
    day = day.with_(flights=[flight.key for flight in flights.flights(day.day)[:5]])
    for fault in (Crash("bus", day.at("05:00")), Partition("bus", day.at("05:00"))):
        gone = start(day.with_(faults=[fault]), architecture)
        gone.sim.run(until=day.at("05:00") + 3 * 24 * 3600 * SECOND)
        assert gone.step() == []
        assert len(gone.trace) < 5_000


def test_hours_in_which_no_flight_leaves_are_refused() -> None:
    with pytest.raises(Invalid, match="in which a flight is planned to leave, found 'hours without one'"):
        Scenario().leaving("03:00", "03:01")
