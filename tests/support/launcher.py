"""A course to start: an outline of the project in its own folder, real starts of it, and code run in its kernels."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import nbformat
import websocket

from tests.support import REPO

LAUNCHER = REPO / "workbook.py"


def outline(folder: Path) -> Path:
    """The launcher and an empty notebook in a folder: enough to be started."""
    (folder / "notebooks").mkdir(parents=True)
    shutil.copy(LAUNCHER, folder)
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebooks" / "00-start-here.ipynb")
    return folder


def course(folder: Path, *packages: str) -> Path:
    """An outline with a package `eventlab` that needs nothing, and a lock that names tiny packages beside it."""
    outline(folder)
    (folder / "eventlab").mkdir()
    (folder / "eventlab" / "__init__.py").write_text("here = True\n")
    (folder / "requirements.lock").write_text("".join(wheel(folder, name) for name in packages))
    return folder


def wheel(folder: Path, name: str, module: str = "") -> str:
    """A package with one module, made in a folder; its line in a lock."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    information = f"{name}-1.0.dist-info/"
    files = {
        f"{name}.py": module,
        f"{information}METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{information}WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{information}RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{information}RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@contextmanager
def starting(
    folder: Path, settings: Mapping[str, str] | None = None, before: Sequence[str] = ()
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`workbook.py --no-browser`, running in `folder` (on an outline, if it is empty), and the address it printed."""
    if not (folder / "workbook.py").exists():
        outline(folder)
    process = subprocess.Popen(
        [*before, sys.executable, str(folder / "workbook.py"), "--no-browser"],
        env={**os.environ, "EVENTLAB_VENV": sys.prefix, **(settings or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in process.stdout or []:
            lines.put(line)
        lines.put("")  # the end

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        seen = ""
        while not (match := re.search(r"http://127\.0\.0\.1:\S+", seen)):
            line = lines.get(timeout=60)
            assert line, f"it ended without printing an address:\n{seen}"
            seen += line
        yield process, match.group()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # it ends its server too, which a kill would leave running
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(10)
        if process.stdout:
            process.stdout.close()


def run_in_kernel(address: str, code: str) -> str:
    """What code prints in a new kernel of a running course, whose address (with its token) is given."""
    base, token = re.fullmatch(r"(http://[^/]+)/.*\?token=(\w+)", address).groups()  # type: ignore[union-attr]
    authorization = {"Authorization": f"token {token}"}
    wanted = json.dumps({"name": "python3", "path": "notebooks"}).encode()
    request = urllib.request.Request(f"{base}/api/kernels", wanted, authorization, method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        kernel = json.load(answer)["id"]
    place = f"{base.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
    with closing(websocket.create_connection(place, timeout=60, header=authorization, origin=base)) as channel:
        header = {"msg_id": "1", "msg_type": "execute_request", "username": "", "session": "1", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        channel.send(json.dumps(message))
        printed = ""
        while True:
            heard = json.loads(channel.recv())
            if heard["msg_type"] == "stream":
                printed += heard["content"]["text"]
            elif heard["msg_type"] == "error":
                return "\n".join(heard["content"]["traceback"])
            elif heard["msg_type"] == "status" and heard["content"]["execution_state"] == "idle":
                if heard["parent_header"].get("msg_type") == "execute_request":
                    return printed
