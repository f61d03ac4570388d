"""How long a lesson takes, section by section, computed from what there is to read and to type.

    python tools/minutes.py                                  # show the minutes of all lessons
    python tools/minutes.py --write notebooks/02-*.ipynb     # write them into headings and tables

A learner reads prose, questions and code at 180 words a minute and types a model answer at 30 words a minute (a word is
five characters). All of it takes twice as long as that: people run, look, think, and try again.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventlab.lessons.judging import model
from eventlab.lessons.judging.learner import answer

REPO = Path(__file__).resolve().parent.parent
READ, TYPED, TWICE = 180, 150, 2  # words and characters a minute; and how often longer than that
SECTION = re.compile(r"^## (.+?)(?: \((?:\d[^)]*)\))?$", re.M)
ROW = re.compile(r"^(\| ([^|\n]+) \|[^|\n]*\|) \d[\d, and]* \|$", re.M)  # in the table of parts
EXERCISE = re.compile(r"^### (\d\d\.\d+) .*\(\w+(?:, another trade)?, (core|more)\b", re.M)
ASKED = re.compile(r"\b(?:predict|outcome)\(\"([\w.]+)\"\)|\bwarm_up\(\"(\d\d)\"\)")
PRACTICE = "Practice"


def words(text: str) -> int:
    """How many words a text has: what holds a letter or a digit."""
    return sum(any(letter.isalnum() for letter in word) for word in re.sub(r"</?\w+>", " ", text).split())


def sections(notebook: Any) -> Iterator[tuple[str, list[Any]]]:
    """The parts of a lesson from its second heading on, each with its cells."""
    title: str = ""
    cells: list[Any] = []
    for cell in notebook["cells"]:
        found = SECTION.search("".join(cell["source"])) if cell["cell_type"] == "markdown" else None
        if found:
            yield title, cells
            title, cells = found[1], []
        cells.append(cell)
    yield title, cells


def minutes(notebook: Any) -> dict[str, tuple[int, ...]]:
    """For each section the minutes it takes; for the practice those of the core exercises, and of the others."""
    return {
        title: _practice(cells) if title == PRACTICE else (_rounded(_read(cells)),)
        for title, cells in sections(notebook)
    }


def _practice(cells: list[Any]) -> tuple[int, ...]:
    spent = {"core": 0.0, "more": 0.0}
    how = "core"
    for cell in cells:
        text = "".join(cell["source"])
        heading = EXERCISE.search(text) if cell["cell_type"] == "markdown" else None
        if heading:
            how = heading[2]
            spent[how] += len(str(answer(heading[1]))) / TYPED
        spent[how] += _read([cell])
    return _rounded(spent["core"]), _rounded(spent["more"])


def _read(cells: list[Any]) -> float:
    return sum(words("".join(cell["source"])) + sum(_asked("".join(cell["source"]))) for cell in cells) / READ


def _asked(text: str) -> Iterator[int]:
    """The words of the questions that a cell shows, and of what is said to an answer."""
    for question, lesson in ASKED.findall(text):
        for each in [model.question(question)] if question else model.lesson(lesson).warm_up:
            yield words(" ".join([each.text, *(option.text for option in each.options), each.right.why]))


def _rounded(spent: float) -> int:
    return max(1, math.ceil(spent * TWICE))


def heading(title: str, spent: tuple[int, ...]) -> str:
    """A section's heading with its minutes."""
    if len(spent) == 2:
        return f"## {title} ({spent[0]} minutes for the two core exercises; {spent[1]} more for the others)"
    return f"## {title} ({spent[0]} minute{'s' * (spent[0] != 1)})"


def written(source: str, notebook: Any) -> str:
    """A cell's text with the minutes that its headings and rows of the table of parts should have."""
    spent = {title: each for title, each in minutes(notebook).items() if title not in ("", "What to keep")}

    def with_minutes(found: re.Match[str]) -> str:
        return heading(found[1], spent[found[1]]) if found[1] in spent else found[0]

    def row(found: re.Match[str]) -> str:
        return f"{found[1]} {', and '.join(map(str, spent[found[2]]))} |" if found[2] in spent else found[0]

    return ROW.sub(row, SECTION.sub(with_minutes, source))


def main() -> None:
    """Show the minutes, or write them."""
    parser = argparse.ArgumentParser(description="How long each section of a lesson takes.")
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted((REPO / "notebooks").glob("[01]*.ipynb")))
    parser.add_argument("--write", action="store_true", help="write them into the headings and tables")
    asked = parser.parse_args()
    for path in asked.notebooks:
        notebook = json.loads(path.read_text("utf-8"))
        print(path.name, *(f"\n    {spent}  {title}" for title, spent in minutes(notebook).items()))
        if asked.write:
            for cell in notebook["cells"]:
                if cell["cell_type"] == "markdown":
                    cell["source"] = written("".join(cell["source"]), notebook).splitlines(keepends=True)
            path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
