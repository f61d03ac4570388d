"""The table of what services know, as it is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading
from eventlab.views.drawing.style import CHANGED, GREY, GROUND, INK, SMALL, WIDTH
from eventlab.views.state_entries import NOTHING, Row

TOP, HIGH = 78, 20
COLUMNS = {"service": (34, 84), "key": (122, 158), "field": (284, 120), "value": (408, 196), "before": (610, 206)}
Drawn = dict[str, tuple[Row, list[Label]]]


def draw(title: str, note: str, rows: Sequence[Row], drawn: Drawn, *, part: str = "") -> Picture:
    """With a `part`, the rows can change. `drawn` are those of the step before."""
    sheet = Sheet(*heading(title, note, part=f"{part}.title" if part else ""))
    names = [*list(COLUMNS)[:-1], "changed"]
    for name, (x, _) in zip(names, COLUMNS.values(), strict=True):
        sheet.add(Label(x, TOP - 8, name, SMALL, GREY, left=True))
    sheet.add(Line([(14, TOP), (WIDTH - 14, TOP)], GREY, 1))
    above: Row | None = None
    for place, row in enumerate(rows):
        name = f"{part}{place}" if part else ""
        top = TOP + 2 + place * HIGH
        _draw_place(row, above, top, name, sheet)
        if not name or name not in drawn or drawn[name][0] != row:
            drawn[name] = (row, _values(row, name, top + HIGH / 2))
        sheet.add(*drawn[name][1])
        above = row
    text = [f"{title}: {note}.", *map(_words, rows)]
    return sheet.picture(WIDTH, TOP + 16 + len(rows) * HIGH, "\n".join(text))


def _draw_place(row: Row, above: Row | None, top: float, name: str, sheet: Sheet) -> None:
    """Whose value a row is; what stands in the row above is not said again."""
    same_service = above is not None and row["service"] == above["service"]
    same_key = above is not None and same_service and row["key"] == above["key"]
    if above is not None and not same_service:
        sheet.add(Line([(14, top), (WIDTH - 14, top)], GREY, 0.7, "dot"))
    fill = GROUND if row["before"] is None else CHANGED
    words, about = ("", row["key"]) if name else (_words(row), "")
    middle = top + HIGH / 2
    sheet.add(Box(WIDTH / 2, middle, WIDTH - 24, HIGH - 2, fill, fill, words=words, part=name, message=about))
    said = ["" if same_service else row["service"], "" if same_key else row["key"], row["field"]]
    for text, (x, wide) in zip(said, COLUMNS.values(), strict=False):
        sheet.add(Label(x, middle, fit(text, wide, SMALL), SMALL, left=True))


def _values(row: Row, name: str, y: float) -> list[Label]:
    """The part of a row that can change: a sign, the value, and what it was."""
    before = row["before"]
    was = "" if before is None else "▸ new" if before == NOTHING else f"▸ was {before}"
    labels = []
    for column, text in (("value", row["value"]), ("before", was)):
        x, room = COLUMNS[column]
        bold, part = before is not None and column == "value", f"{name}.{column}" if name else ""
        labels.append(Label(x, y, fit(text, room, SMALL, bold=bold), SMALL, INK, bold=bold, left=True, part=part))
    return labels


def _words(row: Row) -> str:
    field = f" {row['field']}" if row["field"] else ""
    was = f" (changed, was {row['before']})" if row["before"] is not None else ""
    return f"{row['service']}, {row['key']}{field}: {row['value']}{was}"
