"""The parts of others that the live pages are made of: fetched by npm and pip, and kept only with the right hash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

LOCK = Path(__file__).with_name("parts.lock")
WASM = "pyemscripten_2026_0_wasm32"
PYTHON = "3.14"
PATIENCE = 300  # seconds for one part


@dataclass(frozen=True)
class Part:
    """A line of the lock: kind ("npm", "pure" or "wasm"), name and version, the file's name, and its hash."""

    kind: str
    name: str
    version: str
    file: str
    sha256: str


def parts() -> list[Part]:
    """All parts that the lock names."""
    lines = LOCK.read_text("utf-8").splitlines()
    return [Part(*line.split()) for line in lines if line and not line.startswith("#")]


def kept_in() -> Path:
    """The folder in which parts are kept between two builds: EVENTLAB_PARTS, or one in the user's cache."""
    named = os.environ.get("EVENTLAB_PARTS", "")
    cache = os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache"
    return Path(named) if named else Path(cache) / "eventlab" / "parts"


def fetch(*kinds: str) -> dict[str, Path]:
    """The files of the parts of these kinds (default: of all) by name; what is not kept yet is fetched."""
    return {part.name: kept(part) for part in parts() if not kinds or part.kind in kinds}


def kept(part: Part) -> Path:
    """The file of one part, which may be another one than the lock names."""
    folder = kept_in()
    folder.mkdir(parents=True, exist_ok=True)
    return _kept(part, folder)


def _kept(part: Part, folder: Path) -> Path:
    """The part's file; one that is not as the lock says is fetched anew, and if it still is not, refused."""
    path = folder / part.file
    if path.is_file() and _hash(path) == part.sha256:
        return path
    with tempfile.TemporaryDirectory(dir=folder) as room:
        done = subprocess.run(_command(part, room), cwd=room, capture_output=True, text=True, timeout=PATIENCE)
        got = Path(room) / part.file
        if done.returncode or not got.is_file():
            raise SystemExit(f"{part.name} {part.version} could not be fetched:\n{done.stderr[-2000:]}")
        if (found := _hash(got)) != part.sha256:
            raise SystemExit(f"{part.file} has the hash {found}, not that of parts.lock: it is not used")
        os.replace(got, path)
    return path


def _command(part: Part, room: str) -> list[str]:
    if part.kind == "npm":
        return [shutil.which("npm") or "npm", "pack", "--silent", f"{part.name}@{part.version}"]
    platform = ["--platform", WASM, "--abi", "cp314"] if part.kind == "wasm" else ["--platform", "any"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", room]
    version = ["--implementation", "cp", "--python-version", PYTHON]
    return [*pip, *platform, *version, f"{part.name}=={part.version}"]


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
