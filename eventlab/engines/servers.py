"""Servers as processes of this one: started, watched until they answer, ended, or killed on purpose."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from eventlab.engines import guardian
from eventlab.engines.errors import EngineUnavailable

LOOPBACK = "127.0.0.1"
PATIENCE = 30.0  # seconds for a server to answer


def is_root() -> bool:
    """Whether this process is the administrator of a Unix system."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def as_user(name: str | None) -> dict[str, Any]:
    """What `subprocess` needs to run a program as another user (only root may); nothing if there is none."""
    if name is None:
        return {}
    import pwd  # not on Windows

    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


class Guardian:
    """Another process that ends the servers should this one end without doing so."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", guardian.__file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def tell(self, line: str) -> None:
        """One line of its input."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """Let it end whatever is left, and end."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.wait()


class Server:
    """One server: a command, the port on loopback where it answers, and the file of what it has to say."""

    def __init__(
        self, engine: str, name: str, command: Sequence[str], port: int, log: Path, guard: Guardian, *,
        user: str | None = None, answers: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
        self.engine, self.name, self.port, self.log = engine, name, port, log
        self._command, self._guard, self._user = list(command), guard, user
        self._answers = answers or self._connect
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"<{self.engine} {self.name} on port {self.port}: {'up' if self.up else 'down'}>"

    @property
    def up(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of its process; 0 if there is none."""
        return self._process.pid if self._process is not None and self.up else 0

    def begin(self) -> None:
        """Start it, and do not wait."""
        if self.up:
            return
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                cwd=self.log.parent, **as_user(self._user),
            )  # fmt: skip
        self._guard.tell(f"pid {self._process.pid}")

    def start(self, patience: float = PATIENCE) -> None:
        """Start it, and wait until it answers; `EngineUnavailable` says what it wrote if it does not."""
        end = time.monotonic() + patience
        self.begin()
        while True:
            try:
                self._answers()
                return
            except Exception as error:
                if not self.up and time.monotonic() < end - patience + 5 and "still in use" in self._last_words():
                    time.sleep(0.1)  # killed a moment ago: what belonged to it is still ending
                    self.begin()
                elif not self.up or time.monotonic() > end:
                    self.kill()
                    raise EngineUnavailable(
                        f"{self.engine} {self.name}", f"it did not start: {self._last_words() or error}",
                        f"see {self.log}; another port may help",
                    ) from None  # fmt: skip
            time.sleep(0.01)

    def stop(self) -> None:
        """End it in order; PostgreSQL does not wait for its clients then."""
        self._end(signal.SIGINT if self.engine == "PostgreSQL" else signal.SIGTERM)

    def kill(self) -> None:
        """kill -9."""
        self._end(getattr(signal, "SIGKILL", signal.SIGTERM))

    def pause(self) -> None:
        """Stop the clock of its process, as a machine that hangs (not on Windows)."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, number: int) -> None:
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate() if sys.platform == "win32" else process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._guard.tell(f"gone {process.pid}")

    def _connect(self) -> None:
        with closing(socket.create_connection((LOOPBACK, self.port), 0.5)):
            pass

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = [line for line in self.log.read_text("utf-8", "replace").splitlines() if line.strip()]
            signs = "FATAL", "[FTL]", "[ERR]"
            telling = [line for line in lines[-10:] if any(sign in line for sign in signs)]
            taken = [line for line in lines[-10:] if "already in use" in line]  # PostgreSQL's last word is another one
            return (taken or telling or lines or [""])[-1][-300:].strip()
        return ""


def free_ports(count: int) -> list[int]:
    """So many ports on loopback that nobody uses at present."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
