"""Writes a folder whole or not at all: beside its place first, then in one move. Nobody else's folder is touched."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from eventlab.errors import Invalid

OWN = ".eventlab-book.json"  # in a folder that was made here: what is in it, so that it can be known again


def write_folder(place: Path, files: Mapping[str, bytes]) -> None:
    """Make `place` a folder of these files, by their paths within it; an older book of ours, unchanged, is replaced.

    A folder that holds anything else raises `Invalid` and stays as it is.
    """
    check_place(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
    try:
        for name, content in sorted(files.items()):
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (part / OWN).write_bytes(_listed(files))
        part.chmod(0o755)
        old = _aside(place)
        part.rename(place)
        if old is not None:
            shutil.rmtree(old)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_place(place: Path) -> None:
    """Raise `Invalid` unless a book may be written there."""
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        return
    expected = "a new or empty folder, or a book that this command wrote and nobody changed"
    if not place.is_dir():
        raise Invalid("place", where=str(place), expected=expected, found="a file")
    if (stranger := _changed(place)) is not None:
        raise Invalid("place", where=str(place), expected=expected, found=stranger)


def _changed(place: Path) -> str | None:
    """A file that is not as we wrote it, or is none of ours; None if all are."""
    try:
        listed = json.loads((place / OWN).read_bytes())
    except (OSError, ValueError):
        return sorted(path.name for path in place.iterdir())[0]
    found = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if not path.is_dir()}
    found.pop(OWN, None)
    if strange := sorted(set(found) ^ set(listed)):
        return strange[0]
    return next((name for name in sorted(found) if digest(found[name].read_bytes()) != listed[name]), None)


def digest(content: bytes) -> str:
    """What a file's content is known by."""
    return hashlib.sha256(content).hexdigest()


def _listed(files: Mapping[str, bytes]) -> bytes:
    return json.dumps({name: digest(content) for name, content in sorted(files.items())}, indent=1).encode() + b"\n"


def _aside(place: Path) -> Path | None:
    """Move what stands there out of the way; None if nothing did."""
    if not place.exists():
        return None
    aside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".old", dir=place.parent))
    return place.rename(aside / place.name).parent
