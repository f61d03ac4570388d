"""kill -9 between a commit and its publication: an outbox over a store in a file loses nothing and makes nothing up.

A process sells and publishes; what its bus takes in goes to a file that outlives it. It is killed right after a commit,
right after a publication, or at any moment, and begun anew. Controls: storing and publishing without an outbox, in
either order.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

from eventlab.event import Event
from eventlab.network import Delay, LinkQuality, Network
from eventlab.outbox import Outbox
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.store import Store
from tests.attacks.children import forked
from tests.support.laboratory import Overheard

MOMENTS = ("after a commit", "after a publication", "any")
SALES = 20


class Shop:
    """One life of the process: sells, publishes, and dies when its moment has come."""

    def __init__(self, path: Path, heard: Path, kind: str, life: int, moment: str) -> None:
        self.kind, self.life, self.moment = kind, life, moment
        self.sim = Sim(life)
        network = Network(self.sim, LinkQuality(Delay(0.001)))
        bus = Overheard(network)  # the world outside, which outlives the process
        bus.hear = self.hear
        self.shop = Service("shop", network, bus)
        self.file = os.open(heard, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.store = Store(path)
        if kind == "outbox":
            Outbox(self.shop, self.store)
        self.left = Random(life).randrange(1, SALES)  # so many commits or publications before it dies

    def hear(self, event: Event) -> None:
        """What the world outside learns."""
        os.write(self.file, json.dumps([event.id, event.data["seat"], event.time]).encode() + b"\n")
        self.die("after a publication")

    def die(self, moment: str) -> None:
        self.left -= moment == self.moment
        if moment == self.moment and self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def sell(self) -> None:
        for number in range(SALES):
            event = self.shop.stamp(Event("seat.sold", {"seat": f"{number}A"}, id=f"{self.life}-{number}"))
            if self.kind == "publish, then store":
                await self.shop.publish_confirmed(event)
                await self.sim.sleep(0.01)
            self.store.append("sales", event)
            self.die("after a commit")
            if self.kind == "store, then publish":
                await self.shop.publish_confirmed(event)
            await self.sim.sleep(0.01)


def live(path: Path, heard: Path, kind: str, life: int, moment: str) -> None:
    """Sell until somebody kills this process, or only publish what is left (the last life)."""
    shop = Shop(path, heard, kind, life, moment)
    if moment != "never":
        shop.sim.start(shop.sell())
    shop.sim.run()
    os._exit(0)


def _stored(path: Path) -> list[str]:
    with Store(path) as store:
        return [recorded.event.id for recorded in store.read_all()]


def _heard(path: Path) -> list[list[Any]]:
    whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""
    return [json.loads(line) for line in whole.splitlines()]


def attack(between: int, kind: str = "outbox", seed: int = 1) -> tuple[list[str], Counter[str]]:
    """Kill until so many kills fell between a commit and its publication; what is wrong, and what was seen."""
    chance, counts, life, tries = Random(seed), Counter[str](), 1_000 * seed, 0
    with tempfile.TemporaryDirectory() as folder:
        path, heard = Path(folder, "shop.db"), Path(folder, "heard")
        Store(path).close()
        while counts["between"] < between and tries < 6 * between:
            life, tries = life + 1, tries + 1
            moment = chance.choice(MOMENTS)
            child = forked(live, path, heard, kind, life, moment)
            if moment == "any":
                time.sleep(chance.random() / 20)
                os.kill(child, signal.SIGKILL)
            counts["kills"] += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            known = {id for id, _, _ in _heard(heard)}
            counts["between"] += any(id not in known for id in _stored(path)[-SALES:])
        status = os.waitpid(forked(live, path, heard, kind, life + 1, "never"), 0)[1]
        stored, lines = _stored(path), _heard(heard)
    contents = defaultdict(set)
    for id, seat, at in lines:
        contents[id].add((seat, at))
    counts["sales"], counts["heard twice"] = len(stored), len(lines) - len(contents)
    counts["lost"], counts["ghosts"] = len(set(stored) - set(contents)), len(set(contents) - set(stored))
    counts["twice and different"] = sum(len(each) > 1 for each in contents.values())
    wrong = [f"{counts[name]} {name}" for name in ("lost", "ghosts", "twice and different") if counts[name]]
    return wrong if os.waitstatus_to_exitcode(status) == 0 else [*wrong, "the last life ended badly"], counts


CONTROLS = {"store, then publish": "lost", "publish, then store": "ghosts"}


def main(long: bool) -> int:
    wrong, counts, rounds, between = [], Counter[str](), 50 if long else 1, 20
    for seed in range(rounds):
        problems, seen = attack(between, seed=seed)
        wrong += problems
        counts += seen
    struck = counts["between"] >= rounds * between and counts["heard twice"]
    print(f"outbox: {dict(counts)}: {wrong or '0 wrong'}{'' if struck else '; INVALID: the kills did not strike'}")
    broken = len(wrong) + (not struck)
    for kind, expected in CONTROLS.items():
        found, counts = attack(10, kind)
        print(f"control, {kind}: {counts['kills']} kills: {found}")
        broken += not any(expected in each for each in found)
    return broken
