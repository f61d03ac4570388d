"""The matrix of what services know, as it is drawn."""

from __future__ import annotations

from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading
from eventlab.views.drawing.style import CHANGED, GREY, GRID, GROUND, INK, NAME, SMALL, WIDTH, WRONG
from eventlab.views.state_entries import NOTHING
from eventlab.views.state_matrix import DIFFERS, OWN, SAME, Cell, Matrix

TOP, LEFT, LEAST = 92, 176, 107  # where the first row begins; room for a fact; least room for a service
ROW, TALL = 24, 42  # heights of a row: with one line, with two
SIGNS = "Ink: its owner. ✕ known otherwise than by the owner. – not known. ▸ changed just now."


def draw(title: str, note: str, matrix: Matrix, about: str, *, part: str = "") -> Picture:
    """With a `part`, the cells can change; then every row has room for two lines."""
    wide = max(LEAST, (WIDTH - LEFT - 12) / max(1, len(matrix["services"])))
    width = max(WIDTH, round(LEFT + 12 + wide * len(matrix["services"])))
    sheet = Sheet(*heading(title, note, part=f"{part}.title" if part else ""))
    for column, name in enumerate(matrix["services"]):
        text = fit(name, wide - 12, NAME, bold=True)
        sheet.add(Label(LEFT + wide * column, TOP - 14, text, NAME, bold=True, left=True))
    y = float(TOP)
    for row, fact in enumerate(matrix["facts"]):
        cells = matrix["cells"][fact]
        high = TALL if part or any(cell.note for cell in cells) else ROW
        name = f"{part}{row}" if part else ""
        _draw_row(fact, cells, y, high, wide, width, name, about, sheet)
        y += high
    sheet.add(Line([(14, y), (width - 14, y)], GRID, 1), Label(18, y + 16, SIGNS, SMALL, GREY, left=True))
    return sheet.picture(width, y + 32, _text(title, note, matrix))


def _draw_row(
    fact: str, cells: list[Cell], y: float, high: float, wide: float, width: int, name: str, about: str, sheet: Sheet
) -> None:
    sheet.add(Line([(14, y), (width - 14, y)], GRID, 1))
    changed = any(cell.changed for cell in cells)
    fill = CHANGED if changed else GROUND
    message = about if name else ""
    sheet.add(Box(width / 2, y + high / 2, width - 24, high - 3, fill, fill, part=name, message=message))
    sheet.add(Label(18, y + 12, fit(fact, LEFT - 30, SMALL), SMALL, GREY, left=True))
    for column, cell in enumerate(cells):
        x, place = LEFT + wide * column, f"{name}.{column}" if name else ""
        sign = "✕ " if cell.kind == DIFFERS else "▸ " if cell.changed else ""
        strong = cell.changed or cell.kind == DIFFERS
        colour = {OWN: INK, SAME: GREY, DIFFERS: WRONG}.get(cell.kind, GREY)
        text = fit(sign + cell.value, wide - 10, SMALL, bold=strong)
        sheet.add(Label(x, y + 12, text, SMALL, colour, bold=strong, left=True, part=place))
        if high == TALL:
            note = fit(cell.note, wide - 10, SMALL)
            noted = WRONG if cell.kind == DIFFERS else GREY
            sheet.add(Label(x, y + 29, note, SMALL, noted, left=True, part=f"{place}.note" if place else ""))


def _text(title: str, note: str, matrix: Matrix) -> str:
    said = [f"{title}{f': {note}' if note else ''}."]
    for fact in matrix["facts"]:
        row = zip(matrix["services"], matrix["cells"][fact], strict=True)
        known = (_words(name, cell) for name, cell in row if cell.value != NOTHING or cell.note)
        said.append(f"{fact}: {'; '.join(known)}")
    return "\n".join(said)


def _words(name: str, cell: Cell) -> str:
    note = f" ({cell.note})" if cell.note else ""
    wrong = "otherwise: " if cell.kind == DIFFERS else ""
    return f"{name} {wrong}{cell.value}{note}"
