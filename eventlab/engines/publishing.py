"""What the bus of this process takes in: published to JetStream, each subject's events one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from eventlab.engines.jetstream import again
from eventlab.engines.names import topic
from eventlab.event import Event
from eventlab.rows import encode

STEP = 1.0  # seconds for JetStream to answer a publication, before it is asked again: its leader may have died


class Full(Exception):
    """Somebody's backlog has no room for an event."""


class Publications:
    """Publishes to a stream of JetStream; `room` says before each whether somebody's backlog is full (`Full`)."""

    def __init__(self, bus: Any, room: Callable[[Event], Any]) -> None:
        self._bus, self._room = bus, room
        self._storing: dict[str, asyncio.Future[Any]] = {}
        self._line: dict[str, asyncio.Future[None]] = {}  # the last publication of each subject
        self._one_at_a_time = asyncio.Lock()

    def publish(self, event: Event, then: Callable[[Any], object]) -> None:
        """Publish an event; `then` gets JetStream's answer, or the error, as something that happens."""
        self._bus.links.send_out(self._publish(event, then))

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
        self._bus.clock.happen(then, outcome)

    async def _stored(self, event: Event) -> Any:
        """JetStream's answer. The same event again, while it is on its way, waits for the same answer."""
        if (before := self._storing.get(event.id)) is not None:
            return await asyncio.shield(before)
        mine = self._storing[event.id] = self._bus.links.loop.create_future()
        try:
            mine.set_result(await self._store(event))
        except Exception as error:
            mine.set_exception(error)
        finally:
            del self._storing[event.id]
        return mine.result()

    async def _store(self, event: Event) -> Any:
        if not self._bus.limited:
            return await self._put(event)
        async with self._one_at_a_time:
            await self._room(event)
            return await self._put(event)

    async def _put(self, event: Event) -> Any:
        address, content = f"{self._bus.stream}.e.{topic(event.type)}", encode(event)
        headers, tries = {"Nats-Msg-Id": event.id}, 0

        async def ask() -> Any:
            nonlocal tries
            tries += 1
            return await self._bus.js.publish(address, content, timeout=STEP, headers=headers)

        answer = await again(ask)
        if tries > 1:
            answer.duplicate = False  # what JetStream knew already was our own, whose answer was lost
        return answer
