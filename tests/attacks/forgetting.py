"""kill -9 while a person is being forgotten, and a key file copied back: who is said to be forgotten stays forgotten.

A desk seals names in its events, archives some of them, keeps a read model and snapshots, and forgets people: it notes
that as an event, destroys the key, mends what was made in the clear, and says so. It is killed after each step or at
any moment, and begun anew; now and then an old copy of the key file is put in place of the newer one. Controls: a desk
that says so first, one that looks at nothing when it begins anew, and one whose key file alone knows who is forgotten.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from random import Random

from eventlab.archive import Archive
from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.shredding import FORGOTTEN, Keys, Shredder
from eventlab.store import Store
from tests.attacks.children import asked, forked

KINDS = ("careful", "says it first", "looks at nothing", "the keys alone know")
MOMENTS = ("after the note", "after the key", "after the read model", "any")
BOOKED, GONE = 6, 3  # people who come, and of these who are forgotten, in each life
SHORT, LONG = 24, 40  # lives in a folder, and folders in a long run


def booked(state: Mapping[str, str], event: Event) -> Mapping[str, str]:
    """The read model: whose name is known."""
    return state if event.type != "seat.booked" else {**state, event.data["person"]: event.data["name"]}


def name_of(person: str) -> str:
    return f"Anna Berg of {person}."


class Desk:
    """Events, keys, archive, read model and snapshots in one folder; `left` more of its moments, and it is dead."""

    def __init__(self, folder: Path, kind: str = "careful", moment: str = "never", left: int = 0) -> None:
        self.folder, self.kind, self.moment, self.left = folder, kind, moment, left
        self.store, self.keys = Store(folder / "events.db", durable=False), Keys(folder / "keys.db")
        self.shredder = Shredder(self.keys, {"seat.booked": ["name"]})
        self.archive = Archive(folder / "archive", self.store)
        self.names = Projection("names", lambda state, event: booked(state, self.shredder.open(event)), {})

    def begin(self) -> None:
        """What a careful desk does before anything else: all that was noted is done, perhaps once more."""
        self.names.restore(self.store)
        if self.kind != "looks at nothing":
            for person in (noted := self.noted()):
                self.destroy(person)
            self.mend(noted)

    def noted(self) -> list[str]:
        """Who is to be forgotten; a desk without the note in the log asks its keys."""
        if self.kind == "the keys alone know":
            return self.keys.forgotten()
        return [each.event.data["person"] for each in self.archive.read_category("wish")]

    def book(self, person: str) -> None:
        event = self.shredder.seal(Event("seat.booked", {"person": person, "name": name_of(person)}, id=person))
        self.store.append(f"seat-{person}", event)
        self.store.save_snapshot(f"seat-{person}", 1, {"name": name_of(person)})
        self.names.catch_up(self.store)
        self.names.save(self.store)

    def forget(self, person: str) -> None:
        if self.kind == "says it first":
            self.say(person)
        self.store.append("wish-all", Event("wish.noted", {"person": person}, id=f"wish-{person}"))
        self.die("after the note")
        self.destroy(person)
        self.die("after the key")
        self.mend([person])
        self.say(person)

    def destroy(self, person: str) -> None:
        """Throw the key away; the attacker writes down what it was, so as to look for its bytes later."""
        if (key := self.keys.key(person)) is not None:
            outside(self.folder, "keys", f"{person} {key.hex()}")
        self.keys.forget(person)

    def mend(self, people: list[str]) -> None:
        """Make anew what was made in the clear."""
        self.names.rebuild(self.archive)
        self.names.save(self.store)
        self.die("after the read model")
        for person in people:
            self.store.save_snapshot(f"seat-{person}", 1, {"name": FORGOTTEN})

    def say(self, person: str) -> None:
        outside(self.folder, "said", person)

    def die(self, moment: str) -> None:
        self.left -= moment == self.moment
        if moment == self.moment and self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def close(self) -> None:
        self.store.close()
        self.keys.close()


def outside(folder: Path, name: str, line: str) -> None:
    """A line in a file beside the desk's folder, which outlives the process."""
    with open(folder.with_name(name), "ab", buffering=0) as file:
        file.write(line.encode() + b"\n")


def lines(folder: Path, name: str) -> list[str]:
    path = folder.with_name(name)
    return path.read_text().split("\n")[:-1] if path.exists() else []


def live(folder: Path, kind: str, life: int, moment: str) -> None:
    """One life of the desk: people come, some are forgotten, and all is archived now and then."""
    chance = Random(life)
    desk = Desk(folder, kind, moment, chance.randint(1, GONE))
    desk.begin()
    people = [f"p-{life}-{number}" for number in range(BOOKED)]
    for person in people:
        desk.book(person)
    if life % 5 == 0:
        shutil.copy(folder / "keys.db", folder.with_name("copy of keys"))  # with the keys of all who came
    if life % 4 == 0:
        desk.archive.write(desk.store.position)
        desk.archive.release()
    for person in chance.sample(people, GONE):
        desk.forget(person)
    desk.close()


# -- what is looked for -----------------------------------------------------------------------------------------------


def before_anything_is_mended(folder: Path) -> list[str]:
    """Right after a kill: the key of nobody who was said to be forgotten is in any file."""
    files = [path.read_bytes() for path in folder.iterdir() if path.is_file() and not path.name.startswith("events")]
    keys = dict(line.split() for line in lines(folder, "keys"))
    with Keys(folder / "keys.db") as known:
        said = [person for person in lines(folder, "said") if not known.has_forgotten(person)]
    gone = [bytes.fromhex(keys[who]) for who in lines(folder, "said") if who in keys]
    bytes_left = any(key in file for key in gone for file in files)
    return ["said, but the key is there"] * bool(said or bytes_left)


def when_begun_anew(folder: Path, kind: str) -> tuple[list[str], Counter[str]]:
    """All that a desk shows once it has begun: nobody's name who was noted or said to be forgotten, and all others'."""
    desk, wrong, counts = Desk(folder, kind), [], Counter[str]()
    try:
        desk.begin()
        desk.archive.verify()
        wished = [each.event.data["person"] for each in desk.archive.read_category("wish")]
        gone = {*wished, *lines(folder, "said")}
        seats = [desk.shredder.open(each.event).data for each in desk.archive.read_category("seat")]
        counts.update({"people": len(seats), "forgotten": len(gone), "archived": desk.archive.end})
        for person, name in ((data["person"], data["name"]) for data in seats):
            expected = FORGOTTEN if person in gone else name_of(person)
            snapshot = desk.store.snapshot(f"seat-{person}")
            shown = {"events": name, "read model": desk.names.state.get(person, expected)}
            for place, found in (shown | {"snapshot": snapshot.state["name"]} if snapshot else shown).items():
                if found != expected:
                    wrong.append(f"{place}: {'can be read' if person in gone else 'cannot be read'}")
    finally:
        desk.close()
    return sorted(set(wrong)), counts


def attack(lives: int, kind: str = "careful", seed: int = 1) -> tuple[list[str], Counter[str]]:
    """So many lives, most of which end by kill; what is wrong, and what was seen."""
    chance, seen, wrong = Random(seed), Counter[str](), set[str]()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "desk")
        folder.mkdir()
        Desk(folder).close()
        copy = folder.with_name("copy of keys")
        for life in range(lives):
            moment = MOMENTS[life % len(MOMENTS)]
            child = forked(partial(live, folder, kind, 1_000 * seed + life, moment))
            if moment == "any":
                time.sleep(chance.random() / 5)
                os.kill(child, signal.SIGKILL)
            seen["killed " + moment] += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            wrong.update(before_anything_is_mended(folder))
            if copy.exists():
                os.replace(copy, folder / "keys.db")
                (folder / "keys.db-journal").unlink(missing_ok=True)  # it belongs to the file that is gone
                seen["copied back"] += 1
            problems, counts = asked(when_begun_anew, folder, kind)
            wrong.update(problems)
        seen |= Counter(counts)
    return sorted(wrong), seen


CONTROLS = {
    "says it first": "said, but the key is there",
    "looks at nothing": "read model: can be read",
    "the keys alone know": "events: can be read",
}


def struck(seen: Counter[str]) -> bool:
    """Whether kills fell after each step, a copy came back, and something was archived."""
    return all(seen["killed " + moment] for moment in MOMENTS) and bool(seen["copied back"] and seen["archived"])


def main(long: bool) -> int:
    wrong, seen = list[str](), Counter[str]()
    for seed in range(LONG if long else 1):
        problems, counts = attack(SHORT, seed=seed)
        wrong += problems
        seen += counts
    print(f"forgetting: {dict(seen)}: {wrong or '0 wrong'}{'' if struck(seen) else '; INVALID: not all faults struck'}")
    broken = len(wrong) + (not struck(seen))
    for kind, expected in CONTROLS.items():
        found, _ = attack(SHORT, kind)
        print(f"control, {kind}: {found}")
        broken += expected not in found
    return broken
