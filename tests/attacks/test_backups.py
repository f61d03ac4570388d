"""A backup that is made while eight processes write is a clean beginning of the store; plain copies are not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.attacks.backups import SHORT, broken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_backups_under_load_are_clean_beginnings() -> None:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = f"import json; from tests.attacks.backups import attack; print(json.dumps(attack({SHORT})))"
    ends = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    assert broken({kind: Counter(end) for kind, end in ends.items()}, SHORT) == [], ends
