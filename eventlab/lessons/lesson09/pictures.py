"""The picture beside a mistake: the rows of the store at that moment, and on them what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import wrap

from eventlab.airports.stage import STAGE
from eventlab.event import Event
from eventlab.lessons.judging.model import Mistake
from eventlab.stage import Stage
from eventlab.store import Store
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Picture, Sheet, heading
from eventlab.views.drawing.style import GREY, INK, SMALL, WIDTH, WRONG, WRONG_GROUND
from eventlab.views.drawing.wording import told
from eventlab.views.streams import event_streams

CLOCKS = Stage(zone=STAGE.zone, subject=STAGE.subject)  # a history may count its times in minutes of the day
MINUTE = 60_000_000_000
EIGHT = 1_360_328_400_000_000_000  # 8 in the morning of 8 February 2013, in New York
COLUMNS = (("id", 24), ("noted", 112), ("event", 246), ("says", 412), ("caused by", 642))  # where each begins
HIGH = 24  # pixels of a row, and of a line below it


@contextmanager
def pictured(source: Store | Sequence[Event]) -> Iterator[None]:
    """Give a mistake that is raised in here a picture of the store, or of a history as it would stand in one.

    Where the mistake has `marks` (what is wrong, by the place of an event), they stand on their rows.
    """
    try:
        yield
    except Mistake as mistake:
        if mistake.picture is None:
            mistake.picture = _picture(source, mistake.marks)
        raise


def _picture(source: Store | Sequence[Event], marks: Mapping[int, str]) -> Picture:
    if marks:
        events = [each.event for each in source.read_all()] if isinstance(source, Store) else source
        return ledger(events, marks)
    return event_streams(source, stage=CLOCKS) if isinstance(source, Store) else _drawn(source)


def _drawn(history: Iterable[Event]) -> Picture:
    """The history as it stands in a store, a stream for each kind of thing."""
    with Store() as store:
        for event in history:
            store.append(f"{event.type.split('.')[0]}-{event.subject}", event)
        return event_streams(store, stage=CLOCKS)


def ledger(events: Sequence[Event], marks: Mapping[int, str]) -> Picture:
    """All events, one a row with its id, date, facts and cause; what is wrong with a row stands in it and below it."""
    sheet = Sheet(*heading("The events, in the order in which they stand", "what is wrong stands below its row"))
    for name, x in COLUMNS:
        sheet.add(Label(x, 72, name, SMALL, GREY, left=True))
    y, said = 84.0, []
    for place, event in enumerate(events):
        lines = wrap(marks[place], 105) if place in marks else []
        _draw_row(event, lines, y, sheet)
        y += HIGH * (1 + len(lines)) + (6 if lines else 0)
        said.append(" · ".join(_cells(event)) + (f" ◂ {marks[place]}" if place in marks else ""))
    return sheet.picture(WIDTH, y + 12, "\n".join(["The events, in the order in which they stand.", *said]))


def _draw_row(event: Event, lines: Sequence[str], y: float, sheet: Sheet) -> None:
    if lines:
        tall = HIGH * (1 + len(lines))
        sheet.add(Box(WIDTH / 2, y + tall / 2, WIDTH - 28, tall, WRONG_GROUND, WRONG, corner=3))
    ends = [x for _, x in COLUMNS[1:]] + [WIDTH - 14]
    for (_, x), end, text in zip(COLUMNS, ends, _cells(event), strict=True):
        label = fit(text, end - x - 10, SMALL, bold=bool(lines))
        sheet.add(Label(x, y + HIGH / 2, label, SMALL, INK, bold=bool(lines), left=True))
    for number, line in enumerate(lines, 1):
        sheet.add(Label(36, y + HIGH * (number + 0.5), f"{'◂ ' * (number == 1)}{line}", SMALL, WRONG, left=True))


def _cells(event: Event) -> list[str]:
    """What the columns show of an event; a time in full, as it is read in an account."""
    noted = CLOCKS.when(event.time)[:16] if event.time else "no time"
    says = told(event.data, CLOCKS) if event.data else "–"
    return [event.id or "–", noted, event.type, says, event.causationid or "–"]
