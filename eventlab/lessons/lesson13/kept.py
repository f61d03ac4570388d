"""What was measured once on real engines, and is kept: when 62 people were told, how much is carried, one morning.

`kept.toml` has the figures with their date; `morning.xz` is the trace of the Boston morning, written by the real run.
`cluster` measures again on the machine that you sit at.
"""

from __future__ import annotations

import lzma
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eventlab.trace import Trace

KEPT = Path(__file__).with_name("kept.toml")
MORNING = Path(__file__).with_name("morning.xz")


@dataclass(frozen=True)
class Rates:
    """Events a second, as they were measured, and the bytes that one event takes on each node."""

    carried: int
    confirmed: int
    handled: int
    appended: int
    appended_in_hundreds: int
    stored: int


@dataclass(frozen=True)
class Kill:
    """One run whose leader was killed: when, whether our process was connected to it, and when each one was told."""

    killed: float
    ours: bool
    told: list[float]


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(KEPT.read_text("utf-8"))


def measured_on() -> str:
    """The day of all these figures."""
    return str(_read()["date"])


def rates() -> Rates:
    """How much the engines carried, and our process handled, with nothing else to do."""
    return Rates(**_read()["rates"])


def busy() -> Rates:
    """The same while the machine was busy with other work."""
    return Rates(**{**_read()["rates"], **_read()["busy"]})


def calm() -> list[float]:
    """When each was told with nothing wrong, in seconds since the first seat was found."""
    return list(_read()["calm"]["told"])


def kills() -> list[Kill]:
    """All runs whose leader was killed after about four seconds."""
    return [Kill(**each) for each in _read()["kills"]]


def promised() -> dict[str, str]:
    """What mail heard on JetStream in each scene of `promises`."""
    return dict(_read()["promised"])


@cache
def real_morning() -> Trace:
    """The Boston morning on three nodes of JetStream and PostgreSQL, the leader killed one second before the news."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "morning.jsonl")
        path.write_bytes(lzma.decompress(MORNING.read_bytes()))
        return Trace.load(path)
