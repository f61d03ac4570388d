"""The record of progress as a file to hand in without a server: what was done, by whom, and a seal.

The seal's key is in every book. So it tells a file that was changed, or comes from the book of somebody else; it cannot
tell whether the work was done, nor by whom: whoever reads this can seal what he likes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from eventlab.errors import Invalid
from eventlab.lessons.judging import book
from eventlab.lessons.judging.progress import Done

ENDING = ".progress.json"
LARGEST = 1 << 20  # bytes
OF_A_BOOK = ("title", "due", "variant")  # what the seal's key is made of


class HandedIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who hands in, what he has done, and the seal over both."""

    student: str
    done: Done
    seal: str = ""


def sealed(student: str, done: Done, said: Mapping[str, Any] | None = None) -> bytes:
    """The file's content, sealed for the book of which `said` is told: by default this one."""
    one = HandedIn(student, done)
    one = msgspec.structs.replace(one, seal=_seal(one, book.said() if said is None else said))
    return msgspec.json.format(msgspec.json.encode(one)) + b"\n"


def opened(content: bytes, said: Mapping[str, Any]) -> HandedIn:
    """What such a file says; `Invalid` if it is none, was changed, or comes from another book."""
    expected = "a file that progress(hand_in=…) wrote in this book"
    try:
        if len(content) > LARGEST:
            raise ValueError(f"more than {LARGEST:,} bytes")
        one = msgspec.json.decode(content, type=HandedIn)
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        found = f"it is no record of progress ({str(problem)[:120]})."
        raise Invalid("record of progress", where="what was handed in", expected=expected, found=found) from None
    if not hmac.compare_digest(one.seal.encode(), _seal(one, said).encode()):
        found = "its seal is not that of this book: it was changed, or comes from somebody else's."
        raise Invalid("record of progress", where="what was handed in", expected=expected, found=found)
    return one


def _seal(one: HandedIn, said: Mapping[str, Any]) -> str:
    key = json.dumps([str(said.get(name, "")) for name in OF_A_BOOK]).encode()
    return hmac.new(key, msgspec.json.encode([one.student, one.done], order="sorted"), hashlib.sha256).hexdigest()
