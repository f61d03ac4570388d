"""What an answer is given instead of services, states and random numbers: each asks the judge, who has the real one."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Iterator, MutableMapping
from copy import deepcopy
from typing import Any

from eventlab.draws import Draws
from eventlab.event import freeze
from eventlab.lessons.judging.own_state import as_data
from eventlab.service import Service

Ask = Callable[..., Any]  # ask(reference, what, *arguments, **options)


class Effect:
    """What a coroutine of the answer waits for: the judge lets it happen in simulated time."""

    def __init__(self, reference: int, what: str, arguments: Any, options: Any) -> None:
        self.reference, self.what, self.arguments, self.options = reference, what, arguments, options


@types.coroutine
def wait_for(reference: int, what: str, *arguments: Any, **options: Any) -> Any:
    """Hand the effect to whoever drives the coroutine; comes back with what it led to."""
    return (yield Effect(reference, what, arguments, options))


class AskedDraws(Draws):
    """Random numbers that the judge draws."""

    __slots__ = ()

    def __init__(self, reference: int, ask: Ask) -> None:
        self.seed, self.name = 0, str(reference)  # the judge draws
        self.random = lambda: ask(reference, "random")


class AskedSignal:
    """A signal that lives in the judge's time."""

    def __init__(self, reference: int, ask: Ask) -> None:
        self._reference, self._ask = reference, ask

    def set(self, value: Any = None) -> None:
        """Let it happen."""
        self._ask(self._reference, "set", value)

    async def wait(self, timeout: float | None = None) -> Any:
        """The value, as soon as there is one."""
        return await wait_for(self._reference, "wait", timeout)


class AskedState(MutableMapping[str, Any]):
    """A service's state, kept by the judge. Things of the answer's own classes come back as such."""

    def __init__(self, reference: int, ask: Ask) -> None:
        self._reference, self._ask = reference, ask
        self._shapes: dict[str, tuple[Any, Any]] = {}  # by key: the plain data, and the thing itself

    def get(self, key: str, default: Any = None) -> Any:
        """What is there, in the shape in which it was put there."""
        value = self._ask(self._reference, "get", key)
        if value is None:
            return default
        data, shape = self._shapes.get(key, (None, None))
        return deepcopy(shape) if data is not None and data == value else value

    def __getitem__(self, key: str) -> Any:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        data = as_data(value)
        frozen = freeze(data, str(key))
        self._ask(self._reference, "put", key, frozen)
        if data is not value:
            self._shapes[key] = (frozen, deepcopy(value))

    def __delitem__(self, key: str) -> None:
        if self.get(key) is None:
            raise KeyError(key)
        self._ask(self._reference, "put", key, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ask(self._reference, "keys"))

    def __len__(self) -> int:
        return len(self._ask(self._reference, "keys"))

    def __repr__(self) -> str:
        return repr(dict(self))


class AskedService:
    """A service of the judge's laboratory: what a handler may do with one, and nothing else."""

    def __init__(self, reference: int, name: str, state: AskedState, ask: Ask) -> None:
        self._reference, self.name, self._state, self._ask = reference, name, state, ask

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # `isinstance(boards, Service)` holds, as in a notebook
        return Service

    @property
    def state(self) -> AskedState:
        """Its memory."""
        return self._state

    @property
    def sim(self) -> AskedService:
        """Its time: `now` and `sleep` are those of the service."""
        return self

    @property
    def now(self) -> int:
        """The present instant, in nanoseconds."""
        return int(self._ask(self._reference, "now"))

    @property
    def passed(self) -> float:
        """The seconds since the beginning."""
        return float(self._ask(self._reference, "passed"))

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return bool(self._ask(self._reference, "up"))

    @property
    def cause(self) -> Any:
        """The message that is being handled."""
        return self._ask(self._reference, "cause")

    def random(self, name: str) -> Any:
        """The random numbers of one purpose."""
        return self._ask(self._reference, "random", name)

    def signal(self) -> Any:
        """Something to wait for."""
        return self._ask(self._reference, "signal")

    def publish(self, event: Any) -> Any:
        """Send an event to the bus and forget it."""
        return self._ask(self._reference, "publish", event)

    def tell(self, to: str, command: Any) -> Any:
        """Send a command and forget it."""
        return self._ask(self._reference, "tell", to, command)

    def stamp(self, message: Any, cause: Any = None) -> Any:
        """The message with id, source and time."""
        return self._ask(self._reference, "stamp", message, cause)

    def act(self, what: Any, note: str = "") -> None:
        """Do something in the world outside."""
        self._ask(self._reference, "act", what, note)

    def on(self, pattern: str, handler: Any = None, **settings: Any) -> Any:
        """Subscribe to events."""
        return self._handled("on", pattern, handler, settings)

    def answers(self, type: str, handler: Any = None, **settings: Any) -> Any:
        """Answer commands of this type."""
        return self._handled("answers", type, handler, settings)

    def _handled(self, what: str, about: str, handler: Any, settings: dict[str, Any]) -> Any:
        if handler is None:
            return lambda handler: (self._ask(self._reference, what, about, handler, **settings), handler)[1]
        self._ask(self._reference, what, about, handler, **settings)
        return handler

    def background(self, work: Any) -> None:
        """Run a coroutine function in the background."""
        self._ask(self._reference, "background", work)

    def start(self, work: Coroutine[Any, Any, Any], name: str = "") -> None:
        """Run a coroutine as part of this service."""
        self._ask(self._reference, "start", work, name)

    async def sleep(self, seconds: float) -> None:
        """Wait, in simulated seconds."""
        await wait_for(self._reference, "sleep", seconds)

    async def request(self, to: str, command: Any, *, timeout: float = 5.0) -> Any:
        """Send a command and wait for the reply."""
        return await wait_for(self._reference, "request", to, command, timeout=timeout)

    async def publish_confirmed(self, event: Any, *, timeout: float = 5.0) -> Any:
        """Publish, and wait until the bus has taken the event in."""
        return await wait_for(self._reference, "publish_confirmed", event, timeout=timeout)

    async def reconnected(self, other: str, *, pause: float = 1.0) -> None:
        """Wait until messages pass to `other` and back."""
        await wait_for(self._reference, "reconnected", other, pause=pause)

    def __repr__(self) -> str:
        return f"<Service {self.name}>"
