"""■ in a real kernel: whatever is interrupted, at whatever moment, the next cell is right.

Going on gives what an undisturbed run gives, or is refused by name (`TornRun`); and the next check is right.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from random import Random

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.support import REPO

PATIENCE = 60  # seconds of real time for one cell on a busy machine
MOMENTS = 2  # interrupts of each work

SET_UP = """
from eventlab import Delay, Event, Lab, Store
from eventlab.airports import Scenario, run, start
from eventlab.lessons import check
from eventlab.lessons.judging.model import exercise
from eventlab.views import what_if

hours = Scenario().leaving("14:00", "14:40")

def told_of(n):
    return run(Scenario(seed=n).leaving("14:00", "14:15"), "event notification").digest

def laid_out():
    lab = Lab(seed=1)
    shop, mail = lab.service("shop"), lab.service("mail", workers=2, work=Delay(0.1, 0.3))

    @mail.on("order.*", durable="mail")
    async def work(event):
        await mail.sleep(0.5)
        mail.state["n"] = mail.state.get("n", 0) + 1
        return Event("letter.sent", {"n": mail.state["n"]}, event.subject)

    for number in range(2000):
        lab.at(number, shop.publish, Event("order.placed", {"n": number}, str(number % 50)))
    return lab

def append(store):
    for number in range(store.position, 6_000):
        store.append("thing-1", Event("noted", {"n": number}, id=str(number)))

def appended(store):
    append(store)
    store.verify()
    return [each.event.id for each in store.read("thing-1")] == [str(n) for n in range(6_000)]

def imported(store):
    for flight in sorted({command.subject for command in Scenario().commands}):
        events = [Event("noted", {"flight": flight, "n": n}, id=f"{flight}/{n}") for n in range(10)]
        store.append(f"flight-{flight}", events)
    return store.verify(), store.position
"""


@dataclass(frozen=True)
class Work:
    """What is made first, what is interrupted, and how one goes on: an expression of what must be the same."""

    before: str
    interrupted: str
    going_on: str


WORKS = {
    "a laboratory runs": Work("lab = laid_out()", "lab.run()", "lab.run().digest()"),
    "an architecture runs": Work("begun = start(hours, 'event sourcing')", "begun.finish()", "begun.finish().digest"),
    "a run in one call": Work("pass", "run(hours, 'request-driven')", "run(hours, 'request-driven').digest"),
    "an answer is checked": Work(
        "right = exercise('03.3').model",
        "check('03.3', right)",
        "check('03.3', right).solved, check('03.3', len).solved",
    ),
    "events are appended": Work(
        "store = Store(f'{folder}/{next(numbers)}.db', durable=False)", "append(store)", "appended(store)"
    ),
    "a day is imported": Work(
        "store = Store(f'{folder}/{next(numbers)}.db', durable=False)", "imported(store)", "imported(store)"
    ),
    "a control is moved": Work(
        "control = what_if(told_of, n=[1, 2]); control.text",
        "control.show(n=2)",
        "control.show(n=1), control.show(n=2)",
    ),
}  # fmt: skip


@dataclass
class Kernel:
    """A real kernel in a process of its own."""

    manager: KernelManager
    client: BlockingKernelClient

    def begin(self, source: str) -> str:
        """Begin a cell; its number."""
        number: str = self.client.execute(source, store_history=False)
        return number

    def end(self, number: str) -> tuple[str, str]:
        """The name of the cell's error, "" if there is none, and the result that it shows."""
        shown, ends = "", time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                message = self.client.get_iopub_msg(timeout=PATIENCE)
            except Empty:
                break
            if message["parent_header"].get("msg_id") != number:
                continue
            if message["msg_type"] == "execute_result":
                shown = message["content"]["data"]["text/plain"]
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        reply = self.client.get_shell_msg(timeout=PATIENCE)
        while reply["parent_header"].get("msg_id") != number:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
        return reply["content"].get("ename", ""), shown

    def run(self, source: str) -> tuple[str, str]:
        return self.end(self.begin(source))


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder: Path = tmp_path_factory.mktemp("kernel")
    manager = KernelManager(kernel_name="python3")
    settings = {"EVENTLAB_PROGRESS": str(folder / "progress.json"), "IPYTHONDIR": str(folder / "ipython")}
    manager.start_kernel(cwd=str(REPO), env={**os.environ, **settings, "PYTHONPATH": str(REPO)})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        it = Kernel(manager, client)
        assert it.run(SET_UP) == ("", "")
        assert it.run(f"import itertools; numbers = itertools.count(); folder = {str(folder)!r}") == ("", "")
        yield it
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("name", WORKS)
def test_whenever_a_cell_is_interrupted_the_next_one_is_right(kernel: Kernel, name: str) -> None:
    work, chance = WORKS[name], Random(name)
    assert kernel.run(work.before)[0] == ""
    begun = time.monotonic()
    assert kernel.run(work.interrupted)[0] == ""
    takes = time.monotonic() - begun
    error, undisturbed = kernel.run(work.going_on)
    assert (error, bool(undisturbed)) == ("", True)
    struck = 0
    for _ in range(MOMENTS):
        kernel.run(work.before)
        number = kernel.begin(work.interrupted)
        time.sleep(takes * (0.05 + 0.7 * chance.random()))
        kernel.manager.interrupt_kernel()
        error, _ = kernel.end(number)
        assert error in ("KeyboardInterrupt", "")
        struck += error != ""
        error, shown = kernel.run(work.going_on)
        assert error == "TornRun" or (error, shown) == ("", undisturbed)
    assert struck, f"every interrupt came too late, {takes:.2f} s are too few"
