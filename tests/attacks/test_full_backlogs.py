"""Twenty thousand events for a slow handler with a limit, and the controls that must be found out."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux shows it")


@pytest.mark.parametrize("waits", [True, False])
def test_a_full_backlog_makes_publishers_wait_or_says_no_and_drops_nothing_in_silence(waits: bool) -> None:
    from tests.attacks.full_backlogs import judge, publish

    assert judge(publish(10_000, 1_000, waits=waits), 10_000, 1_000, waits=waits) == []


def test_without_a_limit_and_with_a_queue_that_drops_the_same_checks_fail() -> None:
    from tests.attacks.full_backlogs import dropping, judge, publish

    assert any("events were owed" in problem for problem in judge(publish(10_000, 0), 10_000, 1_000))
    assert any("of 10,000" in problem for problem in dropping(10_000, 1_000))
