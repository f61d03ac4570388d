"""The measures of several architectures side by side: a small panel for each measure, a bar for each architecture.

`layout` computes (plain data), `side_by_side` draws. Two single runs are compared in `divergence.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.views.drawing.picture import GREY, INK, Box, Label, Line, Picture, message
from eventlab.views.sequence.labels import fit

HIGHER = ("answered %",)  # of all other measures, less is better
UNITS = {
    "told late": "people", "never told": "people", "told twice": "people", "not rebooked": "people",
    "requests": "among services", "coupling": "pairs that wait", "blast radius": "services that failed",
    "wrong board h": "hours", "p50 ms": "half wait less", "p99 ms": "99 of 100 wait less", "recovery min": "minutes",
}  # fmt: skip
COLUMNS, PANEL, ROW, LEFT, WIDTH = 3, 214, 22, 190, 840
BEST, USUAL, WORST = "#0072B2", "#bdbdbd", "#F5C9A6"
Panel = dict[str, Any]


def layout(table: Any, *, measures: Sequence[str] = (), higher: Sequence[str] = HIGHER) -> dict[str, Any]:
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
        raise Invalid(
            "table", where="comparison", expected="at least one row and one measure", found=f"{len(rows)} rows"
        )
    panels = []
    for name, column in zip(known, table.columns, strict=True):
        if not measures or name in measures:
            values = [float(table.loc[row, column]) for row in table.index]
            panels.append(_panel(name, values, name in higher))
    order = list(measures) or known
    panels.sort(key=lambda panel: order.index(panel["measure"]))
    for number, panel in enumerate(panels):
        panel["x"] = LEFT + PANEL * (number % COLUMNS)
        panel["line"] = number // COLUMNS
    return {"rows": rows, "panels": panels, **_reading(rows, panels)}


def side_by_side(
    table: Any, *, measures: Sequence[str] = (), higher: Sequence[str] = HIGHER, title: str = ""
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw(layout(table, measures=measures, higher=higher), title)
    except Invalid as problem:
        return message("No comparison", str(problem))


def _panel(name: str, values: Sequence[float], more_is_better: bool) -> Panel:
    """Bars as shares of the longest; `marks` says which are best and which worst, unless all are the same."""
    numbers = [value for value in values if isfinite(value)]
    best, worst = (max, min) if more_is_better else (min, max)
    marks = [""] * len(values)
    if len({number_of(value) for value in numbers}) > 1:
        ends = {number_of(best(numbers)): "best", number_of(worst(numbers)): "worst"}
        marks = [ends.get(number_of(value), "") if isfinite(value) else "" for value in values]
    longest = max((abs(value) for value in numbers), default=0)
    return {
        "measure": name,
        "unit": UNITS.get(name, ""),
        "better": "more is better" if more_is_better else "less is better",
        "values": list(values),
        "shares": [abs(value) / longest if longest >= 0.005 and isfinite(value) else 0.0 for value in values],
        "texts": [number_of(value) for value in values],
        "marks": marks,
    }


def number_of(value: float) -> str:
    """A value with as many digits as people compare: "1,234", "12.3", "0.04"; "no number" where there is none."""
    if value != value:
        return "no number"
    if not isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _reading(rows: Sequence[str], panels: Sequence[Panel]) -> dict[str, str]:
    """What the panels come to, once in a few words and once with all the numbers that matter."""
    wins = Counter(row for panel in panels for row, mark in zip(rows, panel["marks"], strict=True) if mark == "best")
    fails = Counter(row for panel in panels for row, mark in zip(rows, panel["marks"], strict=True) if mark == "worst")
    if not wins:
        short = "no measure differs"
    else:
        (first, won), (last, lost) = _most(wins, rows), _most(fails, rows)
        short = f"{first} is best in {won} of {len(panels)} measures, {last} worst in {lost}"
    sentences = []
    for panel in panels:
        ends = {
            mark: [row for row, its in zip(rows, panel["marks"], strict=True) if its == mark]
            for mark in ("best", "worst")
        }
        if not ends["best"]:
            sentences.append(f"{panel['measure']}: {panel['texts'][0]} everywhere.")
            continue
        said = [f"{mark} {_value(panel, rows, names[0])} ({', '.join(names)})" for mark, names in ends.items()]
        missing = [row for row, text in zip(rows, panel["texts"], strict=True) if text == "no number"]
        sentences.append(
            f"{panel['measure']}: {', '.join(said)}{f', no number for {_and(missing)}' if missing else ''}."
        )
    return {"short": short, "summary": " ".join(sentences)}


def _most(counts: Counter[str], rows: Sequence[str]) -> tuple[str, int]:
    name = max(rows, key=lambda row: counts[row])
    return name, counts[name]


def _value(panel: Panel, rows: Sequence[str], row: str) -> str:
    return str(panel["texts"][list(rows).index(row)])


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _draw(plan: dict[str, Any], title: str) -> Picture:
    heading = f"{title}: {plan['short']}" if title else plan["short"][:1].upper() + plan["short"][1:]
    labels = [Label(18, 22, heading, 16, bold=True, left=True)]
    lines: list[Line] = []
    boxes: list[Box] = []
    tall = 52 + ROW * len(plan["rows"])
    for panel in plan["panels"]:
        top = 52 + tall * panel["line"]
        if panel["x"] == LEFT:
            labels += [
                Label(18, top + 40 + ROW * number, fit(row, LEFT - 30), 12, left=True)
                for number, row in enumerate(plan["rows"])
            ]
        _bars(panel, plan["rows"], top, boxes, labels)
        lines.append(Line([(panel["x"], top + 28), (panel["x"], top + tall - 22)], INK, 1))
    lowest = 52 + tall * (plan["panels"][-1]["line"] + 1)
    boxes += [Box(30, lowest, 24, 12, BEST, BEST), Box(152, lowest, 24, 12, WORST, INK, "dot")]
    labels += [Label(48, lowest, "best", 12, left=True), Label(170, lowest, "worst", 12, left=True)]
    note = "Each panel has a scale of its own, from 0. Without a mark: between, or all the same."
    labels.append(Label(250, lowest, note, 12, GREY, left=True))
    return Picture(WIDTH, lowest + 24, f"{heading}. {plan['summary']}", lines, boxes, labels)


def _bars(panel: Panel, rows: Sequence[str], top: float, boxes: list[Box], labels: list[Label]) -> None:
    x, unit = panel["x"], f" ({panel['unit']})" if panel["unit"] else ""
    labels.append(Label(x, top + 8, fit(panel["measure"] + unit, PANEL - 12, 13), 13, bold=True, left=True))
    for number, (row, share, text, mark) in enumerate(
        zip(rows, panel["shares"], panel["texts"], panel["marks"], strict=True)
    ):
        y, long = top + 40 + ROW * number, max(1.0, round(share * 104, 1))
        fill, border, dash = {"best": (BEST, BEST, "solid"), "worst": (WORST, INK, "dot")}.get(
            mark, (USUAL, USUAL, "solid")
        )
        words = f"{row}: {panel['measure']} {text}{unit}{f', {mark}' if mark else ''}; {panel['better']}"
        if text != "no number":
            boxes.append(Box(x + 1 + long / 2, y, long, 13, fill, border, dash, words))
        said = f"{text}  {mark}" if mark else text
        labels.append(Label(x + 8 + (long if text != "no number" else 0), y, said, 12, INK, bold=bool(mark), left=True))
