"""Who has a durable subscription: its consumer on JetStream, named by the last claim on its subject.

A claim counts if no other came in between (a compare-and-set): of two processes that open one ordered subscription at
once, one has it, and the other one's consumer is removed. The new consumer begins where the answers of the last end.
"""

from __future__ import annotations

from dataclasses import asdict
from secrets import token_hex
from typing import Any

import msgspec
from nats.js.errors import APIError, NotFoundError

from eventlab.engines.jetstream import again, consumer, remove_consumer
from eventlab.engines.names import filters, token
from eventlab.errors import Invalid
from eventlab.subscription import Subscription

OVERTAKEN = 10071  # JetStream's code for "that was not the last message of the subject"


class Claim(msgspec.Struct, frozen=True):
    """The consumer of a subscription (none: it has ended), where it began, and what it was asked for."""

    consumer: str
    start: int
    pattern: str
    settings: dict[str, Any]


_decode = msgspec.json.Decoder(Claim).decode


class Claims:
    """The claims on one subscription of a bus."""

    def __init__(self, bus: Any, subscription: Subscription) -> None:
        self._bus, self._subscription = bus, subscription
        self._subject = f"{bus.stream}.c.{token(subscription.name)}"
        self._stream = f"{bus.stream}-kept"

    async def take(self) -> str:
        """Have the subscription from now on: the name of its consumer. `Invalid` if it was made otherwise."""
        while True:
            sequence, last = await self._last()
            if last is not None:
                self._compare(last)
                if not self._subscription.settings.ordered and await self._exists(last.consumer):
                    return last.consumer
            claim = await self._new(last)
            if await self._claimed(claim, sequence):
                if last is not None:
                    await remove_consumer(self._bus.js, self._bus.stream, last.consumer)
                return claim.consumer
            await remove_consumer(self._bus.js, self._bus.stream, claim.consumer)

    async def belongs_to(self, consumer: str) -> bool:
        """Whether the last claim names this consumer."""
        _, last = await self._last()
        return last is not None and last.consumer == consumer

    async def end(self) -> None:
        """Let nobody have it, and forget where it was."""
        sequence, last = await self._last()
        if last is not None and await self._claimed(msgspec.structs.replace(last, consumer=""), sequence):
            await remove_consumer(self._bus.js, self._bus.stream, last.consumer)

    async def _last(self) -> tuple[int, Claim | None]:
        try:
            found = await again(lambda: self._bus.js.get_last_msg(self._stream, self._subject))
        except NotFoundError:
            return 0, None
        claim = _decode(found.data)
        return int(found.seq), claim if claim.consumer else None

    def _compare(self, last: Claim) -> None:
        pattern, settings = self._wanted()
        if (last.pattern, last.settings) != (pattern, settings):
            what = f"second subscription {self._subscription.name!r}"
            expected, found = f"{last.pattern!r} with {last.settings}", f"{pattern!r} with {settings}"
            raise Invalid(what, where="JetStream", expected=expected, found=found)

    def _wanted(self) -> tuple[str, dict[str, Any]]:
        settings = asdict(self._subscription.settings)
        return self._subscription.pattern, msgspec.json.decode(msgspec.json.encode(settings))

    async def _exists(self, name: str) -> bool:
        try:
            await again(lambda: self._bus.js.consumer_info(self._bus.stream, name))
        except NotFoundError:
            return False
        return True

    async def _new(self, last: Claim | None) -> Claim:
        """A consumer of its own, not claimed yet."""
        name, subscription = f"{token(self._subscription.name)}-{token_hex(6)}", self._subscription
        subjects = [f"{self._bus.stream}.e.{each}" for each in filters(subscription.pattern)]
        start = await self._start(last)
        config = consumer(name, subjects, start)
        await again(lambda: self._bus.js.add_consumer(self._bus.stream, config))
        return Claim(name, start, *self._wanted())

    async def _start(self, last: Claim | None) -> int:
        """Behind the last answer of the consumer before; where that one began, if it is gone."""
        if last is None and self._subscription.settings.deliver == "all":
            return 1
        if last is None:
            log = await again(lambda: self._bus.js.stream_info(self._bus.stream))
            return int(log.state.last_seq) + 1
        try:
            found = await again(lambda: self._bus.js.consumer_info(self._bus.stream, last.consumer))
        except NotFoundError:
            return last.start
        return max(last.start, int(found.ack_floor.stream_seq) + 1)

    async def _claimed(self, claim: Claim, sequence: int) -> bool:
        """Whether the claim is the next one behind this sequence."""
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(sequence),
            "Nats-Msg-Id": f"{claim.consumer} {sequence} {self._subject}",  # so it may be said again
        }
        content = msgspec.json.encode(claim)
        try:
            await again(lambda: self._bus.js.publish(self._subject, content, timeout=5, headers=headers))
        except APIError as error:
            if error.err_code != OVERTAKEN:
                raise
            _, last = await self._last()
            return last == claim  # it was ours, said again
        return True
