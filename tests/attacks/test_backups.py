"""A backup that is made while eight processes write is a clean beginning of the store; plain copies are not."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.attacks.backups import SHORT, broken
from tests.attacks.children import alone


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_backups_under_load_are_clean_beginnings() -> None:
    ends = alone("backups.attack", SHORT)
    assert broken({kind: Counter(end) for kind, end in ends.items()}, SHORT) == [], ends
