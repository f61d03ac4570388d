"""Real engines on this machine: three nodes of NATS JetStream and one PostgreSQL, from the wheels, without Docker.

    with engines.local() as engines:
        engines.nats, engines.postgres      addresses, with passwords of their own
        engines.nodes[0].kill()             kill -9

Everything listens on loopback alone, in a folder that only this user may read. It ends with this process, whatever
happens to that. `EVENTLAB_NATS` and `EVENTLAB_POSTGRES` name the user's own engines instead.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from eventlab import borders
from eventlab.door import door, door_but
from eventlab.engines import programs
from eventlab.engines.errors import EngineUnavailable
from eventlab.engines.servers import LOOPBACK, Guardian, Server, as_user, free_ports, is_root
from eventlab.errors import Invalid

NOBODY = "nobody"  # whom root lets run PostgreSQL, which refuses root itself
USER = "eventlab"
TRIES = 3  # ports that were free a moment ago may be taken
SETTINGS = {
    "listen_addresses": LOOPBACK, "unix_socket_directories": "", "fsync": "on", "max_connections": "60",
    "shared_buffers": "32MB", "password_encryption": "scram-sha-256",
}  # fmt: skip


class Engines:
    """The addresses of a JetStream cluster and of PostgreSQL, and the servers behind them if they were started here."""

    @door
    def __init__(self, nats: str, postgres: str) -> None:
        self.nats, self.postgres = nats, postgres  # they hold passwords: never shown
        self.nodes: list[Server] = []
        self.database: Server | None = None
        self.folder: Path | None = None
        self.kept = False  # whether the folder is the user's, and stays
        self._guard: Guardian | None = None
        self._password_file: Path | None = None

    def __repr__(self) -> str:
        places = " and ".join(urlsplit(url.split(",")[0]).hostname or "?" for url in (self.nats, self.postgres))
        return f"<Engines: {len(self.nodes) or 'own'} nodes of NATS, PostgreSQL, at {places}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the servers that were started here and remove their temporary folder; twice is harmless."""
        for server in (*self.nodes, *([self.database] if self.database else [])):
            server.stop() if self.kept else server.kill()  # where nothing is kept, nothing need be put in order
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.close()  # which removes the folder


@door_but("nodes")
def local(folder: str | Path | None = None, *, nodes: int = 3, durable: bool = False) -> Engines:
    """Start a JetStream cluster and PostgreSQL in about two seconds; in a `folder` of yours what they hold is kept.

    `durable`: each acknowledged event is on the disk of its nodes, so that it outlives a power cut of all of them;
    otherwise it outlives the death of any process, and of any one machine.
    """
    if nodes.__class__ is not int or nodes not in (1, 3, 5):
        raise Invalid("nodes", where="engines.local", expected="1, 3 or 5: a majority must be left", found=nodes)
    own_nats, own_postgres = os.environ.get("EVENTLAB_NATS", ""), os.environ.get("EVENTLAB_POSTGRES", "")
    made = Engines(own_nats, own_postgres)
    if own_nats and own_postgres:
        return made
    try:
        home = _home(made, folder)
        if not own_nats:
            _again(lambda: _start_nats(made, home, nodes, durable))
        if not own_postgres:
            _again(lambda: _start_postgres(made, home))
    except BaseException:
        made.close()
        raise
    return made


def _home(made: Engines, folder: str | Path | None) -> Path:
    """The folder of the engines, readable for nobody else, and the guardian who ends them."""
    made._guard = Guardian()
    if folder is None:
        home = Path(tempfile.mkdtemp(prefix="eventlab-engines-"))
        made._guard.tell(f"folder {home}")
    else:
        named = borders.text(os.fspath(folder), "folder", where="engines.local", least=1, plain=True)
        home, made.kept = Path(named).resolve(), True
        home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711 if is_root() else 0o700)  # root's PostgreSQL runs as another user, who has to pass
    made.folder = home
    return home


def _again(start: Callable[[], None]) -> None:
    for number in range(TRIES):
        try:
            start()
            return
        except EngineUnavailable as error:
            if number == TRIES - 1 or "in use" not in str(error).lower():
                raise


def _start_nats(made: Engines, home: Path, count: int, durable: bool) -> None:
    program = programs.nats_server()
    assert made._guard is not None
    ports, password = free_ports(2 * count), _password(home / "nats.password")
    routes = [f"nats-route://{USER}:{password}@{LOOPBACK}:{port}" for port in ports[count:]]
    made.nodes = []
    for n, (port, route) in enumerate(zip(ports[:count], ports[count:], strict=True), 1):
        name = f"node-{n}"
        place = home / name
        place.mkdir(exist_ok=True)
        place.chmod(0o700)
        lines = [
            f'server_name: "{name}"', f'listen: "{LOOPBACK}:{port}"',
            f'authorization {{ user: "{USER}", password: "{password}" }}',
            f'jetstream {{ store_dir: "{place.as_posix()}"{", sync_interval: always" if durable else ""} }}',
        ]  # fmt: skip
        if count > 1:
            others = ", ".join(f'"{each}"' for each in routes)
            own = f'authorization {{ user: "{USER}", password: "{password}" }}'
            lines.append(f'cluster {{ name: "eventlab", listen: "{LOOPBACK}:{route}", {own}, routes: [{others}] }}')
        _write_secret(place / "nats.conf", "\n".join(lines) + "\n")
        command = [str(program), "-c", str(place / "nats.conf")]
        made.nodes.append(Server("NATS", name, command, port, place / "log", made._guard))
    for node in made.nodes:
        node.begin()
    for node in made.nodes:
        node.start()
    made.nats = ",".join(f"nats://{USER}:{password}@{LOOPBACK}:{port}" for port in ports[:count])


def _start_postgres(made: Engines, home: Path) -> None:
    place, password = home / "postgres", _password(home / "postgres.password")
    assert made._guard is not None
    user = NOBODY if is_root() else None
    data = place / "data"
    if not (data / "PG_VERSION").exists():
        _init(place, data, password, user)
    (port,) = free_ports(1)
    command = [str(programs.postgres("postgres")), "-D", str(data), "-p", str(port)]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    made.postgres = f"postgresql://postgres:{password}@{LOOPBACK}:{port}/postgres"
    made.database = Server(
        "PostgreSQL", "database", command, port, place / "log", made._guard, user=user,
        answers=lambda: _greet(made.postgres),
    )  # fmt: skip
    made.database.start()


def _init(place: Path, data: Path, password: str, user: str | None) -> None:
    """Make the files of a database, all or none. PostgreSQL refuses to run as root: then they belong to `nobody`."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    secret = place / "password"
    _write_secret(secret, password)
    if user is not None:
        for each in (place, secret):
            shutil.chown(each, user)
    place.chmod(0o700)
    command = [str(programs.postgres("initdb")), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C",
               "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--no-instructions"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=place, **as_user(user))
    secret.unlink(missing_ok=True)
    if done.returncode:
        shutil.rmtree(place, ignore_errors=True)
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise EngineUnavailable("PostgreSQL", f"its files cannot be made ({''.join(words)})", "try another folder")


def _greet(url: str) -> None:
    import psycopg

    psycopg.connect(url, connect_timeout=5).close()


def _password(path: Path) -> str:
    """The password that stands in a file, made if there is none."""
    if not path.exists():
        _write_secret(path, secrets.token_urlsafe(24))
    return path.read_text("ascii").strip()


def _write_secret(path: Path, text: str) -> None:
    """A file for this user's eyes alone, from its first byte on."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
