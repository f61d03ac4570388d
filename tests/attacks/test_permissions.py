"""A store that loses its permissions, its folder or its file refuses clearly, and goes on when all is given back."""

from __future__ import annotations

import sys

import pytest

from tests.attacks.permissions import SHORT, attack, broken


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody move or remove a file that is in use")
def test_what_is_taken_from_a_store_is_refused_clearly() -> None:
    counts = attack(SHORT)
    assert broken(counts) == [], counts
