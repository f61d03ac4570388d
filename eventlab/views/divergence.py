"""Two runs of one scenario where they part: what one has and the other has not, and what comes of it.

    apart(run, run.without(news))

`layout` compares (plain data), `apart` draws: the picture of a counterfactual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid
from eventlab.trace import Record, Trace
from eventlab.views import notebook
from eventlab.views.charts.side_by_side import number_of
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.drawing.text import clock, line, plain
from eventlab.views.sequence.labels import fit, wide

WIDTH = 840


def layout(
    one: Trace, other: Trace, *, measures: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {}), most: int = 12,
    before: int = 3,
) -> dict[str, Any]:  # fmt: skip
    """Where two traces part, as plain data: the last records they share, the first that one has and the other has not,
    what the services know in the end, and the measures that differ. What is no trace raises `Invalid`.
    """
    for trace in (one, other):
        if not isinstance(trace, Trace):
            raise Invalid("trace", where="two runs", expected="a trace, such as run.trace", found=trace)
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
        "since": min((trace[at].at for trace in (one, other) if at < len(trace)), default=0),
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
        return notebook.told({key: one.get(key) for key in keys}), notebook.told({key: other.get(key) for key in keys})
    return notebook.told(one), notebook.told(other)


def _different_measures(one: Mapping[str, float], other: Mapping[str, float]) -> list[tuple[str, str, str]]:
    none = float("nan")
    said = [(name, number_of(one.get(name, none)), number_of(other.get(name, none))) for name in {**one, **other}]
    return [row for row in said if row[1] != row[2]]


def apart(
    one: Any,
    other: Any,
    *,
    names: tuple[str, str] = ("as it was", "as it would have been"),
    measures: tuple[Mapping[str, float], Mapping[str, float]] | None = None,
    most: int = 12,
) -> Picture:
    """Two runs (or traces) side by side from where they part, with the measures that differ.

    Two runs bring their own `measures`. Equal ones, or what cannot be drawn, give a sentence instead.
    """
    try:
        if measures is None:
            measures = (getattr(one, "metrics", {}), getattr(other, "metrics", {}))
        plan = layout(getattr(one, "trace", one), getattr(other, "trace", other), measures=measures, most=most)
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
        when = f" at {clock(plan['since'], fine=True)}"
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
            self.labels.append(Label(26, self.y, fit(text, WIDTH - 60, 11), 11, GREY, left=True))
        self.y += 22
        self.lines.append(Line([(18, self.y), (WIDTH - 18, self.y)], INK, 1.5, "dash"))
        for name, x in zip(self.names, (26, WIDTH / 2 + 8), strict=True):
            self.labels.append(Label(x, self.y + 18, fit(name, WIDTH / 2 - 40, 14), 14, bold=True, left=True))
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
            word = fit(word, WIDTH / 2 - 34, 11)
            if lines[-1] and wide(f"{lines[-1]} {word}", 11) > WIDTH / 2 - 34:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        return [*lines[: most - 1], fit(" ".join(lines[most - 1 :]), WIDTH / 2 - 34, 11)] if len(lines) > most else (
            lines if lines[0] else [])  # fmt: skip

    def picture(self) -> Picture:
        height = round(self.y + 20)
        self.lines.append(Line([(WIDTH / 2 - 8, self._split()), (WIDTH / 2 - 8, height - 8)], "#b0b0b0", 1))
        return Picture(WIDTH, height, self.text, self.lines, self.boxes, self.labels)

    def _split(self) -> float:
        return self.lines[0].points[0][1] + 6
