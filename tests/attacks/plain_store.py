"""A store that is nothing but a list: what every engine has to answer, said as plainly as Python can.

It shares with the real ones the shape of answers and errors and the check of what may be stored; how a row is written
as bytes, and the chain of hashes, it knows by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from eventlab.errors import EventIdConflict, Invalid, WrongExpectedVersion
from eventlab.event import Event, freeze
from eventlab.rows import ANY, NO_STREAM, STREAM_EXISTS, Appended, Expected, Recorded, checked
from eventlab.saved import Checkpoint, Snapshot

FIELDS = ("type", "data", "subject", "id", "source", "time", "correlationid", "causationid", "dataschema")


class Plain:
    def __init__(self) -> None:
        self.log: list[Recorded] = []
        self.snapshots: dict[tuple[str, str, int], Any] = {}
        self.checkpoints: dict[str, tuple[int, Any]] = {}

    # -- writing --

    def append(self, stream: str, events: Event | Sequence[Event], expected: int | Expected = ANY) -> Appended:
        checked(stream, events, expected)
        batch = [events] if isinstance(events, Event) else list(events)
        version = self.version(stream)
        if (done := self._known(stream, batch)) is not None:
            return done
        fits = {ANY: True, NO_STREAM: version == 0, STREAM_EXISTS: version > 0}.get(expected, expected == version)
        if not fits:
            raise WrongExpectedVersion(stream, expected if isinstance(expected, int) else expected.value, version)
        for event in batch:
            version += 1
            self.log.append(Recorded(event, stream, version, len(self.log) + 1))
        return Appended(stream, version, len(self.log))

    def _known(self, stream: str, batch: list[Event]) -> Appended | None:
        known = {each.event.id: each for each in self.log}
        there = [known[event.id] for event in batch if event.id in known]
        if not there:
            return None
        for n, event in enumerate(batch):
            found = known.get(event.id, there[0])
            right = found.event == event and found.stream == stream and found.position == there[0].position + n
            if not right or text(found.event) != text(event):
                raise EventIdConflict(found.event.id, found.stream, found.position, "")
        return Appended(stream, found.version, found.position, duplicate=True)

    # -- reading --

    def read(
        self, stream: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        return iter([
            each for each in self.log
            if each.stream == stream and after < each.version and (upto is None or each.version <= upto)
            and (as_of is None or each.event.time <= as_of)
        ])  # fmt: skip

    def read_category(
        self, category: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None
    ) -> Iterator[Recorded]:
        found = self.read_all(after=after, upto=upto, as_of=as_of)
        return iter([each for each in found if each.stream.split("-")[0] == category])

    def read_all(
        self, *, after: int = 0, upto: int | None = None, as_of: int | None = None, limit: int | None = None
    ) -> Iterator[Recorded]:
        found = [
            each for each in self.log
            if after < each.position and (upto is None or each.position <= upto)
            and (as_of is None or each.event.time <= as_of)
        ]  # fmt: skip
        return iter(found if limit is None else found[: max(0, limit)])

    def find(self, id: str) -> Recorded | None:
        return next((each for each in self.log if each.event.id == id), None)

    def version(self, stream: str) -> int:
        return sum(each.stream == stream for each in self.log)

    @property
    def position(self) -> int:
        return len(self.log)

    def streams(self, category: str | None = None) -> list[str]:
        names = sorted({each.stream for each in self.log})
        return [name for name in names if category is None or name.split("-")[0] == category]

    # -- snapshots and checkpoints --

    def save_snapshot(self, stream: str, version: int, state: Any, schema: str = "") -> None:
        last = self.version(stream)
        if not 1 <= version <= last:
            where = f"snapshot of stream {stream!r}"
            raise Invalid("snapshot version", where=where, expected=f"1 to {last}", found=version)
        self.snapshots[stream, schema, version] = freeze(state)

    def snapshot(
        self, stream: str, *, as_of_version: int | None = None, as_of: int | None = None, schema: str = ""
    ) -> Snapshot | None:
        fitting = [
            Snapshot(stream, version, state, schema)
            for (name, of, version), state in self.snapshots.items()
            if (name, of) == (stream, schema) and (as_of_version is None or version <= as_of_version)
            and (as_of is None or all(each.event.time <= as_of for each in self.read(stream, upto=version)))
        ]  # fmt: skip
        return max(fitting, key=lambda snapshot: snapshot.version, default=None)

    def checkpoint(self, name: str) -> int:
        return self.checkpoints.get(name, (0, None))[0]

    def checkpoint_state(self, name: str) -> Any:
        return self.checkpoints.get(name, (0, None))[1]

    def load_checkpoint(self, name: str) -> Checkpoint:
        return Checkpoint(name, *self.checkpoints.get(name, (0, None)))

    def save_checkpoint(self, name: str, position: int, state: Any = None) -> int:
        if not 0 <= position <= self.position:
            raise Invalid("position", where=f"checkpoint {name!r}", expected=f"0 to {self.position}", found=position)
        if position >= self.checkpoint(name):
            self.checkpoints[name] = position, freeze(state)
        return self.checkpoint(name)

    def reset_checkpoint(self, name: str) -> None:
        self.checkpoints.pop(name, None)

    # -- care --

    def verify(self) -> None:
        pass

    def rows(self) -> list[tuple[Any, ...]]:
        """Every row as the file holds it."""
        found, chain = [], b""
        for each in self.log:
            written = text(each.event)
            chain = sha256(chain + f"{each.position} {each.version} {each.stream}\0{written}".encode()).digest()
            found.append((each.position, each.stream, each.version, each.event.id, each.event.time, chain, written))
        return found


def text(event: Event) -> str:
    """An event as JSON: what is not said is left out, and what is in `data` comes in the order of the alphabet."""
    said = {name: getattr(event, name) for name in FIELDS if name == "type" or getattr(event, name)}
    if "data" in said:
        said["data"] = json.loads(json.dumps(said["data"], sort_keys=True))
    return json.dumps({"kind": "event", **said}, separators=(",", ":"), ensure_ascii=False)
