"""The last record in words, and the spans in which something new is under way, for which the clock slows down."""

from __future__ import annotations

from eventlab.airports.stage import STAGE
from eventlab.control_room.tracks import Tracks
from eventlab.control_room.traffic import subject
from eventlab.times import SECOND
from eventlab.trace import BOOK_KEEPING, FAULTS, RECEIPTS, TROUBLE, Record
from eventlab.views.drawing.records import line

QUIET = (*BOOK_KEEPING, "received", "appended")
GAP = SECOND  # a story in which nothing happens for so long is over
AGAIN = 600 * SECOND  # of many flights, the same trouble on the same way is new again after so long


class Lines:
    """Follows what is said of each record; of many flights, only what goes wrong is said, and what people hear."""

    def __init__(self, tracks: Tracks, *, few: bool) -> None:
        self.tracks, self.few = tracks, few
        self._last: Record | None = None

    def take(self, record: Record) -> None:
        """Read one record."""
        if self.few:
            said = record.kind not in QUIET and not (record.kind == "sent" and record.purpose in RECEIPTS)
        else:
            said = record.kind in TROUBLE or record.kind in FAULTS or record.kind == "acted"
        if said:
            self._last = record

    def flush(self, now: int) -> None:
        """Write down what was said last at this instant."""
        if (record := self._last) is not None:
            words = line(record, STAGE).split("  ", 1)[1]
            self.tracks.put("line", now, {"index": record.index, "text": " ".join(words.split())})
            self._last = None


class Spans:
    """Follows the stories, one of each flight: a span is new if somebody learns something in it.

    Of many flights, a span is new if something goes wrong in it that has not gone wrong there lately.
    """

    def __init__(self, tracks: Tracks, *, few: bool) -> None:
        self.tracks, self.few = tracks, few
        self._open: dict[str, tuple[int, int, bool]] = {}  # by flight: from, to, whether it is new
        self._touched: dict[str, None] = {}
        self._over: list[tuple[int, int]] = []
        self._lately: dict[tuple[str, str, str], int] = {}

    def take(self, record: Record) -> None:
        """Read one record."""
        about = _about(record)
        if not about or record.purpose in RECEIPTS:
            return
        since, until, fresh = self._open.get(about, (record.at, record.at, False))
        if record.at - until > GAP:
            if about in self._touched:
                self._over.append((since, until))
                del self._touched[about]
            since, fresh = record.at, False
        fresh = fresh or self._is_new(record)
        self._open[about] = since, record.at, fresh
        if fresh:
            self._touched[about] = None

    def _is_new(self, record: Record) -> bool:
        if self.few:
            return record.kind in ("changed", "acted")
        if record.kind not in TROUBLE:
            return False
        way = record.kind, record.where, record.other
        last = self._lately.get(way)
        self._lately[way] = record.at
        return last is None or record.at - last > AGAIN

    def tell_again(self, now: int) -> None:
        """What goes on counts as new."""
        self._over.clear()
        going_on = {about: fresh for about, (_, until, fresh) in self._open.items() if now - until <= GAP}
        self._touched = {about: None for about, fresh in going_on.items() if fresh}

    def forget(self) -> None:
        """Nothing counts as new."""
        self._over.clear()
        self._touched.clear()

    def new(self) -> list[list[float]]:
        """The spans that began or went on since this was last asked."""
        moment = self.tracks.moment
        spans = [*self._over, *(self._open[about][:2] for about in self._touched)]
        self.forget()
        return sorted([max(0.0, moment(since)), moment(until)] for since, until in spans if moment(until) >= 0)


def _about(record: Record) -> str:
    """The flight that a record is about."""
    return record.key or (subject(record.message) if record.message is not None else "")
