"""A bit turned anywhere in the file is found, or it does no harm."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.flips import SHORT, attack


def test_no_turned_bit_changes_an_event_unseen(tmp_path: Path) -> None:
    seen, missed = attack(SHORT, tmp_path)
    assert seen["silent"] == 0
    assert seen["found"] > SHORT // 4, "too few bits that mean something"
    assert missed > 0, "SQLite alone sees them all: the chain would not be needed"
