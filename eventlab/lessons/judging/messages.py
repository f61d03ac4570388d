"""What is said about an answer that raises, never ends, or remembers: the same in every exercise."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any

from eventlab.lessons.judging.model import Exercise, Mistake
from eventlab.lessons.judging.reading import shown
from eventlab.lessons.judging.watching import line_of
from eventlab.views.own_errors import SLEEP, hint

PLAIN = "Your answer is an `async def`, but nothing awaits it here: write it as a plain `def`."


def endless(seconds: float) -> Mistake:
    """It did not come to an end."""
    return Mistake(
        f"Your code did not come to an end within {seconds:g} seconds. Is there a loop that never ends, or a "
        f"time.sleep? {SLEEP}",
        kind="endless",
    )


def gone() -> Mistake:
    """It ended the process in which it was tried."""
    return Mistake(
        "Your code ended the program that it ran in, before anything could be said about it. Does it call os._exit, "
        "end processes, or call itself so deep that Python breaks?",
        kind="gone",
    )


def not_awaited(called: str, line: int, answer: Any) -> Mistake:
    """A coroutine was made and never run."""
    if called in ("waiting", "awaited", getattr(answer, "__name__", "")):
        message = PLAIN
    else:
        message = (
            f"A call of {called}(...) was never awaited, so it did nothing: write `await` before it (and `async def` "
            f"for the function it stands in). Look near line {line} of your cell."
        )
    return Mistake(message, kind="await")


def error_raised(error: BaseException, exercise: Exercise, answer: Any, mistake: Mistake | None) -> Mistake:
    """The learner's own code raised an error; `mistake` is what came of it."""
    if isinstance(error, NotImplementedError):
        return Mistake(f"not written yet: {exercise.task}", kind="stub")
    line = line_of(error, answer)
    message = in_words(error, f" in line {line} of your code" if line else "") + hint(error)
    if isinstance(error, SystemExit):
        message += ". Your code ends the program: give the answer back with return instead"
    if iscoroutinefunction(answer) and not iscoroutinefunction(exercise.model):
        message = f"{PLAIN} ({message})"
    elif "coroutine" in message:
        message += ". Is an `await` missing there?"
    if "never changes once made" in message:
        message += ". It is the same with what stands in a state: put a new value there, state[key] = {**old, ...}"
    if mistake is None or mistake.trace is None:
        return Mistake(message, kind="raised")
    marks = {r.index: type(error).__name__ for r in mistake.trace.of("failed") if type(error).__name__ in r.note}
    first = dict(list(marks.items())[:1])
    return Mistake(message, trace=mistake.trace, flight=mistake.flight, marks=first, kind="raised")


def remembers(mistake: Mistake, names: list[str], *, first: bool) -> Mistake:
    """The answer keeps something between calls, though all that it may use is given to it.

    `first` says whether all is well as long as it remembers nothing: then this is the cause.
    """
    told = f"Your code remembers something from one call to the next, outside what it is given: in `{names[0]}`. "
    told += "The next run, and everybody else who calls it, finds it there. Use nothing but the arguments."
    mistake.message = told if first else f"{mistake.message} And: {told[0].lower()}{told[1:]}"
    mistake.kind = "memory" if first else mistake.kind
    return mistake


def in_words(error: BaseException, where: str = "") -> str:
    """An error in words, though it may fail to say them."""
    try:
        said = str(error)
    except Exception:
        said = shown(error)
    return f"{type(error).__name__}{where}: {said[:1000]}"
