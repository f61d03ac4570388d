"""Appends tried again: by clients killed before they heard an answer, at once, and a thousand appends later.

Whenever the same events come again, the answer is the first one, marked `duplicate`; the same ids with anything else
are an `EventIdConflict`. Controls: a client that gives its second try new ids, and a store that remembers ids for some
time only, as many brokers do.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from eventlab.errors import EventIdConflict
from eventlab.event import Event
from eventlab.store import ANY, NO_STREAM, STREAM_EXISTS, Appended, Store
from tests.attacks.children import forked

SHORT, LONG = 30, 600  # clients killed
LATER = 1_000  # appends between the first answer and the last repetition
EXPECTATIONS = (ANY, NO_STREAM, STREAM_EXISTS, 0, 1, 10**6)
Batch = tuple[str, list[Event]]


def batch(name: str, new_ids: str = "") -> Batch:
    """What an append says, made from its name alone: its stream and events."""
    chance = Random(name)
    events = [
        Event("noted", {"of": name, "n": n, "x": chance.random()}, id=f"{name}-{n}{new_ids}", time=n)
        for n in range(chance.randint(1, 4))
    ]
    return f"s-{chance.randrange(4)}", events


def send(path: Path, notes: Path, seed: int) -> None:
    """A client on a slow line: notes what it sends, sends, hears the answer, notes it; until it is killed."""
    chance, store = Random(seed), Store(path, durable=False)
    out = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for n in itertools.count():
        os.write(out, json.dumps([f"{seed}.{n}"]).encode() + b"\n")
        time.sleep(chance.random() / 2_000)
        done = store.append(*batch(f"{seed}.{n}"))
        time.sleep(chance.random() / 2_000)
        os.write(out, json.dumps([f"{seed}.{n}", done.stream, done.version, done.position]).encode() + b"\n")


def kill_one(path: Path, notes: Path, seed: int, life: float) -> dict[str, list[Any] | None]:
    """The appends of one client that lived so many seconds, with the answers that it heard."""
    notes.unlink(missing_ok=True)
    child = forked(send, path, notes, seed)
    while not notes.exists():
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the client ended by itself"
    time.sleep(life)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    lines = [json.loads(line) for line in notes.read_bytes().splitlines(True) if line.endswith(b"\n")]
    return {name: answer or None for name, *answer in lines}


def repeat(store: Any, name: str, first: Appended, wrong: Counter[str], chance: Random, new_ids: str = "") -> None:
    """The same events again, whatever is expected."""
    again = store.append(*batch(name, new_ids), chance.choice(EXPECTATIONS) if not new_ids else ANY)
    wrong["not marked as a repetition"] += not again.duplicate
    wrong["another answer than the first"] += (again.stream, again.version, again.position) != (
        first.stream, first.version, first.position)  # fmt: skip


def misuse(store: Store, name: str, first: Appended, wrong: Counter[str], chance: Random) -> None:
    """The same ids with something else: every time a conflict that says where the known event stands."""
    stream, events = batch(name)
    other = next(number for number in itertools.count() if f"s-{number}" != stream)
    new, last = Event("noted", id=f"new-{name}"), events[-1]
    start, before = first.position - len(events), store.position
    for place, changed in (
        (stream, [*events[:-1], last.with_(data={"other": True})]),
        (stream, [*events[:-1], last.with_(time=-1)]),
        (stream, [*events, new]),
        (stream, [new, *events]),
        (f"s-{other}", events),
        (f"s-{other}", [new, last]),
        *([(stream, [*reversed(events)])] if len(events) > 1 else []),
    ):
        try:
            store.append(place, changed, chance.choice(EXPECTATIONS))
            wrong["no conflict"] += 1
        except EventIdConflict as error:
            stands = {event.id: start + n for n, event in enumerate(events, 1)}.get(error.id)
            wrong["a conflict that names another place"] += (error.stream, error.position) != (stream, stands)
    wrong["a conflict that wrote something"] += store.position != before


def attack(kills: int, seed: int = 1) -> tuple[Counter[str], Counter[str]]:
    """What was wrong, and how often what was tried."""
    chance, wrong, counts = Random(seed), Counter[str](), Counter[str]()
    known: dict[str, Appended] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        Store(path).close()
        for number in range(kills):
            heard = kill_one(path, Path(folder, "notes"), number, 0.002 + chance.random() / 100)
            with Store(path, durable=False) as store:
                for name, answer in heard.items():
                    if answer is not None:
                        known[name] = Appended(*answer)
                        continue
                    known[name] = store.append(*batch(name))
                    counts["unanswered, stored" if known[name].duplicate else "unanswered, not stored"] += 1
                    repeat(store, name, known[name], wrong, chance)
        counts["kills"], counts["appends"] = kills, len(known)
        with Store(path, durable=False) as store, Store(path, durable=False) as other:
            for n in range(LATER):
                other.append("later", Event("noted", id=f"later-{n}"))
            for name, first in known.items():
                repeat(chance.choice((store, other)), name, first, wrong, chance)
                misuse(chance.choice((store, other)), name, first, wrong, chance)
                counts["repeated much later"] += 1
            store.verify()
            seen = Counter(
                f"{each.event.data.get('of')}-{each.event.data.get('n')}" for each in store.read_category("s")
            )
            wrong["an event stands there twice"] += sum(count > 1 for count in seen.values())
            wrong["an event is not there"] += sum(len(batch(name)[1]) for name in known) - len(seen)
    return +wrong, counts


class Forgetful:
    """A control: a store in a list that knows the last `LATER` ids."""

    def __init__(self) -> None:
        self.answers: dict[str, Appended] = {}
        self.position = 0

    def append(self, stream: str, events: list[Event], expected: Any = ANY) -> Appended:
        if (first := self.answers.get(events[0].id)) is not None:
            return Appended(stream, first.version, first.position, duplicate=True)
        self.position += len(events)
        self.answers[events[0].id] = Appended(stream, self.position, self.position)
        if len(self.answers) > LATER:
            del self.answers[next(iter(self.answers))]
        return Appended(stream, self.position, self.position)


def control(store: Any, new_ids: str = "") -> Counter[str]:
    """What the same repetitions find where they should."""
    wrong, chance = Counter[str](), Random(1)
    first = {name: store.append(*batch(name)) for name in map(str, range(20))}
    for n in range(LATER):
        store.append("later", [Event("noted", id=f"later-{n}")])
    for name, answer in first.items():
        repeat(store, name, answer, wrong, chance, new_ids)
    return +wrong


def main(long: bool) -> int:
    wrong, counts = attack(LONG if long else SHORT)
    struck = counts["unanswered, stored"] and counts["unanswered, not stored"]
    print(f"{dict(counts)}; wrong: {dict(wrong) or 'nothing'}{'' if struck else '; INVALID: no kill struck'}")
    controls = {"new ids": control(Store(), "-again"), "ids forgotten": control(Forgetful())}
    for name, found in controls.items():
        print(f"control, {name}: {dict(found)}")
    return wrong.total() + (not struck) + sum(not found for found in controls.values())
