"""Waiting times against queueing theory, and the sampler against its distribution: what is random is rightly random.

A service with workers and drawn work is a queue that theory knows: M/M/1, M/M/c (Erlang's C formula, 1917) and M/G/1
(Pollaczek 1930, Khinchine 1932). The time from arrival until the work is done must have the mean that they give.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, factorial, sqrt
from statistics import mean

from eventlab.client import Client
from eventlab.event import Command
from eventlab.network import Delay, Network, Quality
from eventlab.service import Service
from eventlab.sim import SECOND, Draws, Sim

BUSY = 0.7  # the share of time for which a worker is busy
CLOSE = 0.02  # how far the mean may be from theory, over all seeds of the long form
CRITICAL = 1.95  # of the Kolmogorov–Smirnov distance times √n: beyond it in one of a thousand samples


def erlang_c(workers: int, busy: float) -> float:
    """The share of arrivals that find all workers busy."""
    load = workers * busy
    all_busy = load**workers / factorial(workers) / (1 - busy)
    return all_busy / (sum(load**k / factorial(k) for k in range(workers)) + all_busy)


def expected(workers: int, work: Delay) -> float:
    """The mean time from arrival to done, in seconds, when workers are `BUSY`."""
    if work.shape == "exponential":
        return work.extra * (1 + erlang_c(workers, BUSY) / workers / (1 - BUSY))
    assert workers == 1
    usual = work.least + work.extra / 2
    squared = usual**2 + work.extra**2 / 12
    return usual + BUSY / usual * squared / 2 / (1 - BUSY)


QUEUES: dict[str, tuple[int, Delay]] = {
    "M/M/1": (1, Delay(0.0, 1.0, "exponential")),
    "M/M/3": (3, Delay(0.0, 1.0, "exponential")),
    "M/G/1": (1, Delay(0.5, 1.0, "uniform")),
}


def measured(workers: int, work: Delay, arrivals: int, seed: int) -> float:
    """The mean time from arrival to done in one run, without the first tenth, in which the queue is still filling."""
    sim = Sim(seed)
    network = Network(sim, Quality(Delay(0.0)))
    desk, people = Service("desk", network, workers=workers, work=work), Client("people", network)
    desk.answers("work.do", lambda command: None)
    draws, mean_work = sim.draws("arrivals"), work.least + work.extra * (1 if work.shape == "exponential" else 0.5)
    pause = round(mean_work / workers / BUSY * SECOND)
    came: dict[str, int] = {}
    times: list[int] = []

    def arrive(left: int) -> None:
        people.tell("desk", Command("work.do"))
        if left:
            sim.at(sim.now + draws.exponential(pause), arrive, left - 1)

    def look() -> None:
        for record in sim.trace:
            if record.message is not None and record.kind == "received":
                came[record.message.id] = record.at
            elif record.message is not None and record.kind == "handled":
                times.append(record.at - came.pop(record.message.id))
        sim.trace.records.clear()  # a million arrivals need not be remembered

    arrive(arrivals - 1)
    while not sim.is_over:
        sim.run(until=sim.now + 5_000 * SECOND)
        look()
    assert len(times) == arrivals
    return mean(times[arrivals // 10 :]) / SECOND


def distance(draw: Callable[[], float], distribution: Callable[[float], float], count: int) -> float:
    """Kolmogorov and Smirnov's distance between a sample and its distribution, times the root of the sample's size."""
    sample = sorted(draw() for _ in range(count))
    places = ((distribution(x), n) for n, x in enumerate(sample))
    return sqrt(count) * max(max(p - n / count, (n + 1) / count - p) for p, n in places)


def samplers(seed: int) -> dict[str, float]:
    """The distance of each kind of draw from what it should be."""
    draws, count, whole = Draws(seed, "sampler"), 20_000, 10**9
    return {
        "exponential": distance(lambda: draws.exponential(whole) / whole, lambda x: 1 - exp(-x), count),
        "uniform": distance(draws.random, lambda x: x, count),
    }


def main(long: bool) -> int:
    arrivals, seeds = (1_000_000, 4) if long else (20_000, 4)
    broken = 0
    for name, (workers, work) in QUEUES.items():
        theory = expected(workers, work)
        means = [measured(workers, work, arrivals, seed) for seed in range(seeds)]
        off = mean(means) / theory - 1
        print(f"{name}: {seeds} runs of {arrivals:,} arrivals, mean {mean(means):.4f} s, in theory {theory:.4f} s")
        broken += long and abs(off) > CLOSE
    found = [samplers(seed) for seed in range(20)]
    far = {name: sum(each[name] > CRITICAL for each in found) for name in found[0]}
    print(f"samplers: beyond p = 0.001 in {far} of 20 seeds")
    skewed = Draws(1, "sampler")
    control = distance(lambda: skewed.random() ** 1.05, lambda x: x, 20_000)
    print(f"control, a slightly skewed sampler: distance {control:.2f}, critical {CRITICAL}")
    return broken + sum(far.values()) + (control <= CRITICAL)
