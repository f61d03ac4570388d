"""Where things stand in a sequence diagram: a lifeline for each name, a row for each record, an arrow for each message.

Rows make the picture: every record has one of its own, so nothing can overlap, however close in time things happened.
How much time passed is written beside them, and a long silence has a band of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from eventlab.trace import Record, Trace
from eventlab.views.drawing.text import clock, plain
from eventlab.views.sequence.labels import cut, duration, noted, said, wide

ORDER = ("airlines", "passengers", "operations", "bus", "store", "gates", "boards", "rebooking", "notices", "baggage")
PEOPLE = ("airlines", "passengers")
LEFT, WIDTH, TOP = 80, 840, 0  # room for clock times at the left; least width
SILENCE = 1_000_000_000  # a second without a record is shown as a band
HEADINGS = 520  # pixels after which the names are written again
ROW = {"sent": 24, "beside": 15, "received": 13, "lost": 15, "again": 18, "note": 18}
ARROWS = ("sent", "received", "lost", "duplicated")
SPANS = {"crashed": "restarted", "partitioned": "healed", "slowed": "slowed"}
ENDS = {end: begin for begin, end in SPANS.items()}

Part = dict[str, Any]


def arrange(trace: Trace, chosen: Sequence[int], most: int) -> dict[str, Any]:
    """Lanes, arrows, notes, spans and bands of the chosen records, with their places from 0 downwards, as plain data.

    After `most` messages the rest is counted, by pair of names and purpose, under `more`.
    """
    shown, rest = _cut(trace, chosen, most)
    names = {name for record in (*shown, *rest) for name in _names(record)}
    subjects = {record.message.subject for record in shown if record.message is not None} - {""}
    sheet = _Sheet(trace, _lanes(names), subjects)
    for record in shown:
        sheet.write(record)
    return sheet.finish(rest)


def _names(record: Record) -> tuple[str, ...]:
    return (record.where, record.other) if record.kind in ARROWS and record.other else (record.where,)


def _lanes(names: set[str]) -> dict[str, float]:
    """From left to right: people, operations, bus and store, the other services; strangers last, by their names."""
    known = [name for name in ORDER if name in names]
    order = known + sorted(names - set(known))
    gap = min(200, max(84, (WIDTH - LEFT - 88) / max(1, len(order) - 1)))
    return {name: round(LEFT + 40 + gap * number) for number, name in enumerate(order)}


def _cut(trace: Trace, chosen: Sequence[int], most: int) -> tuple[list[Record], list[Record]]:
    """The records to draw, and those to count; what is on its way at the cut is drawn to its end."""
    records = [trace[index] for index in chosen]
    sent = list(accumulate(record.kind == "sent" for record in records))
    rows = list(accumulate(record.kind not in ARROWS for record in records))
    place = min(bisect_right(sent, most), bisect_right(rows, 3 * most))
    head = records[:place]
    open = {record.packet for record in head if record.kind == "sent"}
    open -= {record.packet for record in head if record.kind in ("received", "lost")}
    ends = [r.kind in ("received", "lost") and r.packet in open for r in records[place:]]
    shown = head + [record for record, end in zip(records[place:], ends, strict=True) if end]
    return shown, [record for record, end in zip(records[place:], ends, strict=True) if not end]


class _Sheet:
    """The diagram while it is being written, from top to bottom."""

    def __init__(self, trace: Trace, lanes: dict[str, float], subjects: set[str]) -> None:
        self.trace, self.lanes = trace, lanes
        self.subjects = len(subjects) > 1  # then each message says what it is about
        self.subject = next(iter(subjects)) if len(subjects) == 1 else ""
        self.right = max(WIDTH, max(lanes.values(), default=0) + 48)
        self.y = self.headed = 0.0
        self.last: Record | None = None
        self.begin = 0  # the instant from which the times at the left are counted
        self.arrows: dict[int, Part] = {}
        self.notes: list[Part] = []
        self.times: list[Part] = []
        self.bands: list[Part] = []
        self.headings: list[float] = []
        self.spans: list[Part] = []
        self.open: dict[tuple[str, str], Part] = {}  # spans
        self.travelling: set[int] = set()  # packets
        self.tries: Counter[tuple[str, str, str, str]] = Counter()
        self.rows: dict[int, float] = {}  # where each record stands
        self.parts: dict[int, list[str]] = defaultdict(list)  # and which parts of the picture it brings

    def write(self, record: Record) -> None:
        """The next record."""
        if record.kind == "sent":
            self._send(record)
        elif record.kind in ARROWS:
            self._arrive(record)
            if record.kind != "duplicated":
                self.travelling.discard(record.packet)
        else:
            self._note(record)
        self.last = record

    def _row(self, record: Record, height: float) -> float:
        """A row of its own, below a band if nothing happened for long; its time at the left."""
        last, at = self.last, record.at
        silent = last is not None and at - last.at >= SILENCE
        if silent and last is not None:
            self.bands.append({"y": self.y + 22, "text": f"{duration(at - last.at)} later"})
            self.y += 30
        if self.y - self.headed > (2 * HEADINGS if self.travelling else HEADINGS):
            self.headings.append(self.y + 22)
            self.y += 30
            self.headed = self.y
        if last is None or silent:
            self.begin = at
        self.y += height
        text = clock(at, fine=True) if at == self.begin else f"+{duration(at - self.begin)}"
        if not self.times or silent or self.times[-1]["text"] != text:
            self.times.append({"y": self.y, "text": text})
        self.rows[record.index] = self.y
        return self.y

    # Arrows ---------------------------------------------------------------------------------------------------------

    def _send(self, record: Record) -> None:
        message, last = record.message, self.last
        beside = last is not None and (last.kind, last.where, last.at, last.message) == (
            record.kind, record.where, record.at, message)  # fmt: skip
        y = self._row(record, ROW["beside" if beside else "sent"])
        key = (message.id if message else "", record.where, record.other, record.purpose)
        self.tries[key] += 1
        if beside and last is not None:
            self.arrows[last.packet]["beside"] = True
        self._arrow(record, y, tries=self.tries[key]).update(beside=beside, follows=beside)
        self.travelling.add(record.packet)

    def _arrow(self, record: Record, y: float, tries: int = 1) -> Part:
        people = record.where in PEOPLE or record.other in PEOPLE
        part = f"a{record.packet}"
        arrow = self.arrows[record.packet] = {
            "part": part, "packet": record.packet, "source": record.where, "target": record.other,
            "purpose": record.purpose, "people": people, "message": record.message, "sent": record.at,
            "x1": self.lanes[record.where], "y1": y, "x2": self.lanes[record.other], "y2": y + 11, "end": "under way",
            "delay": None, "note": "", "tries": tries, "beside": False, "follows": False, "again": [],
        }  # fmt: skip
        self.parts[record.index] += [part, f"t{record.packet}"]
        return arrow

    def _arrive(self, record: Record) -> None:
        arrow = self.arrows.get(record.packet)
        if arrow is None:  # it was sent before the first record that is shown
            y = self._row(record, ROW["sent"])
            begin = Record(record.index, record.at, "sent", record.other, record.message, record.where, record.packet,
                           record.purpose)  # fmt: skip
            arrow = self._arrow(begin, y - 12)
            arrow["sent"] = None
            if record.kind == "duplicated":
                self.rows[record.index] = y
        elif record.kind == "duplicated":
            self.rows[record.index] = arrow["y1"]
            arrow["note"] = record.note
            return
        elif record.kind == "lost" and record.at == arrow["sent"]:
            y = arrow["y1"]
            self.rows[record.index] = y
            arrow |= {"x2": round(arrow["x1"] + 0.55 * (arrow["x2"] - arrow["x1"])), "y2": y + 8}
        elif arrow["end"] == "received":
            y = self._row(record, ROW["again"])
            part = f"{arrow['part']}b{len(arrow['again'])}"
            delay = None if arrow["sent"] is None else record.at - arrow["sent"]
            arrow["again"].append({"part": part, "y": y, "end": record.kind, "delay": delay})
            self.parts[record.index] += [part, f"t{part}"]
            return
        else:
            y = self._row(record, ROW[record.kind])
        self.parts[record.index].append(arrow["part"])
        if record.kind != "duplicated":
            delay = None if arrow["sent"] is None else record.at - arrow["sent"]
            arrow |= {"end": record.kind, "delay": delay, "note": record.note or arrow["note"]}
            if record.kind == "received" or y != arrow["y1"]:
                arrow["y2"] = y
            if arrow["message"] != record.message:
                arrow["note"] = "changed on the way"

    def _find_ends(self) -> None:
        """Of messages whose end was not chosen, the trace still knows what became of them."""
        open = {arrow["packet"]: arrow for arrow in self.arrows.values() if arrow["end"] == "under way"}
        if not open:
            return
        for record in self.trace.of("received", "lost"):
            arrow = open.get(record.packet)
            if arrow is not None and arrow["end"] == "under way":
                delay = None if arrow["sent"] is None else record.at - arrow["sent"]
                arrow |= {"end": record.kind, "delay": delay, "note": record.note}

    # What happens at one place --------------------------------------------------------------------------------------

    def _note(self, record: Record) -> None:
        last, lane = self.last, self.lanes[record.where]
        if record.kind in ("partitioned", "healed") and last is not None:
            if (last.kind, last.where, last.at) == (record.kind, record.where, record.at):  # one of several at once
                self.notes[-1]["others"].append(record.other)
                self.rows[record.index] = self.rows[last.index]
                return
        y = self._row(record, ROW["note"])
        part = f"n{record.index}"
        self.notes.append({
            "part": part, "kind": record.kind, "name": record.where, "x": lane, "y": y, "record": record,
            "others": [record.other] if record.other else [],
        })  # fmt: skip
        self.parts[record.index] += [part, f"t{part}"]
        self._span(record, lane, y)

    def _span(self, record: Record, lane: float, y: float) -> None:
        kind = record.kind
        begins = kind in SPANS and not (kind == "slowed" and record.note == "1")
        if not begins and kind not in ENDS:
            return
        key = (kind if begins else ENDS[kind], record.where)
        old = self.open.pop(key, None)
        if not begins and old is None:  # it began before the first record that is shown
            old = self._begin_span(key, lane, -6, record)
        if old is not None:
            old["y2"] = y
            old["until"] = record.at
        if begins:
            self.open[key] = self._begin_span(key, lane, y, record)

    def _begin_span(self, key: tuple[str, str], lane: float, y: float, record: Record) -> Part:
        span = {"part": f"s{record.index}", "kind": key[0], "name": key[1], "x": lane, "y1": y, "y2": None,
                "since": record.at if y >= 0 else None, "until": None}  # fmt: skip
        self.spans.append(span)
        self.parts[record.index].append(f"s{record.index}")
        return span

    # The end --------------------------------------------------------------------------------------------------------

    def finish(self, rest: Sequence[Record]) -> dict[str, Any]:
        """The whole sheet as plain data, texts put in their places."""
        self._find_ends()
        bottom = self.y + 16
        for record in rest:  # a span that goes on beyond what is drawn
            span = self.open.pop((ENDS.get(record.kind, ""), record.where), None)
            if span is not None:
                span["until"] = record.at
        for span in self.spans:
            span["y2"] = bottom if span["y2"] is None else span["y2"]
        for arrow in self.arrows.values():
            self._put_label(arrow)
        for note in self.notes:
            self._put_words(note)
        more, height = _more(rest, self.lanes, bottom)
        return {
            "lanes": [{"name": name, "shown": cut(plain(name), 13), "x": x} for name, x in self.lanes.items()],
            "arrows": list(self.arrows.values()), "notes": self.notes, "times": self.times, "bands": self.bands,
            "headings": self.headings, "spans": self.spans, "more": more, "rows": self.rows, "parts": dict(self.parts),
            "width": self.right, "end": bottom, "height": height,
        }  # fmt: skip

    def _put_label(self, arrow: Part) -> None:
        """The text stands above the arrow's begin, in the row that no other message has.

        Of several copies sent at once, each has its text on the other side, where none of the arrows is.
        """
        way = 1 if arrow["x2"] >= arrow["x1"] else -1
        arrow["label"] = text = cut(plain(said(arrow, self.subjects)), 48)
        arrow["label_x"] = self._beside(arrow["x1"], text, -way if arrow["beside"] else way)
        arrow["label_wide"] = round(wide(text) + 6, 1)
        arrow["label_y"] = arrow["y1"] - (0 if arrow["beside"] else 8)
        for again in arrow["again"]:
            again["label"] = "a second time" + ("" if again["delay"] is None else f", {duration(again['delay'])}")
            again["label_x"] = self._beside(arrow["x2"], again["label"], way)
            again["label_wide"] = round(wide(again["label"]) + 6, 1)
            again["label_y"] = again["y"]

    def _beside(self, x: float, text: str, way: int) -> float:
        """The left end of a text beside a lifeline, inside the picture."""
        long = wide(text)
        return round(max(LEFT - 10, min(x + 9 if way > 0 else x - 9 - long, self.right - 6 - long)), 1)

    def _put_words(self, note: Part) -> None:
        """The text stands beside its dot, on the side where it hides fewer arrows."""
        note["words"] = text = cut(plain(noted(note, self.subject)), 46)
        at = {way: self._beside(note["x"], text, way) for way in (1, -1)}
        inside = {way: (begin - note["x"]) * way + (0 if way > 0 else -wide(text)) for way, begin in at.items()}
        crossings = [
            arrow["x1"] + (arrow["x2"] - arrow["x1"]) * (note["y"] - arrow["y1"]) / (arrow["y2"] - arrow["y1"])
            for arrow in self.arrows.values()
            if arrow["y1"] < note["y"] < arrow["y2"]
        ]
        hidden = {
            way: (inside[way] < 5, sum(begin < x < begin + wide(text) for x in crossings)) for way, begin in at.items()
        }
        note["label_wide"] = round(wide(text) + 6, 1)
        note["label_x"] = at[1 if hidden[1] <= hidden[-1] else -1]


def _more(rest: Sequence[Record], lanes: dict[str, float], y: float, rows: int = 14) -> tuple[Part | None, float]:
    """What is not drawn one by one: how many messages went from whom to whom, and what became of them."""
    sent = [record for record in rest if record.kind == "sent"]
    if not rest:
        return None, y
    wrong = Counter((r.other, r.where, r.purpose) for r in rest if r.kind == "lost")
    counts = Counter((record.where, record.other, record.purpose) for record in sent)
    order = sorted(counts, key=lambda key: (-wrong[key], -counts[key], key))[:rows]
    pairs = [
        {
            "source": source, "target": target, "purpose": purpose, "count": counts[source, target, purpose],
            "lost": wrong[source, target, purpose], "x1": lanes[source], "x2": lanes[target],
            "people": source in PEOPLE or target in PEOPLE, "y": y + 62 + 27 * number,
        }
        for number, (source, target, purpose) in enumerate(order)
    ]  # fmt: skip
    others = len(rest) - len(sent) - sum(record.kind in ARROWS for record in rest) + len(sent)
    left = len(counts) - len(pairs)
    text = f"… {len(sent):,} more message{'' if len(sent) == 1 else 's'}, until {clock(rest[-1].at, fine=True)[:8]}"
    text += ", counted" + (f" (and {left} more pairs)" if left else "") + (f"; {others:,} more notes" if others else "")
    return {"y": y + 26, "text": text, "messages": len(sent), "notes": others, "lost": sum(wrong.values()),
            "pairs": pairs}, y + 62 + 27 * len(pairs)  # fmt: skip
