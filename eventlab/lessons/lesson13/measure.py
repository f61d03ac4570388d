"""How much real engines carry here: the rates of `kept.toml`, measured anew on engines that are started for it.

    python -m eventlab.lessons.lesson13.measure      # half a minute

Each is the median of some rounds, after one that does not count. All nodes share this machine's cores with
whatever else it does: say with a figure how busy it was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from secrets import token_hex
from statistics import median
from typing import Any

from eventlab import engines
from eventlab.engines import Engines
from eventlab.engines.errors import INSTALL
from eventlab.event import Event
from eventlab.rows import encode

ROUNDS, UNDER_WAY = 3, 500


def delayed(number: int) -> Event:
    """One of many events: a flight's delay, some 220 bytes."""
    key, at = f"UA{number % 900}-EWR-0208", 1_360_330_800_000_000_000 + number
    data = {"flight": key, "estimate": at, "reason": "weather", "minutes": number % 60}
    return Event("flight.delayed", data, key, f"e-{number}", source="operations", time=at)


async def published(real: Engines) -> dict[str, float]:
    """Events a second that one stream with a copy on each node takes in; and bytes of one of them on a node."""
    from eventlab.engines.runtime import Runtime

    bodies = [encode(delayed(number)) for number in range(10_000)]
    async with Runtime(real, f"m{token_hex(4)}") as runtime:
        await runtime.network.prepared()
        js, subject = runtime.connection.jetstream(timeout=30), f"{runtime.bus.stream}.e.measured"

        async def one_by_one() -> int:
            for body in bodies[:1000]:
                await js.publish(subject, body)
            return 1000

        async def side_by_side() -> int:
            for begin in range(0, len(bodies), UNDER_WAY):
                await asyncio.gather(*(js.publish(subject, body) for body in bodies[begin : begin + UNDER_WAY]))
            return len(bodies)

        found = {"confirmed": await _rate(one_by_one), "carried": await _rate(side_by_side)}
        state = (await js.stream_info(runtime.bus.stream)).state
        await runtime.bus.remove()
    return {**found, "stored": state.bytes / state.messages}


async def handled(real: Engines) -> dict[str, float]:
    """Events a second that one process publishes, gets, handles and acknowledges."""
    from eventlab.engines.runtime import Runtime

    async def once() -> float:
        times: list[float] = []
        async with Runtime(real, f"m{token_hex(4)}") as runtime:
            desk, mail = runtime.client("desk"), runtime.service("mail")
            mail.on("flight.*", lambda event: times.append(time.perf_counter()), durable="mail")
            await runtime.network.prepared()

            async def publish() -> None:
                for number in range(3000):
                    desk.publish(delayed(number))

            begun = time.perf_counter()
            runtime.start(publish())
            await runtime.run()
            await runtime.bus.remove()
        return len(times) / (times[-1] - begun)

    return {"handled": median([await once() for _ in range(ROUNDS + 1)][1:])}


def appended(real: Engines) -> dict[str, float]:
    """Events a second that one PostgreSQL stores, one by one and in hundreds, waiting for its disk."""
    from eventlab.engines.postgres import PostgresStore

    found = {}
    with PostgresStore(real.postgres, f"m{token_hex(4)}") as store:
        numbers = iter(range(1_000_000))
        for name, count, size in (("appended", 200, 1), ("appended_in_hundreds", 5000, 100)):
            rates = []
            for _ in range(ROUNDS + 1):
                begun = time.perf_counter()
                for place in range(count // size):
                    store.append(f"f-{place % 50}", [delayed(next(numbers)) for _ in range(size)])
                rates.append(count / (time.perf_counter() - begun))
            found[name] = median(rates[1:])
    return found


async def _rate(work: Callable[[], Awaitable[int]]) -> float:
    rates = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        rates.append(await work() / (time.perf_counter() - begun))
    return median(rates[1:])


def all_rates(real: Engines) -> dict[str, int]:
    """Every figure, as `kept.toml` has it."""
    found: dict[str, Any] = asyncio.run(published(real)) | asyncio.run(handled(real)) | appended(real)
    return {name: round(rate) for name, rate in found.items()}


if __name__ == "__main__":
    if not engines.available():
        raise SystemExit(f"Real engines are not installed here: {INSTALL}")
    with engines.local() as running:
        for name, rate in all_rates(running).items():
            print(f"{name} = {rate}")
