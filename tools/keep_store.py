"""Keep a small store's file as this version writes it, for all later versions to read.

    .venv/bin/python tools/keep_store.py tests/core/stores/schema-1.db

It refuses to write over a file: what was kept stays as it was. `tests/core/test_kept_stores.py` opens each of them.
"""

from __future__ import annotations

import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import msgspec

from eventlab.event import Event
from eventlab.store import Store

EVENTS = 60


def fill(store: Store) -> None:
    """Whatever a store can hold, a little of each."""
    for n in range(1, EVENTS + 1):
        event = Event(
            ("flight.delayed", "gate.changed", "zug.verspätet")[n % 3],
            {"n": n, "minutes": n * 1.5, "list": [None, True, {"deep": "ß☃\u0000\n"}], "big": -(2**63) + n},
            subject=f"UA{n % 7}",
            id=f"operations-{n}",
            source="operations",
            time=-5 + n * 10**9,
            correlationid=f"c-{n // 3}",
            causationid=f"operations-{n - 1}",
            dataschema="flight.delayed:2" if n % 2 else "",
        )
        store.append(f"flight-{n % 4}" if n % 5 else "gate ☃", event)
    store.append("flight-1", [Event("noted", id=f"batch-{n}") for n in range(5)])
    store.save_snapshot("flight-1", 3, {"minutes": 4.5, "seen": [1, 2, 3]}, schema="2")
    store.save_checkpoint("board", 42, {"flights": {"UA1": "delayed"}})


def digest(store: Store) -> str:
    """Of all that a store holds, as a reader sees it."""
    held = sha256()
    for recorded in store.read_all():
        held.update(msgspec.json.encode(recorded))
    held.update(msgspec.json.encode([store.snapshot("flight-1", schema="2"), store.checkpoint_state("board")]))
    return held.hexdigest()


def main() -> None:
    path = Path(sys.argv[1])
    if path.exists():
        sys.exit(f"{path} is kept already, and stays as it is")
    # Beside it, then renamed: what is broken off leaves nothing that would count as kept.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        begun = Path(folder, path.name)
        with Store(begun) as store:
            fill(store)
            print(path.name, digest(store))
        begun.rename(path)


if __name__ == "__main__":
    main()
