"""A state rebuilt from events: which events, what each changed, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple, TypedDict

from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.wording import counted, told

WHERE = "rebuild"
KNOWN, LOOKED_AT = 4, 200  # names in an error message; events of which copies of the state are made
Evolve = Callable[[Any, Event], Any]


class Change(TypedDict):
    """What an event changed: a key of the state, before and after."""

    key: str
    before: str
    after: str


class Row(TypedDict):
    """One event and what it changed."""

    event: Event
    time: str
    stream: str
    version: int
    changes: list[Change]


class Entry(TypedDict):
    """A key of the state, and whether the last event changed it."""

    key: str
    value: str
    changed: bool


class Stored(NamedTuple):
    """An event, and where it stands."""

    event: Event
    stream: str
    version: int

    @property
    def row(self) -> Row:
        """The row of a picture in which it has changed nothing yet."""
        return {"event": self.event, "time": "", "stream": self.stream, "version": self.version, "changes": []}


def events_of(source: Any, stream: str, subject: str, stage: Stage) -> Iterator[Stored]:
    """The events of one stream or subject, or all; `Invalid` if there are none."""
    known: dict[str, None] = {}
    count = 0
    for event, name, version in _events(source, stream):
        if len(known) < KNOWN:
            known[name if stream else event.subject] = None
        if stream in ("", name) and subject in ("", event.subject):
            count += 1
            yield Stored(event, name, version if stream and version else count)
    if not count:
        if known and (stream or subject):
            names = [*list(known)[: KNOWN - 1], "…"] if len(known) == KNOWN else list(known)
            raise unknown("stream" if stream else stage.subject, stream or subject, names, where=WHERE)
        raise Invalid("events", where=WHERE, expected="at least one event", found=stream or subject or "none")


def _events(source: Any, stream: str) -> Iterator[tuple[Event, str, int]]:
    """Event, stream and version, of whatever holds events; a version of 0 means that there is none."""
    if isinstance(source, Trace):
        stored = source.of("appended")
        yield from ((r.message, r.note, r.packet) for r in stored if isinstance(r.message, Event))
        return
    known: Iterable[Any] = source
    if hasattr(source, "read_all"):
        known = source.read(stream) if stream and source.version(stream) else source.read_all()
    elif isinstance(source, str | bytes | Event) or not isinstance(source, Iterable):
        raise Invalid("source", where=WHERE, expected="a store, a trace, or a list of events", found=source)
    for each in known:
        if isinstance(each, Event):
            yield each, "", 0
        elif hasattr(each, "event") and hasattr(each, "version"):
            yield each.event, each.stream, each.version
        else:
            raise Invalid("source", where=WHERE, expected="events, as such or as recorded", found=each)


def begin_of(source: Any, stream: str, as_of: int | None, schema: str, initial: Any) -> tuple[Any, int, int | None]:
    """The state before the first event that is folded, its version, and that of the snapshot if one was used."""
    if stream and hasattr(source, "snapshot"):
        used = source.snapshot(stream, as_of=as_of, schema=schema)
        if used is not None:
            return used.state, used.version, used.version
    return initial, 0, None


def fold(evolve: Evolve, events: Sequence[Stored], state: Any, stage: Stage, rows: int) -> tuple[list[Row], Any, bool]:
    """What each of the last `rows` events changed, the last state, and whether `evolve` changed what it was given.

    That is looked for in the first `LOOKED_AT` events and in the last ones: a copy takes as long as a state is large.
    """
    done: list[Row] = []
    alias = False
    for number, stored in enumerate(events):
        shown = number >= len(events) - rows
        if not shown and number >= LOOKED_AT:
            state = _evolved(evolve, state, stored)
            continue
        before = deepcopy(state)
        after = _evolved(evolve, state, stored)
        alias = alias or state != before
        state = after
        if shown:
            done.append({**stored.row, "changes": _changes(_fields(before), _fields(after), stage)})
    return done, state, alias


def _evolved(evolve: Evolve, state: Any, stored: Stored) -> Any:
    try:
        return evolve(state, stored.event)
    except Exception as problem:  # a learner's own function: the reader must see where it failed
        place, found = f"version {stored.version}, {stored.event.type}", f"{type(problem).__name__}: {problem}"
        raise Invalid(place, where="evolve", expected="a state", found=found) from problem


def _changes(was: dict[str, Any], now: dict[str, Any], stage: Stage) -> list[Change]:
    return [
        {
            "key": key,
            "before": told(was[key], stage, key) if key in was else "",
            "after": told(now.get(key), stage, key),
        }
        for key in [*now, *(key for key in was if key not in now)]
        if was.get(key) != now.get(key)
    ]


def entries_of(state: Any, done: list[Row], stage: Stage) -> list[Entry]:
    """The state, entry by entry."""
    last = {change["key"] for change in done[-1]["changes"]} if done else set()
    return [
        {"key": key, "value": told(value, stage, key), "changed": key in last} for key, value in _fields(state).items()
    ]


def _fields(state: Any) -> dict[str, Any]:
    if isinstance(state, Mapping):
        return {str(key): value for key, value in state.items()}
    return {} if state is None else {"state": state}


def subject_in(events: Iterable[Stored]) -> str:
    """What the events are about, in a word."""
    subjects = list(dict.fromkeys(stored.event.subject for stored in events))
    return subjects[0] if len(subjects) == 1 and subjects[0] else counted(len(subjects), "subject")
