"""Twenty kills between a commit and its publication, and the ways without an outbox, which must be found out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def run(between: int, kind: str) -> tuple[list[str], dict[str, int]]:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = (
        f"import json; from tests.attacks.outbox_kills import attack; print(json.dumps(attack({between}, {kind!r})))"
    )
    wrong, counts = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    return wrong, counts


def test_an_outbox_loses_nothing_and_makes_nothing_up_whenever_it_is_killed() -> None:
    wrong, counts = run(20, "outbox")
    assert wrong == []
    assert counts["between"] >= 20 and counts["heard twice"] > 0, "the kills did not strike where it hurts"


@pytest.mark.parametrize(("kind", "found"), [("store, then publish", "lost"), ("publish, then store", "ghosts")])
def test_storing_and_publishing_in_two_steps_is_found_out(kind: str, found: str) -> None:
    assert any(found in problem for problem in run(5, kind)[0])
