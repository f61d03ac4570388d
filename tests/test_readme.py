"""The README tells the truth: its example runs, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.support import REPO

README = (REPO / "README.md").read_text(encoding="utf-8")


def test_the_example_in_the_readme_runs_and_shows_what_it_promises() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=REPO, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{'Ada': 'thank you'}\n", "")


def test_every_link_in_the_readme_leads_to_a_file() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (REPO / link).exists()] == []


def test_every_notebook_stands_in_the_readme() -> None:
    notebooks = [path.name for path in sorted((REPO / "notebooks").glob("*.ipynb"))]
    assert [name for name in notebooks if name not in README] == []


def test_the_picture_is_the_one_that_todays_code_draws() -> None:
    program = "import sys; sys.path.insert(0, 'tools'); import first_picture; sys.stdout.write(first_picture.picture())"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program], cwd=REPO, capture_output=True, check=True)
    assert (REPO / "docs" / "first-picture.svg").read_bytes() == done.stdout.replace(b"\r\n", b"\n")


def test_the_ways_in_stand_in_the_order_of_what_they_cost_under_a_picture_that_moves() -> None:
    ways = [
        README.index(way) for way in ("docs/control-room.gif", "**Read.**", "**Run in the browser.**", "**Install.**")
    ]
    assert ways == sorted(ways)
    picture = (REPO / "docs" / "control-room.gif").read_bytes()
    assert picture.startswith(b"GIF89a") and picture.count(b"\x21\xf9\x04") > 30 and len(picture) < 1_000_000
