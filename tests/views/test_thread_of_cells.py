"""Messages of a page come in another thread than the cells': what they ask for is done in the cells' own."""

from __future__ import annotations

import asyncio
import threading
import time

from eventlab.sim import Sim
from eventlab.views import what_if
from eventlab.views.controls.what_if import WhatIf


async def moved(free: bool) -> tuple[list[int], WhatIf]:
    """A control that works on a simulation of its cell, moved five times from another thread."""
    sim, threads = Sim(), []

    def make(seconds: int) -> str:
        threads.append(threading.get_ident())
        if free:
            sim.run(until=sim.now / 1e9 + seconds)  # raises in any thread but the one that made it
        return f"{seconds} seconds later"

    control = what_if(make, seconds=[1, 2, 3, 4, 5, 6])
    assert control.widget.picked == [0]

    def move() -> None:
        for place in range(1, 6):
            control.widget.picked = [place]
            assert f"{place + 1} seconds later" in control.widget.shown

    if free:
        await asyncio.to_thread(move)
    else:
        mover = threading.Thread(target=move)
        mover.start()
        while mover.is_alive():  # a cell is running: the loop has no time
            time.sleep(0.01)
    return threads, control


def test_a_control_works_in_the_thread_of_its_cell_at_every_move() -> None:
    threads, control = asyncio.run(moved(free=True))
    assert threads == [threading.get_ident()] * 6
    assert control.text == "6 seconds later"


def test_a_control_that_is_moved_while_a_cell_runs_does_not_wait_for_it() -> None:
    threads, _ = asyncio.run(moved(free=False))
    assert len(set(threads)) == 2
