"""The disks of JetStream and of PostgreSQL are full: appends and events are refused, and it goes on when there is room.

JetStream's nodes may store so much and no more (`max_file_store`). PostgreSQL's files may not grow beyond a size: first
its tables cannot, which is an error, then its log cannot, which ends all of it. Room is made by starting again without
the limit. Then everything that was acknowledged is there, once, in order. Control: who takes what was sent for stored.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

from eventlab import engines
from eventlab.engines import Engines
from eventlab.engines.postgres import PostgresStore
from eventlab.engines.runtime import Runtime
from eventlab.engines.servers import Server
from eventlab.errors import NoReply, StoreUnavailable, Unavailable
from eventlab.event import Event
from eventlab.store import Store
from tests.support.store_door import rows

MEBIBYTE = 2**20
TABLES = 17 * MEBIBYTE  # for any one file; those of PostgreSQL's log have 16 MiB and fit
STORED = "2MB"  # what a node of JetStream may store
TRIES = 4  # after the first refusal


def text(chance: Random, size: int) -> str:
    """Text that cannot be made smaller."""
    return chance.randbytes(size // 2).hex()


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def limited(server: Server, most: int) -> None:
    """The same server, whose files may not grow beyond so many bytes (0: as they like)."""
    command = server._command[server._command.index("--") + 1 :] if "--" in server._command else server._command
    if most:
        command = ["sh", "-c", f'ulimit -f {most // 512}; shift; exec "$@"', "sh", "--", *command]
    server._command = list(command)
    server.stop()
    server.start()


def room_in_log(store: PostgresStore) -> int:
    """A size that PostgreSQL's log reaches within a MiB."""
    [(written,)] = rows(store, "SELECT file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())")
    return int(written) + MEBIBYTE


def database(limit: int, counts: Counter[str], wrong: Counter[str]) -> None:
    """Append until PostgreSQL has no more room, a few times more, and once there is room again."""
    chance, done, refused = Random(1), list[str](), list[list[Event]]()
    with engines.local(nodes=1) as real:
        assert real.database is not None, "unset EVENTLAB_POSTGRES: a server of one's own is not limited"
        store = PostgresStore(real.postgres, "filled", patience=0.2)
        limited(real.database, limit or room_in_log(store))
        while len(refused) <= TRIES:
            batch = [notes(chance, f"e{len(done) + n}-{len(refused)}") for n in range(100)]
            try:
                store.append("notes", batch)
                done += [event.id for event in batch]
            except StoreUnavailable:
                refused.append(batch)
        limited(real.database, 0)
        for batch in refused:
            store.append("notes", batch)
            done += [event.id for event in batch]
        compare(store, done, wrong)
        store.close()
    counts["appends refused"] += len(refused)
    counts["events kept"] += len(done)


def notes(chance: Random, id: str) -> Event:
    return Event("noted", {"text": text(chance, 1_500)}, id=id)


def compare(store: Store, done: list[str], wrong: Counter[str]) -> None:
    """What is in the store against what was acknowledged."""
    store.verify()
    there = [each.event.id for each in store.read_all()]
    wrong["acknowledged and lost"] += len(set(done) - set(there))
    wrong["there twice"] += len(there) - len(set(there))
    wrong["in another order"] += [id for id in there if id in set(done)] != [id for id in done if id in set(there)]


# -- JetStream ---------------------------------------------------------------------------------------------------------


def rewritten(real: Engines, old: str, new: str) -> None:
    """All nodes with another setting."""
    assert real.folder is not None, "unset EVENTLAB_NATS: nodes of one's own are not limited"
    for node in real.nodes:
        node.kill()
        path: Path = real.folder / node.name / "nats.conf"
        path.write_text(path.read_text().replace(old, new))
        node.begin()
    for node in real.nodes:
        node.start()


async def events(runtime: Runtime, real: Engines, counts: Counter[str], wrong: Counter[str]) -> None:
    """Publish until the nodes have no more room, and on when they have; then hold what was delivered against it."""
    shop, mail = runtime.service("shop"), runtime.service("mail")
    chance, done, heard, refused = Random(1), list[str](), list[str](), list[Event]()

    async def publish() -> None:
        while len(refused) <= 1:
            event = Event("order.placed", {"text": text(chance, 20_000)}, "1", id=f"o{len(done)}-{len(refused)}")
            try:
                await shop.publish_confirmed(event, timeout=2)
                done.append(event.id)
            except (Unavailable, NoReply) as error:
                counts["said to be full"] += "full" in str(error)
                refused.append(event)

    async def publish_again() -> None:
        for event in refused:
            while event.id not in done:
                try:
                    await shop.publish_confirmed(event, timeout=10)
                    done.append(event.id)
                except (Unavailable, NoReply):
                    await shop.sleep(0.2)

    await until_done(runtime, publish())
    in_order = list(done)  # what was refused may come in any order: perhaps it was not
    rewritten(real, f"max_file_store: {STORED}", "max_file_store: 100MB")
    await until_done(runtime, publish_again())
    mail.on("order.*", lambda event: heard.append(event.id), durable="mail", deliver="all")
    await runtime.run()
    counts["events refused"] += len(refused)
    counts["events kept"] += len(done)
    wrong["acknowledged and lost"] += len(set(done) - set(heard))
    wrong["there twice"] += len(heard) - len(set(heard))
    wrong["in another order"] += [id for id in heard if id in in_order] != in_order


async def until_done(runtime: Runtime, work: object) -> None:
    """Let time pass until this is done."""
    task = runtime.start(work)  # type: ignore[arg-type]
    while not task.done:
        await runtime.run(until=runtime.clock.passed + 0.2)


def cluster(counts: Counter[str], wrong: Counter[str]) -> None:
    """The nodes of JetStream have no more room, until they have."""

    async def story(real: Engines) -> None:
        async with Runtime(real, "filled") as runtime:
            await events(runtime, real, counts, wrong)

    with engines.local() as real:
        rewritten(real, "jetstream { ", f"jetstream {{ max_file_store: {STORED}, ")
        asyncio.run(story(real))


PARTS = {
    "tables": lambda counts, wrong: database(TABLES, counts, wrong),
    "log": lambda counts, wrong: database(0, counts, wrong),
    "JetStream": cluster,
}


def attack(part: str) -> tuple[dict[str, int], dict[str, int]]:
    """What was wrong, and what was done; `part`: "tables" or "log" of PostgreSQL, or "JetStream"."""
    counts, wrong = Counter[str](), Counter[str]()
    PARTS[part](counts, wrong)
    return dict(+wrong), dict(counts)


def main(long: bool) -> int:
    broken = 0
    for part in list(PARTS) * (5 if long else 1):
        wrong, counts = attack(part)
        refused = counts.get("appends refused", 0) + counts.get("events refused", 0)
        print(f"{part}: {counts}; {wrong or 'all is there, once, in order'}; control: {refused} lost", flush=True)
        broken += bool(wrong) + (not refused)
    return broken
