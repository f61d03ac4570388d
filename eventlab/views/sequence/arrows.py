"""The arrows of a sequence diagram: from the sending of each message to what became of it."""

from __future__ import annotations

from collections import Counter

from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.sequence.parts import Again, Arrow
from eventlab.views.sequence.rows import Rows


class Arrows:
    """The arrows while the records are written, by packet."""

    def __init__(self, rows: Rows, lanes: dict[str, float], stage: Stage) -> None:
        self.rows, self.lanes, self.stage = rows, lanes, stage
        self._arrows: dict[int, Arrow] = {}
        self._tries: Counter[tuple[str, str, str, str]] = Counter()

    @property
    def all(self) -> list[Arrow]:
        """In the order of their sending."""
        return list(self._arrows.values())

    def write(self, record: Record) -> None:
        """The next record: of a sending, or of an end."""
        if record.kind == "sent":
            self._send(record)
        else:
            self._arrive(record)
            if record.kind != "duplicated":
                self.rows.travelling.discard(record.packet)

    def find_ends(self, trace: Trace) -> None:
        """Of messages whose end was not chosen, the trace still knows what became of them."""
        open = {packet: arrow for packet, arrow in self._arrows.items() if arrow["end"] == "under way"}
        ends = trace.of("received", "lost", begin=min(self.rows.places, default=0))
        while open and (record := next(ends, None)) is not None:
            arrow = open.pop(record.packet, None)
            if arrow is not None:
                arrow["end"], arrow["delay"], arrow["note"] = record.kind, _delay(arrow, record), record.note

    def _send(self, record: Record) -> None:
        message, last = record.message, self.rows.last
        beside = last is not None and (last.kind, last.where, last.at, last.message) == (
            record.kind, record.where, record.at, message)  # fmt: skip
        y = self.rows.row(record, "beside" if beside else "sent")
        key = (message.id if message else "", record.where, record.other, record.purpose)
        self._tries[key] += 1
        if beside and last is not None:
            self._arrows[last.packet]["beside"] = True
        arrow = self._begin(record, y)
        arrow["tries"], arrow["beside"], arrow["follows"] = self._tries[key], beside, beside
        self.rows.travelling.add(record.packet)

    def _begin(self, record: Record, y: float) -> Arrow:
        arrow: Arrow = {
            "part": f"a{record.packet}", "packet": record.packet, "source": record.where, "target": record.other,
            "purpose": record.purpose, "people": bool({record.where, record.other} & set(self.stage.people)),
            "message": record.message, "sent": record.at, "x1": self.lanes[record.where], "y1": y,
            "x2": self.lanes[record.other], "y2": y + 11, "end": "under way", "delay": None, "note": "", "tries": 1,
            "beside": False, "follows": False, "again": [],
            "label": "", "label_x": 0.0, "label_y": 0.0, "label_wide": 0.0,
        }  # fmt: skip
        self._arrows[record.packet] = arrow
        self.rows.parts[record.index] += [arrow["part"], f"t{record.packet}"]
        return arrow

    def _arrive(self, record: Record) -> None:
        arrow = self._arrows.get(record.packet)
        if arrow is None:
            arrow, y = self._begun_before(record)
        elif record.kind == "duplicated":
            self.rows.places[record.index] = arrow["y1"]
            arrow["note"] = record.note
            return
        elif record.kind == "lost" and record.at == arrow["sent"]:  # it did not get far
            y = self.rows.places[record.index] = arrow["y1"]
            arrow["x2"], arrow["y2"] = round(arrow["x1"] + 0.55 * (arrow["x2"] - arrow["x1"])), y + 8
        elif arrow["end"] == "received":
            self._arrive_again(arrow, record)
            return
        else:
            y = self.rows.row(record, record.kind)
        self.rows.parts[record.index].append(arrow["part"])
        if record.kind != "duplicated":
            _end(arrow, record, y)

    def _begun_before(self, record: Record) -> tuple[Arrow, float]:
        """The arrow of a message that was sent before the first record that is shown."""
        y = self.rows.row(record, "sent")
        begin = Record(record.index, record.at, "sent", record.other, record.message, record.where, record.packet,
                       record.purpose)  # fmt: skip
        arrow = self._begin(begin, y - 12)
        arrow["sent"] = None
        return arrow, y

    def _arrive_again(self, arrow: Arrow, record: Record) -> None:
        y = self.rows.row(record, "again")
        part = f"{arrow['part']}b{len(arrow['again'])}"
        again: Again = {"part": part, "y": y, "end": record.kind, "delay": _delay(arrow, record),
                        "label": "", "label_x": 0.0, "label_y": 0.0, "label_wide": 0.0}  # fmt: skip
        arrow["again"].append(again)
        self.rows.parts[record.index] += [part, f"t{part}"]


def _end(arrow: Arrow, record: Record, y: float) -> None:
    arrow["end"], arrow["delay"] = record.kind, _delay(arrow, record)
    arrow["note"] = record.note or arrow["note"]
    if record.kind == "received" or y != arrow["y1"]:
        arrow["y2"] = y
    if arrow["message"] != record.message:
        arrow["note"] = "changed on the way"


def _delay(arrow: Arrow, record: Record) -> int | None:
    return None if arrow["sent"] is None else record.at - arrow["sent"]
