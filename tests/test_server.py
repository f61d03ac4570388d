"""The server that the launcher starts, as others see it: without its token, from another page, from elsewhere."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from packaging.version import Version

import workbook
from tests.support import REPO
from tests.support.launcher import starting

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="started in another way there")]
SECRET = "what stands beside the course"


@dataclass
class Server:
    """A running server, and the headers of somebody who may use it."""

    port: int
    token: str
    root: Path

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and content of the answer; `Authorization="…"` and the like are sent as they stand."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, None if body is None else json.dumps(body), names)
            answer = connection.getresponse()
            where = answer.getheader("Location") or ""
            return answer.status, where if answer.status == 302 else answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def handshake(self, path: str, **headers: str) -> int:
        """The status with which the server answers somebody who wants a websocket; 101 is a yes."""
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
        key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            names = {"Host": f"127.0.0.1:{self.port}"} | upgrade | key | headers
            text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in names.items())
            line.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
            first = line.makefile("rb").readline().decode()
        return int(first.split()[1])

    def cookie(self) -> str:
        """What the browser keeps of somebody who has opened the address that the launcher printed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", f"/lab?token={self.token}")
        answer = connection.getresponse()
        kept = [value.split(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
        connection.close()
        assert any(each.startswith("username-") for each in kept)
        return "; ".join(kept)

    @property
    def mine(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("beside") / "course"
    root.mkdir()
    (root.parent / "secret.txt").write_text(SECRET)
    (root / "inside.txt").write_text("what stands in the course")
    with starting(root) as (_, address):
        found = re.search(r":(\d+)/lab/tree/notebooks/00-start-here\.ipynb\?token=([0-9a-f]{48})", address)
        assert found
        yield Server(int(found[1]), found[2], root)


@pytest.fixture(scope="module")
def kernel(server: Server) -> str:
    """A running kernel, which the holder of the token has started."""
    status, answer = server.ask("POST", "/api/kernels", {"name": "python3"}, **server.mine)
    assert status == 201
    return str(json.loads(answer)["id"])


GUARDED = [
    ("GET", "/lab"), ("GET", "/lab/tree/notebooks/00-start-here.ipynb"),
    ("GET", "/api/contents"), ("GET", "/api/contents/notebooks/00-start-here.ipynb"), ("POST", "/api/contents"),
    ("PUT", "/api/contents/inside.txt"), ("PATCH", "/api/contents/inside.txt"), ("DELETE", "/api/contents/inside.txt"),
    ("GET", "/api/contents/inside.txt/checkpoints"), ("POST", "/api/contents/inside.txt/checkpoints"),
    ("GET", "/files/inside.txt"), ("GET", "/view/inside.txt"),
    ("GET", "/nbconvert/html/notebooks/00-start-here.ipynb"), ("POST", "/nbconvert/html"), ("GET", "/api/nbconvert"),
    ("GET", "/api/kernels"), ("POST", "/api/kernels"), ("DELETE", "/api/kernels/KERNEL"),
    ("POST", "/api/kernels/KERNEL/interrupt"), ("POST", "/api/kernels/KERNEL/restart"), ("GET", "/api/kernelspecs"),
    ("GET", "/kernelspecs/python3/kernel.json"), ("GET", "/api/sessions"), ("POST", "/api/sessions"),
    ("GET", "/api/terminals"), ("POST", "/api/terminals"), ("DELETE", "/api/terminals/1"),
    ("GET", "/api/status"), ("GET", "/api/me"), ("GET", "/api/spec.yaml"), ("GET", "/api/config/notebook"),
    ("PUT", "/api/config/notebook"), ("POST", "/api/shutdown"), ("POST", "/api/security/csp-report"),
    ("GET", "/lab/api/settings"), ("PUT", "/lab/api/settings/@jupyterlab/apputils-extension:themes"),
    ("GET", "/lab/api/workspaces"), ("GET", "/lab/api/listings/@jupyterlab/extensionmanager-extension"),
    ("GET", "/lab/api/translations"), ("GET", "/lab/api/extensions"), ("POST", "/lab/api/extensions"),
    ("GET", "/metrics"), ("POST", "/api/events"), ("GET", "/api/contents/.lab"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", [{}, {"Authorization": "token wrong"}, {"Cookie": "username-127=wrong"}], ids=str)
def test_nothing_is_answered_without_the_token(server: Server, kernel: str, wrong: dict[str, str]) -> None:
    odd = {}
    for method, path in GUARDED:
        path = path.replace("KERNEL", kernel)
        body = {"type": "file"} if method in ("POST", "PUT", "PATCH") else None
        status, said = server.ask(method, path, body, **wrong)
        # A page that a person opens sends them to the form that asks for the token; everything else is forbidden.
        if status != 403 and not (status == 302 and said.startswith("/login?")):
            odd[f"{method} {path}"] = status, said[:80]
    assert odd == {}, "answered"
    assert (server.root / "inside.txt").read_text() == "what stands in the course"
    assert sorted(path.name for path in server.root.glob("[!.]*")) == ["inside.txt", "notebooks", "workbook.py"]
    kernels = json.loads(server.ask("GET", "/api/kernels", **server.mine)[1])
    assert [each["id"] for each in kernels] == [kernel]


def test_the_token_opens_what_is_closed_without_it(server: Server, kernel: str) -> None:
    for path in ("/lab", "/api/contents", "/files/inside.txt", "/api/kernels", "/api/sessions", "/api/terminals"):
        assert server.ask("GET", path, **server.mine)[0] == 200, path
        assert server.ask("GET", path)[0] in (302, 403), path


CHANNELS = ["/api/kernels/KERNEL/channels", "/terminals/websocket/1", "/api/events/subscribe"]


@pytest.mark.parametrize("path", CHANNELS)
def test_a_websocket_needs_the_token_and_a_page_of_this_server(server: Server, kernel: str, path: str) -> None:
    if path.startswith("/terminals"):
        name = json.loads(server.ask("POST", "/api/terminals", {}, **server.mine)[1])["name"]
        path = f"/terminals/websocket/{name}"
    path, own = path.replace("KERNEL", kernel), f"http://127.0.0.1:{server.port}"
    assert server.handshake(path, Origin=own) == 403
    assert server.handshake(f"{path}?token=wrong", Origin=own) == 403
    cookie = server.cookie()
    for origin in ("http://evil.example", f"http://localhost:{server.port}", "http://127.0.0.1:1", "null"):
        assert server.handshake(path, Origin=origin, Cookie=cookie) == 403, origin
    assert server.handshake(path, Origin=own, Cookie=cookie) == 101, "what the course's own page does"


def test_a_foreign_page_may_not_write_where_somebody_has_logged_in(server: Server) -> None:
    foreign = {"Cookie": server.cookie(), "Origin": "http://evil.example"}
    for method, path in (("POST", "/api/contents"), ("PUT", "/api/contents/inside.txt"), ("POST", "/api/kernels")):
        assert server.ask(method, path, {"type": "file"}, **foreign)[0] in (403, 404), path
    assert server.ask("DELETE", "/api/contents/inside.txt", **foreign)[0] in (403, 404)
    assert server.ask("GET", "/lab", Cookie=foreign["Cookie"])[0] == 200, "the cookie is good"
    assert [path.read_text() for path in server.root.glob("*.txt")] == ["what stands in the course"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "192.0.2.1", "127.0.0.1.evil.example"])
def test_a_foreign_name_for_this_machine_is_refused_even_with_the_token(server: Server, host: str) -> None:
    assert server.ask("GET", "/api/contents", Host=host, **server.mine)[0] == 403
    assert server.ask("GET", "/api/contents", Host=f"127.0.0.1:{server.port}", **server.mine)[0] == 200


OUT = [
    "/files/../secret.txt", "/files/..%2fsecret.txt", "/files/%2e%2e/secret.txt", "/files/%2e%2e%2fsecret.txt",
    "/files/notebooks/../../secret.txt", "/files/notebooks/..%2f..%2fsecret.txt", "/files//SECRET", "/files/%2fSECRET",
    "/files/..%5csecret.txt", "/files/..%c0%afsecret.txt", "/files/inside.txt/../../secret.txt",
    "/api/contents/../secret.txt", "/api/contents/..%2fsecret.txt", "/api/contents/%2e%2e%2fsecret.txt",
    "/api/contents//SECRET", "/api/contents/%2fSECRET", "/view/..%2fsecret.txt", "/nbconvert/html/..%2fsecret.txt",
    "/static/../../secret.txt", "/static/..%2f..%2fsecret.txt", "/lab/api/settings/..%2f..%2fsecret.txt",
]  # fmt: skip


@pytest.mark.parametrize("path", OUT)
def test_no_path_leads_out_of_the_course(server: Server, path: str) -> None:
    path = path.replace("SECRET", str(server.root.parent / "secret.txt").lstrip("/"))
    status, said = server.ask("GET", path, **server.mine)
    assert SECRET not in said
    assert status >= 300
    assert server.ask("GET", "/files/inside.txt", **server.mine) == (200, "what stands in the course")


def test_what_is_hidden_is_not_served(server: Server) -> None:
    (server.root / ".hidden").write_text(SECRET)
    status, said = server.ask("GET", "/files/.hidden", **server.mine)
    assert (status, SECRET in said) == (404, False)


# Where it listens --------------------------------------------------------------------------------------------------


def listening(port: int) -> set[str]:
    """The addresses at which this machine listens on a port, as Linux writes them."""
    found = set()
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(name).read_text().splitlines()[1:] if Path(name).exists() else []:
            _, local, _, state, *_ = line.split()
            if state == "0A" and int(local.split(":")[1], 16) == port:
                found.add(local.split(":")[0])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_listens_to_this_machine_alone(server: Server) -> None:
    assert listening(server.port) == {"0100007F"}
    with socket.socket() as open_to_all:  # the control
        open_to_all.bind(("0.0.0.0", 0))
        open_to_all.listen()
        assert listening(open_to_all.getsockname()[1]) == {"00000000"}


# What would open it ------------------------------------------------------------------------------------------------


def test_the_same_questions_find_a_server_without_a_token(tmp_path: Path) -> None:
    """The control: answered with 200, so a server that asks for nothing would not pass above."""
    (tmp_path / "course").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "course" / "a.ipynb")
    port = workbook.pick_port(0)
    open_to_all = ["--IdentityProvider.token=", "--ServerApp.allow_origin=*", "--ServerApp.allow_remote_access=True"]
    with workbook.serving(Path(sys.executable), tmp_path / "course", tmp_path / "own", port, "", open_to_all):
        server = Server(port, "", tmp_path / "course")
        for path in ("/lab", "/api/contents", "/api/kernels", "/api/sessions", "/api/terminals", "/metrics"):
            assert server.ask("GET", path)[0] == 200, path
        assert server.ask("GET", "/api/contents", Host="evil.example")[0] == 200
        assert server.handshake("/api/events/subscribe", Origin="http://evil.example") == 101


def test_versions_with_known_holes_are_not_locked() -> None:
    lock = (REPO / "requirements.lock").read_text("utf-8")
    for name, least in {"jupyter-server": "2.20", "nbconvert": "7.17.1"}.items():
        (locked,) = re.findall(rf"^{name}==(\S+)", lock, flags=re.MULTILINE)
        assert Version(locked) >= Version(least), name


OPENS = re.compile(
    r"token\s*=\s*(?:''|\"\"|$)|token=\s|--no-auth|disable_check_xsrf|allow_origin|allow_unauthenticated|allow_remote_access"
    r"|--ip[ =](?:0\.0\.0\.0|\*)|ServerApp\.ip=(?!127\.0\.0\.1)|password\s*=\s*(?:''|\"\")",
    re.MULTILINE,
)


def told() -> list[Path]:
    """Everything that tells people how to start the course, and the launcher itself."""
    pages = [
        *REPO.glob("*.md"),
        *(REPO / "docs").rglob("*.md"),
        *REPO.glob("*.yml"),
        *(REPO / "notebooks").glob("*.ipynb"),
    ]
    return [*pages, REPO / "workbook.py", *(REPO / ".ci").glob("*")]


def test_nobody_is_told_to_open_the_server() -> None:
    assert len(told()) > 8
    for path in told():
        assert OPENS.findall(path.read_text("utf-8")) == [], path.name
    for planted in ("jupyter lab --IdentityProvider.token=''", "jupyter lab --NotebookApp.token= --port 1",
                    "jupyter lab --ip=0.0.0.0", "c.ServerApp.allow_origin = '*'"):  # fmt: skip
        assert OPENS.search(planted), planted
