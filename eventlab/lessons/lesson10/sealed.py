"""How the lesson seals: with the library `cryptography`, or where there is none, with a stand-in of the same shape.

The stand-in is for a lesson, not for real names: nobody has tried to break it. Like AES-SIV it is deterministic and
binds a value to its place: a tag is made of the place and the value (HMAC-SHA256), and the tag begins the stream of
bytes with which the value is mixed. Rogaway and Shrimpton, *Deterministic Authenticated-Encryption* (2006), section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest, digest

from eventlab.lessons.judging.instead import is_missing
from eventlab.shredding import Cipher

TOLD = (
    "The package `cryptography` is not here, as in a browser: the lesson seals with a stand-in made of HMAC-SHA256. "
    "The steps are the same; for real names it is not meant."
)
SIZE = sha256().digest_size


def cipher() -> Callable[[bytes], Cipher] | None:
    """What a `Shredder` is to encrypt with; None is its own, where the library is installed."""
    return StandIn if is_missing("cryptography", TOLD) else None


class StandIn:
    """Deterministic encryption with a place that each value is bound to."""

    def __init__(self, key: bytes) -> None:
        self._tags, self._streams = digest(key, b"tag", "sha256"), digest(key, b"stream", "sha256")

    def encrypt(self, data: bytes, associated_data: list[bytes] | None) -> bytes:
        """The tag, and the data mixed with the stream that begins with it."""
        tag = self._tag(data, associated_data)
        return tag + self._mixed(data, tag)

    def decrypt(self, data: bytes, associated_data: list[bytes] | None) -> bytes:
        """The data again; a `ValueError` if the key or the place is another, or a byte has changed."""
        tag, rest = data[:SIZE], data[SIZE:]
        plain = self._mixed(rest, tag)
        if not compare_digest(tag, self._tag(plain, associated_data)):
            raise ValueError("another key, or another place")
        return plain

    def _tag(self, data: bytes, place: list[bytes] | None) -> bytes:
        parts = [*(place or ()), data]
        lengths = b"".join(len(part).to_bytes(8, "big") for part in parts)
        return digest(self._tags, len(parts).to_bytes(8, "big") + lengths + b"".join(parts), "sha256")

    def _mixed(self, data: bytes, tag: bytes) -> bytes:
        blocks = range(-(-len(data) // SIZE))
        stream = b"".join(digest(self._streams, tag + number.to_bytes(8, "big"), "sha256") for number in blocks)
        return bytes(one ^ other for one, other in zip(data, stream, strict=False))
