"""Messages under way, and how many have gone along each arrow, read from the records of a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from eventlab.airports.stage import PEOPLE, STAGE
from eventlab.control_room.tracks import Tracks
from eventlab.control_room.ways import ways
from eventlab.event import Message
from eventlab.trace import RECEIPTS, Record
from eventlab.views.drawing.records import SENT, about

Motion = list[Any]  # t0, t1, packet, from, to, mark, type, subject, fate, try, text, causes
T0, T1, PACKET, FATE, TRY, TEXT = 0, 1, 2, 8, 9, 10
FORTH = ("publish", "deliver", "request", "tell")
EVENTS = ("publish", "deliver")
MARKS = {
    "publish": "event", "deliver": "event", "request": "request", "tell": "request", "reply": "answer",
    "refusal": "refusal", "reject": "refusal", "acknowledge": "receipt", "confirm": "receipt",
}  # fmt: skip
COUNTS = ("n", "lost", "refused", "expired")
DEEPEST = 12  # causes that are named


class Traffic:
    """Follows all packets. A double travels as a motion of its own, with the packet's number made negative."""

    def __init__(self, tracks: Tracks, architecture: str, begin: int) -> None:
        self.tracks, self.begin = tracks, begin
        self.kinds = {(source, to): kind for source, to, kind in ways(architecture)}
        self.counts: dict[tuple[str, str], Counter[str]] = {ends: Counter() for ends in self.kinds}
        self.changed: dict[tuple[str, str], None] = dict.fromkeys(self.kinds)
        self._open: dict[int, Motion] = {}
        self._doubles: dict[int, Motion] = {}
        self._new: dict[Any, Motion] = {}
        self._tries: Counter[tuple[str, str, str]] = Counter()
        self._carried: dict[str, tuple[int, str]] = {}  # by message's id: the packet that carried it first, its cause

    def take(self, record: Record) -> None:
        """Read one record."""
        reader = READERS.get(record.kind)
        if reader is not None and record.message is not None:
            reader(self, record, record.message)

    def _sent(self, record: Record, message: Message) -> None:
        purpose, ends = record.purpose, (record.where, record.other)
        number = 1
        if purpose in FORTH:
            number = self._tries[*ends, message.id] = self._tries[*ends, message.id] + 1
            kind = "event" if purpose in EVENTS else "people" if record.where in PEOPLE else "request"
            self._count(ends, "n", kind)
        elif purpose in ("refusal", "reject"):
            self._count(ends[::-1], "refused")
        self._carried.setdefault(message.id, (record.packet, message.causationid))
        mark = "people" if purpose == "request" and record.where in PEOPLE else MARKS.get(purpose, "event")
        self._open[record.packet] = self._new[record.packet] = [
            self.tracks.moment(record.at), None, record.packet, *ends, mark, message.type, subject(message),
            "arrives", number, record, self._causes(message),
        ]  # fmt: skip

    def _causes(self, message: Message) -> list[int]:
        """The packets that carried the causes, the newest first."""
        found: list[int] = []
        cause = message.causationid
        while cause and len(found) < DEEPEST and (carried := self._carried.get(cause)) is not None:
            found.append(carried[0])
            cause = carried[1]
        return found

    def _arrived(self, record: Record, message: Message) -> None:
        self._end(record, "arrives")

    def _lost(self, record: Record, message: Message) -> None:
        turned_away = record.purpose == "request" and record.note.endswith("is down")
        self._end(record, "refused" if turned_away else "lost")
        if record.purpose in FORTH:
            self._count((record.other, record.where), "refused" if turned_away else "lost")
        elif record.purpose not in RECEIPTS:  # an answer: it travels back on its request's arrow
            self._count((record.where, record.other), "lost")

    def _end(self, record: Record, fate: str) -> None:
        motion = self._open.pop(record.packet, None) or self._doubles.pop(record.packet, None)
        if motion is None:
            return
        motion[T1], motion[FATE] = self.tracks.moment(record.at), fate
        self._new[motion[PACKET]] = motion

    def _doubled(self, record: Record, message: Message) -> None:
        motion = self._open.get(record.packet)
        if motion is not None:
            double = [*motion]
            double[PACKET], double[TEXT] = -record.packet, f"{_words(motion[TEXT])} (a second time)"
            self._doubles[record.packet] = self._new[-record.packet] = double

    def _expired(self, record: Record, message: Message) -> None:
        self._count((record.where, record.other), "expired")

    def _stored(self, record: Record, message: Message) -> None:
        if (record.where, "store") in self.kinds:
            self._count((record.where, "store"), "n")

    def _acted(self, record: Record, message: Message) -> None:
        self._count((record.where, "passengers"), "n")
        moment, words = (
            self.tracks.moment(record.at),
            f"{record.where} tells the passengers of {record.key}: {record.note}",
        )
        packet = f"act {record.index}"
        causes = self._causes(message)
        self._new[packet] = [
            moment, moment, packet, record.where, "passengers", "people", message.type, record.key,
            "arrives", 1, words, causes,
        ]  # fmt: skip

    def _count(self, ends: tuple[str, str], what: str, kind: str = "request") -> None:
        if ends not in self.counts:
            if what != "n":
                return  # an answer to what has no arrow
            self.counts[ends], self.kinds[ends] = Counter(), kind
        self.counts[ends][what] += 1
        self.changed[ends] = None

    def flush(self, now: int) -> None:
        """Write down what has changed up to now."""
        for ends in self.changed:
            counts = self.counts[ends]
            value = {"kind": self.kinds[ends], **{name: counts[name] for name in COUNTS}}
            self.tracks.put(f"arrow/{ends[0]}/{ends[1]}", now, value)
        self.changed.clear()

    def tell_again(self) -> None:
        """What is under way counts as new."""
        self._new = {motion[PACKET]: motion for motion in (*self._open.values(), *self._doubles.values())}

    def forget(self) -> None:
        """Nothing counts as new."""
        self._new.clear()

    def new(self) -> list[Motion]:
        """The motions that began or ended since this was last asked, but what was over at the begin."""
        motions = [[*motion] for motion in self._new.values() if motion[T1] is None or motion[T1] >= 0]
        for motion in motions:
            motion[TEXT] = _words(motion[TEXT])
        self._new.clear()
        return motions


def _words(said: str | Record) -> str:
    """A record of sending in words, which are made when they are told: much is never told."""
    if isinstance(said, str):
        return said
    assert said.message is not None
    form = SENT.get(said.purpose, "sends {other} {what}")
    return f"{said.where} {form.format(what=about(said.message, STAGE), other=said.other)}"


def subject(message: Message) -> str:
    """The flight that a message is about; where it carries facts, these name it."""
    if message.subject:
        return message.subject
    facts = message.data.get("facts")
    of = facts if isinstance(facts, Mapping) else message.data
    return str(of.get("flight", ""))


READERS = {
    "sent": Traffic._sent,
    "received": Traffic._arrived,
    "lost": Traffic._lost,
    "duplicated": Traffic._doubled,
    "expired": Traffic._expired,
    "appended": Traffic._stored,
    "acted": Traffic._acted,
}
