"""The same seed gives the same run: promises D1 to D4. (D5, ties, is in test_sim; D6, replay, in test_bus_laws.)"""

from __future__ import annotations

import asyncio
import builtins
import datetime
import os
import random
import secrets
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventlab.draws
import eventlab.sim
from eventlab.event import Command, Event
from eventlab.outbox import Outbox
from eventlab.sim import Sim
from eventlab.store import Store
from eventlab.trace import Trace
from tests.support import REPO
from tests.support.laboratory import airport, build_airport, lab

SEEDS = ("1", "2", "3")


def test_the_laboratory_is_worth_the_trouble() -> None:
    """Every kind of record that these floors write occurs in the run that the tests below compare."""
    found = {record.kind for record in airport(1).trace}
    assert found >= {
        "sent", "received", "lost", "duplicated", "published", "handled", "failed", "expired", "acknowledged",
        "retried", "dead", "changed", "crashed", "restarted", "partitioned", "healed", "slowed",
    }  # fmt: skip


# D1: processes --------------------------------------------------------------------------------------------


def other_pythons() -> list[str]:
    """Other versions of Python on this machine that can run the kernel, if any."""
    found = []
    for minor in range(11, 16):
        path = shutil.which(f"python3.{minor}")
        if path is None or minor == sys.version_info.minor:
            continue
        can = subprocess.run([path, "-c", "import msgspec, apsw"], capture_output=True, check=False)
        if can.returncode == 0:
            found.append(path)
    return found


def test_d1_every_process_writes_the_same_trace() -> None:
    """D1: hash seeds, optimisation, development mode, time zone, language and version make no difference."""
    here = sys.executable
    variants: list[tuple[list[str], dict[str, str]]] = [
        ([here], {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}),
        ([here], {"PYTHONHASHSEED": "1", "TZ": "Asia/Kolkata", "LC_ALL": "tr_TR.UTF-8"}),
        ([here, "-O"], {"PYTHONHASHSEED": "random", "TZ": "America/St_Johns"}),
        ([here, "-OO"], {"PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8"}),
        ([here, "-X", "dev"], {"PYTHONHASHSEED": "random", "PYTHONMALLOC": "debug"}),
        ([here, "-X", "utf8=0"], {"PYTHONHASHSEED": "2", "LANG": "C"}),
        *(([path], {"PYTHONHASHSEED": "random"}) for path in other_pythons()),
    ]
    running = [
        subprocess.Popen(
            [*command, "-m", "tests.support.laboratory", *SEEDS],
            env=os.environ | {"PYTHONPATH": str(REPO)} | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command, environment in variants
    ]
    answers = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * len(running)
    expected = [airport(int(seed)).trace.digest() for seed in SEEDS]
    for (command, environment), digests in zip(variants, answers, strict=True):
        assert digests == expected, (command, environment)
    assert len(set(expected)) == len(SEEDS)  # and the seed does matter


# D2: nothing from outside ---------------------------------------------------------------------------------


class Outside(AssertionError):
    """Something of the machine was asked for."""


def forbid(name: str) -> Callable[..., Any]:
    def ask(*args: Any, **kwargs: Any) -> Any:
        raise Outside(name)

    return ask


def shut_off(patch: pytest.MonkeyPatch) -> None:
    """Let every clock, every source of chance and every address raise."""
    for name in dir(time):
        if callable(getattr(time, name)) and not name.startswith("_") and name != "struct_time":
            patch.setattr(time, name, forbid(f"time.{name}"))
    for name in random.__all__:
        if not isinstance(getattr(random, name), type):
            patch.setattr(random, name, forbid(f"random.{name}"))
    for module, names in (
        (os, ("urandom", "getrandom", "getpid", "times")),
        (uuid, ("uuid1", "uuid4")),
        (secrets, ("token_bytes", "token_hex", "randbits", "choice", "randbelow")),
        (asyncio, ("new_event_loop", "run", "sleep")),
        (threading.Thread, ("start",)),
    ):
        for name in names:
            if hasattr(module, name):
                patch.setattr(module, name, forbid(f"{module.__name__}.{name}"))

    class NoClock(datetime.datetime):
        now = utcnow = today = forbid("datetime.now")

    class NoCalendar(datetime.date):
        today = forbid("date.today")

    patch.setattr(datetime, "datetime", NoClock)
    patch.setattr(datetime, "date", NoCalendar)
    seeded = random.Random

    def only_seeded(*seed: int) -> random.Random:
        if not seed:
            raise Outside("random.Random() without a seed")
        return seeded(*seed)

    patch.setattr(eventlab.draws, "Random", only_seeded)
    for name in ("id", "hash"):  # addresses, and hashes that differ from process to process
        real = getattr(builtins, name)

        def ask(thing: Any, name: str = name, real: Any = real) -> int:
            if sys._getframe(1).f_globals.get("__name__", "").startswith("eventlab"):
                raise Outside(name)
            return int(real(thing))

        patch.setattr(builtins, name, ask)


def booking() -> str:
    """A run with a store and an outbox in it."""
    home = lab(3)
    with Store() as store:
        desk, pilot = home.service("desk"), home.service("pilot")
        Outbox(desk, store)
        desk.answers("seat.book", lambda command: Event("seat.booked", subject=command.data["seat"]))
        for number in range(10):
            home.sim.call_at(number, pilot.tell, "desk", Command("seat.book", {"seat": str(number)}))
        home.sim.run()
        assert len(home.bus.log) == 10
    return home.sim.trace.digest()


def test_d2_a_run_asks_nothing_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = airport(1).trace.digest(), booking()
    with monkeypatch.context() as patch:
        shut_off(patch)
        found = airport(1).trace.digest(), booking_without_process_check(patch)
    assert found == expected


def booking_without_process_check(patch: pytest.MonkeyPatch) -> str:
    """The store asks for the number of the process, to notice a fork; nothing of that reaches the trace."""
    patch.setattr(os, "getpid", lambda: 1)
    return booking()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: time.time(),
        lambda: datetime.datetime.now(),
        lambda: random.random(),
        lambda: random.shuffle([1, 2]),
        lambda: os.urandom(4),
        lambda: uuid.uuid4(),
        lambda: eventlab.draws.Random(),
        lambda: threading.Thread(target=print).start(),
    ],
)
def test_d2_the_machine_is_really_shut_off(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> None:
    """The control: a handler that asks is found out."""
    home = lab()
    service = home.service("gates")
    service.on("flight.*", lambda event: ask() and None, durable="gates", max_deliver=1)
    service.publish(Event("flight.delayed"))
    with monkeypatch.context() as patch:
        shut_off(patch)
        home.sim.run()
    (failure,) = home.sim.trace.of("failed")
    assert failure.note.startswith("Outside")


# D3: named draws ------------------------------------------------------------------------------------------


def without(trace: Trace, names: set[str]) -> list[tuple[Any, ...]]:
    """What happened, as if these services were not there (they change the numbers of records and packets)."""
    return [
        (r.at, r.kind, r.where, r.message, r.other, r.purpose, r.note, r.key, r.before, r.after)
        for r in trace
        if not {r.where, r.other} & names
    ]


@given(st.integers(0, 10**6), st.sets(st.sampled_from(["a", "lounge", "gates-c", "zz", "bus-2"]), min_size=1))
@settings(max_examples=25)
def test_d3_more_services_change_nothing_for_the_others(seed: int, more: set[str]) -> None:
    alone, crowded = airport(seed, flights=15), airport(seed, flights=15, more=sorted(more))
    assert without(crowded.trace, more) == without(alone.trace, set())
    assert len(crowded.trace) > len(alone.trace)


# D4: the trace knows the state ----------------------------------------------------------------------------


def test_d4_at_every_step_the_folded_trace_is_the_live_state() -> None:
    home, services = build_airport(4, flights=40)
    folded: dict[str, dict[str, Any]] = {service.name: {} for service in services}
    steps = 0
    while records := home.sim.step():
        for record in records:
            if record.kind == "changed":
                if record.after is None:
                    folded[record.where].pop(record.key, None)
                else:
                    folded[record.where][record.key] = record.after
        assert folded == {service.name: dict(service.state) for service in services}
        steps += 1
    assert steps > 500 and sum(map(len, folded.values())) > 100
    crashes = [r.where for r in home.sim.trace.of("crashed")]
    assert "boards" in crashes  # whose state is in memory only


@given(st.integers(0, 50), st.floats(0, 60))
@settings(max_examples=25)
def test_d4_the_fold_up_to_a_cut_is_the_live_state_at_that_moment(seed: int, moment: float) -> None:
    home, services = build_airport(seed, flights=20)
    home.sim.run(until=moment)
    cut = len(home.sim.trace) - 1
    live = {service.name: dict(service.state) for service in services if service.state}
    home.sim.run()
    states = home.sim.trace.states(cut)
    assert {name: state for name, state in states.items() if state} == live


def test_d4_the_state_of_a_loaded_trace_is_the_same_at_random_cuts(tmp_path: Path) -> None:
    trace = airport(5).trace
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")
    draws = Sim(9).random("cuts")
    for cut in [draws.below(len(trace)) for _ in range(60)]:
        assert loaded.states(cut) == trace.states(cut)
