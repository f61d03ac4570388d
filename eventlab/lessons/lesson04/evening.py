"""The day of the storm with meals: a service that hands out a voucher to everybody whose flight is cancelled.

Operations publishes the real cancellations, meals hands out vouchers and says so, and the kitchen cooks a dinner for
each voucher. Meals is stopped now and then for a minute, and links lose messages: `stops`, `lossy`, `torn`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Self

from eventlab.airports.scenario import Scenario
from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.event import Event
from eventlab.faults import Crash, CrashBefore, Fault, Flaky, inject
from eventlab.network import Network
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.stage import Stage
from eventlab.store import Store
from eventlab.trace import Trace

Handler = Callable[[Service, Event], Any]
STAGE = Stage(("operations", "bus", "meals", "kitchen"), buses=("bus",), zone="America/New_York", subject="flight")
STOPS = ("10:30:10", "11:47:20", "13:04:30", "14:15", "15:10:20", "16:20")  # when meals stops
POISON = "9E3422-JFK-0208"  # its message lacks the number of people


@lru_cache(1)
def storm() -> Scenario:
    """The day of the storm, without questions."""
    return Scenario(questions=0)


@lru_cache(1)
def cancellations() -> tuple[tuple[int, str, int], ...]:
    """Every cancellation of the day: its instant, its flight, and how many people wanted to fly."""
    said = storm().commands
    people = {each.subject: each.data["passengers"] for each in said if each.type == "flight.schedule"}
    return tuple((each.time, each.subject, people[each.subject]) for each in said if each.type == "flight.cancel")


def stops(times: Sequence[str] = STOPS) -> tuple[Fault, ...]:
    """Meals stops for a minute at each of these times of the day."""
    return tuple(Crash("meals", storm().at(time), storm().at(time) + 60 * 10**9) for time in times)


def torn(step: str, times: Sequence[str] = STOPS) -> tuple[Fault, ...]:
    """Meals stops for a minute, each time just before it would "publish", or "acknowledge"."""
    return tuple(CrashBefore("meals", step, storm().at(time), 60.0) for time in times)


def lossy(share: float, *pairs: tuple[str, str]) -> tuple[Fault, ...]:
    """All day links lose a share of their messages."""
    return (Flaky(storm().at("04:00"), storm().at("21:30"), loss=share, pairs=pairs),)


def given(event: Event) -> Event:
    """What meals says when the vouchers of a cancelled flight have been handed out."""
    return Event("vouchers.given", event.data, event.data["flight"])


class Evening:
    """One day with meals. `handle(meals, event)` is what it does with a cancellation; settings: of its subscription.

    With `inbox` meals remembers so many messages, with `outbox` it publishes from its store. `kitchen_inbox`: the same
    for the kitchen. `key`: what keeps its order, each "flight" or each "airport". `poison`: one message is broken.
    """

    def __init__(
        self, handle: Handler, *faults: Fault, inbox: int = 0, outbox: bool = False, kitchen_inbox: int = 0,
        key: str = "flight", poison: bool = False, **settings: Any,
    ) -> None:  # fmt: skip
        self.sim = Sim(1, start=storm().at("04:00"))
        self.sim.trace.stage = STAGE
        self.bus = Bus(Network(self.sim))
        self.raised: list[Exception] = []
        self.meals, self.kitchen = (
            Service(name, self.bus.network, self.bus, workers=20) for name in ("meals", "kitchen")
        )
        settings = {"ack_wait": 600.0, **settings}
        self.meals.on("flight.cancelled", self._noting(handle), durable="meals", **settings)
        self.kitchen.on("vouchers.given", self._cook, durable="kitchen")
        for service, limit in ((self.meals, inbox), (self.kitchen, kitchen_inbox)):
            if limit:
                Inbox(service, limit=limit)
        if outbox:
            Outbox(self.meals, Store())
        self._announce(key, POISON if poison else "")
        inject(faults, self.bus.network)

    def __repr__(self) -> str:
        return f"<Evening: {len(self.trace):,} records>"

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    def run(self, until: str = "22:00") -> Self:
        """Let the day pass. The first mistake of a handler of yours comes out, the broken message aside."""
        self.sim.run(storm().at(until))
        if self.raised:
            raise self.raised[0]
        return self

    def mend(self, handle: Handler) -> Self:
        """Put another handler in the place of meals' own, give it its dead letters once more, and let time pass."""
        self._handle = handle
        self.bus.redrive("meals")
        return self.run("23:00")

    def _announce(self, key: str, broken: str) -> None:
        operations = Client("operations", self.bus.network, self.bus)
        for at, flight, people in cancellations():
            data = {"flight": flight} if flight == broken else {"flight": flight, "people": people}
            subject = flight.split("-")[1] if key == "airport" else flight
            self.sim.call_at(at, operations.publish, Event("flight.cancelled", data, subject))

    def _noting(self, handle: Handler) -> Callable[[Event], Any]:
        """The handler of the moment. Its mistakes are noted, those about the broken message aside."""
        self._handle = handle

        async def cancelled(event: Event) -> Any:
            try:
                result = self._handle(self.meals, event)
                return await result if isawaitable(result) else result
            except Exception as error:
                if "people" in event.data:
                    self.raised.append(error)
                raise

        return cancelled

    def _cook(self, event: Event) -> None:
        flight, people = event.data["flight"], event.data["people"]
        self.kitchen.state[flight] = self.kitchen.state.get(flight, 0) + people
