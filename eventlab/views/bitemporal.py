"""What was so, as we knew it: two times in one picture. Across: when we knew it. Upwards: when it happened.

    two_times(lambda known, happened: "at the gate" if ... else "in the air", known=instants, happened=instants)

A column is what we would have said at one time about all times. Where a later column differs from an earlier one at
the same height, the past was corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypedDict

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.views.drawing.axes import Axis, ticks
from eventlab.views.drawing.fitting import fit, text_width, within
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.style import (
    ACT,
    EVENT_GROUND,
    GREY,
    GRID,
    INK,
    PAPER,
    QUIET,
    REQUEST_GROUND,
    SMALL,
    WIDTH,
)
from eventlab.views.drawing.wording import listed

LEFT, RIGHT, TOP, HIGH = 92, WIDTH - 18, 84, 300  # pixels of the field
MOST = 60  # instants on one side
GROUNDS = (PAPER, EVENT_GROUND, GRID, REQUEST_GROUND, QUIET)  # of the values, in order of their appearance
Value = Callable[[int, int], Any]


class Region(TypedDict):
    """A part of a column in which one value holds."""

    value: str
    x: tuple[float, float]
    y: tuple[float, float]
    said: bool  # whether its word is written there


class TwoTimes(TypedDict):
    """All regions, the values in order of their appearance, both axes, and the mark."""

    regions: list[Region]
    values: list[str]
    across: list[tuple[float, str]]
    upwards: list[tuple[float, str]]
    mark: tuple[float, float, str] | None
    words: list[str]


@door
def layout(
    value: Value, known: Sequence[int], happened: Sequence[int], *, at: tuple[int, int] | None = None,
    stage: Stage | None = None,
) -> TwoTimes:  # fmt: skip
    """Columns and their regions, as plain data: `value` is asked at the beginning of each step of both times.

    `known` and `happened` are ascending instants, two or more, the last of which is the end; `at` marks one pair.
    What cannot be drawn raises `Invalid`.
    """
    for name, row in (("known", known), ("happened", happened)):
        if not 2 <= len(row) <= MOST or any(a >= b for a, b in pairwise(row)):
            raise Invalid(name, where="two times", expected=f"2 to {MOST} ascending instants", found=row)
    stage = stage or Stage()
    across = Axis(known[0], known[-1], LEFT, RIGHT, stage=stage)
    upwards = Axis(happened[0], happened[-1], TOP + HIGH, TOP, stage=stage)
    said = [[str(value(k, h)) for h in happened[:-1]] for k in known[:-1]]
    regions, words = [], []
    for place, (column, begin, end) in enumerate(_columns(said, known)):
        parts = _runs(column, happened)
        words.append(f"known at {stage.clock(begin)}: " + ", ".join(f"{v} from {stage.clock(a)}" for v, a, _ in parts))
        for word, low, high in parts:
            x, y = (across.place(begin), across.place(end)), (upwards.place(high), upwards.place(low))
            regions.append(_region(word, x, y, place))
    values = list(dict.fromkeys(region["value"] for region in regions))
    if len(values) > len(GROUNDS):
        raise Invalid("values", where="two times", expected=f"at most {len(GROUNDS)} different ones", found=values)
    mark = None
    if at is not None:
        mark = (across.place(at[0]), upwards.place(at[1]), str(value(*at)))
        words.append(f"marked, known {stage.clock(at[0])}, happened {stage.clock(at[1])}: {mark[2]}")
    marks = [[(axis.place(tick), axis.words(tick)) for tick in ticks(axis)] for axis in (across, upwards)]
    return {"regions": regions, "values": values, "across": marks[0], "upwards": marks[1], "mark": mark, "words": words}


def _columns(said: list[list[str]], known: Sequence[int]) -> list[tuple[list[str], int, int]]:
    """Neighbours that say the same are one column, from one instant to another."""
    found: list[tuple[list[str], int, int]] = []
    for column, begin, end in zip(said, known, known[1:], strict=False):
        if found and found[-1][0] == column:
            found[-1] = (column, found[-1][1], end)
        else:
            found.append((column, begin, end))
    return found


def _runs(column: list[str], happened: Sequence[int]) -> list[tuple[str, int, int]]:
    """The values of a column with the instants from and until which they hold."""
    found: list[tuple[str, int, int]] = []
    for word, begin, end in zip(column, happened, happened[1:], strict=False):
        if found and found[-1][0] == word:
            found[-1] = (word, found[-1][1], end)
        else:
            found.append((word, begin, end))
    return found


def _region(word: str, x: tuple[float, float], y: tuple[float, float], place: int) -> Region:
    return {"value": word, "x": x, "y": y, "said": y[1] - y[0] > 18 and x[1] - x[0] > 30}


@door
def two_times(
    value: Value, *, known: Sequence[int], happened: Sequence[int], at: tuple[int, int] | None = None,
    title: str = "", stage: Stage | None = None,
) -> Picture:  # fmt: skip
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(value, known, happened, at=at, stage=stage)
    except Invalid as problem:
        return message("No two times", str(problem))
    return _draw(plan, title or f"What we knew, and of when: {listed(plan['values'])}")


def _draw(plan: TwoTimes, title: str) -> Picture:
    sheet = Sheet(*heading(title, "each column: what we would have said then, about all times"))
    sheet.add(Label(18, TOP - 14, "↑ when it happened", SMALL, INK, left=True))
    grounds: Mapping[str, str] = dict(zip(plan["values"], GROUNDS, strict=False))
    for region in plan["regions"]:
        _draw_region(region, grounds[region["value"]], sheet)
    for y, words in plan["upwards"]:
        sheet.add(Line([(LEFT - 5, y), (LEFT, y)], GREY, 1))
        sheet.add(Label(LEFT - 10 - text_width(words, SMALL), y, words, SMALL, GREY, left=True))
    foot = TOP + HIGH
    for x, words in plan["across"]:
        sheet.add(
            Line([(x, foot), (x, foot + 5)], GREY, 1),
            Label(within(x, words, SMALL, WIDTH - 4), foot + 16, words, SMALL, GREY),
        )
    sheet.add(Label((LEFT + RIGHT) / 2, foot + 38, "when we knew it →", SMALL, INK))
    if plan["mark"] is not None:
        _draw_mark(plan["mark"], sheet)
    return sheet.picture(WIDTH, foot + 56, "\n".join([f"{title}.", *plan["words"]]))


def _draw_region(region: Region, ground: str, sheet: Sheet) -> None:
    (left, right), (up, down) = region["x"], region["y"]
    x, y = (left + right) / 2, (up + down) / 2
    sheet.add(Box(x, y, right - left, down - up, ground, GREY, words=region["value"], thick=1))
    if region["said"]:
        sheet.add(Label(x, y, fit(region["value"], right - left - 12, SMALL), SMALL, INK))


def _draw_mark(mark: tuple[float, float, str], sheet: Sheet) -> None:
    """A ring where the question stands, with what is answered."""
    x, y, word = mark
    side = 12 if x < (LEFT + RIGHT) / 2 else -12 - text_width(word, SMALL, bold=True) - 8
    sheet.add(Box(x, y, 14, 14, ACT, INK, words=word, corner=7, thick=2))
    wide = text_width(word, SMALL, bold=True) + 8
    sheet.add(Label(x + side, y, word, SMALL, INK, PAPER, bold=True, left=True, wide=wide))
