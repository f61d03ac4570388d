"""Stored, then published, and nothing done twice: promise B9, with the ways to break it as controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.errors import Invalid, StoreUnavailable
from eventlab.event import Command, Event
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, inject
from eventlab.network import Delay, LinkQuality
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.store import Store
from tests.support.laboratory import Lab, ids, kinds, lab, seconds


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        yield store


class Desk:
    """A service that books what it is told to and says so, and a listener that counts what it hears."""

    def __init__(self, home: Lab, store: Store | None, *, inbox: bool = False, trigger: str = "command") -> None:
        self.home = home
        self.pilot = home.service("pilot")
        self.desk = home.service("desk")
        self.ledger = home.service("ledger")
        self.outbox = Outbox(self.desk, store) if store is not None else None
        self.heard: list[str] = []
        if inbox:
            Inbox(self.desk)
        if trigger == "command":
            self.desk.answers("seat.book", self.book)
        else:
            self.desk.on("seat.wanted", self.book, durable="desk", ack_wait=5.0, backoff=(1.0,), max_deliver=1000)
        self.ledger.on("seat.booked", self.note, durable="ledger", ack_wait=5.0, backoff=(1.0,), max_deliver=1000)

    def book(self, message: Any) -> Event:
        seat = message.data["seat"]
        self.desk.state[seat] = int(self.desk.state.get(seat, 0)) + 1
        return Event("seat.booked", {"seat": seat}, subject=seat)

    def note(self, event: Event) -> None:
        self.heard.append(event.id)
        seat = event.data["seat"]
        self.ledger.state[seat] = int(self.ledger.state.get(seat, 0)) + 1

    def tell(self, *names: str) -> None:
        for number, seat in enumerate(names):
            self.home.sim.call_at(seconds(number), self.pilot.tell, "desk", Command("seat.book", {"seat": seat}))

    def want(self, *names: str) -> None:
        for number, seat in enumerate(names):
            self.home.sim.call_at(
                seconds(number), self.pilot.publish, Event("seat.wanted", {"seat": seat}, subject=seat)
            )


def test_without_an_outbox_a_crash_between_commit_and_publish_loses_the_event() -> None:
    """The control: the fault does harm."""
    home = lab()
    desk = Desk(home, None)
    inject([CrashBefore("desk", "publish", seconds(0.5), pause=10.0)], home.network)
    desk.tell("1A", "1B")
    home.sim.run()
    assert kinds(home.sim.trace, "crashed", "restarted") == ["crashed", "restarted"]
    assert dict(desk.desk.state) == {"1A": 1, "1B": 1}  # booked,
    assert dict(desk.ledger.state) == {"1A": 1}  # and nobody knows


def test_with_an_outbox_a_crash_between_commit_and_publish_loses_nothing(store: Store) -> None:
    home = lab()
    desk = Desk(home, store)
    inject([CrashBefore("desk", "publish", seconds(0.5), pause=10.0)], home.network)
    desk.tell("1A", "1B")
    home.sim.run()
    assert kinds(home.sim.trace, "crashed", "restarted") == ["crashed", "restarted"]
    assert dict(desk.desk.state) == dict(desk.ledger.state) == {"1A": 1, "1B": 1}
    stored = [recorded.event for recorded in store.read_all()]
    assert home.bus.log == stored
    published = next(r.at for r in home.sim.trace.of("published") if r.message and r.message.data["seat"] == "1B")
    assert published > seconds(11)  # after the restart
    assert store.checkpoint("outbox") == 2


def test_the_control_with_an_inbox_alone_loses_the_event_although_the_bus_tries_again() -> None:
    home = lab()
    desk = Desk(home, None, inbox=True, trigger="event")
    inject([CrashBefore("desk", "publish", 0, pause=10.0)], home.network)
    desk.want("1A")
    home.sim.run()
    assert dict(desk.desk.state) == {"1A": 1} and dict(desk.ledger.state) == {}
    assert kinds(home.sim.trace, "ignored") == ["ignored"]


@pytest.mark.parametrize("step", ["publish", "acknowledge"])
def test_outbox_and_inbox_together_have_every_effect_once(store: Store, step: str) -> None:
    home = lab()
    desk = Desk(home, store, inbox=True, trigger="event")
    Inbox(desk.ledger)
    inject([CrashBefore("desk", step, 0, pause=10.0), CrashBefore("ledger", "acknowledge", 0)], home.network)
    desk.want("1A", "1B")
    home.sim.run()
    assert len(kinds(home.sim.trace, "crashed")) == 2
    assert dict(desk.desk.state) == dict(desk.ledger.state) == {"1A": 1, "1B": 1}
    assert len(home.bus.log) == 4 and len(store) == 2


def test_events_go_out_in_the_order_in_which_they_were_stored_and_each_carries_its_record(store: Store) -> None:
    home = lab(4, LinkQuality(Delay(0.01, 0.5)))
    desk = Desk(home, store)
    desk.tell(*(f"{row}A" for row in range(20)))
    home.sim.run()
    stored = [recorded.event.id for recorded in store.read_all()]
    assert [event.id for event in home.bus.log] == stored == desk.heard
    appended = [(r.where, r.note, r.packet) for r in home.sim.trace.of("appended")]
    assert appended == [("desk", "outbox", version) for version in range(1, 21)]


def test_while_the_bus_is_away_events_wait_in_the_store(store: Store) -> None:
    home = lab()
    desk = Desk(home, store)
    inject([Crash("bus", seconds(0), seconds(60)), Partition("desk", seconds(70), seconds(90))], home.network)
    desk.tell("1A", "1B", "1C")
    home.sim.call_at(seconds(75), lambda: store.append("outbox", desk.desk.stamp(Event("seat.booked", {"seat": "9F"}))))
    home.sim.run(until=seconds(59))
    assert home.bus.log == [] and len(store) == 3
    home.sim.run()
    assert dict(desk.ledger.state) == {"1A": 1, "1B": 1, "1C": 1, "9F": 1}
    assert kinds(home.sim.trace, "retried").count("retried") == 2  # once in each outage: then it waited to be back


def test_a_lost_confirmation_means_a_second_publication_with_the_same_id(store: Store) -> None:
    home = lab()
    desk = Desk(home, store)
    Inbox(desk.ledger)
    desk.tell("1A")
    # The event reaches the bus; its confirmation is lost.
    home.sim.call_at(seconds(0.015), home.network.set_quality, LinkQuality(Delay(0.010), loss=1.0), [("desk", "bus")])
    home.sim.call_at(seconds(1), home.network.set_quality, LinkQuality(Delay(0.010)), [("desk", "bus")])
    home.sim.run()
    assert len(home.bus.log) == 2 and len({event.id for event in home.bus.log}) == 1
    assert home.bus.log[0] == home.bus.log[1]  # not only the id
    assert dict(desk.ledger.state) == {"1A": 1} and kinds(home.sim.trace, "ignored") == ["ignored"]


def test_an_event_stored_at_the_very_beginning_keeps_its_time_however_late_it_is_published(store: Store) -> None:
    home = lab()
    desk = Desk(home, store)
    inject([Crash("bus", 0, seconds(60))], home.network)
    event = desk.desk.stamp(Event("seat.booked", {"seat": "1A"}))
    store.append("outbox", event)
    home.sim.run()
    assert home.bus.log == [event] and event.time == 0


@pytest.mark.parametrize("moment", [0.015, 0.025, 0.035])
def test_a_crash_while_publishing_repeats_at_most_the_event_that_was_on_its_way(store: Store, moment: float) -> None:
    home = lab()
    desk = Desk(home, store)
    inject([Crash("desk", seconds(2 + moment), seconds(10))], home.network)
    desk.tell("1A", "1B", "1C")
    home.sim.run()
    times = Counter(event.id for event in home.bus.log)
    assert set(times) == {recorded.event.id for recorded in store.read_all()}
    assert sum(times.values()) <= len(times) + 1


def test_what_a_service_stores_by_itself_is_published_too(store: Store) -> None:
    home = lab()
    desk = Desk(home, store)
    store.append("flights", desk.desk.stamp(Event("seat.booked", {"seat": "7C"}, id="by hand")))
    home.sim.run()
    assert desk.heard == ["by hand"]


def test_the_outbox_of_a_new_process_goes_on_where_the_old_one_stopped(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with Store(path) as store:
        home = lab()
        desk = Desk(home, store)
        desk.tell("1A", "1B")
        home.sim.call_at(seconds(0.5), home.bus.crash)
        home.sim.run(until=seconds(5))
        assert desk.heard == ["desk-1"]
        desk.desk.crash()
    with Store(path) as store:
        home = lab()
        desk = Desk(home, store)
        home.sim.run()
        assert desk.heard == ["desk-2"]


@pytest.mark.parametrize("apart", [False, True])
def test_of_two_outboxes_of_one_store_one_publishes(tmp_path: Path, apart: bool) -> None:
    """Two replicas, with one store between them or each with its own on the same file."""
    home, heard = lab(), Counter[str]()
    home.service("mail").on("order.placed", lambda event: heard.update([event.id]), durable="mail")
    with Store(tmp_path / "events.db") as store, Store(tmp_path / "events.db") as other:
        for name, own in (("shop-1", store), ("shop-2", other if apart else store)):
            Outbox(home.service(name), own)
        for number in range(20):
            event = Event("order.placed", id=f"order-{number}")
            home.sim.call_at(seconds(number + 1), store.append, "orders", event)
            home.sim.call_at(seconds(number + 1), other.append, "orders", event)  # both are told the same
        home.sim.run()
        assert heard == {f"order-{number}": 1 for number in range(20)}
        assert store.checkpoint("outbox") == 20


def test_of_outboxes_that_begin_together_on_a_full_store_one_publishes_each_event_once(tmp_path: Path) -> None:
    home = lab()
    with Store(tmp_path / "shop.db") as store:
        store.append("outbox", [Event("order.placed", id=f"order-{number}") for number in range(3)])
        for name in ("one", "other", "third"):
            Outbox(home.service(name), store)
        home.sim.run()
        assert [event.id for event in home.bus.log] == ["order-0", "order-1", "order-2"]


class AnotherEngine:
    """A store of somebody else: whatever `Store` is asked for, but no `Store`."""

    def __init__(self) -> None:
        self._kept = Store()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)


def test_a_store_of_another_engine_is_a_store_too_and_what_is_none_is_refused() -> None:
    home, another = lab(), AnotherEngine()
    Outbox(home.service("shop"), another)  # type: ignore[arg-type]
    another.append("outbox", [Event("order.placed", id="order-1")])
    home.run()
    assert [event.id for event in home.bus.log] == ["order-1"]
    for wrong in ({}, Store, None):
        with pytest.raises(Invalid, match="a store with append"):
            Outbox(home.service(f"shop {wrong}"), wrong)  # type: ignore[arg-type]


def test_an_outbox_that_comes_up_again_takes_over(tmp_path: Path) -> None:
    home, heard = lab(), Counter[str]()
    home.service("mail").on("order.placed", lambda event: heard.update([event.id]), durable="mail")
    with Store(tmp_path / "events.db") as store:
        for name in ("shop-1", "shop-2"):
            Outbox(home.service(name), store)
        faults = [Crash("shop-2", at=seconds(5), until=seconds(90)), Crash("shop-1", at=seconds(8), until=seconds(10))]
        inject(faults, home.network)
        for number in range(20):
            event = Event("order.placed", id=f"order-{number}")
            home.sim.call_at(seconds(number + 1), store.append, "orders", event)
        home.sim.run()
        assert set(heard) == {f"order-{number}" for number in range(20)}
        assert max(heard.values()) <= 2  # the one on its way in a crash


def test_a_store_that_cannot_be_written_fails_the_message_and_it_is_tried_again(store: Store) -> None:
    """And it is not remembered as handled: or the events would be lost for good."""
    home = lab()
    desk = Desk(home, store, inbox=True, trigger="event")
    append, tries = store.append, []

    def full(stream: str, events: Any, *args: Any) -> Any:
        tries.append(stream)
        if len(tries) <= 2:
            raise StoreUnavailable(":memory:", "the disk is full")
        return append(stream, events, *args)

    store.append = full
    desk.want("1A")
    home.sim.run()
    assert kinds(home.sim.trace, "failed", "handled", "ignored")[:3] == ["failed", "failed", "handled"]
    assert "the disk is full" in next(home.sim.trace.of("failed")).note
    assert dict(desk.ledger.state) == {"1A": 1}


# The inbox ------------------------------------------------------------------------------------------------


def test_the_inbox_gives_the_same_reply_to_the_same_request_and_does_nothing() -> None:
    home = lab(quality=LinkQuality(Delay(0.010), duplication=1.0))
    desk = home.service("desk")
    Inbox(desk)
    booked = []

    def book(command: Command) -> dict[str, Any]:
        booked.append(command.id)
        return {"number": len(booked)}

    desk.answers("seat.book", book)
    pilot = home.service("pilot")
    answers = []

    async def ask() -> None:
        command = pilot.stamp(Command("seat.book", {"seat": "1A"}))
        answers.extend([dict(await pilot.request("desk", command)) for _ in range(3)])  # as if no answer had come

    home.sim.start(ask())
    home.sim.run()
    assert answers == [{"number": 1}] * 3 and len(booked) == 1
    assert len(ids(home.sim.trace, "ignored")) == 5


def test_a_message_that_comes_again_while_it_is_being_handled_is_ignored() -> None:
    home = lab(quality=LinkQuality(Delay(0.010), duplication=1.0))
    desk = home.service("desk", workers=4)
    Inbox(desk)
    begun = []

    async def book(event: Event) -> None:
        begun.append(event.id)
        await home.sim.sleep(1)
        desk.state["seats"] = int(desk.state.get("seats", 0)) + 1

    desk.on("seat.wanted", book, durable="desk", ack_wait=0.3, backoff=(0.1,))
    home.service("pilot").publish(Event("seat.wanted"))
    home.sim.run()
    assert len(begun) == 1 and dict(desk.state) == {"seats": 1}
    assert home.bus.subscriptions["desk"].backlog == 0 and desk._idle == 4


def test_a_failed_message_is_not_remembered() -> None:
    home = lab()
    desk = home.service("desk")
    Inbox(desk)
    tries = []

    def book(event: Event) -> None:
        tries.append(event.id)
        if len(tries) < 3:
            raise ValueError("not yet")

    desk.on("seat.wanted", book, durable="desk", backoff=(1.0,))
    home.service("pilot").publish(Event("seat.wanted"))
    home.sim.run()
    assert kinds(home.sim.trace, "failed", "handled", "ignored") == ["failed", "failed", "handled"]


def test_one_event_may_be_handled_under_several_subscriptions() -> None:
    home = lab()
    desk = home.service("desk")
    Inbox(desk)
    seen = []
    desk.on("seat.*", lambda event: seen.append("all"), durable="all")
    desk.on("seat.wanted", lambda event: seen.append("wanted"), durable="wanted")
    home.service("pilot").publish(Event("seat.wanted"))
    home.sim.run()
    assert seen == ["all", "wanted"]


def test_a_service_that_forgets_its_state_forgets_what_it_handled() -> None:
    """Or the state would never be made again."""
    home = lab()
    for name, durable in (("kept", True), ("volatile", False)):
        service = home.service(name, durable=durable)
        Inbox(service)
        service.on("seat.*", lambda event, s=service: s.state.update({"n": int(s.state.get("n", 0)) + 1}), durable=name)
        inject([CrashBefore(name, "acknowledge", 0, pause=1.0)], home.network)
    home.service("pilot").publish(Event("seat.wanted"))
    home.sim.run()
    assert home.sim.trace.states() == {"kept": {"n": 1}, "volatile": {"n": 1}}
    assert len(kinds(home.sim.trace, "crashed")) == 2


def test_the_inbox_forgets_the_oldest_first() -> None:
    home = lab()
    inbox = Inbox(home.service("desk"), limit=2)
    for key in "abc":
        inbox.remember(key, {"key": key})
    assert [inbox.reply_to(key) for key in "abc"] == [None, {"key": "b"}, {"key": "c"}]


# Together -------------------------------------------------------------------------------------------------

NODES = ("desk", "ledger", "bus")
spans = st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda s: (seconds(s[0]), seconds(s[0] + s[1])))
faults = st.lists(
    st.builds(lambda name, span: Crash(name, *span), st.sampled_from(NODES), spans)
    | st.builds(lambda name, span: Partition(name, *span, others=("bus",)), st.sampled_from(NODES[:2]), spans)
    | st.builds(
        lambda name, step, span: CrashBefore(name, step, span[0], pause=3.0),
        st.sampled_from(NODES[:2]), st.sampled_from(["publish", "acknowledge"]), spans,
    )
    | st.builds(
        lambda span, loss, twice, late: Flaky(*span, loss, twice, late, pairs=(("desk", "bus"), ("bus", "ledger"))),
        spans, *[st.sampled_from([0.0, 0.3, 0.8])] * 3,
    ),
    max_size=6,
)  # fmt: skip


@given(st.integers(0, 10**6), faults)
@settings(max_examples=40)
def test_end_to_end_every_booking_that_was_made_is_in_the_ledger_once(seed: int, what_goes_wrong: list[Any]) -> None:
    """Effectively once: stored in one step with the state, published until confirmed, delivered until acknowledged,
    and recognised when it comes again."""
    with Store() as store:
        home = lab(seed, LinkQuality(Delay(0.01, 0.2)))
        desk = Desk(home, store, inbox=True, trigger="event")
        Inbox(desk.ledger)
        inject(what_goes_wrong, home.network)
        desk.want(*(f"{row}A" for row in range(40)))
        home.sim.run()
        wanted = {event.data["seat"] for event in home.bus.log if event.type == "seat.wanted"}
        assert dict(desk.desk.state) == dict(desk.ledger.state) == dict.fromkeys(wanted, 1)
        assert {event.id for event in home.bus.log if event.type == "seat.booked"} == {
            recorded.event.id for recorded in store.read_all()
        }
        assert isinstance(desk.desk, Service) and home.sim.trace.states() == {
            name: dict(service.state) for name, service in (("desk", desk.desk), ("ledger", desk.ledger)) if wanted
        }
