"""A small index of a trace, made as far as somebody asked: it finds a few records among millions.

It keeps one byte for each record, its kind; the names of who occurs; and for each subject, which blocks of records it
occurs in, and which have changes that name it. So a question about one flight of a month looks at a few blocks and
passes all others over.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, compress, repeat
from operator import attrgetter
from typing import Any

from eventlab.errors import unknown

BLOCK = 8192  # records
_kind, _message, _key = attrgetter("kind"), attrgetter("message"), attrgetter("key")
_ends, _values = attrgetter("where", "other"), attrgetter("before", "after")
Record = Any  # one of the trace's, which stands on a higher floor
Ranges = list[tuple[int, int]]


class Index:
    """The index of a list of records that grows. If somebody takes records away, it is made anew."""

    def __init__(self, records: list[Record], kinds: Iterable[str]) -> None:
        self.records = records
        self._code = {kind: number for number, kind in enumerate(kinds)}
        self._codes = bytearray()
        self._names: dict[str, None] = {}
        self._named = 0  # so many records were looked at for names
        self._word = ""  # what a subject is called in the data of messages, where `_about` was made
        self._about, self._changing = _Blocks(), _Blocks()

    def names(self) -> tuple[str, ...]:
        """Whoever occurs in a record, in order of appearance."""
        records = self.records
        if self._named > len(records):  # somebody took records away
            self._names, self._named = {}, 0
        new = records[self._named :] if self._named else records
        self._names.update(dict.fromkeys(chain.from_iterable(map(_ends, new))))
        self._named = len(records)
        return tuple(name for name in self._names if name)

    def of(self, kinds: tuple[str, ...], begin: int, end: int | None) -> Iterator[Record]:
        """The records of these kinds, from an index until just before another one."""
        records, wanted = self.records, self._wanted(kinds)
        begin, end = (min(max(bound, 0), len(records)) for bound in (begin, len(records) if end is None else end))
        codes = self._kinds()
        found = codes[begin:end].translate(wanted)
        if 1 not in found:  # looked for in a blink, unlike record by record
            return iter(())
        return compress(map(records.__getitem__, range(begin, len(codes))) if begin else records, found)

    def about(self, subject: str, word: str, always: tuple[str, ...]) -> Ranges:
        """Where to look, from and until: outside no record is about the subject, and none is of a kind of `always`.

        A record is about its message's subject, what the message's data has for `word`, or the key of its change.
        """
        if word != self._word:
            self._word, self._about = word, _Blocks()
        more: set[int] = set()
        if always:
            found = self._kinds().translate(self._wanted(always))
            place = found.find(1)
            while place >= 0:
                more.add(place // BLOCK)
                place = found.find(1, (place // BLOCK + 1) * BLOCK)
        self._about.look(len(self.records), lambda begin, end: _subjects(self.records[begin:end], word))
        return self._about.ranges(subject, len(self.records), more)

    def changes(self, subject: str, end: int | None) -> Iterator[Record]:
        """The changes whose key is the subject, or whose value names it."""
        length, kinds = len(self.records), ("changed",)
        self._changing.look(length, lambda begin, end: _all_named([*self.of(kinds, begin, end)]))
        parts = self._changing.ranges(subject, length)
        found = (self.of(kinds, begin, until if end is None else min(until, end)) for begin, until in parts)
        return (record for record in chain.from_iterable(found) if is_named(record, subject))

    def _kinds(self) -> bytearray:
        """A byte for each record."""
        records, codes = self.records, self._codes
        if len(codes) > len(records):  # somebody took records away
            codes.clear()
        if len(codes) < len(records):
            codes += bytes(map(self._code.get, map(_kind, records[len(codes) :] if codes else records), repeat(255)))
        return codes

    def _wanted(self, kinds: tuple[str, ...]) -> bytearray:
        """A table that translates the bytes of these kinds into 1, and all others into 0."""
        wanted = bytearray(256)
        for kind in kinds:
            if kind not in self._code:
                raise unknown("kind of record", kind, self._code, where="Trace.of")
            wanted[self._code[kind]] = 1
        return wanted


class _Blocks:
    """For each name, in which blocks of records it occurs. The last block counts once it is whole."""

    def __init__(self) -> None:
        self._found: dict[str, array[int]] = {}
        self._whole = 0  # so many blocks were looked at

    def look(self, length: int, names: Callable[[int, int], Iterable[str]]) -> None:
        """Look at all blocks of so many records that are new; `names` says who occurs between two indexes."""
        whole = length // BLOCK
        if whole < self._whole:  # somebody took records away
            self._found, self._whole = {}, 0
        for block in range(self._whole, whole):
            for name in names(block * BLOCK, (block + 1) * BLOCK):
                self._found.setdefault(name, array("I")).append(block)
        self._whole = whole

    def ranges(self, name: str, length: int, more: Collection[int] = ()) -> Ranges:
        """Where to look for a name, from and until: the blocks it occurs in, those of `more`, and what is not whole."""
        blocks = sorted(block for block in {*more, *self._found.get(name, ())} if block < self._whole)
        return [*((block * BLOCK, (block + 1) * BLOCK) for block in blocks), (self._whole * BLOCK, length)]


def _subjects(records: list[Record], word: str) -> set[str]:
    """All that these records are about. A message that stands in several of them is looked at once."""
    messages = list(map(_message, records))
    found = set(map(_key, records))
    for message in _once(messages):
        if message is not None:
            found.add(message.subject)
            named = message.data.get(word)
            if isinstance(named, str):
                found.add(named)
    return found


def _all_named(changes: list[Record]) -> set[str]:
    """All keys of these changes, and all that their values name. A value that stands in two of them is read once."""
    found = set(map(_key, changes))
    values = [value for value in _once(list(chain.from_iterable(map(_values, changes)))) if isinstance(value, dict)]
    found.update(chain.from_iterable(values))
    fields = chain.from_iterable(map(dict.values, values))
    found.update(*(field for field in fields if isinstance(field, dict)))
    return found


def _once(things: list[Any]) -> Iterable[Any]:
    """The same things, none of them twice."""
    return dict(zip(map(id, things), things, strict=True)).values()


def is_named(change: Record, subject: str) -> bool:
    """Whether a change is about a subject: its own entry, or its field in somebody else's, or in a field of that."""
    return change.key == subject or _names(change.after, subject) or _names(change.before, subject)


def _names(value: Any, subject: str) -> bool:
    if not isinstance(value, dict):
        return False
    return subject in value or any(isinstance(item, dict) and subject in item for item in value.values())


def records_about(records: Iterable[Record], subject: str, word: str, always: Collection[str] = ()) -> Iterator[Record]:
    """Those of the records that are about a subject, and those of a kind that `always` counts, in order."""
    for record in records:
        message = record.message
        if message is None:
            if record.key == subject or record.kind in always:
                yield record
        elif message.subject == subject or message.data.get(word) == subject or record.kind in always:
            yield record
