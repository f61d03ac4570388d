"""Python for the browser: Pyodide's files, our wheel and those it needs, and one lock that names no others."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[3]
FILES = ("pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip")
KERNEL = "jupyterlite-pyodide-kernel"
FIRST = "piplite/__init__.py"  # of all that is imported when the drive has been mounted, the first
# The working folder is the drive. A look for a module there is a request, and there were a hundred before the kernel
# was ready: it is looked at when all other places have been.
LAST_OF_ALL = b"import sys\n\nsys.path.append(sys.path.pop(sys.path.index('')))\n"
OLDEST = "315532800"  # 1 January 1980, the first instant of a zip file: the same files give the same wheel


def unpack(archive: Path, out: Path) -> dict[str, Any]:
    """Put what a browser needs of Pyodide into `out`; its own lock is given back."""
    out.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in FILES:
            (out / name).write_bytes(_read(tar, name))
        lock: dict[str, Any] = json.loads(_read(tar, "pyodide-lock.json"))
    return lock


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(f"package/{name}")
    assert file is not None, f"Pyodide has no {name}"
    return file.read()


def our_wheel(out: Path) -> Path:
    """Build eventlab's own wheel, with the record of 2013 in it."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    done = subprocess.run(
        command, cwd=REPO, capture_output=True, text=True, env={**os.environ, "SOURCE_DATE_EPOCH": OLDEST}
    )
    if done.returncode:
        raise SystemExit(f"the wheel could not be built:\n{done.stderr[-2000:]}")
    (wheel,) = out.glob("eventlab-*.whl")
    return wheel


def wheels_of_the_kernel(wheel: Path, out: Path) -> list[Path]:
    """The small wheels that JupyterLite's kernel brings: piplite, pyodide_kernel, and an ipykernel that is a shell."""
    found = []
    with zipfile.ZipFile(wheel) as whole:
        for name in whole.namelist():
            if name.endswith(".whl") and "/pypi/" in name and "-3.6.999-" not in name:
                (out / Path(name).name).write_bytes(here_last(whole.read(name)))
                found.append(out / Path(name).name)
    return found


def here_last(wheel: bytes) -> bytes:
    """The wheel; the one that is imported first looks for modules in the working folder last from then on."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as old, zipfile.ZipFile(made, "w") as new:
        if FIRST not in old.namelist():
            return wheel
        for about in old.infolist():
            new.writestr(about, (LAST_OF_ALL if about.filename == FIRST else b"") + old.read(about))
    return made.getvalue()


def lock(original: dict[str, Any], wheels: Iterable[Path]) -> dict[str, Any]:
    """Pyodide's lock with these wheels and no other package: what it does not name is not looked for elsewhere."""
    packages = {}
    for wheel in sorted(wheels):
        name, version, *_ = wheel.stem.split("-")
        plain = name.lower().replace("_", "-")
        packages[plain] = {
            "name": plain,
            "version": version,
            "file_name": wheel.name,
            "sha256": sha256(wheel.read_bytes()).hexdigest(),
            "install_dir": "site",
            "package_type": "package",
            "imports": _imports(wheel),
            "depends": [],
            "unvendored_tests": False,
        }
    return {"info": original["info"], "packages": packages}


def _imports(wheel: Path) -> list[str]:
    """The names by which a wheel's packages are imported."""
    with zipfile.ZipFile(wheel) as whole:
        tops = {name.split("/")[0] for name in whole.namelist() if name.endswith((".py", ".pyc"))}
    return sorted(Path(top).stem for top in tops if not top.endswith((".dist-info", ".data")))
