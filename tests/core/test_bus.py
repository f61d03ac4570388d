"""Publish/subscribe: who gets what, in which order, how often, and what becomes of what nobody can handle.

The promises B1 to B5 and B8 are named in the tests' docstrings.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import Invalid, Refused, Unavailable
from eventlab.event import Command, Event
from eventlab.network import Delay, LinkQuality
from eventlab.outbox import Outbox
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.store import Store
from eventlab.subscription import SubscriptionSettings, check_pattern, matches
from tests.support.laboratory import EVEN, Lab, ids, kinds, lab, seconds


def publish(home: Lab, *events: Event, by: str = "pilot") -> None:
    """Publish events from now on, one a millisecond, by a service made for it."""
    pilot = home.network.nodes.get(by) or home.service(by)
    assert isinstance(pilot, Service)
    for number, event in enumerate(events):
        home.sim.call_at(home.sim.now + number * seconds(0.001), pilot.publish, event)


def listener(home: Lab, name: str, pattern: str = ">", **settings: Any) -> list[str]:
    """A service that notes the ids of what it handles."""
    seen: list[str] = []
    home.service(name).on(pattern, lambda event: seen.append(event.id), **settings)
    return seen


def numbered(count: int, subjects: int = 0, type: str = "flight.delayed") -> list[Event]:
    return [Event(type, {"n": n}, subject=f"s{n % subjects}" if subjects else "", id=f"e{n}") for n in range(count)]


# Topics ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("flight.cancelled", "flight.cancelled", True),
        ("flight.cancelled", "flight.cancelled.again", False),
        ("flight.*", "flight.cancelled", True),
        ("flight.*", "flight", False),
        ("flight.*", "flight.cancelled.again", False),
        ("*.cancelled", "flight.cancelled", True),
        ("*.*", "flight.cancelled", True),
        ("flight.>", "flight.cancelled", True),
        ("flight.>", "flight.cancelled.again", True),
        ("flight.>", "flight", False),
        (">", "flight", True),
        (">", "flight.cancelled.again", True),
        ("*.>", "flight", False),
        ("flight.*.again", "flight.cancelled.again", True),
        ("flight", "flightless", False),
        ("flight.* gate.changed", "flight.cancelled", True),
        ("flight.* gate.changed", "gate.changed", True),
        ("flight.* gate.changed", "gate.assigned", False),
    ],
)
def test_a_star_stands_for_one_word_and_an_angle_for_one_or_more(pattern: str, topic: str, fits: bool) -> None:
    assert matches(pattern, topic) is fits


WORDS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4)
PATTERNS = st.tuples(st.lists(st.sampled_from(["a", "b", "ab", "*"]), max_size=4), st.booleans()).map(
    lambda made: [*made[0], ">"] if made[1] or not made[0] else made[0]
)


def fits_by_definition(pattern: list[str], topic: list[str]) -> bool:
    if pattern == [">"]:
        return len(topic) >= 1
    if not pattern or not topic:
        return not pattern and not topic
    return pattern[0] in ("*", topic[0]) and fits_by_definition(pattern[1:], topic[1:])


@given(PATTERNS, WORDS)
def test_patterns_match_as_their_definition_says(pattern: list[str], topic: list[str]) -> None:
    assert check_pattern(".".join(pattern)) == ".".join(pattern)
    assert matches(".".join(pattern), ".".join(topic)) is fits_by_definition(pattern, topic)
    either = check_pattern(".".join(pattern) + " c.c")
    assert matches(either, ".".join(topic)) is fits_by_definition(pattern, topic) and matches(either, "c.c")


@given(st.lists(PATTERNS, max_size=8), st.lists(WORDS, max_size=8))
def test_everybody_gets_what_fits_their_pattern_and_nothing_else(
    patterns: list[list[str]], topics: list[list[str]]
) -> None:
    home = lab()
    seen = [listener(home, f"service-{n}", ".".join(pattern), durable=f"d{n}") for n, pattern in enumerate(patterns)]
    publish(home, *(Event(".".join(topic), id=f"e{n}") for n, topic in enumerate(topics)))
    home.sim.run()
    for pattern, found in zip(patterns, seen, strict=True):
        assert found == [f"e{n}" for n, topic in enumerate(topics) if fits_by_definition(pattern, topic)]


@pytest.mark.parametrize(
    "pattern",
    ["", "flight.", ".flight", "flight..x", "flight.>.x", "fl*", "flight.>x", "flight.c*", " ", "flight.* .x"],
)
def test_a_pattern_that_cannot_be_meant_is_refused_before_anything_is_subscribed(pattern: str) -> None:
    home = lab()
    service = home.service("boards")
    with pytest.raises(Invalid, match="pattern in subscription"):
        service.on(pattern, lambda event: None)
    assert home.bus.subscriptions == {}


# Who gets what --------------------------------------------------------------------------------------------


def test_publishing_never_calls_a_handler() -> None:
    """Time does: the publisher goes on first, and the events travel to the bus and from there to the handler."""
    home = lab()
    seen = listener(home, "boards")
    home.service("pilot").publish(Event("flight.delayed"))
    assert seen == []
    home.sim.run()
    assert seen == ["pilot-1"]
    assert [r.at for r in home.sim.trace.of("published", "handled")] == [seconds(0.010), seconds(0.020)]


@pytest.mark.parametrize("durable", ["", "boards"])
def test_whoever_subscribes_late_gets_what_is_published_from_then_on(durable: str) -> None:
    home = lab()
    publish(home, *numbered(3))
    home.sim.run()
    seen = listener(home, "boards", durable=durable)
    publish(home, Event("flight.delayed", id="new"))
    home.sim.run()
    assert seen == ["new"]


@pytest.mark.parametrize("durable", ["", "boards"])
def test_whoever_wants_everything_begins_with_the_oldest_event_of_the_log(durable: str) -> None:
    home = lab()
    publish(home, *numbered(3), Event("weather.changed", id="snow"))
    home.sim.run()
    seen = listener(home, "boards", "flight.*", durable=durable, deliver="all")
    publish(home, Event("flight.delayed", id="new"))
    home.sim.run()
    assert seen == ["e0", "e1", "e2", "new"]


def test_a_durable_subscription_gets_what_was_published_while_nobody_is_there() -> None:
    home = lab()
    seen = {durable: listener(home, f"boards{durable}", durable=durable) for durable in ("", "-kept")}
    for name in ("boards", "boards-kept"):
        home.sim.call_at(0, home.network.nodes[name].crash)
        home.sim.call_at(10 * SECOND, home.network.nodes[name].restart)
    publish(home, *numbered(3))
    home.sim.run(until=5)
    assert home.bus.subscriptions["-kept"].backlog == 3
    publish(home, Event("flight.delayed", id="early"))
    home.sim.run(until=10)
    publish(home, Event("flight.delayed", id="new"))
    home.sim.run()
    assert seen == {"": ["new"], "-kept": ["e0", "e1", "e2", "early", "new"]}
    assert home.bus.subscriptions["-kept"].backlog == 0
    assert kinds(home.sim.trace, "lost") == []  # the bus sends nothing to who is not connected


def test_an_event_on_its_way_to_an_ephemeral_subscriber_that_crashes_is_gone() -> None:
    home = lab()
    seen = listener(home, "boards")
    publish(home, *numbered(1))
    home.sim.call_at(seconds(0.015), home.network.nodes["boards"].crash)
    home.sim.call_at(1 * SECOND, home.network.nodes["boards"].restart)
    home.sim.run()
    assert seen == [] and kinds(home.sim.trace, "lost") == ["lost"]


def test_services_that_share_a_durable_name_share_the_work() -> None:
    home = lab()
    seen = {}
    for name in ("gates-a", "gates-b", "gates-c"):
        seen[name] = listener(home, name, durable="gates")
    everything = listener(home, "boards", durable="boards")
    publish(home, *numbered(300))
    home.sim.run()
    assert sorted(id for found in seen.values() for id in found) == sorted(everything)
    assert [len(found) for found in seen.values()] == [100, 100, 100]


def test_shared_work_goes_to_those_who_are_there() -> None:
    home = lab()
    seen = {name: listener(home, name, durable="gates") for name in ("gates-a", "gates-b")}
    home.network.nodes["gates-a"].crash()
    publish(home, *numbered(10))
    home.sim.run()
    assert seen == {"gates-a": [], "gates-b": [f"e{n}" for n in range(10)]}


def test_shared_work_keeps_the_order_within_each_subject() -> None:
    home = lab(3, LinkQuality(Delay(0.001, 0.1)))
    seen: list[Event] = []
    for name in ("gates-a", "gates-b", "gates-c"):
        home.service(name, work=Delay(0.0, 0.2), workers=3).on("flight.*", seen.append, durable="gates")
    publish(home, *numbered(200, subjects=7))
    home.sim.run()
    assert len(seen) == 200 and [e.id for e in seen] != [f"e{n}" for n in range(200)]  # the subjects overtake
    for subject in range(7):
        numbers = [event.data["n"] for event in seen if event.subject == f"s{subject}"]
        assert numbers == sorted(numbers)


def test_without_order_one_subject_may_be_worked_on_by_many_at_once() -> None:
    def duration(ordered: bool) -> int:
        home = lab()
        service = home.service("gates", workers=10, work=Delay(1.0))
        service.on(">", lambda event: None, durable="gates", ordered=ordered)
        publish(home, *numbered(10, subjects=1))
        home.sim.run()
        return home.sim.now

    assert duration(ordered=False) < 2 * SECOND < 10 * SECOND < duration(ordered=True)


# Order (B1, B3, B5) ---------------------------------------------------------------------------------------


def test_b1_all_subscribers_see_the_order_of_publication_also_when_handlers_publish() -> None:
    """B1: a re-entrant tree of ten thousand events, seen by several subscribers alike."""
    home = lab(quality=LinkQuality(Delay(0.0)))
    everybody = [listener(home, f"listener-{n}", durable=f"l{n}", max_ack_pending=20_000) for n in range(3)]
    everybody.append(listener(home, "ephemeral"))
    grower = home.service("grower")

    @grower.on("leaf.grown", durable="grower", max_ack_pending=20_000)
    def grow(event: Event) -> list[Event]:
        first = 3 * event.data["n"] + 1
        return [Event("leaf.grown", {"n": n}) for n in range(first, first + 3) if n < 10_000]

    everybody.append(listener(home, "last", durable="last", max_ack_pending=20_000))
    publish(home, Event("leaf.grown", {"n": 0}), by="gardener")
    home.sim.run()
    published = ids(home.sim.trace, "published")
    assert len(published) == len(set(published)) == 10_000
    assert [event.id for event in home.bus.log] == published
    for seen in everybody:
        assert seen == published


@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.sampled_from(["publish", "subscribe", "unsubscribe"]), st.integers(0, 4)), max_size=25),
)
def test_b3_subscribing_and_unsubscribing_in_a_handler_counts_from_the_next_event_on(
    seed: int, steps: list[tuple[str, int]]
) -> None:
    """B3: against a model that keeps the set of subscribers at every publication."""
    home = lab(seed)
    seen: dict[int, list[str]] = {n: [] for n in range(5)}
    services = [home.service(f"service-{n}") for n in range(5)]
    expected: dict[int, list[str]] = {n: [] for n in range(5)}
    subscribed: set[int] = set()
    master = home.service("master")

    def act(event: Event) -> None:
        """Handles the event that everybody else is being given at this moment."""
        action, n = event.data["action"], event.data["n"]
        if action == "subscribe":
            services[n].on("step.*", lambda event: seen[n].append(event.id))
            subscribed.add(n)
        elif action == "unsubscribe" and n in subscribed:
            home.bus.unsubscribe(f"service-{n} step.*")
            subscribed.discard(n)

    def note(number: int) -> None:
        for n in subscribed:
            expected[n].append(f"e{number}")

    master.on("step.*", act)
    pilot = home.service("pilot")
    for number, (action, n) in enumerate(steps):
        event = Event("step.taken", {"action": action, "n": n}, id=f"e{number}")
        home.sim.call_at(number * SECOND, pilot.publish, event)
        home.sim.call_at(
            number * SECOND + seconds(0.010), note, number
        )  # the bus has taken it in, nobody handled it yet
    home.sim.run()
    # What had been sent before an unsubscription still arrives, and is handled: the handler is there.
    assert seen == expected


def test_unsubscribing_forgets_what_was_pending() -> None:
    home = lab()
    seen = listener(home, "boards", durable="boards", max_ack_pending=1)
    publish(home, *numbered(5))
    home.sim.call_at(seconds(0.026), home.bus.unsubscribe, "boards")
    home.sim.run()
    assert seen == ["e0"] and home.bus.subscriptions == {}
    assert home.sim.now < SECOND  # no timer is left behind


def test_b5_a_chain_of_a_hundred_thousand_events_does_not_recurse() -> None:
    """B5: each event is published by the handler of the one before."""
    home = lab(quality=LinkQuality(Delay(0.0)))
    links = home.service("links")
    deepest = 0

    @links.on("link.made", durable="links")
    def make(event: Event) -> Event | None:
        nonlocal deepest
        if event.data["n"] % 1000 == 0:
            deepest = max(deepest, depth())
        return Event("link.made", {"n": event.data["n"] + 1}) if event.data["n"] < 100_000 else None

    publish(home, Event("link.made", {"n": 1}))
    home.sim.run()
    assert len(home.bus.log) == 100_000 and deepest < depth() + 20


def depth() -> int:
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


# Failures (B2, B8) ----------------------------------------------------------------------------------------


def test_b2_a_failing_handler_does_not_rob_the_others_and_the_failure_names_event_and_service() -> None:
    home = lab()
    before, after = listener(home, "before", durable="before"), []
    failing = home.service("failing")

    def fails(event: Event) -> None:
        raise ValueError(f"cannot read {event.id}")

    failing.on(">", fails)
    after = listener(home, "after")
    publish(home, *numbered(3))
    home.sim.run()
    assert before == after == ["e0", "e1", "e2"]
    failures = [(r.where, r.message.id, r.note) for r in home.sim.trace.of("failed") if r.message]
    assert failures == [("failing", f"e{n}", f"ValueError: cannot read e{n}") for n in range(3)]


@given(st.integers(0, 10**6), st.lists(st.sets(st.integers(0, 3)), max_size=30))
def test_b2_of_random_failures_everything_is_handled_or_among_the_dead_letters(
    seed: int, failing: list[set[int]]
) -> None:
    """B2: handled + dead = published × subscribers, whichever handlers fail at whichever events."""
    home = lab(seed)
    handled: Counter[str] = Counter()

    def handler(n: int) -> Callable[[Event], None]:
        def handle(event: Event) -> None:
            if n in failing[event.data["n"]]:
                raise ValueError("no")
            handled[event.id] += 1

        return handle

    for n in range(4):
        home.service(f"s{n}").on(">", handler(n), durable=f"s{n}", max_deliver=2, backoff=(0.1,))
    publish(home, *numbered(len(failing), subjects=3))
    home.sim.run()
    for n in range(4):
        dead = [letter.event.id for letter in home.bus.subscriptions[f"s{n}"].dead]
        assert sorted(dead) == sorted(f"e{m}" for m, who in enumerate(failing) if n in who)
    assert sum(handled.values()) == sum(4 - len(who) for who in failing)


def poisoned(home: Lab, poison: Callable[[Event], bool], **settings: Any) -> list[int]:
    """A subscriber that cannot digest some events; the numbers of those it handled."""
    seen: list[int] = []
    service = home.service("boards", workers=4)

    def handle(event: Event) -> None:
        if poison(event):
            raise ValueError("poison")
        seen.append(event.data["n"])

    service.on(">", handle, durable="boards", **settings)
    return seen


def test_b8_a_poison_event_is_tried_so_often_and_then_is_a_dead_letter() -> None:
    home = lab()
    seen = poisoned(home, lambda event: event.data["n"] == 1, max_deliver=3, backoff=(1.0, 5.0))
    publish(home, *numbered(3))
    home.sim.run()
    assert seen == [0, 2]
    story = [
        (r.kind, r.at)
        for r in home.sim.trace
        if r.message and r.message.id == "e1" and r.kind in ("failed", "retried", "dead")
    ]
    tried = [seconds(at) for at in (0.021, 1.041, 6.061)]  # there and back, and a pause of 1 and then 5 seconds
    assert story == [
        ("failed", tried[0]), ("retried", tried[0] + seconds(0.010)),
        ("failed", tried[1]), ("retried", tried[1] + seconds(0.010)),
        ("failed", tried[2]), ("dead", tried[2] + seconds(0.010)),
    ]  # fmt: skip
    (letter,) = home.bus.subscriptions["boards"].dead
    assert (letter.event.id, letter.tries, letter.reason) == ("e1", 3, "ValueError: poison")


def test_b8_the_last_pause_repeats() -> None:
    home = lab()
    poisoned(home, lambda event: True, max_deliver=5, backoff=(1.0, 2.0))
    publish(home, *numbered(1))
    home.sim.run()
    tries = [r.at for r in home.sim.trace.of("failed")]
    pauses = [round((b - a) / SECOND, 2) for a, b in pairwise(tries)]
    assert pauses == [1.02, 2.02, 2.02, 2.02]


@pytest.mark.parametrize("on_dead", ["skip", "hold"])
def test_b8_every_event_is_accounted_for_once(on_dead: str) -> None:
    """B8: a thousand events of fifty subjects, a hundred of them poison, three tries each."""
    home = lab()
    seen = poisoned(home, lambda event: event.data["n"] % 10 == 0, max_deliver=3, backoff=(0.5,), on_dead=on_dead)
    publish(home, *numbered(1000, subjects=49))
    home.sim.run()
    subscription = home.bus.subscriptions["boards"]
    dead = [letter.event.data["n"] for letter in subscription.dead]
    waiting = [d.event.data["n"] for deliveries in subscription.behind.values() for d in deliveries]
    assert sorted(seen + dead + waiting) == list(range(1000))
    if on_dead == "skip":
        assert sorted(dead) == list(range(0, 1000, 10)) and waiting == []
    else:  # the first poison of every subject holds up the rest of its subject
        assert sorted(n % 49 for n in dead) == list(range(49)) and len(waiting) > 500
    assert subscription.backlog == len(waiting)
    for subject in range(49):  # nothing overtakes within a subject, not even a poison event in its pauses
        numbers = [n for n in seen if n % 49 == subject]
        assert numbers == sorted(numbers)
    failures = Counter(r.message.id for r in home.sim.trace.of("failed") if r.message)
    assert set(failures.values()) == {3}


def test_b8_what_comes_behind_a_poison_event_of_its_subject_waits_until_it_is_dead() -> None:
    home = lab()
    seen = poisoned(home, lambda event: event.data["n"] == 0, max_deliver=2, backoff=(10.0,))
    publish(home, *numbered(4, subjects=2))
    home.sim.run(until=5)
    assert seen == [1, 3]
    home.sim.run()
    assert seen == [1, 3, 2]


@pytest.mark.parametrize("on_dead", ["skip", "hold"])
def test_b8_redriven_dead_letters_get_fresh_tries(on_dead: str) -> None:
    home = lab()
    ill = True
    seen = poisoned(
        home, lambda event: ill and event.data["n"] in (0, 1), max_deliver=2, backoff=(1.0,), on_dead=on_dead
    )
    publish(home, *numbered(6, subjects=2))
    home.sim.run()
    assert sorted(seen) == ([2, 3, 4, 5] if on_dead == "skip" else [])
    assert home.bus.redrive("boards") == 2
    home.sim.run()  # still ill: tried twice more
    assert len(ids(home.sim.trace, "failed")) == 8 and len(home.bus.subscriptions["boards"].dead) == 2
    ill = False
    home.bus.redrive("boards")
    home.sim.run()
    assert sorted(seen) == [0, 1, 2, 3, 4, 5] and home.bus.subscriptions["boards"].backlog == 0
    if on_dead == "hold":
        assert [n for n in seen if n % 2 == 0] == [0, 2, 4]  # the order within the subject was kept
    assert home.bus.redrive("boards") == 0


def test_b8_an_async_handler_may_be_poisoned_too_and_says_no_at_once() -> None:
    home = lab()
    service = home.service("boards")

    @service.on(">", durable="boards", max_deliver=1)
    async def handle(event: Event) -> None:
        await home.sim.sleep(1)
        raise ValueError("poison")

    publish(home, *numbered(1))
    home.sim.run()
    assert [letter.reason for letter in home.bus.subscriptions["boards"].dead] == ["ValueError: poison"]
    assert home.sim.now < 2 * SECOND


def test_b4_a_handler_cannot_change_an_event_for_the_others() -> None:
    """B4: the attempt is an error of that handler, and the next one reads the original."""
    home = lab()
    amounts: list[int] = []
    thief = home.service("thief")

    def steal(event: Event) -> None:
        event.data["amount"] = 0

    thief.on(">", steal)
    home.service("honest").on(">", lambda event: amounts.append(event.data["amount"]))
    publish(home, Event("ticket.paid", {"amount": 42}))
    home.sim.run()
    assert amounts == [42] and kinds(home.sim.trace, "failed") == ["failed"]


# Acknowledgements -----------------------------------------------------------------------------------------


def test_a_lost_acknowledgement_means_a_second_delivery() -> None:
    home = lab()
    seen = listener(home, "boards", durable="boards", ack_wait=3.0, backoff=(1.0,))
    publish(home, *numbered(1))
    pair = [("bus", "boards")]
    home.sim.call_at(seconds(0.015), home.network.set_quality, LinkQuality(Delay(0.010), loss=1.0), pair)
    home.sim.call_at(seconds(0.5), home.network.set_quality, EVEN, pair)
    home.sim.run()
    assert seen == ["e0", "e0"]
    assert kinds(home.sim.trace, "handled", "lost", "retried", "acknowledged", "dead") == [
        "handled", "lost", "retried", "handled", "acknowledged",
    ]  # fmt: skip
    assert [r.at for r in home.sim.trace.of("retried")] == [seconds(3.010)]
    assert home.sim.now == seconds(4.030)  # one second later, there and back


def test_an_acknowledgement_of_the_first_try_ends_the_second_one() -> None:
    home = lab()
    service = home.service("boards", workers=2)
    seen: list[int] = []

    @service.on(">", durable="boards", ack_wait=2.0, backoff=(1.0,))
    async def slowly(event: Event) -> None:
        seen.append(home.sim.now)
        await home.sim.sleep(4)  # longer than the bus waits

    publish(home, *numbered(1))
    home.sim.run()
    assert [round(at / SECOND) for at in seen] == [0, 3]
    assert kinds(home.sim.trace, "acknowledged", "retried", "dead") == ["retried", "acknowledged"]


def test_a_doubled_acknowledgement_and_a_doubled_delivery_do_no_harm_to_the_books() -> None:
    home = lab(quality=LinkQuality(Delay(0.010), duplication=1.0))
    seen = listener(home, "boards", durable="boards")
    publish(home, Event("flight.delayed", id="e0"))
    home.sim.run()
    assert home.bus.subscriptions["boards"].backlog == 0
    assert len(seen) == 4  # published twice, each delivered twice
    assert kinds(home.sim.trace, "acknowledged", "retried") == ["acknowledged"] * 2


def test_tries_are_not_used_up_while_nobody_is_there() -> None:
    home = lab()
    seen = listener(home, "boards", durable="boards", max_deliver=1, ack_wait=1.0)
    home.network.nodes["boards"].crash()
    publish(home, *numbered(3))
    for second in range(1, 50, 2):
        home.sim.call_at(second * SECOND, home.network.partition, "boards")
        home.sim.call_at((second + 1) * SECOND, home.network.heal, "boards")
    home.sim.call_at(100 * SECOND, home.network.nodes["boards"].restart)
    home.sim.run()
    assert seen == ["e0", "e1", "e2"]
    assert kinds(home.sim.trace, "dead", "retried") == []


@pytest.mark.parametrize("back_after", [0.1, 1.0, 500.0])
@pytest.mark.parametrize("fault", ["consumer", "bus", "partition"])
def test_a_connection_that_breaks_costs_no_try_however_soon_it_is_back(fault: str, back_after: float) -> None:
    """The consumer, the bus or the link between them fails while the handler is at work."""
    home = lab()
    service = home.service("boards")
    seen: list[str] = []

    @service.on(">", durable="boards", max_deliver=1, ack_wait=30.0)
    async def handle(event: Event) -> None:
        await home.sim.sleep(1)
        seen.append(event.id)

    publish(home, *numbered(1))
    begin, end = seconds(0.5), seconds(0.5 + back_after)
    if fault == "partition":
        home.sim.call_at(begin, home.network.partition, "boards", ["bus"])
        home.sim.call_at(end, home.network.heal, "boards", ["bus"])
    else:
        node: Any = service if fault == "consumer" else home.bus
        home.sim.call_at(begin, node.crash)
        home.sim.call_at(end, node.restart)
    home.sim.run()
    assert seen[:1] == ["e0"] and home.bus.subscriptions["boards"].backlog == 0
    assert kinds(home.sim.trace, "dead") == []
    if fault == "consumer":  # the work is done again as soon as it is back
        assert seen == ["e0"] and home.sim.trace.records[-1].at < end + 3 * SECOND


def test_after_a_broken_connection_all_tries_are_left() -> None:
    home = lab()
    service = home.service("boards")

    @service.on(">", durable="boards", max_deliver=2, backoff=(1.0,))
    async def handle(event: Event) -> None:
        await home.sim.sleep(1)
        raise ValueError("poison")

    publish(home, *numbered(1))
    for at in (0.5, 1.0, 1.5):
        home.sim.call_at(seconds(at), service.crash)
        home.sim.call_at(seconds(at + 0.1), service.restart)
    home.sim.run()
    assert len(kinds(home.sim.trace, "failed")) == 2
    assert [letter.tries for letter in home.bus.subscriptions["boards"].dead] == [2]


def test_what_is_sent_again_goes_before_what_was_published_later() -> None:
    home = lab()
    service = home.service("boards", work=Delay(1.0))
    seen: list[str] = []
    service.on(">", lambda event: seen.append(event.id), durable="boards", max_ack_pending=3)
    publish(home, *numbered(10))
    home.sim.call_at(seconds(0.5), service.crash)
    home.sim.call_at(seconds(0.6), service.restart)
    home.sim.run()
    assert seen == [f"e{n}" for n in range(10)]


def test_the_pause_before_a_further_try_outlasts_a_crash_of_the_consumer() -> None:
    home = lab()
    poisoned(home, lambda event: True, max_deliver=3, backoff=(10.0,))
    publish(home, *numbered(1))
    home.sim.call_at(seconds(3), home.network.nodes["boards"].crash)
    home.sim.call_at(seconds(4), home.network.nodes["boards"].restart)
    home.sim.run()
    tries = [round(r.at / SECOND) for r in home.sim.trace.of("failed")]
    assert tries == [0, 10, 20] and len(home.bus.subscriptions["boards"].dead) == 1


def test_no_more_events_are_sent_than_may_wait_for_an_answer() -> None:
    home = lab()
    service = home.service("gates", workers=100, work=Delay(1.0))
    most = 0

    def handle(event: Event) -> None:
        nonlocal most
        most = max(most, len(subscription.pending))

    subscription = service.on(">", handle, durable="gates", max_ack_pending=7)
    publish(home, *numbered(100))
    home.sim.run()
    assert most == 7
    arrived = [r.at for r in home.sim.trace.of("received") if r.where == "gates"]
    answered = [r.at for r in home.sim.trace.of("acknowledged")]
    for number in range(7, 100):
        assert arrived[number] > answered[number - 7]


# Limits ---------------------------------------------------------------------------------------------------


def test_an_event_for_a_full_subscription_is_refused_for_all_and_the_journal_says_so() -> None:
    home = lab()
    slow = home.service("gates", work=Delay(1.0))
    slow.on("flight.*", lambda event: None, durable="gates", max_backlog=3)
    others = listener(home, "boards", durable="boards")
    publish(home, *numbered(5), Event("weather.changed", id="snow"))
    home.sim.run()
    assert [event.id for event in home.bus.log] == others == ["e0", "e1", "e2", "snow"]
    refused = [(r.where, r.other, r.message.id, r.note) for r in home.sim.trace.of("refused") if r.message]
    assert refused == [("bus", "pilot", id, "gates is full: a backlog of 3") for id in ("e3", "e4")]
    publish(home, Event("flight.delayed", id="later"))
    home.sim.run()
    assert others[-1] == "later"


def test_a_publisher_that_waits_for_a_confirmation_is_told_that_a_subscription_is_full() -> None:
    home = lab()
    home.service("gates", work=Delay(1.0)).on("flight.*", lambda event: None, durable="gates", max_backlog=1)
    pilot = home.service("pilot")
    told: list[str] = []

    async def tell() -> None:
        await pilot.publish_confirmed(Event("flight.delayed"))
        try:
            await pilot.publish_confirmed(Event("flight.delayed"))
        except Unavailable as full:
            told.append(str(full))

    home.sim.start(tell())
    home.sim.run()
    assert told == ["bus cannot do 'flight.delayed' now: gates is full: a backlog of 1"]
    (no,) = [r.message for r in home.sim.trace.of("received") if r.purpose == "refusal"]
    assert no and no.source == "bus" and no.causationid == "pilot-2" and no.id != "pilot-2"


@pytest.mark.parametrize("subjects", [0, 2])
def test_an_outbox_waits_for_room_and_loses_nothing(subjects: int) -> None:
    home = lab()
    seen: list[str] = []
    desk = home.service("gates", work=Delay(1.0))
    subscription = desk.on("flight.*", lambda event: seen.append(event.id), durable="gates", max_backlog=4)
    with Store() as store:
        pilot = home.service("pilot")
        Outbox(pilot, store)
        store.append("outbox", numbered(20, subjects))
        while home.sim.step():
            assert subscription.backlog <= 4
    assert seen == [f"e{n}" for n in range(20)]
    assert len(kinds(home.sim.trace, "refused")) > 5


def test_a_limit_to_a_backlog_needs_a_durable_name() -> None:
    with pytest.raises(Invalid, match="max_backlog"):
        lab().service("boards").on("flight.*", lambda event: None, max_backlog=3)


# The bus itself -------------------------------------------------------------------------------------------


def test_a_bus_that_crashes_keeps_its_log_and_what_is_pending() -> None:
    home = lab()
    seen = listener(home, "boards", durable="boards")
    publish(home, *numbered(3))
    home.sim.call_at(seconds(0.015), home.bus.crash)
    home.sim.call_at(10 * SECOND, home.bus.restart)
    home.sim.run(until=5)
    assert len(home.bus.log) == 3 and home.bus.subscriptions["boards"].backlog == 3
    home.sim.run()
    assert sorted(set(seen)) == ["e0", "e1", "e2"]
    assert home.bus.subscriptions["boards"].backlog == 0


def test_what_is_published_while_the_bus_is_down_is_lost() -> None:
    home = lab()
    seen = listener(home, "boards", durable="boards")
    home.bus.crash()
    publish(home, *numbered(1))
    home.sim.run()
    home.bus.restart()
    home.sim.run()
    assert seen == [] and home.bus.log == [] and ids(home.sim.trace, "lost") == ["e0"]


def test_a_bus_that_is_down_or_up_already_says_nothing() -> None:
    home = lab()
    home.bus.restart()
    home.bus.crash()
    home.bus.crash()
    home.bus.restart()
    assert kinds(home.sim.trace) == ["crashed", "restarted"]


# Wiring ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"max_deliver": 0}, "max_deliver"),
        ({"max_ack_pending": 0}, "max_ack_pending"),
        ({"max_backlog": -1}, "max_backlog"),
        ({"backoff": ()}, "backoff"),
        ({"backoff": (1.0, -1.0)}, "duration"),
        ({"backoff": (math.nan,)}, "duration"),
        ({"ack_wait": -1.0}, "duration"),
        ({"ack_wait": math.inf}, "duration"),
        ({"deliver": "some"}, "deliver"),
        ({"on_dead": "forget"}, "on_dead"),
        ({"on_dead": "hold", "ordered": False}, "on_dead"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_subscribed(
    settings: dict[str, Any], named: str
) -> None:
    home = lab()
    service = home.service("boards")
    with pytest.raises(Invalid, match=named):
        service.on("flight.*", lambda event: None, durable="boards", **settings)
    assert home.bus.subscriptions == {}


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match=r"unknown setting in boards\.on: expected did you mean max_deliver\?"):
        lab().service("boards").on("flight.*", lambda event: None, max_delivery=3)


def test_a_durable_name_means_one_pattern_and_one_way_of_serving() -> None:
    home = lab()
    home.service("gates-a").on("flight.*", lambda event: None, durable="gates")
    other = home.service("gates-b")
    for pattern, settings in (("gate.*", {}), ("flight.*", {"max_deliver": 9})):
        with pytest.raises(Invalid, match="second subscription 'gates'"):
            other.on(pattern, lambda event: None, durable="gates", **settings)
    assert list(home.bus.subscriptions["gates"].members) == ["gates-a"]


def test_unknown_names_are_refused() -> None:
    home = lab()
    home.service("boards").on("flight.*", lambda event: None, durable="boards")
    wrong: list[Callable[[], Any]] = [
        lambda: home.bus.unsubscribe("gates"),
        lambda: home.bus.redrive("gates"),
        lambda: home.bus.subscribe("gates", "flight.*", SubscriptionSettings(durable="gates")),
    ]
    for call in wrong:
        with pytest.raises(Invalid, match="'gates'"):
            call()
    assert list(home.bus.subscriptions) == ["boards"]


def test_subscriptions_describe_themselves() -> None:
    home = lab()
    home.service("boards").on("flight.*", lambda event: None, durable="boards")
    assert repr(home.bus.subscriptions["boards"]) == ("<Subscription boards to flight.*: backlog 0, dead letters 0>")
    assert repr(home.bus) == "<Bus bus: 0 events, 1 subscriptions>"


def test_a_command_for_the_bus_is_refused_and_stops_nobody() -> None:
    home = lab()
    pilot, said = home.service("pilot"), []

    async def ask() -> None:
        try:
            await pilot.request("bus", Command("flight.describe"))
        except Refused as no:
            said.append(no.reason)

    pilot.tell("bus", Command("flight.describe"))
    home.sim.start(ask())
    home.sim.run()
    assert said == ["bus takes events alone: nobody here answers commands"]
