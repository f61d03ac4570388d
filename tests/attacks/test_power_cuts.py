"""Power cuts at every write and sync of a short run, durable, fast, and without any sync as the control."""

from __future__ import annotations

import sys

import pytest

from tests.attacks.power_cuts import attack

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the layer below SQLite is the one of POSIX systems")


def test_a_durable_store_loses_nothing_in_a_power_cut() -> None:
    ends = attack("FULL", 20)
    assert ends["cuts"] > 500
    assert (ends["lost"], ends["corrupt"]) == (0, 0)


def test_a_fast_store_keeps_a_clean_beginning() -> None:
    ends = attack("NORMAL", 30)
    assert ends["corrupt"] == 0
    assert ends["lost"] > 0  # the proof that the cuts hurt


def test_without_any_sync_the_same_cuts_corrupt() -> None:
    assert attack("OFF", 30)["corrupt"] > 0
