"""A disk that fails in the middle of an append leaves nothing half-written; a store that appends one by one does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.attacks.failing_disk import SHORT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the layer below SQLite is the one of POSIX systems")


def run(tries: int, whole: bool) -> tuple[dict[str, int], dict[str, int]]:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = f"import json; from tests.attacks.failing_disk import attack; print(json.dumps(attack({tries}, {whole})))"
    wrong, counts = json.loads(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout)
    return wrong, counts


def test_a_failing_disk_leaves_nothing_half_written() -> None:
    wrong, counts = run(SHORT, True)
    assert wrong == {}
    assert counts["refused"] > SHORT // 20
    assert counts["write failed"] > 0
    assert counts["sync failed"] > 0


def test_batches_appended_one_by_one_are_found_half_written() -> None:
    wrong, _ = run(SHORT // 2, False)
    assert wrong["half a batch"] > 0
