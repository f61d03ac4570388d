"""A runtime for services as they stand: asyncio, the wall's clock, NATS JetStream between them.

    async with Runtime(engines) as runtime:
        gates = runtime.service("gates")
        gates.on("flight.*", heard, durable="gates")
        await runtime.run()                       until all is handled, or until a point in time

Handlers are those of the laboratory. What else asyncio can await, a handler reaches by `await runtime.outside(...)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from ssl import SSLCertVerificationError
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client as Nats

from eventlab.client import Client
from eventlab.door import door
from eventlab.engines.bus import JetStreamBus
from eventlab.engines.clock import Clock
from eventlab.engines.connection import Connection
from eventlab.engines.errors import EngineUnavailable
from eventlab.engines.links import Links
from eventlab.engines.names import token
from eventlab.engines.postgres import PostgresStore
from eventlab.engines.starting import Engines
from eventlab.faults import Fault, inject
from eventlab.network import Delay
from eventlab.service import NO_TIME, Service
from eventlab.sim import Task
from eventlab.times import When
from eventlab.trace import Trace

CALM = 3  # looks in a row at which nothing was on its way, before all is taken for handled
LOOK = 0.02  # seconds between two looks at what the database has to tell
OLDEST = (2, 11)


class Runtime:
    """Services of this process on real engines; `name` keeps apart what has nothing to do with each other.

    `speed` lets time pass so many times as fast while everybody waits; while anything is on its way or being worked on,
    a second is a second. With several processes leave it at 1: each knows only what is on its own way. `limit` is how
    many events the bus may keep (0: as many as the disk has room for), `options` are those of `nats.connect`, such as
    `tls` and `user_credentials`.
    """

    @door
    def __init__(
        self, engines: Engines, name: str = "eventlab", *, speed: float = 1.0, seed: int = 0, start: int | None = None,
        limit: int = 0, replicas: int | None = None, options: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.engines, self.name, self.limit = engines, token(name), limit
        self.clock = Clock(seed, start=start, speed=speed)
        self.replicas = replicas or len(engines.nodes) or 3
        self._options, self._stores = options or {}, list[PostgresStore]()
        self._broken = False  # whether there is no connection to NATS at this moment
        self._tasks: list[asyncio.Task[Any]] = []
        self.connection: Nats
        self.network: Links
        self.bus: JetStreamBus

    async def __aenter__(self) -> Self:
        self.connection = await self._connect()
        self.network = Links(self.clock, self.connection, self.name)
        self.bus = JetStreamBus(self.network, self.name, replicas=self.replicas, limit=self.limit)
        try:
            await self.network.prepared()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        self._tasks.append(asyncio.get_running_loop().create_task(self._look_for_news()))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, at: TracebackType | None) -> None:
        self.clock.stop()
        for task in (*self._tasks, *self.network.preparing):
            task.cancel()
        await asyncio.gather(*self._tasks, *self.network.preparing, return_exceptions=True)
        await self.bus.close()
        with suppress(Exception):
            await asyncio.wait_for(self.connection.flush(), 1)
        await self.connection.close()
        for store in self._stores:
            with suppress(Exception):
                store.close()

    async def _connect(self) -> Nats:
        async def changed() -> None:
            self._connection_changed()

        troubles: list[Exception] = []  # what is lost later is tried again, or told where it is waited for

        async def troubled(error: Exception) -> None:
            troubles[:] = [error]
            if isinstance(error, SSLCertVerificationError) and not connected:
                raise error  # nats-py would wait for ever for the end of such a connection

        connected = False

        servers = [url.strip() for url in self.engines.nats.split(",")]
        connection = Connection()
        try:
            await connection.connect(
                servers=servers, max_reconnect_attempts=1, connect_timeout=3,
                allow_reconnect=True, disconnected_cb=changed, reconnected_cb=changed, error_cb=troubled,
                **{"reconnect_time_wait": 0.1, "ping_interval": 2, "max_outstanding_pings": 2, **_login(servers),
                   **self._options},
            )  # fmt: skip
        except (TimeoutError, OSError, ValueError, nats.errors.Error) as error:
            trouble = troubles[0] if troubles else error
            raise _unreachable(servers, await self._last_words(servers, trouble)) from error
        connected = True
        connection.options["max_reconnect_attempts"] = -1  # whoever was connected once tries for ever
        server = connection.connected_server_version
        if (server.major, server.minor) < OLDEST:
            await connection.close()
            found = f"its version is {server.major}.{server.minor}"
            raise EngineUnavailable("NATS", found, "2.11 or newer is needed")
        return connection

    async def _last_words(self, servers: list[str], trouble: Exception) -> Exception:
        """Why a server hung up; what it said is lost where it had not read all, so now it is asked step by step."""
        if not isinstance(trouble, ConnectionResetError | BrokenPipeError):
            return trouble

        async def known(error: Exception) -> None: ...

        options = {**self._options, "verbose": True, "allow_reconnect": False, "error_cb": known}
        client = Connection()
        try:
            await client.connect(servers, connect_timeout=3, max_reconnect_attempts=1, **options)
        except (TimeoutError, OSError, ValueError, nats.errors.Error) as error:
            return error
        finally:
            await client.close()
        return trouble

    def _connection_changed(self) -> None:
        """The bus is down for this process while there is no connection at all."""
        if not hasattr(self, "bus") or self.connection.is_closed:
            return
        was, self._broken = self._broken, not self.connection.is_connected
        if self._broken and not was:
            self.clock.leave()  # whatever others send is on its way, and nobody hears of it
        self.clock.happen(self.bus.crash if self._broken else self.bus.restart)
        if was and not self._broken:
            self.clock.come()

    # -- as in a laboratory -------------------------------------------------------------------------------------------

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far, in the words of the laboratory."""
        return self.clock.trace

    def service(self, name: str, *, workers: int = 1, work: Delay = NO_TIME, durable: bool = True) -> Service:
        """A new service on the network and the bus; the options are those of `Service`."""
        return Service(name, self.network, self.bus, workers=workers, work=work, durable=durable)

    def client(self, name: str) -> Client:
        """Somebody new who only sends and asks."""
        return Client(name, self.network, self.bus)

    def store(self, schema: str, *, durable: bool = True) -> PostgresStore:
        """An event store in PostgreSQL, whose watchers hear of what other processes append too."""
        store = PostgresStore(self.engines.postgres, schema, durable=durable)
        self._stores.append(store)
        return store

    def inject(self, *faults: Fault) -> None:
        """Plan faults of this process's services: crashes and cuts. Real ones are done to `engines`."""
        inject(faults, self.network)

    def at(self, when: When, call: Callable[..., object], *arguments: Any) -> None:
        """Plan a call; for a point in time that has passed it happens at once."""
        self.clock.call_at(max(self.clock.now, self.clock.instant(when)), call, *arguments)

    def start(self, work: Coroutine[Any, Any, Any]) -> Task:
        """Let a coroutine of the laboratory's kind run from now on. Its error comes out of `run`."""
        return self.clock.start(work)

    async def run(self, until: When | None = None) -> Trace:
        """Let time pass until all is handled, or until a point in time. It goes on passing afterwards."""
        await self.network.prepared()
        ended = asyncio.Event()
        if until is not None:
            self.at(until, ended.set)
        self.clock.go()
        calm = 0
        while self.clock.failure is None and not ended.is_set() and calm < CALM:
            await self.network.prepared()
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOK)
            calm = calm + 1 if until is None and await self.is_quiet() else 0
        failure, self.clock.failure = self.clock.failure, None
        if failure is not None:
            raise failure
        return self.trace

    async def is_quiet(self) -> bool:
        """Whether nothing is planned and nothing is on its way."""
        still = not self.network.flying and self.clock.on_way == self._broken
        return self.clock.is_over and still and await self.bus.is_idle()

    async def outside(self, work: Awaitable[Any]) -> Any:
        """For a handler: wait for something of asyncio's world, and get what it gives, or its error."""
        signal = self.clock.signal()

        async def do() -> None:
            value, error = None, None
            try:
                value = await work
            except Exception as failure:
                error = failure
            self.clock.happen(signal.set, value, error)
            self.clock.come()

        self.clock.leave()
        self._tasks.append(self.network.loop.create_task(do()))
        return await signal.wait()

    async def _look_for_news(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            for store in self._stores:
                with suppress(Exception):  # a hint alone
                    self.clock.happen(store.news)

    def __repr__(self) -> str:
        names = [name for name in self.network.nodes if name != self.bus.name] if hasattr(self, "bus") else []
        return f"<Runtime {self.name}: {', '.join(names) or 'nobody yet'}; {len(self.trace):,} records>"


def _login(servers: list[str]) -> dict[str, str]:
    """What all addresses say about who we are: nodes that the cluster names later are met with it too."""
    logins = {(parts.username, parts.password) for parts in map(urlsplit, servers)}
    [(user, password), *others] = logins
    if others or user is None:
        return {}
    return {"token": user} if password is None else {"user": user, "password": password}


def _unreachable(servers: list[str], error: Exception) -> EngineUnavailable:
    parts = urlsplit(servers[0])
    said = " ".join(str(error).split()) or type(error).__name__
    remedy = "is it running there? See EVENTLAB_NATS"
    if "uthorization" in said:
        said, remedy = "it does not know this user and password", "look at the address in EVENTLAB_NATS"
    if isinstance(error, SSLCertVerificationError):
        said, remedy = error.verify_message, "name the file of its certificate's authority, see docs/engines.md"
    return EngineUnavailable(f"NATS at {parts.hostname}:{parts.port}", said, remedy)
