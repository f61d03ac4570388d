"""Where things stand in a sequence diagram: a lifeline for each name, a row for each record, an arrow for each message.

Rows make the picture: every record has one of its own, so nothing can overlap, however close in time things happened.
How much time passed is written beside them, and a long silence has a band of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.style import SMALL, WIDTH
from eventlab.views.drawing.wording import counted
from eventlab.views.sequence.arrows import Arrows
from eventlab.views.sequence.bars import bars_of
from eventlab.views.sequence.notes import Notes
from eventlab.views.sequence.parts import ARROWS, LEFT, Lane, Lifelines, More, Pair
from eventlab.views.sequence.placing import put_arrow_labels, put_note_labels
from eventlab.views.sequence.rows import Rows

LEAST, NAMED = 52, 92  # pixels between lifelines: at least, and so many that all names stand in one row
PAIRS = 14  # rows of what is only counted


def arrange(trace: Trace, chosen: Sequence[int], most: int, width: int = WIDTH) -> Lifelines:
    """Lanes, arrows, notes, spans and bands of the chosen records, with their places from 0 downwards, as plain data.

    It is so wide if the names have room. After `most` messages the rest is counted, by pair of names and purpose,
    under `more`.
    """
    shown, rest = _cut(trace, chosen, most)
    stage = trace.stage
    lanes = _lanes(stage.in_order(name for record in (*shown, *rest) for name in _names(record)), width)
    rows = Rows(stage)
    arrows, notes = Arrows(rows, lanes, stage), Notes(rows, lanes)
    for record in shown:
        (arrows if record.kind in ARROWS and record.other else notes).write(record)
        rows.last = record
    arrows.find_ends(trace)
    bottom = rows.y + 16
    notes.close(rest, bottom)
    right = max(width, max(lanes.values(), default=0) + 48)
    subjects = {record.message.subject for record in shown if record.message is not None} - {""}
    put_arrow_labels(arrows.all, right, subjects=len(subjects) > 1)
    put_note_labels(notes.all, arrows.all, right, stage, subject=subjects.pop() if len(subjects) == 1 else "")
    bars = bars_of(shown, rows.places, lanes, stage)
    for index, its in bars.items():
        rows.parts[index] += [bar["part"] for bar in its]
    drawn = sorted((bar for its in bars.values() for bar in its), key=lambda bar: bar["kind"] == "waits")
    more, height = _more(rest, lanes, stage, bottom) if rest else (None, bottom)
    return {
        "lanes": _named(lanes),
        "arrows": arrows.all, "notes": notes.all, "times": rows.times, "bands": rows.bands,
        "headings": rows.headings, "spans": notes.spans, "bars": drawn, "more": more, "rows": rows.places,
        "parts": dict(rows.parts), "width": right, "end": bottom, "height": height,
    }  # fmt: skip


def _names(record: Record) -> tuple[str, ...]:
    return (record.where, record.other) if record.kind in ARROWS and record.other else (record.where,)


def _lanes(order: Sequence[str], width: int) -> dict[str, float]:
    """Where each lifeline stands, from left to right."""
    gap = min(200, max(LEAST, (width - LEFT - 88) / max(1, len(order) - 1)))
    return {name: round(LEFT + 40 + gap * place) for place, name in enumerate(order)}


def _named(lanes: dict[str, float]) -> list[Lane]:
    """The lifelines with their names; where these have no room beside each other, every other one stands lower."""
    gap = min((b - a for a, b in pairwise(lanes.values())), default=170)
    stagger = gap < NAMED
    room = min(110, (1 + stagger) * gap - 16)
    return [
        {"name": name, "shown": fit(name, room, SMALL, bold=True), "x": x, "low": stagger and bool(place % 2)}
        for place, (name, x) in enumerate(lanes.items())
    ]


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


def _more(rest: Sequence[Record], lanes: dict[str, float], stage: Stage, y: float) -> tuple[More, float]:
    """What is not drawn one by one: how many messages went from whom to whom, and what became of them."""
    sent = [record for record in rest if record.kind == "sent"]
    lost = Counter((r.other, r.where, r.purpose) for r in rest if r.kind == "lost")
    counts = Counter((record.where, record.other, record.purpose) for record in sent)
    order = sorted(counts, key=lambda key: (-lost[key], -counts[key], key))[:PAIRS]
    pairs: list[Pair] = [
        {
            "source": key[0], "target": key[1], "purpose": key[2], "count": counts[key], "lost": lost[key],
            "x1": lanes[key[0]], "x2": lanes[key[1]], "people": key[0] in stage.people or key[1] in stage.people,
            "y": y + 62 + 27 * place,
        }
        for place, key in enumerate(order)
    ]  # fmt: skip
    others = sum(record.kind not in ARROWS for record in rest)
    left = len(counts) - len(pairs)
    text = f"… {counted(len(sent), 'more message')}, until {stage.clock(rest[-1].at, fine=True)[:8]}, counted"
    text += (f" (and {counted(left, 'more pair')})" if left else "") + (f"; {others:,} more notes" if others else "")
    more: More = {"y": y + 26, "text": text, "messages": len(sent), "notes": others, "lost": sum(lost.values()),
                  "pairs": pairs}  # fmt: skip
    return more, y + 62 + 27 * len(pairs)
