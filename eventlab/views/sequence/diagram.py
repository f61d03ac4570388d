"""The sequence diagram: who said what to whom, in which order, how long it took, and what went wrong on the way.

Time runs down. `layout` places everything (plain data), `sequence_diagram` draws it, `moving` shows it step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, log10
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid
from eventlab.trace import Trace
from eventlab.views import notebook
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, Point, message
from eventlab.views.drawing.text import line
from eventlab.views.motion.steps import Mover, View, loosen, steps
from eventlab.views.sequence import lifelines
from eventlab.views.sequence.labels import SPAN_WORDS, conclusion, duration, wide

MOST = 60  # messages drawn one by one
FAINT, ON_ITS_WAY, SEEN = "0.12", "0.55", "1"
# Colours of Okabe and Ito, as in the flow graph; the dashes and the words say the same.
STYLES = {
    "event": ("#0072B2", "solid", 1.8, "event"),
    "request": ("#D55E00", "dash", 1.8, "request of a service, which waits"),
    "answer": ("#D55E00", "dash", 1.0, "its answer"),
    "people": (GREY, "dot", 1.6, "people tell or ask, and are answered"),
    "tell": ("#000000", "dashdot", 1.6, "command without an answer"),
    "receipt": ("#8a8a8a", "dot", 1.0, "receipt"),
}
KINDS = {"publish": "event", "deliver": "event", "request": "request", "reply": "answer", "refusal": "answer",
         "acknowledge": "receipt", "confirm": "receipt", "reject": "receipt"}  # fmt: skip
SPANS = {
    "crashed": ("#ffd2ad", "solid"),
    "partitioned": ("#cccccc", "dot"),
    "slowed": ("#f6ee9c", "dash"),
}
FILLS = {"changed": GROUND, "appended": "#8fd3bd"}
WRONG, BAD, BAND = "#F0E442", ("failed", "refused", "expired", "dead", "crashed", "partitioned"), "#f2f2f2"


def layout(
    trace: Trace,
    *,
    flight: str = "",
    service: str = "",
    since: int | None = None,
    until: int | None = None,
    receipts: bool = False,
    most: int = MOST,
) -> dict[str, Any]:
    """Lifelines, arrows, notes and spans with their places, and sentences about them, as plain data.

    Chosen are the records of one `flight`, of one `service`, between two instants (nanoseconds); acknowledgements and
    confirmations only with `receipts`. After `most` messages the others are counted. What cannot be drawn raises
    `Invalid`.
    """
    if not isinstance(trace, Trace):
        raise Invalid("trace", where="sequence diagram", expected="a trace, such as run.trace", found=trace)
    if most.__class__ is not int or most < 1:
        raise Invalid("most", where="sequence diagram", expected="a whole number, 1 or more", found=most)
    chosen = steps(trace, flight=flight, service=service, since=since, until=until, receipts=receipts)
    return _plan(trace, chosen, most)


def sequence_diagram(
    trace: Trace,
    *,
    flight: str = "",
    service: str = "",
    since: int | None = None,
    until: int | None = None,
    receipts: bool = False,
    most: int = MOST,
    title: str = "",
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, flight=flight, service=service, since=since, until=until, receipts=receipts, most=most)
    except Invalid as problem:
        return message("No sequence diagram", str(problem))
    return _draw(plan, title or flight or service)


def moving(trace: Trace, at: Sequence[int], *, flight: str = "", service: str = "") -> View:
    """The diagram of these records, step by step: what is still to come is faint, a line shows how far time has come.

    A message is seen to leave at the step of its sending, and stands there in full once it has arrived.
    """
    plan = _plan(trace, at, len(at) + 1)
    picture = loosen(_draw(plan, flight or service), WRONG)
    mover = Mover("sequence diagram", picture)
    top, steps_ = plan["top"], set(at)
    grounds = {box.part for box in picture.boxes if box.part.endswith(".ground")}
    parts = {
        index: [*names, *(ground for name in names if (ground := f"{name}.ground") in grounds)]
        for index, names in plan["parts"].items()
    }
    arrows = {arrow["part"]: arrow for arrow in plan["arrows"]}
    ended: set[str] = set()  # arrows whose end is a step of its own
    for index in steps_ & parts.keys():
        ended |= set(parts[index]) if trace[index].kind in ("received", "lost") else set()
    for part in sorted({part for index in at for part in parts.get(index, ())}):
        mover.begin(part, "opacity", FAINT)
    mover.begin("now", "stroke", GROUND)
    mover.begin("now", "opacity", "0.5")
    mover.begin("now", "transform", "translate(0 0)")
    for index in at:
        kind = trace[index].kind
        for part in parts.get(index, ()):
            leaves = kind == "sent" and part in ended
            mover.set(part, "opacity", ON_ITS_WAY if leaves else SEEN)
            if kind == "sent" and part in arrows:
                arrow = arrows[part]
                mover.move((arrow["x1"], top + arrow["y1"]), (arrow["x2"], top + arrow["y2"]))
        mover.set("now", "stroke", "#0072B2")
        mover.set("now", "transform", f"translate(0 {top + plan['rows'][index] + 6:g})")
        mover.look_at("now")
        mover.step()
    return mover.view


def _plan(trace: Trace, chosen: Sequence[int], most: int) -> dict[str, Any]:
    plan = lifelines.arrange(trace, chosen, most)
    short, long = conclusion([trace[index] for index in chosen], plan)
    told = wrap(long, 128)
    return {**plan, "short": short, "summary": long, "told": told, "top": 46 + 18 * len(told) + 26}


def _style(arrow: dict[str, Any]) -> str:
    kind = KINDS.get(arrow["purpose"], "tell")
    return "people" if arrow["people"] and kind in ("request", "answer") else kind


# Draw ----------------------------------------------------------------------------------------------------------------


def _draw(plan: dict[str, Any], title: str) -> Picture:
    heading = f"{title}: {plan['short']}" if title else plan["short"].capitalize()
    width, top = round(plan["width"]), plan["top"]
    bottom = top + plan["end"]
    lines: list[Line] = []
    boxes = [Box(width / 2, 2, width - 8, 1, GROUND, GROUND, part="now")]
    labels = [Label(18, 22, heading, 16, bold=True, left=True)]
    labels += [Label(18, 46 + 18 * n, part, 13, GREY, left=True) for n, part in enumerate(plan["told"])]
    for band in plan["bands"]:
        lines.append(Line([(8, top + band["y"]), (width - 8, top + band["y"])], BAND, 15))
        middle = lifelines.LEFT + (width - lifelines.LEFT) / 2
        labels.append(Label(middle, top + band["y"], band["text"], 11, GREY, BAND))
    for span in plan["spans"]:
        colour, dash = SPANS[span["kind"]]
        ends = [(span["x"], top + span["y1"]), (span["x"], top + span["y2"])]
        lines.append(
            Line(ends, colour, 16, dash, words=f"{span['name']} is {SPAN_WORDS[span['kind']]}", part=span["part"])
        )
    for lane in plan["lanes"]:
        x, long = lane["x"], wide(lane["shown"], 12) + 14
        lines.append(Line([(x, top), (x, bottom)], "#b0b0b0", 1))
        boxes.append(Box(x, top - 12, long, 22, BAND, words=lane["name"]))
        labels.append(Label(x, top - 12, lane["shown"], 12, bold=True))
        labels += [Label(x, top + y, lane["shown"], 11, GREY, GROUND, bold=True) for y in plan["headings"]]
    labels += [Label(8, top + time["y"], time["text"], 10, GREY, left=True) for time in plan["times"]]
    for arrow in plan["arrows"]:
        _arrow(arrow, top, lines, labels)
    for note in plan["notes"]:
        _note(note, top, boxes, labels)
    if plan["more"]:
        _more(plan["more"], top, lines, labels)
    height = _legend(plan, top + plan["height"] + 24, width, lines, boxes, labels)
    return Picture(width, height, f"{heading}. {plan['summary']}", lines, boxes, labels)


def _arrow(arrow: dict[str, Any], top: float, lines: list[Line], labels: list[Label]) -> None:
    colour, dash, thick, _ = STYLES[_style(arrow)]
    about, id = arrow["message"], arrow["message"].id if arrow["message"] else ""
    end = {"received": f"arrives {duration(arrow['delay'] or 0)} later", "lost": f"never arrives: {arrow['note']}"}
    words = f"{arrow['source']} → {arrow['target']}, {arrow['purpose'] or 'message'}"
    words += f", {end.get(arrow['end'], 'still on its way')}. {notebook.sentence(about) if about else ''}"
    points, head = shaft(arrow["x1"], top + arrow["y1"], arrow["x2"], top + arrow["y2"])
    wrong = arrow["end"] == "lost"
    if wrong or arrow["end"] == "under way":
        head = _cross(points[-1]) if wrong else []
    lines.append(Line(points, INK if wrong else colour, thick, dash, head, words, arrow["part"], id))
    ground = WRONG if wrong else GROUND
    labels.append(Label(arrow["label_x"], top + arrow["label_y"], arrow["label"], 11, INK, ground, left=True,
                        part=f"t{arrow['packet']}", message=id, wide=arrow["label_wide"]))  # fmt: skip
    for again in arrow["again"]:
        points, head = shaft(arrow["x1"], top + arrow["y1"], arrow["x2"], top + again["y"])
        lines.append(Line(points, colour, 1.2, "longdash", head, f"{words} A second time.", again["part"], id))
        labels.append(Label(again["label_x"], top + again["label_y"], again["label"], 11, INK, WRONG, left=True,
                            part=f"t{again['part']}", message=id, wide=again["label_wide"]))  # fmt: skip


def shaft(x1: float, y1: float, x2: float, y2: float) -> tuple[list[Point], list[Point]]:
    """An arrow's line, with points in between for the mouse to find, and its head; to itself it is a loop."""
    if x1 == x2:
        corners = [(x1, y1), (x1 + 22, y1 + 3), (x1 + 22, y2 - 3), (x1 + 9, y2)]
        return corners, [(x1 + 1, y2), (x1 + 10, y2 - 4), (x1 + 10, y2 + 4), (x1 + 1, y2)]
    length = hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    bx, by = x2 - 9 * dx, y2 - 9 * dy
    points = [(round(x1 + (bx - x1) * n / 4, 1), round(y1 + (by - y1) * n / 4, 1)) for n in range(5)]
    tip = (round(x2 - dx, 1), round(y2 - dy, 1))
    sides = [(round(bx - 4 * dy, 1), round(by + 4 * dx, 1)), (round(bx + 4 * dy, 1), round(by - 4 * dx, 1))]
    return points, [tip, *sides, tip]


def _cross(at: Point) -> list[Point]:
    """A ✕ as one shape around a point."""
    x, y = at
    corners = ((-6, -4), (-4, -6), (0, -2), (4, -6), (6, -4), (2, 0), (6, 4), (4, 6), (0, 2), (-4, 6), (-6, 4), (-2, 0))
    return [(round(x + dx, 1), round(y + dy, 1)) for dx, dy in (*corners, corners[0])]


def _note(note: dict[str, Any], top: float, boxes: list[Box], labels: list[Label]) -> None:
    record, bad = note["record"], note["kind"] in BAD
    id = record.message.id if record.message is not None else ""
    fill = INK if bad else FILLS.get(note["kind"], "#cccccc")
    boxes.append(Box(note["x"], top + note["y"], 8, 8, fill, words=line(record), part=note["part"], message=id))
    ground = WRONG if bad else GROUND
    labels.append(Label(note["label_x"], top + note["y"], note["words"], 11, INK if bad else GREY, ground, left=True,
                        part=f"t{note['part']}", message=id, wide=note["label_wide"]))  # fmt: skip


def _more(more: dict[str, Any], top: float, lines: list[Line], labels: list[Label]) -> None:
    labels.append(Label(18, top + more["y"], more["text"], 13, bold=True, left=True))
    for pair in more["pairs"]:
        colour, dash, _, _ = STYLES[_style(pair)]
        points, head = shaft(pair["x1"], top + pair["y"], pair["x2"], top + pair["y"])
        lines.append(Line(points, colour, round(1.2 + log10(pair["count"]), 1), dash, head))
        text = f"{pair['count']:,} × {pair['purpose']}" + (f", ✕ {pair['lost']:,} lost" if pair["lost"] else "")
        middle = (pair["x1"] + pair["x2"]) / 2
        labels.append(Label(middle, top + pair["y"] - 10, text, 11, INK, WRONG if pair["lost"] else GROUND))


def _legend(
    plan: dict[str, Any], y: float, width: int, lines: list[Line], boxes: list[Box], labels: list[Label]
) -> int:
    """What lines, squares and shades mean: only those that are there. The picture's height."""
    there = {_style(arrow) for arrow in [*plan["arrows"], *(plan["more"] or {"pairs": []})["pairs"]]}
    entries = [(colour, dash, thick, words) for kind, (colour, dash, thick, words) in STYLES.items() if kind in there]
    spans = {span["kind"] for span in plan["spans"]}
    entries += [(colour, dash, 14.0, SPAN_WORDS[kind]) for kind, (colour, dash) in SPANS.items() if kind in spans]
    x = 18.0
    for colour, dash, thick, words in entries:
        if x + 50 + wide(words, 12) > width:
            x, y = 18.0, y + 20
        lines.append(Line([(x, y), (x + 34, y)], colour, thick, dash))
        labels.append(Label(x + 40, y, words, 12, left=True))
        x += 64 + wide(words, 12)
    note = "Time runs down, at the left as a clock time or as time passed since the clock time above."
    kinds = {note["kind"] for note in plan["notes"]}
    note += " □ a state changed." if "changed" in kinds else ""
    note += " ■ an event was stored." if "appended" in kinds else ""
    note += " ↻ sent again." if any(arrow["tries"] > 1 for arrow in plan["arrows"]) else ""
    told = wrap(note, 124)
    labels += [Label(18, y + 20 + 18 * n, part, 12, GREY, left=True) for n, part in enumerate(told)]
    return round(y + 22 + 18 * len(told))
