"""The contract of an event store: what any engine that calls itself one is held to.

Subclass `StoreContract` and give it two fixtures: `make_store()` makes an empty store; `reopen(store)` closes it and
opens the same content again, or gives the same store back where nothing outlives it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from eventlab.errors import EventIdConflict, Invalid, StoreUnavailable, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.projection import Projection
from eventlab.store import ANY, NO_STREAM, STREAM_EXISTS

Open = Callable[[], Any]


def numbered(*numbers: int, type: str = "flight.delayed", **attributes: Any) -> list[Event]:
    """Events with ids e-1, e-2 … and data that differs."""
    return [Event(type, {"minutes": n}, id=f"e-{n}", **attributes) for n in numbers]


def ids(recorded: Any) -> list[str]:
    return [each.event.id for each in recorded]


class StoreContract:
    """Every promise of the interface, one test each."""

    stories = 15  # how many the last test tells

    @pytest.fixture
    def store(self, make_store: Open) -> Any:
        with make_store() as store:
            yield store

    # -- appending --

    def test_an_append_answers_where_its_last_event_stands(self, store: Any) -> None:
        store.append("flight-1", numbered(1, 2, 3))
        done = store.append("flight-2", numbered(4, 5))
        assert (done.stream, done.version, done.position, done.duplicate) == ("flight-2", 2, 5, False)

    def test_what_was_appended_is_read_back_equal(self, store: Any) -> None:
        event = Event(
            "flight.cancelled",
            {"flight": "UA1", "why": None, "delay": -1.5, "big": -(2**63), "list": [1, {"deep": [True, "ß☃\u0000"]}]},
            subject="UA1",
            id="e-1",
            source="operations",
            time=-5,
            correlationid="c-1",
            causationid="c-2",
            dataschema="flight.cancelled:2",
        )
        store.append("flight-1", event)
        (recorded,) = store.read("flight-1")
        assert recorded.event == event
        assert (recorded.stream, recorded.version, recorded.position) == ("flight-1", 1, 1)

    def test_positions_count_the_store_and_versions_the_stream(self, store: Any) -> None:
        for n in range(1, 10):
            store.append(f"flight-{n % 3}", numbered(n))
        places = [(each.stream, each.version, each.position) for each in store.read_all()]
        assert places == [(f"flight-{n % 3}", (n + 2) // 3, n) for n in range(1, 10)]

    @pytest.mark.parametrize(
        ("expected", "there", "fits"),
        [
            (ANY, 0, True), (ANY, 2, True),
            (NO_STREAM, 0, True), (NO_STREAM, 2, False),
            (STREAM_EXISTS, 0, False), (STREAM_EXISTS, 2, True),
            (0, 0, True), (0, 2, False), (1, 2, False), (2, 2, True), (3, 2, False),
        ],
    )  # fmt: skip
    def test_an_append_is_done_only_behind_the_expected_version(
        self, store: Any, expected: Any, there: int, fits: bool
    ) -> None:
        if there:
            store.append("flight-1", numbered(*range(1, there + 1)))
        if fits:
            assert store.append("flight-1", numbered(9), expected).version == there + 1
            return
        with pytest.raises(WrongExpectedVersion) as caught:
            store.append("flight-1", numbered(9), expected)
        assert caught.value.stream == "flight-1"
        assert caught.value.expected == (expected if isinstance(expected, int) else repr(expected))
        assert caught.value.actual == there == store.version("flight-1")

    # -- repeating --

    def test_the_same_append_again_gives_the_same_answer(self, store: Any) -> None:
        first = store.append("flight-1", numbered(1, 2), NO_STREAM)
        store.append("flight-1", numbered(3))
        store.append("flight-2", numbered(4))
        for expected in (NO_STREAM, ANY, 0, 2, 99, STREAM_EXISTS):
            again = store.append("flight-1", numbered(1, 2), expected)
            assert again.duplicate
            assert (again.stream, again.version, again.position) == (first.stream, first.version, first.position)
        assert store.position == 4

    @pytest.mark.parametrize(
        ("stream", "events", "id", "stands"),
        [
            ("flight-1", [Event("flight.delayed", {"minutes": 7}, id="e-1")], "e-1", 1),
            ("flight-1", [Event("flight.delayed", {"minutes": 1.0}, id="e-1")], "e-1", 1),
            ("flight-1", [Event("flight.delayed", {"minutes": True}, id="e-1")], "e-1", 1),
            ("flight-1", numbered(1, time=1), "e-1", 1),
            ("flight-2", numbered(1), "e-1", 1),
            ("flight-1", numbered(2, 3), "e-2", 2),
            ("flight-1", numbered(3, 2), "e-2", 2),
            ("flight-1", numbered(2, 1), "e-1", 1),
            ("flight-1", numbered(2, 1, 3), "e-1", 1),
            ("flight-1", numbered(3, 2, 1), "e-2", 2),
            ("flight-2", numbered(3, 1), "e-1", 1),
        ],
        ids=["other data", "a float for an integer", "a boolean for an integer", "other time", "other stream",
             "an old and a new one", "a new and an old one", "other order", "other order before a new one",
             "the first of two old ones behind a new one", "new in another stream"],
    )  # fmt: skip
    def test_a_known_id_with_anything_else_is_a_conflict(
        self, store: Any, stream: str, events: list[Event], id: str, stands: int
    ) -> None:
        store.append("flight-1", numbered(1, 2))
        for expected in (ANY, store.version(stream), 77):
            with pytest.raises(EventIdConflict) as caught:
                store.append(stream, events, expected)
            assert (caught.value.id, caught.value.stream, caught.value.position) == (id, "flight-1", stands)
        assert store.position == 2

    # -- refusing --

    @pytest.mark.parametrize(
        "events",
        [
            [],
            [Event("flight.delayed")],
            [*numbered(1), Event("flight.delayed")],
            numbered(1, 1),
            [*numbered(1), "flight.delayed"],
            [*numbered(1), Command("flight.delay", id="e-2")],
            [*numbered(1), Event("flight.delayed", id="e\0")],
            [*numbered(1), Event("flight.delayed", id="e" * 513)],
        ],
        ids=lambda events: f"{len(events)} with {events[-1]!r:.60}" if events else "no events",
    )
    def test_a_batch_with_one_bad_event_is_refused_as_a_whole(self, store: Any, events: Any) -> None:
        with pytest.raises(Invalid) as caught:
            store.append("flight-1", events)
        assert "flight-1" in caught.value.where
        assert store.position == 0
        assert store.streams() == []

    @pytest.mark.parametrize("stream", ["", "flight\0", "f" * 513, None, 7, b"flight", "\ud83d"])
    def test_a_stream_name_is_1_to_512_characters_of_text(self, store: Any, stream: Any) -> None:
        with pytest.raises(Invalid) as caught:
            store.append(stream, numbered(1))
        assert caught.value.what == "stream name"
        assert caught.value.found == stream

    def test_the_longest_names_are_stored(self, store: Any) -> None:
        store.append("☃" * 512, Event("flight.delayed", id="☃" * 512))
        assert ids(store.read("☃" * 512)) == ["☃" * 512]

    @pytest.mark.parametrize("expected", [-1, 1.0, True, None, "ANY"])
    def test_an_expectation_of_another_kind_is_refused(self, store: Any, expected: Any) -> None:
        with pytest.raises(Invalid, match="ANY, NO_STREAM or STREAM_EXISTS"):
            store.append("flight-1", numbered(1), expected)

    def test_a_refused_batch_leaves_nothing_behind(self, store: Any) -> None:
        store.append("flight-1", numbered(1))
        for _ in range(3):
            with pytest.raises(EventIdConflict):
                store.append("flight-1", numbered(2, 3, 1))
            with pytest.raises(WrongExpectedVersion):
                store.append("flight-1", numbered(4, 5), 9)
        assert store.append("flight-1", numbered(6)).position == 2
        assert ids(store.read_all()) == ["e-1", "e-6"]

    # -- reading --

    def test_a_stream_is_read_between_versions(self, store: Any) -> None:
        store.append("flight-1", numbered(*range(1, 6)))
        store.append("flight-2", numbered(6))
        assert ids(store.read("flight-1")) == ["e-1", "e-2", "e-3", "e-4", "e-5"]
        assert ids(store.read("flight-1", after=2)) == ["e-3", "e-4", "e-5"]
        assert ids(store.read("flight-1", upto=2)) == ["e-1", "e-2"]
        assert ids(store.read("flight-1", after=1, upto=3)) == ["e-2", "e-3"]
        assert ids(store.read("flight-1", after=9)) == ids(store.read("nowhere")) == ids(store.read("flight")) == []

    def test_the_whole_store_is_read_between_positions(self, store: Any) -> None:
        for n in range(1, 6):
            store.append(f"flight-{n}", numbered(n))
        assert ids(store.read_all()) == ["e-1", "e-2", "e-3", "e-4", "e-5"]
        assert ids(store.read_all(after=1, upto=4)) == ["e-2", "e-3", "e-4"]
        assert ids(store.read_all(after=1, limit=2)) == ["e-2", "e-3"]
        assert ids(store.read_all(limit=0)) == ids(store.read_all(after=5)) == []

    def test_a_category_is_the_name_before_the_first_dash(self, store: Any) -> None:
        names = ["flight-1", "flight", "flights-1", "flight-2-b", "Flight-1", "-flight", "fligh", "flight-%"]
        for n, name in enumerate(names, 1):
            store.append(name, numbered(n))
        assert [each.stream for each in store.read_category("flight")] == [
            "flight-1",
            "flight",
            "flight-2-b",
            "flight-%",
        ]
        assert ids(store.read_category("flight", after=2)) == ["e-4", "e-8"]
        assert ids(store.read_category("")) == ["e-6"]
        assert store.streams() == sorted(names)
        assert store.streams("flight") == ["flight", "flight-%", "flight-1", "flight-2-b"]

    def test_as_of_an_instant_the_later_events_are_left_out(self, store: Any) -> None:
        for n, time in enumerate([10, 30, 20, 40], 1):  # the third was told late: it happened before the second
            store.append("flight-1", numbered(n, time=time))
        assert ids(store.read("flight-1", as_of=20)) == ["e-1", "e-3"]
        assert ids(store.read_all(as_of=30)) == ids(store.read_category("flight", as_of=30)) == ["e-1", "e-2", "e-3"]
        assert ids(store.read_all(as_of=9)) == []
        assert ids(store.read("flight-1", as_of=40, after=1, upto=3)) == ["e-2", "e-3"]

    def test_reading_many_goes_page_by_page_and_loses_none(self, store: Any) -> None:
        for start in range(0, 3500, 700):
            store.append(f"flight-{start % 1400}", numbered(*range(start, start + 700), time=start))
        everything = [f"e-{n}" for n in range(3500)]
        assert ids(store.read_all()) == everything
        assert ids(store.read_all(limit=1500)) == everything[:1500]
        assert ids(store.read_all(after=999, upto=2000)) == everything[999:2000]
        assert ids(store.read_all(as_of=1399)) == everything[:1400]
        assert [each.version for each in store.read("flight-0")] == list(range(1, 2101))
        assert sum(1 for _ in store.read_category("flight")) == 3500

    @pytest.mark.parametrize("count", [1, 499, 500, 501, 1000, 1001])
    def test_a_reading_ends_where_the_store_ended_when_it_began(self, store: Any, count: int) -> None:
        store.append("flight-1", numbered(*range(count)))
        readings = [store.read_all(), store.read("flight-1"), store.read_category("flight")]
        store.append("flight-1", numbered(count))
        for reading in readings:
            seen = 0
            for _ in reading:
                seen += 1
                store.append("flight-1", Event("copied", id=f"copy-{store.position}"))
                assert seen <= count
            assert seen == count
        assert store.position == 4 * count + 1

    @pytest.mark.parametrize("count", [499, 500, 501])
    def test_catching_up_ends_although_it_appends(self, store: Any, count: int) -> None:
        def copy(seen: int, event: Event) -> int:
            store.append("copy", Event("copied", id=f"copy-{store.position}"))
            return seen + 1

        store.append("flight-1", numbered(*range(count)))
        copies = Projection("copies", copy, 0)
        assert copies.catch_up(store) == copies.state == copies.position == count
        assert copies.catch_up(store) == count
        assert (copies.state, store.position) == (2 * count, 3 * count)

    def test_version_and_position_of_what_is_not_there_are_zero(self, store: Any) -> None:
        assert (store.version("flight-1"), store.position, len(store)) == (0, 0, 0)
        store.append("flight-1", numbered(1, 2))
        assert (store.version("flight-1"), store.version("flight-2"), store.position, len(store)) == (2, 0, 2, 2)

    def test_an_event_is_found_by_its_id(self, store: Any) -> None:
        store.append("flight-1", numbered(1))
        store.append("flight-2", numbered(2))
        found = store.find("e-2")
        assert (found.event, found.stream, found.version, found.position) == (numbered(2)[0], "flight-2", 1, 2)
        assert store.find("e-3") is None

    # -- snapshots and checkpoints --

    def test_the_latest_snapshot_at_or_below_a_version_is_found(self, store: Any) -> None:
        store.append("flight-1", numbered(*range(1, 10)))
        for version in (6, 3):
            store.save_snapshot("flight-1", version, {"minutes": version, "list": [version]})
        assert store.snapshot("flight-1").version == 6
        assert store.snapshot("flight-1").state == {"minutes": 6, "list": (6,)}
        assert store.snapshot("flight-1", as_of_version=5).version == 3
        assert store.snapshot("flight-1", as_of_version=2) is None
        assert store.snapshot("flight-2") is None
        assert store.snapshot("flight-1", schema="2") is None
        store.save_snapshot("flight-1", 5, "new", schema="2")
        assert store.snapshot("flight-1", schema="2").state == "new"

    def test_a_snapshot_that_saw_a_later_event_is_not_used_as_of_an_instant(self, store: Any) -> None:
        for n, time in enumerate([10, 50, 20, 20, 60], 1):
            store.append("flight-1", numbered(n, time=time))
        for version in (1, 3, 4, 5):
            store.save_snapshot("flight-1", version, version)
        found = [store.snapshot("flight-1", as_of=time) for time in (9, 10, 49, 50, 59, 60)]
        assert [snapshot and snapshot.version for snapshot in found] == [None, 1, 1, 4, 4, 5]

    def test_a_snapshot_needs_its_event_and_plain_data(self, store: Any) -> None:
        store.append("flight-1", numbered(1, 2))
        for version in (0, 3):
            with pytest.raises(Invalid, match="expected 1 to 2"):
                store.save_snapshot("flight-1", version, {})
        with pytest.raises(Invalid, match="snapshot"):
            store.save_snapshot("flight-1", 1, {"when": object()})

    def test_a_checkpoint_never_goes_back_unless_it_is_reset(self, store: Any) -> None:
        store.append("flight-1", numbered(1, 2, 3))
        assert store.checkpoint("board") == 0
        assert store.checkpoint_state("board") is None
        store.save_checkpoint("board", 2, {"seen": [1, 2]})
        store.save_checkpoint("board", 1, {"seen": [1]})
        assert (store.checkpoint("board"), store.checkpoint_state("board")) == (2, {"seen": (1, 2)})
        assert store.checkpoint("other") == 0
        store.reset_checkpoint("board")
        assert store.checkpoint("board") == 0
        for position in (-1, 4):
            with pytest.raises(Invalid, match="expected 0 to 3"):
                store.save_checkpoint("board", position)

    # -- watching --

    def test_watchers_are_called_after_each_append_until_they_cancel(self, store: Any) -> None:
        seen: list[tuple[str, int]] = []
        cancel = store.watch(lambda: seen.append(("a", store.position)))
        store.watch(lambda: seen.append(("b", store.position)))
        store.append("flight-1", numbered(1, 2))
        store.append("flight-1", numbered(1, 2))  # a repetition is no news
        with pytest.raises(WrongExpectedVersion):
            store.append("flight-1", numbered(3), 9)
        cancel()
        cancel()
        store.append("flight-1", numbered(3))
        assert seen == [("a", 2), ("b", 2), ("b", 3)]

    def test_a_watcher_may_append(self, store: Any) -> None:
        def react() -> None:
            if store.position < 5:
                store.append("flight-1", numbered(store.position + 1))

        store.watch(react)
        store.append("flight-1", numbered(1))
        assert ids(store.read_all()) == ["e-1", "e-2", "e-3", "e-4", "e-5"]

    # -- care --

    def test_a_store_as_it_was_written_is_verified(self, store: Any) -> None:
        store.verify()
        store.append("flight-1", numbered(*range(1, 1200)))
        store.save_snapshot("flight-1", 1199, {})
        store.save_checkpoint("board", 1199)
        store.verify()

    def test_after_close_everything_is_refused(self, make_store: Open) -> None:
        store = make_store()
        store.append("flight-1", numbered(1))
        store.close()
        store.close()
        for use in (
            lambda: store.append("flight-1", numbered(2)),
            lambda: list(store.read("flight-1")),
            lambda: store.position,
            lambda: store.checkpoint("board"),
            store.verify,
            lambda: store.watch(print),
        ):
            with pytest.raises(StoreUnavailable, match="it is closed"):
                use()

    def test_everything_outlives_a_close(self, make_store: Open, reopen: Callable[[Any], Any]) -> None:
        store = make_store()
        store.append("flight-1", numbered(1, 2))
        store.save_snapshot("flight-1", 2, [2])
        store.save_checkpoint("board", 1, "state")
        with reopen(store) as store:
            assert ids(store.read_all()) == ["e-1", "e-2"]
            assert store.snapshot("flight-1").state == (2,)
            assert (store.checkpoint("board"), store.checkpoint_state("board")) == (1, "state")
            assert store.append("flight-1", numbered(1, 2), NO_STREAM).duplicate
            assert store.append("flight-1", numbered(3), 2).position == 3
            store.verify()

    def test_any_story_ends_as_in_a_plain_list(self, make_store: Open, reopen: Callable[[Any], Any]) -> None:
        run_state_machine_as_test(
            lambda: Story(make_store, reopen), settings=settings(max_examples=self.stories, stateful_step_count=30)
        )


class Story(RuleBasedStateMachine):
    """Any sequence of appends, repetitions and readings, beside a store that is nothing but a list."""

    done = Bundle("done")
    streams = st.sampled_from(["flight-1", "flight-2", "gate-1", "gate"])

    def __init__(self, make_store: Open, reopen: Callable[[Any], Any]) -> None:
        super().__init__()
        self.make_store, self.reopen_store = make_store, reopen
        self.counter = itertools.count(1)

    @initialize()
    def begin(self) -> None:
        self.store = self.make_store()
        self.log: list[tuple[str, Event]] = []

    def teardown(self) -> None:
        self.store.verify()
        self.store.close()

    def version(self, stream: str) -> int:
        return sum(1 for name, _ in self.log if name == stream)

    def known(self) -> dict[str, int]:
        return {event.id: position for position, (_, event) in enumerate(self.log, 1)}

    @rule(
        target=done,
        stream=streams,
        count=st.integers(1, 4),
        time=st.integers(0, 5),
        expected=st.sampled_from([ANY, NO_STREAM, STREAM_EXISTS, "right", "one less", "one more"]),
    )
    def append(self, stream: str, count: int, time: int, expected: Any) -> tuple[str, list[Event], Any]:
        events = [Event("noted", {"n": n}, id=f"e-{next(self.counter)}", time=time) for n in range(count)]
        version = self.version(stream)
        if isinstance(expected, str):
            expected = max(0, version + {"right": 0, "one less": -1, "one more": 1}[expected])
        fits = {ANY: True, NO_STREAM: version == 0, STREAM_EXISTS: version > 0}.get(expected, expected == version)
        if fits:
            answer = self.store.append(stream, events, expected)
            self.log += [(stream, event) for event in events]
            assert (answer.version, answer.position, answer.duplicate) == (version + count, len(self.log), False)
        else:
            with pytest.raises(WrongExpectedVersion) as caught:
                self.store.append(stream, events, expected)
            assert caught.value.actual == version
        return stream, events, expected

    @rule(before=done, expected=st.sampled_from([ANY, NO_STREAM, 1, 99]))
    def repeat(self, before: tuple[str, list[Event], Any], expected: Any) -> None:
        stream, events, _ = before
        if events[0].id in self.known():
            answer = self.store.append(stream, events, expected)
            assert answer.duplicate
            assert answer.position == self.known()[events[-1].id]
            assert answer.version == sum(1 for name, _ in self.log[: answer.position] if name == stream)

    @rule(before=done, stream=streams, change=st.sampled_from(["data", "stream", "beside new"]))
    def repeat_wrongly(self, before: tuple[str, list[Event], Any], stream: str, change: str) -> None:
        name, events, _ = before
        if events[0].id not in self.known() or (change == "stream" and stream == name):
            return
        if change == "data":
            events = [*events[:-1], events[-1].with_(data={"n": -1})]
        elif change == "stream":
            name = stream
        else:
            events = [*events, Event("noted", id=f"e-{next(self.counter)}")]
        with pytest.raises(EventIdConflict):
            self.store.append(name, events)

    @rule(
        stream=streams, after=st.integers(0, 6), upto=st.none() | st.integers(0, 9), as_of=st.none() | st.integers(0, 5)
    )
    def read(self, stream: str, after: int, upto: int | None, as_of: int | None) -> None:
        def there(events: list[Event]) -> list[tuple[int, Event]]:
            numbered = list(enumerate(events, 1))[after:upto]
            return [(n, event) for n, event in numbered if as_of is None or event.time <= as_of]

        mine = [event for name, event in self.log if name == stream]
        found = [(each.version, each.event) for each in self.store.read(stream, after=after, upto=upto, as_of=as_of)]
        assert found == there(mine)
        found = [(each.position, each.event) for each in self.store.read_all(after=after, upto=upto, as_of=as_of)]
        assert found == there([event for _, event in self.log])

    @rule()
    def reopen(self) -> None:
        self.store = self.reopen_store(self.store)

    @invariant()
    def the_counts_agree(self) -> None:
        assert self.store.position == len(self.log)
        assert self.store.streams() == sorted({name for name, _ in self.log})
        for name in ("flight-1", "gate"):
            assert self.store.version(name) == self.version(name)
