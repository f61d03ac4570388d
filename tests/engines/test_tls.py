"""A user's own cluster over TLS: its authority is named once, and what it did not sign is refused in one sentence."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import os
import ssl
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")
pytest.importorskip("cryptography", reason="cryptography is not installed")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from eventlab.engines import Engines, EngineUnavailable, programs
from eventlab.engines.runtime import Runtime
from eventlab.engines.servers import LOOPBACK, Guardian, Server, free_ports
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
