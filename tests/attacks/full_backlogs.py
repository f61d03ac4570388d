"""A million events, a slow handler and a limit to what it may be owed: the publisher waits, and no event is dropped.

The journal and the bus's log, which grow with what is published, are switched off: what is measured is what is owed.
Controls: no limit (memory grows), and a queue that drops its oldest event when it is full.
"""

from __future__ import annotations

import resource
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventlab.bus import Bus
from eventlab.errors import Unavailable
from eventlab.event import Event
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Trace

MOST = 64 * 2**20  # bytes of memory that a full backlog of 10,000 may need


class NoLog(list[Event]):
    """A log that keeps nothing."""

    def append(self, event: Event) -> None:
        """Forget it."""


class Refusals(Trace):
    """A journal that only counts what is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0

    def write(self, at: int, kind: str, *args: Any, **kwargs: Any) -> None:
        self.refused += kind == "refused"


@dataclass
class Seen:
    """What came of it."""

    handled: bytearray  # for each event how often
    told: int  # how often the publisher was told that the backlog was full
    refused: int  # how often the bus said so
    most: int  # the largest backlog
    memory: int  # by how many bytes the process grew


def memory() -> int:
    """How many bytes of memory the process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def publish(count: int, limit: int, *, waits: bool = True) -> Seen:
    """Publish so many events five times as fast as they are handled.

    A publisher that `waits` tries each until it is confirmed; another one hopes for the best.
    """
    sim = Sim(trace=Refusals())
    network = Network(sim, LinkQuality(Delay(0.0001)))
    bus = Bus(network)
    bus.log = NoLog()
    pilot, desk = Service("pilot", network, bus), Service("desk", network, bus, work=Delay(0.001))
    seen = Seen(bytearray(count), 0, 0, 0, 0)
    begun = memory()

    def handle(event: Event) -> None:
        n = event.data["n"]
        seen.handled[n] += 1
        seen.most = max(seen.most, subscription.backlog)
        if n % 5_000 == 0:
            seen.memory = max(seen.memory, memory() - begun)

    subscription = desk.on("number.told", handle, durable="desk", max_backlog=limit)

    async def tell() -> None:
        for n in range(count):
            event = pilot.stamp(Event("number.told", {"n": n}))
            while True:
                try:
                    if waits:
                        await pilot.publish_confirmed(event)
                    else:
                        pilot.publish(event)
                        await sim.sleep(0.0002)
                    break
                except Unavailable:
                    seen.told += 1
                    await sim.sleep(1.0)

    sim.start(tell())
    sim.run()
    seen.refused = sim.trace.refused if isinstance(sim.trace, Refusals) else 0
    return seen


def judge(seen: Seen, count: int, limit: int, *, waits: bool = True) -> list[str]:
    """What is wrong."""
    wrong = []
    if max(seen.handled) > 1:
        wrong.append("an event was handled twice")
    if sum(seen.handled) + (0 if waits else seen.refused) != count:
        wrong.append(f"{sum(seen.handled):,} handled and {seen.refused:,} refused, of {count:,}")
    if seen.told != (seen.refused if waits else 0):
        wrong.append(f"refused {seen.refused:,} times, told {seen.told:,} times")
    if seen.most > limit:
        wrong.append(f"{seen.most:,} events were owed, more than {limit:,}")
    if seen.refused == 0:
        wrong.append("INVALID: it was never full")
    return wrong


def dropping(count: int, limit: int) -> list[str]:
    """The control: a queue with a limit, as Python has it, in which the oldest event gives way."""
    queue, seen = deque[int](maxlen=limit), Seen(bytearray(count), 0, 0, limit, 0)
    for n in range(count):
        queue.append(n)
        if n % 5 == 0:
            seen.handled[queue.popleft()] += 1
    for n in queue:
        seen.handled[n] += 1
    return judge(seen, count, limit)


def main(long: bool) -> int:
    count, limit = (1_000_000, 10_000) if long else (20_000, 1_000)
    broken = 0
    for waits in (True, False):
        seen = publish(count, limit, waits=waits)
        wrong = judge(seen, count, limit, waits=waits)
        kind = "that waits" if waits else "that does not wait"
        print(
            f"a publisher {kind}: {count:,} events, {sum(seen.handled):,} handled, refused {seen.refused:,} times, "
            f"{seen.most:,} owed at most, {seen.memory / 2**20:.0f} MB more memory: {wrong or '0 wrong'}",
            flush=True,
        )
        broken += len(wrong) + (long and seen.memory > MOST)
    endless = publish(count // 2, 0)
    print(f"control, no limit: at most {endless.most:,} owed, {endless.memory / 2**20:.0f} MB more memory")
    dropped = dropping(count, limit)
    print(f"control, a queue that drops: {dropped}")
    return broken + (endless.most <= limit) + (long and endless.memory <= MOST) + (not dropped)
