"""The same on real engines here: a cluster of three nodes and a database, started for the occasion and ended with it.

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
from eventlab.lessons.lesson13 import promises, seats
from eventlab.lessons.lesson13.seats import Tell
from eventlab.store import Store
from eventlab.trace import Trace
from eventlab.views import Prose

KILLED, DEAD = 4.0, 10.0  # seconds after the first seat; and for so long the node is not there
LIMIT = 60.0  # seconds after which a run ends, whatever is left
Given = TypeVar("Given")


def people(tell: Tell) -> list[Any]:
    """The 62 people on real engines, told by your handler; the leader is killed after four seconds."""
    trace = _done(lambda real: killed(real, tell))
    if isinstance(trace, str):
        return [Prose(trace), seats.one_run("leader killed, run 1")]
    found = seats.told(trace)
    return [Prose(seats.words(found)), seats.curves({"here and now": found, "simulated": _simulated(tell)}, "")]


def heard(scene: promises.Scene) -> Prose:
    """What mail hears on real engines in a scene of yours."""
    said = _done(lambda real: hearing(real, scene))
    return Prose(said)


def _simulated(tell: Tell) -> seats.Told:
    return seats.told(seats.simulated(tell))


def _done(work: Callable[[Engines], Coroutine[Any, Any, Given]]) -> Given | str:
    """What the work gives on engines that are started for it, in a thread with a loop of its own; or why it cannot be."""
    if not engines.available():
        return f"Real engines are not installed here ({INSTALL}): this is what is kept."
    try:
        with engines.local() as real, ThreadPoolExecutor(1) as threads:
            return threads.submit(lambda: asyncio.run(work(real))).result()
    except EngineUnavailable as error:
        return f"{error}. This is what is kept."


async def killed(real: Engines, tell: Tell) -> Trace:
    """The 62 people on these engines; the leader dies after four seconds, and comes back ten seconds later."""
    from eventlab.engines.runtime import Runtime  # it needs the clients of the engines

    async with Runtime(real, f"seats_{token_hex(4)}") as runtime:
        rebooking, search = seats.put_up(runtime, Store(), tell)
        rebooking.start(search)
        beside = asyncio.create_task(_kill_the_leader(real, runtime))
        await _over(runtime)
        await beside
        await runtime.bus.remove()
        return runtime.trace


async def _over(runtime: Any) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(runtime.run(), LIMIT)


async def _kill_the_leader(real: Engines, runtime: Any) -> None:
    """kill -9; with engines that were not started here nothing happens."""
    await asyncio.sleep(KILLED)
    found = await runtime.connection.jetstream(timeout=5).stream_info(runtime.bus.stream)
    for node in real.nodes:
        if node.name == found.cluster.leader:
            node.kill()
            await asyncio.sleep(DEAD)
            await asyncio.to_thread(node.start)


async def hearing(real: Engines, scene: promises.Scene) -> str:
    """What mail hears on these engines."""
    from eventlab.engines.runtime import Runtime

    async with Runtime(real, f"mail_{token_hex(4)}") as runtime:
        there = promises.Hearing(runtime, scene)
        runtime.start(there.act())
        await _over(runtime)
        await runtime.bus.remove()
        return there.words
