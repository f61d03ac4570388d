"""Twenty kills between a commit and its publication, and the ways without an outbox, which must be found out."""

from __future__ import annotations

import os

import pytest

from tests.attacks.children import alone

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def test_an_outbox_loses_nothing_and_makes_nothing_up_whenever_it_is_killed() -> None:
    wrong, counts = alone("outbox_kills.attack", 20, "outbox")
    assert wrong == []
    assert counts["between"] >= 20 and counts["heard twice"] > 0, "the kills did not strike where it hurts"


@pytest.mark.parametrize(("kind", "found"), [("store, then publish", "lost"), ("publish, then store", "ghosts")])
def test_storing_and_publishing_in_two_steps_is_found_out(kind: str, found: str) -> None:
    assert any(found in problem for problem in alone("outbox_kills.attack", 5, kind)[0])
