"""Bad input, all of it in one table: an error says what, where, what was expected and what was found.

What each module refuses has tests beside the module's own; here stands the promise as a whole, and what holds after
every refusal: nothing is lost, and nothing half-written.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eventlab.airports import catalogue, flights, tables
from eventlab.airports.scenario import Scenario, compare, start
from eventlab.bus import Bus
from eventlab.errors import CorruptStore, EventIdConflict, EventlabError, ForeignAwait, Invalid, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.faults import Crash, Partition
from eventlab.network import Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.store import NO_STREAM, Store
from eventlab.trace import Trace

STORM = Scenario(flights=[flights.flights("2013-02-08")[0].key])
FLIGHT = STORM.flights[0]


def event(number: int, type: str = "flight.cancelled") -> Event:
    return Event(type, {"flight": FLIGHT}, FLIGHT, f"operations-{number}", "operations", number)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "airport.store") as store:
        store.append("flight-1", [event(1), event(2)], NO_STREAM)
        yield store


def wired() -> tuple[Network, Bus, Service]:
    network = Network(Sim())
    network.check = catalogue.check
    bus = Bus(network)
    return network, bus, Service("operations", network, bus)


# Messages, names, instants: `Invalid` with its four words ----------------------------------------------------------

AT = STORM.at
TABLE: dict[str, tuple[Callable[[], object], str, str, str, object]] = {
    # what is done, and then: what, where, expected, found
    "unknown event type": (
        lambda: wired()[2].publish(Event("flight.canceled", {"flight": FLIGHT})),
        "unknown message type", "event 'flight.canceled'", "did you mean flight.cancelled", "flight.canceled",
    ),
    "missing key": (
        lambda: wired()[2].publish(Event("flight.cancelled", {})), "missing key", "flight.cancelled", "flight", [],
    ),
    "extra key": (
        lambda: wired()[2].publish(Event("flight.cancelled", {"flight": FLIGHT, "resaon": "snow"})),
        "extra key", "flight.cancelled", "did you mean reason?", "resaon",
    ),
    "value that does not fit": (
        lambda: wired()[2].publish(Event("flight.delayed", {"flight": FLIGHT, "estimate": "15:00"})),
        "value", "estimate", "nanoseconds since 1970", "15:00",
    ),
    "event where a command belongs": (
        lambda: wired()[2].publish(Command("flight.cancel", {"flight": FLIGHT}).with_(type="flight.cancelled")),  # type: ignore[arg-type]
        "message", "operations.publish", "an Event; a Command goes to one service",
        Command("flight.cancelled", {"flight": FLIGHT}),
    ),
    "value that no message can carry": (
        lambda: Event("flight.delayed", {"estimate": date(2013, 2, 8)}),
        "value in a message", "data.estimate", "a 64-bit integer", date(2013, 2, 8),
    ),
    "unknown service in a fault": (
        lambda: start(STORM.with_(faults=[Crash("gate", AT("12:00"))]), "event sourcing"),
        "unknown service", "network", "operations, gates", "gate",
    ),
    "unknown partner in a fault": (
        lambda: start(STORM.with_(faults=[Partition("gates", AT("12:00"), None, ("busses",))]), "event sourcing"),
        "unknown service", "network", "bus", "busses",
    ),
    "unknown fault": (
        lambda: start(STORM.with_(faults=["snow"]), "event sourcing"), "unknown fault", "faults", "CrashBefore", "snow",
    ),
    "unknown architecture": (
        lambda: compare(STORM, ["event sorcery"]), "unknown architecture", "run", "event sourcing", "event sorcery",
    ),
    "unknown option": (
        lambda: start(STORM, "event sourcing", cache=3), "unknown option", "event sourcing", "snapshot_every", "cache",
    ),
    "unknown day": (
        lambda: Scenario("2012-02-08"), "unknown day", "the record", "2013-01-01 to 2013-12-31", "2012-02-08",
    ),
    "unknown flight": (
        lambda: Scenario(flights=["UA0-EWR-0208"]), "flight", "Scenario", "a flight of 2013-02-08", "UA0-EWR-0208",
    ),
    "impossible clock time": (
        lambda: AT("24:61"), "local time", "instant", "2013-02-08 15:02", "2013-02-08 24:61",
    ),
    "pattern that fits nothing": (
        lambda: wired()[2].on("flight.>.cancelled", print), "pattern", "subscription", "flight.*", "flight.>.cancelled",
    ),
    "subscription without end": (
        lambda: wired()[1].unsubscribe("gates"), "unknown subscription", "bus", "one of", "gates",
    ),
    "unknown kind of record": (
        lambda: Trace().of("lots"), "unknown kind of record", "Trace.of", "lost", "lots",
    ),
    "negative duration": (
        lambda: Network(Sim()).sim.run(until=-1), "point in time", "simulated time", "seconds since the beginning", -1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_what_does_not_fit_is_refused_in_four_words(name: str) -> None:
    call, what, where, expected, found = TABLE[name]
    with pytest.raises(Invalid) as caught:
        call()
    error = caught.value
    assert error.what == what
    assert where in error.where
    assert expected in error.expected
    assert error.found == found
    for words in (what, where, expected):
        assert words in str(error)
    assert isinstance(error, EventlabError) and isinstance(error, ValueError)


def test_a_message_that_does_not_fit_is_not_sent_and_the_service_goes_on() -> None:
    network, bus, operations = wired()
    for wrong in (event(1, "flight.canceled"), event(2).with_(data={})):
        with pytest.raises(Invalid):
            operations.publish(wrong)
    assert len(network.sim.trace) == 0
    operations.publish(event(3))
    network.sim.run()
    assert [taken.id for taken in bus.log] == ["operations-3"]


def test_one_wrong_event_among_several_sends_none_of_them() -> None:
    network, bus, operations = wired()
    operations.answers("flight.cancel", lambda command: [event(1), event(2, "flight.canceled")])
    operations.tell("operations", Command("flight.cancel", {"flight": FLIGHT}))
    network.sim.run()
    assert [r.note.split(":")[0] for r in network.sim.trace.of("failed")] == ["Invalid"]
    assert bus.log == []


# The store ---------------------------------------------------------------------------------------------------------


def unharmed(store: Store) -> None:
    store.verify()
    assert [recorded.event for recorded in store.read_all()] == [event(1), event(2)]
    assert store.append("flight-1", event(3), 2).position == 3


@pytest.mark.parametrize("expected", [0, 1, 3, NO_STREAM], ids=str)
def test_a_wrong_expected_version_names_stream_expected_and_actual(store: Store, expected: Any) -> None:
    with pytest.raises(WrongExpectedVersion) as caught:
        store.append("flight-1", [event(3), event(4)], expected)
    error = caught.value
    assert (error.stream, error.actual) == ("flight-1", 2)
    assert str(error) == f"stream 'flight-1': expected version {error.expected}, actual version 2"
    assert error.expected == (expected if isinstance(expected, int) else "NO_STREAM")
    unharmed(store)


def test_a_batch_with_one_bad_event_is_not_begun(store: Store) -> None:
    with pytest.raises(EventIdConflict) as caught:
        store.append("flight-1", [event(3), event(2), event(4)])
    assert (caught.value.id, caught.value.stream, caught.value.position) == ("operations-2", "flight-1", 2)
    with pytest.raises(Invalid) as refused:
        store.append("flight-1", [event(3), event(4).with_(id="")])
    assert (refused.value.what, refused.value.found) == ("event id", "")
    assert "flight-1" in refused.value.where
    unharmed(store)


@pytest.mark.parametrize("content", [b"SQLite format 3\0 but no more", b"a,b\n1,2\n" * 100], ids=["torn", "foreign"])
def test_a_file_that_is_no_store_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.csv"
    path.write_bytes(content)
    with pytest.raises(CorruptStore) as caught:
        Store(path)
    assert str(path) in str(caught.value)
    assert caught.value.reason
    assert path.read_bytes() == content
    assert [found.name for found in tmp_path.iterdir()] == ["notes.csv"]


# Data files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def february(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data in a folder of its own, where it can be damaged."""
    folder = tmp_path / "data"
    shutil.copytree(tables.DATA, folder)
    monkeypatch.setattr(tables, "DATA", folder)
    return folder / "flights-2013-02.csv.gz"


@pytest.mark.parametrize("damage", ["missing", "cut short", "foreign", "a wrong row"])
def test_a_damaged_data_file_is_named_when_a_scenario_needs_it(february: Path, damage: str) -> None:
    content = february.read_bytes()
    if damage == "missing":
        february.unlink()
    elif damage == "cut short":
        february.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        february.write_bytes(b"PK\x03\x04")
    else:
        text = gzip.decompress(content).decode()
        february.write_bytes(gzip.compress(text.replace(",EWR,", ",???,").encode()))
    with pytest.raises(Invalid) as caught:
        Scenario().commands  # noqa: B018
    assert caught.value.what == "data file"
    assert str(february) in caught.value.where
    assert caught.value.expected and caught.value.found
    assert Scenario(day="2013-07-08").commands  # the other months are as good as before


# Handlers ----------------------------------------------------------------------------------------------------------


class Later:
    def __await__(self) -> Any:
        yield "a moment"


@pytest.mark.parametrize("foreign", [lambda: asyncio.sleep(1), Later], ids=["asyncio", "another library"])
def test_a_foreign_await_fails_the_handler_by_name_and_the_airline_hears_of_it(foreign: Callable[[], Any]) -> None:
    begun = start(STORM.with_(questions=0), "publish/subscribe")
    tries = []

    async def hear(command: Command) -> None:
        tries.append(command.id)
        if len(tries) == 1:
            await foreign()

    begun.cast.hear_airlines(hear)
    begun.finish()
    (failed,) = begun.trace.of("failed")
    assert failed.where == "operations"
    assert failed.note.startswith("ForeignAwait: task 'operations' awaited ")
    assert "sim.sleep" in failed.note
    assert tries[0] == tries[1], "it was said again"
    assert set(tries) == {command.id for command in STORM.commands}


def test_a_foreign_await_says_what_to_await_instead() -> None:
    sim = Sim()

    async def wait() -> None:
        await Later()

    sim.start(wait(), "wait")
    with pytest.raises(ForeignAwait) as caught:
        sim.run()
    assert (caught.value.task, caught.value.found) == ("wait", "a moment")
