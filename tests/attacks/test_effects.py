"""A subscriber that is killed sixty times keeps its state exactly once, and what it does elsewhere at least once."""

from __future__ import annotations

import os

import pytest

from tests.attacks.children import alone
from tests.attacks.effects import KINDS, SHORT, broken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("name", KINDS)
def test_a_killed_subscriber_leaves_what_is_promised(name: str) -> None:
    kills = SHORT // 2 if name.startswith("control") else SHORT
    found = alone("effects.attack", name, kills)
    assert broken(name, found) == [], found
