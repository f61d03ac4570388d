"""Services that stop, once or again and again: who fails with them, and how often all are there."""

from __future__ import annotations

from eventlab.airports import metrics
from eventlab.airports.scenario import Scenario, run, start
from eventlab.faults import Crash
from eventlab.lessons.lesson01 import topologies
from eventlab.lessons.lesson01.random_outages import outages
from eventlab.measures import requests
from eventlab.measures.availability import availability, product_of_parts
from eventlab.sim import SECOND
from eventlab.trace import Trace

SERVICES = ["operations", "gates", "boards", "notices", "rebooking", "baggage"]
KINDS = ["flight.delay", "flight.depart", "flight.cancel", "flight.describe"]
DAY = 24 * 3600 * SECOND


def stopped(scenario: Scenario, name: str, since: str, until: str) -> dict[str, str]:
    """What failed while a service was stopped, of each kind of request (first tries alone), and its blast radius."""
    fault = Crash(name, scenario.at(since), scenario.at(until))
    broken = start(scenario.with_(faults=[fault]), "request-driven")
    broken.sim.run(until=scenario.at(until))
    lost = requests.failing(requests.by_people(broken.trace, scenario.at(since)))
    hit = metrics.blast_radius(broken.trace)
    shares = {kind: "{} of {}".format(*lost.get(kind, (0, 0))) for kind in KINDS}
    return {"stopped": name, **shares, "fail with it": ", ".join(sorted(hit)), "blast radius": str(len(hit))}


def shaky(scenario: Scenario, *, up: float, down: float) -> tuple[dict[str, float], float, Trace]:
    """A day on which every service works for `up` minutes and is away for `down`, on average and by chance.

    The share of the time in which each was there, that in which all were, and the trace.
    """
    begin, end = scenario.at("08:00"), scenario.at("16:00")
    faults = outages(SERVICES, begin=begin, end=end, up=up * 60, down=down * 60)
    trace = run(scenario.with_(faults=faults), "request-driven").trace
    parts = {name: availability(trace, [name], begin, end) for name in SERVICES}
    return parts, availability(trace, SERVICES, begin, end), trace


def chain_answers(n: int, up: float = 95) -> tuple[float, float]:
    """A chain of n services, each up for so many percent of a day: questions answered, and the product (percent).

    One question a minute; an outage takes a minute on average.
    """
    names, off = topologies.names(n), 60
    gone = outages(names, begin=0, end=DAY, up=off * up / (100 - up), down=off, seed=7)
    trace = topologies.ask(n, topologies.TOPOLOGIES["chain"], faults=gone, times=24 * 60)
    got = [call.outcome == requests.ANSWERED for call in requests.by_people(trace)]
    return 100 * sum(got) / len(got), 100 * product_of_parts(trace, names, 0, DAY)
