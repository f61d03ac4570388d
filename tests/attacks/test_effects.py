"""A subscriber that is killed sixty times keeps its state exactly once, and what it does elsewhere at least once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.attacks.effects import KINDS, SHORT, broken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("name", KINDS)
def test_a_killed_subscriber_leaves_what_is_promised(name: str) -> None:
    """In a process of its own, since a test's process may have threads and must not fork."""
    kills = SHORT // 2 if name.startswith("control") else SHORT
    program = f"import json; from tests.attacks.effects import attack; print(json.dumps(attack({name!r}, {kills})))"
    found = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    assert broken(name, found) == [], found
