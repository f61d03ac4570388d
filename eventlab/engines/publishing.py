"""What the bus of this process takes in: published to JetStream, each subject's events one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

from eventlab.engines.jetstream import again
from eventlab.engines.names import topic
from eventlab.event import Event
from eventlab.rows import encode

MARK = "Eventlab-Publication"  # a header that tells which publication it was that JetStream has kept
STEP = 1.0  # seconds for JetStream to answer a publication, before it is asked again: its leader may have died


class Full(Exception):
    """Somebody's backlog has no room for an event."""


class Publications:
    """Publishes to a stream of JetStream; `room` says before each whether somebody's backlog is full (`Full`)."""

    def __init__(self, bus: Any, room: Callable[[Event], Any]) -> None:
        self._bus, self._room = bus, room
        self._line: dict[str, asyncio.Future[None]] = {}  # the last publication of each subject
        self._one_at_a_time = asyncio.Lock()
        self._numbers = count(1)

    def publish(self, event: Event, then: Callable[[Any], object]) -> None:
        """Publish an event; `then` gets JetStream's answer, or the error, as something that happens."""
        self._bus.clock.leave()
        self._bus.links.loop.create_task(self._publish(event, then))

    async def _publish(self, event: Event, then: Callable[[Any], object]) -> None:
        key = event.subject or event.source
        before, mine = self._line.get(key), self._bus.links.loop.create_future()
        self._line[key] = mine
        try:
            await self._bus.links.prepared()
            if before is not None:
                await before
            outcome = await self._stored(event)
        except Exception as error:
            outcome = error
        finally:
            mine.set_result(None)
            if self._line.get(key) is mine:
                del self._line[key]
        self._bus.clock.happen(self._over, then, outcome)

    def _over(self, then: Callable[[Any], object], outcome: Any) -> None:
        self._bus.clock.come()
        then(outcome)

    async def _stored(self, event: Event) -> Any:
        """JetStream's answer."""
        if not self._bus.limited:
            return await self._put(event)
        async with self._one_at_a_time:
            await self._room(event)
            return await self._put(event)

    async def _put(self, event: Event) -> Any:
        address, content = f"{self._bus.stream}.e.{topic(event.type)}", encode(event)
        mark = f"{self._bus.links.first}-{next(self._numbers)}"
        headers, tries = {"Nats-Msg-Id": event.id, MARK: mark}, 0

        async def ask() -> Any:
            nonlocal tries
            tries += 1
            return await self._bus.js.publish(address, content, timeout=STEP, headers=headers)

        answer = await again(ask)
        if answer.duplicate and tries > 1:  # what JetStream has already may be our own, whose answer was lost
            kept = await again(lambda: self._bus.js.get_msg(self._bus.stream, answer.seq))
            answer.duplicate = kept.headers.get(MARK) != mark  # others put no mark there
        return answer
