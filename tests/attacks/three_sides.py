"""The same random steps on three sides, a plain list, a store in memory and one in a file: the same answers and bytes.

The file's store lives in a process of its own, which is killed between the steps and in the middle of them; a second
store there writes to the same file. Whatever a step answers or raises must be the same on all sides, and so must the
rows in the end, with their hashes. Controls: stores with one fault each, which the same steps must find.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from eventlab.errors import EventIdConflict, EventlabError
from eventlab.event import Command, Event
from eventlab.projection import Projection
from eventlab.store import ANY, NO_STREAM, STREAM_EXISTS, Expected, Store
from tests.attacks.plain_store import Plain
from tests.support import store_door

SHORT, LONG = (50, 30), (500, 50)  # stories, and steps in each
STREAMS = ("flight-1", "flight-2", "flight", "gate-1-b")
UNSAID = ("path", "reason", "args")  # of an error: where the file is, and the words


def evolve(state: Any, event: Event) -> Any:
    return {**state, event.id: [event.data.get("n", 0), len(state)]}


class Side:
    """One store, and what is done with it."""

    def __init__(self, open: Callable[[], Any]) -> None:
        self.open, self.boards = open, {}
        self.store, self.second = open(), None

    def do(self, step: str, *arguments: Any, **bounds: Any) -> Any:
        """What a step answers, or the error that it raises."""
        try:
            own = getattr(self, step, None)
            answer = (own or getattr(self.store, step))(*arguments, **bounds)
            return list(answer) if step.startswith("read") else answer
        except EventlabError as error:
            return type(error).__name__, {name: value for name, value in vars(error).items() if name not in UNSAID}

    def append_elsewhere(self, *arguments: Any) -> Any:
        """Through another store on the same file, where there is one."""
        if isinstance(self.store, Plain) or self.store.path == ":memory:":
            return self.store.append(*arguments)
        self.second = self.second or self.open()
        return self.second.append(*arguments)

    def follow(self, category: str | None, as_of: int | None, save: bool) -> Any:
        """A projection reads what is new; now and then it is saved, and begins again from there."""
        name = f"board of {category}"
        board = self.boards.setdefault(name, Projection(name, evolve, {}, category=category))
        applied = board.catch_up(self.store, as_of)
        if save:
            board.save(self.store)
            board = self.boards[name] = Projection(name, evolve, {}, category=category)
            board.restore(self.store)
        return applied, board.position, board.state

    def begin_boards_again(self) -> None:
        """As after a crash: every projection goes on from what was saved."""
        for board in self.boards.values():
            board.restore(self.store)

    def counts(self) -> Any:
        return (
            self.store.position,
            self.store.streams(),
            self.store.streams("flight"),
            *map(self.store.version, STREAMS),
        )

    def rows(self) -> list[tuple[Any, ...]]:
        return (
            self.store.rows() if isinstance(self.store, Plain) else store_door.rows(self.store, "SELECT * FROM events")
        )

    def backup(self) -> Any:
        """What a backup holds."""
        if isinstance(self.store, Plain):
            return self.rows(), dict(self.store.checkpoints)
        with tempfile.TemporaryDirectory() as folder:
            self.store.backup(f"{folder}/copy.db")
            copy = Side(partial(Store, f"{folder}/copy.db", durable=False))
            copy.store.verify()
            names = [
                name for (name,) in store_door.rows(copy.store, "SELECT name FROM checkpoints WHERE name NOT LIKE '(%'")
            ]
            held = {name: (copy.store.checkpoint(name), copy.store.checkpoint_state(name)) for name in names}
            found = copy.rows(), held
            copy.store.close()
            return found

    def close_and_open(self) -> None:
        if not isinstance(self.store, Plain) and self.store.path != ":memory:":
            for store in (self.second, self.store):
                if store is not None:
                    store.close()
            self.store, self.second = self.open(), None


class Elsewhere:
    """A side in a process of its own, which may be killed."""

    def __init__(self, open: Callable[[], Any]) -> None:
        self.open = open
        self.start()

    def start(self) -> None:
        self.pipe, theirs = Pipe()
        if (child := os.fork()) == 0:
            try:
                self.pipe.close()
                side = Side(self.open)
                while True:
                    theirs.send(side.do(*(said := theirs.recv())[0], **said[1]))
            finally:
                os._exit(1)
        theirs.close()
        self.child = child

    def say(self, *step: Any, **bounds: Any) -> None:
        self.pipe.send((step, bounds))

    def do(self, *step: Any, **bounds: Any) -> Any:
        self.say(*step, **bounds)
        return self.pipe.recv()

    def kill(self) -> None:
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        self.pipe.close()


class Sides(RuleBasedStateMachine):
    """Any steps, on all sides at once."""

    happened = Counter[str]()

    def __init__(self, store: type[Store] = Store) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name, "events.db")
        self.plain, self.memory = Side(Plain), Side(Store)
        self.file = Elsewhere(partial(store, path, durable=False))
        self.batches: list[tuple[str, list[Event]]] = []
        self.count = 0

    def teardown(self) -> None:
        self.same("verify")
        self.same("backup")
        self.file.kill()
        self.memory.store.close()
        self.folder.cleanup()

    def same(self, step: str, *arguments: Any, **bounds: Any) -> Any:
        answers = [side.do(step, *arguments, **bounds) for side in (self.plain, self.memory, self.file)]
        assert answers[0] == answers[1] == answers[2], (step, arguments, bounds, *answers)
        self.happened[answers[0][0] if isinstance(answers[0], tuple) and step == "append" else step] += 1
        return answers[0]

    # -- writing --

    streams = st.sampled_from(STREAMS)
    instants = st.integers(0, 6)
    expectations = st.sampled_from([ANY, ANY, NO_STREAM, STREAM_EXISTS, "right", "right"]) | st.integers(0, 4)
    places = st.sampled_from(["append", "append", "append_elsewhere"])

    def version(self, stream: str) -> int:
        return self.plain.store.version(stream)  # type: ignore[no-any-return]

    def fresh(self, count: int, time: int, odd: bool) -> list[Event]:
        """Events that were never seen; ids run down and up, so that no order of ids is the order of the store."""
        events = []
        for n in range(count):
            self.count += 1
            data: dict[str, Any] = {"n": self.count, "a": {"z": "ß☃\n", "b": [True, None, n]}} if odd else {"n": n}
            events.append(Event("noted", data, id=f"e-{self.count * 37 % 101}.{self.count}", time=time + n % 2))
        return events

    @rule(stream=streams, count=st.integers(1, 4), time=instants, odd=st.booleans(), expected=expectations, how=places)
    def append(self, stream: str, count: int, time: int, odd: bool, expected: Any, how: str) -> None:
        events = self.fresh(count, time, odd)
        self.same(how, stream, events, self.version(stream) if expected == "right" else expected)
        self.batches.append((stream, events))

    @initialize(counts=st.lists(st.integers(1, 4), min_size=1, max_size=6), time=instants)
    def begin(self, counts: list[int], time: int) -> None:
        for n, count in enumerate(counts):
            self.append(STREAMS[n % 2], count, time, n % 3 == 0, "right", "append")

    @rule(which=st.integers(0, 99), expected=expectations, how=places)
    def repeat(self, which: int, expected: Any, how: str) -> None:
        stream, events = self.batches[which % len(self.batches)]
        self.same(how, stream, events, self.version(stream) if expected == "right" else expected)

    @rule(which=st.integers(0, 99), other=st.integers(0, 99), expected=expectations, how=places)
    def repeat_wrongly(self, which: int, other: int, expected: Any, how: str) -> None:
        stream, events = self.batches[which % len(self.batches)]
        others, new = self.batches[other % len(self.batches)][1], self.fresh(1, 0, False)
        rest = [event for event in events if event not in others]
        for place, wrong in (
            (stream, [*events[:-1], events[-1].with_(data={"n": 2.5})]),
            (stream, [*events[:-1], events[-1].with_(subject="other")]),
            (stream, [*events, *new]),
            (stream, [*new, *events]),
            (stream, [*events[:1], *new, *events[1:]]),
            (stream, [*reversed(events)]),
            (stream, [*new, *others, *rest]),
            (stream, [*others, *rest]),
            (STREAMS[other % len(STREAMS)], events),
        ):
            self.same(how, place, wrong, self.version(place) if expected == "right" else expected)

    @rule(wrong=st.integers(0, 6), expected=st.sampled_from([ANY, -1, 1.0, "ANY", None]))
    def append_nonsense(self, wrong: int, expected: Any) -> None:
        event = Event("noted", id=f"never-{self.count}")
        stream, events = [
            ("flight-1", []),
            ("flight-1", [event, event]),
            ("flight-1", [event, Event("noted")]),
            ("", [event]),
            ("flight\0", [event]),
            ("flight-1", [event, Command("flight.delay", id="c")]),
            ("flight-1", [event, None]),
        ][wrong]
        assert self.same("append", stream, events, expected)[0] == "Invalid"

    # -- reading --

    bounds = st.integers(0, 4) | st.integers(-1, 12)
    maybe = st.none() | bounds

    @rule(stream=st.sampled_from([*STREAMS, "nowhere"]), after=bounds, upto=maybe, as_of=maybe, limit=maybe)
    def read(self, stream: str, after: int, upto: int | None, as_of: int | None, limit: int | None) -> None:
        self.same("read", stream, after=after, upto=upto, as_of=as_of)
        self.same("read_all", after=after, upto=upto, as_of=as_of, limit=limit)
        self.same("read_category", stream.split("-")[0], after=after, as_of=as_of)
        self.same("find", self.batches[after % len(self.batches)][1][0].id)

    @invariant()
    def the_counts_agree(self) -> None:
        self.same("counts")
        self.same("rows")

    # -- snapshots, checkpoints, projections --

    schemas = st.sampled_from(["", "2"])
    states = st.sampled_from([None, 1, {"z": 1, "a": [1, {"b": 2.5}]}, "ß"])

    @rule(stream=streams, which=st.integers(0, 99), state=states, schema=schemas, upto=maybe, as_of=maybe)
    def snapshot(self, stream: str, which: int, state: Any, schema: str, upto: int | None, as_of: int | None) -> None:
        self.same("save_snapshot", stream, which % (self.version(stream) + 2), state, schema)
        self.same("snapshot", stream, as_of_version=upto, as_of=as_of, schema=schema)
        self.same("snapshot", stream)

    @rule(name=st.sampled_from(["a", "b"]), which=st.integers(-1, 99), state=states, reset=st.booleans())
    def checkpoint(self, name: str, which: int, state: Any, reset: bool) -> None:
        if reset and which % 3 == 0:
            self.same("reset_checkpoint", name)
        self.same("save_checkpoint", name, which if which < 0 else which % (self.plain.store.position + 2), state)
        self.same("checkpoint", name)
        self.same("checkpoint_state", name)

    @rule(category=st.sampled_from([None, "flight"]), as_of=maybe, save=st.booleans())
    def follow(self, category: str | None, as_of: int | None, save: bool) -> None:
        self.same("follow", category, as_of, save)

    # -- care, and the lack of it --

    @rule(what=st.sampled_from(["verify", "verify", "backup", "close_and_open", "close_and_open"]))
    def care(self, what: str) -> None:
        self.same(what)

    @rule()
    def crash(self) -> None:
        """Between two steps. The projections of the file's side are gone, so all sides go on from what was saved."""
        self.file.kill()
        self.file.start()
        self.begin_again()
        self.happened["crash between steps"] += 1

    @rule(stream=streams, count=st.integers(1, 3), expected=expectations, later=st.integers(0, 9), how=places)
    def crash_in_an_append(self, stream: str, count: int, expected: Any, later: int, how: str) -> None:
        """Nobody knows what became of it: it is tried again, and its answer is the same but for `duplicate`."""
        events, expected = self.fresh(count, 0, False), self.version(stream) if expected == "right" else expected
        self.file.say(how, stream, events, expected)
        if later > 6:
            self.file.pipe.poll(10)  # it has answered, and nobody heard it
        else:
            time.sleep(later / 20_000)
        self.file.kill()
        self.file.start()
        self.begin_again()
        right, answer = self.plain.do("append", stream, events, expected), self.file.do(how, stream, events, expected)
        assert right == self.memory.do("append", stream, events, expected)
        if getattr(answer, "duplicate", False):
            self.happened["crash in an append, done"] += 1
            assert (answer.version, answer.position) == (right.version, right.position), (right, answer)
        else:
            self.happened["crash in an append, not done"] += 1
            assert right == answer, (right, answer)
        self.batches.append((stream, events))

    def begin_again(self) -> None:
        for category in (None, "flight"):
            self.file.do("follow", category, -1, False)  # it is there, and has read nothing
        for side in (self.plain, self.memory, self.file):
            side.do("begin_boards_again")


# -- controls: one fault each ------------------------------------------------------------------------------------------


class ForgetsIds(Store):
    def _answer(self, stream: str, batch: Any, expected: int | Expected) -> None:
        return None


class ExpectsNothing(Store):
    def append(self, stream: str, events: Any, expected: int | Expected = ANY) -> Any:
        return super().append(stream, events, ANY if isinstance(expected, int) else expected)


class NamesAnotherPlace(Store):
    def _answer(self, *arguments: Any) -> Any:
        try:
            return super()._answer(*arguments)
        except EventIdConflict as error:
            raise EventIdConflict(error.id, error.stream, error.position + 1, error.reason) from error


class ReadsOneMore(Store):
    def read(self, stream: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None) -> Any:
        return super().read(stream, after=after, upto=None if upto is None else upto + 1, as_of=as_of)


class SkipsOneInACategory(Store):
    def read_category(self, category: str, *, after: int = 0, upto: int | None = None, as_of: int | None = None) -> Any:
        return super().read_category(category, after=after + (after > 2), upto=upto, as_of=as_of)


class GoesBack(Store):
    def save_checkpoint(self, name: str, position: int, state: Any = None) -> int:
        self.reset_checkpoint(name)
        return super().save_checkpoint(name, position, state)


class LosesTheNewest(Store):
    """On every opening, as if the last append had not been written."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._db.execute("DROP TRIGGER IF EXISTS events_are_kept")
        self._db.execute("DELETE FROM events WHERE position = (SELECT max(position) FROM events)")


class ChainsNothing(Store):
    def _last(self) -> tuple[int, bytes]:
        return super()._last()[0], b""


FAULTS = [
    ForgetsIds, ExpectsNothing, NamesAnotherPlace, ReadsOneMore, SkipsOneInACategory, GoesBack, LosesTheNewest,
    ChainsNothing,
]  # fmt: skip


def attack(stories: int, steps: int, store: type[Store] = Store) -> Counter[str]:
    """What happened in so many random stories; a difference raises `AssertionError`, shrunk to a short story."""
    Sides.happened = Counter()
    phases = (Phase.generate, Phase.shrink) if store is Store else (Phase.generate,)
    run_state_machine_as_test(
        lambda: Sides(store),
        settings=settings(
            max_examples=stories, stateful_step_count=steps, deadline=None, database=None, phases=phases,
            suppress_health_check=list(HealthCheck), derandomize=store is not Store, report_multiple_bugs=False,
        ),
    )  # fmt: skip
    return Sides.happened


def found(fault: type[Store]) -> bool:
    """Whether the same steps find it."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            attack(*SHORT, fault)
    except Exception:
        return True
    return False


HITS = ("Appended", "crash between steps", "crash in an append, done", "crash in an append, not done")


def main(long: bool) -> int:
    stories, steps = LONG if long else SHORT
    happened = attack(stories, steps)
    print(f"{stories} stories of {steps} steps, no difference: {dict(happened)}")
    unseen = [fault.__name__ for fault in FAULTS if not found(fault)]
    print(f"controls: {len(FAULTS) - len(unseen)} of {len(FAULTS)} planted faults found")
    missing = [hit for hit in HITS[1:] if not happened[hit]]
    print(*[f"INVALID: never {hit}" for hit in missing], *[f"NOT FOUND: {name}" for name in unseen], sep="\n")
    return len(unseen) + len(missing)
