"""JetStream under the contract of a bus: what the simulated bus promises, it promises too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")
pytest.register_assert_rewrite("tests.support.bus_conformance")

from eventlab.engines import Engines  # noqa: E402
from eventlab.engines.clock import FASTEST  # noqa: E402
from eventlab.engines.runtime import Runtime  # noqa: E402
from tests.support.bus_conformance import BusContract, Play, World  # noqa: E402

MOST = 60  # seconds for a story


class TestOnJetStream(BusContract):
    same_event_twice = 1  # within two minutes JetStream knows an event's id
    late = 60  # the machine may be busy: there is no upper bound to be promised

    @pytest.fixture
    def play(self, real: Engines, new_name: Callable[[], str]) -> Play:
        async def on_engines(story: Callable[[World], Awaitable[None]]) -> None:
            async with Runtime(real, new_name(), speed=FASTEST) as runtime:
                await story(runtime)
                await runtime.bus.remove()

        return lambda story: asyncio.run(asyncio.wait_for(on_engines(story), MOST))
