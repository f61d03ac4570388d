"""Results in other forms: what a `Prose` or a table says as plain blocks, and several results as one still picture.

A control in the browser takes no HTML, and a saved notebook can show one picture only. Both get plain data from here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from textwrap import wrap
from typing import Any, TypedDict

from eventlab.errors import Invalid
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.picture import Label, Line, Picture, Sheet
from eventlab.views.drawing.style import GREY, INK, SMALL, WIDTH
from eventlab.views.drawing.table import Table
from eventlab.views.drawing.text import Prose, plain

Result = Picture | Table | str
BULLET = re.compile(r"\s*(?:[-*]|\d+\.) +")


class Run(TypedDict):
    """A stretch of text in one weight."""

    text: str
    bold: bool


class Block(TypedDict):
    """A paragraph or a list item."""

    item: bool
    runs: list[Run]


def results(made: Any, where: str) -> list[Result]:
    """What a maker gave, as a list; anything that cannot be shown raises `Invalid`."""
    found = list(made) if isinstance(made, list | tuple) else [made]
    for each in found:
        if not isinstance(each, Picture | Table | str):
            expected = "a Picture, a Table, a text, or a list of these"
            raise Invalid("what is shown", where=where, expected=expected, found=each)
    return found


def said(result: Result) -> str:
    """A result in plain words."""
    if isinstance(result, Picture):
        return result.text
    if isinstance(result, Prose):
        return "\n".join(f"{'- ' if block['item'] else ''}{_joined(block)}" for block in blocks(result))
    return plain(repr(result) if isinstance(result, Table) else result)


def blocks(prose: str) -> list[Block]:
    """The paragraphs and list items of a text in Markdown, each as runs of usual and bold text.

    Nothing else of Markdown is known here: what is not understood is shown as it was written.
    """
    found: list[tuple[bool, str]] = []
    fresh = True
    for row in prose.split("\n"):
        bullet = BULLET.match(row)
        if not row.strip():
            fresh = True
        elif bullet or fresh:
            found.append((bool(bullet), row[bullet.end() if bullet else 0 :].strip()))
            fresh = False
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]} {row.strip()}")
    return [{"item": item, "runs": _runs(text)} for item, text in found]


def _runs(text: str) -> list[Run]:
    parts = re.split(r"\*\*(.+?)\*\*", text)
    return [
        {"text": plain(unescape(re.sub(r"[*`](.+?)[*`]", r"\1", part))), "bold": bool(number % 2)}
        for number, part in enumerate(parts)
        if part
    ]


def _joined(block: Block) -> str:
    return "".join(run["text"] for run in block["runs"])


# One still picture ----------------------------------------------------------------------------------------------------


def stacked(caption: str, shown: Sequence[Result]) -> Picture:
    """The caption and all results, one below the other, as one picture."""
    y, width = 34.0, WIDTH
    sheet = Sheet(Label(18, 18, fit(caption, WIDTH - 36, SMALL, bold=True), SMALL, GREY, bold=True, left=True))
    for result in shown:
        if isinstance(result, Picture):
            sheet.add(*(replace(a, points=_lower(a.points, y), head=_lower(a.head, y)) for a in result.lines))
            sheet.add(*(replace(shape, y=shape.y + y) for shape in result.boxes))
            sheet.add(*(replace(shape, y=shape.y + y) for shape in result.labels))
            y, width = y + result.height, max(width, result.width)
        else:
            told = _of_table(result, y) if isinstance(result, Table) else _of_text(result, y)
            sheet.add(*told)
            y = max((label.y for label in told), default=y) + 24
            if isinstance(result, Table):
                sheet.add(Line([(18, told[0].y + 10), (WIDTH - 18, told[0].y + 10)], GREY, 1))
    return sheet.picture(width, y, "\n".join([f"{caption}.", *map(said, shown)]))


def _lower(points: Sequence[tuple[float, float]], y: float) -> list[tuple[float, float]]:
    return [(x, round(down + y, 1)) for x, down in points]


def _of_text(text: str, y: float) -> list[Label]:
    rows = [row for each in said(text).split("\n") for row in wrap(each, 118) or [""]]
    return [Label(18, y + 14 + 19 * number, row, SMALL, left=True) for number, row in enumerate(rows)]


def _of_table(table: Table, y: float) -> list[Label]:
    """The cells in columns as wide as they need; where they need more than there is, cut."""
    rows = [[plain(cell) for cell in row] for row in (table.headings, *table.rows)]
    needs = [max(text_width(cell, SMALL) for cell in column) + 18 for column in zip(*rows, strict=True)]
    share = min(1.0, (WIDTH - 36) / sum(needs))
    labels, x = [], 18.0
    for place, need in enumerate(needs):
        room = need * share - 18
        for number, row in enumerate(rows):
            text = fit(row[place], room + 6, SMALL)
            gap = max(0.0, room - text_width(text, SMALL)) if table.headings[place] in table.right else 0
            down, colour = y + 14 + 20 * number, INK if number else GREY
            labels.append(Label(round(x + gap), down, text, SMALL, colour, bold=not number, left=True))
        x += need * share
    return sorted(labels, key=lambda label: label.y)
