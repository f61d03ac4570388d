"""A hundred kills of writers, and the controls that the same story must give away."""

from __future__ import annotations

import os

import pytest

from tests.attacks.children import alone

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def test_what_was_acknowledged_outlives_every_kill() -> None:
    wrong, counts = alone("kills.attack", 34, "store")
    assert wrong == []
    assert counts["kills"] >= 100
    assert {"struck, stored", "struck, not stored"} <= counts.keys(), "no kill fell between an append and its answer"


@pytest.mark.parametrize(("kind", "anomaly"), [("answers first", "lost append"), ("one by one", "torn batch")])
def test_careless_writers_are_found_out(kind: str, anomaly: str) -> None:
    assert anomaly in alone("kills.attack", 20, kind)[0]
