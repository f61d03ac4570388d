"""A small index of a trace, made as far as somebody asked: it finds a few records among millions.

It keeps one byte for each record, its kind; the names of who occurs; and for each subject, which blocks of records it
occurs in. So a question about one flight of a month looks at a few blocks and passes all others over.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, compress, repeat
from operator import attrgetter
from typing import Any

from eventlab.errors import unknown

BLOCK = 8192  # records
_kind, _message, _key = attrgetter("kind"), attrgetter("message"), attrgetter("key")
_ends = attrgetter("where", "other")
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
        self._word = ""  # what a subject is called in the data of messages, where `_blocks` were made
        self._blocks: dict[str, array[int]] = {}  # by subject
        self._whole = 0  # so many blocks were looked at

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
        self._look_for_subjects(word)
        blocks = set(self._blocks.get(subject, ()))
        if always:
            found = self._kinds().translate(self._wanted(always))
            place = found.find(1)
            while place >= 0:
                blocks.add(place // BLOCK)
                place = found.find(1, (place // BLOCK + 1) * BLOCK)
        parts = [(block * BLOCK, (block + 1) * BLOCK) for block in sorted(blocks) if block < self._whole]
        return [*parts, (self._whole * BLOCK, len(self.records))]  # the last block is not whole yet

    def _kinds(self) -> bytearray:
        """A byte for each record."""
        records, codes = self.records, self._codes
        if len(codes) > len(records):  # somebody took records away
            codes.clear()
        if len(codes) < len(records):
            codes += bytes(map(self._code.get, map(_kind, records[len(codes) :] if codes else records), repeat(255)))
        return codes

    def _look_for_subjects(self, word: str) -> None:
        whole = len(self.records) // BLOCK
        if word != self._word or whole < self._whole:
            self._word, self._blocks, self._whole = word, {}, 0
        for block in range(self._whole, whole):
            for subject in _subjects(self.records[block * BLOCK : (block + 1) * BLOCK], word):
                self._blocks.setdefault(subject, array("I")).append(block)
        self._whole = whole

    def _wanted(self, kinds: tuple[str, ...]) -> bytearray:
        """A table that translates the bytes of these kinds into 1, and all others into 0."""
        wanted = bytearray(256)
        for kind in kinds:
            if kind not in self._code:
                raise unknown("kind of record", kind, self._code, where="Trace.of")
            wanted[self._code[kind]] = 1
        return wanted


def _subjects(records: list[Record], word: str) -> set[str]:
    """All that these records are about. A message that stands in several of them is looked at once."""
    messages = list(map(_message, records))
    found = set(map(_key, records))
    for message in dict(zip(map(id, messages), messages, strict=True)).values():
        if message is not None:
            found.add(message.subject)
            named = message.data.get(word)
            if isinstance(named, str):
                found.add(named)
    return found


def records_about(records: Iterable[Record], subject: str, word: str, always: Collection[str] = ()) -> Iterator[Record]:
    """Those of the records that are about a subject, and those of a kind that `always` counts, in order."""
    for record in records:
        message = record.message
        if message is None:
            if record.key == subject or record.kind in always:
                yield record
        elif message.subject == subject or message.data.get(word) == subject or record.kind in always:
            yield record
