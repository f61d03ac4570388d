"""Streams as they are drawn: a lane for each, its newest events as cards, those before as a count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypedDict

from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading
from eventlab.views.drawing.style import (
    EVENT,
    EVENT_GROUND,
    GREY,
    GRID,
    GROUND,
    INK,
    PAPER,
    QUIET,
    SMALL,
    WIDTH,
)  # fmt: skip
from eventlab.views.drawing.wording import counted
from eventlab.views.streams_rows import Row

CARDS = 3  # events of a lane that are shown in full
TOP, TALL, HIGH = 66, 50, 42  # pixels: where lanes begin; a lane; a card
NAME, LEFT, BEFORE = 170, 264, 70  # pixels for a stream's name; where cards begin; for how many were before


class Lane(TypedDict):
    """One stream: how many events it had before those shown, its newest ones, and how many of these are new."""

    stream: str
    before: int
    cards: list[Row]
    new: int


def lanes_of(rows: Iterable[Row], new: Sequence[str]) -> list[Lane]:
    """The streams of these rows, in the order of their first; `new` are the ids of messages that have just come."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["stream"], []).append(row)
    return [lane(stream, its, new) for stream, its in found.items()]


def lane(stream: str, rows: Iterable[Row], new: Sequence[str]) -> Lane:
    """A lane with the last of its rows."""
    cards = list(rows)[-CARDS:]
    before = cards[0]["version"] - 1 if cards else 0
    return {"stream": stream, "before": before, "cards": cards, "new": sum(card["message"] in new for card in cards)}


def draw(title: str, note: str, lanes: Sequence[Lane], *, part: str = "") -> Picture:
    """With a `part` the cards can change; their lanes stay."""
    sheet = Sheet(*heading(title, note, part=f"{part}.title" if part else ""))
    beside = CARDS if part else max((len(each["cards"]) for each in lanes), default=1)
    left = LEFT if part or any(each["before"] for each in lanes) else LEFT - BEFORE
    for place, each in enumerate(lanes):
        _draw_lane(each, left, TOP + TALL * place, f"{part}{place}" if part else "", beside, sheet)
    height = TOP + TALL * len(lanes) + 12
    words = [f"{title}.", f"{note}.", *(_words(row) for each in lanes for row in each["cards"])]
    return sheet.picture(WIDTH, height, "\n".join(words))


def _draw_lane(each: Lane, left: float, y: float, name: str, beside: int, sheet: Sheet) -> None:
    """A lane that has room for so many cards beside each other."""
    middle, wide = y + TALL / 2, (WIDTH - 14 - left) / max(1, beside)
    sheet.add(
        Line([(14, y + TALL), (WIDTH - 14, y + TALL)], GRID, 1),
        Line([(max(left - 60, NAME + 24), middle), (WIDTH - 14, middle)], QUIET, 1.5),
    )
    sheet.add(Label(18, middle, fit(each["stream"], NAME, SMALL, bold=True), SMALL, INK, bold=True, left=True))
    before = f"{each['before']:,} before" if each["before"] else ""
    part = f"{name}.before" if name else ""
    sheet.add(
        Label(LEFT - 66, middle, before, SMALL, GREY, GROUND if before or name else "", left=True, part=part, wide=62)
    )
    for place in range(beside):
        row = each["cards"][place] if place < len(each["cards"]) else None
        fresh = row is not None and place >= len(each["cards"]) - each["new"]
        if row is not None or name:
            _draw_card(row, fresh, left + wide * place, middle, wide - 10, f"{name}.{place}" if name else "", sheet)


def _draw_card(row: Row | None, fresh: bool, x: float, y: float, wide: float, name: str, sheet: Sheet) -> None:
    fill, border = (EVENT_GROUND, EVENT) if fresh else (PAPER, QUIET) if row else (GROUND, GROUND)
    about = row["message"] if row else ""
    words = _words(row) if row and not name else ""
    sheet.add(Box(x + wide / 2, y, wide, HIGH, fill, border, words=words, part=name, message=about, corner=3))
    first = f"{'▸ ' if fresh else ''}{row['version']:,}  {row['type']}" if row else ""
    second = f"{row['time'].split('.')[0].removesuffix(':00')}  {row['says']}" if row else ""
    for text, line, bold, colour in ((first, -9, True, INK), (second, 9, False, INK if fresh else GREY)):
        part = f"{name}.{'type' if bold else 'says'}" if name else ""
        label = Label(x + 8, y + line, fit(text, wide - 16, SMALL, bold=bold), SMALL, colour, bold=bold, left=True)
        sheet.add(replace(label, part=part, message=about))


def note_of(rows: Sequence[Row], above: int, hidden: int = 0) -> str:
    """What the lanes do not show."""
    note = f"… {counted(above, 'event')} before these" if above else "from the first event on"
    note += f" · {counted(hidden, 'event')} in other streams" if hidden else ""
    several = len({row["database"] for row in rows}) > 1
    return note + (" · each service has a database of its own" if several else " · the number is the version")


def _words(row: Row) -> str:
    return f"{row['position']:,}, {row['time']}, {row['stream']} version {row['version']}: {row['type']}, {row['says']}"
