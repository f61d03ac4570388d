"""The picture beside a verdict: the part of the failing run that matters, with what went wrong marked in it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap

from msgspec.structs import replace

from eventlab.lessons.judging.model import Mistake
from eventlab.trace import BOOK_KEEPING, ENDS, FAULTS, RECEIPTS, Record, Trace
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Label, Line, Picture, Sheet
from eventlab.views.drawing.style import INK, WIDTH, WRONG_GROUND
from eventlab.views.motion.choice import is_about
from eventlab.views.sequence.diagram import MOST, draw, layout
from eventlab.views.sequence.parts import Diagram

LEAST = 240  # pixels beside the diagram, at least, for what is said about the marks
SIZE = 13
CLEAN = "Nothing went wrong."


def part(mistake: Mistake) -> tuple[Trace, dict[int, str]]:
    """The records of the failing run that matter, numbered anew, and the marks by their new numbers.

    What a mistake is about it says itself; the faults of that time belong to it that concern those who take part.
    """
    trace, marks = mistake.trace or Trace(), mistake.marks
    last = max(marks, default=len(trace))
    kept = [r for r in trace.records[: last + 1] if r.index in marks or _matters(r, mistake, trace)]
    kept = _with_faults(trace, kept) if kept else list(trace.records[:last])
    numbers = {record.index: number for number, record in enumerate(kept)}
    shown = Trace([replace(record, index=number) for number, record in enumerate(kept)], trace.stage)
    return shown, {numbers[index]: words for index, words in marks.items() if index in numbers}


def _matters(record: Record, mistake: Mistake, trace: Trace) -> bool:
    if record.kind in (*FAULTS, *BOOK_KEEPING) or record.purpose in RECEIPTS or record.at < mistake.since:
        return False
    if mistake.who and not {record.where, record.other} - {""} <= set(mistake.who):
        return False
    message, about = record.message, mistake.flight
    if not about or is_about(record, about, trace.stage):
        return True
    return message is not None and about in (message.id, message.correlationid, *_texts(message.data))


def _texts(data: Mapping[str, object]) -> list[object]:
    return [value for value in data.values() if isinstance(value, str)]


def _with_faults(trace: Trace, kept: list[Record]) -> list[Record]:
    """The same with the faults that hold while it happens, at those who take part."""
    names = {name for record in kept for name in (record.where, record.other) if name}
    first, last = kept[0].index, kept[-1].index
    spans: list[list[Record]] = []
    open: dict[tuple[str, str, str], list[Record]] = {}
    for record in trace.of(*FAULTS):
        begins = record.kind in ENDS and record.note != "1"
        kind = record.kind if record.kind in ENDS else next(b for b, end in ENDS.items() if end == record.kind)
        key = (kind, record.where, record.other)
        if begins:
            open[key] = [record]
            spans.append(open[key])
        elif key in open:
            open.pop(key).append(record)
    faults = [
        record
        for span in spans
        if span[0].where in names and (not span[0].other or span[0].other in names)
        if span[0].index < last and (len(span) == 1 or span[-1].index > first)
        for record in span
        if record.index <= last
    ]
    known = {record.index for record in kept}
    return sorted([*kept, *(r for r in faults if r.index not in known)], key=lambda record: record.index)


# Draw -----------------------------------------------------------------------------------------------------------------


def draw_failure(trace: Trace, marks: Mapping[int, str], message: str, title: str) -> Picture:
    """The sequence diagram of a failing run. What is marked is ringed, and said beside it."""
    room = WIDTH - LEAST if marks else WIDTH
    plan = _said(layout(trace, most=max(MOST, len(trace)), width=room, receipts=True), marks, message)
    picture = draw(plan, title)
    if not marks:
        return picture
    sheet, width = Sheet(*picture.lines, *picture.boxes, *picture.labels), round(plan["width"])
    whole, floor = max(WIDTH, width + LEAST), 0.0
    for index, words in sorted(marks.items()):
        y = plan["top"] + plan["rows"].get(index, 0)
        floor = _mark(sheet, (_lane(plan, trace[index]), y), max(y, floor), (width, whole), words)
    return sheet.picture(whole, max(picture.height, floor), picture.text)


def _said(plan: Diagram, marks: Mapping[int, str], message: str) -> Diagram:
    """A failing run never says that nothing went wrong: it says what is marked, or the verdict's first sentence."""
    wrong = "; ".join(words for _, words in sorted(marks.items())) or message.split(". ")[0]
    summary = f"{plan['summary'].replace(CLEAN, '').strip()} Marked: {wrong.rstrip('.')}."
    told = wrap(summary, 128)
    names = 48 if any(lane["low"] for lane in plan["lanes"]) else 26
    return {**plan, "summary": summary, "told": told, "top": 46 + 18 * len(told) + names}


def _lane(plan: Diagram, record: Record) -> float:
    return next((lane["x"] for lane in plan["lanes"] if lane["name"] == record.where), 0.0)


def _mark(sheet: Sheet, at: tuple[float, float], beside: float, margin: tuple[int, int], words: str) -> float:
    """A ring at the place, a line to the margin, and the words there; the height below which the next one may stand."""
    (x, y), (left, right) = at, margin
    ring = [(x - 9, y - 9), (x + 9, y - 9), (x + 9, y + 9), (x - 9, y + 9), (x - 9, y - 9)]
    sheet.add(Line(ring, INK, 2.5, words=words), Line([(x + 9, y), (left - 4, beside)], INK, 0.8, "dot"))
    for row in wrap(f"✕ {words}", round((right - left) / 8)):
        sheet.add(
            Label(left, beside, row, SIZE, INK, WRONG_GROUND, left=True, bold=True, wide=text_width(row, SIZE) + 14)
        )
        beside += SIZE + 5
    return beside + 4
