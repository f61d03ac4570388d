"""The sequence diagram: who said what to whom, in which order, how long it took, and what went wrong on the way.

Time runs down. `layout` places everything (plain data), `sequence_diagram` draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from textwrap import wrap
from typing import Any

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.trace import TROUBLE, Trace
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, message, titled
from eventlab.views.drawing.records import PURPOSES, TRAVELS, line, sentence
from eventlab.views.drawing.shapes import cross, hatch, shaft
from eventlab.views.drawing.style import (
    BAND,
    BUTTON,
    COMMAND,
    EVENT,
    EVENT_GROUND,
    GREY,
    GROUND,
    INK,
    NOTED,
    OFF,
    PAPER,
    PEOPLE,
    RECEIPT,
    REQUEST,
    REQUEST_GROUND,
    RULE,
    SMALL,
    STORED,
    WIDTH,
    WRONG,
)  # fmt: skip
from eventlab.views.drawing.wording import duration, sentence_case, tally
from eventlab.views.motion.choice import Choice, check_trace, chosen, spelt_out
from eventlab.views.motion.steps import steps
from eventlab.views.sequence import lifelines
from eventlab.views.sequence.conclusion import SPAN_WORDS, conclusion
from eventlab.views.sequence.parts import LEFT, Arrow, Bar, Diagram, More, Note, Pair

MOST, LOOKED_AT = 60, 100_000  # messages drawn one by one; records that are drawn or counted
WHERE = "sequence diagram"
LEAST = 200  # pixels: a picture that has room for a word
STYLES = {  # colour, dash, width, and what it means
    "event": (EVENT, "solid", 1.8, "event"),
    "request": (REQUEST, "dash", 1.8, "request of a service, which waits"),
    "answer": (REQUEST, "dash", 1.0, "its answer"),
    "people": (PEOPLE, "dot", 1.6, "people tell or ask, and are answered"),
    "tell": (COMMAND, "dashdot", 1.6, "command without an answer"),
    "receipt": (RECEIPT, "dot", 1.0, "receipt"),
}
SPANS = {"crashed": (OFF, "solid"), "partitioned": (BAND, "dot"), "slowed": (BAND, "dash")}
FILLS = {"changed": GROUND, "appended": STORED, **dict.fromkeys(TROUBLE, WRONG)}


@spelt_out(Choice)
@door_but("trace", "most")
def layout(trace: Trace, *, most: int = MOST, width: int = WIDTH, **choice: Any) -> Diagram:
    """Lifelines, arrows, notes and spans with their places, and sentences about them, as plain data.

    What is chosen says `Choice`. After `most` messages the others are counted. What cannot be drawn raises `Invalid`.
    Where the lifelines need more than `width` pixels, they take them.
    """
    check_trace(trace, WHERE)
    for name, number, least in (("most", most, 1), ("width", width, LEAST)):
        if number.__class__ is not int or number < least:
            raise Invalid(name, where=WHERE, expected=f"a whole number, {least} or more", found=number)
    at = steps(trace, chosen(Choice, choice, trace.stage, WHERE), WHERE, LOOKED_AT + 1)
    return arranged(trace, at[:LOOKED_AT], most, width, whole=len(at) <= LOOKED_AT)


@spelt_out(Choice)
@door_but("trace")
def sequence_diagram(trace: Trace, *, most: int = MOST, title: str = "", **choice: Any) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, most=most, **choice)
        picked = chosen(Choice, choice, trace.stage, WHERE)
    except Invalid as problem:
        return message("No sequence diagram", str(problem))
    return draw(plan, title or picked.subject or picked.service)


def arranged(trace: Trace, at: Sequence[int], most: int, width: int = WIDTH, *, whole: bool = True) -> Diagram:
    """The diagram of the records with these indexes; if they are not the `whole` of what was asked for, it says so."""
    plan = lifelines.arrange(trace, at, most, width)
    short, long = conclusion([trace[index] for index in at], plan, trace.stage)
    long += "" if whole else f" All of this is about the first {len(at):,} records: what follows is not looked at."
    told = wrap(long, round(width / 6.6))
    notes = {note["part"]: line(note["record"], trace.stage) for note in plan["notes"]}
    arrows = {arrow["part"]: _words(arrow, trace) for arrow in plan["arrows"]}
    top = 46 + 18 * len(told) + (48 if any(lane["low"] for lane in plan["lanes"]) else 26)
    return {**plan, "short": short, "summary": long, "told": told, "top": top, "words": {**notes, **arrows}}


def _words(arrow: Arrow, trace: Trace) -> str:
    about = arrow["message"]
    end = {"received": f"arrives {duration(arrow['delay'] or 0)} later", "lost": f"never arrives: {arrow['note']}"}
    words = f"{arrow['source']} → {arrow['target']}, {arrow['purpose'] or 'message'}"
    return f"{words}, {end.get(arrow['end'], 'still on its way')}. {sentence(about, trace.stage) if about else ''}"


def _style(arrow: Arrow | Pair) -> str:
    purpose = arrow["purpose"]
    kind = TRAVELS.get(purpose) or PURPOSES.get(purpose, ("tell", True))[0]
    return "people" if arrow["people"] and kind in ("request", "answer") else kind


# Draw -----------------------------------------------------------------------------------------------------------------


def draw(plan: Diagram, title: str) -> Picture:
    """The picture of a diagram."""
    heading = f"{title}: {plan['short']}" if title else sentence_case(plan["short"])
    width, top = round(plan["width"]), plan["top"]
    sheet = Sheet(Box(width / 2, 2, width - 8, 1, GROUND, GROUND, part="now"), *titled(heading, plan["told"]))
    draw_body(plan, width, top, sheet)
    if plan["more"]:
        _draw_more(plan["more"], top, sheet)
    height = _legend(plan, top + plan["height"] + 24, width, sheet)
    return sheet.picture(width, height, f"{heading}. {plan['summary']}")


def draw_body(plan: Diagram, width: int, top: float, sheet: Sheet) -> None:
    """Lifelines, arrows and notes, from this height on."""
    _draw_ground(plan, width, top, sheet)
    sheet.add(*(Label(8, top + time["y"], time["text"], SMALL, GREY, left=True) for time in plan["times"]))
    for bar in plan["bars"]:
        _draw_bar(bar, top, sheet)
    for arrow in plan["arrows"]:
        _draw_arrow(arrow, plan["words"][arrow["part"]], top, sheet)
    for note in plan["notes"]:
        _draw_note(note, plan["words"][note["part"]], top, sheet)


def _draw_ground(plan: Diagram, width: int, top: float, sheet: Sheet) -> None:
    """Bands of silence, spans of trouble, and the lifelines with their names."""
    bottom = top + plan["end"]
    for band in plan["bands"]:
        y, middle = top + band["y"], LEFT + (width - LEFT) / 2
        sheet.add(Line([(8, y), (width - 8, y)], BAND, 15), Label(middle, y, band["text"], SMALL, GREY, BAND))
    for span in plan["spans"]:
        colour, dash = SPANS[span["kind"]]
        ends = [(span["x"], top + span["y1"]), (span["x"], top + (span["y2"] or 0))]
        words = f"{span['name']} is {SPAN_WORDS[span['kind']]}"
        sheet.add(Line(ends, colour, 14, dash, words=words, part=span["part"]))
        sides = ([(x + side, y) for x, y in ends] for side in (-8, 8))
        sheet.add(*(Line(side, RULE, 1, "dash", part=span["part"]) for side in sides))
    _draw_lanes(plan, top, bottom, sheet)


def _draw_lanes(plan: Diagram, top: float, bottom: float, sheet: Sheet) -> None:
    """The lifelines under their names; where these have no room beside each other, every other one stands lower."""
    two_rows = any(lane["low"] for lane in plan["lanes"])
    for lane in plan["lanes"]:
        x, long = lane["x"], text_width(lane["shown"], SMALL, bold=True) + 12
        aside = 0 if not two_rows else 9 if lane["low"] else -9
        y = top - (12 if lane["low"] or not two_rows else 34)
        sheet.add(Line([(x, y + 10), (x, bottom)], RULE, 1))
        sheet.add(Box(x, y, long, 21, PAPER, RULE, words=lane["name"], corner=BUTTON, thick=1))
        sheet.add(Label(x, y, lane["shown"], SMALL, bold=True))
        names = (Label(x, top + at + aside, lane["shown"], SMALL, GREY, GROUND, bold=True) for at in plan["headings"])
        sheet.add(*names)


def _draw_bar(bar: Bar, top: float, sheet: Sheet) -> None:
    """A full bar works, a hatched one waits."""
    x, y1, y2 = bar["x"], top + bar["y1"], top + bar["y2"]
    colour, ground = (REQUEST, REQUEST_GROUND) if bar["kind"] == "waits" else (EVENT, EVENT_GROUND)
    corners = [(x - 4, y1), (x + 4, y1), (x + 4, y2), (x - 4, y2), (x - 4, y1)]
    sheet.add(Line(corners[:1], ground, 1, head=corners, words=bar["kind"], part=bar["part"]))
    strokes = hatch(x, (y1 + y2) / 2, 14, y2 - y1 + 6) if bar["kind"] == "waits" else []
    sheet.add(Line([*corners, *strokes], colour, 0.8, part=bar["part"]))


def _draw_arrow(arrow: Arrow, words: str, top: float, sheet: Sheet) -> None:
    colour, dash, thick, _ = STYLES[_style(arrow)]
    id = arrow["message"].id if arrow["message"] else ""
    points, head = shaft(arrow["x1"], top + arrow["y1"], arrow["x2"], top + arrow["y2"])
    wrong = arrow["end"] == "lost"
    if wrong or arrow["end"] == "under way":
        head = cross(points[-1]) if wrong else []
    sheet.add(Line(points, WRONG if wrong else colour, thick, dash, head, words, arrow["part"], id))
    sheet.add(Label(arrow["label_x"], top + arrow["label_y"], arrow["label"], SMALL, WRONG if wrong else INK, GROUND,
                    bold=wrong, left=True, part=f"t{arrow['packet']}", message=id,
                    wide=arrow["label_wide"]))  # fmt: skip
    for again in arrow["again"]:
        points, head = shaft(arrow["x1"], top + arrow["y1"], arrow["x2"], top + again["y"])
        sheet.add(Line(points, colour, 1.2, "longdash", head, f"{words} A second time.", again["part"], id))
        sheet.add(Label(again["label_x"], top + again["label_y"], again["label"], SMALL, WRONG, GROUND, bold=True,
                        left=True, part=f"t{again['part']}", message=id, wide=again["label_wide"]))  # fmt: skip


def _draw_note(note: Note, words: str, top: float, sheet: Sheet) -> None:
    record, bad = note["record"], note["kind"] in TROUBLE
    id = record.message.id if record.message is not None else ""
    fill = FILLS.get(note["kind"], NOTED)
    sheet.add(Box(note["x"], top + note["y"], 8, 8, fill, words=words, part=note["part"], message=id))
    sheet.add(Label(note["label_x"], top + note["y"], note["words"], SMALL, WRONG if bad else GREY, GROUND, bold=bad,
                    left=True, part=f"t{note['part']}", message=id, wide=note["label_wide"]))  # fmt: skip


def _draw_more(more: More, top: float, sheet: Sheet) -> None:
    sheet.add(Label(18, top + more["y"], more["text"], SMALL, bold=True, left=True))
    for pair in more["pairs"]:
        colour, dash, _, _ = STYLES[_style(pair)]
        y, middle = top + pair["y"], (pair["x1"] + pair["x2"]) / 2
        points, head = shaft(pair["x1"], y, pair["x2"], y)
        text = f"{pair['purpose']}: {tally(pair['count'], pair['lost'], ['lost'])}"
        sheet.add(Line(points, colour, round(1.2 + log10(pair["count"]), 1), dash, head))
        sheet.add(Label(middle, y - 10, text, SMALL, WRONG if pair["lost"] else INK, GROUND, bold=bool(pair["lost"])))


def _legend(plan: Diagram, y: float, width: int, sheet: Sheet) -> float:
    """What lines, squares and shades mean: only those that are there. The picture's height."""
    there = {_style(arrow) for arrow in plan["arrows"]}
    there |= {_style(pair) for pair in (plan["more"]["pairs"] if plan["more"] else [])}
    spans = {span["kind"] for span in plan["spans"]}
    entries = [style for kind, style in STYLES.items() if kind in there]
    entries += [(colour, dash, 14.0, SPAN_WORDS[kind]) for kind, (colour, dash) in SPANS.items() if kind in spans]
    x = 18.0
    for colour, dash, thick, words in entries:
        long = text_width(words, SMALL)
        if x + 50 + long > width:
            x, y = 18.0, y + 20
        cap = thick / 2 if thick > 5 else 0.0  # a broad line's round ends reach so far beyond it
        line = Line([(x + cap, y), (x + 34 - cap, y)], colour, thick, dash)
        sheet.add(line, Label(x + 40, y, words, SMALL, left=True))
        x += 64 + long
    told = wrap(_signs(plan), round(width / 6.6))
    sheet.add(*(Label(18, y + 20 + 18 * n, part, SMALL, GREY, left=True) for n, part in enumerate(told)))
    return y + 22 + 18 * len(told)


def _signs(plan: Diagram) -> str:
    """What the signs mean that are there."""
    kinds = {note["kind"] for note in plan["notes"]}
    note = "Time runs down, at the left as a clock time or as time passed since the clock time above."
    bars = {bar["kind"] for bar in plan["bars"]}
    note += " A full bar works." if "works" in bars else ""
    note += " A hatched bar waits." if "waits" in bars else ""
    note += " □ a state changed." if "changed" in kinds else ""
    note += " ■ an event was stored." if "appended" in kinds else ""
    return note + (" ↻ sent again." if any(arrow["tries"] > 1 for arrow in plan["arrows"]) else "")
