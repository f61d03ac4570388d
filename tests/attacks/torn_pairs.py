"""One process saves a read model without a pause, others restore it, read its snapshots and verify: nothing is torn.

They open the file by its own name and through symbolic links. The control reads position and state in two statements,
as everybody would, and finds pairs that never belonged together.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from eventlab.errors import EventlabError
from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.store import Store
from tests.attacks.children import children, end, hear, start, tell

SHORT, LONG = 2, 60  # seconds
WAYS = ("restored", "snapshot", "verified", "opened by a link", "control")


def count(state: Any, event: Event) -> Any:
    return {"n": state["n"] + 1}


def write(path: str) -> None:
    """Append, catch up and save until somebody kills this process."""
    store, board = Store(path, durable=False), Projection("board", count, {"n": 0})
    for n in itertools.count():
        done = store.append("thing-1", Event("counted", {"text": "x" * 300}, id=f"e-{n}"))
        board.catch_up(store)
        board.save(store)
        if n % 10 == 0:
            store.save_snapshot("thing-1", done.version, {"n": done.version})


def look(store: Store, way: str, link: Path, seen: Counter[str]) -> None:
    """Look in one way, and count what does not belong together."""
    seen[way] += 1
    if way == "restored":
        board = Projection("board", count, {"n": 0})
        board.restore(store)
        seen["torn"] += board.state["n"] != board.position
    elif way == "snapshot":
        snapshot = store.snapshot("thing-1")
        seen["torn"] += snapshot is not None and snapshot.state["n"] != snapshot.version
    elif way == "control":
        position = store.checkpoint("board")
        state = store.checkpoint_state("board") or {"n": 0}
        seen["torn in the control"] += state["n"] != position
    else:
        try:
            if way == "verified":
                store.verify()
            else:
                Store(link, durable=False).close()
        except EventlabError as error:
            seen["refused"] += 1
            print(f"{way}: {error}")


def read(me: str, path: str, seconds: str) -> None:
    """Run in a process of its own: look in all ways, and say what was seen."""
    seen, until, link = Counter[str](), time.monotonic() + float(seconds), Path(path).parent / "elsewhere" / "link.db"
    with Store(path, durable=False) as store:
        while time.monotonic() < until:
            for way in WAYS:
                for _ in range({"verified": 1, "opened by a link": 30}.get(way, 300)):
                    look(store, way, link, seen)
    tell(seen)


def attack(seconds: float, readers: int = 2) -> Counter[str]:
    """What the readers saw."""
    seen = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        Store(path).close()
        Path(folder, "elsewhere").mkdir()
        os.symlink(path, Path(folder, "elsewhere", "link.db"))
        writer = start(write, path)
        try:
            with children(readers, read, path, seconds) as started:
                for child in started:
                    seen.update(hear(child))
            assert writer.poll() is None, "the writer ended by itself"
        finally:
            end(writer)
        with Store(path) as store:
            store.verify()
            seen["written"] = store.position
    return seen


def broken(seen: Counter[str]) -> list[str]:
    """What is not as it should be."""
    wrong = [name for name in ("torn", "refused") if seen[name]]
    wrong += [f"INVALID: never {way}" for way in WAYS if not seen[way]]
    return wrong + ["INVALID: the control saw nothing torn"] * (not seen["torn in the control"])


def main(long: bool) -> int:
    seen = attack(LONG if long else SHORT)
    print({name: seen[name] for name in ("written", *WAYS, "torn", "refused", "torn in the control")})
    print(*(wrong := broken(seen)) or ["nothing wrong"], sep="\n")
    return len(wrong)
