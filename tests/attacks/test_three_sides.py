"""A plain list, a store in memory and one in a file that is killed again and again answer alike, to the byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_all_sides_answer_alike_and_planted_faults_are_found() -> None:
    """In a process of its own, since a test's process may have threads and must not fork."""
    program = "import sys; from tests.attacks.three_sides import main; sys.exit(main(long=False))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stdout + done.stderr
