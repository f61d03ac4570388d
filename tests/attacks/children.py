"""Child processes for attacks: started together, spoken to in lines of JSON, killed and begun anew, none left over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Child = subprocess.Popen[str]


def start(work: Callable[..., object], *args: object) -> Child:
    """A process that calls `work`, a function of a module, with `args`, each of them as text."""
    program = f"import sys; from {work.__module__} import {work.__name__} as work; work(*sys.argv[1:])"
    command = [sys.executable, "-c", program, *map(str, args)]
    pipe, folder = subprocess.PIPE, Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder)


@contextmanager
def children(count: int, work: Callable[..., object], *args: object) -> Iterator[list[Child]]:
    """So many processes, each given its number and `args`. What the list holds at the end must end well by itself."""
    started = [start(work, n, *args) for n in range(count)]
    everyone = set(started)
    try:
        yield started
        everyone |= set(started)
        for child in started:
            child.stdin.close()  # type: ignore[union-attr]
            assert child.wait(60) == 0, f"{work.__name__} ended with {child.returncode}"
    finally:
        for child in everyone | set(started):
            end(child)


def forked(work: Callable[..., object], *arguments: object) -> int:
    """The number of a process that does this, from where we are; what it opens and closes takes none of our locks."""
    if (number := os.fork()) == 0:
        try:
            work(*arguments)
            os._exit(0)
        finally:
            os._exit(1)
    return number


def asked(work: Callable[..., Any], *arguments: object) -> Any:
    """What `work` gives in a process of its own, as JSON: threads that it starts are not there when we fork again."""
    read, write = os.pipe()
    child = forked(lambda: os.write(write, json.dumps(work(*arguments)).encode()))
    os.close(write)
    with open(read, "rb") as file:
        found = file.read()
    assert os.waitpid(child, 0)[1] == 0 and found, f"{work.__name__} ended without an answer"
    return json.loads(found)


def alone(attack: str, *arguments: object) -> Any:
    """What `attack` ("kills.attack") gives, in a new process: a test's may have threads, and must not fork.

    Engines are its own there: those of the tests, or of whoever runs them, are not killed.
    """
    module, _, name = attack.partition(".")
    program = f"import json; from tests.attacks.{module} import {name} as work; print(json.dumps(work(*{arguments!r})))"
    own = {name: value for name, value in os.environ.items() if name not in ("EVENTLAB_NATS", "EVENTLAB_POSTGRES")}
    command = [sys.executable, "-c", program]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=own).stdout)


def end(child: Child) -> None:
    """Kill a process, if it still runs, and put everything of it away."""
    child.kill()
    child.wait()
    child.stdin.close()  # type: ignore[union-attr]
    child.stdout.close()  # type: ignore[union-attr]


def say(child: Child, what: Any) -> None:
    child.stdin.write(json.dumps(what) + "\n")  # type: ignore[union-attr]
    child.stdin.flush()  # type: ignore[union-attr]


def hear(child: Child) -> Any:
    line = child.stdout.readline()  # type: ignore[union-attr]
    assert line, "the child ended without an answer"
    return json.loads(line)


def tell(what: Any) -> None:
    """What a child says to its parent."""
    print(json.dumps(what), flush=True)


def told() -> Any:
    """What a child is told next."""
    return json.loads(sys.stdin.readline())
