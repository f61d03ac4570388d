"""What the bus keeps for each service: events that it has taken in and that are not under way or in work there."""

from __future__ import annotations

from typing import Any

from eventlab.airports.rules import INTERESTS
from eventlab.control_room.tracks import Tracks
from eventlab.control_room.ways import WITHOUT_BUS
from eventlab.subscription import matches
from eventlab.trace import Record

LETTERS = 3  # dead ones that can be looked at: the last


class Lanes:
    """Follows the bus's lanes, one for each service: kept until sent, and again when that came to nothing."""

    def __init__(self, tracks: Tracks, architecture: str) -> None:
        self.tracks = tracks
        names = () if architecture == WITHOUT_BUS else tuple(INTERESTS)
        self.kept: dict[str, dict[str, int]] = {name: {} for name in names}  # since when, by the event's id
        self.sent: dict[str, dict[str, int]] = {name: {} for name in names}  # in which packet, by the event's id
        self.dead: dict[str, int] = dict.fromkeys(names, 0)
        self.letters: dict[str, list[list[Any]]] = {name: [] for name in names}  # the last dead: packet, why
        self._wanted: dict[str, tuple[str, ...]] = {}  # by type of event
        self.changed: dict[str, None] = dict.fromkeys(names)

    def take(self, record: Record) -> None:
        """Read one record."""
        reader = READERS.get(record.kind)
        if reader is not None and self.kept:
            reader(self, record)

    def _published(self, record: Record) -> None:
        assert record.message is not None
        type = record.message.type
        if type not in self._wanted:
            self._wanted[type] = tuple(name for name, pattern in INTERESTS.items() if matches(pattern, type))
        for name in self._wanted[type]:
            self._keep(name, record.message.id, record.at)

    def _sent(self, record: Record) -> None:
        if record.purpose == "deliver" and record.message is not None and record.other in self.kept:
            self.kept[record.other].pop(record.message.id, None)
            self.sent[record.other][record.message.id] = record.packet
            self.changed[record.other] = None

    def _over(self, record: Record) -> None:
        if record.where != "bus" or record.message is None or record.other not in self.kept:
            return
        packet = self.sent[record.other].pop(record.message.id, 0)
        if record.kind == "retried":
            self._keep(record.other, record.message.id, record.at)
        else:
            self.kept[record.other].pop(record.message.id, None)
            if record.kind == "dead":
                self.dead[record.other] += 1
                self.letters[record.other] = [*self.letters[record.other], [packet, record.note]][-LETTERS:]
        self.changed[record.other] = None

    def _broken(self, record: Record) -> None:
        """The connection is gone: the bus keeps what it had sent there, to send it again."""
        ends = (record.where, record.other) if record.kind == "partitioned" else (record.where, "bus")
        if "bus" not in ends:
            return
        names = list(self.kept) if ends == ("bus", "bus") else [name for name in ends if name in self.kept]
        for name in names:
            again, self.sent[name] = self.sent[name], {}
            for id in again:
                self._keep(name, id, record.at)

    def _keep(self, name: str, id: str, at: int) -> None:
        self.kept[name].setdefault(id, at)
        self.changed[name] = None

    def flush(self, now: int) -> None:
        """Write down what has changed up to now."""
        for name in self.changed:
            self.tracks.put(f"lane/{name}", now, self._value(name))
        self.changed.clear()

    def _value(self, name: str) -> dict[str, Any]:
        kept = self.kept[name]
        since = self.tracks.moment(min(kept.values())) if kept else None
        return {"kept": len(kept), "since": since, "dead": self.dead[name], "letters": self.letters[name]}


READERS = {
    "published": Lanes._published,
    "sent": Lanes._sent,
    "acknowledged": Lanes._over,
    "retried": Lanes._over,
    "dead": Lanes._over,
    "crashed": Lanes._broken,
    "partitioned": Lanes._broken,
}
