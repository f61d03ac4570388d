"""A checker of histories: what writers and readers of a store were told, held against what stands in it afterwards.

Write down every append with its outcome, read the whole store at the end, and `anomalies` names what cannot be: a lost
append, two winners of one version, a position that a reader skipped. An append whose answer never came is `UNKNOWN`:
it may be there or not, but whole and once. Times are any clock that all clients share. Any store will do:

    told = [Append("flight-1", ("e1", "e2"), begun=10, ended=15, outcome=ACKNOWLEDGED, version=2, position=2)]
    log = [Place(1, "flight-1", 1, "e1")]
    anomalies(told, log)  # lost append: e2 was acknowledged at position 2 … and what follows from it
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

ACKNOWLEDGED, CONFLICTED, UNKNOWN = "acknowledged", "conflicted", "unknown"
KINDS = (
    "lost append", "torn batch", "wrong answer", "stored though refused", "double winner", "ignored expectation",
    "needless conflict", "phantom", "duplicate id", "skipped position", "reordered stream", "time travel", "stale read",
    "dirty read", "reader skipped", "reader repeated", "reader out of order",
)  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """Where an event stands in the store."""

    position: int
    stream: str
    version: int
    id: str


class Append(msgspec.Struct, frozen=True):
    """One append: what was asked, and what was answered. `version` and `position` are of the last event; in a conflict
    `version` is the actual one that was named. `expected` is None where anything was accepted."""

    stream: str
    ids: tuple[str, ...]
    begun: int
    ended: int = 2**63 - 1
    outcome: str = UNKNOWN
    expected: int | None = None
    version: int = 0
    position: int = 0


class Read(msgspec.Struct, frozen=True):
    """One reading of the whole store behind the position `after`: the positions and ids that it showed."""

    begun: int
    seen: tuple[tuple[int, str], ...]
    after: int = 0


class Anomaly(msgspec.Struct, frozen=True):
    """What cannot be in a store that keeps its promises; `kind` is one of `KINDS`."""

    kind: str
    what: str


def anomalies(
    appends: Sequence[Append],
    log: Sequence[Place],
    reads: Iterable[Read] = (),
    tails: Mapping[str, Sequence[int]] | None = None,
) -> list[Anomaly]:
    """All anomalies of a history. `log` is the whole store, read at the end; `tails` names readers that followed it to
    the end, with every position that each was given, in its order. Takes time in proportion to the history."""
    found = [Anomaly(kind, what) for kind, what in _log(appends, log)]
    places = {place.id: place for place in log}
    for append in appends:
        found += [Anomaly(kind, what) for kind, what in _append(append, places)]
    done = _acknowledged(appends)
    found += [Anomaly(kind, what) for kind, what in _together(appends, places, done)]
    for read in reads:
        found += [Anomaly(kind, what) for kind, what in _read(read, done, places)]
    for name, positions in (tails or {}).items():
        found += [Anomaly(kind, f"{name} {what}") for kind, what in _tail(positions, len(log))]
    return found


check = anomalies  # its name in version 0.1
Found = Iterator[tuple[str, str]]
Done = tuple[list[int], list[int]]


def _log(appends: Sequence[Append], log: Sequence[Place]) -> Found:
    tried = {id for append in appends for id in append.ids}
    seen, versions = set(), Counter[str]()
    for n, place in enumerate(log, 1):
        versions[place.stream] += 1
        if place.position != n:
            yield "skipped position", f"{place} stands where position {n} should"
        if place.version != versions[place.stream]:
            yield "reordered stream", f"{place} stands where version {versions[place.stream]} should"
        if place.id in seen:
            yield "duplicate id", f"{place} stands in the store a second time"
        if place.id not in tried:
            yield "phantom", f"{place} was appended by nobody"
        seen.add(place.id)


def _append(append: Append, places: Mapping[str, Place]) -> Found:
    there = [places[id] for id in append.ids if id in places]
    if append.outcome == CONFLICTED:
        if there:
            yield "stored though refused", f"{there[0]} was answered with a conflict"
        if append.version == append.expected:
            yield "needless conflict", f"{append.stream} was at version {append.version}, as was expected"
        return
    if append.outcome == ACKNOWLEDGED and len(there) < len(append.ids):
        lost = next(id for id in append.ids if id not in places)
        yield "lost append", f"{lost} was acknowledged at position {append.position}"
    whole = [place.position for place in there]
    if there and (len(there) < len(append.ids) or whole != list(range(whole[0], whole[0] + len(whole)))):
        yield "torn batch", f"of {append.ids} there is {there}"
    if append.outcome == ACKNOWLEDGED and there:
        last = there[-1]
        if (last.stream, last.version, last.position) != (append.stream, append.version, append.position):
            yield "wrong answer", f"{last} was answered as {append.stream}, {append.version}, {append.position}"
    if append.expected is not None and there and there[0].version != append.expected + 1:
        yield "ignored expectation", f"{there[0]} was to stand behind version {append.expected}"


def _acknowledged(appends: Sequence[Append]) -> Done:
    """When acknowledgements came, and the highest position acknowledged by then."""
    done = sorted((append.ended, append.position) for append in appends if append.outcome == ACKNOWLEDGED)
    highest = [0]
    for _, position in done:
        highest.append(max(highest[-1], position))
    return [ended for ended, _ in done], highest


def _together(appends: Sequence[Append], places: Mapping[str, Place], done: Done) -> Found:
    ended, highest = done
    winners = Counter((a.stream, a.expected) for a in appends if a.outcome == ACKNOWLEDGED and a.expected is not None)
    for (stream, version), count in winners.items():
        if count > 1:
            yield "double winner", f"{count} appends were acknowledged behind version {version} of {stream}"
    for append in appends:
        place = places.get(append.ids[0])
        if place and append.outcome != CONFLICTED and highest[bisect_left(ended, append.begun)] > place.position:
            yield "time travel", f"{place} began after a later position had been acknowledged"


def _read(read: Read, done: Done, places: Mapping[str, Place]) -> Found:
    known = done[1][bisect_left(done[0], read.begun)]
    last = max((position for position, _ in read.seen), default=read.after)
    if last < known:
        yield "stale read", f"position {known} had been acknowledged, the reader saw up to {last}"
    for position, id in read.seen:
        if id not in places or places[id].position != position:
            yield "dirty read", f"{id} was read at position {position} and is not there"


def _tail(positions: Sequence[int], count: int) -> Found:
    seen = Counter(positions)
    for position in range(1, count + 1):
        if not seen[position]:
            yield "reader skipped", f"never saw position {position}"
    for position, times in seen.items():
        if times > 1:
            yield "reader repeated", f"saw position {position} {times} times"
    for before, position in pairwise(positions):
        if position < before:
            yield "reader out of order", f"saw position {position} after {before}"
