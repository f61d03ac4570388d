"""Harm to an archive is found, a kill loses nothing, and those who do not look are found out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.attacks.archives import HARM, KILLS, harmed


def test_no_harm_to_a_file_changes_an_archive_unseen() -> None:
    seen, by, unnoticed = harmed(14)
    assert seen["silent"] == 0
    assert all(by[harm.__name__] for harm in HARM), "some harm did nothing"
    assert unnoticed > 0, "DuckDB alone finds all of it: no digest and no chain would be needed"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_kill_loses_no_event_and_letting_go_first_does() -> None:
    program = f"""import json; from tests.attacks.archives import killed
print(json.dumps([killed({KILLS}), killed({KILLS}, careless=True)]))"""  # a test's process may have threads
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    (wrong, steps), (careless, _) = json.loads(done.stdout)
    assert wrong == []
    assert {"writing", "letting go"} <= steps.keys(), "no kill fell into both steps"
    assert careless, "a store that lets go first lost nothing"
