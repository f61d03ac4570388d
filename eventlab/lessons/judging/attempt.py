"""Try an answer on many runs; if one fails, find the shortest that fails in the same way.

The runs take place in a process of their own where there is a fork (`apart`), so that nothing that an answer does, not
even that it never ends, reaches the notebook or the next check.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from typing import Any

from eventlab.lessons.judging.apart import CAN_FORK, run_apart
from eventlab.lessons.judging.drawn import part
from eventlab.lessons.judging.memory import Memory, Remembers
from eventlab.lessons.judging.messages import endless, error_raised, gone, in_words, not_awaited, remembers
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.reading import as_meant
from eventlab.lessons.judging.report import Failure, packed, unpacked
from eventlab.lessons.judging.search import TRIES, shorter
from eventlab.lessons.judging.time_limit import SLOWER, TookTooLong, limited
from eventlab.lessons.judging.watching import Paper, watched

SECONDS = 5.0  # real time for all runs of one check, with a processor: they take less than two


def attempt(exercise: Exercise, answer: Any, seconds: float | None = None) -> Failure | None:
    """The shortest failing run that was found in time (default: `SECONDS`), or None if every run went well."""
    exercise.prepare()
    seconds = SECONDS if seconds is None else seconds
    if not CAN_FORK:
        return _tried_here(exercise, answer, seconds)
    heard = run_apart(lambda: (packed(failure, exercise) for failure in failures(exercise, answer)), seconds)
    if heard.last is not None:
        return unpacked(heard.last, exercise)
    return None if heard.end == "done" else Failure(endless(seconds) if heard.end == "late" else gone())


def failures(exercise: Exercise, answer: Any, memory: Remembers | None = None, tries: int = TRIES) -> Iterator[Failure]:
    """A run that fails, if one does, and then shorter ones that fail in the same way.

    `memory` puts back what the answer remembers, if it runs elsewhere; at most so many `tries` look for shorter runs.
    """
    read, unreadable = read_answer(exercise, answer)
    if unreadable is not None:
        yield unreadable
        return
    memory = Memory(read) if memory is None else memory
    try:
        for seed in range(exercise.runs):
            if (failure := failure_in(exercise, read, exercise.cases(seed), memory)) is not None:
                yield failure
                yield from shorter(partial(failure_in, exercise, read, memory=memory), exercise.cases, failure, tries)
                return
    finally:
        memory.restore()


def _tried_here(exercise: Exercise, answer: Any, seconds: float) -> Failure | None:
    """The same in this process, with a limit that interrupts."""
    found: list[Failure] = []
    seconds *= SLOWER
    try:
        limited(lambda: found.extend(failures(exercise, answer)), seconds)
    except TookTooLong:
        found = found or [Failure(endless(seconds))]
    return found[-1] if found else None


def read_answer(exercise: Exercise, answer: Any) -> tuple[Any, Failure | None]:
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
        message = f"Your answer cannot be read: {in_words(error)}"
        return None, Failure(Mistake(message, kind="shape"), printed=str(paper))


# One run --------------------------------------------------------------------------------------------------------------


def failure_in(exercise: Exercise, answer: Any, case: Case, memory: Remembers) -> Failure | None:
    """What goes wrong in one run, cut to the part that matters, with what that run prints."""
    paper = Paper()
    if not exercise.pure:
        memory.restore()
    with redirect_stdout(paper), redirect_stderr(paper):
        mistake = mistake_in(exercise, answer, case)
        if mistake is not None and exercise.pure and (names := memory.changed):
            memory.restore()
            mistake = remembers(mistake, names, first=mistake_in(exercise, answer, case) is None)
    return None if mistake is None else Failure(cut(mistake), case, str(paper))


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
            mistake = Mistake("")
    for warning in noticed:
        if forgotten := re.search(r"coroutine '(?:.*\.)?(\w+)' was never awaited", str(warning.message)):
            return not_awaited(forgotten[1], warning.lineno, answer)
    if raised and mistake is not None and mistake.__cause__ is raised[0]:
        return mistake  # the judge says in its own words what the error means
    if raised and (mistake is not None or not exercise.may_raise or isinstance(raised[0], NotImplementedError)):
        return error_raised(raised[0], exercise, answer, mistake)
    if mistake is not None and mistake.trace is not None:
        for record in mistake.trace:
            if record.kind == "failed" and record.note.startswith("Invalid: result in what a handler"):
                marks = {record.index: "what it gave back"}
                return Mistake(record.note.removeprefix("Invalid: "), trace=mistake.trace, marks=marks, kind="result")
    return mistake


def cut(mistake: Mistake) -> Mistake:
    """The mistake with the part of its run that matters."""
    if mistake.trace is not None:
        mistake.trace, mistake.marks = part(mistake)
    return mistake


def _let_through(error: BaseException) -> None:
    """Without a fork an interrupt is the user's own and ends the check; in a fork it can only be the answer's."""
    if not CAN_FORK and isinstance(error, KeyboardInterrupt):
        raise error
