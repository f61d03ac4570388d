"""The doors of a submission's process that only some systems have: no network, and a user of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import REPO

CONNECT = """
import ctypes, socket, sys
from eventlab.classroom import limits
if sys.argv[1] == "closed" and not limits._own_network(ctypes.CDLL(None)):
    print("not permitted"); sys.exit()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[2])), 5).close(); print("connected")
except OSError as problem:
    print("refused")
"""
READ = """
import os, sys
from eventlab.classroom import limits
print(open(sys.argv[1]).read())
print(limits._own_user(["/usr"]), os.geteuid())
for attempt in (lambda: open(sys.argv[1]), os.fork):
    try:
        attempt(); print("done")
    except OSError as problem:
        print(type(problem).__name__)
"""


def said(program: str, *arguments: str) -> list[str]:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_there_is_no_network_where_the_system_lets_us_leave_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert said(CONNECT, "open", port) == ["connected"]
        found = said(CONNECT, "closed", port)
    if found == ["not", "permitted"]:
        pytest.skip("this system permits no namespace of one's own: grading says so")
    assert found == ["refused"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_nobody_who_reads_no_private_file_and_starts_no_process(tmp_path: Path) -> None:
    path = tmp_path / "private.txt"
    path.write_text("private")
    path.chmod(0o600)
    assert said(READ, str(path)) == ["private", "True", "65534", "PermissionError", "BlockingIOError"]
