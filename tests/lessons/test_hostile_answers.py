"""Whatever an answer does, a check ends within its limit, says what was wrong, and leaves the next one right."""

from __future__ import annotations

import builtins
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eventlab.lessons.judging import apart, learner, model, progress
from eventlab.lessons.judging import attempt as trying
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.model import Case, Exercise
from eventlab.lessons.judging.time_limit import TookTooLong, limited
from eventlab.lessons.judging.verdict import Verdict
from tests.lessons import hostile
from tests.support import REPO

EXERCISE = model.exercise("12.2")
needs_a_fork = pytest.mark.skipif(not trying.CAN_FORK, reason="promised where there is a fork")


def surroundings() -> list[Any]:
    """What an answer could have changed of the process that it is checked in."""
    signals = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
    return [
        *signals, signal.pthread_sigmask(signal.SIG_BLOCK, []), sys.stdout, sys.stderr, sys.getrecursionlimit(),
        builtins.input, builtins.len, threading.active_count(), sorted(os.listdir("/proc/self/fd")), trying.mistake_in,
        children(),
    ]  # fmt: skip


def children() -> list[str]:
    """The processes that this one has begun and that are not gone: another test may keep a server."""
    return sorted(Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split())


@needs_a_fork
@pytest.mark.parametrize(("in_line", "passed", "end"), [(0, 1.5, "late"), (1, 1.5, "done"), (99, 4.5, "late")])
def test_what_stands_in_line_for_a_processor_is_waited_for_but_not_for_ever(
    in_line: float, passed: float, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert apart._stood_in_line(os.getpid()) >= 0 == apart._stood_in_line(-1)
    monkeypatch.setattr(apart, "_stood_in_line", lambda child: in_line)
    monkeypatch.setattr(apart, "time", SimpleNamespace(monotonic=iter([0, passed]).__next__))
    hear, say = os.pipe()
    try:
        os.write(say, bytes(apart.HEAD))  # done, with nothing to say
        assert apart._listen(hear, os.getpid(), 1.0).end == end
    finally:
        os.close(hear)
        os.close(say)


@needs_a_fork
@pytest.mark.parametrize("answer", hostile.ANSWERS, ids=lambda answer: answer.__name__)
def test_whatever_an_answer_does_there_is_a_verdict_in_time_and_nothing_has_changed(
    answer: hostile.Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "SECONDS", 1.0)
    before, begun = surroundings(), time.monotonic()
    failure = attempt(EXERCISE, answer)
    assert time.monotonic() - begun < 60  # far from for ever, however busy the machine is
    assert failure is not None
    words = Verdict(EXERCISE, failure).text
    if answer in hostile.ENDLESS:
        assert "did not come to an end" in words
    assert len(words) < 2000 and len(failure.printed) < 11_000
    assert surroundings() == before
    monkeypatch.setattr(trying, "SECONDS", 60.0)
    assert attempt(EXERCISE, EXERCISE.model) is None


@needs_a_fork
def test_an_answer_that_ends_the_process_is_told_so() -> None:
    for answer in set(hostile.GONE) - {hostile.forks_and_leaves}:
        failure = attempt(EXERCISE, answer)
        assert failure is not None and failure.mistake.kind == "gone", answer


def test_without_a_fork_the_interrupt_comes_again_until_the_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "CAN_FORK", False)
    monkeypatch.setattr(trying, "SECONDS", 0.3)
    before = signal.getsignal(signal.SIGINT)
    for answer in (hostile.swallows, hostile.sleeps, hostile.floods):
        failure = attempt(EXERCISE, answer)
        assert failure is not None and failure.mistake.kind == "endless"
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.setattr(trying, "SECONDS", 60.0)
    assert attempt(EXERCISE, EXERCISE.model) is None
    failure = attempt(EXERCISE, hostile.leaves)
    assert failure is not None and "SystemExit" in failure.mistake.message


def test_one_interrupt_alone_is_swallowed() -> None:
    """The control: why it must come again."""

    def swallows_one() -> str:
        with suppress(BaseException):
            time.sleep(30)
        return "went on"

    pressed = threading.Timer(0.2, lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT))
    pressed.start()
    assert swallows_one() == "went on"
    pressed.join()
    with pytest.raises(TookTooLong):
        limited(lambda: [swallows_one() for _ in range(1000)], 0.1)


def test_the_limit_strikes_nothing_that_python_calls_while_it_collects_rubbish() -> None:
    """It would be swallowed there, and reported as an error of somebody who has nothing to do with it."""

    begun, done = count(1), count(1)

    def aside(phase: str, info: dict[str, int]) -> None:
        next(begun)
        for _ in range(2000):
            pass
        next(done)

    def rubbish() -> None:
        while True:
            itself: list[Any] = []
            itself.append(itself)

    gc.callbacks.append(aside)
    try:
        for _ in range(10):
            with pytest.raises(TookTooLong):
                limited(rubbish, 0.02)
    finally:
        gc.callbacks.remove(aside)
    assert next(begun) == next(done) > 1


def noisy(answer: Any, case: Case) -> None:
    """A judge that lets the answer print in every run, and is content from the third run on."""
    print(f"run {case.seed}")
    answer()
    if case.seed == 2:
        raise trying.Mistake("no")


def test_only_what_the_shown_run_prints_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(tmp_path / "progress.json"))
    exercise = Exercise("99.1", "t", "write", "Do it.", noisy, lambda: None, ("", ""))
    monkeypatch.setattr(model, "exercise", lambda id: exercise)
    verdict = learner.check("99.1", lambda: print("here", file=sys.stderr))
    assert verdict.printed == "run 2\nhere\n"
    assert capsys.readouterr().out == "run 2\nhere\n"


CHECKS = """
import sys
from eventlab.lessons import check
from eventlab.lessons.judging.model import exercise
right = exercise("12.2").model
def wrong(figures, bars):
    return "ask"
print("ready", flush=True)
while True:
    try:
        while True:
            check("12.2", wrong), check("12.2", right)
    except KeyboardInterrupt:
        break
for _ in range(3):
    try:
        text = check("12.2", right).text, check("12.2", wrong).text
        break
    except KeyboardInterrupt:
        pass
print(text, flush=True)
"""


@needs_a_fork
def test_after_an_interrupt_at_any_moment_the_next_check_is_right_and_progress_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    for number in range(6):
        environment = {**os.environ, "EVENTLAB_PROGRESS": str(path), "PYTHONPATH": str(REPO)}
        with subprocess.Popen(
            [sys.executable, "-c", CHECKS], stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
        ) as child:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
            time.sleep(0.2 + number * 0.0317)
            os.killpg(child.pid, signal.SIGINT)  # as Jupyter's stop button does
            said = child.stdout.read()
        assert child.returncode == 0
        assert "solved" in said and "not yet" in said
        assert progress.load(path).attempts["12.2"] >= 2
        assert {each.name for each in tmp_path.iterdir()} <= {"progress.json", "progress.json.lock"}
