"""Killed while it forgets, and with an old key file put back: nobody who was said to be forgotten can be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.attacks.forgetting import CONTROLS, MOMENTS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def run(lives: int, kind: str) -> tuple[list[str], dict[str, int]]:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = f"import json; from tests.attacks.forgetting import attack; print(json.dumps(attack({lives}, {kind!r})))"
    wrong, seen = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    return wrong, seen


def test_who_is_said_to_be_forgotten_stays_so_whenever_it_is_killed() -> None:
    wrong, seen = run(8, "careful")
    assert wrong == []
    assert {f"killed {moment}" for moment in MOMENTS} | {"copied back", "archived"} <= seen.keys()


@pytest.mark.parametrize("kind", CONTROLS)
def test_a_careless_desk_is_found_out(kind: str) -> None:
    assert CONTROLS[kind] in run(4, kind)[0]
