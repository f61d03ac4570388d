"""Two runs of one scenario where they part: what one has and the other has not, and what comes of it.

    apart(run, run.without(news))

`layout` compares (plain data), `apart` draws: the picture of a counterfactual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, takewhile
from textwrap import wrap
from typing import Any, TypedDict

from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.fitting import fit, text_width
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, message
from eventlab.views.drawing.records import line
from eventlab.views.drawing.style import BAND, GREY, GROUND, INK, RULE
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted, number, told

WIDTH = 840
MOST, BEFORE, STATES = 12, 3, 8  # rows: of each side, of what both have, of different states
LOOKED_AT = 100_000  # records of each side that are compared from where the two part
Measures = tuple[Mapping[str, float], Mapping[str, float]]
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


def layout(
    one: Trace, other: Trace, *, measures: Measures = ({}, {}), most: int = MOST, before: int = BEFORE
) -> Divergence:
    """Where two traces part, as plain data: the last records they share, the first that one has and the other has not,
    what the services know in the end, and the measures that differ. What is no trace raises `Invalid`.
    """
    for trace in (one, other):
        if not isinstance(trace, Trace):
            raise Invalid("trace", where="two runs", expected="a trace, such as run.trace", found=trace)
    at = next((n for n, (here, there) in enumerate(zip(one, other, strict=False)) if here != there), None)
    if at is None:
        at = min(len(one), len(other))
    until = _until(one, other, at)
    return {
        "at": at,
        "until": until,
        "since": min((trace[at].at for trace in (one, other) if at < len(trace)), default=0),
        "equal": at == len(one) == len(other),
        "shared": one.records[max(0, at - before) : at],
        "sides": [_side(one, other, at, most, until), _side(other, one, at, most, until)],
        "states": _different_states(one, other),
        "measures": _different_measures(*measures),
        "stage": one.stage,
    }


def _until(one: Trace, other: Trace, at: int) -> int | None:
    """The instant up to which both sides are compared; None: to the end."""
    long = [trace[at + LOOKED_AT].at for trace in (one, other) if len(trace) > at + LOOKED_AT]
    return min(long, default=None)


def _side(trace: Trace, against: Trace, at: int, most: int, until: int | None) -> Side:
    """What a trace has, and the other has not, from a record on, until an instant."""
    theirs = Counter(map(_same, _part(against, at, until)))
    own = []
    for record in _part(trace, at, until):
        theirs[_same(record)] -= 1
        if theirs[_same(record)] < 0:
            own.append(record)
    return {"own": len(own), "shown": own[:most], "records": len(trace)}


def _part(trace: Trace, at: int, until: int | None) -> Iterator[Record]:
    return takewhile(lambda record: until is None or record.at < until, islice(trace.records, at, None))


def _same(record: Record) -> tuple[Any, ...]:
    """What a record says, whenever it says it and in whatever packet."""
    about = record.message
    said = (about.type, about.subject, about.data) if about is not None else None
    change = (record.key, repr(record.before), repr(record.after)) if record.kind == "changed" else ()
    return record.kind, record.where, record.other, record.purpose, record.note, repr(said), change


def _different_states(one: Trace, other: Trace) -> list[Difference]:
    here, there, stage = one.states(), other.states(), one.stage
    found: list[Difference] = []
    for service in sorted({*here, *there}):
        mine, theirs = here.get(service, {}), there.get(service, {})
        found += [
            (f"{service}: {key}", *_only_different(key, mine.get(key), theirs.get(key), stage))
            for key in {**mine, **theirs}
            if mine.get(key) != theirs.get(key)
        ]
    return found[:STATES] + ([("…", f"{len(found) - STATES} more", "")] if len(found) > STATES else [])


def _only_different(key: str, one: Any, other: Any, stage: Stage) -> tuple[str, str]:
    """Two values in words; of two dictionaries, only what is not the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        fields = [field for field in {**one, **other} if one.get(field) != other.get(field)]
        one, other = ({field: each.get(field) for field in fields} for each in (one, other))
    return told(one, stage, key), told(other, stage, key)


def _different_measures(one: Mapping[str, float], other: Mapping[str, float]) -> list[Difference]:
    none = float("nan")
    said = [(name, number(one.get(name, none)), number(other.get(name, none))) for name in {**one, **other}]
    return [row for row in said if row[1] != row[2]]


def apart(
    one: Any,
    other: Any,
    *,
    names: tuple[str, str] = ("as it was", "as it would have been"),
    measures: Measures | None = None,
    most: int = MOST,
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
    return _draw(plan, names)


# Draw -----------------------------------------------------------------------------------------------------------------


def _draw(plan: Divergence, names: tuple[str, str]) -> Picture:
    sheet, stage = _Columns(names), plan["stage"]
    sheet.head(plan)
    sheet.both([line(record, stage) for record in plan["shared"]] or ["nothing: they differ from the first record"])
    sheet.title("Only here, from then on")
    sides = []
    for side in plan["sides"]:
        rows = [line(record, stage) for record in side["shown"]]
        if side["own"] > len(rows):
            rows.append(f"… {counted(side['own'] - len(rows), 'more record')} that the other has not")
        sides.append(rows or ["nothing that the other has not"])
    sheet.columns(*sides)
    if plan["states"]:
        sheet.title("What is known in the end")
        for what, here, there in plan["states"]:
            sheet.columns([f"{what}: {here}" if there else f"{what} {here}"], [f"{what}: {there}" if there else ""])
    if plan["measures"]:
        sheet.title("Measures that differ")
        for what, here, there in plan["measures"]:
            sheet.columns([f"{what}: {here}"], [f"{what}: {there}"])
    return sheet.picture()


class _Columns:
    """Two columns of text, which grow downwards."""

    def __init__(self, names: tuple[str, str]) -> None:
        self.names, self.y, self.split, self.text = names, 0.0, 0.0, ""
        self.sheet = Sheet()

    def head(self, plan: Divergence) -> None:
        """Where they part, and how much differs."""
        heading = f"Equal for {counted(plan['at'], 'record')}, apart at {plan['stage'].clock(plan['since'], fine=True)}"
        first = "; ".join(
            f"{name}: {counted(side['records'], 'record')}, {side['own']:,} of them only there"
            for name, side in zip(self.names, plan["sides"], strict=True)
        )
        states = [f"{what}: {here} / {there}" for what, here, there in plan["states"] if there]
        if plan["until"] is not None:
            first += f" until {plan['stage'].clock(plan['until'])}, as far as they are compared"
        parts = [f"{first}.", f"Different in the end: {'; '.join(states[:3])}." if states else
                 "In the end all know the same."]  # fmt: skip
        measures = [f"{what} {here} / {there}" for what, here, there in plan["measures"]]
        parts += [f"Measures: {', '.join(measures)}."] if measures else []
        self.text = plain(f"{heading}. {' '.join(parts)}")
        self.sheet.add(Label(18, 22, heading, 18, bold=True, left=True))
        self.y = 28.0
        for row in wrap(plain(parts[0]), 124):
            self.y += 18
            self.sheet.add(Label(18, self.y, row, 13, GREY, left=True))
        self.y += 14

    def both(self, rows: Sequence[str]) -> None:
        """What both have, and the line where they part."""
        self.y += 20
        self.sheet.add(Label(18, self.y, "The last records that both have", 13, bold=True, left=True))
        for text in rows:
            self.y += 18
            self.sheet.add(Box(WIDTH / 2, self.y, WIDTH - 36, 18, BAND, BAND, words=text))
            self.sheet.add(Label(26, self.y, fit(text, WIDTH - 60, 13), 13, GREY, left=True))
        self.y += 22
        self.split = self.y + 6
        self.sheet.add(Line([(18, self.y), (WIDTH - 18, self.y)], INK, 1.5, "dash"))
        for name, x in zip(self.names, (26, WIDTH / 2 + 8), strict=True):
            text = fit(name, WIDTH / 2 - 40, 14, bold=True)
            self.sheet.add(Label(x, self.y + 18, text, 14, bold=True, left=True))
        self.y += 22

    def title(self, text: str) -> None:
        """What follows, over both columns."""
        self.y += 24
        self.sheet.add(*(Label(x, self.y, text, 13, GREY, bold=True, left=True) for x in (26, WIDTH / 2 + 8)))
        self.y += 4

    def columns(self, one: Sequence[str], other: Sequence[str]) -> None:
        """Texts side by side, the left ones with a solid mark, the right ones with a hollow one."""
        begin, lowest = self.y, self.y
        for rows, x, fill in ((one, 18.0, INK), (other, WIDTH / 2, GROUND)):
            self.y = begin
            for text in rows:
                parts = _folded(text)
                if parts:
                    self.sheet.add(Box(x + 3, self.y + 16, 6, 6, fill, INK, words=text))
                for part in parts:
                    self.y += 16
                    self.sheet.add(Label(x + 12, self.y, part, 13, left=True))
                self.y += 3
            lowest = max(lowest, self.y)
        self.y = lowest

    def picture(self) -> Picture:
        """All that has been written."""
        height = round(self.y + 20)
        self.sheet.add(Line([(WIDTH / 2 - 8, self.split), (WIDTH / 2 - 8, height - 8)], RULE, 1))
        return self.sheet.picture(WIDTH, height, self.text)


def _folded(text: str, most: int = 3) -> list[str]:
    """A text on at most so many lines of a column's width."""
    room = WIDTH / 2 - 34
    rows = [""]
    for each in plain(text).split():
        word = fit(each, room, 13)
        if rows[-1] and text_width(f"{rows[-1]} {word}", 13) > room:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    if len(rows) > most:
        return [*rows[: most - 1], fit(" ".join(rows[most - 1 :]), room, 13)]
    return rows if rows[0] else []
