"""The disk is full in the middle of an append, again and again: a clear error, nothing half-written, and on it goes.

A limit to the size of files, set in a process of its own, refuses writes at every possible place in turn.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store

SHORT, LONG = 150, 1_000
STEP = 977  # bytes more each time: no multiple of a page or a sector


def suffer(path: Path, tries: int) -> tuple[int, int]:
    """Run in a process of its own: refused and successful appends of three events each, under a rising limit."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store, refused, done = Store(path), 0, 0
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.stat().st_size
    for number in range(tries):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + number * STEP, most))
        batch = [Event("flight.delayed", {"n": number, "text": "x" * 400}, id=f"e{number}-{n}") for n in range(3)]
        try:
            store.append("flight-1", batch)
            done += 1
        except StoreUnavailable:
            refused += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    store.append("flight-1", [Event("flight.delayed", {"n": -1}, id="after")])
    store.verify()
    events = list(store.read_all())
    assert [each.position for each in events] == list(range(1, len(events) + 1))
    assert len(events) == 3 * done + 1, "something was half-written, or an acknowledged append is gone"
    assert events[-1].event.id == "after"
    store.close()
    with_others = Store(path)
    with_others.verify()
    with_others.close()
    return refused, done


def attack(tries: int) -> tuple[int, int]:
    """Refused and successful appends; any other outcome raises `AssertionError` with what the process said."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.attacks.full_disk", str(Path(folder) / "full.db"), str(tries)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr
    refused, worked = map(int, done.stdout.split())
    return refused, worked


def main(long: bool) -> int:
    refused, done = attack(LONG if long else SHORT)
    print(f"{refused:,} appends refused by a full disk, {done:,} done between; nothing half-written")
    return int(refused < 10 or done < 10)


if __name__ == "__main__":
    print(*suffer(Path(sys.argv[1]), int(sys.argv[2])))
