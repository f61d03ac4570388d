"""Request-driven: operations calls every service that must know, one after the other, and waits for each answer.

Only when all have answered is the change made and the airline told so. Questions run along the same lines in the
other direction: the boards know nothing themselves, they ask operations and gates each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from eventlab.airports.cast import Cast
from eventlab.airports.rules import Facts, decide, evolve
from eventlab.event import Command
from eventlab.service import Service

CALLS = {  # whom operations calls about what: one more service means one more entry here
    "flight.scheduled": ("gates", "boards", "rebooking", "notices"),
    "flight.delayed": ("gates", "boards", "notices"),
    "flight.departed": ("gates", "boards", "rebooking", "baggage"),
    "flight.arrived": ("boards",),
    "flight.diverted": ("boards",),
    "flight.cancelled": ("gates", "boards", "rebooking", "notices", "baggage"),
    "gate.assigned": ("boards",),
    "gate.changed": ("boards", "notices"),
    "gate.released": ("boards",),
    "passengers.rebooked": ("notices",),
    "bags.loaded": (),
    "bags.returned": (),
}
COMMANDS = {  # what each of them is asked to do
    "gates": "gate.plan",
    "boards": "board.show",
    "rebooking": "passengers.rebook",
    "notices": "passengers.tell",
    "baggage": "bags.move",
}


def wire(cast: Cast, *, hear: Callable[[Service, Command], Any] | None = None) -> None:
    """Wire the cast with requests only; the bus stays idle. `hear(operations, command)` may replace ours."""
    operations, gates, boards = cast.operations, cast.gates, cast.boards

    async def call_all(command: Command) -> None:
        key = command.data["flight"]
        flight: Facts = operations.state.get(key, {})
        for event in decide(command, flight):
            flight = evolve(flight, event)
            await tell_everybody(event.type, flight)
        operations.state[key] = flight  # not before everybody has answered: else a retry would tell nobody

    async def tell_everybody(event_type: str, facts: Facts) -> None:
        """Call all who must know; what they answer may be news for others."""
        untold = [(event_type, facts)]
        while untold:
            event_type, facts = untold.pop(0)
            for name in CALLS[event_type]:
                call = Command(COMMANDS[name], {"event_type": event_type, "facts": facts})
                reply = await operations.request(name, call)
                untold += [(further["event_type"], further["facts"]) for further in reply["further"]]

    async def describe(command: Command) -> Facts:
        flight = await boards.request("operations", Command("flight.describe", command.data))
        gate = await boards.request("gates", Command("gate.describe", command.data))
        return {**flight, "gate": gate.get("gate", "")}

    cast.hear_airlines(call_all if hear is None else partial(hear, operations))
    for name, type in COMMANDS.items():
        cast.consumers[name].answers(type, _do(cast, cast.consumers[name]))
    boards.answers("flight.describe", describe)
    cast.answer_from(operations, "flight.describe")
    cast.answer_from(gates, "gate.describe")


def _do(cast: Cast, service: Service) -> Any:
    def do(command: Command) -> Facts:
        further = cast.react(service, command.data["event_type"], command.data["facts"])
        return {"further": [{"event_type": event.type, "facts": event.data} for event in further]}

    return do
