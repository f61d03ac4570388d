"""The simulation beside SimPy: five services in a row, one worker each, a drawn latency and a drawn time of work.

SimPy runs the model as its users write it, one generator for each order, with all draws made beforehand, and writes
nothing down. On our kernel a message's latency and its wait for a worker are plain entries on the heap, and a
coroutine runs each handler. On network and services everything is drawn on the way and recorded in the trace.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cache, partial
from heapq import heappop, heappush
from random import Random
from typing import Any, NamedTuple

from benchmarks.harness import Case, Row, measure
from eventlab.event import Command
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Sim, Task

try:
    import simpy
except ImportError:
    MISSING = "simpy is missing: pip install -r benchmarks/requirements.txt"
else:
    MISSING = ""

ORDERS, HOPS = 20_000, 5
MESSAGES = ORDERS * HOPS
NAMES = ("gateway", "orders", "inventory", "payment", "shipping")
LATENCY, WORK = Delay(0.3, 0.4), Delay(0.0, 0.8, "exponential")


class Draws(NamedTuple):
    """When orders come, and how long each takes at each hop, in nanoseconds."""

    arrivals: list[int]
    latencies: list[list[int]]
    work: list[list[int]]


@cache
def draws() -> Draws:
    random = Random(5)
    arrivals, now = [], 0.0
    for _ in range(ORDERS):
        now += random.expovariate(1.0)
        arrivals.append(round(now * SECOND))
    hops = range(HOPS)
    latencies = [[round(random.uniform(0.3, 0.7) * SECOND) for _ in hops] for _ in range(ORDERS)]
    work = [[round(random.expovariate(1 / 0.8) * SECOND) for _ in hops] for _ in range(ORDERS)]
    return Draws(arrivals, latencies, work)


# The peer -------------------------------------------------------------------------------------------------


def on_simpy(draws: Draws) -> int:
    """The total time that all orders took."""
    env = simpy.Environment()
    servers = [simpy.Resource(env, 1) for _ in range(HOPS)]
    arrivals, latencies, work = draws
    latest = [0] * HOPS  # a link keeps the order of its messages
    total = 0

    def order(number: int) -> Iterator[Any]:
        nonlocal total
        for hop in range(HOPS):
            latest[hop] = arrival = max(latest[hop], env.now + latencies[number][hop])
            yield env.timeout(arrival - env.now)
            with servers[hop].request() as turn:
                yield turn
                yield env.timeout(work[number][hop])
        total += env.now - arrivals[number]

    def source() -> Iterator[Any]:
        for number in range(ORDERS):
            yield env.timeout(arrivals[number] - env.now)
            env.process(order(number))

    env.process(source())
    env.run()
    return total


# The limit: no kernel at all ------------------------------------------------------------------------------


def by_hand(draws: Draws) -> int:
    """The same as a state machine around `heapq`: no handlers, no errors, nothing to stop or to step through."""
    arrivals, latencies, work = draws
    heap = [(arrivals[0], 0, 0, -1, True)]  # instant, sequence, order, hop, whether it is the end of work
    queues: list[deque[int]] = [deque() for _ in range(HOPS)]
    free, latest = [True] * HOPS, [0] * HOPS
    total = sequence = 0
    while heap:
        now, _, number, hop, done = heappop(heap)
        if not done and not free[hop]:
            queues[hop].append(number)
            continue
        if not done or (hop >= 0 and queues[hop]):  # the next piece of work begins
            following = queues[hop].popleft() if done else number
            free[hop] = False
            sequence += 1
            heappush(heap, (now + work[following][hop], sequence, following, hop, True))
            if not done:
                continue
        elif hop >= 0:
            free[hop] = True
        elif number + 1 < ORDERS:
            sequence += 1
            heappush(heap, (arrivals[number + 1], sequence, number + 1, -1, True))
        hop += 1
        if hop == HOPS:
            total += now - arrivals[number]
            continue
        arrival = now + latencies[number][hop]
        if arrival < latest[hop]:
            arrival = latest[hop]
        latest[hop] = arrival
        sequence += 1
        heappush(heap, (arrival, sequence, number, hop, False))
    return total


# Our kernel -----------------------------------------------------------------------------------------------


def on_the_kernel(draws: Draws, bare: bool = False) -> int:
    """Latency and queue are entries of the kernel; an `async` handler runs for every message at every hop.

    `bare`: the coroutine runs alone, without a `Task` that could wait, be stopped, fail, or know its cause.
    """
    sim = Sim()
    arrivals, latencies, work = draws
    queues: list[deque[int]] = [deque() for _ in range(HOPS)]
    free, latest = [True] * HOPS, [0] * HOPS
    total = 0

    def send(number: int, hop: int) -> None:
        arrival = sim.now + latencies[number][hop]
        if arrival < latest[hop]:
            arrival = latest[hop]
        latest[hop] = arrival
        sim.call_at(arrival, arrive, number, hop)

    def arrive(number: int, hop: int) -> None:
        if free[hop]:
            free[hop] = False
            sim.call_at(sim.now + work[number][hop], then, number, hop)
        else:
            queues[hop].append(number)

    async def handler(number: int, hop: int) -> None:
        nonlocal total
        if hop + 1 < HOPS:
            send(number, hop + 1)
        else:
            total += sim.now - arrivals[number]

    def worked(number: int, hop: int) -> None:
        Task(sim, handler(number, hop), NAMES[hop], ended[hop]).advance()

    def worked_bare(number: int, hop: int) -> None:
        try:
            handler(number, hop).send(None)
        except StopIteration:
            ended[hop](None)

    def next_one(hop: int, task: Task | None) -> None:
        if queues[hop]:
            number = queues[hop].popleft()
            sim.call_at(sim.now + work[number][hop], then, number, hop)
        else:
            free[hop] = True

    ended = [partial(next_one, hop) for hop in range(HOPS)]
    then = worked_bare if bare else worked

    def source(number: int) -> None:
        send(number, 0)
        if number + 1 < ORDERS:
            sim.call_at(arrivals[number + 1], source, number + 1)

    sim.call_at(arrivals[0], source, 0)
    sim.run()
    return total


# Network, services and trace ------------------------------------------------------------------------------


class Given(Delay):
    """A delay that takes what was drawn beforehand, one after the other."""

    def __init__(self, lists: list[list[int]]) -> None:
        super().__init__()
        object.__setattr__(self, "lists", iter(list(zip(*lists, strict=True))))

    def sampler(self, draws: object) -> Callable[[], int]:
        return iter(next(self.lists)).__next__


def on_services(draws: Draws, latency: Any = LATENCY, work: Any = WORK, asynchronous: bool = False) -> int:
    """Five services; every message sent, received and handled is a record."""
    sim = Sim()
    network = Network(sim, LinkQuality(latency))
    arrivals = draws.arrivals
    total = 0

    def handler(name: str, following: str | None) -> Callable[[Command], Any]:
        def handle(command: Command) -> None:
            nonlocal total
            if following is None:
                total += sim.now - arrivals[command.data["number"]]
            else:
                network.send(name, following, command, "tell")

        async def later(command: Command) -> None:
            handle(command)

        return later if asynchronous else handle

    Service("client", network)
    for name, following in zip(NAMES, (*NAMES[1:], None), strict=True):
        Service(name, network, work=work).answers("order.place", handler(name, following))

    def source(number: int) -> None:
        network.send("client", NAMES[0], Command("order.place", {"number": number}, id=f"order-{number}"), "tell")
        if number + 1 < ORDERS:
            sim.call_at(arrivals[number + 1], source, number + 1)

    sim.call_at(arrivals[0], source, 0)
    sim.run()
    if len(sim.trace) != 3 * MESSAGES:
        raise AssertionError(f"expected {3 * MESSAGES} records, found {len(sim.trace)}")
    return total


def agree() -> None:
    """All of them must come to the very same total, to the nanosecond; with draws of its own, nearly."""
    made = draws()
    expected = by_hand(made)
    totals = {"kernel": on_the_kernel(made), "kernel, bare": on_the_kernel(made, bare=True)}
    for asynchronous in (False, True):
        given = Given(made.latencies), Given(made.work)
        totals[f"services, async={asynchronous}"] = on_services(made, *given, asynchronous=asynchronous)
    if not MISSING:
        totals["SimPy"] = on_simpy(made)
    for name, total in totals.items():
        if total != expected:
            raise AssertionError(f"{name}: expected a total of {expected}, found {total}")
    own = on_services(made)
    if not 0.8 < own / expected < 1.25:
        raise AssertionError(f"services with draws of their own: expected about {expected}, found {own}")


def run(rounds: int) -> list[Row]:
    agree()

    def case(name: str, model: Callable[[Draws], int], goal: float | None = None, missing: str = "") -> Case:
        def work(prepared: Draws) -> int:
            model(prepared)
            return MESSAGES

        return Case(name, work, draws, goal=goal, missing=missing)

    cases = [
        case("SimPy, generators", on_simpy, missing=MISSING),
        case("by hand on heapq", by_hand),
        case("kernel, bare coroutines", partial(on_the_kernel, bare=True)),
        case("kernel, async handlers", on_the_kernel, 4.0),
        case("services, recorded", on_services, 1.6),
        case("services, recorded, async", partial(on_services, asynchronous=True), 1.6),
    ]
    return measure("five services", "messages", cases, rounds)
