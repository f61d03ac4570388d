"""A decider: what a thing does with a command, as two pure functions over its history.

`decide(command, state)` says what happens (or refuses, by raising); `evolve(state, event)` says what that changes.
The state is never stored: it is the fold of the events so far. The shape is Jérémie Chassaing's
(https://thinkbeforecoding.com/post/2021/12/17/functional-event-sourcing-decider).

    given(account, Event("account.opened")).when(Command("account.pay", {"amount": 5})).then_refused("not enough")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

from eventlab import borders
from eventlab.errors import Invalid, Refused
from eventlab.event import Command, Event, Message

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Decider:
    """The state before anything happened, and the two functions. `decide` gives one event, several, or None."""

    initial: Any
    decide: Callable[[Command, Any], Event | Sequence[Event] | None]
    evolve: Callable[[Any, Event], Any]

    def __post_init__(self) -> None:
        borders.function(self.decide, "decide", where="decider")
        borders.function(self.evolve, "evolve", where="decider")

    def __repr__(self) -> str:
        names = ", ".join(getattr(call, "__name__", type(call).__name__) for call in (self.decide, self.evolve))
        return f"<Decider: {names}, from {self.initial!r}>"

    def decisions(self, command: Command, state: Any) -> list[Event]:
        """What `decide` answers, always as a list."""
        borders.instance(command, Command, "command", where="decider")
        decided = messages(self.decide(command, state))
        for event in decided:
            borders.instance(event, Event, "answer of decide", where=f"command {command.type!r}")
        return decided


def fold(decider: Decider, events: Iterable[Event], state: Any = None) -> Any:
    """The state after the events: from the decider's initial one, or from `state` if that is given."""
    borders.instance(decider, Decider, "decider", where="fold")
    borders.instance(events, Iterable, "events", where="fold")
    return reduce(decider.evolve, events, decider.initial if state is None else state)


def messages(answer: M | Iterable[M] | None) -> list[M]:
    """One message, several or none, always as a list."""
    if answer is None:
        return []
    if isinstance(answer, Message):
        return [answer]
    borders.instance(answer, Iterable, "answer", where="what follows a message")
    found = list(answer)
    for message in found:
        if not isinstance(message, Message):
            raise Invalid("answer", where="what follows a message", expected="messages", found=message)
    return found


def _events(events: Iterable[Event], where: str) -> list[Event]:
    borders.instance(events, Iterable, "events", where=where)
    found = list(events)
    for event in found:
        borders.instance(event, Event, "event", where=where)
    return found


def caused(message: M, cause: Message, n: int) -> M:
    """The `n`-th message (from 1) that `cause` led to, with the same id and time whenever it is made again."""
    if not isinstance(message, Message) or not isinstance(cause, Message):
        raise Invalid("arguments", where="caused", expected="two messages", found=(message, cause))
    borders.integer(n, "number of a message", where="caused", least=0)
    if not cause.id:
        expected = "an id, from which the messages that follow get theirs"
        raise Invalid("message without id", where=f"what follows {cause.type!r}", expected=expected, found=cause)
    return message.with_(
        id=message.id or f"{cause.id}/{n}",
        time=message.time or cause.time,
        correlationid=message.correlationid or cause.correlationid or cause.id,
        causationid=message.causationid or cause.id,
    )


def given(decider: Decider, *events: Event) -> Given:
    """A test of a decider, told as a story: `given(decider, *events).when(command).then(*events)`."""
    borders.instance(decider, Decider, "decider", where="given")
    return Given(decider, tuple(_events(events, "given")))


@dataclass(frozen=True)
class Given:
    """What has happened so far."""

    decider: Decider
    events: tuple[Event, ...]

    def when(self, command: Command) -> When:
        borders.instance(command, Command, "command", where="when")
        return When(self, command)


@dataclass(frozen=True)
class When:
    """What is asked now; the two endings compare type and data, the rest of a message is not the decider's work."""

    given: Given
    command: Command

    def then(self, *expected: Event) -> None:
        """Exactly these events happen, in this order."""
        _events(expected, "then")
        try:
            found = self._decisions()
        except Refused as refusal:
            raise AssertionError(
                self._story(f"expected {_shown(expected)}, but it was refused: {refusal.reason}")
            ) from None
        for n, (wanted, got) in enumerate(zip(expected, found, strict=False), 1):
            if difference := _difference(wanted, got):
                raise AssertionError(self._story(f"event {n} differs: {difference}"))
        if len(expected) != len(found):
            raise AssertionError(self._story(f"expected {_shown(expected)}, found {_shown(found)}"))

    def then_refused(self, reason: str = "", error: type[Exception] = Refused) -> None:
        """The command is refused with `error`, for a reason that contains these words."""
        borders.text(reason, "reason", where="then_refused")
        if not (isinstance(error, type) and issubclass(error, Exception)):
            raise Invalid("error", where="then_refused", expected="a class of exceptions", found=error)
        try:
            found = self._decisions()
        except error as refusal:
            if reason not in str(refusal):
                message = f"expected a refusal that says {reason!r}, it says {str(refusal)!r}"
                raise AssertionError(self._story(message)) from refusal
            return
        raise AssertionError(self._story(f"expected a refusal, but this happened: {_shown(found)}"))

    def _decisions(self) -> list[Event]:
        return self.given.decider.decisions(self.command, fold(self.given.decider, self.given.events))

    def _story(self, end: str) -> str:
        return f"given {_shown(self.given.events)}\nwhen {_shown([self.command])}\n{end}"


def _shown(shown: Sequence[Message]) -> str:
    return ", ".join(f"{message.type} {dict(message.data)}" for message in shown) or "nothing"


def _difference(wanted: Event, got: Event) -> str:
    """How two events differ in type and data, in words; empty if they do not."""
    if wanted.type != got.type:
        return f"expected the type {wanted.type!r}, found {got.type!r}"
    parts = []
    for key in [*wanted.data, *(key for key in got.data if key not in wanted.data)]:
        if key not in got.data:
            parts.append(f"{key!r} is missing (expected {wanted.data[key]!r})")
        elif key not in wanted.data:
            parts.append(f"{key!r} is there without need (found {got.data[key]!r})")
        elif wanted.data[key] != got.data[key]:
            parts.append(f"{key!r} should be {wanted.data[key]!r}, found {got.data[key]!r}")
    return f"in {got.type}, " + "; ".join(parts) if parts else ""
