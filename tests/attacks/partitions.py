"""A node of JetStream is cut from the others and joined again, clients are cut from their node: nothing is lost.

The story of `cluster_kills`: a publisher with an outbox, a worker that notes and then answers. Nobody is killed; wires
are held (nobody is told) or broken. Control: whoever shouts to the leader that was cut off, and waits for no answer.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

import nats

from eventlab import engines
from eventlab.engines import Engines
from eventlab.engines.jetstream import again
from eventlab.engines.postgres import PostgresStore
from tests.attacks.children import end
from tests.attacks.cluster_kills import NAME, PATIENCE, await_all, begun, cluster, publish, something_waits, work, wrong
from tests.attacks.wires import WHOLE, Wired

KINDS = ("leader held", "client held", "follower broken", "leader broken", "client broken", "follower held")
SHOUTS = 20
ASIDE = f"{NAME}.e.aside.said"  # in the log, and wanted by nobody


class Aside:
    """The control: plain messages to one node, with no answer waited for."""

    def __init__(self, clients: Engines) -> None:
        self.clients, self.said = clients, 0

    def shout(self, url: str) -> None:
        asyncio.run(self._shout(url))

    async def _shout(self, url: str) -> None:
        connection = await nats.connect(url, connect_timeout=5)
        for _ in range(SHOUTS):
            await connection.publish(ASIDE, b"{}")
        await connection.flush()
        await connection.close()
        self.said += SHOUTS

    def lost(self) -> int:
        """How many of them are not in the log."""
        return self.said - asyncio.run(self._there())

    async def _there(self) -> int:
        connection = await nats.connect(servers=self.clients.nats.split(","), connect_timeout=2)
        try:
            js = connection.jetstream(timeout=2)
            found = await again(lambda: js.stream_info(NAME, subjects_filter=ASIDE))
            return sum((found.state.subjects or {}).values())
        finally:
            await connection.close()


def beside(wired: Wired, name: str) -> Engines:
    """The addresses of all nodes but one."""
    gone = f":{wired.doors[name].port}"
    return Engines(",".join(url for url in wired.nats.split(",") if not url.endswith(gone)), "")


def at(wired: Wired, name: str) -> str:
    """The address of one node."""
    return next(url for url in wired.nats.split(",") if url.endswith(f":{wired.doors[name].port}"))


def led_by_another(wired: Wired, old: str) -> None:
    """Wait until the other nodes have elected one of themselves."""
    until = time.monotonic() + PATIENCE
    while cluster(beside(wired, old), whole=False) == old:
        assert time.monotonic() < until, "the others elected nobody"
        time.sleep(0.1)


def cut(wired: Wired, clients: Engines, kind: str, aside: Aside, chance: Random) -> None:
    """Cut what `kind` says, for as long as it takes to matter, and mend it."""
    who, state = kind.split()
    leader = cluster(clients, whole=True)
    if who == "client":
        door = max(wired.doors.values(), key=lambda wire: wire.connections)
        door.state = state
        time.sleep(chance.uniform(1, 8))
        door.state = WHOLE
        return
    name = leader if who == "leader" else chance.choice([each for each in wired.doors if each != leader])
    wired.set_routes(name, state)
    try:
        if who == "leader":
            aside.shout(at(wired, name))
            led_by_another(wired, name)
        time.sleep(chance.uniform(0.5, 3))
    finally:
        wired.set_routes(name, WHOLE)


def attack(cuts: Sequence[str], seed: int = 1) -> tuple[dict[str, int], dict[str, int]]:
    """What is wrong in the end (nothing, one hopes), and what was done."""
    chance, counts = Random(seed), Counter[str]()
    with engines.local() as running, Wired(running) as wired:
        clients = Engines(wired.nats, running.postgres)
        aside = Aside(clients)
        with PostgresStore(running.postgres, "orders") as orders, PostgresStore(running.postgres, "done") as done:
            children = [begun(clients, publish, "orders"), begun(clients, work, "store")]
            try:
                for kind in cuts:
                    counts[kind] += 1
                    counts["struck"] += something_waits(orders, done)
                    cut(wired, clients, kind, aside, chance)
                end(children[0])
                children[0] = begun(clients, publish, "none")
                counts["ms to catch up"] = await_all(clients, orders, done)
            finally:
                for child in children:
                    end(child)
            cluster(clients, whole=True)
            counts["orders"], counts["shouted and lost"] = orders.position, aside.lost()
            return wrong(orders, done), dict(counts)


def main(long: bool) -> int:
    cuts = [KINDS[n % len(KINDS)] for n in range(36 if long else 3)]
    found, counts = attack(cuts)
    print(f"{counts}; {found or 'nothing lost, every order kept'}", flush=True)
    return bool(found) + (counts["struck"] < len(cuts)) + (counts["shouted and lost"] == 0)
