"""kill -9 of a leader of JetStream, of a worker and a publisher; a careless worker is given away by the same story."""

from __future__ import annotations

import pytest

from tests.attacks.children import alone

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")


def test_nothing_is_lost_and_subjects_keep_their_order_whoever_is_killed() -> None:
    wrong, counts = alone("cluster_kills.attack", ["worker", "leader", "publisher"], "store")
    assert wrong == {}
    assert counts["struck"] == 3 and counts["orders"] > 50


def test_a_worker_that_answers_first_is_found_out() -> None:
    assert "lost" in alone("cluster_kills.attack", ["worker"], "answers first")[0]
