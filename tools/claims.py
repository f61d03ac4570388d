"""Write docs/claims.md: what the article claims, where each claim is measured, and which assertion holds it.

python tools/claims.py
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent
PAGE = REPO / "docs" / "claims.md"
HEAD = """# The article's claims, and where each is tested

The workbook tests what an article claims: *Distributed autonomous microservices with event-driven architecture* (guest
contribution, 29 February 2024). Each claim is measured in a lesson, in a cell that is tagged with its id; the assertion
on the right fails if the run no longer shows it. Made by `python tools/claims.py`.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(
        _section(title, claims) for title, claims in _read(REPO / "tests/lessons/claims.toml").items()
    )


def _section(title: str, claims: dict[str, str]) -> str:
    head = "| id | the article says | lesson | measured | held by |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{head}" + "".join(_row(id, says) for id, says in claims.items())


def _row(id: str, says: str) -> str:
    return "".join(
        f"| {id} | {says} | [{path.stem[:2]}](../notebooks/{path.name}) | {_cell(entry['figure'])} |"
        f" `{_cell(entry['assertion'])}` |\n"
        for path, entry in _measured(id)
    )


def _measured(id: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """The notebooks in which a claim is measured, with their entries in the tables of claims."""
    for table in sorted(REPO.glob("tests/lessons/lesson*/claims.toml")):
        (notebook,) = REPO.glob(f"notebooks/{table.parent.name.removeprefix('lesson')}-*.ipynb")
        yield from ((notebook, entry) for key, entry in _read(table).items() if key == id)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
