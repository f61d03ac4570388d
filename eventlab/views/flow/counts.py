"""What the arrows of a flow graph count: who sends how much to whom, what went wrong, and what that comes to.

An arrow stands for a pair of services and one kind of message. Answers and receipts belong to the arrow of what they
answer. Everything is counted in one pass over the records.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.trace import Record, Trace
from eventlab.views.drawing.text import about, clock

# What a message belongs to: kind of arrow, and whether it travels along the arrow or back.
PURPOSES = {
    "publish": ("event", True), "deliver": ("event", True),
    "acknowledge": ("event", False), "confirm": ("event", False), "reject": ("event", False),
    "request": ("request", True), "reply": ("request", False), "refusal": ("request", False),
}  # fmt: skip
FAILURES = ("lost", "refused", "failed", "expired", "dead")
SEEN = {"sent", "crashed", "restarted", "appended", *FAILURES}

Edge = dict[str, Any]
Key = tuple[str, str, str]  # from whom, to whom, kind of arrow
Counts = dict[tuple[str, str, str, str], int]  # from whom, to whom, purpose, what became of it


def count(trace: Trace, at: int | None, since: int, people: Sequence[str]) -> tuple[dict[Key, Edge], dict[str, str]]:
    """All edges, in the order of their first message, and for each service that was down, when.

    Counted are the records from index `since` to index `at` (None: the last one).
    """
    last = _last(trace, at, since)
    counts: Counts = defaultdict(int)
    notes: dict[tuple[str, str, str, str], str] = {}
    stops: dict[str, list[list[int]]] = defaultdict(list)
    for record in trace.records[: last + 1]:
        kind = record.kind
        if kind not in SEEN:
            continue
        if kind == "crashed":
            stops[record.where].append([record.at])
        elif kind == "restarted":
            if stops[record.where]:
                stops[record.where][-1].append(record.at)
        elif record.index < since:
            continue
        elif kind == "sent":
            counts[record.where, record.other, record.purpose, "sent"] += 1
        elif kind == "appended":
            counts[record.where, "store", "stored", "sent"] += 1
        else:
            # Such a record is written at the end of the arrow; who stops waiting or gives up stands at its beginning.
            ends = (record.where, record.other) if kind in ("expired", "dead") else (record.other, record.where)
            if isinstance(record.message, Event):
                purpose = "publish" if kind == "expired" else "deliver"
            else:
                purpose = "request" if (*ends, "request", "sent") in counts else "tell"
            key = (*ends, record.purpose or purpose, kind)
            counts[key] += 1
            notes[key] = record.note
    if not any(key[0] == "store" for key in counts):  # every service has a database of its own: not drawn
        counts = {key: number for key, number in counts.items() if key[2] != "stored"}
    begin = trace[since].at
    return _edges(counts, notes, people), {
        name: "; ".join(_stop(*stop) for stop in found[-2:])
        for name, all_stops in stops.items()
        if (found := [stop for stop in all_stops if len(stop) < 2 or stop[1] >= begin])
    }


def travelling(trace: Trace, at: int, people: Sequence[str]) -> dict[Key, list[tuple[str, bool]]]:
    """What is on its way at the record with index `at`: for each arrow, what it is and whether it travels along it."""
    under_way: dict[int, Record] = {}
    for record in trace.records[: at + 1]:
        if record.kind == "sent":
            under_way[record.packet] = record
        elif record.kind in ("received", "lost"):
            under_way.pop(record.packet, None)
    found: dict[Key, list[tuple[str, bool]]] = defaultdict(list)
    for record in under_way.values():
        kind, along = PURPOSES.get(record.purpose, ("tell", True))
        source, to = (record.where, record.other) if along else (record.other, record.where)
        if kind == "request" and (source in people or to in people):
            kind = "people"
        what = about(record.message)
        found[source, to, kind].append((what if along else f"{record.purpose}: {what}", along))
    return found


def _last(trace: Trace, at: int | None, since: int) -> int:
    """The index of the last record that counts; `Invalid` if there are no such records."""
    if not isinstance(trace, Trace):
        raise Invalid("trace", where="flow graph", expected="a trace, such as run.trace", found=trace)
    last = len(trace) - 1
    if last < 0:
        raise Invalid("trace", where="flow graph", expected="a run that has begun: run.step()", found="no record yet")
    for name, index, least in (("since", since, 0), ("at", last if at is None else at, since)):
        if not least <= index <= last:
            raise Invalid(name, where="flow graph", expected=f"a record's index, {least} to {last}", found=index)
    return last if at is None else at


def _stop(begin: int, end: int | None = None) -> str:
    return f"stopped at {clock(begin)}" if end is None else f"stopped {clock(begin)}–{clock(end)}"


def _edges(counts: Counts, notes: Mapping[Any, str], people: Sequence[str]) -> dict[Key, Edge]:
    edges: dict[Key, Edge] = {}
    for (source, to, purpose, what), number in counts.items():
        kind, along = ("stored", True) if purpose == "stored" else PURPOSES.get(purpose, ("tell", True))
        ends = (source, to) if along else (to, source)
        if kind == "request" and (ends[0] in people or ends[1] in people):
            kind = "people"
        edge = edges.setdefault((*ends, kind), {"count": 0, "back": 0, "failures": Counter(), "notes": []})
        if what != "sent":
            edge["failures"][what if along else f"{purpose} {what}"] += number
            if notes[source, to, purpose, what] not in ("", *edge["notes"]):
                edge["notes"].append(notes[source, to, purpose, what])
        elif along:
            edge["count"] += number
        elif purpose in ("reply", "acknowledge", "confirm"):
            edge["back"] += number
    for (source, to, kind), edge in edges.items():
        edge["failed"] = _failed(edge["failures"])
        edge["words"] = _words(source, to, kind, edge)
    return edges


def _failed(failures: Counter[str]) -> int:
    """How many went wrong: each counted once, though an answer that never came is both lost and waited for in vain."""
    certain = sum(number for what, number in failures.items() if what != "expired")
    return max(certain, failures["expired"])


def _words(source: str, to: str, kind: str, edge: Edge) -> str:
    number, back = edge["count"], edge["back"]
    said = {
        "event": f"{_many(number, 'event')}, {back:,} acknowledged",
        "request": f"{_many(number, 'request')}, {_many(back, 'answer')}; {source} waits for each",
        "people": f"{_many(number, 'time')} told or asked, {_many(back, 'answer')}",
        "stored": f"{_many(number, 'event')} stored",
    }.get(kind, _many(number, "command"))
    wrong = ", ".join(f"{n:,} {what}" for what, n in edge["failures"].items())
    notes = "; ".join(edge["notes"][:2])
    return f"{source} → {to}: {said}" + (f". Went wrong: {wrong}" if wrong else "") + (f" ({notes})" if notes else "")


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def conclusion(edges: dict[Key, Edge], stops: dict[str, str]) -> tuple[str, str]:
    """What the picture shows, once in a few words and once in a sentence or two."""
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for (source, to, kind), edge in edges.items():
        if kind == "request":
            asked[source][to] = edge["count"]
    pairs = sum(map(len, asked.values()))
    if not asked:
        short = "no service waits for another"
        published = sum(e["count"] for (_, to, kind), e in edges.items() if kind == "event" and to == "bus")
        delivered = sum(e["count"] for (source, _, kind), e in edges.items() if kind == "event" and source == "bus")
        long = f"{_many(published, 'event')} went to the bus, which sent them on {_many(delivered, 'time')}."
    else:
        short = f"{_many(len(asked), 'service')} {'waits' if len(asked) == 1 else 'wait'} for others"
        parts = [f"{source} waits for {_listed(list(to))}" for source, to in sorted(asked.items(), key=_most)[:2]]
        more = f"; {len(asked) - 2} more wait too" if len(asked) > 2 else ""
        total = sum(sum(to.values()) for to in asked.values())
        long = f"{'; '.join(parts)}{more}: {_many(total, 'request')} over {_many(pairs, 'pair')}."
    wrong = [(edge["failed"], key) for key, edge in edges.items() if edge["failed"]]
    if wrong:
        worst = sorted(wrong, key=lambda found: (-found[0], found[1]))[:2]
        told = ", ".join(f"{source} → {to} {_many(number, 'time')}" for number, (source, to, _) in worst)
        rest = sum(number for number, _ in wrong) - sum(number for number, _ in worst)
        long += f" Went wrong: {told}" + (f", elsewhere {_many(rest, 'time')}." if rest else ".")
    return short, " ".join([long, *(f"{name} {when}." for name, when in stops.items())])


def _most(asker: tuple[str, dict[str, int]]) -> tuple[int, str]:
    return -len(asker[1]), asker[0]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
