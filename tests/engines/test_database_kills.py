"""kill -9 of PostgreSQL under sixteen writers; and a careless commit, which the same story gives away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="the engines are not installed")
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system does not tell of children")


def run(cycles: int, kind: str) -> tuple[dict[str, int], dict[str, int]]:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = f"from tests.attacks.database_kills import short; print(short({cycles}, {kind!r}))"
    own = {name: value for name, value in os.environ.items() if name != "EVENTLAB_POSTGRES"}
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, env=own).stdout
    wrong, counts = json.loads(said)
    return wrong, counts


def test_what_postgresql_acknowledged_outlives_its_death_under_sixteen_writers() -> None:
    wrong, counts = run(3, "store")
    assert wrong == {}
    assert counts["kills of PostgreSQL"] == 3 and counts["struck"] > 0 and counts["acknowledged"] > 0


def test_a_commit_that_does_not_wait_for_the_disk_is_found_out() -> None:
    assert "lost append" in run(2, "not durable")[0]
