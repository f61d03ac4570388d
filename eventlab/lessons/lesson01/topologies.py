"""Systems of n services in a given shape, to see how the calls grow with n: made for measuring, not for flying."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Fault
from eventlab.lab import Lab
from eventlab.measures import requests
from eventlab.service import Service
from eventlab.stage import Stage
from eventlab.trace import Trace

Topology = Callable[[int, int], Iterable[int]]  # (i, n) → which services the i-th of n asks

TOPOLOGIES: Mapping[str, Topology] = {
    "chain": lambda i, n: range(i + 1, min(i + 2, n)),  # each asks the next one
    "star": lambda i, n: range(1, n) if i == 0 else (),  # the first asks all others
    "layers": lambda i, n: range(i + 1, n),  # each asks all that come after it
}


def names(n: int) -> list[str]:
    """s1, s2, … sn."""
    return [f"s{number}" for number in range(1, n + 1)]


def ask(
    n: int,
    topology: Topology,
    *,
    tries: int = 1,
    faults: Sequence[Fault] = (),
    every: float = 60.0,
    times: int = 1,
    seed: int = 0,
) -> Trace:
    """People ask the first of n services, `times` times; every service asks those that its shape says, and waits.

    A call that fails is tried up to `tries` times, by each caller.
    """
    lab = Lab(seed)
    lab.trace.stage = Stage(people=("passengers",))
    people = lab.client("passengers")
    services = [lab.service(name, workers=1000) for name in names(n)]
    for number, service in enumerate(services):
        service.answers("work.do", _handler(service, [f"s{other + 1}" for other in topology(number, n)], tries))
    lab.inject(*faults)
    for number in range(times):
        lab.at(number * every, lambda: lab.sim.start(_ask_once(people), "passengers"))
    return lab.run()


def growth(sizes: Sequence[int]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """For each shape and number of services: the connections, and the requests that one question causes."""
    traces = {name: [ask(n, shape) for n in sizes] for name, shape in TOPOLOGIES.items()}
    edges = {name: [len(requests.connections(trace)) for trace in runs] for name, runs in traces.items()}
    sent = {name: [len(requests.calls(trace)) - 1 for trace in runs] for name, runs in traces.items()}
    return edges, sent


def calls_to_the_end(n: int, *, tries: int) -> int:
    """How often the stopped last service of a chain is called for one question, if every caller tries so often."""
    trace = ask(n, TOPOLOGIES["chain"], tries=tries, faults=[Crash(f"s{n}", 0)])
    return sum(call.callee == f"s{n}" for call in requests.calls(trace))


def _handler(service: Service, needs: Sequence[str], tries: int) -> Any:
    async def do(command: Command) -> dict[str, Any]:
        for name in needs:
            await _insist(service, name, tries)
        return {}

    return do


async def _insist(service: Service, name: str, tries: int) -> None:
    for _ in range(tries - 1):
        try:
            await service.request(name, Command("work.do"), timeout=3600)
            return
        except (NoReply, Unavailable):
            pass
    await service.request(name, Command("work.do"), timeout=3600)


async def _ask_once(people: Client) -> None:
    with suppress(NoReply, Refused, Unavailable):  # the trace has it
        await people.request("s1", Command("work.do"), timeout=3600)
