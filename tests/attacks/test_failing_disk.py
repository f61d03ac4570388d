"""A disk that fails in the middle of an append leaves nothing half-written; a store that appends one by one does."""

from __future__ import annotations

import sys

import pytest

from tests.attacks.children import alone
from tests.attacks.failing_disk import SHORT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the layer below SQLite is the one of POSIX systems")


def test_a_failing_disk_leaves_nothing_half_written() -> None:
    wrong, counts = alone("failing_disk.attack", SHORT, True)
    assert wrong == {}
    assert counts["refused"] > SHORT // 20
    assert counts["write failed"] > 0
    assert counts["sync failed"] > 0


def test_batches_appended_one_by_one_are_found_half_written() -> None:
    wrong, _ = alone("failing_disk.attack", SHORT // 2, False)
    assert wrong["half a batch"] > 0
