"""The diagram of a saga, from its own events: which steps are done, taken back, waited for, at any instant.

`layout` finds columns and spans (plain data), `saga_diagram` draws them: a row for each step, a column for each event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from eventlab.door import door_but
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.process import Process
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.style import (
    EVENT,
    GREY,
    GRID,
    GROUND,
    INK,
    PAPER,
    QUIET,
    REQUEST,
    REQUEST_GROUND,
    SMALL,
    WELL,
    WELL_GROUND,
    WIDTH,
    WRONG,
    WRONG_GROUND,
)  # fmt: skip
from eventlab.views.drawing.wording import counted, listed
from eventlab.views.sagas_steps import BACK, WAITING, Column, Span, columns, seconds, spans

WHERE = "saga"
MOST = 11  # events that have room beside each other
TOP, TALL, HIGH, LEFT = 84, 44, 28, 168  # pixels: the first row; a row; a span; where columns begin

# How a step stands: its sign and word, ground, border and dash
LOOKS = {
    WAITING: ("… asked", REQUEST_GROUND, REQUEST, "dash"),
    "done": ("✓ done", WELL_GROUND, WELL, "solid"),
    "refused": ("✕ no", WRONG_GROUND, WRONG, "solid"),
    BACK: ("↶ asked", REQUEST_GROUND, REQUEST, "dash"),
    "undone": ("↶ undone", GROUND, QUIET, "solid"),
    "kept": ("✕ stays", WRONG_GROUND, WRONG, "solid"),
}
SAID = {"asked": "begins", "overdue": "late", "compensated": "undone", **{word: word for word in ("done", "stuck")}}
ENDED = {"done": "done", "compensated": "all taken back", "stuck": "stuck"}


class Saga(TypedDict):
    """The last columns, how many events are before them, the spans, and the conclusion in a line."""

    columns: list[Column]
    above: int
    spans: list[Span]
    end: str
    conclusion: str
    times: list[float]


def layout(process: Process, events: Iterable[Event], *, when: float | None = None) -> Saga:
    """Where one process stands after these events of it, or after those of its first `when` seconds, as plain data.

    What cannot be shown raises `Invalid`.
    """
    if not isinstance(process, Process):
        raise Invalid("process", where=WHERE, expected="a Process", found=process)
    known: list[Any] = list(events) if isinstance(events, Iterable) else [events]
    if other := [event for event in known if not isinstance(event, Event)]:
        raise Invalid("events", where=WHERE, expected="events of one process", found=other[0])
    shown = [event for event in known if when is None or seconds(known, event.time) <= when]
    about = sorted({event.subject for event in shown})
    if len(about) != 1:
        raise Invalid("events", where=WHERE, expected="at least one event, all of one process", found=about or "none")
    found, state = columns(process, shown)
    above, found = max(0, len(found) - MOST), found[-MOST:]
    end = ENDED.get(state["end"], "")
    if not end and state["step"]:
        end = f"waits for {state['step']}" if state["going"] == "on" else f"takes {state['step']} back"
    stays = f" with {listed(state['kept'])}" if state["kept"] else ""
    conclusion = f"{process.name} of {shown[0].subject}: {end or 'not begun'}{stays}"
    times = [seconds(known, column["at"]) for column in found]
    return {"columns": found, "above": above, "spans": spans(process, found), "end": state["end"],
            "conclusion": conclusion, "times": times}  # fmt: skip


@door_but("process", "events")
def saga_diagram(
    process: Process, events: Iterable[Event], *, when: float | None = None, marks: Mapping[int, str] = {},
    title: str = "",
) -> Picture:  # fmt: skip
    """The picture of `layout`; where there is nothing to draw, a picture that says why.

    `when` is in seconds after the first event. `marks` says by the number of a column, from 0, what is wrong there.
    """
    try:
        return _draw(process, layout(process, events, when=when), marks, title)
    except Invalid as problem:
        return message("No saga", str(problem))


def _draw(process: Process, plan: Saga, marks: Mapping[int, str], title: str) -> Picture:
    above = f"… {counted(plan['above'], 'event')} before these · " if plan["above"] else ""
    note = f"{above}a column for each event · seconds since it began · dashed: asked, no answer yet"
    title = title or plan["conclusion"][:1].upper() + plan["conclusion"][1:]
    sheet, rows = Sheet(*heading(title, note)), [process.name, *(step.name for step in process.steps)]
    wide = (WIDTH - 14 - LEFT) / max(4, len(plan["columns"]))
    services = {step.name: step.service for step in process.steps}
    for place, name in enumerate(rows):
        y = TOP + TALL * (place + 0.5)
        sheet.add(Line([(14, y + TALL / 2), (WIDTH - 14, y + TALL / 2)], GRID, 1))
        sheet.add(Label(18, y - 8, fit(name, LEFT - 30, SMALL, bold=True), SMALL, INK, bold=True, left=True))
        whose = services.get(name, "the process itself")
        sheet.add(Label(18, y + 9, fit(whose, LEFT - 30, SMALL), SMALL, GREY, left=True))
    for span in plan["spans"]:
        _draw_span(span, TOP + TALL * (rows.index(span["step"]) + 0.5), wide, sheet)
    for place, column in enumerate(plan["columns"]):
        _draw_column(place, column, plan["times"][place], wide, process, sheet)
    floor: float = TOP + TALL * len(rows) + 8
    for place, words in sorted(marks.items()):
        floor = _draw_mark(place, words, wide, rows, plan, floor, sheet)
    return sheet.picture(WIDTH, floor + 6, _text(title, plan, marks))


def _draw_span(span: Span, y: float, wide: float, sheet: Sheet) -> None:
    text, ground, border, dash = LOOKS[span["stands"]]
    x, width = LEFT + wide * span["since"], wide * (span["until"] - span["since"])
    words = f"{span['step']}: {span['stands']}"
    sheet.add(Box(x + width / 2, y, width - 4, HIGH, ground, border, dash, words=words, corner=4))
    sheet.add(Label(x + 8, y, fit(text, width - 12, SMALL), SMALL, INK, left=True))


def _draw_column(place: int, column: Column, time: float, wide: float, process: Process, sheet: Sheet) -> None:
    x = LEFT + wide * place
    sheet.add(Label(x + 2, TOP - 8, fit(f"{time:.1f}", wide - 4, SMALL), SMALL, GREY, left=True))
    if column["row"] != process.name:
        if not column["counts"]:
            sheet.add(Label(x + 2, TOP + TALL / 2, fit("(late)", wide - 4, SMALL), SMALL, GREY, left=True))
        return
    says = SAID.get(column["says"], column["says"]) + (f" ×{column['count']}" if column["count"] > 1 else "")
    border = WRONG if column["says"] in ("overdue", "stuck") else EVENT
    y = TOP + TALL / 2
    words = f"{process.name}.{column['says']}"
    sheet.add(Box(x + wide / 2, y, wide - 4, HIGH, PAPER, border, words=words, corner=4))
    sheet.add(Label(x + 8, y, fit(says, wide - 12, SMALL, bold=True), SMALL, INK, bold=True, left=True))


def _draw_mark(
    place: int, words: str, wide: float, rows: list[str], plan: Saga, floor: float, sheet: Sheet
) -> float:  # fmt: skip
    """A ring around what happened in a column, and below all rows what is wrong there."""
    place -= plan["above"]
    if not 0 <= place < len(plan["columns"]):
        return floor
    row = plan["columns"][place]["row"]
    y = TOP + TALL * (rows.index(row) + 0.5 if row in rows else 0.5)
    left, right = LEFT + wide * place - 1, LEFT + wide * (place + 1) - 1
    up, down = y - HIGH / 2 - 4, y + HIGH / 2 + 4
    sheet.add(Line([(left, up), (right, up), (right, down), (left, down), (left, up)], INK, 2.5, words=words))
    sheet.add(Line([(left + 12, down), (left + 12, floor)], INK, 0.8, "dot"))
    sheet.add(
        Label(
            18,
            floor + 12,
            fit(f"✕ {words}", WIDTH - 40, SMALL, bold=True),
            SMALL,
            INK,
            WRONG_GROUND,
            bold=True,
            left=True,
        )
    )
    return floor + 26


def _text(title: str, plan: Saga, marks: Mapping[int, str]) -> str:
    lines = [f"{title}." if title.casefold() == plan["conclusion"].casefold() else f"{title}. {plan['conclusion']}."]
    for time, column in zip(plan["times"], plan["columns"], strict=True):
        count = f" ({column['count']} times)" if column["count"] > 1 else ""
        late = "" if column["counts"] else ", which changes nothing"
        lines.append(f"{time:.1f} s: {column['row']}.{column['says']}{count}{late}")
    return "\n".join([*lines, *(f"✕ {words}" for _, words in sorted(marks.items()))])
