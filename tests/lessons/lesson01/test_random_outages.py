"""Outages by chance: as much of the time as was asked for, and each service by itself."""

from __future__ import annotations

import pytest

from eventlab import SECOND
from eventlab.lessons.lesson01.random_outages import outages

HOUR = 3600 * SECOND


def test_a_service_is_up_for_the_share_of_time_that_was_asked_for() -> None:
    planned = outages(["s1"], begin=0, end=1000 * HOUR, up=1900, down=100)
    lost = sum((crash.until or 0) - crash.at for crash in planned)
    assert 1 - lost / (1000 * HOUR) == pytest.approx(0.95, abs=0.005)


def test_another_service_does_not_change_the_outages_of_the_first() -> None:
    one = outages(["s1"], begin=0, end=HOUR, up=300, down=30)
    two = outages(["s1", "s2"], begin=0, end=HOUR, up=300, down=30)
    assert [crash for crash in two if crash.name == "s1"] == one
