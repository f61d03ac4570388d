"""The texts of a sequence diagram: what stands at a message and a dot, how long it took, and what it all comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from eventlab.trace import Record
from eventlab.views.drawing.text import RECEIPTS, STOPWATCH, change, clock, plain
from eventlab.views.notebook import when

NARROW, BROAD = frozenset(" .,:;'|!()[]/ijltf-"), frozenset("mwMW@%")
SPAN_WORDS = {"crashed": "stopped", "partitioned": "cut off", "slowed": "slow"}
Part = dict[str, Any]


def duration(nanoseconds: int) -> str:
    """A duration in the unit that fits: "12 ms", "1.25 s", "3 min", "2 h 5 min"."""
    seconds = nanoseconds / 1e9
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    if seconds < 59.5:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; that something is missing can be seen."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def wide(text: str, size: int = 11) -> float:
    """How wide a text is in Arial, within a few hundredths."""
    return (
        sum(
            0.3 if c in NARROW else 0.86 if c in BROAD or c > "\u02ff" else 0.69 if c.isupper() else 0.556 for c in text
        )
        * size
    )


def fit(text: str, room: float, size: int = 12) -> str:
    """A text cut so that it fits into so many pixels."""
    text = plain(text)
    while text and wide(text, size) > room:
        text = cut(text, len(text) - 1)
    return text


def said(arrow: Part, subjects: bool) -> str:
    """What stands at an arrow; with `subjects` also what the message is about."""
    message, purpose = arrow["message"], arrow["purpose"]
    what = {
        "reply": "answer", "acknowledge": "done", "confirm": "safe with it", "reject": "could not do it",
        "refusal": f"no: {message.data.get('reason', '')}" if message is not None else "no",
    }.get(purpose, message.type if message is not None else purpose or "a message")  # fmt: skip
    if subjects and message is not None and purpose not in RECEIPTS and not arrow["follows"]:
        what = f"{what} {cut(message.subject, 20)}".rstrip()
    if arrow["tries"] > 1:
        what = f"↻ {nth(arrow['tries'])}: {what}"
    if arrow["end"] == "lost":
        return f"{what} ✕ {'cut off' if arrow['note'] == 'partition' else arrow['note'] or 'lost'}"
    if arrow["end"] == "under way":
        return f"{what} … still on its way"
    what += f" to {arrow['target']}" if arrow["beside"] else ""
    late = "" if arrow["delay"] is None else f"  {duration(arrow['delay'])}"
    return what + late + (f" ({arrow['note']})" if arrow["note"] else "")


def noted(note: Part, subject: str) -> str:
    """What stands at a dot; `subject` is the one thing that everything is about, if there is one."""
    record, others = note["record"], note["others"]
    if record.kind == "changed":
        return _changed(record, subject)
    what = record.message.type if record.message is not None else ""
    listed = ", ".join(others[:2]) + (f" and {len(others) - 2} more" if len(others) > 2 else "")
    why = f": {record.note}" if record.note else ""
    if record.kind == "slowed":
        return "as fast as before" if record.note == "1" else f"{record.note} × slower"
    return {
        "published": f"{what} is in the log",
        "handled": f"{what} done",
        "ignored": f"knows {what} already: does nothing",
        "failed": f"✕ fails at {what}{why}",
        "refused": f"says no{why}",
        "expired": f"✕ no answer from {listed}: stops waiting",
        "acknowledged": f"{listed} is done with {what}",
        "retried": f"↻ will try again{why}",
        "dead": f"✕ gives up: dead letter{why}",
        "appended": f"stores {what}, version {record.packet}",
        "acted": f"does it: {what}{why}",
        "crashed": "STOPS",
        "restarted": "WORKS again",
        "partitioned": f"CUT OFF from {listed}",
        "healed": f"connected again with {listed}",
    }.get(record.kind, f"{record.kind} {what}{why}")


def nth(number: int) -> str:
    return f"{number}{'th' if 10 < number % 100 < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _changed(record: Record, subject: str) -> str:
    """What changed, without the name of the one thing that everything here is about."""
    words = change(record)
    for verb in ("notes", "changes"):
        words = words.removeprefix(f"{verb} {record.key}: ")
    key = record.key.removeprefix(subject).strip() if subject else record.key
    return f"{key}: {words}" if key else f"new: {words}" if record.before is None else words


# The whole diagram in words -------------------------------------------------------------------------------------------


def conclusion(records: Sequence[Record], plan: Part) -> tuple[str, str]:
    """What a sequence diagram shows, once in a few words and once in sentences; what is only counted is included."""
    kinds = Counter(record.kind for record in records)
    short = f"{_many(kinds['sent'], 'message')} between {len(plan['lanes'])} places"
    if kinds["lost"]:
        short += f", {kinds['lost']} lost"
    since, until = records[0].at, records[-1].at
    day = f"On {when(since)[:10]}, " if since >= STOPWATCH else "Stopwatch "
    parts = [f"{day}{_clock(since)} to {_clock(until)}."]
    delays = _delays(records)
    if delays:
        usual, longest = duration(int(median(delays))), duration(max(delays))
        parts.append(f"A message took {usual} (the middle one of all), at most {longest}.")
    wait, asker, what = _longest_wait(records)
    if wait:
        parts.append(f"Longest wait for an answer: {asker}, {duration(wait)} ({what}).")
    arrived = Counter(record.packet for record in records if record.kind == "received")
    tries = Counter((r.message.id, r.where, r.other, r.purpose) for r in records if r.kind == "sent" and r.message)
    wrong = {
        "lost": kinds["lost"],
        "arrived twice": sum(number > 1 for number in arrived.values()),
        "sent again": sum(number - 1 for number in tries.values()),
        "failed at the receiver": kinds["failed"],
        "refused": kinds["refused"],
        "not answered": kinds["expired"],
        "given up": kinds["dead"],
    }
    said = ", ".join(f"{number:,} {words}" for words, number in wrong.items() if number)
    parts.append(f"Went wrong: {said}." if said else "Nothing went wrong.")
    parts += [f"{span['name']} was {SPAN_WORDS[span['kind']]}{_between(span)}." for span in plan["spans"]]
    if plan["more"]:
        left = _many(plan["more"]["messages"], "message")
        parts.append(f"{left} only counted, at the end; choose a flight, a service or a time to see them.")
    return short, " ".join(parts)


def _delays(records: Sequence[Record]) -> list[int]:
    sent = {record.packet: record.at for record in records if record.kind == "sent"}
    return [r.at - sent[r.packet] for r in records if r.kind == "received" and r.packet in sent]


def _longest_wait(records: Sequence[Record]) -> tuple[int, str, str]:
    """The longest time between a request and its answer: how long, of whom, for what."""
    asked: dict[str, Record] = {}
    longest = (0, "", "")
    for record in records:
        about = record.message
        if about is None:
            continue
        if record.kind == "sent" and record.purpose == "request":
            asked.setdefault(about.id, record)
        elif record.kind == "received" and record.purpose == "reply" and about.causationid in asked:
            ask = asked[about.causationid]
            longest = max(longest, (record.at - ask.at, ask.where, about.type))
    return longest


def _clock(instant: int) -> str:
    return clock(instant, fine=True)[:8]


def _between(span: Part) -> str:
    since = f" from {_clock(span['since'])}" if span["since"] is not None else ""
    return since + (f" until {_clock(span['until'])}" if span["until"] is not None else "")


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
