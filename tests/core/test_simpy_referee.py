"""SimPy as referee: random models run on both kernels and must agree on every instant.

A model is data: capacities of servers, and processes made of steps. Each side runs it in its own idiom and notes
`(instant, process, step, what happened)`. Durations are whole numbers on both sides, so nothing is rounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from random import Random
from typing import Any, NamedTuple

import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.sim import SECOND, Signal, Sim, Task


class Sleep(NamedTuple):
    duration: int


class Use(NamedTuple):
    server: int
    duration: int


class Wait(NamedTuple):
    signal: int
    timeout: int | None


class Fire(NamedTuple):
    signal: int


class Stop(NamedTuple):
    process: int


class Start(NamedTuple):
    process: int


Step = Sleep | Use | Wait | Fire | Stop | Start


class Model(NamedTuple):
    capacities: list[int]
    signals: int
    processes: list[list[Step]]  # the first few begin at once, the others when somebody starts them
    at_once: int


Note = tuple[int, int, int, str]


# Our side -------------------------------------------------------------------------------------------------


class Server:
    """A server with a queue, as a handler would write it: with signals alone."""

    def __init__(self, sim: Sim, capacity: int) -> None:
        self.sim, self.free = sim, capacity
        self.queue: deque[Signal] = deque()

    async def use(self, seconds: int, begun: Any) -> None:
        turn = self.sim.signal()
        self.queue.append(turn)
        self.serve()
        try:
            await turn.wait()
            begun()
            await self.sim.sleep(seconds)
        finally:
            if turn.is_set:
                self.free += 1
                self.sim.call_at(self.sim.now, self.serve)  # SimPy, too, gives the place to the next one a turn later
            else:
                self.queue.remove(turn)

    def serve(self) -> None:
        if self.free and self.queue:
            self.free -= 1
            self.queue.popleft().set()


def ours(model: Model) -> list[Note]:
    sim, notes = Sim(), []
    servers = [Server(sim, capacity) for capacity in model.capacities]
    signals = [sim.signal() for _ in range(model.signals)]
    tasks: dict[int, Task] = {}
    stopped: set[int] = set()

    async def process(me: int) -> None:
        def note(number: int, what: str) -> None:
            assert sim.now % SECOND == 0
            notes.append((sim.now // SECOND, me, number, what))

        for number, step in enumerate(model.processes[me]):
            match step:
                case Sleep(duration):
                    await sim.sleep(duration)
                case Use(server, duration):
                    await servers[server].use(duration, lambda number=number: note(number, "begun"))
                case Wait(signal, timeout):
                    try:
                        await signals[signal].wait(timeout)
                    except TimeoutError:
                        note(number, "timeout")
                case Fire(signal):
                    signals[signal].set()
                case Stop(other):
                    if other != me and other in tasks and other not in stopped and not tasks[other].done:
                        note(number, f"stops {other}")
                        stopped.add(other)
                        tasks[other].stop()
                case Start(other):
                    if other not in tasks:
                        tasks[other] = sim.start(process(other))
            note(number, "over")

    for number in range(model.at_once):
        tasks[number] = sim.start(process(number))
    sim.run()
    for task in tasks.values():
        task.stop()
    return notes


# The referee's side ---------------------------------------------------------------------------------------


def referee(model: Model) -> list[Note]:
    env, notes = simpy.Environment(), []
    servers = [simpy.Resource(env, capacity) for capacity in model.capacities]
    signals = [env.event() for _ in range(model.signals)]
    tasks: dict[int, simpy.Process] = {}
    stopped: set[int] = set()

    def process(me: int) -> Generator[Any, Any, None]:
        def note(number: int, what: str) -> None:
            notes.append((env.now, me, number, what))

        try:
            for number, step in enumerate(model.processes[me]):
                match step:
                    case Sleep(duration):
                        yield env.timeout(duration)
                    case Use(server, duration):
                        with servers[server].request() as turn:
                            yield turn
                            note(number, "begun")
                            yield env.timeout(duration)
                    case Wait(signal, timeout):
                        if signals[signal].triggered:
                            yield env.timeout(0)  # SimPy would go on without giving the others a turn
                        elif timeout is None:
                            yield signals[signal]
                        else:
                            yield signals[signal] | env.timeout(timeout)
                            if not signals[signal].triggered:
                                note(number, "timeout")
                    case Fire(signal):
                        if not signals[signal].triggered:
                            signals[signal].succeed()
                    case Stop(other):
                        if other != me and other in tasks and other not in stopped and tasks[other].is_alive:
                            note(number, f"stops {other}")
                            stopped.add(other)
                            tasks[other].interrupt()
                    case Start(other):
                        if other not in tasks:
                            tasks[other] = env.process(process(other))
                note(number, "over")
        except simpy.Interrupt:
            pass

    for number in range(model.at_once):
        tasks[number] = env.process(process(number))
    env.run()
    return notes


# Random models --------------------------------------------------------------------------------------------


def _apart(step: Step) -> list[Step]:
    return [step, Sleep(0)] if isinstance(step, Fire | Use) else [step]


@st.composite
def models(draw: st.DrawFn, all_kinds: bool) -> Model:
    durations = st.integers(0, 4)
    capacities = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    signals = draw(st.integers(1, 3))
    count = draw(st.integers(1, 8))
    a_signal, a_process = st.integers(0, signals - 1), st.integers(0, count - 1)
    kinds: list[st.SearchStrategy[Step]] = [
        st.builds(Sleep, durations),
        st.builds(Use, st.integers(0, len(capacities) - 1), durations),
        st.builds(Wait, a_signal, durations if all_kinds else st.none()),
        st.builds(Fire, a_signal),
    ]
    if all_kinds:
        kinds += [st.builds(Stop, a_process), st.builds(Start, a_process)]
    processes = draw(st.lists(st.lists(st.one_of(kinds), max_size=8), min_size=count, max_size=count))
    if not all_kinds:
        return Model(capacities, signals, processes, count)
    # At one instant SimPy serves interrupts and new processes before everything else, and a wait with a timeout one
    # turn later; we keep to the order of planning. So here nothing happens at one instant unless one thing leads to
    # the other, all waits are of one kind, and whoever wakes others lets time pass before it does the next thing.
    random = Random(draw(st.integers(0, 1000)))
    unalike = [
        [
            step._replace(
                **{
                    field: random.randrange(10**6, 10**8)
                    for field in ("duration", "timeout")
                    if getattr(step, field, None) is not None
                }
            )
            for step in [Sleep(0), *(part for each in steps for part in _apart(each))]
        ]
        for steps in processes
    ]
    return Model(capacities, signals, unalike, draw(st.integers(1, count)))


@given(models(all_kinds=False))
@settings(max_examples=200)
def test_sleeps_queues_and_signals_agree_with_simpy_even_in_the_order_of_ties(model: Model) -> None:
    assert ours(model) == referee(model)


@given(models(all_kinds=True))
@settings(max_examples=200)
def test_timeouts_stops_and_starts_agree_with_simpy(model: Model) -> None:
    assert sorted(ours(model)) == sorted(referee(model))


def test_the_referee_notices_a_wrong_order() -> None:
    """The comparison can fail: a queue served from the wrong end is found out."""
    model = Model([1], 1, [[Use(0, 5)], [Use(0, 1)], [Use(0, 2)]], 3)
    assert ours(model) == referee(model)
    served = [note[1] for note in referee(model) if note[3] == "begun"]
    assert served == [0, 1, 2]
    other_way_round = Model([1], 1, [[Use(0, 5)], [Sleep(1), Use(0, 1)], [Use(0, 2)]], 3)
    assert [note[1] for note in ours(other_way_round) if note[3] == "begun"] == [0, 2, 1]
