"""The leader of JetStream's log is cut off: nothing is lost, and every order is kept.

The control, which loses what is shouted to that leader, takes several cuts: `python -m tests.attacks partitions`.
"""

from __future__ import annotations

import pytest

from tests.attacks.children import alone

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")


def test_a_leader_that_is_cut_off_and_joined_again_costs_no_event_and_no_order() -> None:
    wrong, counts = alone("partitions.attack", ["leader held"])
    assert wrong == {}
    assert counts["struck"] == 1 and counts["orders"] > 0
