"""Outcomes that an instructor holds back until the class has voted: sealed with a word, which is in no file.

A book for students may have the file `held.json` beside the lessons. What is right and why is in it, enciphered
(AES-GCM) with a key that is made of the word (scrypt). Whoever has the word opens it; so does whoever guesses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec

from eventlab.errors import Invalid
from eventlab.lessons.judging.model import Question

FILE = Path(__file__).parents[1] / "held.json"
HELD = (
    "Your instructor shows this when the class has voted. Write the word that you are told as the second argument: "
    '`outcome("{id}", "the word")`.'
)
WRONG_WORD = "This is not the word for {id}. Capitals and spaces around it do not matter; ask your instructor."


class Held(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is held back, by question, as hexadecimal text; the salt belongs to all of them."""

    salt: str
    outcomes: dict[str, str]


class Outcome(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is right, and why each option is right or looks right."""

    right: str
    why: dict[str, str]


def is_held(id: str, path: Path = FILE) -> bool:
    """Whether this book holds the outcome of a question back."""
    return path.exists() and id in _read(path).outcomes


def opened(question: Question, word: str, path: Path = FILE) -> Question | None:
    """The question with its outcome; None if this is not the word."""
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:  # a browser has none
        expected = "the package cryptography, which only a desk has: open this outcome there"
        raise Invalid("outcome", where=f"question {question.id}", expected=expected, found="none") from None

    held = _read(path)
    sealed = bytes.fromhex(held.outcomes[question.id])
    try:
        plain = AESGCM(_key(word, held.salt)).decrypt(_nonce(question.id), sealed, None)
    except InvalidTag:
        return None
    found = msgspec.json.decode(plain, type=Outcome)
    options = tuple(replace(each, why=found.why[each.key], right=each.key == found.right) for each in question.options)
    return replace(question, options=options, held=False)


def seal(words: Mapping[str, tuple[Question, str]]) -> bytes:
    """The content of `held.json` for these questions, each with its word; the same again for the same ones."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    plain = {id: msgspec.json.encode(_outcome(question)) for id, (question, _) in sorted(words.items())}
    # The salt comes of all that is sealed: a key is never used for two different texts of one question.
    salt = hashlib.sha256(b"".join(plain.values()) + repr(sorted(plain)).encode()).hexdigest()[:32]
    outcomes = {
        id: AESGCM(_key(words[id][1], salt)).encrypt(_nonce(id), text, None).hex() for id, text in plain.items()
    }
    return msgspec.json.format(msgspec.json.encode(Held(salt, outcomes))) + b"\n"


def _outcome(question: Question) -> Outcome:
    return Outcome(question.right.key, {each.key: each.why for each in question.options})


@cache
def _key(word: str, salt: str) -> bytes:
    said = " ".join(word.split()).casefold().encode()
    return hashlib.scrypt(said, salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32)


def _nonce(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()[:12]


@cache
def _read(path: Path) -> Held:
    return msgspec.json.decode(path.read_bytes(), type=Held)
