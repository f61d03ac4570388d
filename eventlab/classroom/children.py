"""The judge's side of the wire: a submission's process, and its answer as a function that can be called from here.

The simulation, the cases and the verdict stay in this process. What the answer does there comes here as effects: each
is one of the few that a handler may have, and is done by the judge on the service that the answer was given.
"""

from __future__ import annotations

import inspect
import os
import select
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from eventlab.classroom import effects, limits, wire
from eventlab.classroom.patience import Patience
from eventlab.draws import Draws
from eventlab.lessons.judging.time_limit import TookTooLong
from eventlab.service import Service
from eventlab.signals import Signal
from eventlab.state import State

SILENCE = 4.0  # seconds that one step of an answer may work, or do nothing
WALL = 120.0  # seconds of real time for all of it, however busy the machine is
MESSAGES = 100_000  # that may cross for one answer: always as many, so that grading twice gives the same
Reply = list[Any]


class Late(TookTooLong):
    """The answer did not come to an end in time."""


class Gone(TookTooLong):
    """The answer's process has ended, or says what it cannot mean."""


class Child:
    """A process of its own for one submission, and what it has been given."""

    def __init__(self, shelf: Path, silence: float = SILENCE) -> None:
        hear, say = os.pipe(), os.pipe()
        self.given: list[Any] = []  # what it knows by number
        self.errors: list[BaseException] = []
        self.doors: list[str] = []  # that are closed to it
        self.until, self.silence, self.left = time.monotonic() + WALL, silence, MESSAGES
        self.spent: TookTooLong | None = None  # it came to no end, or has gone: nothing more is asked of it
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _start(shelf), str(say[0]), str(hear[1])],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=shelf,
            pass_fds=(say[0], hear[1]), start_new_session=True, env={"PYTHONHASHSEED": "0", "PATH": os.defpath},
        )  # fmt: skip
        os.close(say[0])
        os.close(hear[1])
        self.hear, self.say = hear[0], say[1]
        self.ready = select.poll()
        self.ready.register(self.hear, select.POLLIN)
        self.shelf, self.buffer = shelf, b""

    def close(self) -> None:
        """End it, and all that it may have started."""
        with suppress(OSError):
            os.killpg(self.process.pid, 9)
        self.process.kill()
        self.process.wait()
        os.close(self.hear)
        os.close(self.say)

    def load(self, cells: list[list[Any]], where: list[Any]) -> Any:
        """Let it read the answer; the answer, as it is seen from here."""
        hidden = [str(Path(wire.__file__).resolve().parents[1]), str(Path(wire.__file__).resolve().parents[2] / "data")]
        settings = {
            "hidden": hidden, "readable": [*limits.libraries(hidden[0]), str(self.shelf)], "cpu": limits.CPU,
        }  # fmt: skip
        reply = self.ask("load", cells, where, settings)
        self.doors = [str(each) for each in reply[2]] if len(reply) > 2 else []
        return self.ended(reply)

    # The memory of the answer, as `attempt` uses it ------------------------------------------------------------------

    def restore(self) -> None:
        """Put back what the answer remembers outside of what it is given."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # coroutines of the run before, which nobody needs any more
            self.given, self.errors = [], []
            self.ended(self.ask("restore"))

    @property
    def changed(self) -> list[str]:
        """The names of what is no longer as it was."""
        names = self.ended(self.ask("changed"))
        if not isinstance(names, list):
            raise Gone
        return [str(name)[:100] for name in names]

    # The wire ------------------------------------------------------------------------------------------------------

    def read(self, count: int) -> bytes:
        """Exactly so many bytes, in time."""
        patience = Patience(self.process.pid, self.silence)
        while len(self.buffer) < count:
            if time.monotonic() > self.until:
                raise Late
            if not self.ready.poll(patience.pause * 1000):
                if patience.is_over():
                    raise Late
                continue
            part = os.read(self.hear, 1 << 16)
            if not part:
                raise self._end()
            self.buffer += part
        whole, self.buffer = self.buffer[:count], self.buffer[count:]
        return whole

    def _end(self) -> TookTooLong:
        """How it ended: by the limit of processor time, or otherwise."""
        with suppress(subprocess.TimeoutExpired):
            return Late() if self.process.wait(1) in (-signal.SIGXCPU, -signal.SIGKILL) else Gone()
        return Gone()

    def ask(self, kind: str, *content: Any) -> Reply:
        """Let it do something; what came of it. Effects that it has meanwhile are done here."""
        if self.spent is not None:
            raise self.spent
        try:
            wire.send(self.say, [kind, *content])
            while True:
                self.left -= 1
                if self.left < 0:
                    raise Late
                reply = wire.receive(self.read)
                if reply[0] != "do":
                    return self._heard(reply)
                self._do(self._heard(reply))
        except TookTooLong as end:
            self.spent = end
            raise
        except (wire.BrokenWire, OSError, IndexError, ValueError) as problem:
            self.spent = Gone()
            raise self.spent from problem

    def _heard(self, reply: Reply) -> Reply:
        """Print what it printed, warn of what it warned; the rest of the message."""
        kind, printed, forgotten, *content = reply
        if printed:
            sys.stdout.write(str(printed))
        for name, line in forgotten:
            warnings.warn_explicit(f"coroutine '{name}' was never awaited", RuntimeWarning, "answer", int(line))
        return [kind, *content]

    def _do(self, effect: Reply) -> None:
        try:
            reference, what, given, named = effect[1:]
            result = effects.done(self.given[reference], what, self.unpack(given), self.unpack(named))
            answer = ["ok", self.pack(result)]
        except (wire.BrokenWire, TookTooLong):
            raise
        except Exception as error:
            answer = ["no", self.pack_error(error)]
        wire.send(self.say, answer)

    def ended(self, reply: Reply) -> Any:
        """The result, or the error that it ended with."""
        if reply[0] == "raised":
            self._raise(reply[1])
        return self.unpack(reply[1])

    def _raise(self, value: Any) -> NoReturn:
        number = value[5] if isinstance(value, list) and len(value) > 5 else -1
        if isinstance(number, int) and 0 <= number < len(self.errors):
            raise self.errors[number]
        raise wire.unpacked_error(value)

    # Values ----------------------------------------------------------------------------------------------------------

    def pack(self, value: Any) -> Any:
        """A value for the child."""
        return wire.packed(value, self._reference)

    def pack_error(self, error: BaseException) -> list[Any]:
        """An error for the child, which is known again when it comes back."""
        self.errors.append(error)
        return wire.packed_error(error, 0, len(self.errors) - 1)

    def _reference(self, value: Any) -> Any:
        if isinstance(value, Service):
            return ["O", "service", self._number(value), value.name, self.pack(value.state)]
        for kind, name in ((State, "state"), (Draws, "draws"), (Signal, "signal")):
            if isinstance(value, kind):
                return ["O", name, self._number(value)]
        if (number := getattr(value, "number_in_the_child", None)) is not None:
            return ["F", number]
        if callable(value):
            return ["O", "function", self._number(value)]
        return ["?", type(value).__name__]

    def _number(self, value: Any) -> int:
        for number, known in enumerate(self.given):
            if known is value:
                return number
        self.given.append(value)
        return len(self.given) - 1

    def unpack(self, value: Any) -> Any:
        """A value of the child."""
        return wire.unpacked(value, self._known)

    def _known(self, value: Reply) -> Any:
        tag, number = value[0], value[1]
        if tag == "O":
            return self.given[number]
        if tag == "C":
            return self._drive(number)
        if tag == "F":
            return self._function(number, str(value[2]), bool(value[3]), value[4])
        if tag == "X":
            return wire.unpacked_error(value)
        raise wire.BrokenWire(f"a value of the kind {tag!r:.20}")

    # Functions and coroutines of the answer ---------------------------------------------------------------------------

    def _function(self, number: int, name: str, waits: bool, parameters: Any) -> Callable[..., Any]:
        """A function of the child, as one that can be called here."""

        def called(*arguments: Any) -> Any:
            reply = self.ask("call", number, self.pack(list(arguments)))
            for place, now in reply[2] if len(reply) > 2 else ():
                effects.change(arguments[place], self.unpack(now))
            return self.ended(reply)

        async def awaited(*arguments: Any) -> Any:
            return await called(*arguments)

        made: Any = awaited if waits else called
        made.__name__ = made.__qualname__ = name
        made.__signature__ = _signature(parameters)
        made.number_in_the_child = number
        function: Callable[..., Any] = made
        return function

    async def _drive(self, number: int) -> Any:
        """A coroutine of the child, step by step: it waits there for what is done here."""
        reply = self.ask("go", number, None)
        try:
            while reply[0] == "waits":
                try:
                    reference, what, given, named = reply[1:]
                    result = await effects.awaited(self.given[reference], what, self.unpack(given), self.unpack(named))
                except wire.BrokenWire as problem:
                    raise Gone from problem
                except Exception as error:
                    reply = self.ask("fail", number, self.pack_error(error))
                else:
                    reply = self.ask("go", number, self.pack(result))
        except GeneratorExit:
            with suppress(Exception):
                self.ask("close", number)
            raise
        return self.ended(reply)


def _signature(parameters: Any) -> inspect.Signature | None:
    """The signature that the child told, if it is one."""
    if parameters is None:
        return None
    made = [
        inspect.Parameter(name, inspect._ParameterKind(kind), default=None if has else inspect.Parameter.empty)
        for name, kind, has in parameters
    ]
    return inspect.Signature(made)


def _start(shelf: Path) -> str:
    """What the process runs first: only Python's own folders, its libraries and the shelf are looked through."""
    return (
        f"import sys; sys.path[:] = [{str(shelf)!r}] + [p for p in sys.path if p.startswith((sys.prefix, "
        f"sys.base_prefix))]; from eventlab.classroom.server import main; main()"
    )
