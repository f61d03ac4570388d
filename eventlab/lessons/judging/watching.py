"""Watch an answer while it runs: what its own code raises, gives back and prints, and where in it that was."""

from __future__ import annotations

import functools
import inspect
import io
import traceback
from collections.abc import Awaitable
from typing import Any

from eventlab.errors import EventlabError, Invalid
from eventlab.lessons.judging.reading import plain

LONGEST = 10_000  # characters of what a run prints that are kept


class Paper(io.TextIOBase):
    """What a run prints: its beginning, and how much more there was."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._room, self._more = LONGEST, 0

    def writable(self) -> bool:
        """Yes, always."""
        return True

    def write(self, text: str, /) -> int:
        """Keep the text if there is room for it."""
        if kept := text[: self._room]:
            self._kept.append(kept)
        self._room -= len(kept)
        self._more += len(text) - len(kept)
        return len(text)

    def close(self) -> None:
        """Stay open: what is printed later counts too."""

    def __str__(self) -> str:
        more = f"\n… and {self._more:,} characters more\n" if self._more else ""
        return "".join(self._kept) + more


def watched(answer: Any, raised: list[BaseException]) -> Any:
    """The answer, its functions wrapped so that an error of theirs is noted, whoever catches it later.

    What a lesson is about (no reply, refused) passes unnoted; `Invalid` is a mistake in the answer like any other.
    What is given back is made plain.
    """
    if isinstance(answer, dict):
        return {key: watched(value, raised) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [watched(value, raised) for value in answer]
    if not callable(answer):
        return answer

    async def waiting(result: Awaitable[Any]) -> Any:
        try:
            return plain(await result)
        except BaseException as error:
            _note(error, raised)
            raise

    def called(*arguments: Any, **options: Any) -> Any:
        try:
            result = answer(*arguments, **options)
            return waiting(result) if inspect.iscoroutine(result) else plain(result)
        except BaseException as error:
            _note(error, raised)
            raise

    async def awaited(*arguments: Any, **options: Any) -> Any:
        return await called(*arguments, **options)

    return _dressed(awaited if inspect.iscoroutinefunction(answer) else called, answer)


def line_of(error: BaseException, answer: Any) -> int:
    """The line of the learner's own cell in which it happened; 0 if it did not happen there."""
    if isinstance(told := getattr(error, "line_in_answer", None), int):
        return told  # it happened in another process, which says where
    files = {code.co_filename for part in _parts(answer) if (code := getattr(part, "__code__", None)) is not None}
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return lines[-1] if lines and lines[-1] else 0


def _dressed(wrapper: Any, answer: Any) -> Any:
    """The wrapper with name and signature of what it wraps, if that has any."""
    try:
        return functools.wraps(answer)(wrapper)
    except Exception:
        return wrapper


def _note(error: BaseException, raised: list[BaseException]) -> None:
    if isinstance(error, Invalid) or not isinstance(error, EventlabError | GeneratorExit):
        raised.append(error)


def _parts(answer: Any) -> list[Any]:
    """The functions that an answer is made of."""
    if isinstance(answer, dict | list | tuple):
        return [part for each in (answer.values() if isinstance(answer, dict) else answer) for part in _parts(each)]
    if isinstance(answer, functools.partial):
        return _parts(answer.func)
    if inspect.ismethod(answer):
        return [answer.__func__]
    if inspect.isclass(answer):
        return [answer.__init__]
    return [answer if inspect.isfunction(answer) else type(answer).__call__]
