"""Pulling: what a consumer of JetStream has, a batch after the other, for as long as there is room for more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from nats.aio.client import Client as Nats
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

BATCH, HEARTBEAT = 200, 0.5  # events asked for at once; seconds between the signs of life of a pull
SILENT = 4 * HEARTBEAT  # seconds after which the leader is taken for dead, with what it was asked for


class Pull:
    """Pulls what a consumer has while there is `room()`, gives each to `take`, and says if the consumer is `gone`."""

    def __init__(
        self, connection: Nats, stream: str, name: str, *, room: Callable[[], int], take: Callable[[Msg], object],
        gone: Callable[[], object],
    ) -> None:  # fmt: skip
        self._connection, self._js, self._stream, self._name = connection, JetStreamContext(connection), stream, name
        self._room, self._take, self._gone = room, take, gone
        self._left = 0  # of the batch that was asked for
        self._heard = 0.0  # when there was the last sign of life
        self._unheard = False  # whether nobody was there to be asked
        self._over = False
        self._wake = asyncio.Event()
        self.task = asyncio.get_running_loop().create_task(self._go())

    def wake(self) -> None:
        """There may be room again."""
        self._wake.set()

    def stop(self) -> None:
        """Take nothing more."""
        self._over = True
        self.task.cancel()

    async def _go(self) -> None:
        inbox = self._connection.new_inbox()
        own = await self._connection.subscribe(inbox, cb=self._came)
        try:
            while not self._over:
                await self._ask(inbox)
                self._wake.clear()
                timer = asyncio.get_running_loop().call_later(HEARTBEAT, self._wake.set)
                await self._wake.wait()
                timer.cancel()
                if self._unheard:
                    await self._look()
        finally:
            if not self._connection.is_closed:
                await own.unsubscribe()

    async def _ask(self, inbox: str) -> None:
        now = asyncio.get_running_loop().time()
        if (self._left <= 0 or now - self._heard > SILENT) and (room := min(BATCH, self._room())) > 0:
            self._left, self._heard = room, now
            nanoseconds = int(HEARTBEAT * 1e9)
            asked = {"batch": room, "expires": 20 * nanoseconds, "idle_heartbeat": nanoseconds}
            address = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._name}"
            await self._connection.publish(address, json.dumps(asked).encode(), inbox)

    async def _look(self) -> None:
        """Nobody was there to be asked: is there no leader at this moment, or is the consumer gone?

        A question put to nobody is answered by nobody, even when a leader has come meanwhile. So it is a short one, and
        then the consumer is asked for events again: deliveries wait for the election, and for nothing else.
        """
        self._unheard = False
        try:
            await self._js.consumer_info(self._stream, self._name, timeout=2 * HEARTBEAT)
        except NotFoundError:
            self._over = True
            self._gone()
        except (TimeoutError, NatsError):
            await asyncio.sleep(HEARTBEAT / 5)
        self._left = 0

    async def _came(self, msg: Msg) -> None:
        if self._over:
            return
        self._heard = asyncio.get_running_loop().time()
        headers = msg.headers or {}
        status = headers.get("Status") if not msg.data else None
        if status is None:
            self._left -= 1
            self._take(msg)
        elif status == "503" or "Consumer Deleted" in headers.get("Description", ""):
            self._unheard = True
        elif status != "100":  # the batch is over: it took too long, or its leader has changed
            self._left = 0
        if self._left <= 0 or (self._unheard and status != "503"):
            self._wake.set()
