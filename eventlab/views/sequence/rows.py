"""The rows of a sequence diagram: how far down each record stands, and what is written beside it."""

from __future__ import annotations

from collections import defaultdict

from eventlab.stage import Stage
from eventlab.trace import Record
from eventlab.views.drawing.wording import duration
from eventlab.views.sequence.parts import Text

SILENCE = 1_000_000_000  # a second without a record is shown as a band
HEADINGS = 520  # pixels after which the names are written again
HEIGHTS = {"sent": 26, "beside": 17, "received": 14, "lost": 16, "duplicated": 26, "again": 19, "note": 19}


class Rows:
    """Grows downwards, row by row; `last` is the record that was written last."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.y = self.headed = 0.0
        self.last: Record | None = None
        self.begin = 0  # the instant from which the times at the left are counted
        self.times: list[Text] = []
        self.bands: list[Text] = []
        self.headings: list[float] = []
        self.travelling: set[int] = set()  # packets
        self.places: dict[int, float] = {}  # where each record stands
        self.parts: dict[int, list[str]] = defaultdict(list)  # and which parts of the picture it brings

    def row(self, record: Record, kind: str) -> float:
        """A row of its own for a record, below a band if nothing happened for long; its time at the left."""
        last, at = self.last, record.at
        silent = last is not None and at - last.at >= SILENCE
        if last is not None and silent:
            self.bands.append({"y": self.y + 22, "text": f"{duration(at - last.at)} later"})
            self.y += 34
        if self.y - self.headed > (2 * HEADINGS if self.travelling else HEADINGS):
            self.headings.append(self.y + 26)
            self.y += 40
            self.headed = self.y
        if last is None or silent:
            self.begin = at
        self.y += HEIGHTS[kind]
        text = self.stage.clock(at, fine=True) if at == self.begin else f"+{duration(at - self.begin)}"
        if not self.times or silent or self.times[-1]["text"] != text:
            self.times.append({"y": self.y, "text": text})
        self.places[record.index] = self.y
        return self.y
