"""Killed while it forgets, and with an old key file put back: nobody who was said to be forgotten can be read."""

from __future__ import annotations

import os

import pytest

from tests.attacks.children import alone
from tests.attacks.forgetting import CONTROLS, MOMENTS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def test_who_is_said_to_be_forgotten_stays_so_whenever_it_is_killed() -> None:
    wrong, seen = alone("forgetting.attack", 8, "careful")
    assert wrong == []
    assert {f"killed {moment}" for moment in MOMENTS} | {"copied back", "archived"} <= seen.keys()


@pytest.mark.parametrize("kind", CONTROLS)
def test_a_careless_desk_is_found_out(kind: str) -> None:
    assert CONTROLS[kind] in alone("forgetting.attack", 4, kind)[0]
