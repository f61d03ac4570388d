"""Request-driven: operations calls every service that must know, one after the other, and waits for each answer.

Only when all have answered is the change made and the airline told so. Questions run along the same lines in the
other direction: the boards know nothing themselves, they ask operations and gates each time.
"""

from __future__ import annotations

from typing import Any

from eventlab.airports.cast import Cast
from eventlab.airports.rules import INTERESTS, REACTIONS, Facts, decide, evolve
from eventlab.event import Command
from eventlab.service import Service
from eventlab.subscription import matches

CALLS = {  # what each service is asked to do
    "gates": "gate.plan",
    "boards": "board.show",
    "rebooking": "passengers.rebook",
    "notices": "passengers.tell",
    "baggage": "bags.move",
}


def who_must_know(what: str) -> list[tuple[str, str]]:
    """The services that an event of this type concerns, in the order in which they are called, and the call to each."""
    return [(name, type) for name, type in CALLS.items() if matches(INTERESTS[name], what)]


def wire(cast: Cast) -> None:
    """Wire the cast with requests only; the bus stays idle."""
    operations, gates, boards = cast.operations, cast.gates, cast.boards

    async def hear(command: Command) -> None:
        key = command.data["flight"]
        flight: Facts = operations.state.get(key, {})
        for event in decide(command, flight):
            flight = evolve(flight, event)
            await tell_everybody(event.type, flight)
        operations.state[key] = flight  # not before everybody has answered: else a retry would tell nobody

    async def tell_everybody(what: str, news: Facts) -> None:
        """Call all who must know; what they answer may be news for others."""
        unheard = [(what, news)]
        while unheard:
            what, news = unheard.pop(0)
            for name, type in who_must_know(what):
                reply = await operations.request(name, Command(type, {"what": what, "news": news}))
                unheard += [(further["what"], further["news"]) for further in reply["further"]]

    async def describe(command: Command) -> Facts:
        flight = await boards.request("operations", Command("flight.describe", command.data))
        gate = await boards.request("gates", Command("gate.describe", command.data))
        return {**flight, "gate": gate.get("gate", "")}

    cast.hear_airlines(hear)
    for name, type in CALLS.items():
        cast.consumers[name].answers(type, _do(cast.consumers[name]))
    boards.answers("flight.describe", describe)
    cast.answer_from(operations, "flight.describe")
    cast.answer_from(gates, "gate.describe")


def _do(service: Service) -> Any:
    react = REACTIONS[service.name]

    def do(command: Command) -> Facts:
        further = react(service.state, command.data["what"], command.data["news"], service.sim.now)
        return {"further": [{"what": event.type, "news": event.data} for event in further]}

    return do
