"""kill -9 of PostgreSQL under sixteen writers; and a careless commit, which the same story gives away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.children import alone

pytest.importorskip("psycopg", reason="the engines are not installed")
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system does not tell of children")


def test_what_postgresql_acknowledged_outlives_its_death_under_sixteen_writers() -> None:
    wrong, counts = alone("database_kills.attack", 3, "store")
    assert wrong == {}
    assert counts["kills of PostgreSQL"] == 3 and counts["struck"] > 0 and counts["acknowledged"] > 0


def test_a_commit_that_does_not_wait_for_the_disk_is_found_out() -> None:
    assert "lost append" in alone("database_kills.attack", 2, "not durable")[0]
