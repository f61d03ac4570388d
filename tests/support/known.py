"""Answers whose verdict is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Known:
    """Right answers other than the model's, and wrong ones, each with a part of the message that is meant for it."""

    other: list[Any]
    wrong: list[tuple[Any, str]]
