"""The departure boards as they are drawn: dark in every theme, with letters of one width on cells that turn."""

from __future__ import annotations

from eventlab.views.boards_rows import Departures, PlaceRows, Row
from eventlab.views.drawing.fitting import cut, fit
from eventlab.views.drawing.picture import Box, Label, Picture, Sheet, heading
from eventlab.views.drawing.style import (
    BOARD,
    BOARD_CELL,
    BOARD_INK,
    BOARD_SEAM,
    BOARD_SOFT,
    BOARD_WRONG,
    BUTTON,
    CLEAR,
    MONO_WIDTH,
    NAME,
    SMALL,
    WIDTH,
)  # fmt: skip
from eventlab.views.drawing.wording import counted

Drawn = dict[str, tuple[Row, str, list[Box], list[Label]]]  # the rows of the step before, by their parts
LEFT, APART, WIDE, TOP = 14, 269, 263, 70  # of each board, in pixels
LETTER = MONO_WIDTH * SMALL
LETTERS = {"time": 5, "subject": 6, "to": 3, "gate": 3, "status": 13}  # cells of each field
CELL, NOTE = 26, 18  # heights: of a row of cells, of what is wrong with it


def draw(plan: Departures, tall: int, drawn: Drawn, *, words: bool = False) -> Picture:
    """`tall` rows a place; hovering `words` only where nothing moves. `drawn` are the rows of the step before."""
    judged = plan["judged"]
    high = CELL + (NOTE if judged else 0)
    rows = counted(plan["shown"], "row")
    title = f"Departure boards at {plan['now']}: " + (f"{plan['wrong']} of {rows} wrong" if judged else rows)
    signs = "▌ changed just now · ? never heard · – none"
    sheet = Sheet(*heading(title, signs, part="title"))
    for order, board in enumerate(plan["boards"]):
        _draw_board(board, plan, LEFT + order * APART, tall, high, drawn, words, sheet)
    width = LEFT + APART * len(plan["boards"]) + LEFT - (APART - WIDE)
    return sheet.picture(max(WIDTH, width), TOP + 92 + tall * high, _text(plan, title))


def _draw_board(
    board: PlaceRows, plan: Departures, left: float, tall: int, high: int, drawn: Drawn, words: bool, sheet: Sheet
) -> None:
    place, stopped = board["place"], plan["stopped"]
    height = 78 + tall * high
    sheet.add(Box(left + WIDE / 2, TOP + height / 2, WIDE, height, BOARD, BOARD, corner=BUTTON))
    name = fit(board["name"], WIDE - 146, NAME, bold=True)
    sheet.add(Label(left + 12, TOP + 16, name, NAME, BOARD_INK, bold=True, left=True))
    said = f"✕ stopped at {stopped}" if stopped else ""
    sheet.add(Label(left + WIDE - 130, TOP + 16, said, SMALL, BOARD_WRONG, left=True, part=f"{place}.stopped"))
    for field, (x, wide) in _fields().items():
        heading = fit(plan["word"] if field == "subject" else field, wide + 4, SMALL)
        sheet.add(Label(left + x, TOP + 40, heading, SMALL, BOARD_SOFT, left=True))
    for line, row in enumerate(board["rows"]):
        part = f"{place}.{line}"
        if part not in drawn or drawn[part][:2] != (row, stopped):
            drawn[part] = (row, stopped, *_draw_row(row, part, left, TOP + 52 + line * high, high, words, stopped))
        sheet.add(*drawn[part][2], *drawn[part][3])
    if plan["listed"] is not None:
        count, shown = plan["listed"].get(place, 0), len(board["rows"])
        word = plan["word"]
        note = f"{shown} of {counted(count, word)}" if shown < count else "" if count else f"no {word}"
        sheet.add(Label(left + 12, TOP + 64 + tall * high, note, SMALL, BOARD_SOFT, left=True))


def _fields() -> dict[str, tuple[float, float]]:
    """Where the cells of each field begin, and how wide they are."""
    found, x = {}, 8.0
    for field, letters in LETTERS.items():
        wide = letters * LETTER + 2
        found[field] = (x, wide)
        x += wide + 1
    return found


def _draw_row(
    row: Row, part: str, left: float, top: float, high: int, words: bool, stopped: str
) -> tuple[list[Box], list[Label]]:
    middle, ink = top + 11, BOARD_SOFT if stopped else BOARD_INK  # a board that has stopped is dim
    there = row["listed"] or bool(row["wrong"])
    boxes, labels = [], []
    cells = (row["time"], row["subject"].split("-")[0], row["to"], row["gate"], row["says"])
    for text, (field, (x, wide)) in zip(cells, _fields().items(), strict=True):
        boxes.append(Box(left + x + wide / 2, middle, wide, 22, BOARD_CELL, BOARD_CELL, corner=2, thick=0))
        boxes.append(Box(left + x + wide / 2, middle, wide, 1, BOARD_SEAM, BOARD_SEAM, thick=0))
        shown = cut(text.upper(), LETTERS[field]) if there else ""
        labels.append(Label(left + x + 1, middle, shown, SMALL, ink, left=True, part=f"{part}.{field}", mono=True))
    sign = BOARD_INK if row["changed"] else BOARD
    boxes.append(Box(left + 4, middle, 4, 22, sign, sign, part=f"{part}.sign", thick=0))
    about = "" if words else row["subject"]  # in a replay, a row is highlighted with its subject
    said = _words(row) if words else ""
    boxes.append(Box(left + WIDE / 2, top + high / 2 - 2, WIDE - 4, high - 2, CLEAR, CLEAR, "solid", said, part, about))
    if high > CELL:
        text = fit(f"✕ {row['wrong']}" if row["wrong"] else "", WIDE - 24, SMALL)
        labels.append(Label(left + 12, middle + 20, text, SMALL, BOARD_WRONG, left=True, part=f"{part}.true"))
    return boxes, labels


def _words(row: Row) -> str:
    planned = row["time"] if row["planned"] else "time unknown"
    to = f" to {row['to']}" if row["to"] else ""
    gate = f", gate {row['gate']}" if row["gate"] else ""
    wrong = f" (wrong: {row['wrong']})" if row["wrong"] else ""
    return f"{planned} {row['subject']}{to}{gate}: {row['says']}{wrong}"


def _text(plan: Departures, title: str) -> str:
    first = f"{title}."
    if plan["judged"] and plan["listed"] is not None:
        count = sum(plan["listed"].values())
        first += f" Of {counted(count, plan['word'])} in all, {plan['everywhere']:,} are not as they really are."
    rows = [f"{board['place']}: " + ("; ".join(map(_words, board["rows"])) or "none") for board in plan["boards"]]
    return "\n".join([first, *rows])
