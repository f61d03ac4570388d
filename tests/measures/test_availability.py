"""How much of the time services were up, measured from the trace."""

from __future__ import annotations

import pytest

from eventlab import SECOND, Crash
from eventlab.lessons.lesson01 import topologies
from eventlab.measures.availability import availability, down, product_of_parts


def test_time_counts_as_lost_once_however_many_are_down() -> None:
    faults = [Crash("s1", 10, 30), Crash("s2", 20, 40)]
    trace = topologies.ask(2, topologies.TOPOLOGIES["chain"], faults=faults)
    assert down(trace, "s1", 0, 100 * SECOND) == [(10 * SECOND, 30 * SECOND)]
    assert availability(trace, ["s1", "s2"], 0, 100 * SECOND) == pytest.approx(0.7)
    assert product_of_parts(trace, ["s1", "s2"], 0, 100 * SECOND) == pytest.approx(0.8 * 0.8)


def test_a_service_that_never_comes_back_is_down_to_the_end() -> None:
    trace = topologies.ask(1, topologies.TOPOLOGIES["chain"], faults=[Crash("s1", 10)])
    assert availability(trace, ["s1"], 0, 40 * SECOND) == pytest.approx(0.25)
