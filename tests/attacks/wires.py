"""Wires between processes that can be cut: proxies on loopback, each from one port to another.

A wire that is `held` carries nothing, and nobody is told, as on a network that drops what it gets; what was on it goes
on when it is mended. One that is `broken` ends all connections and refuses new ones, as a firewall that says no.
"""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from eventlab.engines import Engines
from eventlab.engines.servers import LOOPBACK

WHOLE, HELD, BROKEN = "whole", "held", "broken"
CHUNK = 65_536
LOOK = 0.02  # seconds between two looks at what a wire shall be
NOWHERE = f"{LOOPBACK}:1"  # what a node tells others to be its address, so that they keep to the wires


class Wire:
    """From a port of its own to another port; `state` may change at any time."""

    def __init__(self, to: int) -> None:
        self.to, self.state = to, WHOLE
        self._door = socket.create_server((LOOPBACK, 0))
        self._door.setblocking(False)
        self.port = int(self._door.getsockname()[1])
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End its connections and its thread."""
        self._over = True
        self._thread.join()

    @property
    def connections(self) -> int:
        """How many go over it at present."""
        return len(self._pairs) // 2

    def _run(self) -> None:
        with selectors.DefaultSelector() as self._waits:
            self._waits.register(self._door, selectors.EVENT_READ)
            while not self._over:
                for key, _ in self._waits.select(LOOK) if self.state == WHOLE else self._nothing():
                    self._carry(key.fileobj)  # type: ignore[arg-type]
            self._end_all()
            self._door.close()

    def _nothing(self) -> list[tuple[selectors.SelectorKey, int]]:
        """What a cut wire does: nothing, or it ends what comes."""
        if self.state == BROKEN:
            self._end_all()
            with suppress(BlockingIOError):
                self._door.accept()[0].close()
        time.sleep(LOOK)
        return []

    def _carry(self, here: socket.socket) -> None:
        if here is self._door:
            self._join(here.accept()[0])
        elif here in self._pairs:
            try:
                content = here.recv(CHUNK)
                self._pairs[here].sendall(content)
            except OSError:
                content = b""
            if not content:
                self._end(here)

    def _join(self, one: socket.socket) -> None:
        try:
            other = socket.create_connection((LOOPBACK, self.to), 1)
        except OSError:
            one.close()
            return
        for here, there in ((one, other), (other, one)):
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            here.settimeout(5)
            self._pairs[here] = there
            self._waits.register(here, selectors.EVENT_READ)

    def _end(self, here: socket.socket) -> None:
        for each in (here, self._pairs.pop(here)):
            self._pairs.pop(each, None)
            self._waits.unregister(each)
            each.close()

    def _end_all(self) -> None:
        while self._pairs:
            self._end(next(iter(self._pairs)))


class Wired:
    """A cluster of JetStream whose nodes reach one another, and are reached by clients, over wires alone."""

    def __init__(self, running: Engines) -> None:
        self.running, names = running, [node.name for node in running.nodes]
        assert running.folder is not None
        self._conf = {name: running.folder / name / "nats.conf" for name in names}
        ports = {name: _port_of_routes(path) for name, path in self._conf.items()}
        self.routes = {(a, b): Wire(ports[b]) for a in names for b in names if a != b}
        self.doors = {node.name: Wire(node.port) for node in running.nodes}
        for node in running.nodes:
            node.kill()
            self._rewrite(node.name)
            node.begin()
        for node in running.nodes:
            node.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        for wire in (*self.routes.values(), *self.doors.values()):
            wire.close()

    @property
    def nats(self) -> str:
        """The addresses for clients."""
        url = self.running.nats
        for node in self.running.nodes:
            url = url.replace(f":{node.port}", f":{self.doors[node.name].port}")
        return url

    def _rewrite(self, name: str) -> None:
        path = self._conf[name]
        text = path.read_text()
        login = re.search(r"nats-route://(\S+?)@", text)[1]  # type: ignore[index]
        mine = [wire for (one, _), wire in self.routes.items() if one == name]
        wires = ", ".join(f'"nats-route://{login}@{LOOPBACK}:{wire.port}"' for wire in mine)
        text = re.sub(r"routes: \[.*?\]", f'routes: [{wires}], advertise: "{NOWHERE}"', text)
        path.write_text(f'client_advertise: "{LOOPBACK}:{self.doors[name].port}"\n{text}')

    def set_routes(self, name: str, state: str) -> None:
        """Cut a node from the others, or join it again."""
        for ends, wire in self.routes.items():
            if name in ends:
                wire.state = state


def _port_of_routes(path: Path) -> int:
    return int(re.search(r'cluster \{.*?listen: "127.0.0.1:(\d+)"', path.read_text())[1])  # type: ignore[index]
