"""Handlers that publish, leave, come, fail, meddle and choke, in great number: on our bus, and on a naive one.

Every attack runs on both and says what went wrong. The naive bus, a list of handlers called in a loop, is the control:
each attack must find it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any, Protocol

from eventlab.event import Event
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Trace
from tests.support.laboratory import Overheard

Handler = Callable[[Any], None]  # it is given an event's data
Script = list[tuple[str, int, int]]  # for each event what is done about it, by which listener, and to which
ACTIONS = ("nothing", "publish", "subscribe", "unsubscribe", "raise")


class Boom(Exception):
    """What failing handlers raise."""


class Hub(Protocol):
    """What the attacks need of a bus."""

    published: list[int]  # the numbers of all events, in the order of publication
    present: list[frozenset[str]]  # who was subscribed at each of them

    def subscribe(self, name: str, handler: Handler) -> None: ...
    def unsubscribe(self, name: str) -> None: ...
    def publish(self, data: dict[str, Any]) -> None: ...
    def run(self) -> None: ...
    def dead(self) -> list[tuple[str, int]]: ...  # who gave up which event
    def waiting(self) -> list[int]: ...  # what is kept behind a dead letter


class Naive:
    """The bus that everybody writes first."""

    def __init__(self, **settings: Any) -> None:
        self.handlers: list[tuple[str, Handler]] = []
        self.published: list[int] = []
        self.present: list[frozenset[str]] = []

    def subscribe(self, name: str, handler: Handler) -> None:
        if name not in dict(self.handlers):
            self.handlers.append((name, handler))

    def unsubscribe(self, name: str) -> None:
        self.handlers[:] = [each for each in self.handlers if each[0] != name]

    def publish(self, data: dict[str, Any]) -> None:
        self.published.append(data["n"])
        self.present.append(frozenset(dict(self.handlers)))
        for _, handler in self.handlers:
            handler(data)

    def run(self) -> None:
        """Everything has happened already."""

    def dead(self) -> list[tuple[str, int]]:
        return []

    def waiting(self) -> list[int]:
        return []


class Blind(Trace):
    """A journal that writes nothing: a million deliveries need not be remembered."""

    def add(self, *args: Any, **kwargs: Any) -> None:
        """Forget it."""


class Ours:
    """A simulation with one service for each listener; messages take no time, so that as much as can be coincides."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.network = Network(Sim(trace=Blind()), LinkQuality(Delay(0.0)))
        self.bus = Overheard(self.network)
        self.bus.hear = self._note
        self.pilot = Service("pilot", self.network, self.bus)
        self.members: set[str] = set()
        self.published: list[int] = []
        self.present: list[frozenset[str]] = []

    def _note(self, event: Event) -> None:
        self.published.append(event.data["n"])
        self.present.append(frozenset(self.members))

    def subscribe(self, name: str, handler: Handler) -> None:
        service: Any = self.network.nodes.get(name) or Service(name, self.network, self.bus)
        durable = {"durable": name} if self.settings else {}
        service.on("number.told", lambda event: handler(event.data), **durable, **self.settings)
        self.members.add(name)

    def unsubscribe(self, name: str) -> None:
        if name in self.members:
            self.bus.unsubscribe(name if self.settings else f"{name} number.told")
            self.members.discard(name)

    def publish(self, data: dict[str, Any]) -> None:
        self.pilot.publish(Event("number.told", data, data.get("key", "")))

    def run(self) -> None:
        self.network.sim.run()

    def dead(self) -> list[tuple[str, int]]:
        return [(each.name, dead.event.data["n"]) for each in self.bus.subscriptions.values() for dead in each.dead]

    def waiting(self) -> list[int]:
        behind = [line for each in self.bus.subscriptions.values() for line in each.behind.values()]
        return [delivery.event.data["n"] for line in behind for delivery in line]


def order(hub: Hub, events: int = 10_000) -> list[str]:
    """A tree of events grows in the handler of one of twenty listeners: all see it in the order of publication."""
    seen: dict[str, list[int]] = {f"listener {number}": [] for number in range(20)}

    def grow(data: Mapping[str, Any]) -> None:
        seen["listener 7"].append(data["n"])
        for n in range(3 * data["n"] + 1, min(3 * data["n"] + 4, events)):
            hub.publish({"n": n})

    for name, list_ in seen.items():
        hub.subscribe(name, grow if name == "listener 7" else lambda data, list_=list_: list_.append(data["n"]))
    hub.publish({"n": 0})
    hub.run()
    assert sorted(hub.published) == list(range(events))
    return [f"{name} saw another order" for name, list_ in seen.items() if list_ != hub.published]


def script(length: int, seed: int, listeners: int = 20) -> Script:
    """What will be done about so many events, drawn at random."""
    chance = Random(seed)
    return [(chance.choice(ACTIONS), chance.randrange(listeners), chance.randrange(listeners)) for _ in range(length)]


def crowd(hub: Hub, acts: Script, seed: int = 0, done: Counter[str] | None = None) -> list[str]:
    """Listeners come, leave, fail and publish while events are delivered, in bursts.

    Everybody must be given exactly what was published while they were subscribed, in that order. `done` counts the
    actions that were really taken.
    """
    seen: dict[int, list[int]] = {number: [] for number in range(20)}
    told = iter(range(len(acts)))

    def publish() -> bool:
        n = next(told, None)
        if n is not None:
            hub.publish({"n": n})
        return n is not None

    def handle(me: int, n: int) -> None:
        seen[me].append(n)
        action, who, whom = acts[n]
        if who != me:
            return
        if done is not None:
            done[action] += 1
        if action == "publish":
            publish()
        elif action == "subscribe":
            subscribe(whom)
        elif action == "unsubscribe":
            hub.unsubscribe(f"listener {whom}")
        elif action == "raise":
            raise Boom

    def subscribe(number: int) -> None:
        hub.subscribe(f"listener {number}", lambda data: handle(number, data["n"]))

    for number in range(0, 20, 2):
        subscribe(number)
    chance, more = Random(seed), True
    while more:
        with suppress(Boom):  # which comes as far as this on the naive bus alone
            for _ in range(chance.randint(1, 20)):
                more = publish()
        hub.run()
    wrong = []
    for number, found in seen.items():
        name = f"listener {number}"
        due = [n for n, there in zip(hub.published, hub.present, strict=True) if name in there]
        if found != due:
            wrong.append(f"{name} was given {len(found)} events, not the {len(due)} that were due, in order")
    return wrong


def big_crowd(hub: Hub, acts: Script) -> list[str]:
    """A crowd in which everything must have happened, and often."""
    done: Counter[str] = Counter()
    wrong = crowd(hub, acts, done=done)
    return wrong + [f"only {done[action]} times: {action}" for action in ACTIONS if done[action] < len(acts) / 100]


def failing(hub: Hub, handlers: int = 1_000, events: int = 20) -> list[str]:
    """A thousand handlers fail at random: what each was given is handled or among its dead letters."""
    handled: Counter[tuple[str, int]] = Counter()
    chance = Random(2)
    fails = {(f"listener {k}", n) for k in range(handlers) for n in range(events) if chance.random() < 0.3}

    def handle(name: str, n: int) -> None:
        if (name, n) in fails:
            raise Boom(f"{name} cannot read {n}")
        handled[name, n] += 1

    for number in range(handlers):
        name = f"listener {number}"
        hub.subscribe(name, lambda data, name=name: handle(name, data["n"]))
    for n in range(events):
        with suppress(Boom):
            hub.publish({"n": n})
    hub.run()
    wrong = []
    if len(handled) + len(hub.dead()) != handlers * events or set(handled.values()) != {1}:
        wrong.append(f"{len(handled):,} handled and {len(hub.dead()):,} given up, of {handlers * events:,}")
    if set(hub.dead()) != fails:
        wrong.append("what failed is not what was given up")
    return wrong


def meddling(hub: Hub, events: int = 1_000) -> list[str]:
    """One handler tries to change every event: it cannot, and the next one reads the original."""
    refused, changed = 0, 0

    def meddle(data: Any) -> None:
        nonlocal refused
        for change in (lambda: data.update(amount=0), lambda: data["seats"].append("1A")):
            try:
                change()
            except (TypeError, AttributeError):
                refused += 1

    def read(data: Any) -> None:
        nonlocal changed
        changed += data["amount"] != 42 or list(data["seats"]) != []

    hub.subscribe("meddler", meddle)
    hub.subscribe("reader", read)
    for n in range(events):
        hub.publish({"n": n, "amount": 42, "seats": []})
    hub.run()
    wrong = [f"{changed:,} of {events:,} events were changed under the reader's eyes"] if changed else []
    return wrong if refused == 2 * events else [*wrong, f"of {2 * events:,} changes {refused:,} were refused"]


def cascade(hub: Hub, length: int = 100_000) -> list[str]:
    """Each event is published by the handler of the one before."""
    last = -1

    def tell(data: Mapping[str, Any]) -> None:
        nonlocal last
        last = data["n"]
        if last + 1 < length:
            hub.publish({"n": last + 1})

    hub.subscribe("links", tell)
    try:
        hub.publish({"n": 0})
        hub.run()
    except RecursionError:
        return [f"RecursionError after {last:,} events"]
    return [] if last == length - 1 else [f"it ended after {last:,}"]


def poison(hub: Hub, events: int = 10_000, tries: int = 3) -> list[str]:
    """One event in a hundred cannot be handled: after three tries it is a dead letter, and every event is somewhere."""
    handled: Counter[int] = Counter()
    tried: Counter[int] = Counter()

    def digest(data: Mapping[str, Any]) -> None:
        if data["n"] % 100 == 99:
            tried[data["n"]] += 1
            raise Boom
        handled[data["n"]] += 1

    hub.subscribe("audit", digest)
    for n in range(events):
        with suppress(Boom):
            hub.publish({"n": n, "key": f"key {n % 997}"})
    hub.run()
    dead = [n for _, n in hub.dead()]
    wrong = []
    if sorted([*handled.elements(), *dead, *hub.waiting()]) != list(range(events)):
        wrong.append(f"{handled.total():,} handled, {len(dead):,} dead, {len(hub.waiting()):,} wait, of {events:,}")
    if set(tried.values()) != {tries} or set(dead) != set(tried):
        wrong.append(f"poison was tried {sorted(set(tried.values()))} times, not {tries}; {len(dead):,} given up")
    return wrong


def attacks(long: bool) -> dict[str, tuple[dict[str, Any], Callable[[Hub], list[str]]]]:
    """Each attack with the settings of the subscriptions in it."""
    retried = {"max_deliver": 2, "backoff": (0.1,)}
    thrice = {"max_deliver": 3, "backoff": (0.1,), "max_ack_pending": 10_000}
    many, tree = (100_000, 10_000) if long else (5_000, 2_000)
    acts = script(100_000 if long else 10_000, seed=3)
    return {
        "10,000 events that grow in a handler, 20 listeners": ({}, order),
        f"{tree:,} that are acknowledged": ({"ordered": True}, lambda hub: order(hub, tree)),
        f"{len(acts):,} events, 20 listeners that come, leave, fail, publish": ({}, lambda hub: big_crowd(hub, acts)),
        "1,000 handlers that fail at random": (retried, failing),
        "1,000 events that a handler tries to change": ({}, meddling),
        "a chain of 100,000 events": ({}, cascade),
        f"{many // 100:,} poison of {many:,} events, skipped": (thrice, lambda hub: poison(hub, many)),
        f"{many // 100:,} poison of {many:,} events, held": (
            {**thrice, "on_dead": "hold"}, lambda hub: poison(hub, many),
        ),
    }  # fmt: skip


def main(long: bool) -> int:
    broken = 0
    for name, (settings, attack) in attacks(long).items():
        wrong, control = attack(Ours(**settings)), attack(Naive(**settings))
        print(f"{name}: {'; '.join(wrong) or '0 wrong'}\n  control, the naive bus: {'; '.join(control[:2]) or 'BLIND'}")
        broken += len(wrong) + (not control)
    return broken
