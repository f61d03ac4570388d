"""Waiting times against queueing theory, and the sampler against its distribution: what is random is rightly random.

A service with workers and drawn work is a queue that theory knows: M/M/1, M/M/c (Erlang's C formula, 1917) and M/G/1
(Pollaczek 1930, Khinchine 1932). The time from arrival until the work is done must have the mean that they give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp, factorial, sqrt
from statistics import mean

from eventlab.client import Client
from eventlab.event import Command
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Draws, Sim
from eventlab.times import Instant

BUSY = 0.7  # the share of time for which a worker is busy
CLOSE = 0.02  # how far the mean wait may be from theory, over all seeds of the long form
CRITICAL = 1.95  # of the Kolmogorov–Smirnov distance times √n: beyond it in one of a thousand samples
UNUSUAL = 1.358  # the same for one of twenty samples


def erlang_c(workers: int, busy: float) -> float:
    """The share of arrivals that find all workers busy."""
    load = workers * busy
    all_busy = load**workers / factorial(workers) / (1 - busy)
    return all_busy / (sum(load**k / factorial(k) for k in range(workers)) + all_busy)


def usual(work: Delay) -> float:
    """The mean of the work on one arrival, in seconds."""
    return work.least + work.extra * (1 if work.shape == "exponential" else 0.5)


def expected(workers: int, work: Delay) -> float:
    """The mean time from arrival to done, in seconds, when workers are `BUSY`."""
    if work.shape == "exponential":
        return usual(work) * (1 + erlang_c(workers, BUSY) / workers / (1 - BUSY))
    assert workers == 1
    pure = usual(work)
    squared = pure**2 + work.extra**2 / 12
    return pure + BUSY / pure * squared / 2 / (1 - BUSY)


QUEUES: dict[str, tuple[int, Delay]] = {
    "M/M/1": (1, Delay(0.0, 1.0, "exponential")),
    "M/M/3": (3, Delay(0.0, 1.0, "exponential")),
    "M/G/1": (1, Delay(0.5, 1.0, "uniform")),
}


def measured(workers: int, work: Delay, arrivals: int, seed: int, pause: int) -> float:
    """The mean time from arrival to done in one run, without the first tenth, in which the queue is still filling.

    `pause` is the mean time between arrivals, in nanoseconds.
    """
    sim = Sim(seed)
    network = Network(sim, LinkQuality(Delay(0.0)))
    desk, people = Service("desk", network, workers=workers, work=work), Client("people", network)
    desk.answers("work.do", lambda command: None)
    draws = sim.random("arrivals")
    came: dict[str, int] = {}
    times: list[int] = []

    def arrive(left: int) -> None:
        people.tell("desk", Command("work.do"))
        if left:
            sim.call_at(sim.now + draws.exponential(pause), arrive, left - 1)

    def look() -> None:
        for record in sim.trace:
            if record.message is not None and record.kind == "received":
                came[record.message.id] = record.at
            elif record.message is not None and record.kind == "handled":
                times.append(record.at - came.pop(record.message.id))
        sim.trace.records.clear()  # a million arrivals need not be remembered

    arrive(arrivals - 1)
    while not sim.is_over:
        sim.run(until=Instant(sim.now + 5_000 * SECOND))
        look()
    assert len(times) == arrivals
    return mean(times[arrivals // 10 :]) / SECOND


def distance(draw: Callable[[], float], distribution: Callable[[float], float], count: int) -> float:
    """Kolmogorov and Smirnov's distance between a sample and its distribution, times the root of the sample's size."""
    sample = sorted(draw() for _ in range(count))
    places = ((distribution(x), n) for n, x in enumerate(sample))
    return sqrt(count) * max(max(p - n / count, (n + 1) / count - p) for p, n in places)


def samplers(seed: int, count: int = 20_000) -> dict[str, float]:
    """The distance of each kind of draw from what it should be."""
    draws, whole = Draws(seed, "sampler"), 10**9
    return {
        "exponential": distance(lambda: draws.exponential(whole) / whole, lambda x: 1 - exp(-x), count),
        "uniform": distance(draws.random, lambda x: x, count),
    }


def waits(name: str, arrivals: int, seeds: int, more: float = 1.0) -> list[float]:
    """How far the mean wait of each run is from theory, as shares; the control works `more` than theory is told."""
    workers, work = QUEUES[name]
    pure = usual(work)
    really = replace(work, least=work.least * more, extra=work.extra * more)
    wait = expected(workers, work) - pure
    pause = round(pure / workers / BUSY * SECOND)
    times = (measured(workers, really, arrivals, seed, pause) for seed in range(seeds))
    return [(time - usual(really)) / wait - 1 for time in times]


def main(long: bool) -> int:
    arrivals, seeds, draws = (1_000_000, 20, 1_000_000) if long else (20_000, 4, 20_000)
    broken = 0
    for name in QUEUES:
        far = waits(name, arrivals, seeds)
        print(f"{name}: {seeds} runs of {arrivals:,} arrivals, mean wait {mean(far):+.2%} from theory, "
              f"single runs {min(far):+.1%} to {max(far):+.1%}", flush=True)  # fmt: skip
        broken += long and abs(mean(far)) > CLOSE
        control = mean(waits(name, arrivals, max(4, seeds // 4), 1.02))
        print(f"  control, work 2 % longer than theory is told: {control:+.1%}", flush=True)
        broken += long and abs(control) <= CLOSE
    found = [samplers(seed, draws) for seed in range(20)]
    for name in found[0]:
        distances = [each[name] for each in found]
        beyond, within = sum(far > CRITICAL for far in distances), sum(far < UNUSUAL for far in distances)
        print(f"{name}: 20 samples of {draws:,}, beyond p = 0.001: {beyond}, above p = 0.05: {within}")
        broken += beyond + (within < 17)
    skewed = Draws(1, "sampler")
    control = distance(lambda: skewed.random() ** 1.05, lambda x: x, 20_000)
    print(f"control, a slightly skewed sampler: distance {control:.2f}, critical {CRITICAL}")
    return broken + (control <= CRITICAL)
