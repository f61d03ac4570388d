"""What people felt and what it cost, counted from a trace; the truth is what the airlines said, when they said it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from eventlab.airports.clocks import HOUR, MINUTE
from eventlab.airports.rules import GROUND, WORTH_TELLING, Facts, decide, evolve
from eventlab.airports.stage import PEOPLE
from eventlab.event import Command
from eventlab.measures.traffic import percentile
from eventlab.trace import ENDS, RECEIPTS, Record, Trace

LATE = 5 * MINUTE  # a notice this long after the news was known is late

MEASURES = {
    "answered %": "share of the passengers' questions that got an answer",
    "out of date %": "share of the answers that were no longer true",
    "p50 ms": "half of the answers came within this time (simulated milliseconds)",
    "p99 ms": "99 of 100 answers came within this time",
    "told late": "passengers who heard of their cancellation or delay more than 5 minutes after it was known",
    "never told": "passengers who never heard of it",
    "told twice": "passengers who were told the same thing more than once",
    "wrong board h": "hours in which a row of the boards was wrong, within two hours before departure, all rows added",
    "not rebooked": "passengers of cancelled flights for whom no seat was found",
    "messages": "messages sent over the network, of any kind",
    "MB": "their size as JSON, in millions of bytes; a receipt counts as the id that it names",
    "requests": "requests among the services (those of airlines and passengers are not counted)",
    "coupling": "pairs of services of which one had to wait for an answer of the other",
    "blast radius": "services that failed at work that they were given, though nothing was wrong with them",
    "recovery min": "minutes from the end of the last fault until all news from before it had been worked through; "
    "not a number if a fault never ends",
}


_encode = msgspec.json.Encoder().encode


class Moment(NamedTuple):
    """What was true about a flight from an instant on."""

    since: int
    status: str
    estimate: int


Truth = dict[str, list[Moment]]


def measure(trace: Trace, commands: Sequence[Command]) -> dict[str, float]:
    """All `MEASURES` of a finished run, in their order."""
    truth, passengers = truth_of(commands)
    by_kind: dict[str, list[Record]] = defaultdict(list)
    for record in trace:
        by_kind[record.kind].append(record)
    values = {
        **_answers(by_kind, truth),
        **_told(by_kind["acted"], truth, passengers),
        "wrong board h": _wrong_boards(by_kind["changed"], truth) / HOUR,
        "not rebooked": sum(row.get("left", 0) for row in trace.state("rebooking").values() if isinstance(row, dict)),
        **_traffic(by_kind),
        "blast radius": len(_blast_radius(by_kind)),
        "recovery min": _recovery(by_kind, commands) / MINUTE,
    }
    return {name: values[name] for name in MEASURES}


def truth_of(commands: Sequence[Command]) -> tuple[Truth, dict[str, int]]:
    """What could be known about every flight from when on, and how many passengers each has."""
    truth: Truth = defaultdict(list)
    facts: dict[str, Facts] = {}
    for command in commands:
        key = command.data["flight"]
        for event in decide(command, facts.get(key, {})):
            facts[key] = evolve(facts.get(key, {}), event)
            truth[key].append(Moment(command.time, facts[key]["status"], facts[key]["estimate"]))
    return truth, {key: flight["passengers"] for key, flight in facts.items()}


def true_at(moments: Sequence[Moment], instant: int) -> Moment | None:
    """What was true at an instant; None before anything was known."""
    place = bisect_right(moments, instant, key=lambda moment: moment.since)
    return moments[place - 1] if place else None


def _answers(by_kind: dict[str, list[Record]], truth: Truth) -> dict[str, float]:
    asked = {r.message.id: r.at for r in by_kind["sent"] if r.where == "passengers" and r.message}
    gave_up = {r.message.id for r in by_kind["expired"] if r.where == "passengers" and r.message}
    answered: dict[str, float] = {}
    wrong = 0
    for record in by_kind["received"]:
        if record.where != "passengers" or record.purpose != "reply" or record.message is None:
            continue
        question = record.message.causationid
        if question in answered or question in gave_up:
            continue  # doubled on the way, or nobody waits for it any more
        sent = asked[question]
        answered[question] = (record.at - sent) / 1e6
        said, moments = record.message.data, truth[record.message.subject]
        true = [true_at(moments, instant) for instant in (sent, record.at)]  # it may have changed on the way
        wrong += (said.get("status"), said.get("estimate")) not in [moment[1:] for moment in true if moment]
    waited = list(answered.values())
    return {
        "answered %": 100 * len(waited) / len(asked) if asked else float("nan"),
        "out of date %": 100 * wrong / len(waited) if waited else float("nan"),
        "p50 ms": percentile(waited, 0.50),
        "p99 ms": percentile(waited, 0.99),
    }


def _told(acts: list[Record], truth: Truth, passengers: dict[str, int]) -> dict[str, float]:
    told: dict[tuple[str, str], list[int]] = defaultdict(list)
    asked: set[str] = set()
    for act in acts:
        what = act.message
        if what is None or what.type != "passengers.told" or what.id in asked:
            continue  # whoever sends it out knows the id: asked again, it does nothing
        if what.id:
            asked.add(what.id)
        told[act.key, what.data["told"]].append(act.at)
    late = never = 0
    for key, moments in truth.items():
        planned = moments[0].estimate
        cancelled = [m.since for m in moments if m.status == "cancelled"]
        delayed = [m.since for m in moments if m.status == "delayed" and m.estimate - planned >= WORTH_TELLING]
        for word, since in (("cancelled", cancelled), ("delayed", delayed)):
            if since:
                times = told.get((key, word))
                never += passengers[key] if not times else 0
                late += passengers[key] if times and times[0] - since[0] > LATE else 0
    # A flight can be delayed again and get another gate again: only a repeated cancellation or rebooking is a mistake.
    twice = {key for (key, word), times in told.items() if word in ("cancelled", "rebooked") and len(times) > 1}
    return {"told late": late, "never told": never, "told twice": sum(passengers[key] for key in sorted(twice))}


def _wrong_boards(changes: list[Record], truth: Truth) -> int:
    """Nanoseconds for which rows were wrong, from two hours before the plan until 15 minutes after the flight left.

    People come for a flight that was cancelled, too: its row counts until 15 minutes after it was to leave.
    """
    shown: dict[str, list[Moment]] = defaultdict(list)
    for change in changes:
        if change.where == "boards" and change.key in truth:
            row = change.after or {}
            shown[change.key].append(Moment(change.at, row.get("status", ""), row.get("estimate", 0)))
    wrong = 0
    for key, moments in truth.items():
        gone = [moment.since for moment in moments if moment.status not in (*GROUND, "cancelled")]
        begin = max(moments[0].since, moments[0].estimate - 2 * HOUR)
        end = (gone[0] if gone else moments[-1].estimate) + 15 * MINUTE
        instants = sorted({begin, end, *(m.since for m in (*moments, *shown[key]) if begin < m.since < end)})
        for since, until in pairwise(instants):
            true, row = true_at(moments, since), true_at(shown[key], since)
            if true and (row is None or row[1:] != true[1:]):
                wrong += until - since
    return wrong


def _traffic(by_kind: dict[str, list[Record]]) -> dict[str, float]:
    sent = by_kind["sent"]
    requests = [record for record in sent if record.purpose == "request" and record.where not in PEOPLE]
    return {
        "messages": len(sent),
        "MB": sum(map(_size, sent)) / 1e6,
        "requests": len(requests),
        "coupling": len({(record.where, record.other) for record in requests}),
    }


def _size(sent: Record) -> int:
    """Bytes on the wire: of a message its JSON, of a receipt the id that it names: it carries no event."""
    assert sent.message is not None
    return len(sent.message.id) if sent.purpose in RECEIPTS else len(_encode(sent.message))


def blast_radius(trace: Trace) -> set[str]:
    """The blast radius: the services that failed at work that they were given, though nothing was wrong with them."""
    by_kind: dict[str, list[Record]] = defaultdict(list)
    for record in trace.of(*ENDS, "failed", "expired"):
        by_kind[record.kind].append(record)
    return _blast_radius(by_kind)


def _blast_radius(by_kind: dict[str, list[Record]]) -> set[str]:
    faulty = {record.where for kind in ENDS for record in by_kind[kind]}
    failing = {record.where for record in by_kind["failed"]}
    failing |= {  # what is asked for nobody's sake, or waits in an outbox, is tried again: nothing has failed
        record.where
        for record in by_kind["expired"]
        if isinstance(record.message, Command) and record.message.causationid
    }
    return failing - faulty - set(PEOPLE)


def _recovery(by_kind: dict[str, list[Record]], commands: Sequence[Command]) -> float:
    ends = [record.at for kind in ("restarted", "healed") for record in by_kind[kind]]
    ends += [record.at for record in by_kind["slowed"] if record.note == "1"]
    if len(by_kind["crashed"]) + len(by_kind["partitioned"]) > len(by_kind["restarted"]) + len(by_kind["healed"]):
        return float("nan")  # something is down for good
    if not ends:
        return 0
    before = {command.id for command in commands if command.time <= max(ends)}
    about = [r.at for r in by_kind["handled"] if r.message and (r.message.correlationid or r.message.id) in before]
    return max(0, max(about, default=0) - max(ends))
