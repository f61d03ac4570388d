"""A user's own engines over TLS: their authority is named once, and what it did not sign is refused in one sentence."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")
pytest.importorskip("cryptography", reason="cryptography is not installed")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from eventlab.engines import Engines, EngineUnavailable, programs
from eventlab.engines.postgres import PostgresStore
from eventlab.engines.runtime import Runtime
from eventlab.engines.servers import LOOPBACK, Guardian, Server, free_ports
from eventlab.errors import StoreUnavailable
from eventlab.event import Event

DAY = datetime.timedelta(days=1)


def certificate(folder: Path, name: str) -> Path:
    """A certificate for 127.0.0.1, signed by itself, with its key beside it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / f"{name}.key").write_bytes(key.private_bytes(form, kind, serialization.NoEncryption()))
    (folder / f"{name}.pem").write_bytes(made.public_bytes(form))
    return folder / f"{name}.pem"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[str]:
    """The address of a node that wants TLS and a password."""
    signed, (port,), guard = certificate(tmp_path, "signed"), free_ports(1), Guardian()
    lines = (
        f'listen: "{LOOPBACK}:{port}"', 'authorization { user: "shop", password: "opensesame" }',
        f'jetstream {{ store_dir: "{tmp_path.as_posix()}/js" }}',
        f'tls {{ cert_file: "{signed.as_posix()}", key_file: "{signed.with_suffix(".key").as_posix()}" }}',
    )  # fmt: skip
    (tmp_path / "nats.conf").write_text("\n".join(lines))
    command = [str(programs.nats_server()), "-c", str(tmp_path / "nats.conf")]
    server = Server("NATS", "node", command, port, tmp_path / "log", guard)
    try:
        server.start()
        yield f"tls://shop:opensesame@{LOOPBACK}:{port}"
    finally:
        server.kill()
        guard.close()


async def heard_over(url: str, authority: Path, real: Engines) -> list[str]:
    """What a service hears that another one published, over TLS."""
    heard = list[str]()
    options: dict[str, Any] = {"tls": ssl.create_default_context(cafile=os.fspath(authority))}
    async with Runtime(Engines(url, real.postgres), "secure", replicas=1, options=options) as runtime:
        runtime.service("mail").on("order.*", lambda event: heard.append(event.id), durable="mail")
        runtime.at(0, runtime.service("shop").publish, Event("order.placed", {}, "1", id="one"))
        await runtime.run()
    return heard


def within(work: Coroutine[Any, Any, list[str]]) -> list[str]:
    return asyncio.run(asyncio.wait_for(work, 60))


def test_events_travel_over_tls_to_whoever_names_the_authority_and_the_password(
    node: str, real: Engines, tmp_path: Path
) -> None:
    assert within(heard_over(node, tmp_path / "signed.pem", real)) == ["one"]
    for url, authority, words in (
        (node, certificate(tmp_path, "stranger"), "self-signed certificate; name the file"),
        (node.replace("opensesame", "open"), tmp_path / "signed.pem", "user and password"),
    ):
        with pytest.raises(EngineUnavailable, match=words) as caught:
            within(heard_over(url, authority, real))
        assert "shop" not in str(caught.value)


# -- PostgreSQL: that of the package is built without TLS, so a proxy ends it in front of the server -------------------


def passed_on(client: ssl.SSLSocket, server: socket.socket) -> None:
    """All that comes from one side goes to the other, until either hangs up."""
    with client, server, suppress(OSError):
        while True:
            for each in select.select([client, server], [], [])[0]:
                if not (content := each.recv(65_536)):
                    return
                (server if each is client else client).sendall(content)


def proxied(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Answer each client as a PostgreSQL that speaks TLS does, and hand on what it says to the one at `port`."""
    with suppress(OSError):
        while True:
            with listening.accept()[0] as plain, suppress(OSError):  # whoever believes no certificate hangs up
                plain.recv(8)  # it asks whether it may speak TLS
                plain.sendall(b"S")
                sides = context.wrap_socket(plain, server_side=True), socket.create_connection((LOOPBACK, port))
                threading.Thread(target=passed_on, args=sides, daemon=True).start()


@pytest.fixture
def secure_database(real: Engines, tmp_path: Path) -> Iterator[str]:
    """The address of PostgreSQL behind TLS."""
    signed, where = certificate(tmp_path, "signed"), urlsplit(real.postgres)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, signed.with_suffix(".key"))
    with socket.create_server((LOOPBACK, 0)) as listening:
        threading.Thread(target=proxied, args=(listening, context, where.port), daemon=True).start()
        port = listening.getsockname()[1]
        yield f"postgresql://{where.username}:{where.password}@{LOOPBACK}:{port}{where.path}?sslmode=verify-full"
        listening.shutdown(socket.SHUT_RDWR)


def test_a_store_speaks_tls_with_a_server_that_its_authority_signed_and_with_no_other(
    secure_database: str, tmp_path: Path, new_name: Callable[[], str]
) -> None:
    trusted, stranger = f"sslrootcert={tmp_path / 'signed.pem'}", f"sslrootcert={certificate(tmp_path, 'stranger')}"
    with PostgresStore(f"{secure_database}&{trusted}", new_name(), durable=False) as store:
        assert store.append("s", Event("noted", {}, id="e-1")).position == 1
    with pytest.raises(StoreUnavailable, match=r"certificate.*name the certificate of its authority") as caught:
        PostgresStore(f"{secure_database}&{stranger}")
    assert str(urlsplit(secure_database).password) not in str(caught.value)
