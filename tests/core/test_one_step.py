"""What a handler changes, the inbox's note and, with an outbox, its events: one step, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import Invalid, Refused, StoreUnavailable, Unavailable
from eventlab.event import Command, Event
from eventlab.faults import CrashBefore, inject
from eventlab.network import Delay
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.store import Store
from tests.support.laboratory import Lab, kinds, lab, result, seconds

ORDER = Event("order.placed", {"pieces": 1}, subject="one")


def clerk_of(home: Lab, **options: Any) -> Service:
    return home.service("clerk", **options)


def hear(clerk: Service, body: Callable[[Event], Any], asynchronous: bool, **settings: Any) -> Any:
    async def later(event: Event) -> Any:
        await clerk.sleep(1)
        return body(event)

    return clerk.on("order.*", later if asynchronous else body, durable="clerk", **{"backoff": (1.0,), **settings})


# Nothing is left behind -----------------------------------------------------------------------------------


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("failure", [KeyError("x"), Refused("no"), Unavailable("not now")])
def test_a_handler_that_raises_leaves_no_change_behind(asynchronous: bool, failure: Exception) -> None:
    home = lab()
    clerk, shop = clerk_of(home), home.service("shop")
    clerk.state["n"] = 1

    def body(event: Event) -> None:
        clerk.state["n"] += 1
        del clerk.state["n"]
        clerk.state["half"] = True
        raise failure

    hear(clerk, body, asynchronous, max_deliver=2)
    shop.publish(ORDER)
    home.sim.run()
    assert dict(clerk.state) == home.sim.trace.state("clerk") == {"n": 1}
    assert kinds(home.sim.trace, "changed") == ["changed"]


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("wrong", [3, "text", {"when": {1, 2}}, [Event("a.b"), object()]])
def test_a_handler_that_returns_nonsense_leaves_no_change_behind(asynchronous: bool, wrong: Any) -> None:
    home = lab()
    clerk, shop = clerk_of(home), home.service("shop")

    def body(event: Event) -> Any:
        clerk.state["half"] = True
        return wrong

    hear(clerk, body, asynchronous, max_deliver=1)
    shop.publish(ORDER)
    home.sim.run()
    assert dict(clerk.state) == {} and kinds(home.sim.trace, "changed", "handled") == []


class Full(Store):
    """A store that refuses the first appends."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals

    def append(self, *arguments: Any, **options: Any) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable(":memory:", "the disk is full")
        return super().append(*arguments, **options)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_the_outbox_does_not_take_is_not_counted_either_and_then_counted_once(asynchronous: bool) -> None:
    home = lab()
    clerk, shop = clerk_of(home), home.service("shop")

    def body(event: Event) -> Event:
        clerk.state["n"] = clerk.state.get("n", 0) + 1
        return Event("order.counted", {"n": clerk.state["n"]})

    with Full(refusals=2) as store:
        Outbox(clerk, store), Inbox(clerk)
        clerk.on("order.placed", body, durable="clerk", backoff=(1.0,))
        shop.publish(ORDER)
        home.sim.run()
        assert clerk.state["n"] == 1
        assert [recorded.event.data for recorded in store.read_all()] == [{"n": 1}]
    assert kinds(home.sim.trace, "failed", "changed", "handled") == ["failed", "failed", "changed", "handled"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_crash_while_a_handler_waits_leaves_nothing_of_it_not_even_what_its_finally_writes(durable: bool) -> None:
    home = lab()
    clerk, shop = clerk_of(home, durable=durable), home.service("shop")

    async def count(event: Event) -> None:
        clerk.state["busy"] = True
        try:
            await clerk.sleep(1)
            clerk.state["n"] = clerk.state.get("n", 0) + 1
        finally:
            clerk.state["busy"] = False

    clerk.on("order.*", count, durable="clerk")
    shop.publish(ORDER)
    home.sim.call_at(seconds(0.5), clerk.crash)
    home.sim.run(until=seconds(0.6))
    assert dict(clerk.state) == {} and kinds(home.sim.trace, "changed") == []
    clerk.restart()
    home.sim.run()
    assert dict(clerk.state) == home.sim.trace.state("clerk") == {"busy": False, "n": 1}


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_handler_that_crashes_its_own_service_leaves_nothing_of_itself(asynchronous: bool, durable: bool) -> None:
    home = lab()
    clerk, shop = clerk_of(home, durable=durable), home.service("shop")
    clerk.state["kept"] = 1
    crashes = [True, False]

    def body(event: Event) -> None:
        clerk.state["n"] = clerk.state.get("n", 0) + 1
        if crashes.pop(0):
            clerk.crash()
            clerk.state["after"] = "the crash"

    hear(clerk, body, asynchronous)
    shop.publish(ORDER)
    home.sim.run(until=seconds(3))
    before = {"kept": 1} if durable else {}
    assert dict(clerk.state) == home.sim.trace.state("clerk") == before
    clerk.restart()
    home.sim.run()
    assert dict(clerk.state) == home.sim.trace.state("clerk") == {**before, "n": 1}


@pytest.mark.parametrize("step", ["publish", "acknowledge"])
def test_after_the_step_a_crash_takes_nothing_back_and_without_an_outbox_the_event_is_never_published(
    step: str,
) -> None:
    home = lab()
    clerk, shop = clerk_of(home), home.service("shop")
    Inbox(clerk)

    def body(event: Event) -> Event:
        clerk.state["n"] = clerk.state.get("n", 0) + 1
        return Event("counted")

    hear(clerk, body, False)
    inject([CrashBefore("clerk", step, 0, pause=1.0)], home.network)
    shop.publish(ORDER)
    home.sim.run()
    assert clerk.state["n"] == 1
    published = [event.type for event in home.bus.log]
    assert published == (["order.placed"] if step == "publish" else ["order.placed", "counted"])


# Who sees what, and when ----------------------------------------------------------------------------------


def test_changes_are_seen_and_recorded_when_the_handler_has_ended_well_one_record_for_each_key() -> None:
    home = lab()
    clerk, shop = clerk_of(home), home.service("shop")
    seen: list[tuple[Any, int, list[str]]] = []

    async def count(event: Event) -> None:
        clerk.state["b"] = 1
        clerk.state["a"] = 1
        await clerk.sleep(1)
        clerk.state["b"] = 2
        clerk.state["c"] = 3
        del clerk.state["c"]
        seen.append((clerk.state.get("b"), len(clerk.state), sorted(clerk.state)))

    clerk.on("order.*", count)
    shop.publish(ORDER)
    home.sim.run(until=seconds(0.5))
    assert dict(clerk.state) == {} and "b" not in clerk.state and len(clerk.state) == 0
    home.sim.run()
    assert seen == [(2, 2, ["a", "b"])]  # the handler sees its own
    records = [r for r in home.sim.trace if r.where == "clerk" and r.kind in ("changed", "handled")]
    assert [(r.kind, r.key, r.before, r.after) for r in records] == [
        ("changed", "a", None, 1),
        ("changed", "b", None, 2),
        ("handled", "", None, None),
    ]
    assert {r.at for r in records} == {seconds(1.02)}


def two_at_once(body: Callable[[Service, Command], Any]) -> Lab:
    """A clerk with two workers, and two commands that arrive together."""
    home = lab()
    clerk, shop = home.service("clerk", workers=2), home.service("shop")
    clerk.answers("count", lambda command: body(clerk, command))
    for n in (1, 2):
        shop.tell("clerk", Command("count", {"n": n}))
    home.sim.run()
    return home


def test_handlers_that_run_at_the_same_time_see_what_is_committed_and_nothing_else() -> None:
    seen: list[tuple[int, Any, Any]] = []

    async def body(clerk: Service, command: Command) -> None:
        n = command.data["n"]
        clerk.state[f"by {n}"] = n
        await clerk.sleep(n)
        seen.append((n, clerk.state.get("by 1"), clerk.state.get("by 2")))

    two_at_once(body)
    assert seen == [(1, 1, None), (2, 1, 2)]


def test_for_each_key_the_last_commit_wins() -> None:
    async def body(clerk: Service, command: Command) -> None:
        n = command.data["n"]
        clerk.state["last"] = n
        clerk.state[f"by {n}"] = True
        await clerk.sleep(3 - n)  # the second one commits first

    home = two_at_once(body)
    assert home.sim.trace.state("clerk") == {"last": 1, "by 1": True, "by 2": True}


def test_who_reads_waits_and_then_writes_may_undo_what_another_has_committed_meanwhile() -> None:
    async def body(clerk: Service, command: Command) -> None:
        n = clerk.state.get("n", 0)
        await clerk.sleep(command.data["n"])
        clerk.state["n"] = n + 1

    assert two_at_once(body).sim.trace.state("clerk") == {"n": 1}


@given(st.lists(st.floats(0, 3), min_size=1, max_size=8), st.integers(1, 4))
def test_what_is_read_and_changed_after_the_last_await_is_never_lost(waits: list[float], workers: int) -> None:
    home = lab()
    clerk, shop = home.service("clerk", workers=workers, work=Delay(0, 0.5)), home.service("shop")

    async def count(command: Command) -> None:
        await clerk.sleep(command.data["wait"])
        clerk.state["n"] = clerk.state.get("n", 0) + 1

    clerk.answers("count", count)
    for wait in waits:
        shop.tell("clerk", Command("count", {"wait": wait}))
    home.sim.run()
    assert clerk.state["n"] == len(waits)


def test_everybody_who_is_no_handler_of_the_service_writes_through_at_once() -> None:
    home = lab()
    clerk, shop = home.service("clerk"), home.service("shop")

    async def tick() -> None:
        clerk.state["ticks"] = 1
        await clerk.sleep(1)
        clerk.state["ticks"] = 2

    async def count(event: Event) -> None:
        shop.state["told"] = "by a handler of somebody else"
        clerk.start(tick())
        await clerk.sleep(2)
        raise KeyError("x")

    clerk.on("order.*", count)
    shop.publish(ORDER)
    home.sim.run(until=seconds(0.5))
    assert dict(clerk.state) == {"ticks": 1} and dict(shop.state) == {"told": "by a handler of somebody else"}
    clerk.state["by hand"] = True
    home.sim.run()
    assert dict(clerk.state) == home.sim.trace.state("clerk") == {"ticks": 2, "by hand": True}


STEPS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from("abc"), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.sampled_from("abc")),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 1.0])),
    st.tuples(st.just("fail")),
)


@given(st.lists(st.lists(STEPS, max_size=6), max_size=6), st.integers(1, 3), st.lists(st.integers(1, 30), max_size=2))
def test_the_state_is_made_of_the_handlers_that_ended_well_and_of_nothing_else(
    plans: list[list[Any]], workers: int, crashes: list[int]
) -> None:
    home = lab()
    clerk, shop = home.service("clerk", workers=workers), home.service("shop")
    expected: dict[str, int] = {}
    own: dict[str, dict[str, int | None]] = {}

    async def work(command: Command) -> None:
        mine = own[command.id] = {}
        for what, *about in command.data["plan"]:
            if what == "wait":
                await clerk.sleep(*about)
            elif what == "fail":
                raise ValueError
            else:
                key, value = about[0], about[1] if what == "set" else None
                clerk.state[key] = mine[key] = value
                assert clerk.state.get(key) == value

    clerk.answers("work", work)
    for steps in plans:
        shop.tell("clerk", Command("work", {"plan": steps}))
    for tenth in sorted(crashes):
        home.sim.call_at(seconds(tenth / 10), clerk.crash)
        home.sim.call_at(seconds(tenth / 10 + 0.05), clerk.restart)
    home.sim.run()
    for record in home.sim.trace.of("handled"):
        assert record.message is not None
        expected.update(own[record.message.id])  # type: ignore[arg-type]
    assert dict(clerk.state) == home.sim.trace.state("clerk")
    assert dict(clerk.state) == {key: value for key, value in expected.items() if value is not None}


# A definite no ends the tries -----------------------------------------------------------------------------


def test_an_event_that_is_refused_for_good_becomes_a_dead_letter_at_once() -> None:
    home = lab()
    clerk, shop = clerk_of(home), home.service("shop")

    def body(event: Event) -> None:
        raise Refused("we are closed for good")

    subscription = hear(clerk, body, False, max_deliver=5)
    shop.publish(ORDER)
    home.sim.run()
    assert [(letter.tries, letter.reason) for letter in subscription.dead] == [(1, "we are closed for good")]
    assert kinds(home.sim.trace, "refused", "retried", "dead") == ["refused", "dead"]


def test_a_no_that_is_passed_on_says_who_said_it_and_to_what() -> None:
    home = lab()
    clerk, shop, bank = home.service("clerk"), home.service("shop"), home.service("bank")

    def charge(command: Command) -> None:
        raise Refused("card declined")

    bank.answers("card.charge", charge)
    clerk.answers("order.pay", lambda command: clerk.request("bank", Command("card.charge")))
    with pytest.raises(Refused, match=r"^clerk refused 'order.pay': bank refused 'card.charge': card declined$"):
        result(home.sim, shop.request("clerk", Command("order.pay")))
    assert str(Refused("card declined")) == "card declined"


def test_what_can_never_be_published_does_not_keep_the_outbox_from_publishing_the_rest() -> None:
    home = lab()

    def check(message: Any) -> None:
        if message.type == "order.mistyped":
            raise Invalid("type", where="catalogue", expected="order.placed", found=message.type)

    clerk = home.service("clerk")
    with Store() as store:
        outbox = Outbox(clerk, store)
        home.network.check = check
        store.append("orders", [Event("order.mistyped", id="e1"), Event("order.placed", id="e2")])
        home.sim.run()
        assert [event.id for event in home.bus.log] == ["e2"]
        assert [(letter.event.id, letter.tries) for letter in outbox.dead] == [("e1", 1)]
        assert "found 'order.mistyped'" in outbox.dead[0].reason
        assert [(r.where, r.other, r.note) for r in home.sim.trace.of("dead")] == [
            ("clerk", "bus", outbox.dead[0].reason)
        ]
        assert store.checkpoint("outbox") == 2


def test_an_outbox_needs_a_service_with_a_bus() -> None:
    home = lab()
    with Store() as store, pytest.raises(Invalid, match="expected a service with a bus"):
        Outbox(Service("alone", home.network), store)


# Time and chance of a service -----------------------------------------------------------------------------


def test_a_handler_needs_no_simulation_to_look_at_the_time_to_wait_and_to_draw() -> None:
    home = lab(seed=7)
    clerk, shop = home.service("clerk"), home.service("shop")

    async def look(command: Command) -> dict[str, Any]:
        begun = clerk.now
        await clerk.sleep(1.5)
        signal = clerk.signal()
        home.sim.call_at(clerk.now + seconds(1), signal.set, "told")
        return {"took": clerk.now - begun, "drawn": clerk.random("dice").below(6), "told": await signal.wait()}

    clerk.answers("look", look)
    answer = result(home.sim, shop.request("clerk", Command("look")))
    assert (answer["took"], answer["told"]) == (seconds(1.5), "told")
    assert clerk.now == home.sim.now


def test_every_service_has_random_numbers_of_its_own() -> None:
    home = lab(seed=7)
    one, other = home.service("one"), home.service("other")
    first = [one.random("dice").random() for _ in range(3)]
    assert [other.random("dice").random() for _ in range(3)] != first
    assert one.random("dice") is one.random("dice") is not one.random("cards")
