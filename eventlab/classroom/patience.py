"""How long one waits for a process: while it works for so many seconds, and while it sleeps for so many.

On a busy machine a process may wait long for its turn. Where the system tells what a process has used (Linux), this
does not count against it; elsewhere the clock decides.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Patience:
    """With one process, for one step."""

    def __init__(self, process: int, seconds: float) -> None:
        self.path, self.seconds = Path(f"/proc/{process}/stat"), seconds
        self.pause = min(1.0, seconds / 4)  # seconds between two looks
        self.began = self.moved = time.monotonic()
        self.first: float | None = None  # seconds of processor time at the first look
        self.last = 0.0

    def is_over(self) -> bool:
        """Whether it has worked, or slept, for all the seconds."""
        now = time.monotonic()
        try:
            words = self.path.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            return now - self.began >= self.seconds
        used, sleeps = (int(words[11]) + int(words[12])) / TICKS, words[0] == "S"
        if self.first is None:
            self.first = max(0.0, used - self.pause)  # what it had used when the step began is not known exactly
        if used > self.last or not sleeps:
            self.last, self.moved = used, now
        return used - self.first >= self.seconds or now - self.moved >= self.seconds
