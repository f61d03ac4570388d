"""A hundred kills of writers, and the controls that the same story must give away."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def run(cycles: int, kind: str) -> tuple[list[str], dict[str, int]]:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = f"import json; from tests.attacks.kills import attack; print(json.dumps(attack({cycles}, {kind!r})))"
    wrong, counts = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    return wrong, counts


def test_what_was_acknowledged_outlives_every_kill() -> None:
    wrong, counts = run(34, "store")
    assert wrong == []
    assert counts["kills"] >= 100
    assert {"struck, stored", "struck, not stored"} <= counts.keys(), "no kill fell between an append and its answer"


@pytest.mark.parametrize(("kind", "anomaly"), [("answers first", "lost append"), ("one by one", "torn batch")])
def test_careless_writers_are_found_out(kind: str, anomaly: str) -> None:
    assert anomaly in run(20, kind)[0]
