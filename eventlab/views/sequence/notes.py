"""What happens at one place in a sequence diagram: dots, and the spans in which something was wrong with a service."""

from __future__ import annotations

from collections.abc import Sequence

from eventlab.trace import ENDS, Record
from eventlab.views.sequence.parts import Note, Span
from eventlab.views.sequence.rows import Rows

BEGINS = {end: begin for begin, end in ENDS.items()}


class Notes:
    """The dots and spans while the records are written."""

    def __init__(self, rows: Rows, lanes: dict[str, float]) -> None:
        self.rows, self.lanes = rows, lanes
        self.all: list[Note] = []
        self.spans: list[Span] = []
        self._open: dict[tuple[str, str], Span] = {}

    def write(self, record: Record) -> None:
        """The next record of something that happens at one place."""
        last, lane = self.rows.last, self.lanes[record.where]
        if record.kind in ("partitioned", "healed") and last is not None:
            if (last.kind, last.where, last.at) == (record.kind, record.where, record.at):  # one of several at once
                self.all[-1]["others"].append(record.other)
                self.rows.places[record.index] = self.rows.places[last.index]
                return
        y = self.rows.row(record, "note")
        part = f"n{record.index}"
        self.all.append({
            "part": part, "kind": record.kind, "name": record.where, "x": lane, "y": y, "record": record,
            "others": [record.other] if record.other else [], "words": "", "label_x": 0.0, "label_wide": 0.0,
        })  # fmt: skip
        self.rows.parts[record.index] += [part, f"t{part}"]
        self._span(record, lane, y)

    def close(self, rest: Sequence[Record], bottom: float) -> None:
        """Spans that go on beyond what is drawn reach to the bottom; the records that follow say until when."""
        for record in rest:
            span = self._open.pop((BEGINS.get(record.kind, ""), record.where), None)
            if span is not None:
                span["until"] = record.at
        for span in self.spans:
            span["y2"] = bottom if span["y2"] is None else span["y2"]

    def _span(self, record: Record, lane: float, y: float) -> None:
        begins = record.kind in ENDS and not (record.kind == "slowed" and record.note == "1")
        if not begins and record.kind not in BEGINS:
            return
        kind = record.kind if begins else BEGINS[record.kind]
        old = self._open.pop((kind, record.where), None)
        if not begins and old is None:  # it began before the first record that is shown
            old = self._begin(kind, lane, -6, record)
        if old is not None:
            old["y2"], old["until"] = y, record.at
        if begins:
            self._open[kind, record.where] = self._begin(kind, lane, y, record)

    def _begin(self, kind: str, lane: float, y: float, record: Record) -> Span:
        span: Span = {"part": f"s{record.index}", "kind": kind, "name": record.where, "x": lane, "y1": y, "y2": None,
                      "since": record.at if y >= 0 else None, "until": None}  # fmt: skip
        self.spans.append(span)
        self.rows.parts[record.index].append(span["part"])
        return span
