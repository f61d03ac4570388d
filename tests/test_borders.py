"""The law for borders: any value ends in a result or a documented error, and what goes on beside it is as before.

Walks the package (`eventlab.__all__`, the views, the lessons' own words): a new name without right values fails here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import eventlab
from eventlab import (
    Breaker,
    Bulkhead,
    Client,
    Command,
    Crash,
    Delay,
    Event,
    Inbox,
    Lab,
    LinkQuality,
    Outbox,
    Policy,
    Process,
    Saga,
    Sim,
    Step,
    Store,
    SubscriptionSettings,
    Trace,
)
from tests.support.borders import Call, Fresh, calls, ends_well, functions, methods

ELSEWHERE = {
    "Instant",
    "Store",
    "Aggregate",
    "Projection",
    "Decider",
    "Upcast",
    "Upcasters",
    "Recorded",
    "given",
}  # the store's side


def laid_out() -> Lab:
    """A small day that works: somebody publishes, somebody keeps a state, somebody answers."""
    lab = Lab(seed=1)
    shop, mail = lab.service("shop"), lab.service("mail")
    mail.on(
        "order.*", lambda event: mail.state.update({event.subject or "none": event.data.get("n", 0)}), durable="mail"
    )
    mail.answers("order.pay", lambda command: {"paid": True})
    lab.at(1, shop.publish, Event("order.placed", {"n": 1}, subject="one"))
    return lab


def works(lab: Lab, folder: Path) -> None:
    """The laboratory goes on, and what has happened in it can be saved, read, digested and drawn."""
    lab.at(lab.sim.passed + 1, lab.network.nodes["shop"].publish, Event("order.placed", {"n": 2}, subject="two"))  # type: ignore[attr-defined]
    lab.run(lab.sim.passed + 100)
    path = folder / "run.jsonl"
    lab.trace.save(path)
    assert Trace.load(path).digest() == lab.trace.digest()


async def done() -> str:
    return "done"


RIGHT: dict[str, Any] = {
    "name": Fresh(lambda: "new"),
    "network": Fresh(lambda: laid_out().network),
    "bus": None,
    "service": "mail",
    "clock": Fresh(lambda: Sim(1)),
    "call": Fresh(lambda: done),
    "limit": 2,
    "pattern": "order.*",
    "settings": SubscriptionSettings(),
    "quality": LinkQuality(),
    "trouble": LinkQuality(loss=0.5),
    "pairs": (("shop", "mail"),),
    "one": "shop",
    "other": "mail",
    "others": ("mail",),
    "event": Event("order.placed", subject="one"),
    "command": Command("order.pay"),
    "to": "mail",
    "message": Event("order.placed"),
    "what": Event("letter.sent"),
    "note": "letter",
    "when": 5,
    "at": 5,
    "until": 9,
    "instant": 10**18,
    "work": Fresh(done),
    "seconds": 1,
    "faults": Crash("mail", 5, 9),
    "handler": lambda event: None,
    "type": "order.ship",
    "factor": 2.0,
    "step": "publish",
    "kind": "handled",
    "where": "shop",
    "path": "run.jsonl",
    "kinds": "handled",
    "subject": "one",
    "always": ["crashed"],
    "least": 0.1,
    "index": 0,
    "draws": Fresh(lambda: Sim(1).random("a")),
    "number": 1,
    "intervention": lambda packet, at: [],
    "node": Fresh(lambda: Client("x", laid_out().network)),
    "ahead": 0,
    "key": "k",
    "reply": {},
    "events": [Event("order.placed", id="x")],
    "store": Fresh(Store),
    "service_": None,
    "id": "a",
    "data": {},
    "tries": 1,
    "reason": "no",
    "workers": 2,
    "share": 0.5,
    "entry": Fresh(lambda: Sim(1).call_at(5, len, "a")),
    "packet": 1,
    "records": [],
    "saga": None,
    "names": ("a",),
    "default": 1,
}  # fmt: skip

STEP = Step("pay", "mail", "order.pay", "order.refund")
PROCESS = Process("buying", [STEP])
SAGA = Saga(0, lambda state, event: None, lambda state, event: state)
RIGHT |= {
    "steps": [STEP],
    "client": Fresh(lambda: laid_out().client("people")),
    "policy": Policy(),
    "initial": 0,
    "react": lambda state, event: None,
    "evolve": lambda state, event: state,
    "do": "order.pay",
    "state": 0,
    "process": PROCESS,
    "category": "buying",
    "begins": "order.placed",
    "hears": "order.*",
    "saga": SAGA,
}


class Contract(msgspec.Struct):
    flight: str


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def right(of: Callable[..., Any], **own: Any) -> dict[str, Any]:
    names = inspect.signature(of).parameters
    return {name: value for name, value in {**RIGHT, **own}.items() if name in names}


MADE: dict[str, Callable[[Lab], Any]] = {
    "Lab": lambda lab: lab,
    "Sim": lambda lab: lab.sim,
    "Network": lambda lab: lab.network,
    "Bus": lambda lab: lab.bus,
    "Service": lambda lab: lab.network.nodes["mail"],
    "Client": lambda lab: lab.client("people"),
    "Trace": lambda lab: lab.run(3),
    "Breaker": lambda lab: Breaker(lab.sim, "mail"),
    "Bulkhead": lambda lab: Bulkhead("m", limit=1),
    "Inbox": lambda lab: Inbox(lab.network.nodes["mail"]),
    "Outbox": lambda lab: Outbox(lab.network.nodes["mail"], Store()),  # type: ignore[arg-type]
    "Delay": lambda lab: Delay(1),
    "Stage": lambda lab: lab.trace.stage,
}  # fmt: skip
KERNEL = {
    "reply_to",
    "receive",
    "write",
    "send",
    "cancel",
    "changed",
    "call_first",
    "crashes_before",
    "remember",
    "keep",
    "announce",
}


OWN = {"service": {"work": Delay()}} | {name: {"call": lambda *anything: None} for name in ("at", "call_at", "planned")}
FUNCTIONS = (
    "react",
    "evolve",
    "call",
    "handler",
    "work",
    "then",
    "intervention",
)  # what somebody else's functions do is their own affair


def tried(thing: str) -> Iterator[str]:
    yield from (name for name, _ in methods(MADE[thing](laid_out())) if name not in KERNEL)


@pytest.mark.filterwarnings("ignore:coroutine")  # what was refused is not awaited
@pytest.mark.parametrize(("thing", "name"), [(thing, name) for thing in MADE for name in tried(thing)])
def test_every_method_ends_every_call_well_and_leaves_the_day_as_it_was(thing: str, name: str, tmp_path: Path) -> None:
    lab = laid_out()
    made = MADE[thing](lab)
    method = getattr(made, name)
    for call in calls(method, right(method, **OWN.get(name, {})), functions=FUNCTIONS, together=8):
        ends_well(_awaited(call, lab), *([OSError] if name in ("load", "save") else []))
    works(lab, tmp_path)


def _awaited(call: Call, lab: Lab) -> Call:
    """The call; what is to be awaited is run as a handler would."""

    def make() -> Any:
        result = call.make()
        if inspect.iscoroutine(result):
            told: list[BaseException] = []
            lab.sim.start(_told(result, told))
            lab.sim.run(lab.sim.passed + 20)
            if told:
                raise told[0]
            return None
        return result

    return Call(call.words, make)


async def _told(work: Any, told: list[BaseException]) -> None:
    try:
        await work
    except Exception as error:
        told.append(error)


def names() -> list[str]:
    return [name for name, _ in functions(eventlab) if name not in ELSEWHERE]


CONSTRUCTED: dict[str, dict[str, Any]] = {
    "Message": {"type": "a.b"},
    "Event": {"type": "a.b"},
    "Command": {"type": "a.b"},
    "Reply": {"type": "a.b"},
    "Refusal": {"type": "a.b"},
    "Record": {"at": 1, "message": None},
    "Flaky": {"pairs": ()},
    "Crash": {"name": "mail"},
    "CrashBefore": {"name": "mail"},
    "Slow": {"name": "mail"},
    "Workers": {"name": "mail", "more": 2},
    "Partition": {"name": "mail"},
    "Breaker": {"name": "mail"},
    "Bulkhead": {"name": "mail"},
    "Service": {"work": Delay()},
    "Network": {"sim": Fresh(lambda: Sim(1))},
    "Participant": {"service": Fresh(lambda: laid_out().service("own")), "step": STEP, "do": None, "undo": None},
    "choreograph": {"parts": ()},
    "orchestrate": {"service": Fresh(lambda: laid_out().service("own"))},
    "SagaRunner": {"service": Fresh(lambda: laid_out().service("own")), "to": {}},
    "standing": {"events": [Event("order.placed")]},
    "Sim": {"start": 0},
    "Registry": {"mode": "full"},
    "Breaking": {"mode": "full", "data": {}, "why": "for no reason"},
    "breaking": {"old": Contract, "new": Contract},
    "Downcast": {"new": 2, "old": 1, "change": dict},
    "inject": {"faults": [Crash("mail", 5)]},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("name", names())
def test_every_public_name_ends_every_call_well(name: str, tmp_path: Path) -> None:
    lab, found = laid_out(), getattr(eventlab, name)
    network = {"network": lab.network, "clock": lab.sim}
    for call in calls(found, right(found, **network, **CONSTRUCTED.get(name, {})), functions=FUNCTIONS, together=8):
        made: list[Any] = []
        ends_well(_awaited(Call(call.words, lambda call=call, made=made: made.append(call.make())), lab))
        for fault in made if hasattr(found, "steps") else ():
            ends_well(Call(f"inject {call}", lambda fault=fault: lab.inject(fault)))
    works(lab, tmp_path)
