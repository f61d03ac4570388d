"""The cast: the airports' services and the people around them, the same in every architecture, wired to nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import Any

from eventlab.airports.assumptions import PAST
from eventlab.airports.catalogue import FIELDS
from eventlab.airports.rules import EFFECTS, REACTIONS, Facts, in_words
from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command, Event
from eventlab.network import Delay, Network
from eventlab.service import Service
from eventlab.store import Store

WORK = {  # workers, and how long a message takes (seconds): modelled
    "operations": (8, Delay(0.010, 0.010)),
    "gates": (4, Delay(0.010, 0.020)),
    "boards": (8, Delay(0.002, 0.004)),
    "notices": (4, Delay(0.020, 0.060)),
    "rebooking": (2, Delay(0.050, 0.200)),
    "baggage": (4, Delay(0.010, 0.020)),
    "store": (8, Delay(0.002, 0.004)),
}
PATIENCE = 60.0  # seconds an airline waits before it says the same thing again
TRIES = 60  # and how often; after that it tries every half hour,
LATER_TRIES = 24  # for half a day


def in_memory(name: str) -> Store:
    """A new store that ends with the run."""
    return Store()


class Cast:
    """All services by name, and two that stand for people: `airlines` who tell, `passengers` who ask.

    `new_store` makes the store of a service, or of all of them, by its name.
    """

    def __init__(self, network: Network, bus: Bus, new_store: Callable[[str], Store] = in_memory) -> None:
        self.network, self.bus, self.sim = network, bus, network.sim
        self.new_store = new_store
        services = {
            name: Service(name, network, bus, workers=workers, work=work) for name, (workers, work) in WORK.items()
        }
        self.store_server = services.pop("store")  # where the one event store is; idle in the other architectures
        self.operations, self.gates, self.boards = services["operations"], services["gates"], services["boards"]
        self.notices, self.rebooking, self.baggage = services["notices"], services["rebooking"], services["baggage"]
        self.airlines = Client("airlines", network)
        self.passengers = Client("passengers", network)
        self.services = services
        self.store: Store | None = None  # the one event store, where the architecture has one
        self.consumers = {name: service for name, service in services.items() if name != "operations"}

    def hear_airlines(self, handler: Callable[[Command], Any]) -> None:
        """Let operations answer everything that airlines say with this handler."""
        for type in PAST:
            self.operations.answers(type, handler, replace=True)

    def answer_from(self, service: Service, type: str) -> None:
        """Let a service answer a question about a flight with what its own state says."""

        def describe(command: Command) -> Facts:
            key = command.data["flight"]
            if key not in service.state:
                raise Refused(f"flight {key} is not known")
            facts = {name: value for name, value in service.state[key].items() if name in FIELDS}
            return {"flight": key, **facts}

        service.answers(type, describe)

    def react(self, service: Service, event_type: str, facts: Facts) -> list[Event]:
        """What follows from news at a service, by its rule; what it does in the world outside is done at once."""
        further = REACTIONS[service.name](service.state, event_type, facts, service.now)
        for effect in further:
            if effect.type in EFFECTS:
                service.act(effect, in_words(effect))
        return [event for event in further if event.type not in EFFECTS]

    def schedule(self, commands: Iterable[Command], questions: Iterable[Command]) -> None:
        """Plan the day: every command and every question at its time."""
        for _, about in groupby(sorted(commands, key=attrgetter("subject", "time")), key=attrgetter("subject")):
            story = list(about)
            self.sim.call_at(story[0].time, self._begin, story)
        for question in questions:
            self.sim.call_at(question.time, self._ask, question)

    def _begin(self, story: list[Command]) -> None:
        self.sim.start(self._tell(story), "airlines")

    async def _tell(self, commands: list[Command]) -> None:
        """What one airline says about one flight: one thing after the other, each until operations has heard it."""
        for command in commands:
            await self.sim.until(command.time)
            for number in range(1, TRIES + LATER_TRIES + 1):
                try:
                    await self.airlines.request("operations", command, timeout=PATIENCE)
                    break
                except (NoReply, Unavailable):
                    await self.sim.sleep(PATIENCE if number < TRIES else 30 * PATIENCE)
                except Refused:
                    break  # a definite no: saying it again would not help; the trace has it
            else:
                return  # nobody there for half a day: it gives up

    def _ask(self, question: Command) -> None:
        self.sim.start(self._wait_for_answer(question), "passengers")

    async def _wait_for_answer(self, question: Command) -> None:
        with suppress(NoReply, Refused, Unavailable):  # passengers do not insist; the trace has it
            await self.passengers.request("boards", question)
