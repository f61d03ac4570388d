"""Versions that meet: whose events which program could read, over what which version had stored; who ran what when.

`layout` counts what came of each pairing (plain data), `version_matrix` draws it: a square for each version of what was
stored, a row for each producer's version, a column for each program's. `version_lanes` draws a deployment.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple, TypedDict

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Picture, Sheet, heading, message
from eventlab.views.drawing.style import (
    CHANGED,
    EVENT_GROUND,
    GREY,
    INK,
    NAME,
    PAPER,
    QUIET,
    SMALL,
    WELL,
    WELL_GROUND,
    WIDTH,
    WRONG,
    WRONG_GROUND,
)
from eventlab.views.drawing.wording import counted, sentence_case

WHERE = "versions"
MOST = 9  # versions on one side
LEFT, HIGH, HEAD, GAP, NOTES = 96, 44, 52, 18, 3  # pixels: where squares begin; a row; above it; between squares
WIDEST = 240  # pixels: a square
LANE, TALL = 132, 46  # pixels: names of instances; a lane

# How a pairing ended, the worst last: its sign, ground, border and word
LOOKS = {
    "well": ("✓", WELL_GROUND, WELL, "all well"),
    "wrong": ("≠", WRONG_GROUND, INK, "wrong, and silent"),
    "refused": ("✕", WRONG_GROUND, WRONG, "refused"),
}


class Meeting(NamedTuple):
    """One event, or one run, in which versions met: the producer's, the program's, and of what was stored before.

    `outcome`: "well", "refused" (an error says so), or "wrong" (nothing says so). `note`: what was wrong.
    """

    producer: str
    consumer: str
    stored: str
    outcome: str
    note: str = ""


class Pairing(TypedDict):
    """All meetings of the same three versions: how many, how many of them ended badly, the worst end and its note."""

    count: int
    bad: int
    outcome: str
    note: str


class Versions(TypedDict):
    """The versions on each side, the pairings that occurred by (stored, producer, consumer), and the conclusion."""

    producers: list[str]
    consumers: list[str]
    stored: list[str]
    pairings: dict[tuple[str, str, str], Pairing]
    conclusion: str


def layout(meetings: Iterable[Meeting]) -> Versions:
    """What came of each pairing of versions, as plain data. Where nothing met, `Invalid`."""
    known: list[Any] = list(meetings) if isinstance(meetings, Iterable) else [meetings]
    for each in known:
        if not isinstance(each, Meeting) or not all(isinstance(part, str) for part in each):
            raise Invalid("meetings", where=WHERE, expected="each a Meeting, which holds text", found=each)
        if each.outcome not in LOOKS:
            raise Invalid("outcome", where=WHERE, expected=f"one of {', '.join(LOOKS)}", found=each.outcome)
    if not known:
        raise Invalid("meetings", where=WHERE, expected="at least one", found="none")
    pairings: dict[tuple[str, str, str], Pairing] = {}
    for each in known:
        _count(pairings.setdefault((each.stored, each.producer, each.consumer), _nothing()), each)
    sides = [sorted({each[side] for each in known}, key=_order) for side in range(3)]
    if any(len(side) > MOST for side in sides):
        raise Invalid("versions", where=WHERE, expected=f"at most {MOST}", found=max(map(len, sides)))
    fine = sum(pairing["outcome"] == "well" for pairing in pairings.values())
    conclusion = f"{fine:,} of {counted(len(pairings), 'pairing')} {'is' if fine == 1 else 'are'} well"
    return {"producers": sides[0], "consumers": sides[1], "stored": sides[2], "pairings": pairings,
            "conclusion": conclusion}  # fmt: skip


@door_but("meetings")
def version_matrix(meetings: Iterable[Meeting], *, title: str = "") -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw(layout(meetings), title)
    except Invalid as problem:
        return message("No versions", str(problem))


def _nothing() -> Pairing:
    return {"count": 0, "bad": 0, "outcome": "well", "note": ""}


def _count(pairing: Pairing, meeting: Meeting) -> None:
    ranks = list(LOOKS)
    pairing["count"] += 1
    pairing["bad"] += meeting.outcome != "well"
    if ranks.index(meeting.outcome) > ranks.index(pairing["outcome"]):
        pairing["outcome"], pairing["note"] = meeting.outcome, meeting.note


def _order(version: str) -> tuple[int, int, str]:
    """Numbers by their size, behind what is no number."""
    is_number = version.isascii() and version.isdecimal() and len(version) < 10
    return (1, int(version), "") if is_number else (0, 0, version)


def _draw(plan: Versions, title: str) -> Picture:
    note = "rows: who wrote the event · columns: the program that reads it · squares: what was stored before"
    signs = " · ".join(f"{sign} {word}" for sign, _, _, word in LOOKS.values())
    sheet = Sheet(*heading(title or plan["conclusion"], note, signs))
    beside = min(NOTES, max(1, MOST // len(plan["consumers"])))
    wide = min(WIDEST, (WIDTH - 14 - LEFT) / beside)
    tall = HEAD + HIGH * len(plan["producers"]) + GAP
    for place, stored in enumerate(plan["stored"]):
        x, y = LEFT + wide * (place % beside), 84 + tall * (place // beside)
        _draw_square(plan, stored, (x, y), wide - GAP, sheet)
    rows = -(-len(plan["stored"]) // beside)
    return sheet.picture(WIDTH, 84 + tall * rows, _text(plan, title))


def _draw_square(plan: Versions, stored: str, corner: tuple[float, float], wide: float, sheet: Sheet) -> None:
    """The pairings over one stored version, with its names on top and, of the first in a row, beside it."""
    x, y = corner
    cell = wide / len(plan["consumers"])
    name = fit(f"stored: {stored}", wide, SMALL, bold=True)
    sheet.add(Label(x, y + 8, name, SMALL, INK, bold=True, left=True))
    for column, consumer in enumerate(plan["consumers"]):
        middle = x + cell * (column + 0.5)
        sheet.add(Label(middle, y + 34, fit(f"reads {consumer}", cell - 4, SMALL), SMALL, GREY))
        for row, producer in enumerate(plan["producers"]):
            height = y + HEAD + HIGH * (row + 0.5)
            if not column and x == LEFT:
                name = fit(f"writes {producer}", LEFT - 24, SMALL)
                sheet.add(Label(18, height, name, SMALL, GREY, left=True))
            words = f"{_place(stored, producer, consumer)}: "
            _draw_cell(plan["pairings"].get((stored, producer, consumer)), (middle, height), cell, words, sheet)


def _draw_cell(pairing: Pairing | None, at: tuple[float, float], wide: float, words: str, sheet: Sheet) -> None:
    x, y = at
    if pairing is None:
        sheet.add(Box(x, y, wide - 4, HIGH - 4, PAPER, QUIET, "dot", words=f"{words}never met", corner=4))
        sheet.add(Label(x, y, "–", SMALL, GREY))
        return
    sign, ground, border, _ = LOOKS[pairing["outcome"]]
    sheet.add(Box(x, y, wide - 4, HIGH - 4, ground, border, words=words + _ended(pairing), corner=4, thick=2))
    said = ""
    if pairing["count"] > 1:
        said = f"{pairing['bad']:,} of {pairing['count']:,}" if pairing["bad"] else f"{pairing['count']:,}"
    sheet.add(Label(x, y - 8 if said else y, sign, NAME, INK, bold=True))
    sheet.add(Label(x, y + 10, fit(said, wide - 8, SMALL), SMALL, INK))


def _place(stored: str, producer: str, consumer: str) -> str:
    return f"{producer} writes, {consumer} reads, {stored} stored"


def _ended(pairing: Pairing) -> str:
    often = f", {pairing['bad']:,} of {pairing['count']:,}" if pairing["count"] > 1 and pairing["bad"] else ""
    return f"{LOOKS[pairing['outcome']][3]}{often}" + (f" ({pairing['note']})" if pairing["note"] else "")


def _text(plan: Versions, title: str) -> str:
    lines = [f"{title}. {plan['conclusion']}." if title and title != plan["conclusion"] else f"{plan['conclusion']}."]
    for (stored, producer, consumer), pairing in plan["pairings"].items():
        lines.append(f"{_place(stored, producer, consumer)}: {_ended(pairing)}")
    return "\n".join(lines)


# Who ran which version when -------------------------------------------------------------------------------------------


class Ran(NamedTuple):
    """An instance that ran a version from one instant to another (nanoseconds)."""

    who: str
    version: str
    since: int
    until: int


class Lanes(TypedDict):
    """The spans of each instance, where events were refused, and the conclusion."""

    lanes: dict[str, list[Ran]]
    refused: dict[str, list[int]]
    begin: int
    end: int
    conclusion: str


def lanes(spans: Iterable[Ran], refused: Iterable[tuple[str, int]] = ()) -> Lanes:
    """Who ran which version when, and at which instants an event was refused there, as plain data."""
    known: list[Any] = list(spans) if isinstance(spans, Iterable) else [spans]
    for each in known:
        if not isinstance(each, Ran) or not all(isinstance(at, int) for at in each[2:]) or each.until < each.since:
            raise Invalid("spans", where=WHERE, expected="each a Ran, whose end is not before its begin", found=each)
    if not known:
        raise Invalid("spans", where=WHERE, expected="at least one", found="none")
    found: dict[str, list[Ran]] = {}
    for each in sorted(known, key=lambda each: each.since):
        found.setdefault(str(each.who), []).append(each)
    marks: dict[str, list[int]] = {}
    for mark in refused if isinstance(refused, Iterable) else [refused]:
        if not isinstance(mark, tuple) or len(mark) != 2 or not isinstance(mark[1], int):
            raise Invalid("refused", where=WHERE, expected="pairs of an instance and an instant", found=mark)
        marks.setdefault(str(mark[0]), []).append(mark[1])
    mixed = _mixed(known)
    conclusion = f"{counted(sum(map(len, marks.values())), 'event')} refused; versions are mixed {mixed} of the time"
    begin, end = min(each.since for each in known), max(each.until for each in known)
    order = list(dict.fromkeys(each.who for each in known))
    return {"lanes": {who: found[who] for who in order}, "refused": marks, "begin": begin, "end": end,
            "conclusion": conclusion}  # fmt: skip


def _mixed(spans: list[Ran]) -> str:
    """For which share of the time not all run the same version."""
    instants = sorted({at for each in spans for at in (each.since, each.until)})
    whole, mixed = max(1, instants[-1] - instants[0]), 0
    for begin, end in pairwise(instants):
        if len({each.version for each in spans if each.since <= begin and end <= each.until}) > 1:
            mixed += end - begin
    return f"{100 * mixed // whole}%"


@door_but("spans", "refused")
def version_lanes(
    spans: Iterable[Ran], refused: Iterable[tuple[str, int]] = (), *, stage: Stage | None = None, title: str = ""
) -> Picture:
    """The picture of `lanes`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw_lanes(lanes(spans, refused), stage or Stage(), title)
    except Invalid as problem:
        return message("No versions", str(problem))


def _draw_lanes(plan: Lanes, stage: Stage, title: str) -> Picture:
    note = "a lane for each instance, with the version that it ran · ✕ an event that it could not read"
    sheet = Sheet(*heading(title or sentence_case(plan["conclusion"]), note))
    left, wide = LANE, WIDTH - 18 - LANE
    scale = wide / max(1, plan["end"] - plan["begin"])
    for place, (who, spans) in enumerate(plan["lanes"].items()):
        y = 78 + TALL * (place + 0.5)
        sheet.add(Label(18, y, fit(who, LANE - 30, SMALL, bold=True), SMALL, INK, bold=True, left=True))
        before = ""
        for each in spans:
            x, width = left + scale * (each.since - plan["begin"]), scale * (each.until - each.since)
            _draw_span(each, before, (x, y), width, sheet, stage)
            before = each.version
        for at in plan["refused"].get(who, []):
            sheet.add(Label(left + scale * (at - plan["begin"]), y + 11, "✕", SMALL, WRONG, bold=True))
    bottom = 78 + TALL * len(plan["lanes"]) + 12
    for share in range(5):
        at = plan["begin"] + (plan["end"] - plan["begin"]) * share // 4
        sheet.add(Label(left + scale * (at - plan["begin"]) - 14 * (share == 4), bottom, stage.clock(at), SMALL, GREY))
    return sheet.picture(WIDTH, bottom + 18, _lanes_text(plan, stage, title))


def _draw_span(each: Ran, before: str, at: tuple[float, float], wide: float, sheet: Sheet, stage: Stage) -> None:
    """A version in its lane: the newer, the darker the ground; one that goes back says so."""
    x, y = at
    back = bool(before) and _order(each.version) < _order(before)
    ground = (PAPER, EVENT_GROUND, CHANGED)[min(2, max(0, _order(each.version)[1] - 1))]
    words = f"{each.who}: version {each.version}, {stage.clock(each.since)}–{stage.clock(each.until)}"
    border = INK if back else QUIET
    sheet.add(Box(x + wide / 2, y, max(1.0, wide - 2), TALL - 12, ground, border, words=words, corner=4))
    said = f"↶ {each.version}" if back else each.version
    sheet.add(Label(x + 7, y - 4, fit(said, wide - 10, SMALL, bold=True), SMALL, INK, bold=True, left=True))


def _lanes_text(plan: Lanes, stage: Stage, title: str) -> str:
    lines = [f"{title}. {plan['conclusion']}." if title else f"{sentence_case(plan['conclusion'])}."]
    for who, spans in plan["lanes"].items():
        said = ", ".join(f"version {each.version} from {stage.clock(each.since)}" for each in spans)
        refused = len(plan["refused"].get(who, []))
        lines.append(f"{who}: {said}" + (f"; {counted(refused, 'event')} refused" if refused else ""))
    return "\n".join(lines)
