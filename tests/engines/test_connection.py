"""What the client of NATS does when nobody answers: it closes what it gives up, and asks a new leader at once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("nats", reason="the engines are not installed")

from nats.errors import Error, NoRespondersError, TimeoutError
from nats.js.errors import ServiceUnavailableError

from eventlab.engines.connection import Connection
from eventlab.engines.jetstream import again
from eventlab.engines.pull import Pull

PATIENCE = 60.0  # seconds after which a test has failed; all is over in a part of one


def test_a_server_that_says_nothing_sensible_is_hung_up_on_before_the_next_one_is_tried() -> None:
    async def play() -> None:
        hung_up = asyncio.Semaphore(0)

        async def confused(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"WHO IS THERE\r\n")
            await reader.read()
            hung_up.release()
            writer.close()

        async with await asyncio.start_server(confused, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            connection = Connection()
            with pytest.raises(Error):
                await connection.connect(f"nats://{host}:{port}", max_reconnect_attempts=2, reconnect_time_wait=0.01)
            await connection.close()
            for _ in range(3):
                await hung_up.acquire()

    asyncio.run(asyncio.wait_for(play(), PATIENCE))


def test_what_nobody_was_there_to_answer_is_asked_again() -> None:
    answers = [ServiceUnavailableError()]  # as the client raises it: with no code

    async def asked() -> str:
        if answers:
            raise answers.pop()
        return "there"

    assert asyncio.run(again(asked)) == "there"


class Leaderless:
    """A connection to nodes of which none leads: who asks for events hears that nobody is there, or hears nothing."""

    is_closed = True

    def __init__(self) -> None:
        self.asked = asyncio.Semaphore(0)
        self.looked: list[float] = []

    def new_inbox(self) -> str:
        return "inbox"

    async def subscribe(self, subject: str, cb: Any) -> None:
        self._tell = cb

    async def publish(self, subject: str, content: bytes, reply: str) -> None:
        self.asked.release()
        asyncio.get_running_loop().call_soon(lambda: asyncio.create_task(self._nobody()))

    async def _nobody(self) -> None:
        await self._tell(SimpleNamespace(data=b"", headers={"Status": "503"}))

    async def request(self, subject: str, content: bytes, timeout: float, **options: Any) -> None:
        self.looked.append(timeout)
        raise NoRespondersError if len(self.looked) % 2 else TimeoutError


def test_a_pull_asks_again_and_again_for_as_long_as_nobody_leads() -> None:
    async def play() -> list[float]:
        nodes = Leaderless()
        pull = Pull(nodes, "log", "boards", room=lambda: 1, take=print, gone=lambda: pytest.fail("it is not gone"))  # type: ignore[arg-type]
        for _ in range(4):
            await nodes.asked.acquire()
        pull.stop()
        return nodes.looked

    looked = asyncio.run(asyncio.wait_for(play(), PATIENCE))
    assert len(looked) == 3 and max(looked) <= 1, "a question to nobody, for long, keeps it from asking a new leader"
