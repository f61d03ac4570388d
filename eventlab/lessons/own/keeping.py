"""Keep the learner's service as a readable file, `hotels.py` beside the notebooks, and load it again.

The file is the learner's own Python, to be read and edited; loading it is what running a cell is. It is written whole
or not at all, and the one before it stays beside it. Whatever is wrong with it is one sentence; ours takes its place.
EVENTLAB_HOTELS names another file; ":memory:" (also as EVENTLAB_PROGRESS) is none.
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Callable
from importlib.abc import SourceLoader
from importlib.util import module_from_spec, spec_from_loader
from inspect import isfunction, signature
from pathlib import Path
from typing import Any

from eventlab.errors import EventlabError
from eventlab.lessons.judging.progress import write_whole
from eventlab.lessons.own import services
from eventlab.lessons.own.readable import written
from eventlab.views.drawing.text import Prose, escape

NAME, BEFORE = "hotels.py", "hotels.before.py"
LARGEST = 1 << 20  # bytes of a file: nobody writes so much
_memory: dict[str, bytes] = {}  # what is kept where no file is wanted


class Broken(EventlabError):
    """The file is there, and cannot be used: why, in one sentence."""


def keep(hotels: Callable[..., Any]) -> Prose:
    """Write `my_hotels` and what its cell holds into `hotels.py`; the one before stays beside it."""
    text = written(hotels)
    content, path = text.encode("utf-8"), place()
    try:
        before = _content(path)
    except OSError:
        before = None
    if before == content:
        return Prose(f"`{NAME}` has it already.")
    try:
        if before is not None:
            _write(path, BEFORE, before)
        _write(path, NAME, content)
    except OSError as error:
        return Prose(f"Nothing is kept: `{NAME}` cannot be written ({escape(error.strerror)}).")
    beside = f" The one before it is `{BEFORE}`." if before is not None else ""
    return Prose(f"Kept as `{NAME}`, beside the notebooks: read it, edit it.{beside} Later lessons find it there.")


def hotels() -> Callable[..., Any]:
    """The learner's own service. If none is kept, or what is kept is broken, it says so and gives ours."""
    try:
        return load(place())
    except FileNotFoundError:
        print(f"There is no {NAME} yet (lesson 03 begins it): ours is used.")
    except Broken as problem:
        print(f"{problem} Until that is mended, ours is used; own.reset() puts the file aside.")
    return services.plain


def reset() -> Prose:
    """Put the learner's service aside: it stays as `hotels.before.py`, and lessons use ours."""
    path = place()
    try:
        if path is None:
            _memory[BEFORE] = _memory.pop(NAME)
        else:
            os.replace(path, path.with_name(BEFORE))
    except (KeyError, FileNotFoundError):
        return Prose(f"There is no `{NAME}`: nothing to put aside.")
    except OSError as error:
        return Prose(f"`{NAME}` cannot be put aside ({escape(error.strerror)}).")
    return Prose(f"`{NAME}` is called `{BEFORE}` now. Lessons use ours.")


def place() -> Path | None:
    """Where the file is; None if it is to be kept in memory alone."""
    name = os.environ.get("EVENTLAB_HOTELS", "")
    if not name and os.environ.get("EVENTLAB_PROGRESS") == ":memory:":
        name = ":memory:"
    return None if name == ":memory:" else Path(os.path.realpath(name or NAME))


# Load -----------------------------------------------------------------------------------------------------------------


def load(path: Path | None) -> Callable[..., Any]:
    """`my_hotels` of the file; `Broken` says why there is none, `FileNotFoundError` that there is no file."""
    try:
        content = _content(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Broken(f"{NAME} cannot be read: {error.strerror}.") from None
    if content is None:
        raise FileNotFoundError(NAME)
    name = str(path or f"<{NAME}>")
    _is_text(content)
    module = _imported(name, content)
    found = getattr(module, "my_hotels", None)
    if not isfunction(found):
        raise Broken(f"{NAME} has no function my_hotels(service, people_on).")
    try:
        signature(found).bind(None, None)
    except TypeError:
        line = found.__code__.co_firstlineno
        raise Broken(f"{NAME}, line {line}: my_hotels takes two things, (service, people_on).") from None
    return found


def _is_text(content: bytes) -> None:
    if len(content) > LARGEST:
        raise Broken(f"{NAME} has more than {LARGEST:,} bytes: that is no service.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Broken(f"{NAME}, line {line}: this is no text in UTF-8.") from None
    if "\0" in text:
        raise Broken(
            f"{NAME}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: there is a character U+0000 in it."
        )


class _Own(SourceLoader):
    """Runs the text that was read, and leaves nothing compiled beside the file."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    def get_filename(self, fullname: str) -> str:
        return self.name

    def get_data(self, path: str) -> bytes:
        return self.content


def _imported(name: str, content: bytes) -> Any:
    """The file as a module. What it raises is told with its line."""
    lines = content.decode("utf-8").splitlines(keepends=True)
    linecache.cache[name] = (len(content), None, lines, name)  # for its own errors, and to be shown
    spec = spec_from_loader("hotels", _Own(name, content), origin=name)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    before = sys.modules.get("hotels")
    sys.modules["hotels"] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if before is None:
            del sys.modules["hotels"]
        else:
            sys.modules["hotels"] = before
        raise Broken(f"{NAME}{_line(error, name)}: {_said(error)}") from None
    return module


def _line(error: BaseException, name: str) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}" if error.lineno else ""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    return f", line {lines[-1]}" if lines else ""


def _said(error: BaseException) -> str:
    """An error as one sentence."""
    try:
        words = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:
        words = ""
    words = " ".join(words.split())[:300].rstrip(".")
    return f"{type(error).__name__}: {words}." if words else f"{type(error).__name__}."


# The file -------------------------------------------------------------------------------------------------------------


def _content(path: Path | None) -> bytes | None:
    """What the file holds, or a little more than it may hold; None where nothing is kept in memory."""
    if path is None:
        return _memory.get(NAME)
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _write(path: Path | None, name: str, content: bytes) -> None:
    """A file of this name in the same folder, whole or not at all."""
    if path is None:
        _memory[name] = content
        return
    whole = path if name == NAME else path.with_name(name)
    write_whole(whole, content)
    os.chmod(whole, 0o666 & ~_umask())  # others may read it, as any file that one makes


def _umask() -> int:
    """What a new file may not be: only by setting it can it be read."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
