"""kill -9 of JetStream's nodes and leaders, of a publisher and of a worker: nothing is lost, and subjects keep order.

A publisher appends orders to PostgreSQL, which its outbox publishes; a worker notes each in a store of its own and then
answers. Every seventh order fails once. Controls: a worker that answers first, and one that does not ask for order.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

import nats

from eventlab import engines
from eventlab.engines import Engines
from eventlab.engines.postgres import PostgresStore
from eventlab.engines.runtime import Runtime
from eventlab.engines.servers import Server
from eventlab.event import Event
from eventlab.outbox import Outbox
from eventlab.store import Store
from tests.attacks.children import Child, end, hear, say, start, tell, told

NAME, SUBJECTS = "orders", 5
KINDS = ("worker", "leader", "publisher", "worker", "node")
PATIENCE = 60.0  # seconds for a cluster to be whole again
SILENCE = 15.0  # seconds without any progress, after which what is missing is lost: more than any election takes


def work(kind: str) -> None:
    """The worker: note each order, and answer; until somebody kills this process."""

    async def forever() -> None:
        async with Runtime(Engines(*told()), NAME) as runtime:
            mail, done = runtime.service("mail", workers=4), runtime.store("done", durable=False)
            failed = set[str]()

            def note(event: Event) -> None:
                noted = Event("order.noted", {}, event.subject, event.id, source="mail", time=event.time)
                done.append(f"done-{event.subject}", noted)

            async def later(event: Event) -> None:
                await mail.sleep(1.0)  # at any moment, on a busy machine too, many are answered and not noted
                note(event)

            async def handle(event: Event) -> None:
                if kind == "answers first":
                    mail.start(later(event))
                    return
                if event.data["n"] % 7 == 0 and event.id not in failed:
                    failed.add(event.id)
                    raise ValueError("not yet")
                await mail.sleep(0.002)
                note(event)

            mail.on(
                "order.*", handle, durable="mail", deliver="all", max_deliver=1000, backoff=[0.02],
                ordered=kind != "any order",
            )  # fmt: skip
            await runtime.run(until=0.01)
            tell("ready")
            await runtime.run(until=1e6)

    asyncio.run(forever())


def publish(kind: str) -> None:
    """The publisher: an order every few milliseconds, or none any more; until somebody kills this process."""

    async def forever() -> None:
        async with Runtime(Engines(*told()), NAME) as runtime:
            shop, orders = runtime.service("shop"), runtime.store("orders", durable=False)
            Outbox(shop, orders, pause=0.05)

            async def order() -> None:
                while True:
                    n = orders.position + 1
                    orders.append("orders", Event("order.placed", {"n": n}, f"s{n % SUBJECTS}", f"o{n}", source="shop"))
                    await shop.sleep(0.01)

            if kind == "orders":
                shop.background(order)
            await runtime.run(until=0.01)
            tell("ready")
            await runtime.run(until=1e6)

    asyncio.run(forever())


def begun(running: Engines, what: Callable[[str], None], kind: str) -> Child:
    child = start(what, kind)
    say(child, [running.nats, running.postgres])
    assert hear(child) == "ready"
    return child


async def _cluster(running: Engines) -> tuple[str, bool]:
    """The name of the leader of the log, and whether all nodes have all of it."""
    connection = await nats.connect(servers=running.nats.split(","), connect_timeout=2)
    try:
        found = (await connection.jetstream(timeout=2).stream_info(NAME)).cluster
        assert found is not None
        replicas = found.replicas or []
        return str(found.leader or ""), len(replicas) == 2 and all(each.current for each in replicas)
    finally:
        await connection.close()


def cluster(running: Engines, whole: bool) -> str:
    """The leader's name, as soon as there is one (and all nodes are up to date)."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            leader, is_whole = asyncio.run(_cluster(running))
            if leader and (is_whole or not whole):
                return leader
        except (TimeoutError, OSError, nats.errors.Error):
            pass
        assert time.monotonic() < until, "the cluster did not come back"
        time.sleep(0.05)


def kill_node(running: Engines, which: str, chance: Random) -> None:
    leader = cluster(running, whole=True)
    node: Server = next(each for each in running.nodes if (each.name == leader) == (which == "leader"))
    node.kill()
    time.sleep(chance.uniform(0.5, 2))
    node.start()


def attack(kills: Sequence[str], kind: str = "store", seed: int = 1) -> tuple[dict[str, int], Counter[str]]:
    """What is wrong in the end (nothing, one hopes), and what was done."""
    chance, counts = Random(seed), Counter[str]()
    with engines.local() as running:
        with PostgresStore(running.postgres, "orders") as orders, PostgresStore(running.postgres, "done") as done:
            children = {"publisher": begun(running, publish, "orders"), "worker": begun(running, work, kind)}
            try:
                for each in kills:
                    time.sleep(chance.uniform(0.1, 0.6))
                    counts[f"kills of {each}"] += 1
                    counts["struck"] += something_waits(orders, done)
                    if each in children:
                        end(children[each])
                        again = (work, kind) if each == "worker" else (publish, "orders")
                        children[each] = begun(running, *again)
                    else:
                        kill_node(running, each, chance)
                end(children["publisher"])
                children["publisher"] = begun(running, publish, "none")
                counts["ms to catch up"] = await_all(running, orders, done)
            finally:
                for child in children.values():
                    end(child)
            counts["orders"] = orders.position
            return wrong(orders, done), counts


def something_waits(orders: Store, done: Store) -> bool:
    """Wait for a moment in which the worker is at work, and an order not noted yet: any other kill tries nothing."""
    until = time.monotonic() + SILENCE
    while time.monotonic() < until:
        if orders.position > done.position > 0:
            return True
        time.sleep(0.002)
    return False


async def _unanswered(running: Engines) -> int:
    """How many events JetStream has that were not sent to the worker, or not answered by it."""
    connection = await nats.connect(servers=running.nats.split(","), connect_timeout=2)
    try:
        found = await connection.jetstream(timeout=2).consumers_info(NAME)
        return sum(int(each.num_pending or 0) + int(each.num_ack_pending or 0) for each in found)
    finally:
        await connection.close()


def await_all(running: Engines, orders: Store, done: Store) -> int:
    """Wait until all is noted, or answered, or nothing happens any more; how many milliseconds it took."""
    begin = last = time.monotonic()
    seen = calm = 0
    while done.position < orders.position and time.monotonic() < last + SILENCE and calm < 3:
        time.sleep(0.1)
        seen, before = done.position, seen
        last = time.monotonic() if seen > before else last
        if seen == before and orders.checkpoint("outbox") == orders.position:
            with suppress(TimeoutError, OSError, nats.errors.Error):
                calm = 0 if asyncio.run(_unanswered(running)) else calm + 1
    return round((time.monotonic() - begin) * 1000)


def wrong(orders: Store, done: Store) -> dict[str, int]:
    """How many orders were lost, and in how many subjects the order was another one."""
    found = Counter[str]()
    for subject in (f"s{n}" for n in range(SUBJECTS)):
        placed = [each.event.id for each in orders.read_all() if each.event.subject == subject]
        noted = [each.event.id for each in done.read(f"done-{subject}")]
        found["lost"] += len(set(placed) - set(noted))
        found["subjects in another order"] += noted != [id for id in placed if id in set(noted)]
    return {name: many for name, many in found.items() if many}


def main(long: bool) -> int:
    broken = 0
    plan = [KINDS[n % len(KINDS)] for n in range(60 if long else 10)]
    for kind, kills, expected in (
        ("store", plan, set()),
        ("answers first", ["worker"] * 3, {"lost"}),
        ("any order", ["worker"], {"subjects in another order"}),
    ):
        found, counts = attack(kills, kind)
        print(f"{kind}: {dict(counts)}; {found or 'nothing lost, every order kept'}", flush=True)
        broken += set(found) != expected if kind == "store" else not expected <= set(found)
    return broken
