"""The same on real engines, here: three nodes and a database, started for the occasion and ended with it.

Each call takes about half a minute. Where the engines cannot be started, it says why in one sentence, and shows what is
kept. Whoever names engines of their own (`EVENTLAB_NATS`) has no node killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from secrets import token_hex
from typing import Any, TypeVar

from eventlab import engines
from eventlab.engines import Engines
from eventlab.engines.errors import INSTALL, EngineUnavailable
from eventlab.engines.servers import Server
from eventlab.lessons.lesson13 import morning, promises, seats
from eventlab.lessons.lesson13.kept import measured_on
from eventlab.lessons.lesson13.seats import Tell
from eventlab.outbox import Inbox
from eventlab.store import Store
from eventlab.trace import Trace
from eventlab.views import Prose, Table, table
from eventlab.views.drawing.picture import Picture

KILLED, DEAD = 4.0, 10.0  # seconds until the leader is killed, and for which its node is not there
FAST = 3600.0  # times as fast as the day, while everybody waits
LIMIT = 60.0  # seconds after which a run ends, whatever is left
SEATS = 20  # that `announced` publishes, two a second
Announce = Callable[[Any, str, str], Coroutine[Any, Any, Any]]
Begin = Callable[[Any], None]
Given = TypeVar("Given")


def people(tell: Tell) -> Picture:
    """The 62 people on real engines, told by your handler; the leader is killed after four seconds."""

    def begin(world: Any) -> None:
        rebooking, search = seats.put_up(world, Store(), tell)
        rebooking.start(search)

    trace, why = _done(lambda real: killed(real, begin))
    if trace is None:
        return seats.one_run("leader killed, run 1", why)
    found = seats.told(trace)
    simulated = seats.told(seats.simulated(tell))
    return seats.curves({"here": found, "simulated": simulated}, seats.words(found), title="On real engines, here")


def boston() -> Table:
    """The Boston morning on real engines, the leader killed a second before the news; it takes twenty seconds."""
    trace, why = _done(boston_morning)
    rows = morning.rows() if trace is None else morning.rows({"here": trace})
    if trace is None:
        return table([*rows, {"service": why, "simulated": "", "real": ""}])
    same = "the same" if morning.same_end(trace, morning.simulated_morning()) else "not the same"
    return table([*rows, {"service": "in the end all know", "simulated": "", "real": "the same", "here": same}])


def announced(announce: Announce) -> Prose:
    """Twenty seats on real engines, published by your function while the leader is killed: how often each was told."""

    def begin(world: Any) -> None:
        rebooking, notices = world.service("rebooking"), world.service("notices")
        Inbox(notices)
        notices.on("seat.found", lambda event: notices.act(event, note="told"), durable="notices")

        async def search() -> None:
            for number in range(SEATS):
                rebooking.start(announce(rebooking, f"p-{number}", f"{number + 1}C"))
                await rebooking.sleep(0.5)

        rebooking.start(search())

    trace, why = _done(lambda real: killed(real, begin))
    if trace is None:
        return Prose(f"{why} Judged was your function in simulation alone.")
    found = seats.told(trace)
    return Prose(f"On real engines, the leader killed: {seats.words(found, SEATS)}")


def heard(scene: promises.Scene) -> Prose:
    """What mail hears on real engines in a scene of yours."""
    said, why = _done(lambda real: hearing(real, scene))
    return Prose(why if said is None else f"On JetStream, here, mail hears: **{said}**")


def _done(work: Callable[[Engines], Coroutine[Any, Any, Given]]) -> tuple[Given | None, str]:
    """What the work gives on engines started for it, in a thread with a loop of its own; or why there is nothing."""
    kept = f"What is shown was measured on {measured_on()}."
    if not engines.available():
        return None, f"Real engines are not installed here ({INSTALL}). {kept}"
    try:
        with engines.local() as real, ThreadPoolExecutor(1) as threads:
            return threads.submit(lambda: asyncio.run(work(real))).result(), ""
    except EngineUnavailable as error:
        return None, f"{error}. {kept}"


async def killed(real: Engines, begin: Begin) -> Trace:
    """What is begun on these engines, to its end; after four seconds the leader dies, for ten seconds."""
    from eventlab.engines.runtime import Runtime  # it needs the clients of the engines

    async with Runtime(real, f"seats_{token_hex(4)}") as runtime:
        begin(runtime)
        beside = asyncio.create_task(_kill_the_leader(real, runtime))
        await _over(runtime)
        await beside
        await runtime.bus.remove()
        return runtime.trace


async def hearing(real: Engines, scene: promises.Scene) -> str:
    """What mail hears on these engines."""
    from eventlab.engines.runtime import Runtime

    async with Runtime(real, f"mail_{token_hex(4)}") as runtime:
        there = promises.Hearing(runtime, scene)
        runtime.start(there.act())
        await _over(runtime)
        await runtime.bus.remove()
        return there.words


async def _over(runtime: Any) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(runtime.run(), LIMIT)


async def boston_morning(real: Engines) -> Trace:
    """The morning on these engines: each service as it stands, its store in PostgreSQL."""
    from eventlab.engines.airports import perform

    dead = asyncio.Event()

    async def meanwhile(runtime: Any) -> None:
        await runtime.network.prepared()
        leader = await _leader(real, runtime)

        def kill() -> None:
            if leader is not None:
                leader.kill()
            dead.set()

        runtime.at(morning.BOSTON.at(morning.KILLED), kill)
        await dead.wait()
        await _back(leader)

    run = await perform(morning.BOSTON, "publish/subscribe", real, speed=FAST, meanwhile=meanwhile)
    return run.trace


async def _kill_the_leader(real: Engines, runtime: Any) -> None:
    """kill -9; with engines that were not started here nothing happens."""
    await asyncio.sleep(KILLED)
    leader = await _leader(real, runtime)
    if leader is not None:
        leader.kill()
    await _back(leader)


async def _leader(real: Engines, runtime: Any) -> Server | None:
    """The node that leads the log of this runtime's bus, if it was started here."""
    name = await runtime.bus.leader()
    return next((node for node in real.nodes if node.name == name), None)


async def _back(node: Server | None) -> None:
    if node is not None:
        await asyncio.sleep(DEAD)
        await asyncio.to_thread(node.start)
