"""Names for NATS: what may be anything here becomes a token there, and patterns become filters."""

from __future__ import annotations

import re
from functools import lru_cache

from eventlab.subscription import matches


def token(name: str) -> str:
    """A name as one word of a NATS subject, or as the name of a stream; different ones stay different."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f"={ord(found[0]):X}=", name) or "=="


@lru_cache(1000)
def topic(type: str) -> str:
    """An event's type as the end of a NATS subject."""
    return ".".join(token(word) for word in type.split("."))


def filters(pattern: str) -> list[str]:
    """The filters of a subscription. NATS refuses overlapping ones: then everything comes, and is looked at here."""
    parts = list(dict.fromkeys(pattern.split()))
    wide = [one for one in parts if not any(other != one and _covers(other, one) for other in parts)]
    if any(_overlap(one.split("."), other.split(".")) for n, one in enumerate(wide) for other in wide[:n]):
        return [">"]
    return [".".join(word if word in "*>" else token(word) for word in one.split(".")) for one in wide]


def _covers(wide: str, narrow: str) -> bool:
    return matches(wide, narrow) and (narrow[-1] != ">" or wide[-1] == ">")


def _overlap(one: list[str], other: list[str]) -> bool:
    for a, b in zip(one, other, strict=False):
        if ">" in (a, b):
            return True
        if a != b and "*" not in (a, b):
            return False
    return len(one) == len(other)
