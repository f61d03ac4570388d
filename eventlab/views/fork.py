"""Two runs as they are drawn: one sequence down to where they part, then one beside the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap
from typing import TypedDict

from eventlab.stage import Stage
from eventlab.trace import BOOK_KEEPING, RECEIPTS, Record, Trace
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, finding
from eventlab.views.drawing.style import GREY, GRID, GROUND, INK, NAME, RULE, SMALL, WIDTH
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted
from eventlab.views.sequence import diagram

THINGS, COLUMN = 280, 270  # pixels: what differs; each side of it
Shape = Line | Box | Label
Difference = tuple[str, str, str]  # what, on one side, on the other


class Side(TypedDict):
    """One of the two: how many records, how many only there, and the first of these."""

    own: int
    shown: list[Record]
    records: int


class Divergence(TypedDict):
    """Where two traces part: the index and the instant, what they share before, and what differs from then on."""

    at: int
    since: int
    until: int | None
    equal: bool
    shared: list[Record]
    sides: list[Side]
    states: list[Difference]
    measures: list[Difference]
    stage: Stage


def draw(plan: Divergence, names: tuple[str, str]) -> Picture:
    """The picture of where two runs part."""
    sheet = _Fork(names)
    sheet.head(plan)
    sheet.both(plan["shared"], plan["stage"])
    sheet.part(plan)
    if plan["states"]:
        sheet.title("What is known in the end")
        sheet.rows(plan["states"])
    if plan["measures"]:
        sheet.title("Measures that differ")
        sheet.rows(plan["measures"])
    return sheet.picture()


class _Fork:
    """One sequence down to where the two part, then one beside the other; grows downwards."""

    def __init__(self, names: tuple[str, str]) -> None:
        self.names, self.y, self.text = names, 0.0, ""
        self.sheet = Sheet()

    def head(self, plan: Divergence) -> None:
        """What came of it, and how much differs."""
        told = _finding(plan)
        first = "; ".join(
            f"{name}: {counted(side['records'], 'record')}, {side['own']:,} of them only there"
            for name, side in zip(self.names, plan["sides"], strict=True)
        )
        states = [f"{what}: {here} / {there}" for what, here, there in plan["states"] if there]
        if plan["until"] is not None:
            first += f" until {plan['stage'].clock(plan['until'])}, as far as they are compared"
        parts = [f"Equal for {counted(plan['at'], 'record')}. {first}."]
        parts += [f"Different in the end: {'; '.join(states[:3])}." if states else "In the end all know the same."]
        measures = [f"{what} {here} / {there}" for what, here, there in plan["measures"]]
        parts += [f"Measures: {', '.join(measures)}."] if measures else []
        self.text = plain(f"{told}. {' '.join(parts)}")
        self.sheet.add(finding(told))
        self.y = 28.0
        for row in wrap(plain(parts[0]), 124):
            self.y += 18
            self.sheet.add(Label(18, self.y, row, SMALL, GREY, left=True))
        self.y += 14

    def both(self, records: Sequence[Record], stage: Stage) -> None:
        """The last that both have, pale, and the line where they part."""
        shown = _told(records)
        if shown:
            body = _sequence(shown, stage, WIDTH, self.y)
            self.sheet.add(*map(_pale, _shapes(body)))
            self.y = body.height
        elif not records:
            self.y += 14
            said = "Nothing before: they differ from the first record."
            self.sheet.add(Label(18, self.y, said, SMALL, GREY, left=True))
        self.y += 14

    def part(self, plan: Divergence) -> None:
        """The line where they part, and what only one of them has: beside each other, or below, if names are many."""
        self.sheet.add(Line([(18, self.y), (WIDTH - 18, self.y)], INK, 2.5))
        text = f"apart from {plan['stage'].clock(plan['since'], fine=True)} on"
        self.sheet.add(Label(WIDTH / 2, self.y, text, SMALL, INK, GROUND, bold=True))
        begin, half = self.y + 26, WIDTH / 2
        if not all(_fits(side, plan["stage"], half - 6) for side in plan["sides"]):
            for name, side in zip(self.names, plan["sides"], strict=True):
                self.y = self._side(name, side, plan["stage"], 0, self.y + 26, WIDTH)
            return
        lowest = max(
            self._side(name, side, plan["stage"], x, begin, half - 6)
            for name, side, x in zip(self.names, plan["sides"], (0, half), strict=True)
        )
        self.sheet.add(Line([(half, begin - 12), (half, lowest)], GRID, 1))
        self.y = lowest

    def _side(self, name: str, side: Side, stage: Stage, x: float, y: float, width: float) -> float:
        self.sheet.add(Label(x + 18, y, fit(name, width - 34, NAME, bold=True), NAME, bold=True, left=True))
        y += 12
        shown = _told(side["shown"])
        more = f"… {counted(side['own'] - len(side['shown']), 'more record')} that the other has not"
        if not shown:
            said = "Nothing that can be seen here alone." if side["own"] else "Nothing that the other has not."
            self.sheet.add(Label(x + 18, y + 18, said, SMALL, GREY, left=True))
            return y + 36
        body = _sequence(shown, stage, round(width), y)
        self.sheet.add(*(_aside(shape, x) for shape in _shapes(body)))
        if side["own"] > len(side["shown"]):
            self.sheet.add(Label(x + 18, body.height + 10, more, SMALL, GREY, left=True))
        return body.height + 26.0

    def title(self, text: str) -> None:
        """What follows, under a line."""
        self.y += 18
        self.sheet.add(Label(18, self.y, text, NAME, bold=True, left=True))
        for place, name in enumerate(self.names):
            x, room = THINGS + COLUMN * place, COLUMN - 12
            self.sheet.add(Label(x, self.y, fit(name, room, SMALL, bold=True), SMALL, GREY, bold=True, left=True))
        self.y += 14
        self.sheet.add(Line([(18, self.y), (WIDTH - 18, self.y)], RULE, 1))

    def rows(self, rows: Sequence[Difference]) -> None:
        """What, on one side, on the other."""
        for what, *both in rows:
            self.y += 20
            self.sheet.add(Label(18, self.y, fit(what, THINGS - 30, SMALL), SMALL, GREY, left=True))
            for place, said in enumerate(both):
                text = fit(said, COLUMN - 12, SMALL)
                self.sheet.add(Label(THINGS + COLUMN * place, self.y, text, SMALL, left=True))
        self.y += 10

    def picture(self) -> Picture:
        """All that has been drawn."""
        return self.sheet.picture(WIDTH, self.y + 16, self.text)


def _finding(plan: Divergence) -> str:
    """What came of it: the first measure that differs, or else a fact, or that nothing did."""
    when = f"Apart from {plan['stage'].clock(plan['since'], fine=True)} on"
    for what, here, there in (*plan["measures"], *(row for row in plan["states"] if row[2])):
        return plain(f"{when}: {what} {here} here, {there} there")
    return plain(f"{when}, and in the end all know the same")


def _sequence(records: Sequence[Record], stage: Stage, width: int, y: float) -> Picture:
    """The sequence of these records at a height; its height is where it ends."""
    plan = diagram.arranged(Trace(list(records), stage), range(len(records)), len(records), width)
    top = y + plan["top"] - 28 - 18 * len(plan["told"])
    sheet = Sheet()
    diagram.draw_body(plan, round(plan["width"]), top, sheet)
    return sheet.picture(plan["width"], top + plan["end"], "")


def _fits(side: Side, stage: Stage, width: float) -> bool:
    """Whether its lifelines have room in this width."""
    shown = _told(side["shown"])
    return not shown or _sequence(shown, stage, round(width), 0).width <= round(width)


def _shapes(picture: Picture) -> list[Shape]:
    return [*picture.lines, *picture.boxes, *picture.labels]


def _aside(shape: Shape, x: float) -> Shape:
    """The shape so far to the right, with no name: it stands still."""
    if isinstance(shape, Line):
        points, head = ([(px + x, py) for px, py in each] for each in (shape.points, shape.head))
        return replace(shape, points=points, head=head, part="")
    return replace(shape, x=shape.x + x, part="")


def _pale(shape: Shape) -> Shape:
    """The shape in grey."""
    if isinstance(shape, Box):
        return replace(shape, part="", border=RULE)
    return replace(shape, part="", colour=RULE if isinstance(shape, Line) else GREY)


def _told(records: Sequence[Record]) -> list[Record]:
    """The records without receipts and book-keeping."""
    return [record for record in records if record.kind not in BOOK_KEEPING and record.purpose not in RECEIPTS]
