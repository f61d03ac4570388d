"""The airports on real engines: the same architectures, the same flights, and a trace of the same kind.

    with engines.local() as running:
        real = await perform(Scenario(flights=...), "publish/subscribe", running, speed=60)
    real.metrics, real.states, replay(real)         as of a simulated run

The architecture's module runs as it stands. Events go through JetStream, requests over NATS, and every store is a
schema of PostgreSQL. What services keep in memory they keep in this process.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from secrets import token_hex
from typing import Any

import psycopg
from psycopg import sql

from eventlab.airports.cast import Cast
from eventlab.airports.scenario import Run, Scenario
from eventlab.door import door
from eventlab.engines.runtime import Runtime
from eventlab.engines.starting import Engines
from eventlab.errors import Invalid
from eventlab.trace import Record

SPEED = 60.0
Meanwhile = Callable[[Runtime], Awaitable[object]]


class RealRun(Run):
    """A scenario on real engines, under one architecture: all that a `Run` tells after its end.

    Its packets cannot be treated otherwise afterwards: `without`, `delayed`, `repeated`, `edited` need a simulated run.
    """

    def __post_init__(self) -> None:
        self._check()
        if self.scenario.interventions:
            found = self.scenario.interventions
            raise Invalid("interventions", where="real engines", expected="none; simulate them", found=found)

    def step(self) -> list[Record]:
        """Not here: time passes by itself."""
        return self.sim.step()

    def finish(self) -> RealRun:
        """It is over: `perform` has awaited it."""
        return self

    async def go(self, runtime: Runtime, meanwhile: Meanwhile | None = None) -> None:
        """Let it happen on a runtime that nothing has happened on yet; `meanwhile` may do something to the engines."""
        self._put_up(Cast(runtime.network, runtime.bus, lambda name: runtime.store(f"{runtime.name}_{name}")))
        beside = None if meanwhile is None else asyncio.ensure_future(meanwhile(runtime))
        try:
            await runtime.run()
        finally:
            if beside is not None:
                beside.cancel()
                await asyncio.wait([beside])
        if beside is not None and not beside.cancelled():
            beside.result()  # its error

    def _again(self, verb: str, what: object, **how: Any) -> Run:
        raise Invalid(verb, where="real engines", expected="a simulated run, whose packets are the same", found=what)


async def perform(
    scenario: Scenario, architecture: str, engines: Engines, *, speed: float = SPEED,
    meanwhile: Meanwhile | None = None, **options: Any,
) -> RealRun:  # fmt: skip
    """The scenario on real engines from beginning to end, `speed` times as fast while everybody waits (see `Runtime`).

    `meanwhile(runtime)`, a coroutine function, runs beside it, to kill a node, say, and is cancelled when all is over.
    What was kept for it in JetStream and PostgreSQL is removed in the end.
    """
    run = RealRun(scenario, architecture, options)
    name = f"airports_{token_hex(4)}"
    try:
        async with Runtime(engines, name, speed=speed, seed=scenario.seed, start=scenario.begin) as runtime:
            await run.go(runtime, meanwhile)
            await runtime.bus.remove()
    finally:
        _remove_schemas(engines, name)
    return run


def _remove_schemas(engines: Engines, name: str) -> None:
    with psycopg.connect(engines.postgres, autocommit=True) as connection:
        found = connection.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", [f"{name}_"])
        for (schema,) in found.fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


@door
def end_state(run: Run) -> str:
    """A digest of what all services know in the end: equal for runs that came to the same, whatever their times."""
    return sha256(json.dumps(run.states, sort_keys=True, default=dict).encode()).hexdigest()
