"""The experiments that several lessons share."""

from __future__ import annotations

import pytest

from eventlab.airports import Scenario, run
from eventlab.airports.scenario import producer_cut_off
from eventlab.errors import Invalid
from eventlab.trace import Record


def _arrived(record: Record) -> bool:
    return record.kind == "received" and "operations" in (record.where, record.other)


def test_only_the_flights_that_are_planned_to_leave_within_the_hours_take_part() -> None:
    storm = Scenario()
    hours = storm.leaving("15:00", "16:00")
    planned = {command.data["planned"] for command in hours.commands if command.type == "flight.schedule"}
    assert min(planned) == storm.at("15:00")
    assert max(planned) < storm.at("16:00")
    everything = [c.subject for c in storm.commands if c.type == "flight.schedule"]
    inside = [c for c in storm.commands if c.type == "flight.schedule" and c.data["planned"] in planned]
    assert len(hours.flights) == len(inside) < len(everything)


def test_while_the_producer_is_cut_off_only_airlines_reach_it_and_afterwards_everybody_does() -> None:
    scenario = producer_cut_off()
    begin, end = scenario.at("15:00"), scenario.at("15:45")
    trace = run(scenario, "event notification").trace
    during = {(r.where, r.other) for r in trace if _arrived(r) and begin + 1_000_000_000 < r.at < end}
    assert during == {("operations", "airlines"), ("airlines", "operations")}
    after = {r.where for r in trace if _arrived(r) and r.at >= end}
    assert {"operations", "bus", "boards", "airlines"} <= after


def test_the_producer_hears_news_that_nobody_else_does_until_it_is_connected_again() -> None:
    scenario = producer_cut_off()
    begin, end = scenario.at("15:00"), scenario.at("15:45")
    trace = run(scenario, "event-carried state transfer").trace
    changes = [r for r in trace if r.kind == "changed" and begin + 1_000_000_000 < r.at < end]
    assert {record.where for record in changes} == {"operations"}


def test_a_cut_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid, match="end of a fault"):
        run(producer_cut_off("15:45", "15:00"), "event notification")
