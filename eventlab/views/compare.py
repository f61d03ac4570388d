"""Comparisons: the measures of several architectures side by side, and two runs of one scenario where they part.

`side_by_side` draws a small panel for each measure, `apart` the records at which two traces begin to differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.trace import Record, Trace
from eventlab.views import reprs
from eventlab.views.lifelines import cut, wide
from eventlab.views.show import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.text import clock, line, plain

HIGHER = ("answered %",)  # of all other measures, less is better
UNITS = {
    "told late": "people", "never told": "people", "told twice": "people", "not rebooked": "people",
    "requests": "among services", "coupling": "pairs that wait", "blast radius": "services that failed",
    "wrong board h": "hours", "p50 ms": "half wait less", "p99 ms": "99 of 100 wait less", "recovery min": "minutes",
}  # fmt: skip
COLUMNS, PANEL, ROW, LEFT, WIDTH = 3, 222, 22, 196, 872
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
        "shares": [abs(value) / longest if longest and isfinite(value) else 0.0 for value in values],
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
                Label(18, top + 40 + ROW * number, _fit(row, LEFT - 30), 12, left=True)
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
    labels.append(Label(x, top + 8, _fit(panel["measure"] + unit, PANEL - 12, 13), 13, bold=True, left=True))
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


def _fit(text: str, room: float, size: int = 12) -> str:
    text = plain(text)
    while wide(text, size) > room:
        text = cut(text, len(text) - 1)
    return text


# Two runs of one scenario ---------------------------------------------------------------------------------------------


def parting(
    one: Trace, other: Trace, *, measures: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {}), most: int = 12,
    before: int = 3,
) -> dict[str, Any]:  # fmt: skip
    """Where two traces part, as plain data: the last records they share, the first that one has and the other has not,
    what the services know in the end, and the measures that differ. What is no trace raises `Invalid`.
    """
    for trace in (one, other):
        if not isinstance(trace, Trace):
            raise Invalid("trace", where="comparison", expected="a trace, such as run.trace", found=trace)
    at = next((n for n, (here, there) in enumerate(zip(one, other, strict=False)) if here != there), None)
    if at is None:
        at = min(len(one), len(other))
    sides = []
    for trace, against in ((one, other), (other, one)):
        theirs = Counter(map(_same, against.records[at:]))
        own = []
        for record in trace.records[at:]:
            theirs[_same(record)] -= 1
            if theirs[_same(record)] < 0:
                own.append(record)
        sides.append({"own": len(own), "shown": own[:most], "records": len(trace)})
    return {
        "at": at,
        "equal": at == len(one) == len(other),
        "shared": one.records[max(0, at - before) : at],
        "sides": sides,
        "states": _different_states(one, other),
        "measures": _different_measures(*measures),
    }


def _same(record: Record) -> tuple[Any, ...]:
    """What a record says, whenever it says it and in whatever packet."""
    about = record.message
    said = (about.type, about.subject, about.data) if about is not None else None
    change = (record.key, repr(record.before), repr(record.after)) if record.kind == "changed" else ()
    return record.kind, record.where, record.other, record.purpose, record.note, repr(said), change


def _different_states(one: Trace, other: Trace, most: int = 8) -> list[tuple[str, str, str]]:
    here, there = one.states(), other.states()
    found = []
    for service in sorted({*here, *there}):
        mine, theirs = here.get(service, {}), there.get(service, {})
        found += [
            (f"{service}: {key}", *_only_different(mine.get(key), theirs.get(key)))
            for key in {**mine, **theirs}
            if mine.get(key) != theirs.get(key)
        ]
    return found[:most] + ([("…", f"{len(found) - most} more", "")] if len(found) > most else [])


def _only_different(one: Any, other: Any) -> tuple[str, str]:
    """Two values in words; of two dictionaries, only what is not the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        return reprs.told({key: one.get(key) for key in keys}), reprs.told({key: other.get(key) for key in keys})
    return reprs.told(one), reprs.told(other)


def _different_measures(one: Mapping[str, float], other: Mapping[str, float]) -> list[tuple[str, str, str]]:
    none = float("nan")
    said = [(name, number_of(one.get(name, none)), number_of(other.get(name, none))) for name in {**one, **other}]
    return [row for row in said if row[1] != row[2]]


def apart(
    one: Trace,
    other: Trace,
    *,
    names: tuple[str, str] = ("as it was", "as it would have been"),
    measures: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {}),
    most: int = 12,
) -> Picture:
    """Two runs side by side from where they part; equal ones, or what cannot be drawn, give a sentence instead."""
    try:
        plan = parting(one, other, measures=measures, most=most)
    except Invalid as problem:
        return message("No comparison", str(problem))
    if plan["equal"]:
        return message("The two are the same", f"All {plan['at']:,} records are equal, one by one.")
    sheet = _Columns(names)
    sheet.head(plan)
    sheet.both([line(record) for record in plan["shared"]] or ["nothing: they differ from the first record"])
    sheet.title("Only here, from then on", "Only here, from then on")
    sides = [[line(record) for record in side["shown"]] for side in plan["sides"]]
    for side, told in zip(plan["sides"], sides, strict=True):
        if side["own"] > len(told):
            told.append(f"… {side['own'] - len(told):,} more records that the other has not")
        if not told:
            told.append("nothing that the other has not")
    sheet.columns(*sides)
    if plan["states"]:
        sheet.title("What is known in the end", "What is known in the end")
        for what, here, there in plan["states"]:
            sheet.columns([f"{what}: {here}" if there else f"{what} {here}"], [f"{what}: {there}" if there else ""])
    if plan["measures"]:
        sheet.title("Measures that differ", "Measures that differ")
        for what, here, there in plan["measures"]:
            sheet.columns([f"{what}: {here}"], [f"{what}: {there}"])
    return sheet.picture()


class _Columns:
    """Two columns of text, which grow downwards."""

    def __init__(self, names: tuple[str, str]) -> None:
        self.names, self.y, self.text = names, 0.0, ""
        self.labels: list[Label] = []
        self.boxes: list[Box] = []
        self.lines: list[Line] = []

    def head(self, plan: dict[str, Any]) -> None:
        one, other = plan["sides"]
        first = next((side["shown"][0] for side in plan["sides"] if side["shown"]), None)
        when = f" at {clock(first.at, fine=True)}" if first is not None else ""
        heading = f"Equal for {plan['at']:,} records, apart{when}"
        told = [
            f"{self.names[0]}: {one['records']:,} records, {one['own']:,} of them only there; "
            f"{self.names[1]}: {other['records']:,} records, {other['own']:,} of them only there."
        ]
        states = [f"{what}: {here} / {there}" for what, here, there in plan["states"] if there]
        told.append(f"Different in the end: {'; '.join(states[:3])}." if states else "In the end all know the same.")
        measures = [f"{what} {here} / {there}" for what, here, there in plan["measures"]]
        told.append(f"Measures: {', '.join(measures)}." if measures else "")
        self.text = plain(f"{heading}. {' '.join(told)}".strip())
        self.labels.append(Label(18, 22, heading, 16, bold=True, left=True))
        self.y = 28.0
        for part in wrap(plain(told[0]), 124):
            self.y += 18
            self.labels.append(Label(18, self.y, part, 13, GREY, left=True))
        self.y += 14

    def both(self, told: Sequence[str]) -> None:
        self.y += 20
        self.labels.append(Label(18, self.y, "The last records that both have", 12, bold=True, left=True))
        for text in told:
            self.y += 18
            self.boxes.append(Box(WIDTH / 2, self.y, WIDTH - 36, 18, "#f2f2f2", "#f2f2f2", words=text))
            self.labels.append(Label(26, self.y, _fit(text, WIDTH - 60, 11), 11, GREY, left=True))
        self.y += 22
        self.lines.append(Line([(18, self.y), (WIDTH - 18, self.y)], INK, 1.5, "dash"))
        for name, x in zip(self.names, (26, WIDTH / 2 + 8), strict=True):
            self.labels.append(Label(x, self.y + 18, _fit(name, WIDTH / 2 - 40, 14), 14, bold=True, left=True))
        self.y += 22

    def title(self, *texts: str) -> None:
        self.y += 24
        for text, x in zip(texts, (26, WIDTH / 2 + 8), strict=True):
            self.labels.append(Label(x, self.y, text, 12, GREY, bold=True, left=True))
        self.y += 4

    def columns(self, one: Sequence[str], other: Sequence[str]) -> None:
        """Texts side by side, the left ones with a solid mark, the right ones with a hollow one."""
        begin, lowest = self.y, self.y
        for told, x, fill in ((one, 18.0, "#0072B2"), (other, WIDTH / 2, GROUND)):
            self.y = begin
            for text in told:
                parts = self._folded(text)
                if parts:
                    self.boxes.append(Box(x + 3, self.y + 16, 6, 6, fill, "#0072B2", words=text))
                for part in parts:
                    self.y += 16
                    self.labels.append(Label(x + 12, self.y, part, 11, left=True))
                self.y += 3
            lowest = max(lowest, self.y)
        self.y = lowest

    def _folded(self, text: str, most: int = 3) -> list[str]:
        """A text on at most so many lines of a column's width."""
        lines = [""]
        for word in plain(text).split():
            word = _fit(word, WIDTH / 2 - 34, 11)
            if lines[-1] and wide(f"{lines[-1]} {word}", 11) > WIDTH / 2 - 34:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        return [*lines[: most - 1], _fit(" ".join(lines[most - 1 :]), WIDTH / 2 - 34, 11)] if len(lines) > most else (
            lines if lines[0] else [])  # fmt: skip

    def picture(self) -> Picture:
        height = round(self.y + 20)
        self.lines.append(Line([(WIDTH / 2 - 8, self._split()), (WIDTH / 2 - 8, height - 8)], "#b0b0b0", 1))
        return Picture(WIDTH, height, self.text, self.lines, self.boxes, self.labels)

    def _split(self) -> float:
        return self.lines[0].points[0][1] + 6
