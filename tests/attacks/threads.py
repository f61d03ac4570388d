"""Eight threads at one simulation, a thousand handlers that wait while rubbish is collected, and an end that is one.

A simulation belongs to the thread that made it: others are refused, and change nothing. They may hand over what they
have through a queue. Controls: a naive bus in eight threads, unowned tasks of asyncio, a run that is stopped too early.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any
from weakref import WeakSet

from eventlab.errors import WrongThread
from eventlab.event import Command, Event
from eventlab.network import Delay, LinkQuality
from eventlab.service import Service
from eventlab.sim import SECOND, Signal, Sim
from eventlab.trace import Trace
from tests.attacks.deliveries import Naive
from tests.support.laboratory import Lab, build_airport

THREADS = 8


@contextmanager
def hurried() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def everywhere(work: Callable[[int], None], crew: int = THREADS) -> list[threading.Thread]:
    """Eight threads (or so many) that do the work."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(crew)]
    for thread in threads:
        thread.start()
    return threads


def besieged(calls: int, crew: int = THREADS) -> tuple[list[str], int]:
    """Run days of an airport while other threads call whatever can be called; also how often they did while it ran."""
    expected = build_airport(3)[0]
    expected.sim.run()
    running, owner = threading.Event(), threading.get_ident()
    outcomes: list[str] = []
    struck = [0] * crew
    threads: list[threading.Thread] = []

    async def nothing() -> None:
        return None

    def attack(number: int) -> None:
        running.wait()
        for call in range(calls):
            sim, network, bus = homes[-1].sim, homes[-1].network, homes[-1].bus
            pilot: Any = network.nodes["operations"]
            work = nothing()
            ways: list[Callable[[], object]] = [
                sim.run, sim.step,
                lambda: sim.start(work),  # noqa: B023
                lambda: pilot.publish(Event("flight.cancelled")),  # noqa: B023
                lambda: pilot.tell("boards", Command("board.clear")),  # noqa: B023
                lambda: pilot.request("boards", Command("board.read")).send(None),  # noqa: B023
                lambda: bus.subscribe("boards", "flight.*"),  # noqa: B023
            ]  # fmt: skip
            struck[number] += running.is_set()
            try:
                ways[(call + number) % len(ways)]()
                outcomes.append(f"call {call % len(ways)} was let through")
            except WrongThread:
                pass
            except Exception as error:
                outcomes.append(f"{type(error).__name__}: {error}")
            finally:
                with suppress(ValueError, RuntimeError):  # it runs, where nothing keeps threads out
                    work.close()

    def stand_still() -> None:
        """In the middle of a run, wait until the others have called a hundred times."""
        enough = sum(struck) + 100
        while threading.get_ident() == owner and sum(struck) < enough and any(each.is_alive() for each in threads):
            time.sleep(0.0001)

    def new_day() -> Lab:
        home, _ = build_airport(3)
        home.sim.call_at(10 * SECOND, stand_still)
        return home

    homes = [new_day()]
    with hurried():
        threads += everywhere(attack, crew)
        days = 0
        while days == 0 or any(thread.is_alive() for thread in threads):
            running.set()
            try:
                homes[-1].sim.run()
            except Exception as error:
                outcomes.append(f"the day ended in {type(error).__name__}: {error}")
            running.clear()
            days += 1
            if homes[-1].sim.trace.digest() != expected.sim.trace.digest():
                outcomes.append("the day went otherwise")
            homes.append(new_day())
    homes.pop().sim.run()  # a day that never begins leaves a coroutine that nobody awaits
    return sorted(set(outcomes)), sum(struck)


@contextmanager
def unguarded() -> Iterator[None]:
    """The control: a simulation that does not look who calls."""
    guard = Sim.check_thread
    Sim.check_thread = lambda self: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        Sim.check_thread = guard  # type: ignore[method-assign]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a day that was torn apart leaves coroutines that nobody awaits
            gc.collect()


def handed_over(each: int) -> int:
    """Eight threads put events into a queue, the simulation's own thread publishes them: how many are handled."""
    home = _home()
    counter, pilot = Service("counter", home.network, home.bus), Service("pilot", home.network, home.bus)
    handled = 0

    def count(event: Event) -> None:
        nonlocal handled
        read = handled
        time.sleep(0)  # a naive handler would be overtaken here
        handled = read + 1

    counter.on("number.told", count)
    queue: SimpleQueue[Event | None] = SimpleQueue()

    def tell(number: int) -> None:
        for n in range(each):
            queue.put(Event("number.told", {"n": n, "thread": number}))
        queue.put(None)

    with hurried():
        everywhere(tell)
        ended = 0
        while ended < THREADS:
            event = queue.get()
            if event is None:
                ended += 1
            else:
                pilot.publish(event)
                home.sim.run()
    return handled


def naive_count(each: int) -> int:
    """The control: eight threads publish on a naive bus, whose handler counts."""
    bus, handled = Naive(), 0

    def count(data: Any) -> None:
        nonlocal handled
        read = handled
        time.sleep(0)
        handled = read + 1

    bus.subscribe("counter", count)
    with hurried():
        for thread in everywhere(lambda number: [bus.publish({"n": n}) for n in range(each)] and None):
            thread.join()
    return handled


class Door:
    """What a handler waits for, and what nobody but the handler holds."""

    def __init__(self, opens: Any) -> None:
        self.opens = opens


def finished_after_collection(count: int = 1_000) -> int:
    """How many of so many handlers finish that wait for a door of their own while rubbish is collected."""
    home, doors, done = _home(), WeakSet[Door](), []
    waiters, pilot = Service("waiters", home.network, home.bus, workers=count), Service("pilot", home.network, home.bus)

    async def wait(event: Event) -> None:
        door = Door(home.sim.signal())
        doors.add(door)
        await door.opens.wait()
        done.append(event.id)

    waiters.on("door.shown", wait)
    for _ in range(count):
        pilot.publish(Event("door.shown"))
    home.sim.run()
    gc.collect()
    for door in list(doors):
        assert isinstance(door.opens, Signal)
        door.opens.set()
    home.sim.run()
    return len(done)


def finished_with_asyncio(count: int = 1_000) -> int:
    """The control: the same with tasks of asyncio that nobody keeps."""
    doors, done = WeakSet[Door](), []

    async def wait() -> None:
        door = Door(asyncio.get_running_loop().create_future())
        doors.add(door)
        await door.opens
        done.append(1)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)  # "Task was destroyed but it is pending!"
        for _ in range(count):
            loop.create_task(wait())  # noqa: RUF006 — that is the point
        await asyncio.sleep(0)
        gc.collect()
        for door in list(doors):
            door.opens.set_result(None)
        await asyncio.sleep(0.01)

    asyncio.run(main())
    return len(done)


def left_over(each: int, *, early: bool = False) -> int:
    """Eight services publish so many events each, handlers wait and fail: how much is not done when `run` is over.

    The control stops as soon as everything has been published.
    """
    home = _home(LinkQuality(Delay(0.001, 0.05), loss=0.01))
    settings: dict[str, Any] = {"durable": "desk", "max_deliver": 1_000, "ack_wait": 1.0, "backoff": (0.1,)}
    desk, done = Service("desk", home.network, home.bus, workers=4), set[str]()

    async def work(event: Event) -> None:
        await home.sim.sleep(0.002)
        if home.sim.random("desk").chance(0.02):
            raise ValueError("not today")
        done.add(event.id)

    desk.on("number.told", work, **settings)

    async def tell(service: Service) -> None:
        for n in range(each):
            service.publish(Event("number.told", {"n": n}))
            await home.sim.sleep(0.001)

    for number in range(THREADS):
        home.sim.start(tell(Service(f"teller {number}", home.network, home.bus)))
    home.sim.run(until=(each + 60) / 1_000 if early else None)
    taken_in = {event.id for event in home.bus.log}
    assert len(taken_in) > 0.9 * THREADS * each
    return max(len(taken_in - done), home.bus.subscriptions["desk"].backlog, not home.sim.is_over)


class _Blind(Trace):
    def add(self, *args: Any, **kwargs: Any) -> None:
        """Nobody reads it."""


def _home(quality: LinkQuality = LinkQuality(Delay(0.0))) -> Lab:
    home = Lab(quality=quality)
    home.sim.trace = _Blind()
    return home


def main(long: bool) -> int:
    each = 10_000 if long else 1_000
    wrong, struck = besieged(each)
    told = THREADS * each
    print(f"{THREADS} threads, {told:,} calls, {struck:,} while a day ran: {wrong or '0 let through, 0 days changed'}")
    with unguarded():
        torn, _ = besieged(100)
    print(f"  control, nobody looks who calls: {len(torn)} things go wrong: {'; '.join(torn[:3])}")
    counted, control = handed_over(each), naive_count(each)
    print(f"handed over in a queue: {counted:,} of {told:,}; control, a naive bus in {THREADS} threads: {control:,}")
    owned, lost = finished_after_collection(), finished_with_asyncio()
    print(f"handlers that wait while rubbish is collected: {owned:,} of 1,000 finish; control, asyncio: {lost:,}")
    left, stopped = left_over(each), left_over(each, early=True)
    print(f"left over of {told:,} when run() is over: {left:,}; control, stopped early: {stopped:,}")
    broken = len(wrong) + (counted != told) + (owned != 1_000) + (left != 0)
    return broken + (struck < told / 100) + (not torn) + (control == told) + (lost == 1_000) + (stopped == 0)
