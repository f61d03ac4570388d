"""Dead letters on JetStream: in a stream of their own, before the event itself is acknowledged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from nats.js.errors import NotFoundError

from eventlab.engines.jetstream import again
from eventlab.engines.names import token
from eventlab.event import Event, as_text, decoded
from eventlab.subscription import DeadLetter, Subscription


class _Buried(msgspec.Struct, frozen=True):
    event: Event
    tries: int
    reason: str


_encode = msgspec.json.Encoder(enc_hook=as_text).encode
_decode = msgspec.json.Decoder(_Buried, dec_hook=decoded).decode


class Burials:
    """Keeps the dead letters of a bus, and forgets those that were redriven and handled."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus
        self._places: dict[tuple[str, str], list[int]] = defaultdict(list)  # by subscription and event: where they are

    def _address(self, subscription: Subscription) -> str:
        return f"{self._bus.stream}.d.{token(subscription.name)}"

    def bury(self, subscription: Subscription, letter: DeadLetter, then: Callable[[], object]) -> None:
        """Keep a dead letter, `then` do what may be done once it is kept."""
        self._bus.links.send_out(self._bury(subscription, letter, then))

    async def _bury(self, subscription: Subscription, letter: DeadLetter, then: Callable[[], object]) -> None:
        content = _encode(_Buried(letter.event, letter.tries, letter.reason))
        done = await again(lambda: self._bus.js.publish(self._address(subscription), content, timeout=5))
        self._places[subscription.name, letter.event.id].append(done.seq)
        then()

    def forget(self, subscription: Subscription, event: Event) -> None:
        """An event was handled: if it had been a dead letter, it is none any more."""
        if (places := self._places.pop((subscription.name, event.id), None)) is not None:
            self._bus.links.send_out(self._forget(places))

    async def _forget(self, places: list[int]) -> None:
        stream = f"{self._bus.stream}-kept"
        for place in places:
            with suppress(NotFoundError):
                await again(partial(self._bus.js.delete_msg, stream, place))

    async def load(self, subscription: Subscription) -> list[DeadLetter]:
        """The dead letters that there are already, each once, in the order in which they died.

        The stream's leader is asked for each: another node might not have heard of the last ones yet.
        """
        stream, subject, found = f"{self._bus.stream}-kept", self._address(subscription), dict[str, DeadLetter]()
        place = 0
        while True:
            try:
                msg = await again(partial(self._bus.js.get_msg, stream, seq=place + 1, subject=subject, next=True))
            except NotFoundError:
                return list(found.values())
            letter, place = _decode(msg.data), int(msg.seq)
            found[letter.event.id] = DeadLetter(letter.event, letter.tries, letter.reason)
            self._places[subscription.name, letter.event.id].append(place)
