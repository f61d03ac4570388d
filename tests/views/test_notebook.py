"""How objects show themselves in Jupyter: what they are in a small table, and in one line where there are no tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from eventlab.airports import Scenario, run, start
from eventlab.airports.stage import STAGE
from eventlab.event import Command, Event, Refusal, Reply
from eventlab.faults import Crash
from eventlab.store import Store
from eventlab.trace import Trace
from eventlab.views import notebook
from tests.support.laboratory import lab
from tests.support.pictures import NASTY

SECOND = 10**9
AT = 1360353600 * SECOND  # 15:00 in New York on the day of the storm
BOSTON = Scenario(flights=["9E3422-JFK-0208"], questions=1)
TOLD = Event(
    "flight.cancelled", {"flight": "F1", "estimate": AT, "seats": (1, 2)}, "F1", "a-1", "airlines", AT, "c-1", "q-1"
)


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    """An IPython with our types in it; nothing of it is left behind."""
    made = InteractiveShell.instance()
    yield made
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, what: Any) -> dict[str, str]:
    assert notebook.show_with(STAGE)
    data, _ = shell.display_formatter.format(what)
    return dict(data)


def rows(markdown: str) -> dict[str, str]:
    cells = [line.strip("| ").split(" | ") for line in markdown.split("\n")]
    return dict([cells[0], *cells[2:]])


def test_an_event_shows_what_it_is_about_by_whom_when_and_why(shell: InteractiveShell) -> None:
    data = shown(shell, TOLD)
    assert rows(data["text/markdown"]) == {
        "Event": "flight.cancelled", "about": "F1", "made by": "airlines", "at": "2013-02-08 15:00:00.000", "id": "a-1",
        "because of": "q-1", "the story began with": "c-1", "data: flight": "F1", "data: estimate": "15:00",
        "data: seats": "1, 2",
    }  # fmt: skip
    assert data["text/plain"] == (
        "<Event flight.cancelled of F1 by airlines at 15:00:00.000: flight F1, estimate 15:00, seats 1, 2>"
    )


@pytest.mark.parametrize("kind", [Command, Reply, Refusal])
def test_every_kind_of_message_says_which_it_is(shell: InteractiveShell, kind: Any) -> None:
    data = shown(shell, kind("flight.cancel", {"flight": "F1"}, "F1"))
    assert rows(data["text/markdown"]) == {kind.__name__: "flight.cancel", "about": "F1", "data: flight": "F1"}


def test_a_recorded_event_shows_where_it_stands_in_the_store(shell: InteractiveShell) -> None:
    with Store() as store:
        store.append("flight-F1", [TOLD])
        (recorded,) = store.read_all()
        data, of_store = shown(shell, recorded), shown(shell, store)
    assert rows(data["text/markdown"])["stream"] == "flight-F1, version 1, position 1"
    assert data["text/plain"].startswith("<flight-F1 version 1, position 1: Event flight.cancelled of F1")
    assert rows(of_store["text/markdown"]) == {"Store in memory": "1 event in 1 stream", "flight-F1": "version 1"}


def test_a_store_of_many_streams_shows_some_and_counts_the_rest(shell: InteractiveShell, tmp_path: Path) -> None:
    with Store(tmp_path / "events.db") as store:
        for number in range(20):
            store.append(f"s-{number:02}", [Event("thing.done", {}, id=f"{number}")])
        found = rows(shown(shell, store)["text/markdown"])
    assert found["Store in the file events.db"] == "20 events in 20 streams"
    assert str(tmp_path) not in " ".join(found), "a notebook is for others too"
    assert found["…"] == "8 more streams"
    closed = rows(shown(shell, store)["text/markdown"])
    assert closed["Store"] == "cannot be read"
    assert "closed" in closed["why"]


def test_a_record_is_told_in_words(shell: InteractiveShell) -> None:
    trace = Trace()
    trace.add(AT, "lost", "boards", TOLD, "bus", 7, "deliver", "boards is down")
    data = shown(shell, trace[0])
    assert data["text/plain"] == ("15:00:00.000  boards      never gets flight.cancelled F1 from bus (boards is down)")
    assert rows(data["text/markdown"])["at"] == "2013-02-08 15:00:00.000"


def test_a_trace_shows_from_when_to_when_and_counts_its_records(shell: InteractiveShell) -> None:
    ran = run(BOSTON, "publish/subscribe")
    found = rows(shown(shell, ran.trace)["text/markdown"])
    assert found["Trace"] == f"{len(ran.trace)} records"
    sent = sum(1 for _ in ran.trace.of("sent"))
    assert f"sent {sent}" in found["records of each kind"]
    assert found["time"].startswith("2013-02-08 03:") and found["time"].endswith(" in New York")
    assert rows(shown(shell, Trace())["text/markdown"])["time"] == "nothing has happened yet"


def test_a_run_shows_its_scenario_and_measures_nothing_in_order_to_show_itself(shell: InteractiveShell) -> None:
    fault = Crash("boards", BOSTON.at("10:00"), BOSTON.at("10:45"))
    begun = start(BOSTON.with_(faults=[fault]), "event sourcing")
    found = rows(shown(shell, begun)["text/markdown"])
    assert (found["architecture"], found["day"]) == ("event sourcing", "2013-02-08")
    assert found["what goes wrong"].startswith("Crash: ") and "boards" in found["what goes wrong"]
    assert "10:00" in found["what goes wrong"], "instants are clock times"
    assert "measures" not in found
    assert len(begun.trace) == 0, "nothing was run"
    begun.finish()
    assert begun.metrics
    assert f"messages {begun.metrics['messages']:.4g}" in rows(shown(shell, begun)["text/markdown"])["measures"]


def test_a_service_shows_whether_it_works_and_what_it_knows(shell: InteractiveShell) -> None:
    service = lab().service("boards")
    service.sim.trace.stage = STAGE
    service.state["F1"] = {"status": "cancelled", "estimate": AT}
    found = rows(shown(shell, service)["text/markdown"])
    assert (found["works"], found["waiting for a worker"]) == ("yes", "0 messages")
    assert found["state: F1"] == "status cancelled, estimate 15:00"
    service.crash()
    assert rows(shown(shell, service)["text/markdown"])["works"] == "NO: it has stopped"


def test_hostile_text_stays_in_its_cell(shell: InteractiveShell) -> None:
    trace = Trace()
    event = Event(NASTY, {NASTY: NASTY}, NASTY, NASTY, NASTY, AT, NASTY, NASTY)
    trace.add(AT, "failed", NASTY, event, NASTY, note=NASTY)
    for what in (event, trace, trace[0]):
        data = shown(shell, what)
        assert not set(data["text/markdown"]) & set("<>$\x00\x1b\u202e")
        assert {line.count("|") for line in data["text/markdown"].split("\n")} == {3}
        assert not set(data["text/plain"]) & set("\x00\x1b\u202e\n")


def test_where_there_is_no_ipython_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython")
    assert not notebook.show_with(STAGE)
