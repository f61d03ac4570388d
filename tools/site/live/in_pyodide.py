"""Runs in Pyodide: rewrites the archives in /room/in to /room/out with bytecode, so that no browser compiles them.

Ours keep their sources beside it, which lessons show; of others the bytecode stands in the place of the source. The
same archives give the same bytes.
"""

import importlib.util
import py_compile
import tempfile
import zipfile
from pathlib import Path

KEEP_SOURCE = "eventlab-"
UNREAD = ("/tests/", "/labextension/", "/nbextension/", ".data/data/")  # by nobody in a browser
STUBS = (
    "/django-stubs/",
    "/typeshed/stdlib/2/",
    "/typeshed/third_party/2and3/",
)  # jedi's, of what is not here
LEXERS = "pygments/lexers/"  # of 500 languages; notebooks show Python's
READ_LEXERS = ("__init__.py", "_mapping.py", "python.py", "special.py")
FIRST = (1980, 1, 1, 0, 0, 0)


def rewrite(archive: Path, out: Path) -> None:
    """The archive with bytecode; `python_stdlib.zip` is imported where it stands, wheels from site-packages."""
    stdlib, keep = archive.suffix == ".zip", archive.name.startswith(KEEP_SOURCE)
    where = "/lib/python314.zip" if stdlib else "/lib/python3.14/site-packages"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name in sorted(old.namelist()):
            if name.endswith("/") or unread(name):
                continue
            data = old.read(name)
            code = bytecode(data, f"{where}/{name}") if name.endswith(".py") else b""
            if keep or not code:
                put(new, name, data)
            if code:
                put(new, cached(name) if keep else f"{name}c", code)


def unread(name: str) -> bool:
    """Whether a file can be left out: to unpack it costs a visit time."""
    lexer = name.startswith(LEXERS) and name.removeprefix(LEXERS) not in READ_LEXERS
    return lexer or any(part in f"/{name}" for part in UNREAD + STUBS)


def cached(name: str) -> str:
    """Where Python looks for the bytecode of a source that is there: `a/__pycache__/b.cpython-314.pyc`."""
    return importlib.util.cache_from_source(name)


def bytecode(source: bytes, name: str) -> bytes:
    """A whole `.pyc`, never held against its source; nothing of a source that is no Python (some are templates)."""
    with tempfile.TemporaryDirectory() as room:
        path, made = Path(room) / "source.py", Path(room) / "made.pyc"
        path.write_bytes(source)
        try:
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(path), str(made), dfile=name, doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError:
            return b""
        return made.read_bytes()


def put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Write a file of no date."""
    about = zipfile.ZipInfo(name, FIRST)
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(about, data)


if __name__ == "__main__":
    for found in sorted(Path("/room/in").iterdir()):
        rewrite(found, Path("/room/out") / found.name)
