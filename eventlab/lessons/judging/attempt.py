"""Try an answer on many runs; if one fails, find the shortest that fails in the same way.

The runs take place in a process of their own where there is a fork (`apart`), so that nothing that an answer does, not
even that it never ends, reaches the notebook or the next check.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from typing import Any

from eventlab.lessons.judging.apart import CAN_FORK, run_apart
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.reading import as_meant, shown
from eventlab.lessons.judging.report import Failure, packed, unpacked
from eventlab.lessons.judging.time_limit import TookTooLong, limited
from eventlab.lessons.judging.watching import Paper, line_of, watched

SECONDS = 5.0  # real time for all runs of one check: they take less than two
TRIES = 60  # smaller runs that are tried in search of the shortest failing one


def attempt(exercise: Exercise, answer: Any) -> Failure | None:
    """The shortest failing run that was found in time, or None if every run went well."""
    exercise.prepare()
    if not CAN_FORK:
        return _tried_here(exercise, answer)
    heard = run_apart(lambda: (packed(failure, exercise) for failure in failures(exercise, answer)), SECONDS)
    if heard.last is not None:
        return unpacked(heard.last, exercise)
    return None if heard.end == "done" else Failure(_endless() if heard.end == "late" else _gone())


def failures(exercise: Exercise, answer: Any) -> Iterator[Failure]:
    """A run that fails, if one does, and then shorter ones that fail in the same way."""
    read, unreadable = _read(exercise, answer)
    if unreadable is not None:
        yield unreadable
        return
    for seed in range(exercise.runs):
        case = exercise.cases(seed)
        if (failure := failure_in(exercise, read, case)) is not None:
            yield failure
            yield from _shorter(exercise, read, failure)
            return


def _tried_here(exercise: Exercise, answer: Any) -> Failure | None:
    """The same in this process, with a limit that interrupts."""
    found: list[Failure] = []
    try:
        limited(lambda: found.extend(failures(exercise, answer)), SECONDS)
    except TookTooLong:
        found = found or [Failure(_endless())]
    return found[-1] if found else None


def _read(exercise: Exercise, answer: Any) -> tuple[Any, Failure | None]:
    """The answer as it is meant, or what is wrong with it before any run."""
    paper = Paper()
    try:
        with redirect_stdout(paper), redirect_stderr(paper):
            return as_meant(exercise, answer), None
    except Mistake as mistake:
        return None, Failure(mistake, printed=str(paper))
    except TookTooLong:
        raise
    except BaseException as error:
        _let_through(error)
        message = f"Your answer cannot be read: {_words(error)}"
        return None, Failure(Mistake(message, kind="shape"), printed=str(paper))


def _shorter(exercise: Exercise, answer: Any, found: Failure) -> Iterator[Failure]:
    """Failing runs with fewer and fewer records: fewer things, fewer faults, other seeds."""
    if found.case is None or (found.mistake.trace is None and found.mistake.picture is None):
        return  # there is no run to be seen
    best = found
    for tries, case in enumerate(_smaller(exercise, found.case), 1):
        if tries > TRIES:
            return
        failure = failure_in(exercise, answer, case)
        if failure is not None and failure.mistake.kind == found.mistake.kind and failure.length < best.length:
            best = failure
            yield best


def _smaller(exercise: Exercise, case: Case) -> Iterator[Case]:
    """Cases with less in them, the smallest first."""
    for size in range(1, case.size + 1):
        for seed in dict.fromkeys((case.seed, *range(exercise.runs // 4))):
            other = exercise.cases(seed)
            for place in range(len(other.faults)):
                yield replace(other, size=size, faults=other.faults[:place] + other.faults[place + 1 :])
            yield replace(other, size=size)


# One run --------------------------------------------------------------------------------------------------------------


def failure_in(exercise: Exercise, answer: Any, case: Case) -> Failure | None:
    """What goes wrong in one run, with what that run prints."""
    paper = Paper()
    with redirect_stdout(paper), redirect_stderr(paper):
        mistake = mistake_in(exercise, answer, case)
    return None if mistake is None else Failure(mistake, case, str(paper))


def mistake_in(exercise: Exercise, answer: Any, case: Case) -> Mistake | None:
    """The mistake in one run. What the learner's own code raised comes before what came of it."""
    raised: list[BaseException] = []
    mistake: Mistake | None = None
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always")
        try:
            exercise.judge(watched(answer, raised), case)
        except Mistake as found:
            mistake = found
        except TookTooLong:
            raise
        except BaseException as error:
            _let_through(error)
            raised.append(error)
    for warning in noticed:
        if forgotten := re.search(r"coroutine '(?:.*\.)?(\w+)' was never awaited", str(warning.message)):
            return _forgotten(forgotten[1], warning.lineno, answer)
    if raised:
        return _raised(raised[0], exercise, answer, mistake)
    if mistake is not None and mistake.trace is not None:
        for record in mistake.trace:
            if record.kind == "failed" and record.note.startswith("Invalid: result in what a handler"):
                return Mistake(record.note.removeprefix("Invalid: "), trace=mistake.trace, kind="result")
    return mistake


def _let_through(error: BaseException) -> None:
    """Without a fork an interrupt is the user's own and ends the check; in a fork it can only be the answer's."""
    if not CAN_FORK and isinstance(error, KeyboardInterrupt):
        raise error


# What is said ---------------------------------------------------------------------------------------------------------


def _endless() -> Mistake:
    return Mistake(
        f"Your code did not come to an end within {SECONDS:g} seconds. Is there a loop that never ends, or a "
        "time.sleep? Inside a handler, wait with: await sim.sleep(seconds)",
        kind="endless",
    )


def _gone() -> Mistake:
    return Mistake(
        "Your code ended the program that it ran in, before anything could be said about it. Does it call os._exit, "
        "end processes, or call itself so deep that Python breaks?",
        kind="gone",
    )


def _forgotten(called: str, line: int, answer: Any) -> Mistake:
    if called in ("waiting", "awaited", getattr(answer, "__name__", "")):
        message = "Your answer is an `async def`, but nothing awaits it here: write it as a plain `def`."
    else:
        message = (
            f"A call of {called}(...) was never awaited, so it did nothing: write `await` before it (and `async def` "
            f"for the function it stands in). Look near line {line} of your cell."
        )
    return Mistake(message, kind="await")


def _raised(error: BaseException, exercise: Exercise, answer: Any, mistake: Mistake | None) -> Mistake:
    if isinstance(error, NotImplementedError):
        return Mistake(f"not written yet: {exercise.task}", kind="stub")
    trace, flight = (mistake.trace, mistake.flight) if mistake is not None else (None, "")
    line = line_of(error, answer)
    message = _words(error, f" in line {line} of your code" if line else "")
    if isinstance(error, SystemExit):
        message += ". Your code ends the program: give the answer back with return instead"
    if "coroutine" in message:
        message += ". Is an `await` missing there?"
    return Mistake(message, trace=trace, flight=flight, kind="raised")


def _words(error: BaseException, where: str = "") -> str:
    """An error in words, though it may fail to say them."""
    try:
        said = str(error)
    except Exception:
        said = shown(error)
    return f"{type(error).__name__}{where}: {said[:1000]}"
