"""The law for borders, on the store's side: any value ends in a result or a documented error, and nothing is half done.

Made from the signatures (`tests.support.borders`): a new method or parameter without a right value here fails.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eventlab import aggregate, decider, histories, projection, rows, saved, store, storefile, upcast
from eventlab.aggregate import Aggregate
from eventlab.decider import Decider, given
from eventlab.event import Command, Event
from eventlab.histories import Append, Place, Read
from eventlab.projection import Projection
from eventlab.store import Recorded, Store
from eventlab.upcast import Upcast, Upcasters
from tests.support import store_door
from tests.support.borders import EDGES, Call, Fresh, calls, ends_well, functions, methods

counter = Decider(0, lambda command, state: Event("counted"), lambda state, event: state + 1)
patient = Decider(0, lambda command, state: None, lambda state, event: state)  # takes any state
upcasters = Upcasters(Upcast("counted", 1, 2, lambda data: data))


def filled() -> Store:
    made = Store()
    made.append("thing-1", [Event("counted", {"n": n}, id=f"e-{n}") for n in range(3)])
    made.save_snapshot("thing-1", 2, 2)
    made.save_checkpoint("board", 2, {"n": 2})
    return made


def content(held: Store) -> list[Any]:
    """All that a store holds, as its tables have it; and it holds it rightly, with no transaction left open."""
    held.verify()
    assert not store_door.connection(held).in_transaction
    assert len(list(held.read_all())) == held.position
    for stream, schema in store_door.rows(held, "SELECT DISTINCT stream, schema FROM snapshots"):
        held.snapshot(stream, schema=schema)
    for (name,) in store_door.rows(held, "SELECT name FROM checkpoints"):
        held.load_checkpoint(name)
    return store_door.tables(held)


ARGUMENTS: dict[str, Any] = {
    # of the store
    "stream": "thing-1", "events": Fresh(lambda: Event("noted", id="new")), "category": "thing", "id": "e-1",
    "version": 1, "state": {"n": 1}, "name": "board", "position": 1, "callback": Fresh(lambda: lambda: None),
    "path": Fresh(lambda: os.path.join("made", str(len(os.listdir("made"))))),
    # of aggregates, projections, upcasters, deciders
    "store": Fresh(filled), "decider": counter, "command": Fresh(lambda: Command("count", id="c-1")),
    "evolve": lambda state, event: state, "decide": lambda command, state: None, "initial": 0,
    "type": "counted", "old": 1, "new": 2, "change": lambda data: data, "event": Event("counted"),
    "answer": None, "message": Event("counted"), "cause": Event("counted", id="e-0"), "n": 1,
    "steps": Upcast("a", 1, 2, len),
    "recorded": Recorded(Event("counted"), "thing-1", 1, 1), "expected": Event("counted"), "given": given(counter),
    # of histories
    "appends": [Append("thing-1", ("e-1",), 1)], "log": [Place(1, "thing-1", 1, "e-1")],
    "reads": [Read(1, ((1, "e-1"),))],
    "ids": ("e-1",), "begun": 1, "seen": ((1, "e-1"),), "kind": "phantom", "what": "it",
}  # fmt: skip


def arguments(**other: Any) -> dict[str, Any]:
    return {**ARGUMENTS, **other}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made").mkdir()
    monkeypatch.chdir(tmp_path)


# -- the store -------------------------------------------------------------------------------------------------------


METHODS = [name for name, _ in methods(Store()) if name != "close"]


@pytest.mark.parametrize("name", METHODS)
def test_a_store_ends_every_call_well_and_does_nothing_half(name: str) -> None:
    right = arguments(expected=store.ANY) if name == "append" else arguments()
    held: list[Store] = [filled()]

    def called(**given: Any) -> Any:
        return getattr(held[0], name)(**given)

    before = content(held[0])
    for call in calls(_signed(called, getattr(Store, name)), right, together=60):
        refused = ends_well(call) is not None
        after = content(held[0])
        assert not refused or after == before, f"{call} was refused and changed something"
        if after != before:
            held[0].close()
            held[0] = filled()


def _signed(function: Callable[..., Any], like: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with the signature of a method, without its `self`."""
    signature = inspect.signature(like)
    function.__signature__ = signature.replace(parameters=[*signature.parameters.values()][1:])  # type: ignore[attr-defined]
    return function


def test_what_a_store_took_from_the_edges_can_be_read_again() -> None:
    taken = 0
    for name, make in EDGES.items():
        held = filled()
        for what, take in {
            "data": lambda make, held: held.append("thing-1", Event("noted", {"value": make()}, id="new")),
            "id": lambda make, held: held.append("thing-1", Event("noted", id=make())),
            "type": lambda make, held: held.append("thing-1", Event(make(), id="other")),
            "time": lambda make, held: held.append("thing-1", Event("noted", id="timed", time=make())),
            "snapshot": lambda make, held: held.save_snapshot("thing-1", 1, make()),
            "checkpoint": lambda make, held: held.save_checkpoint("board", 3, make()),
        }.items():
            call = Call(f"{what} {name}", partial(take, make, held))
            taken += ends_well(call) is None
            content(held)
    assert taken > 100


@pytest.mark.parametrize("edge", EDGES)
def test_a_store_opens_or_refuses_whatever_it_is_given(edge: str) -> None:
    for call in (
        Call(f"path {edge}", lambda: Store(EDGES[edge](), durable=False)),
        Call(f"durable {edge}", lambda: Store(durable=EDGES[edge]())),
    ):
        opened: list[Store] = []
        ends_well(Call(call.words, partial(lambda call, opened: opened.append(call.make()), call, opened)))
        for each in opened:
            each.append("thing-1", Event("noted", id="new"))
            content(each)
            each.close()


# -- aggregates, projections, upcasters, deciders, histories -----------------------------------------------------------


@pytest.mark.parametrize("module", [aggregate, projection, upcast, decider, histories, rows, storefile, saved],
                         ids=lambda module: module.__name__)  # fmt: skip
def test_every_function_and_class_ends_every_call_well(module: Any) -> None:
    named = {"given": arguments(events=Event("counted")), "fold": arguments(events=[Event("counted")], decider=patient),
             "checked": arguments(expected=rows.ANY), "messages": arguments()}  # fmt: skip
    tried = 0
    for name, function in functions(module):
        if module in (storefile, saved) and name not in ("located", "Snapshot", "Checkpoint"):
            continue  # the store's own, behind its door
        if isinstance(function, type) and issubclass(function, rows.enum.Enum):
            continue
        right = named.get(name, arguments(events=[Event("counted")], where="here", id=1, text="", time=1, state=0))
        for call in calls(function, right, functions=["initial"], together=40):
            ends_well(call)
            tried += 1
    assert tried > 50


def objects() -> dict[str, Callable[[], Any]]:
    return {
        "an aggregate": lambda: Aggregate(filled(), "thing", counter, upcasters=upcasters, snapshot_every=2),
        "a projection": lambda: Projection("board", counter.evolve, 0, category="thing", upcasters=upcasters),
        "upcasters": lambda: upcasters,
        "a decider": lambda: counter,
        "a story": lambda: given(counter, Event("counted")),
        "what is asked": lambda: given(counter).when(Command("count")),
    }


@pytest.mark.parametrize("thing", objects())
def test_every_method_ends_every_call_well(thing: str) -> None:
    tried = 0
    for name, _ in methods(objects()[thing]()):
        if name in ("decide", "evolve"):  # somebody else's functions
            continue
        made = objects()[thing]()
        right = arguments(id="1", state=1, events=[Event("counted")])
        for call in calls(getattr(made, name), right, functions=["stamp"], together=40):
            ends_well(call, *((AssertionError,) if name.startswith("then") else ()))
            tried += 1
        if isinstance(made, Aggregate):
            content(made.store)
    assert tried > 40


def handlers(make: Callable[[], Any], held: Store) -> dict[str, Aggregate]:
    """Aggregates, one of whose functions answers what it should not."""
    change = Upcasters(Upcast("counted", 1, 2, lambda data: make()))
    return {
        "decide": Aggregate(held, "thing", Decider(0, lambda command, state: make(), lambda state, event: state)),
        "in a list": Aggregate(held, "thing", Decider(0, lambda command, state: [make()], lambda state, event: state)),
        "evolve": Aggregate(held, "thing", Decider(0, counter.decide, lambda state, event: make()), snapshot_every=1),
        "dump": Aggregate(held, "thing", counter, dump=lambda state: make(), snapshot_every=1),
        "restore": Aggregate(held, "thing", counter.__class__(0, counter.decide, lambda state, event: 0),
                             restore=lambda data: make(), snapshot_every=1),
        "change": Aggregate(held, "thing", counter, upcasters=change, snapshot_every=1),
    }  # fmt: skip


@pytest.mark.parametrize("edge", EDGES)
def test_whatever_the_functions_of_a_decider_answer_ends_well(edge: str) -> None:
    """What `decide`, `evolve`, `dump` and `stamp` give is a border too; what is refused is not stored."""
    make, command = EDGES[edge], Command("count", id="c-1")
    for name in handlers(make, filled()):
        held = filled()
        before, things = content(held), handlers(make, held)[name]
        call = Call(f"{name} {edge}", lambda things=things: things.handle("1", command))
        if ends_well(call) is not None:
            assert content(held) == before
        content(held)
    held = filled()
    things = Aggregate(held, "thing", counter)
    ends_well(Call(f"stamp {edge}", lambda: things.handle("1", command, stamp=lambda event, n: make())))
    content(held)
    board = Projection("new", lambda state, event: make(), 0)
    board.catch_up(held)
    ends_well(Call(f"state {edge}", lambda: board.save(held)))
    content(held)


def test_the_law_finds_a_function_that_looks_at_nothing() -> None:
    def careless(stream: str, after: int = 0) -> list[str]:
        return [stream.upper(), f"{after + 1}"]

    found = 0
    for call in calls(careless, {"stream": "a"}):
        try:
            ends_well(call)
        except AssertionError:
            found += 1
    assert found > 40
