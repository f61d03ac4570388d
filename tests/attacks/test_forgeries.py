"""Whatever somebody does to the rows behind a store's back, `verify` names the first bad position."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.forgeries import FORGERIES, SHORT, attack, limit


def test_the_first_forged_position_is_named_exactly(tmp_path: Path) -> None:
    missed, unseen = attack(SHORT, tmp_path)
    assert missed == {}
    assert unseen == SHORT * len(FORGERIES)  # the control: to SQLite's own check every one of them looks well


def test_a_forger_who_computes_all_later_hashes_anew_stays_unseen_as_is_said(tmp_path: Path) -> None:
    assert limit(tmp_path)
