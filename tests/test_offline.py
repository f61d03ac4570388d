"""The tests and the kernels of the notebooks have no network: shown by a kernel that tries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

TRIES = {
    "connection": "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)",
    "name": "import socket; socket.getaddrinfo('example.org', 80)",
    "page": "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=5)",
    "datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
}


@pytest.mark.parametrize("attempt", TRIES)
def test_a_program_that_asks_another_machine_is_refused_before_anything_is_sent(attempt: str) -> None:
    run = subprocess.run([sys.executable, "-c", TRIES[attempt]], capture_output=True, text=True, check=False)
    assert "the tests have no network" in run.stderr


def test_a_program_may_talk_to_this_machine() -> None:
    talk = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    subprocess.run([sys.executable, "-W", "ignore", "-c", talk], check=True)


def test_a_cell_that_asks_another_machine_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TRIES["page"])])
    with pytest.raises(CellExecutionError, match="the tests have no network"):
        NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()


def test_the_kernels_of_this_run_inherit_it() -> None:
    assert Path(os.environ["PYTHONPATH"].split(os.pathsep)[0], "sitecustomize.py").exists()
