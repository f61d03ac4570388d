"""The picture beside a mistake: the rows of the store at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from eventlab.airports.stage import STAGE
from eventlab.event import Event
from eventlab.lessons.judging.model import Mistake
from eventlab.stage import Stage
from eventlab.store import Store
from eventlab.views.drawing.picture import Picture
from eventlab.views.streams import event_streams

CLOCKS = Stage(zone=STAGE.zone, subject=STAGE.subject)  # a history may count its times in minutes of the day
MINUTE = 60_000_000_000
EIGHT = 1_360_328_400_000_000_000  # 8 in the morning of 8 February 2013, in New York


@contextmanager
def pictured(source: Store | Sequence[Event]) -> Iterator[None]:
    """Give a mistake that is raised in here a picture of the store, or of a history as it would stand in one."""
    try:
        yield
    except Mistake as mistake:
        if mistake.picture is None:
            mistake.picture = event_streams(source, stage=CLOCKS) if isinstance(source, Store) else _drawn(source)
        raise


def _drawn(history: Iterable[Event]) -> Picture:
    """The history as it stands in a store, a stream for each kind of thing."""
    with Store() as store:
        for event in history:
            store.append(f"{event.type.split('.')[0]}-{event.subject}", event)
        return event_streams(store, stage=CLOCKS)
