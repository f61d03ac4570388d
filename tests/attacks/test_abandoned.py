"""A forgotten reader does not let the log ahead grow; a half-read cursor does."""

from __future__ import annotations

from tests.attacks.abandoned import LIMIT, SHORT, attack, raw


def test_forgotten_readers_do_not_let_the_log_grow() -> None:
    largest, shown = attack(SHORT)
    assert largest <= LIMIT
    assert shown == 1_001  # taken up again, it goes on to where the store ended when it began


def test_half_read_cursors_do() -> None:
    largest, shown = attack(SHORT // 2, raw)
    assert largest > LIMIT
    assert shown == 1_001  # and sees what there was when it was begun
