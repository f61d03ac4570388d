"""The function server: a submission's own process. It runs the answer when the judge calls it, and knows nothing else.

Started by `children` in a folder that holds no lesson. What comes in are calls, what goes out are effects.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventlab.classroom import limits, wire
from eventlab.classroom.inside import AskedDraws, AskedService, AskedSignal, AskedState, Effect
from eventlab.classroom.program import Program
from eventlab.errors import ForeignAwait
from eventlab.lessons.judging.memory import Memory
from eventlab.lessons.judging.reading import plain
from eventlab.lessons.judging.watching import Paper, line_of

OFTEN = 1000  # forgotten coroutines and printed pieces that are told at once, at most


class Server:
    """Calls in, effects out; what the answer gives back crosses as plain data."""

    def __init__(self, hear: int, say: int) -> None:
        self.hear, self.say = hear, say
        self.functions: list[Any] = []
        self.tasks: dict[int, Any] = {}
        self.begun = 0  # coroutines, so far
        self.known: dict[int, Any] = {}  # what the judge has, by its number
        self.answer: Any = None
        self.memory = Memory(None)
        self.paper = Paper()
        self.forgotten: list[list[Any]] = []

    # The wire ------------------------------------------------------------------------------------------------------

    def read(self, count: int) -> bytes:
        """Exactly so many bytes of what the judge says; the end, if it says nothing any more."""
        whole = b""
        while len(whole) < count:
            part = os.read(self.hear, count - len(whole))
            if not part:
                os._exit(0)
            whole += part
        return whole

    def tell(self, kind: str, *content: Any) -> None:
        """Say something, with what was printed and forgotten since."""
        printed, self.paper = str(self.paper), Paper()
        sys.stdout = sys.stderr = self.paper
        forgotten, self.forgotten = self.forgotten, []
        try:
            wire.send(self.say, [kind, printed, forgotten[:OFTEN], *content])
        except (wire.BrokenWire, UnicodeEncodeError, RecursionError) as problem:
            wire.send(self.say, ["raised", "", [], wire.packed_error(ValueError(str(problem)))])

    def ask(self, reference: int, what: str, *arguments: Any, **options: Any) -> Any:
        """Let the judge do something, and give back what came of it."""
        self.tell("do", reference, what, self.pack(list(arguments)), self.pack(options))
        while True:
            kind, content = self.next()
            if kind == "ok":
                return self.unpack(content[0])
            if kind == "no":
                raise self.error(content[0])
            self.serve(kind, content)

    def next(self) -> tuple[str, list[Any]]:
        """The next message of the judge."""
        kind, *content = wire.receive(self.read)
        return kind, content

    def pack(self, value: Any) -> Any:
        """A value for the judge."""
        return wire.packed(value, self._reference)

    def _reference(self, value: Any) -> Any:
        if isinstance(value, AskedState | AskedSignal | AskedDraws) or type(value) is AskedService:
            return ["O", value._reference if not isinstance(value, AskedDraws) else int(value.name)]
        if inspect.iscoroutine(value):
            self.begun += 1
            self.tasks[self.begun] = value
            return ["C", self.begun]
        if isinstance(value, BaseException):
            return wire.packed_error(value)
        number = getattr(value, "number_for_the_judge", None)
        if isinstance(number, int) and inspect.isfunction(value):
            return ["O", number]
        if callable(value):
            return self._function(value)
        with suppress(Exception):
            made = plain(value)
            if made is not value:
                return self.pack(made)
            if hasattr(type(value), "keys") and hasattr(type(value), "__getitem__"):
                return self.pack({key: value[key] for key in value.keys()})  # noqa: SIM118
        words = type(value).__name__
        with suppress(Exception):
            words = repr(value)
        return ["?", words.encode("utf-8", "backslashreplace").decode()[: wire.WORDS], type(value).__name__]

    def _function(self, value: Any) -> list[Any]:
        self.functions.append(value)
        parameters = None
        with suppress(Exception):
            found = inspect.signature(value).parameters.values()
            parameters = [[each.name, int(each.kind), each.default is not each.empty] for each in found]
        name = getattr(value, "__name__", type(value).__name__)
        return ["F", len(self.functions) - 1, str(name)[:100], inspect.iscoroutinefunction(value), parameters]

    def unpack(self, value: Any) -> Any:
        """A value of the judge."""
        return wire.unpacked(value, self._known)

    def _known(self, value: list[Any]) -> Any:
        if value[0] == "F":
            return self.functions[value[1]]
        kind, number = value[1], value[2]
        if number not in self.known:
            self.known[number] = self._asked(kind, number, value)
        return self.known[number]

    def _asked(self, kind: str, number: int, value: list[Any]) -> Any:
        if kind == "service":
            return AskedService(number, value[3], self.unpack(value[4]), self.ask)
        if kind == "function":

            def asked(*arguments: Any) -> Any:
                return self.ask(number, "call", *arguments)

            asked.number_for_the_judge = number  # type: ignore[attr-defined]
            return asked
        return {"state": AskedState, "draws": AskedDraws, "signal": AskedSignal}[kind](number, self.ask)

    def error(self, value: Any) -> BaseException:
        """An error of the judge, which will know it again."""
        error = wire.unpacked_error(value)
        error.number_at_the_judge = value[5]  # type: ignore[attr-defined]
        return error

    # What the judge asks for ---------------------------------------------------------------------------------------

    def serve(self, kind: str, content: list[Any]) -> None:
        """Do what the judge asks for, and say what came of it."""
        try:
            if kind == "call":
                self._call(*content)
            elif kind == "go":
                self._advance(content[0], lambda work: work.send(self.unpack(content[1])))
            elif kind == "fail":
                self._advance(content[0], lambda work: work.throw(self.error(content[1])))
            elif kind == "close":
                if (work := self.tasks.pop(content[0], None)) is not None:
                    work.close()
                self.tell("done", None)
            elif kind == "restore":
                self.known.clear()
                self.memory.restore()
                self.tell("done", None)
            elif kind == "changed":
                self.tell("done", self.pack(list(self.memory.changed)))
            elif kind == "load":
                self._load(content)
        except BaseException as error:
            self._raised(error)

    def _call(self, number: int, packed: Any) -> None:
        """Call a function; what it changed in lists and dictionaries that it was given goes back with the result."""
        given = self.unpack(packed)
        result = self.functions[number](*given)
        changed = [
            [place, now] for place, each in enumerate(given)
            if type(each) in (dict, list) and (now := self.pack(each)) != packed[1][place]
        ]  # fmt: skip
        self.tell("done", self.pack(result), changed)

    def _advance(self, number: int, step: Callable[[Any], Any]) -> None:
        work = self.tasks[number]
        try:
            what = step(work)
            while what.__class__ is not Effect:
                what = work.throw(ForeignAwait(getattr(work, "__name__", "answer"), what))
        except StopIteration as end:
            self.tasks.pop(number, None)
            self.tell("done", self.pack(end.value))
        except BaseException:
            self.tasks.pop(number, None)
            raise
        else:
            self.tell("waits", what.reference, what.what, self.pack(list(what.arguments)), self.pack(what.options))

    def _raised(self, error: BaseException) -> None:
        line = 0
        with suppress(Exception):
            line = line_of(error, self.answer)
        self.tell("raised", wire.packed_error(error, line, getattr(error, "number_at_the_judge", -1)))

    def _load(self, content: list[Any]) -> None:
        program = Program(content[0], content[1])
        doors = limits.close_the_doors({**content[2], "modules": program.modules})
        self.answer = program.run()
        self.memory = Memory(self.answer)
        self.tell("done", self.pack(self.answer), doors)

    def note(self, message: Any, *rest: Any, **more: Any) -> None:
        """Remember a coroutine that nobody awaited: the judge has to know."""
        if found := re.search(r"coroutine '(.*)' was never awaited", str(message)):
            self.forgotten.append([found[1][:100], int(rest[2]) if len(rest) > 2 and isinstance(rest[2], int) else 0])


def main() -> None:
    """Serve until the judge has gone."""
    server = Server(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout = sys.stderr = server.paper
    warnings.simplefilter("always")
    warnings.showwarning = server.note
    while True:
        server.serve(*server.next())


if __name__ == "__main__":
    main()
