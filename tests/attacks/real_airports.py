"""All architectures on real engines, undisturbed and while the log's leader is killed: they end as in simulation.

Three flights to Boston; in the long form also the storm's flights of an hour, and at 60 times real time. The control is
a run in which the boards stay down: its end must be another one.
"""

from __future__ import annotations

import asyncio
import time

from eventlab import engines
from eventlab.airports.scenario import ARCHITECTURES, Scenario, run
from eventlab.engines import Engines
from eventlab.engines.airports import RealRun, end_state, perform
from eventlab.engines.runtime import Runtime
from eventlab.faults import Crash

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"])
CANCELLED = "flight.cancel"


async def kill_leader(runtime: Runtime) -> None:
    """Kill the leader as soon as an airline cancels a flight, and start it again two seconds later."""
    while not any(record.message is not None and record.message.type == CANCELLED for record in runtime.trace):
        await asyncio.sleep(0.001)
    leader = await runtime.bus.leader()
    node = next(each for each in runtime.engines.nodes if each.name == leader)
    node.kill()
    try:
        await asyncio.sleep(2)
    finally:  # also if all is over before
        node.begin()


def played(scenario: Scenario, name: str, real: Engines, speed: float, *, disturbed: bool) -> RealRun:
    meanwhile = kill_leader if disturbed else None
    return asyncio.run(perform(scenario, name, real, speed=speed, meanwhile=meanwhile))


def pause(done: RealRun) -> float:
    """The longest time, in seconds, that an event of this run waited to be taken into the log."""
    sent, longest = dict[str, int](), 0
    for record in done.trace.of("sent", "published"):
        assert record.message is not None
        if record.kind == "sent" and record.purpose == "publish":
            sent.setdefault(record.message.id, record.at)
        elif record.kind == "published" and record.message.id in sent:
            longest = max(longest, record.at - sent[record.message.id])
    return longest / 1e9


def main(long: bool) -> int:
    broken = 0
    scenarios = [(BOSTON, 100_000.0)] + [(BOSTON, 60.0), (Scenario().leaving("15:00", "16:00"), 600.0)] * long
    with engines.local() as real:
        for scenario, speed in scenarios:
            for name in ARCHITECTURES:
                simulated = run(scenario, name)
                for disturbed in (False, True) if speed == scenarios[0][1] else (False,):
                    begun = time.monotonic()
                    done = played(scenario, name, real, speed, disturbed=disturbed)
                    same = end_state(done) == end_state(simulated)
                    broken += not same
                    print(
                        f"{name}{', leader killed' * disturbed}, {speed:,.0f} times: {len(done.trace):,} records "
                        f"({len(simulated.trace):,} simulated), {time.monotonic() - begun:.1f} s, longest wait for the "
                        f"log {pause(done):.2f} s: {'the same end' if same else 'ANOTHER END'} {end_state(done)[:12]}",
                        flush=True,
                    )
        down = BOSTON.with_(faults=[Crash("boards", BOSTON.at("07:00"))])
        found = end_state(played(down, "publish/subscribe", real, 100_000.0, disturbed=False))
        print(f"control, boards down for good: {found[:12]}")
        return broken + (found == end_state(run(BOSTON, "publish/subscribe")))
