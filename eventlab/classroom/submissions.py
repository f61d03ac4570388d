"""Reads what students have handed in: notebooks, zips and folders. What is wrong with one is a sentence about it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.lessons.judging.handed_in import ENDING

LARGEST, LARGEST_IN_ALL = 20 << 20, 100 << 20  # bytes of a notebook, and of all in a folder or archive
MOST_FILES, MOST_CELLS, RATIO = 200, 500, 200
LONGEST = 200_000  # characters of a cell that are read
LMS_NAME = re.compile(r"^(?P<name>.+?)_\d+_(?:assignsubmission.*|\d+_.*|late_.*)$", re.I)  # Moodle's, Canvas's
LESSON_NAME = re.compile(r"[-_ ]*\d\d-[a-z][a-z-]*(?:[-_ (]\d+\)?)?$", re.I)  # "anna_01-request-driven"
READ = (".ipynb", ENDING)
SKIPPED = (".ipynb_checkpoints", "__MACOSX", ".git", ".venv")


class Cell(msgspec.Struct):
    """A cell, as far as grading looks at it."""

    cell_type: str = ""
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}

    @property
    def text(self) -> str:
        """Its source with the line ends of Unix."""
        whole = self.source if isinstance(self.source, str) else "".join(self.source)
        return whole.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST]


class _Notebook(msgspec.Struct):
    nbformat: int = 0
    cells: list[Cell] | None = None
    metadata: dict[str, Any] = {}


class Notebook(msgspec.Struct):
    """One notebook of a submission."""

    name: str
    cells: list[Cell]
    variant: str = ""


class Submission(msgspec.Struct):
    """All that one student has handed in, and what could not be read of it."""

    student: str
    notebooks: list[Notebook] = []
    notes: list[str] = []
    records: list[tuple[str, bytes]] = []  # of progress, by the names of their files


@door
def submissions(folder: Path) -> list[Submission]:
    """What stands in a folder, by student: files and folders are called after whom they are from."""
    if not folder.is_dir():
        raise Invalid("submissions", where=str(folder), expected="a folder of notebooks, zips or folders", found="none")
    found: dict[str, Submission] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in SKIPPED:
            continue
        name = student_of(path.name if path.is_dir() else path.stem)
        one = found.setdefault(name, Submission(name, [], [], []))
        _read_all(path, one)
    return [found[name] for name in sorted(found)]


def _read_all(path: Path, one: Submission) -> None:
    """Add all that a file, a folder or an archive holds to what its student has handed in."""
    size, told = 0, len(one.notes)
    for file, content in _files(path, one.notes):
        size += len(content)
        if size > LARGEST_IN_ALL:
            one.notes.append(f"{path.name}: it holds too much; at most {LARGEST_IN_ALL:,} bytes of it are read.")
            return
        _add(file, content, one)
    if not size and len(one.notes) == told:
        one.notes.append(f"{path.name}: there is no notebook in it.")


def _add(file: str, content: bytes, one: Submission) -> None:
    """Add a file's content to what its student has handed in."""
    if file.endswith(ENDING):
        one.records.append((file, content))
        return
    try:
        one.notebooks.append(read_notebook(file, content))
    except Invalid as problem:
        one.notes.append(f"{file}: {problem.found}")


@door
def student_of(name: str) -> str:
    """Who a file or folder is from, by its name: also in the manners of Moodle and Canvas."""
    if match := LMS_NAME.match(name):
        name = match["name"]
    return LESSON_NAME.sub("", name.removesuffix(ENDING.removesuffix(".json"))).strip() or name


@door
def read_notebook(name: str, content: bytes) -> Notebook:
    """A notebook from its file; `Invalid` whose `found` says in a sentence what is wrong with it."""
    expected = "a notebook of nbformat 4"
    try:
        read = msgspec.json.decode(_text(content), type=_Notebook)
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        found = f"it is no notebook ({str(problem)[:120]}); open it in JupyterLab and save it again."
        raise Invalid("notebook", where=name, expected=expected, found=_Words(found)) from None
    if read.nbformat != 4 or read.cells is None:
        found = f"it is a notebook of version {read.nbformat}, and version 4 is read; save it in today's JupyterLab."
        raise Invalid("notebook", where=name, expected=expected, found=_Words(found))
    if len(read.cells) > MOST_CELLS:
        found = f"it has {len(read.cells):,} cells; at most {MOST_CELLS} are read."
        raise Invalid("notebook", where=name, expected=expected, found=_Words(found))
    ours = read.metadata.get("eventlab")
    variant = ours.get("variant", "") if isinstance(ours, dict) else ""
    return Notebook(name, read.cells, variant if isinstance(variant, str) else "")


class _Words(str):
    """A sentence that shows itself without quotation marks."""

    def __repr__(self) -> str:
        return str(self)


def _text(content: bytes) -> str:
    """The text of a file, in whichever encoding an editor has saved it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


# Files, folders, archives ---------------------------------------------------------------------------------------------


def _files(path: Path, notes: list[str]) -> Iterator[tuple[str, bytes]]:
    """The notebooks in a file, a folder or an archive, by name."""
    if path.is_symlink():
        notes.append(f"{path.name}: a link to another place is not followed.")
    elif path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.name.endswith((*READ, ".zip")) and not _skipped(each))
        if len(inside) > MOST_FILES:
            notes.append(f"{path.name}: it holds {len(inside):,} notebooks; the first {MOST_FILES} are read.")
        for each in inside[:MOST_FILES]:
            if each.resolve().is_relative_to(path.resolve()) and each.is_file():
                yield from _files(each, notes)
    elif path.suffix == ".zip":
        yield from _unzipped(path, notes)
    elif path.name.endswith(READ) and path.is_file():
        if path.stat().st_size > LARGEST:
            notes.append(f"{path.name}: it has {path.stat().st_size:,} bytes; at most {LARGEST:,} are read.")
        else:
            yield path.name, path.read_bytes()
    elif path.is_file():
        notes.append(f"{path.name}: it is no notebook, no zip and no folder.")


def _skipped(path: Path) -> bool:
    return any(part in SKIPPED for part in path.parts)


def _unzipped(path: Path, notes: list[str]) -> Iterator[tuple[str, bytes]]:
    """The notebooks in an archive. Nothing is written anywhere, and what unpacks to too much is not unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if each.filename.endswith(READ)]
            if len(members) > MOST_FILES:
                notes.append(f"{path.name}: it holds {len(members):,} notebooks; the first {MOST_FILES} are read.")
            for member in members[:MOST_FILES]:
                name = f"{path.name}/{member.filename}"
                place = PurePosixPath(member.filename.replace("\\", "/"))
                if any(part in SKIPPED for part in place.parts):
                    continue
                if place.is_absolute() or ".." in place.parts or ":" in place.parts[0]:
                    notes.append(f"{name[:200]}: its path leads out of the archive.")
                    continue
                if (content := _member(archive, member)) is None:
                    notes.append(f"{name[:200]}: it unpacks to too much; at most {LARGEST:,} bytes are read.")
                    continue
                yield name, content
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as problem:
        notes.append(f"{path.name}: it cannot be unpacked ({str(problem)[:120]}).")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | None:
    """What a member holds, counted while it is read, whatever its header says."""
    if member.file_size > LARGEST or member.file_size > RATIO * max(1, member.compress_size):
        return None
    with archive.open(member) as file:
        content = file.read(LARGEST + 1)
    return content if len(content) <= LARGEST else None
