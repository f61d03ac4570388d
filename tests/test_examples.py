"""Each example runs by itself and prints what stands beside it. `python -m tests.test_examples` writes that anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import REPO

EXAMPLES = sorted((REPO / "examples").glob("*.py"))


def printed(example: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-W", "error", str(example)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_stands_beside_it(example: Path) -> None:
    assert printed(example) == example.with_suffix(".out").read_text("utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_its_first_line_says_what_it_shows(example: Path) -> None:
    lines = example.read_text("utf-8").splitlines()
    name = example.stem[3:].split("_", maxsplit=1)[0].capitalize()
    assert lines[0].startswith(f'"""{name}') and lines[0].endswith('."""')
    assert len(lines) <= 40


def test_there_are_ten_examples_in_reading_order() -> None:
    assert [path.stem[:2] for path in EXAMPLES] == [f"{number:02}" for number in range(1, 11)]


if __name__ == "__main__":
    for path in EXAMPLES:
        path.with_suffix(".out").write_text(printed(path), "utf-8", newline="\n")
