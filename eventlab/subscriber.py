"""A subscriber: a client with handlers, one for each of its subscriptions and for each type of command it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, Never

from eventlab import borders
from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.errors import Invalid
from eventlab.event import LONGEST
from eventlab.network import Network
from eventlab.subscription import Subscription, SubscriptionSettings

Handler = Callable[[Any], Any]
SETTINGS = tuple(field.name for field in fields(SubscriptionSettings))


class Subscriber(Client):
    """A client that subscribes to events and answers commands. `Service` handles what comes."""

    def __init__(self, name: str, network: Network, bus: Bus | None = None) -> None:
        super().__init__(name, network, bus)
        self._events = Handlers(name)  # by subscription
        self._commands = Handlers(name)  # by type

    def on(
        self,
        pattern: str,
        handler: Handler | None = None,
        *,
        durable: str = "",
        deliver: str = "new",
        ack_wait: float = 30.0,
        max_deliver: int = 5,
        backoff: Sequence[float] = (1.0, 5.0, 30.0),
        max_ack_pending: int = 100,
        max_backlog: int = 0,
        ordered: bool = True,
        on_dead: str = "skip",
        **unknown: Never,
    ) -> Any:
        """Subscribe to events; the options are those of `SubscriptionSettings`, which explains them.

        The subscription. As a decorator, `@gates.on("flight.*", durable="gates")`, the handler as it was.
        """
        where = f"{self.name}.on"
        check_decorated(pattern, where=where, example=f'@{self.name}.on("order.*")')
        check_settings(unknown, where=where)
        settings = SubscriptionSettings(
            durable, deliver, ack_wait, max_deliver, backoff, max_ack_pending, max_backlog, ordered, on_dead
        )
        if handler is None:
            return lambda handler: self._subscribe(pattern, handler, settings) and handler
        return self._subscribe(pattern, handler, settings)

    def _subscribe(self, pattern: str, handler: Handler, settings: SubscriptionSettings) -> Subscription:
        if self.bus is None:
            raise Invalid("subscription", where=f"service {self.name}", expected="a service with a bus", found=pattern)
        place = settings.durable or f"{self.name} {pattern}"
        self._events.check(place, handler, what="subscription")
        subscription = self.bus.subscribe(self.name, pattern, settings)
        self._events.put(place, handler, what="subscription")
        return subscription

    def answers(self, type: str, handler: Handler | None = None, *, replace: bool = False) -> Any:
        """Answer commands of this type. Also a decorator: `@operations.answers("flight.describe")`.

        A type has one handler; `replace` puts another one in its place.
        """
        check_decorated(type, where=f"{self.name}.answers", example=f'@{self.name}.answers("order.pay")')
        if replace.__class__ is not bool:
            raise Invalid("replace", where=f"{self.name}.answers", expected="True or False", found=replace)
        if handler is None:
            return lambda handler: self.answers(type, handler, replace=replace)
        self._commands.put(type, handler, what="command", replace=replace)
        return handler


class Handlers:
    """Who handles what. A place holds one handler; one of the same name, from a cell run again, takes its place."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._taken: dict[str, Handler] = {}
        self.get = self._taken.get

    def put(self, place: str, handler: Handler, *, what: str, replace: bool = False) -> None:
        """Let `handler` have the place; `Invalid` if another one has it, or if it cannot be called."""
        self.check(place, handler, what=what, replace=replace)
        self._taken[place] = handler

    def check(self, place: str, handler: Handler, *, what: str, replace: bool = False) -> None:
        """`Invalid` unless `handler` may have the place."""
        where = f"{self.service}: {what} {place}"
        if not callable(handler):
            raise Invalid("handler", where=where, expected="a function of one message", found=handler)
        before = self._taken.get(place)
        if before is not None and not replace and _name(before) != _name(handler):
            expected = f"one handler, and {_name(before)} is it; another one needs a place of its own"
            raise Invalid("second handler", where=where, expected=expected, found=_name(handler))


def _name(handler: Handler) -> str:
    name: str = getattr(handler, "__qualname__", type(handler).__qualname__)
    return name


def check_decorated(name: object, *, where: str, example: str) -> None:
    """`name` is text: a decorator without its parentheses hands over the function instead."""
    if not isinstance(name, str):
        expected = f"text: write {example}" if callable(name) else "text"
        raise Invalid("decorator without parentheses" if callable(name) else "name", where=where, expected=expected,
                      found=name)  # fmt: skip
    borders.text(name, "name", where=where, most=LONGEST)


def check_settings(unknown: dict[str, Any], *, where: str) -> None:
    """There is no unknown setting; `Invalid` names the known ones and the one that was probably meant."""
    for name in unknown:
        close = get_close_matches(name, SETTINGS, 1)
        meant = f"did you mean {close[0]}? The settings are " if close else "one of "
        raise Invalid("unknown setting", where=where, expected=meant + ", ".join(SETTINGS), found=name)
