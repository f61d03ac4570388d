"""Crypto-shredding: forget a person in a log that never changes, by throwing away that person's key.

    keys = Keys("keys.db")                                   # a file of its own, apart from the events
    shredder = Shredder(keys, {"seat.booked": ["name", "meal"]}, person="passenger")
    store.append("seat-1", shredder.seal(event))             # stored for ever, readable as long as there is a key
    shredder.open(recorded.event).data["name"]               # "Anna"
    keys.forget("p-17")
    shredder.open(recorded.event).data["name"]               # FORGOTTEN

The events stay byte for byte, so the store's chain of hashes holds. Forgotten is what was sealed: copies in the clear
(read models, snapshots, mails) and copies of the key file must be forgotten where they are.

The encryption is AES-SIV of the library `cryptography` (RFC 5297): the same value under the same key for the same event
gives the same bytes, so an append may be repeated. Person, event and field are bound to each value: moved elsewhere, it
does not open. The person's own id stays readable in the event for ever: let it be one that says nothing.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from eventlab import borders
from eventlab.errors import EventlabError, Invalid
from eventlab.event import Event, as_text, freeze_decoded
from eventlab.keyfile import Keys, KeysUnavailable

__all__ = ["FORGOTTEN", "Forgotten", "Keys", "KeysUnavailable", "Shredder", "Unreadable"]

FORGOTTEN = "(forgotten)"  # what a sealed field says when its person has been forgotten
SEALED = "sealed:1"  # the only key of a sealed value, with the version of its form

_encode = msgspec.json.Encoder(order="deterministic", enc_hook=as_text).encode


class Forgotten(EventlabError):
    """Something new about a person who has been forgotten: nothing is sealed any more; a new id would be needed."""

    def __init__(self, person: str, event: str) -> None:
        self.person, self.event = person, event
        super().__init__(f"person {person!r} has been forgotten: event {event!r} cannot be sealed for them")


class Unreadable(EventlabError):
    """A sealed field that its person's key does not open: no key, another's value, or not what was sealed."""

    def __init__(self, event: str, field: str, person: str, reason: str) -> None:
        self.event, self.field, self.person, self.reason = event, field, person, reason
        super().__init__(f"field {field!r} of event {event!r}, sealed for {person!r}, cannot be opened: {reason}")


class Cipher(Protocol):
    """Encryption with associated data, which must be the same to decrypt; else `decrypt` raises a `ValueError`."""

    def encrypt(self, data: bytes, associated_data: list[bytes] | None) -> bytes: ...

    def decrypt(self, data: bytes, associated_data: list[bytes] | None) -> bytes: ...


class Shredder:
    """Seals personal fields of events before they are stored, and opens them when they are read.

    `fields` says for each type of event which fields of its data are sealed; `person` names the field that says whose
    they are. Events are opened before upcasters see them: what is bound to a field does not open under another name.
    `cipher` makes of a key what encrypts with it: AES-SIV of the library, if nothing else is given.
    """

    def __init__(
        self,
        keys: Keys,
        fields: Mapping[str, Iterable[str]],
        *,
        person: str = "person",
        cipher: Callable[[bytes], Cipher] | None = None,
    ) -> None:
        borders.instance(keys, Keys, "keys", where="Shredder")
        borders.instance(fields, Mapping, "fields", where="Shredder")
        self.keys, self.person = keys, borders.text(person, "person", where="Shredder", least=1)
        self.fields: dict[str, tuple[str, ...]] = {}
        for type, names in fields.items():
            kind = borders.text(type, "type of event", where="Shredder", least=1)
            if isinstance(names, str) or not isinstance(names, Iterable):
                raise Invalid("fields", where=f"Shredder, {kind!r}", expected="a list of names", found=names)
            self.fields[kind] = tuple(borders.text(each, "field", where=f"Shredder, {kind!r}") for each in names)
            if person in self.fields[kind]:
                expected = "names of other fields: without the person nobody knows which key opens it"
                raise Invalid("fields", where=f"Shredder, {kind!r}", expected=expected, found=person)
        if cipher is not None:
            borders.function(cipher, "cipher", where="Shredder")
        self._cipher = cipher or _library()

    def __repr__(self) -> str:
        return f"<Shredder of {', '.join(self.fields) or 'nothing'} with {self.keys!r}>"

    def seal(self, event: Event) -> Event:
        """The event with its personal fields encrypted; as it is, if it has none.

        The person's key is made at the first time. Sealed again, the same event is the same, byte for byte. Raises
        `Forgotten` for a person who has been forgotten, `Invalid` for an event without an id or without a person, and
        for data that look sealed already.
        """
        borders.instance(event, Event, "event", where="seal")
        where = f"seal {event.type!r}"
        for name, value in event.data.items():
            if _is_sealed(value):
                raise Invalid(f"field {name!r}", where=where, expected="a value that is not sealed yet", found=value)
        names = [name for name in self.fields.get(event.type, ()) if name in event.data]
        if not names:
            return event
        borders.text(event.id, "event id", where=where, least=1)
        person = borders.text(event.data.get(self.person), f"field {self.person!r}", where=where, least=1)
        if (key := self.keys.made(person)) is None:
            raise Forgotten(person, event.id)
        cipher = self._cipher(key)
        sealed = {name: _sealed(cipher, event.data[name], _place(person, event.id, name)) for name in names}
        return event.with_(data={**event.data, **sealed})

    def open(self, event: Event) -> Event:
        """The event with its sealed fields readable, each of a forgotten person saying `FORGOTTEN`.

        Raises `Unreadable` where a value does not open: other than forgotten, that is never meant.
        """
        borders.instance(event, Event, "event", where="open")
        names = [name for name, value in event.data.items() if _is_sealed(value)]
        if not names:
            return event
        person = event.data.get(self.person)
        if not isinstance(person, str) or not person:
            raise Unreadable(event.id, names[0], "", f"the event does not say whose it is under {self.person!r}")
        key = self.keys.key(person)
        if key is None:
            if not self.keys.has_forgotten(person):
                raise Unreadable(event.id, names[0], person, f"there is no such key in {self.keys.path!r}")
            return event.with_(data={**event.data, **dict.fromkeys(names, FORGOTTEN)})
        cipher = self._cipher(key)
        opened = {name: _opened(cipher, event, name, person) for name in names}
        return event.with_(data={**event.data, **opened})


def _library() -> Callable[[bytes], Cipher]:
    """The cipher of `cryptography`, imported when it is needed: without it all else works."""
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV
    except ImportError as missing:
        raise KeysUnavailable("", "it needs the package cryptography: pip install eventlab[shredding]") from missing

    class Siv:
        def __init__(self, key: bytes) -> None:
            self._siv = AESSIV(key)
            self.encrypt = self._siv.encrypt

        def decrypt(self, data: bytes, associated_data: list[bytes] | None) -> bytes:
            try:
                return self._siv.decrypt(data, associated_data)
            except InvalidTag as error:
                raise ValueError("another key, or another place") from error

    return Siv


def _is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and SEALED in value


def _place(person: str, event: str, field: str) -> list[bytes]:
    """Where a value belongs: it opens nowhere else."""
    return [SEALED.encode(), person.encode(), event.encode(), field.encode()]


def _sealed(cipher: Cipher, value: Any, place: list[bytes]) -> dict[str, str]:
    return {SEALED: b64encode(cipher.encrypt(_encode(value), place)).decode()}


def _opened(cipher: Cipher, event: Event, name: str, person: str) -> Any:
    try:
        sealed = b64decode(event.data[name][SEALED], validate=True)
        return freeze_decoded(msgspec.json.decode(cipher.decrypt(sealed, _place(person, event.id, name))))
    except (ValueError, TypeError) as error:
        reason = "it is not what was sealed there, or another key sealed it"
        raise Unreadable(event.id, name, person, reason) from error
