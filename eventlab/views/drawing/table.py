"""A table that shows itself: as Markdown, so that it is readable in every theme, and as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from eventlab.door import door
from eventlab.views.drawing.text import escape, plain

Row = Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """Rows under headings; columns named in `right` are numbers, set to the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[str] = frozenset()

    def _repr_markdown_(self) -> str:
        rule = ["---:" if heading in self.right else ":---" for heading in self.headings]
        cells = [[escape(text).replace("\n", " ") for text in row] for row in (self.headings, *self.rows)]
        return "\n".join(f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]])

    def __repr__(self) -> str:
        widths = [min(40, max(map(len, column))) for column in zip(self.headings, *self.rows, strict=True)]
        rows = (self.headings, ["-" * width for width in widths], *self.rows)
        return "\n".join(text for row in rows for text in _fold(row, widths))


@door
def table(rows: Sequence[Row], *, right: Sequence[str] = ()) -> Table:
    """A table of rows that all have the same keys, which become its headings."""
    headings = tuple(map(str, rows[0])) if rows else ("nothing to show",)
    cells = tuple(tuple(plain(row[heading]) for heading in rows[0]) for row in rows)
    return Table(headings, cells, frozenset(right))


def _fold(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The lines of one row, long cells folded."""
    cells = [wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [[*cell, *[""] * (height - len(cell))] for cell in cells]
    lines = ([f"{cell[n]:<{width}}" for cell, width in zip(padded, widths, strict=True)] for n in range(height))
    return ["  ".join(line).rstrip() for line in lines]
