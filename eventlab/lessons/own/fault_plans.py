"""Fault plans for a service of one's own: what goes wrong while flights are cancelled, by seed.

Six kinds, in turn: a crash before the acknowledgement, duplicates, redelivery, an event that nobody can read,
reordering, and a crash between the state and the publishing. Half of the plans have two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from eventlab.client import Client
from eventlab.event import Event
from eventlab.faults import Crash, CrashBefore, Flaky, Planned
from eventlab.lessons.judging.model import Case
from eventlab.network import Network
from eventlab.sim import Draws
from eventlab.times import When

FLIGHTS = 5  # that are cancelled in a plan
FIRST = 2.0  # seconds until the first cancellation
CLOSE = 0.3  # seconds between two
POISON = "no flight"  # the subject of the event that nobody can read


@dataclass(frozen=True, slots=True)
class Poison:
    """The airlines publish a cancellation at this instant that does not say of which flight."""

    at: When

    def steps(self, network: Network) -> list[Planned]:
        """One event."""
        airlines = cast(Client, network.node("airlines"))
        broken = Event("flight.cancelled", {"note": "flight: ?"}, POISON)
        return [(network.sim.instant(self.at), airlines.publish, (broken,))]


def plan(seed: int) -> Case:
    """The plan of a seed."""
    draws = Draws(seed, "fault plan of hotels")
    first = seed % len(KINDS)
    chosen = [KINDS[first]]
    if seed // len(KINDS) % 2:
        chosen.append(KINDS[(first + 1 + draws.below(len(KINDS) - 1)) % len(KINDS)])
    return Case(seed, FLIGHTS, tuple(fault for kind in chosen for fault in kind(draws)))


def _near(draws: Draws) -> float:
    """Just before one of the first cancellations."""
    return FIRST + CLOSE * draws.below(3) - 0.05


def _acknowledgement(draws: Draws) -> list[Any]:
    return [CrashBefore("hotels", "acknowledge", _near(draws), 10 + 20 * draws.random())]


def _duplicates(draws: Draws) -> list[Any]:
    return [Flaky(1.0, 30.0, duplication=0.7, pairs=(("bus", "hotels"),))]


def _redelivery(draws: Draws) -> list[Any]:
    """Acknowledgements get lost, or operations is away, or hotels is."""
    begin = _near(draws)
    lost = Flaky(begin, begin + 10, loss=1.0, pairs=(("hotels", "bus"),))
    away = Crash("operations", begin, begin + 5 + 10 * draws.random())
    return [(lost, away, Crash("hotels", begin, begin + 30))[draws.below(3)]]


def _poison(draws: Draws) -> list[Any]:
    return [Poison(_near(draws))]


def _reordering(draws: Draws) -> list[Any]:
    return [Flaky(1.0, 30.0, reordering=0.5, pairs=(("bus", "hotels"), ("airlines", "bus")))]


def _dual_write(draws: Draws) -> list[Any]:
    return [CrashBefore("hotels", "publish", _near(draws), 10 + 20 * draws.random())]


KINDS: tuple[Callable[[Draws], list[Any]], ...] = (
    _acknowledgement, _duplicates, _redelivery, _poison, _reordering, _dual_write,
)  # fmt: skip
