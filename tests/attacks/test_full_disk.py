"""A full disk refuses appends with a clear error, and the store works again when there is room."""

from __future__ import annotations

import sys

import pytest

from tests.attacks.full_disk import SHORT, attack


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit to the size of a process's files")
def test_a_full_disk_leaves_nothing_half_written() -> None:
    refused, done = attack(SHORT)
    assert refused >= 10, "the disk was never full"
    assert done >= 10, "nothing was ever written"
