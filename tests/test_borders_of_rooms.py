"""The law for borders, for the rooms above the laboratory: measures, airports, the control room, lessons.

Walks the rooms: a new function, or a parameter without a right value here, fails.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

import eventlab.airports
import eventlab.control_room
import eventlab.lessons
import eventlab.measures
from eventlab import ANY, Event, Lab, Registry, Store, Trace
from eventlab.airports import Scenario
from eventlab.archive import Archive
from eventlab.control_room.session import HEARD, Session
from eventlab.keyfile import Keys
from eventlab.lessons import Case
from eventlab.measures import requests, staleness
from eventlab.shredding import Shredder
from tests.support.borders import EDGES, calls, ends_well, functions
from tests.support.borders import methods as methods_of


def small() -> Trace:
    lab = Lab(1)
    shop, mail = lab.service("shop"), lab.service("mail")
    mail.on("order.*", lambda event: mail.state.update(n=event.subject), durable="mail")
    mail.answers("order.pay", lambda command: {"paid": True})
    lab.at(1, shop.publish, Event("order.placed", {"n": 1}, subject="one"))
    return lab.run()


TRACE = small()
HOUR = Scenario().leaving("15:00", "15:05")
RIGHT: dict[str, Any] = {
    "trace": TRACE, "name": "mail", "names": ["mail"], "begin": 0, "end": 10**9, "records": TRACE.records,
    "who": "shop", "type": "order.pay", "service": "mail", "services": ["mail"], "pattern": "order.*",
    "instants": [1], "key": lambda record: 1, "chosen": requests.calls(TRACE), "seconds": 1.0, "until": 10,
    "since": 0, "owner": "mail", "replicas": "shop", "found": staleness.stale_intervals(TRACE, "mail", "shop"),
    "true": 1, "copy": 1, "message": Event("order.placed"), "values": [1.0], "share": 0.5,
    "scenario": HOUR, "architecture": "request-driven", "architectures": "request-driven",
    "holds": True, "words": "it rains", "case": Case(1), "seed": 1,
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "producer_cut_off": {"since": "15:00", "until": "15:45"},
    "Scenario": {"flights": HOUR.flights[:1]},
    "leaving": {"since": "15:00", "until": "15:05"},
    "at": {"clock": "15:00"},
}


def modules(room: ModuleType) -> Iterator[ModuleType]:
    for each in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
        yield importlib.import_module(each.name)


def tried() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Functions and what makes scenarios; the methods of scenarios and runs follow."""
    for room in (*modules(eventlab.measures), eventlab.airports, eventlab.control_room):
        for name, found in functions(room):
            if inspect.isfunction(found) or found is Scenario:
                yield f"{room.__name__}.{name}", found
    yield "eventlab.lessons.lesson_says", eventlab.lessons.lesson_says
    yield "eventlab.lessons.Testbed", eventlab.lessons.Testbed


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What can be asked of a scenario and of its run. (A control room is only saved, as replays are: `page.write`.)"""
    run = eventlab.airports.start(HOUR, "publish/subscribe")
    event = next(each.message for each in run.finish().trace if isinstance(each.message, Event))
    OWN.update({name: {"what": event, "by": 60.0} for name in ("without", "delayed", "repeated", "edited")})
    for each in (HOUR, run):
        for name, found in inspect.getmembers(each, inspect.ismethod):
            if not name.startswith("_"):
                yield f"{type(each).__name__}.{name}", found


FUNCTIONS = {**dict(tried()), **dict(methods())}
THEIRS = (
    ValueError,
    RecursionError,
    DeprecationWarning,
)  # what a value of somebody's own says when it is compared


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_a_room_ends_every_call_well(name: str) -> None:
    function = FUNCTIONS[name]
    names = inspect.signature(function).parameters
    right = {key: value for key, value in {**RIGHT, **OWN.get(name.split(".")[-1], {})}.items() if key in names}
    for call in calls(function, right, functions=["key"], together=10):
        ends_well(call, *(THEIRS if name.endswith(("agree", "lesson_says")) else ()))


def kept(folder: Path) -> Archive:
    """An archive of three events, of which two are in it."""
    store = Store(folder / "store.db")
    store.append("order-1", [Event("order.placed", {"n": n}, id=f"e{n}") for n in range(3)], expected=ANY)
    archive = Archive(folder / "archive", store)
    archive.write(2)
    return archive


def sealing(folder: Path) -> Shredder:
    return Shredder(Keys(folder / "keys.db"), {"order.placed": ["name"]})


ADA = Event("order.placed", {"name": "Ada", "person": "one"}, id="e1")
BESIDE: dict[str, Any] = {
    "upto": 3, "sql": "SELECT 1", "stream": "order-1", "category": "order", "event": ADA, "person": "one",
    "type": "order.placed", "contract": msgspec.defstruct("Placed", [("n", int, 0)]), "version": 1, "name": "one",
}  # fmt: skip


@pytest.mark.parametrize("made", [kept, sealing, lambda folder: Keys(folder / "keys.db"), lambda folder: Registry()])
def test_archives_keys_and_registries_end_every_call_well_and_go_on(made: Callable[[Path], Any]) -> None:
    folder = Path.cwd()
    thing = made(folder)
    for name, method in methods_of(thing):
        if name not in ("close", "release"):
            every = 11 if isinstance(thing, Archive | Registry) else 1  # these open a database, or compare
            for call in itertools.islice(calls(method, BESIDE, together=5), 0, None, every):
                ends_well(call)
    if isinstance(thing, Archive):
        thing.verify()
        assert [each.event.id for each in thing.read_all()] == ["e0", "e1", "e2"]
    if isinstance(thing, Shredder):
        assert thing.open(thing.seal(ADA.with_(id="e2"))).data["name"] == "Ada"


def test_a_control_room_answers_whatever_a_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlab.control_room.session.AT_ONCE", 0.0)
    session = Session(Scenario(flights=HOUR.flights[:1], questions=1), ["request-driven"])
    right = {
        "verb": "stop", "target": "boards", "at": 1.0, "until": 9.0, "by": 2.0, "a": 0, "id": 1, "packet": 1,
        "service": "boards",
    }  # fmt: skip
    for n, edge in enumerate(EDGES.values()):
        for kind, field in zip(HEARD, itertools.islice(itertools.cycle(right), n, None), strict=False):
            session.hear({"kind": kind, **right, field: edge()})
    session.hear({"kind": "reset"})
    while session.work(1.0):
        pass
    assert session.acts.all == () and session.ahead.has_come()
