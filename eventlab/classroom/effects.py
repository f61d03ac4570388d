"""What an answer may have done by the judge: the few effects of a handler, on what it was given, and nothing else."""

from __future__ import annotations

import inspect
from typing import Any

from eventlab.classroom.wire import BrokenWire
from eventlab.draws import Draws
from eventlab.event import Message
from eventlab.service import Service
from eventlab.signals import Signal
from eventlab.state import State
from eventlab.subscription import Subscription

READ = ("now", "up", "cause")
DONE = ("publish", "tell", "stamp", "act", "on", "answers", "background", "start")
AWAITED = ("sleep", "request", "publish_confirmed", "reconnected", "wait")


def done(thing: Any, what: str, given: Any, named: Any) -> Any:
    """Do at once what the answer asked for; `BrokenWire` if it is none of the things that an answer may do."""
    if isinstance(thing, State):
        return _in_state(thing, what, *given)
    if isinstance(thing, Draws) and what == "random":
        return thing.random()
    if isinstance(thing, Signal) and what == "set":
        return thing.set(*given)
    if isinstance(thing, Service):
        return _of_service(thing, what, given, named)
    if what == "call" and inspect.isroutine(thing):
        return thing(*given)
    raise BrokenWire(f"{what!r:.40} of a {type(thing).__name__}")


async def awaited(thing: Any, what: str, given: Any, named: Any) -> Any:
    """What the answer waits for, in simulated time; `BrokenWire` if an answer may not wait for it."""
    if what not in AWAITED or not isinstance(thing, Service | Signal):
        raise BrokenWire(f"{what!r:.40} of a {type(thing).__name__}")
    return await getattr(thing, what)(*given, **named)


def change(given: Any, now: Any) -> None:
    """Let a list or dictionary that an answer was given be as the answer has left it."""
    if type(given) is dict and type(now) is dict:
        given.clear()
        given.update(now)
    elif type(given) is list and type(now) is list:
        given[:] = now


def _of_service(service: Service, what: str, given: Any, named: Any) -> Any:
    if what in READ:
        return getattr(service, what)
    if what == "passed":
        return service.sim.passed
    if what in ("random", "signal"):
        return getattr(service, what)(*given)
    if what not in DONE:
        raise BrokenWire(f"{what!r:.40} of a service")
    result = getattr(service, what)(*given, **named)
    return result if isinstance(result, Message) and not isinstance(result, Subscription) else None


def _in_state(state: State, what: str, *given: Any) -> Any:
    if what == "get":
        return state.get(given[0])
    if what == "put":
        state[given[0]] = given[1]
        return None
    if what == "keys":
        return list(state)
    raise BrokenWire(f"{what!r:.40} of a state")
