"""Harm to an archive is found, a kill loses nothing, and those who do not look are found out."""

from __future__ import annotations

import os

import pytest

from tests.attacks.archives import HARM, KILLS, harmed
from tests.attacks.children import alone


def test_no_harm_to_a_file_changes_an_archive_unseen() -> None:
    seen, by, unnoticed = harmed(14)
    assert seen["silent"] == 0
    assert all(by[harm.__name__] for harm in HARM), "some harm did nothing"
    assert unnoticed > 0, "DuckDB alone finds all of it: no digest and no chain would be needed"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_kill_loses_no_event_and_letting_go_first_does() -> None:
    (wrong, steps), (careless, _) = alone("archives.killed", KILLS), alone("archives.killed", KILLS, True)
    assert wrong == []
    assert {"writing", "letting go"} <= steps.keys(), "no kill fell into both steps"
    assert careless, "a store that lets go first lost nothing"
