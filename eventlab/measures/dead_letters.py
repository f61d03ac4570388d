"""Dead letters, read from a trace: what was given up, why, what has gone past it since, and what became of it.

table(dead_letters.rows(trace))   # for people
lab.bus.redrive("mail")           # once the reason is mended: in the order of publication, each behind its subject
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter

from eventlab.door import door
from eventlab.event import Message
from eventlab.trace import Record, Trace

DONE = ("handled", "ignored")


@dataclass(frozen=True, slots=True)
class Dead:
    """One message that `service` did not get done: given up at the instant `at` (nanoseconds) for a `reason`.

    `overtaken`: how many later events of its subject the service has handled while it was dead, out of order.
    `revived`: the instant at which it was done after all, or None.
    """

    at: int
    message: Message
    service: str
    reason: str
    overtaken: int
    revived: int | None


@door
def dead_letters(trace: Trace) -> list[Dead]:
    """Every dead letter of the trace, in the order in which they were given up; each as it is at the trace's end."""
    done: dict[str, list[Record]] = {}  # by service
    for each in trace.of(*DONE):
        done.setdefault(each.where, []).append(each)
    found = []
    for record in trace.of("dead"):
        message, mine = record.message, done.get(record.other, [])
        if message is None:  # a record that somebody made by hand
            continue
        later = mine[bisect_right(mine, record.index, key=attrgetter("index")) :]
        end = next((each for each in later if each.message is not None and each.message.id == message.id), None)
        past = [
            each.message.id
            for each in later
            if each.kind == "handled" and (end is None or each.index < end.index)
            if each.message is not None and message.subject and each.message.subject == message.subject
        ]
        revived = None if end is None else end.at
        found.append(Dead(record.at, message, record.other, record.note, len(set(past)), revived))
    return found


@door
def rows(trace: Trace) -> list[dict[str, str]]:
    """The dead letters as rows of a table, with clock times."""
    clock = trace.stage.clock
    return [
        {
            "given up": clock(dead.at), "event": dead.message.type, trace.stage.subject: dead.message.subject,
            "for": dead.service, "reason": dead.reason, "overtaken by": str(dead.overtaken),
            "done after all": "" if dead.revived is None else clock(dead.revived),
        }
        for dead in dead_letters(trace)
    ]  # fmt: skip
