"""Outages: planned by chance, measured from the trace."""

from __future__ import annotations

import pytest

from eventlab import SECOND, Crash
from eventlab.lessons.lesson01 import topologies
from eventlab.lessons.lesson01.random_outages import outages
from eventlab.measures.availability import availability, down, product_of_parts

HOUR = 3600 * SECOND


def test_a_service_is_up_for_the_share_of_time_that_was_asked_for() -> None:
    planned = outages(["s1"], begin=0, end=1000 * HOUR, up=1900, down=100)
    lost = sum((crash.until or 0) - crash.at for crash in planned)
    assert 1 - lost / (1000 * HOUR) == pytest.approx(0.95, abs=0.005)


def test_another_service_does_not_change_the_outages_of_the_first() -> None:
    one = outages(["s1"], begin=0, end=HOUR, up=300, down=30)
    two = outages(["s1", "s2"], begin=0, end=HOUR, up=300, down=30)
    assert [crash for crash in two if crash.name == "s1"] == one


def test_time_counts_as_lost_once_however_many_are_down() -> None:
    faults = [Crash("s1", 10, 30), Crash("s2", 20, 40)]
    trace = topologies.ask(2, topologies.TOPOLOGIES["chain"], faults=faults)
    assert down(trace, "s1", 0, 100 * SECOND) == [(10 * SECOND, 30 * SECOND)]
    assert availability(trace, ["s1", "s2"], 0, 100 * SECOND) == pytest.approx(0.7)
    assert product_of_parts(trace, ["s1", "s2"], 0, 100 * SECOND) == pytest.approx(0.8 * 0.8)


def test_a_service_that_never_comes_back_is_down_to_the_end() -> None:
    trace = topologies.ask(1, topologies.TOPOLOGIES["chain"], faults=[Crash("s1", 10)])
    assert availability(trace, ["s1"], 0, 40 * SECOND) == pytest.approx(0.25)
