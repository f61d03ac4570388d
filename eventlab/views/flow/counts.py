"""What the arrows of a flow graph count: who sends how much to whom, and what went wrong.

An arrow stands for a pair of services and one kind of message. Answers and receipts belong to the arrow of what they
answer. Everything is counted in one pass over the records.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.stage import Stage
from eventlab.trace import FAILURES, Record, Trace
from eventlab.views.drawing.records import PURPOSES, about
from eventlab.views.drawing.wording import counted, period, times
from eventlab.views.flow.parts import Edge, Key, edge
from eventlab.views.motion.choice import check_trace

SEEN = {"sent", "crashed", "restarted", "appended", *FAILURES}
ANSWERS = ("reply", "acknowledge", "confirm")  # what comes back if all is well

Purpose = tuple[str, str, str, str]  # from whom, to whom, purpose, what became of it


def count(trace: Trace, at: int | None, since: int) -> tuple[dict[Key, Edge], dict[str, str]]:
    """All edges, in the order of their first message, and for each service that was down, when.

    Counted are the records from index `since` to index `at` (None: the last one).
    """
    last, stage = _last(trace, at, since), trace.stage
    counts: dict[Purpose, int] = defaultdict(int)
    notes: dict[Purpose, str] = {}
    stops: dict[str, list[list[int]]] = defaultdict(list)
    for record in trace.of(*SEEN, end=last + 1):
        kind = record.kind
        if kind == "sent" and record.index >= since:  # as most are
            counts[record.where, record.other, record.purpose, "sent"] += 1
        elif kind == "crashed":
            stops[record.where].append([record.at])
        elif kind == "restarted":
            if stops[record.where]:
                stops[record.where][-1].append(record.at)
        elif record.index >= since:
            key = _purpose(record, counts, stage)
            counts[key] += 1
            if kind in FAILURES:
                notes[key] = record.note
    if not any(key[0] in stage.stores for key in counts):  # every service has a database of its own: not drawn
        counts = {key: number for key, number in counts.items() if key[2] != "stored"}
    return _edges(counts, notes, stage), _when_down(stops, trace[since].at, stage)


def _purpose(record: Record, counts: Mapping[Purpose, int], stage: Stage) -> Purpose:
    """What a record adds to."""
    kind = record.kind
    if kind == "appended":
        return record.where, next(iter(stage.stores), record.where), "stored", "sent"
    # Such a record is written at the end of the arrow; who stops waiting or gives up stands at its beginning.
    ends = (record.where, record.other) if kind in ("expired", "dead") else (record.other, record.where)
    if isinstance(record.message, Event):
        purpose = "publish" if kind == "expired" else "deliver"
    else:
        purpose = "request" if (*ends, "request", "sent") in counts else "tell"
    return (*ends, record.purpose or purpose, kind)


def travelling(trace: Trace, at: int) -> dict[Key, list[tuple[str, bool]]]:
    """What is on its way at the record with index `at`: for each arrow, what it is and whether it travels along it."""
    under_way: dict[int, Record] = {}
    for record in trace.of("sent", "received", "lost", end=at + 1):
        if record.kind == "sent":
            under_way[record.packet] = record
        else:
            under_way.pop(record.packet, None)
    found: dict[Key, list[tuple[str, bool]]] = defaultdict(list)
    for record in under_way.values():
        key, along = _arrow(record.where, record.other, record.purpose, trace.stage)
        what = about(record.message, trace.stage)
        found[key].append((what if along else f"{record.purpose}: {what}", along))
    return found


def _arrow(source: str, target: str, purpose: str, stage: Stage) -> tuple[Key, bool]:
    """The arrow that a message belongs to, and whether it travels along it or back."""
    kind, along = ("stored", True) if purpose == "stored" else PURPOSES.get(purpose, ("tell", True))
    ends = (source, target) if along else (target, source)
    if kind == "request" and (ends[0] in stage.people or ends[1] in stage.people):
        kind = "people"
    return (*ends, kind), along


def _last(trace: Trace, at: int | None, since: int) -> int:
    """The index of the last record that counts; `Invalid` if there are no such records."""
    check_trace(trace, "flow graph")
    last = len(trace) - 1
    if last < 0:
        raise Invalid("trace", where="flow graph", expected="a run that has begun: run.step()", found="no record yet")
    for name, index, least in (("since", since, 0), ("at", last if at is None else at, since)):
        if not least <= index <= last:
            raise Invalid(name, where="flow graph", expected=f"a record's index, {least} to {last}", found=index)
    return last if at is None else at


def _when_down(stops: Mapping[str, list[list[int]]], since: int, stage: Stage) -> dict[str, str]:
    """For each service the last two times that it was down, of those that reach beyond an instant."""
    found = {
        name: [stop for stop in all_stops if len(stop) < 2 or stop[1] >= since] for name, all_stops in stops.items()
    }
    return {name: "; ".join(_stop(stage, *kept[-2:][n]) for n in range(len(kept[-2:]))) for name, kept in found.items()
            if kept}  # fmt: skip


def _stop(stage: Stage, begin: int, end: int | None = None) -> str:
    return f"stopped at {stage.clock(begin)}" if end is None else f"stopped {period(begin, end, stage)}"


def _edges(counts: Mapping[Purpose, int], notes: Mapping[Purpose, str], stage: Stage) -> dict[Key, Edge]:
    edges: dict[Key, Edge] = {}
    for key, number in counts.items():
        source, target, purpose, what = key
        place, along = _arrow(source, target, purpose, stage)
        found = edges.setdefault(place, edge(place))
        if what != "sent":
            found["failures"][what if along else f"{purpose} {what}"] += number
            if notes[key] not in ("", *found["notes"]):
                found["notes"].append(notes[key])
        elif along:
            found["count"] += number
        elif purpose in ANSWERS:
            found["back"] += number
    for found in edges.values():
        found["failed"] = failed(found["failures"])
        found["words"] = _words(found)
    return edges


def failed(failures: Counter[str]) -> int:
    """How many went wrong: each counted once, though an answer that never came is both lost and waited for in vain."""
    return max(failures.total() - failures["expired"], failures["expired"])


def _words(edge: Edge) -> str:
    number, back, source = edge["count"], edge["back"], edge["source"]
    said = {
        "event": f"{counted(number, 'event')}, {back:,} acknowledged",
        "request": f"{counted(number, 'request')}, {counted(back, 'answer')}; {source} waits for each",
        "people": f"told or asked {times(number)}, {counted(back, 'answer')}",
        "stored": f"{counted(number, 'event')} stored",
    }.get(edge["kind"], counted(number, "command"))
    wrong = ", ".join(f"{n:,} {what}" for what, n in edge["failures"].items())
    notes = "; ".join(edge["notes"][:2])
    said = f"{source} → {edge['target']}: {said}"
    return said + (f". Went wrong: {wrong}" if wrong else "") + (f" ({notes})" if notes else "")
