"""kill -9 of a leader of JetStream, of a worker and a publisher; a careless worker is given away by the same story."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")


def run(kills: str, kind: str) -> tuple[dict[str, int], dict[str, int]]:
    """In a process of its own, with engines of its own: those of the tests are not killed."""
    program = f"from tests.attacks.cluster_kills import short; print(short({kills!r}, {kind!r}))"
    own = {name: value for name, value in os.environ.items() if not name.startswith("EVENTLAB_")}
    said = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, env=own).stdout
    wrong, counts = json.loads(said)
    return wrong, counts


def test_nothing_is_lost_and_subjects_keep_their_order_whoever_is_killed() -> None:
    wrong, counts = run("worker leader publisher", "store")
    assert wrong == {}
    assert counts["struck"] == 3 and counts["orders"] > 50


def test_a_worker_that_answers_first_is_found_out() -> None:
    assert "lost" in run("worker", "answers first")[0]
