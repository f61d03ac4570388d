"""The dead letters of a service: a row for each subject, what was given up and why, what went past it, what waits.

`layout` finds the cards (plain data), `dead_letter_queue` draws them.
"""

from __future__ import annotations

from typing import TypedDict

from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.measures.dead_letters import Dead, dead_letters
from eventlab.trace import Trace
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.style import (
    GREY,
    GRID,
    INK,
    REQUEST,
    REQUEST_GROUND,
    SMALL,
    WELL,
    WELL_GROUND,
    WIDTH,
    WRONG,
    WRONG_GROUND,
)  # fmt: skip
from eventlab.views.drawing.wording import counted

WHERE = "dead letters"
MOST, BESIDE = 8, 4  # rows, and cards in a row
TOP, TALL, HIGH, LEFT = 84, 78, 60, 168  # pixels: the first row; a row; a card; where cards begin
LOOKS = {
    "dead": ("✕ given up", WRONG_GROUND, WRONG),
    "past": ("✓ went past", WELL_GROUND, WELL),
    "revived": ("↻ done after all", WELL_GROUND, WELL),
    "done": ("✓ done", WELL_GROUND, WELL),  # after the dead letter before it
    "waits": ("… waits since", REQUEST_GROUND, REQUEST),
}


class Card(TypedDict):
    """One event of a subject from its first dead letter on: how it stands, since when (nanoseconds), and why."""

    type: str
    stands: str
    at: int
    why: str


class Queue(TypedDict):
    """The dead letters of `service`: for each subject its cards in the order of publication, and the conclusion."""

    service: str
    rows: dict[str, list[Card]]
    left_out: int
    conclusion: str


@door
def layout(trace: Trace, *, service: str = "") -> Queue:
    """What lies in the dead letters of a service (default: the one that has most), as plain data.

    Where there are none, `Invalid`.
    """
    known = dead_letters(trace)
    services = list(dict.fromkeys(dead.service for dead in known))
    if not services:
        raise Invalid("dead letters", where=WHERE, expected="at least one", found="none")
    if service and service not in services:
        raise unknown("service with dead letters", service, services, where=WHERE)
    service = service or max(services, key=[dead.service for dead in known].count)
    mine = {dead.message.id: dead for dead in known if dead.service == service}
    rows = _rows(trace, service, mine)
    cards = [card for row in rows.values() for card in row]
    told = {stands: sum(card["stands"] == stands for card in cards) for stands in LOOKS}
    conclusion = f"{service}: {counted(told['dead'], 'dead letter')}"
    conclusion += f"; {counted(told['past'], 'event')} went past, {told['waits']} wait behind"
    conclusion += f"; {told['revived']} done after all" if told["revived"] else ""
    shown = dict(list(rows.items())[:MOST])
    return {"service": service, "rows": shown, "left_out": len(rows) - len(shown), "conclusion": conclusion}


@door
def dead_letter_queue(trace: Trace, *, service: str = "", title: str = "") -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        return _draw(trace, layout(trace, service=service), title)
    except Invalid as problem:
        return message("No dead letters", str(problem))


def _rows(trace: Trace, service: str, dead: dict[str, Dead]) -> dict[str, list[Card]]:
    """By subject, what was published for the service from the subject's first dead letter on."""
    wanted = {r.message.type for r in trace.of("sent") if r.other == service and r.purpose == "deliver" and r.message}
    done = {r.message.id: r.at for r in trace.of("handled") if r.where == service and r.message}
    letters: dict[str, list[Dead]] = {}  # by subject
    for each in dead.values():
        letters.setdefault(each.message.subject, []).append(each)
    rows: dict[str, list[Card]] = {}
    for record in trace.of("published"):
        event = record.message
        if isinstance(event, Event) and event.type in wanted and event.subject in letters:
            if event.id in dead or event.subject in rows:
                card = _card(event, record.at, dead.get(event.id), letters[event.subject], done.get(event.id))
                rows.setdefault(event.subject, []).append(card)
    return {subject: rows[subject] for subject in letters if subject in rows}


def _card(event: Event, published: int, given_up: Dead | None, letters: list[Dead], done: int | None) -> Card:
    """How an event stands beside the dead `letters` of its subject; it may be one of them."""
    if given_up is not None:
        back = given_up.revived
        stands, at = ("dead", given_up.at) if back is None else ("revived", back)
        return {"type": event.type, "stands": stands, "at": at, "why": given_up.reason}
    if done is None:
        return {"type": event.type, "stands": "waits", "at": published, "why": ""}
    past = any(each.at <= done and (each.revived is None or each.revived > done) for each in letters)
    return {"type": event.type, "stands": "past" if past else "done", "at": done, "why": ""}


def _draw(trace: Trace, plan: Queue, title: str) -> Picture:
    note = "a row for each subject, from its first dead letter on, in the order of publication"
    note += f" · {counted(plan['left_out'], 'subject')} more" if plan["left_out"] else ""
    sheet = Sheet(*heading(title or plan["conclusion"], note))
    wide = (WIDTH - 14 - LEFT) / BESIDE
    for place, (subject, cards) in enumerate(plan["rows"].items()):
        y = TOP + TALL * (place + 0.5)
        sheet.add(Line([(14, y + TALL / 2), (WIDTH - 14, y + TALL / 2)], GRID, 1))
        name = subject or "no subject"
        sheet.add(Label(18, y - 8, fit(name, LEFT - 30, SMALL, bold=True), SMALL, INK, bold=True, left=True))
        rest = len(cards) - BESIDE
        sheet.add(Label(18, y + 9, f"{counted(rest, 'event')} more" if rest > 0 else "", SMALL, GREY, left=True))
        for number, card in enumerate(cards[:BESIDE]):
            _draw_card(trace, card, LEFT + wide * number, y, wide, sheet)
    return sheet.picture(WIDTH, TOP + TALL * len(plan["rows"]) + 14, _text(trace, plan, title))


def _draw_card(trace: Trace, card: Card, x: float, y: float, wide: float, sheet: Sheet) -> None:
    says, ground, border = LOOKS[card["stands"]]
    at = trace.stage.clock(card["at"])
    sheet.add(Box(x + wide / 2, y, wide - 8, HIGH, ground, border, words=_words(trace, card), corner=4))
    for row, (text, bold) in enumerate(((card["type"], True), (f"{says} {at}", False), (card["why"], False))):
        said = fit(text, wide - 24, SMALL, bold=bold)
        sheet.add(Label(x + 12, y - 17 + 17 * row, said, SMALL, INK, bold=bold, left=True))


def _words(trace: Trace, card: Card) -> str:
    why = f": {card['why']}" if card["why"] else ""
    return f"{card['type']} {LOOKS[card['stands']][0][2:]} {trace.stage.clock(card['at'])}{why}"


def _text(trace: Trace, plan: Queue, title: str) -> str:
    lines = [f"{title}. {plan['conclusion']}." if title else f"{plan['conclusion']}."]
    for subject, cards in plan["rows"].items():
        lines.append(f"{subject or 'no subject'}: " + "; ".join(_words(trace, card) for card in cards[:BESIDE]))
    return "\n".join(lines)
