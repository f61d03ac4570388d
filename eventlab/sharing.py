"""What is read from a file, with equal parts kept once: so it takes no more memory than what was written.

In a run one message stands in many records, and one text in many messages. JSON writes each of them out every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from eventlab.errors import Invalid
from eventlab.event import DEPTH, Command, Event, Message, Refusal, Reply, freeze_decoded, too_deep

MOST = 1 << 16  # parts of a kind that are remembered: what is equal stands close together, in time and in the file
FIELDS = Message.__struct_fields__


class Shared:
    """Makes messages, values, texts and numbers out of JSON; equal ones become the same object. None of them changes.

    It remembers about `MOST` of each, so reading a long file takes no memory of its own.
    """

    def __init__(self) -> None:
        self._messages: dict[bytes, Message | None] = {}
        self._values: dict[bytes, Any] = {}
        self.texts: dict[str, str] = {}  # `texts.setdefault(text, text)` is the equal one that was seen first
        self.wholes: dict[int, int] = {}
        kind = Event | Command | Reply | Refusal | None
        self._message = msgspec.json.Decoder(kind, dec_hook=lambda _, data: freeze_decoded(self._same(data))).decode
        self._value = msgspec.json.Decoder().decode

    def make_room(self) -> None:
        """Forget what is too much; to be called now and then."""
        for known in (self._messages, self._values, self.texts, self.wholes):
            if len(known) > MOST:
                known.clear()

    def message(self, text: bytes) -> Message | None:
        """The message that this JSON says, or none. Raises msgspec's errors, and `Invalid` if its data is too deep."""
        if text not in self._messages:
            found: Message | None = self._message(text)
            if found is not None:
                _check_depth(text, found.data)
                for name in FIELDS:
                    msgspec.structs.force_setattr(found, name, self._same(getattr(found, name)))
            self._messages[text] = found
        return self._messages[text]

    def value(self, text: bytes) -> Any:
        """The value that this JSON says, frozen. Raises msgspec's errors, and `Invalid` if no message could hold it."""
        if text not in self._values:
            found = freeze_decoded(self._same(self._value(text)))
            _check_depth(text, found)
            self._values[text] = found
        return self._values[text]

    def _same(self, value: Any) -> Any:
        """The value, with texts and numbers that were seen before; lists and dictionaries are changed in place."""
        kind = value.__class__
        if kind is str:
            return self.texts.setdefault(value, value)
        if kind is int:
            return self.wholes.setdefault(value, value)
        if kind is dict or kind is list:
            for place, item in value.items() if kind is dict else enumerate(value):
                value[place] = self._same(item)
        return value


def _check_depth(text: bytes, data: Mapping[str, Any] | Any) -> None:
    if text.count(b"{") + text.count(b"[") > DEPTH and too_deep(data):
        raise Invalid("trace", where="a line", expected=f"data at most {DEPTH} deep", found=text[:100])
