"""A connection to NATS that closes what it gives up, before it opens the next one."""

from __future__ import annotations

from typing import Any

from nats.aio.client import Client as Nats
from nats.aio.transport import TcpTransport


class Connection(Nats):
    """The client of NATS as it is, but for one thing.

    The client tries the next server when one accepts it and then says nothing that it understands, as a node may that
    is just dying or just starting; the socket to the first one it forgets, open, until it is collected as garbage.
    """

    async def _connect_to_server(self, s: Any) -> None:
        if isinstance(self._transport, TcpTransport):
            self._transport.close()  # type: ignore[no-untyped-call]  # harmless if it is closed
        await super()._connect_to_server(s)
