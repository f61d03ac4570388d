"""Backups while eight processes write: each verifies and is a clean beginning of the store, with the same hashes.

The controls copy the file as any program would, alone and with the log beside it, in another process.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from eventlab.errors import EventlabError
from eventlab.event import Event
from eventlab.store import Store
from tests.attacks.children import forked
from tests.support import store_door

SHORT, LONG = 5, 20
WRITERS, BATCH = 8, 3


def write(path: Path, seed: int) -> None:
    """Append whole batches until somebody kills this process."""
    chance, store = Random(seed), Store(path, durable=False)
    for n in itertools.count():
        text = "x" * chance.randrange(600)
        batch = [Event("noted", {"text": text}, id=f"{seed}-{n}-{k}") for k in range(BATCH)]
        store.append(f"s-{chance.randrange(5)}", batch)
        time.sleep(0.002)


def copy_plainly(files: list[str], folder: Path) -> None:
    for file in files:
        shutil.copy(file, folder)


def judge(store: Store, copy: Path, before: int) -> str:
    """What a copy is worth that was begun when the store had so many events."""
    try:
        with Store(copy) as other:
            other.verify()
            batches = Counter(recorded.event.id.rpartition("-")[0] for recorded in other.read_all())
            position, chain = store_door.end(other)
    except EventlabError:
        return "corrupt"
    if position and chain != store_door.rows(store, "SELECT chain FROM events WHERE position = ?", position)[0][0]:
        return "another history"
    if any(count != BATCH for count in batches.values()):
        return "half a batch"
    return "clean" if before <= position <= store.position else "acknowledged events are missing"


def attack(rounds: int, seed: int = 1) -> dict[str, Counter[str]]:
    """How the backups ended, and how the plain copies did."""
    kinds = ("backup", "control, the file alone", "control, with its log")
    ends = {kind: Counter[str]() for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        Store(path).close()
        writers = [forked(write, path, seed * WRITERS + n) for n in range(WRITERS)]
        try:
            with Store(path, durable=False) as store:
                while store.position < 2_000:
                    time.sleep(0.01)
                for number in range(rounds):
                    for kind, end in ends.items():
                        copy, before = Path(folder, f"copy-{number}", "events.db"), store.position
                        copy.parent.mkdir()
                        if kind == "backup":
                            store.backup(copy)
                        else:
                            files = [str(path), f"{path}-wal"][: 2 if "log" in kind else 1]
                            assert os.waitpid(forked(copy_plainly, files, copy.parent), 0)[1] == 0
                        end["written meanwhile"] += store.position - before
                        end[judge(store, copy, before)] += 1
                        shutil.rmtree(copy.parent)
                store.verify()
                ends["backup"]["events in the end"] = store.position
        finally:
            for writer in writers:
                os.kill(writer, signal.SIGKILL)
            alive = sum(os.WTERMSIG(os.waitpid(writer, 0)[1]) == signal.SIGKILL for writer in writers)
        ends["backup"]["writers to the end"] = alive
    return ends


def broken(ends: dict[str, Counter[str]], rounds: int) -> list[str]:
    """What is not as it should be."""
    backup, *controls = ends.values()
    wrong = [] if backup["clean"] == rounds else ["a backup is no clean beginning"]
    if not backup["written meanwhile"] or backup["writers to the end"] < WRITERS:
        wrong.append("INVALID: nobody wrote during the backups")
    return wrong + ["the controls are clean"] * all(control["clean"] == rounds for control in controls)


def main(long: bool) -> int:
    rounds = LONG if long else SHORT
    ends = attack(rounds)
    for kind, end in ends.items():
        print(f"{kind}: {dict(end)}")
    wrong = broken(ends, rounds)
    print(*wrong or ["nothing wrong"], sep="\n")
    return len(wrong)
