"""Compile what a browser would compile at every visit: Python's own library, the wheels and ours, by Pyodide itself.

Half of the time until a kernel is ready was this. What others wrote is compiled once and kept among the parts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tools.site.live.parts import kept_in

HERE = Path(__file__).parent
PROGRAM = [HERE / "in_pyodide.mjs", HERE / "in_pyodide.py"]
PATIENCE = 600  # seconds; a quiet machine needs 30 for all


def compile_all(folder: Path, ours: Path) -> None:
    """Put compiled archives in the places of those in the folder, which is Pyodide's; `ours` is never kept."""
    archives = sorted(path for path in folder.iterdir() if path.suffix in (".whl", ".zip"))
    kept = {path: kept_in() / "compiled" / f"{_digest(path)}-{path.name}" for path in archives if path != ours}
    fresh = [path for path in archives if path not in kept or not kept[path].is_file()]
    with tempfile.TemporaryDirectory() as room:
        for path, made in zip(fresh, _compiled(folder, fresh, Path(room)), strict=True):
            if path in kept:
                kept[path].parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(made, kept[path].with_suffix(".new"))
                os.replace(kept[path].with_suffix(".new"), kept[path])
            shutil.copy(made, path)
    for path in kept:
        shutil.copy(kept[path], path)


def _compiled(folder: Path, archives: Iterable[Path], room: Path) -> list[Path]:
    """The archives, compiled, in the room."""
    (room / "in").mkdir()
    (room / "out").mkdir()
    names = [Path(shutil.copy(path, room / "in")).name for path in archives]
    command = [shutil.which("node") or "node", str(PROGRAM[0]), str(folder), str(room), str(PROGRAM[1])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        raise SystemExit(f"the wheels could not be compiled:\n{done.stderr[-2000:]}")
    return [room / "out" / name for name in names]


def _digest(archive: Path) -> str:
    """Of the archive and of what compiles it."""
    whole = sha256(archive.read_bytes())
    for path in PROGRAM:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]
