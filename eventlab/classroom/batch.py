"""Judges many answers, each in a process of its own that ends whatever becomes of it; several at once.

A judge's process is a fork where there are forks, so that what takes long to prepare is prepared once.
"""

from __future__ import annotations

import multiprocessing.connection
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from eventlab.classroom import added, limits
from eventlab.classroom.judge import READING, Answer, Result, judged
from eventlab.classroom.results import Results
from eventlab.lessons.judging import model
from eventlab.lessons.judging.model import Exercise

LONGEST = 240.0  # seconds of real time of one judge, should it hang itself: the answer's own limits are far shorter
LOST = Result(READING, message="The judge's own process ended before it had said anything: read this one yourself.")


class Job(msgspec.Struct, frozen=True):
    """One answer to be judged, and the name of its result."""

    name: str
    answer: Answer
    parts: int = 0
    folder: str = ""  # of an exercise of the instructor's own

    @property
    def exercise(self) -> Exercise:
        """The exercise that is answered, with the values of the student's variant."""
        if self.folder:
            return added.exercise(Path(self.folder), self.answer.variant)
        return model.exercise(self.answer.id)


def judge_all(
    jobs: Iterable[Job], results: Results, shelf: Path, key: str, told: Callable[[Job], object], at_once: int = 0
) -> None:
    """Judge what has no result yet; `told` hears of every job that is done."""
    waiting = list({job.name: job for job in jobs}.values())[::-1]
    for job in {job.answer.id: job for job in waiting}.values():
        job.exercise.prepare()
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    running: dict[Any, tuple[Job, Any, float]] = {}
    while waiting or running:
        while waiting and len(running) < (at_once or os.cpu_count() or 1):
            job = waiting.pop()
            process = context.Process(target=_judge, args=(job, results, shelf, key), daemon=True)
            process.start()
            running[process.sentinel] = (job, process, time.monotonic() + LONGEST)
        for sentinel in multiprocessing.connection.wait(list(running), timeout=1.0):
            _ended(*running.pop(sentinel)[:2], results, told)
        for sentinel, (job, process, until) in list(running.items()):
            if time.monotonic() > until:
                process.kill()
                running.pop(sentinel)
                _ended(job, process, results, told)


def _ended(job: Job, process: Any, results: Results, told: Callable[[Job], object]) -> None:
    process.join()
    if results.read(job.name) is None:
        results.write(job.name, LOST)
    told(job)


def _judge(job: Job, results: Results, shelf: Path, key: str) -> None:
    """In its own process: judge, and keep the result. What goes wrong here is our fault, never the student's."""
    limits.end_with_parent()
    try:
        exercise = job.exercise
        if sys.platform != "linux":
            exercise.prepare()
        found = judged(exercise, job.answer, shelf, key=key, parts=job.parts)
    except Exception as problem:
        words = f"It could not be judged ({type(problem).__name__}: {str(problem)[:300]}): read this one yourself."
        found = Result(READING, message=words)
    results.write(job.name, found)
