"""A store with an address: the same answers as the store itself, only later, or none; and readers that miss nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.decider import Decider
from eventlab.errors import Invalid, NoReply, Refused, Unavailable, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.faults import Crash, Fault, Flaky, Partition, inject
from eventlab.outbox import Outbox
from eventlab.remote import PAGE, Follower, LocalStore, RemoteStore, StoreServer, handle
from eventlab.service import Service
from eventlab.store import NO_STREAM, STREAM_EXISTS, Appended, Recorded, Store
from tests.support.laboratory import Lab, lab, seconds


class Place:
    """A store with an address, and somebody who uses it from afar."""

    def __init__(self, home: Lab | None = None) -> None:
        self.home = home or lab()
        self.store = Store()
        self.server = self.home.service("store", workers=4)
        self.clerk = self.home.service("clerk")
        StoreServer(self.server, self.store)
        self.remote = RemoteStore(self.clerk)

    def now(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What a call from afar leads to; its error, if it ends in one."""
        found: list[Any] = []

        async def wait() -> None:
            try:
                found.append(await work)
            except (NoReply, Refused, Unavailable, WrongExpectedVersion) as error:
                found.append(error)

        self.home.sim.start(wait())
        self.home.sim.run()
        return found[0]


def event(n: int, type: str = "thing.happened", **data: Any) -> Event:
    return Event(type, {"n": n, **data}, "a", f"e{n}", "clerk", n)


def test_an_append_from_afar_gives_the_answer_of_the_store_and_takes_two_messages() -> None:
    place = Place()
    done = place.now(place.remote.append("thing-a", [event(1), event(2)], NO_STREAM))
    assert done == Appended("thing-a", 2, 2)
    assert [stored.event for stored in place.store.read("thing-a")] == [event(1), event(2)]
    assert [r.purpose for r in place.home.sim.trace.of("sent")] == ["request", "reply"]
    assert [(r.where, r.packet, r.note) for r in place.home.sim.trace.of("appended")] == [
        ("clerk", 1, "thing-a"), ("clerk", 2, "thing-a"),
    ]  # fmt: skip
    assert place.home.sim.now > 0


def test_what_is_read_from_afar_is_what_stands_in_the_store_with_everything_that_belongs_to_it() -> None:
    place = Place()
    whole = Event("thing.happened", {"list": [1, {"x": None}], "text": "é"}, "a", "e1", "clerk", 7, "c", "d", "t:2")
    place.store.append("thing-a", whole)
    assert place.now(place.remote.read("thing-a")) == list(place.store.read("thing-a"))
    assert place.now(place.remote.page(0)).events == list(place.store.read_all())


@pytest.mark.parametrize("wrong", [(5,), ([5],), ("events",), ([event(2)], "anyhow"), ([event(2)], True), (None,)])
def test_what_cannot_be_meant_is_refused_before_it_is_sent(wrong: Any) -> None:
    place = Place()
    with pytest.raises(Invalid):
        place.now(place.remote.append("thing-a", *wrong))
    assert not len(place.home.sim.trace)
    assert place.now(place.remote.append("thing-a", event(1))) == Appended("thing-a", 1, 1)
    assert place.now(LocalStore(place.clerk, place.store).append("thing-b", event(2))).version == 1


@pytest.mark.parametrize("wrong", [None, "store", 5, object()])
@pytest.mark.parametrize(
    "make",
    [
        lambda wrong, place: StoreServer(wrong, place.store),
        lambda wrong, place: StoreServer(place.server, wrong),
        lambda wrong, place: LocalStore(wrong, place.store),
        lambda wrong, place: RemoteStore(wrong),
        lambda wrong, place: Follower(place.clerk, place.remote, "thing.*", wrong, wrong),
    ],
)
def test_who_cannot_answer_or_ask_is_refused(make: Any, wrong: Any) -> None:
    place = Place()
    with pytest.raises(Invalid):
        make(wrong, place)


def test_whoever_expects_another_version_is_told_which_one_there_is() -> None:
    place = Place()
    place.store.append("thing-a", event(1))
    for expected in (0, 2, NO_STREAM):
        error = place.now(place.remote.append("thing-a", [event(2)], expected))
        assert isinstance(error, WrongExpectedVersion)
        assert (error.stream, error.actual) == ("thing-a", 1)
    assert place.now(place.remote.append("thing-a", [event(2)], STREAM_EXISTS)).version == 2


def test_the_same_events_again_are_harmless_and_a_known_id_with_other_content_is_refused() -> None:
    place = Place()
    assert not place.now(place.remote.append("thing-a", [event(1)], 0)).duplicate
    assert place.now(place.remote.append("thing-a", [event(1)], 0)).duplicate
    refused = place.now(place.remote.append("thing-a", [event(1, other=True)]))
    assert isinstance(refused, Refused) and "e1" in refused.reason
    assert len(place.store) == 1
    assert len(list(place.home.sim.trace.of("appended"))) == 1


def test_a_lost_answer_leaves_the_writer_in_doubt_and_a_second_try_out_of_it() -> None:
    place = Place()
    cut = [Partition("clerk", seconds(0.005), seconds(10), ("store",))]  # the request is there, the answer is not
    inject(cut, place.home.network)
    assert isinstance(place.now(place.remote.append("thing-a", [event(1)], 0)), NoReply)
    assert len(place.store) == 1
    assert place.now(place.remote.append("thing-a", [event(1)], 0)).duplicate


def test_pages_go_through_the_whole_store_and_say_up_to_where() -> None:
    place = Place()
    types = ["thing.happened", "other.happened"]
    for n in range(1, 2 * PAGE + 51):
        place.store.append("thing-a", event(n, types[n % 5 == 0]))
    after, found, pages = 0, [], 0
    while True:
        page = place.now(place.remote.page(after, types="thing.*"))
        found += page.events
        after, pages = page.upto, pages + 1
        if len(page.events) < PAGE:
            break
    assert [each.position for each in found] == [n for n in range(1, 2 * PAGE + 51) if n % 5]
    assert (after, pages) == (2 * PAGE + 50, 3)
    assert len(place.now(place.remote.read("thing-a"))) == 2 * PAGE + 50


def test_a_service_s_own_streams_cost_nothing_but_stop_at_a_cut() -> None:
    place = Place()
    local = LocalStore(place.clerk, place.store)
    assert place.now(local.append("thing-a", [event(1)], NO_STREAM)).version == 1
    assert place.now(local.read("thing-a")) == list(place.store.read("thing-a"))
    assert list(place.home.sim.trace.of("sent")) == []
    place.home.network.partition("clerk", ["store"])
    for call in (local.append("thing-a", [event(2)]), local.read("thing-a"), local.load_checkpoint("x")):
        assert isinstance(place.now(call), Unavailable)
    assert len(place.store) == 1
    place.home.network.heal("clerk", ["store"])
    assert place.now(local.append("thing-a", [event(2)])).version == 2


def test_a_checkpoint_goes_there_and_back() -> None:
    place = Place()
    place.store.append("thing-a", event(1))
    for streams in (LocalStore(place.clerk, place.store), place.remote):
        assert place.now(streams.load_checkpoint("new")).position == 0
        place.now(streams.save_checkpoint("clerk", 1, {"a": {"n": 1}}))
        found = place.now(streams.load_checkpoint("clerk"))
        assert (found.name, found.position, found.state) == ("clerk", 1, {"a": {"n": 1}})


def counting() -> Decider:
    """A thing that counts, and refuses to go beyond three."""

    def decide(command: Command, state: int) -> Event:
        if state >= 3:
            raise Refused("three are enough")
        return Event("thing.happened", {"n": state + 1}, "a")

    return Decider(0, decide, lambda state, event: event.data["n"])


@pytest.mark.parametrize("far", [True, False], ids=["a server apart", "at hand"])
def test_of_writers_who_meet_each_decides_again_and_none_is_lost(far: bool) -> None:
    place = Place()
    clerks = [place.home.service(f"clerk {number}") for number in range(5)]
    ended: list[str] = []

    async def work(clerk: Service) -> None:
        streams = RemoteStore(clerk) if far else LocalStore(clerk, place.store)
        command = Command("thing.do", {}, "a", f"{clerk.name}/do", clerk.name)
        stamp = lambda event, n: event.with_(id=f"{command.id}/{n}", source=clerk.name)  # noqa: E731
        try:
            ended.append(str((await handle(streams, counting(), "thing-a", command, stamp))[0].data["n"]))
        except Refused as no:
            ended.append(no.reason)

    for clerk in clerks:
        place.home.sim.start(work(clerk))
    place.home.sim.run()
    assert Counter(ended) == {"1": 1, "2": 1, "3": 1, "three are enough": 2}
    assert [each.event.data["n"] for each in place.store.read("thing-a")] == [1, 2, 3]


def test_a_command_that_leads_to_nothing_stores_nothing() -> None:
    place = Place()
    idle = Decider(0, lambda command, state: None, lambda state, event: state)
    work = handle(place.remote, idle, "thing-a", Command("thing.do"), lambda event, n: event)
    assert (place.now(work), len(place.store)) == ([], 0)


# Followers -------------------------------------------------------------------------------------------------------


class Listening(Place):
    """A reader of things who forgets everything in a crash, and a writer who writes from time to time."""

    def __init__(self, count: int, faults: list[Fault], seed: int = 0) -> None:
        super().__init__(lab(seed))
        self.reader = self.home.service("reader", durable=False)
        self.reads: list[int] = []
        wake_up = lambda stored: stored.event.with_(data={"position": stored.position})  # noqa: E731
        Outbox(self.server, self.store, announce=wake_up)
        self.follower = Follower(self.reader, RemoteStore(self.reader), "thing.*", self.begin, self.take)
        self.reader.on("thing.*", self.follower.wake, durable="reader")
        inject(faults, self.home.network)
        for n in range(1, count + 1):
            kind = "other.happened" if n % 7 == 0 else "thing.happened"
            self.home.sim.call_at(seconds(n), self.store.append, "thing-a", event(n, kind))
        self.home.sim.run()

    async def begin(self) -> int:
        self.reads.clear()
        return 0

    async def take(self, stored: Recorded) -> None:
        self.reads.append(stored.event.data["n"])
        self.reader.state["last"] = stored.event.data["n"]


def test_a_follower_takes_every_event_that_it_wants_once_and_in_order() -> None:
    place = Listening(30, [])
    assert place.reads == [n for n in range(1, 31) if n % 7]
    handled = [r for r in place.home.sim.trace.of("handled") if r.purpose == "read"]
    assert [r.message.data["n"] for r in handled if r.message] == place.reads


@st.composite
def faults(draw: st.DrawFn) -> list[Fault]:
    found: list[Fault] = []
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, 40))
        until = at + draw(st.integers(1, 60))
        name = draw(st.sampled_from(["reader", "store", "bus"]))
        found.append(
            draw(
                st.sampled_from(
                    [
                        Crash(name, seconds(at), seconds(until)),
                        Partition("reader", seconds(at), seconds(until), ("store",)),
                        Partition("reader", seconds(at), seconds(until), ("bus",)),
                        Flaky(seconds(at), seconds(until), loss=0.3, duplication=0.3, reordering=0.3),
                    ]
                )
            )
        )
    return found


@given(faults=faults(), seed=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_whatever_goes_wrong_in_the_end_a_follower_has_read_everything_in_order(faults: list[Fault], seed: int) -> None:
    place = Listening(40, faults, seed)
    assert place.reads == [n for n in range(1, 41) if n % 7]
    assert place.reader.state["last"] == 40


def test_behind_a_cut_nothing_is_read_and_afterwards_everything() -> None:
    cut = Partition("reader", seconds(10.5), seconds(60), ("store",))
    place = Listening(30, [cut])
    read = [
        (r.at, r.message.data["n"]) for r in place.home.sim.trace.of("handled") if r.purpose == "read" and r.message
    ]
    assert [n for at, n in read if at < seconds(60)] == [n for n in range(1, 11) if n % 7]
    assert place.reads == [n for n in range(1, 31) if n % 7]


def test_a_store_that_is_gone_for_good_does_not_keep_time_going() -> None:
    place = Listening(5, [Crash("store", seconds(3.5))])
    assert place.reads == [1, 2, 3]
    assert place.home.sim.is_over


def test_what_cannot_be_taken_in_for_want_of_an_answer_is_begun_again() -> None:
    place = Place()
    taken: list[int] = []
    begun: list[int] = []

    async def begin() -> int:
        begun.append(len(taken))
        taken.clear()
        return 0

    async def take(stored: Recorded) -> None:
        if stored.position == 3 and len(begun) == 1:
            raise Unavailable("the other store is busy")
        taken.append(stored.position)

    place.store.append("thing-a", [event(1), event(2), event(3)])
    Follower(place.clerk, place.remote, "", begin, take)
    place.home.sim.run()
    assert (begun, taken) == ([0, 2], [1, 2, 3])


def test_any_other_error_in_a_follower_comes_out_of_the_run() -> None:
    place = Place()

    async def begin() -> int:
        return 0

    async def take(stored: Recorded) -> None:
        raise Invalid("event", where="reader", expected="another", found=stored.event.type)

    place.store.append("thing-a", event(1))
    Follower(place.clerk, place.remote, "", begin, take)
    with pytest.raises(Invalid, match="another"):
        place.home.sim.run()
