"""What went wrong on the way, and how long messages were on it, counted from records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from eventlab.door import door
from eventlab.trace import Record

WORDS = {
    "lost": "lost",
    "failed": "failed at the receiver",
    "refused": "refused",
    "expired": "not answered",
    "dead": "given up",
}


@door
def mishaps(records: Iterable[Record]) -> dict[str, int]:
    """How often each thing went wrong, in words: only what did, the network's mishaps first."""
    kinds: Counter[str] = Counter()
    arrived: Counter[int] = Counter()
    tries: Counter[tuple[str, str, str, str]] = Counter()
    for record in records:
        kinds[record.kind] += 1
        if record.kind == "received":
            arrived[record.packet] += 1
        elif record.kind == "sent" and record.message is not None:
            tries[record.message.id, record.where, record.other, record.purpose] += 1
    found = {
        WORDS["lost"]: kinds["lost"],
        "arrived twice": sum(times > 1 for times in arrived.values()),
        "sent again": sum(times - 1 for times in tries.values()),
        **{words: kinds[kind] for kind, words in WORDS.items() if kind != "lost"},
    }
    return {words: times for words, times in found.items() if times}


@door
def transit_times(records: Iterable[Record]) -> list[int]:
    """For each arrival of a message whose sending is among the records, how long it was on its way (nanoseconds)."""
    sent: dict[int, int] = {}
    found = []
    for record in records:
        if record.kind == "sent":
            sent[record.packet] = record.at
        elif record.kind == "received" and record.packet in sent:
            found.append(record.at - sent[record.packet])
    return found
