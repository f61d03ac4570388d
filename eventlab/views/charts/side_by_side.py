"""The measures of several architectures side by side: a small panel for each measure, a bar for each architecture.

`layout` computes (plain data), `side_by_side` draws. Two single runs are compared in `divergence.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite
from typing import Any, TypedDict

from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, message, titled
from eventlab.views.drawing.style import BEST, BETWEEN, GREY, INK, SMALL, WIDTH, WORST
from eventlab.views.drawing.wording import listed, number, sentence_case

HIGHER = ("answered %",)  # of all other measures, less is better
UNITS = {
    "told late": "people", "never told": "people", "told twice": "people", "not rebooked": "people",
    "requests": "among services", "coupling": "pairs that wait", "blast radius": "services that failed",
    "wrong board h": "hours", "p50 ms": "half wait less", "p99 ms": "99 of 100 wait less", "recovery min": "minutes",
}  # fmt: skip
COLUMNS, PANEL, ROW, LEFT = 3, 206, 22, 206
NONE = number(float("nan"))


class Panel(TypedDict):
    """One measure: for each row of the table its value, the bar's share of the longest, and a mark."""

    measure: str
    unit: str
    better: str
    values: list[float]
    shares: list[float]
    texts: list[str]
    marks: list[str]
    x: int
    line: int


class Comparison(TypedDict):
    """All panels, and sentences about them."""

    rows: list[str]
    panels: list[Panel]
    short: str
    summary: str


def layout(table: Any, *, measures: Sequence[str] = (), higher: Sequence[str] = HIGHER) -> Comparison:
    """A panel for each measure with a bar for each row of the table, best and worst marked, and sentences about them.

    `table` is what `compare` gives: anything with `index`, `columns` and `loc[row, column]`. Of the measures named in
    `higher` more is better, of all others less. Nothing to show, or a measure that is not there, raises `Invalid`.
    """
    if not all(hasattr(table, name) for name in ("index", "columns", "loc")):
        raise Invalid("table", where="comparison", expected="a table such as compare(scenario) gives", found=table)
    rows, known = [str(row) for row in table.index], [str(column) for column in table.columns]
    for name in measures:
        if name not in known:
            raise unknown("measure", name, known, where="comparison")
    if not rows or not known:
        expected = "at least one row and one measure"
        raise Invalid("table", where="comparison", expected=expected, found=f"{len(rows)} rows")
    columns = dict(zip(known, table.columns, strict=True))
    panels = []
    for place, name in enumerate(measures or known):
        values = [float(table.loc[row, columns[name]]) for row in table.index]
        panels.append(_panel(name, values, name in higher, place))
    short, summary = _reading(rows, panels)
    return {"rows": rows, "panels": panels, "short": short, "summary": summary}


@door
def side_by_side(
    table: Any, *, measures: Sequence[str] = (), higher: Sequence[str] = HIGHER, title: str = "", finding: str = ""
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why.

    Behind the title stands the `finding`, if none is given who is best and who is worst in most measures.
    """
    try:
        return _draw(layout(table, measures=measures, higher=higher), title, finding)
    except Invalid as problem:
        return message("No comparison", str(problem))


def _panel(name: str, values: list[float], more_is_better: bool, place: int) -> Panel:
    """Bars as shares of the longest; `marks` says which are best and which worst, unless all are the same."""
    finite = [value for value in values if isfinite(value)]
    best, worst = (max, min) if more_is_better else (min, max)
    marks = [""] * len(values)
    if len({number(value) for value in finite}) > 1:
        ends = {number(best(finite)): "best", number(worst(finite)): "worst"}
        marks = [ends.get(number(value), "") if isfinite(value) else "" for value in values]
    longest = max((abs(value) for value in finite), default=0)
    return {
        "measure": name,
        "unit": UNITS.get(name, ""),
        "better": "more is better" if more_is_better else "less is better",
        "values": values,
        "shares": [abs(value) / longest if longest >= 0.005 and isfinite(value) else 0.0 for value in values],
        "texts": [number(value) for value in values],
        "marks": marks,
        "x": LEFT + PANEL * (place % COLUMNS),
        "line": place // COLUMNS,
    }


def _reading(rows: Sequence[str], panels: Sequence[Panel]) -> tuple[str, str]:
    """What the panels come to, once in a few words and once with all the numbers that matter."""
    wins = Counter(row for panel in panels for row, mark in zip(rows, panel["marks"], strict=True) if mark == "best")
    fails = Counter(row for panel in panels for row, mark in zip(rows, panel["marks"], strict=True) if mark == "worst")
    short = "no measure differs"
    if wins:
        (first, won), (last, lost) = _most(wins, rows), _most(fails, rows)
        short = f"{first} is best in {won} of {len(panels)} measures, {last} worst in {lost}"
    return short, " ".join(_sentence(rows, panel) for panel in panels)


def _sentence(rows: Sequence[str], panel: Panel) -> str:
    """Who is best and who is worst in one measure, with their numbers."""
    ends = {
        mark: [row for row, its in zip(rows, panel["marks"], strict=True) if its == mark] for mark in ("best", "worst")
    }
    if not ends["best"]:
        return f"{panel['measure']}: {panel['texts'][0]} everywhere."
    said = [f"{mark} {panel['texts'][rows.index(names[0])]} ({', '.join(names)})" for mark, names in ends.items()]
    missing = [row for row, text in zip(rows, panel["texts"], strict=True) if text == NONE]
    if missing:
        said.append(f"{NONE} for {listed(missing)}")
    return f"{panel['measure']}: {', '.join(said)}."


def _most(counts: Counter[str], rows: Sequence[str]) -> tuple[str, int]:
    name = max(rows, key=lambda row: counts[row])
    return name, counts[name]


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: Comparison, title: str, finding: str) -> Picture:
    short = finding or plan["short"]
    heading = f"{title}: {short}" if title else sentence_case(short)
    sheet = Sheet(*titled(heading, []))
    tall = 52 + ROW * len(plan["rows"])
    for panel in plan["panels"]:
        top = 52 + tall * panel["line"]
        if panel["x"] == LEFT:
            for place, row in enumerate(plan["rows"]):
                sheet.add(Label(18, top + 40 + ROW * place, fit(row, LEFT - 30, SMALL), SMALL, left=True))
        _draw_panel(panel, plan["rows"], top, sheet)
        sheet.add(Line([(panel["x"], top + 28), (panel["x"], top + tall - 22)], INK, 1))
    lowest = 52 + tall * (plan["panels"][-1]["line"] + 1)
    sheet.add(Box(30, lowest, 24, 12, BEST, BEST), Box(152, lowest, 24, 12, WORST, INK, "dot"))
    sheet.add(Label(48, lowest, "best", SMALL, left=True), Label(170, lowest, "worst", SMALL, left=True))
    note = "Each panel has a scale of its own, from 0. Without a mark: between, or all the same."
    sheet.add(Label(250, lowest, note, SMALL, GREY, left=True))
    return sheet.picture(WIDTH, lowest + 24, f"{heading}. {plan['summary']}")


def _draw_panel(panel: Panel, rows: Sequence[str], top: float, sheet: Sheet) -> None:
    x, unit = panel["x"], f" ({panel['unit']})" if panel["unit"] else ""
    sheet.add(Label(x, top + 8, fit(panel["measure"] + unit, PANEL - 6, SMALL, bold=True), SMALL, bold=True, left=True))
    styles = {"best": (BEST, BEST, "solid"), "worst": (WORST, INK, "dot")}
    for place, (row, share, text, mark) in enumerate(
        zip(rows, panel["shares"], panel["texts"], panel["marks"], strict=True)
    ):
        y, long = top + 40 + ROW * place, max(1.0, round(share * 104, 1)) if text != NONE else 0.0
        words = f"{row}: {panel['measure']} {text}{unit}{f', {mark}' if mark else ''}; {panel['better']}"
        if long:
            style = styles.get(mark, (BETWEEN, BETWEEN, "solid"))
            sheet.add(Box(x + 1 + long / 2, y, long, 13, *style, words))
        said = f"{text}  {mark}" if mark else text
        sheet.add(Label(x + 8 + long, y, said, SMALL, INK, bold=bool(mark), left=True))
