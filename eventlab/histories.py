"""A checker of histories: what writers and readers of a store were told, held against what stands in it afterwards.

Write down every append with its outcome, read the whole store at the end, and `anomalies` names what cannot be: a lost
append, two winners of one version, a position that a reader skipped. An append whose answer never came is `UNKNOWN`:
it may be there or not, but whole and once. The same events with the same ids again are a *repetition*: a store may
answer as it did the first time, whatever is expected. Times are any clock that all clients share. Any store will do:

    told = [Append("flight-1", ("e1", "e2"), begun=10, ended=15, outcome=ACKNOWLEDGED, version=2, position=2)]
    log = [Place(1, "flight-1", 1, "e1")]
    anomalies(told, log)  # lost append: e2 was acknowledged at position 2 … and what follows from it
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any

import msgspec

from eventlab.errors import Invalid

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
    ids: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
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
    appends, log = _sound(appends, list[Append], "appends"), _sound(log, list[Place], "log")
    reads = _sound(reads, list[Read], "reads")
    tails = _sound({} if tails is None else tails, dict[str, list[int]], "tails")
    found = [Anomaly(kind, what) for kind, what in _log(appends, log)]
    places = {place.id: place for place in log}
    tries = _tries(appends)
    for append in appends:
        found += [Anomaly(kind, what) for kind, what in _append(append, places)]
    for same in tries.values():
        found += [Anomaly(kind, what) for kind, what in _same(same, places)]
    done = _acknowledged(appends)
    found += [Anomaly(kind, what) for kind, what in _together(tries, places, done)]
    for read in reads:
        found += [Anomaly(kind, what) for kind, what in _read(read, done, places)]
    for name, positions in tails.items():
        found += [Anomaly(kind, f"{name} {what}") for kind, what in _tail(positions, len(log))]
    return found


def _sound(given: Any, kind: Any, what: str) -> Any:
    """What was handed in, as the `kind` that it should be."""
    try:
        whole = given if isinstance(given, Mapping) or not isinstance(given, Iterable) else list(given)
        return msgspec.convert(msgspec.to_builtins(whole), kind)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise Invalid(what, where="anomalies", expected=f"{what} of a history ({error!s:.200})", found=given) from error


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


def _tries(appends: Sequence[Append]) -> dict[tuple[str, tuple[str, ...]], list[Append]]:
    """The tries of each append: the same events again are one append, tried again. The first try comes first."""
    tries: dict[tuple[str, tuple[str, ...]], list[Append]] = {}
    for append in sorted(appends, key=lambda append: append.begun):
        tries.setdefault((append.stream, append.ids), []).append(append)
    return tries


def _same(tries: Sequence[Append], places: Mapping[str, Place]) -> Found:
    """What the tries of one append say together: one of them stored it, and from then on the answer is known."""
    place = places.get(tries[0].ids[0])
    if place is None:
        return
    stored = [append for append in tries if append.outcome != CONFLICTED]
    refused = [append for append in tries if append.outcome == CONFLICTED]
    if refused and not stored:
        yield "stored though refused", f"{place} was answered with a conflict"
    answered = min((append.ended for append in stored if append.outcome == ACKNOWLEDGED), default=None)
    late = [append for append in refused if answered is not None and append.begun > answered]
    if late:
        yield "needless conflict", f"{place} was acknowledged, and refused when it was appended again"
    if stored and not any(_could_store(append, place, answered) for append in stored):
        yield "ignored expectation", f"{place} was to stand behind version {stored[0].expected}"


def _could_store(append: Append, place: Place, answered: int | None) -> bool:
    """Whether this try may be the one that put it there; the others are repetitions, whatever they expect."""
    in_time = answered is None or append.begun <= answered
    return in_time and append.expected in (None, place.version - 1)


def _acknowledged(appends: Sequence[Append]) -> Done:
    """When acknowledgements came, and the highest position acknowledged by then."""
    done = sorted((append.ended, append.position) for append in appends if append.outcome == ACKNOWLEDGED)
    highest = [0]
    for _, position in done:
        highest.append(max(highest[-1], position))
    return [ended for ended, _ in done], highest


def _together(tries: Mapping[Any, Sequence[Append]], places: Mapping[str, Place], done: Done) -> Found:
    ended, highest = done
    winners = Counter[tuple[str, int]]()
    for (stream, ids), same in tries.items():
        place, stored = places.get(ids[0]), [append for append in same if append.outcome != CONFLICTED]
        winners.update({(stream, version) for version in _won(stored, place)})
        if place and stored and highest[bisect_left(ended, stored[0].begun)] > place.position:
            yield "time travel", f"{place} began after a later position had been acknowledged"
    for (stream, version), count in winners.items():
        if count > 1:
            yield "double winner", f"{count} appends were acknowledged behind version {version} of {stream}"


def _won(stored: Sequence[Append], place: Place | None) -> set[int]:
    """The versions that an append says it stands behind: the true one, or else all that it was acknowledged for."""
    acknowledged = {append.expected for append in stored if append.outcome == ACKNOWLEDGED}
    claimed = {version for version in acknowledged if version is not None}
    true = {append.expected for append in stored if place and append.expected in (None, place.version - 1)}
    return claimed & {version for version in true if version is not None} if true else claimed


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
