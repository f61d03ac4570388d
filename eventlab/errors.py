"""What can go wrong, each error with the numbers needed to understand it."""

from __future__ import annotations

from typing import Any


class EventlabError(Exception):
    """Every error that this package raises on purpose."""


class Invalid(EventlabError, ValueError):
    """Input that does not fit: says what, where, what was expected and what was found."""

    def __init__(self, what: str, *, where: str, expected: str, found: object) -> None:
        self.what, self.where, self.expected, self.found = what, where, expected, found
        message = f"{what} in {where}: expected {expected}, found {shown(found)}"
        super().__init__(message.encode("utf-8", "backslashreplace").decode())  # whose names there are may be anything


def shown(found: object) -> str:
    """What was found, cut short; what nobody can show (too deep, too long a number) by its class."""
    try:
        words = repr(found)
    except Exception:
        return f"a {type(found).__name__} that cannot be shown"
    words = words if len(words) <= 200 else words[:200] + "…"
    return words.encode("utf-8", "backslashreplace").decode()


def unknown(what: str, name: object, known: Any, *, where: str) -> Invalid:
    """The error for a name that is not among the `known` ones."""
    names = ", ".join(each if isinstance(each, str) else shown(each) for each in known)
    return Invalid(f"unknown {what}", where=where, expected=f"one of {names}", found=name)


class WrongExpectedVersion(EventlabError):
    """Somebody else appended first: the stream is not at the version the writer expected."""

    def __init__(self, stream: str, expected: int | str, actual: int) -> None:
        self.stream, self.expected, self.actual = stream, expected, actual
        super().__init__(f"stream {stream!r}: expected version {expected}, actual version {actual}")


class EventIdConflict(EventlabError):
    """An event id that is stored already, with other content or beside events that are new."""

    def __init__(self, id: str, stream: str, position: int, reason: str) -> None:
        self.id, self.stream, self.position, self.reason = id, stream, position, reason
        super().__init__(f"event id {id!r} is at position {position} of stream {stream!r} already: {reason}")


class StoreUnavailable(EventlabError):
    """The store's file cannot be used now (missing, locked, full, closed, not permitted); nothing was written.

    One exception: if the disk fails in the middle of an append and the process ends there, the append may be found
    done. The same events with the same ids, appended again, are right in any case.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"store {path!r} cannot be used: {reason}")


class CorruptStore(EventlabError):
    """The store's content is not what was appended, or the file is no event store at all."""

    def __init__(self, path: str, reason: str, position: int | None = None) -> None:
        self.path, self.reason, self.position = path, reason, position
        place = "" if position is None else f" at position {position}"
        super().__init__(f"store {path!r} is corrupt or foreign{place}: {reason}")


class Refused(EventlabError):
    """A definite no: it was not done, and asking again would get the same answer. Never tried again.

    A rule needs its reason alone, `raise Refused("the flight has departed")`; the service that passes it on adds
    who said no, and to what.
    """

    def __init__(self, reason: str, *, service: str = "", command: str = "") -> None:
        self.reason, self.service, self.command = reason, service, command
        super().__init__(f"{service} refused {command!r}: {reason}" if service else reason)


class Unavailable(EventlabError):
    """Not done, but another try may succeed: the service is down or busy, or something that it needs has failed."""

    def __init__(self, reason: str, *, service: str = "", command: str = "") -> None:
        self.reason, self.service, self.command = reason, service, command
        super().__init__(f"{service} cannot do {command!r} now: {reason}" if service else reason)


class NoReply(EventlabError):
    """No answer in time: nobody knows whether the work was done. `after` is in simulated seconds."""

    def __init__(self, service: str, command: str, after: float) -> None:
        self.service, self.command, self.after = service, command, after
        super().__init__(
            f"no reply from {service} to {command!r} within {float(after):g} s: it may or may not have been done"
        )


class OutsideSimulation(EventlabError):
    """An `await` of something simulated in a place that does not live in simulated time, such as a notebook cell."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} can be awaited inside a handler only. In a cell, start the handler and let time pass: "
            "sim.start(handler()), then sim.step() or sim.run()."
        )


class InsideSimulation(EventlabError):
    """`sim.run()` or `sim.step()` in a handler: time is passing already."""

    def __init__(self) -> None:
        super().__init__(
            "sim.run() or sim.step() inside a handler: time is passing already; "
            "await service.sleep(seconds) or service.request(...) instead"
        )


class TornRun(EventlabError):
    """A simulation that was interrupted in the middle of a turn: what is half done cannot go on."""

    def __init__(self) -> None:
        super().__init__("this run was interrupted in the middle of a turn and cannot go on: begin it anew")


class WrongThread(EventlabError):
    """A simulation used from a thread that did not make it, which could tear what happens there apart."""

    def __init__(self) -> None:
        super().__init__(
            "a simulation belongs to the thread that made it; let other threads put what they have into a queue.Queue, "
            "and publish it from here"
        )


class ForeignAwait(EventlabError):
    """A handler awaited something that does not live in simulated time, such as asyncio.sleep."""

    def __init__(self, task: str, found: object) -> None:
        self.task, self.found = task, found
        super().__init__(
            f"task {task!r} awaited {type(found).__name__}, which does not live in simulated time; "
            "await sim.sleep(seconds), a signal, or service.request(...) instead"
        )
