"""What a sequence diagram comes to, in words; what is only counted in the picture is included."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from eventlab.measures.mishaps import mishaps, transit_times
from eventlab.measures.requests import calls
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.wording import counted, duration, one
from eventlab.views.sequence.parts import Lifelines, Span

SPAN_WORDS = {"crashed": "stopped", "partitioned": "cut off", "slowed": "slow"}


def conclusion(records: Sequence[Record], plan: Lifelines, stage: Stage) -> tuple[str, str]:
    """What the diagram shows, once in a few words and once in sentences."""
    wrong = mishaps(records)
    sent = sum(record.kind == "sent" for record in records)
    short = f"{counted(sent, 'message')} between {counted(len(plan['lanes']), 'place')}"
    short += f", {wrong['lost']} lost" if "lost" in wrong else ""
    told = ", ".join(f"{number:,} {words}" for words, number in wrong.items())
    parts = [
        _time(records, stage),
        *_waits(records),
        f"Went wrong: {told}." if told else "Nothing went wrong.",
        *(f"{span['name']} was {SPAN_WORDS[span['kind']]}{_between(span, stage)}." for span in plan["spans"]),
    ]
    if plan["more"]:
        left = counted(plan["more"]["messages"], "message")
        parts.append(f"{left} only counted, at the end; choose {one(stage.subject)}, a service or a time to see them.")
    return short, " ".join(parts)


def _time(records: Sequence[Record], stage: Stage) -> str:
    since, until = records[0].at, records[-1].at
    day = stage.calendar(since)
    return f"{f'On {day},' if day else 'Stopwatch'} {_clock(since, stage)} to {_clock(until, stage)}."


def _waits(records: Sequence[Record]) -> list[str]:
    """How long messages took, and the longest wait for an answer."""
    said = []
    if delays := transit_times(records):
        usual, longest = duration(median(delays)), duration(max(delays))
        said.append(f"A message took {usual} (the middle one of all), at most {longest}.")
    answered = [call for call in calls(Trace(list(records))) if call.outcome == "answered"]
    if answered:
        worst = max(answered, key=lambda call: call.until - call.since)
        wait = duration(worst.until - worst.since)
        said.append(f"Longest wait for an answer: {worst.caller}, {wait} ({worst.type}).")
    return said


def _clock(instant: int, stage: Stage) -> str:
    return stage.clock(instant, fine=True)[:8]


def _between(span: Span, stage: Stage) -> str:
    since = f" from {_clock(span['since'], stage)}" if span["since"] is not None else ""
    return since + (f" until {_clock(span['until'], stage)}" if span["until"] is not None else "")
