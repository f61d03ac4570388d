"""A saga: a long process over several services, in the decider's shape turned round.

A decider gets commands and gives events; a saga gets events and gives the commands that carry the process on, or that
take back what was done when a later part fails. Its memory is a fold of the events that it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.decider import caused, messages
from eventlab.door import door, look_at_fields
from eventlab.event import Event, Message


@dataclass(frozen=True)
class Saga:
    """The memory before anything happened, and the two functions.

    `evolve(state, event)` remembers; `react(state, event)`, which sees the memory with this event in it, gives the
    message to send, several, or None. Both are pure: they look at nothing else and change nothing.
    """

    initial: Any
    react: Callable[[Any, Event], Message | Sequence[Message] | None]
    evolve: Callable[[Any, Event], Any]

    def __post_init__(self) -> None:
        look_at_fields(self)

    def __repr__(self) -> str:
        names = ", ".join(getattr(call, "__name__", type(call).__name__) for call in (self.react, self.evolve))
        return f"<Saga: {names}, from {self.initial!r}>"


@door
def advance(saga: Saga, state: Any, event: Event) -> tuple[Any, list[Message]]:
    """The memory after the event, and the messages to send.

    The messages' ids follow from the event's: if it is delivered again, to the same memory, the same commands leave
    with the same ids, and their receivers can tell.
    """
    state = saga.evolve(state, event)
    return state, [caused(message, event, n) for n, message in enumerate(messages(saga.react(state, event)), 1)]
