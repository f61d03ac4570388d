"""Objects that show themselves in a notebook: as tables of harmless text, or as one line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from eventlab import Event, Store
from eventlab.airports import Scenario, run
from eventlab.airports.stage import STAGE
from eventlab.views import notebook

NASTY = """<img src=x onerror="alert(1)"> $x^2$ |a| *b* `c` [d](javascript:e) \x1b[31m"""
EVENT = Event(
    "flight.delayed", {"flight": "B61-JFK-0208", "estimate": 1360333260000000000}, "B61-JFK-0208", "a-1", "airlines"
)
BOSTON = Scenario(flights=["9E3422-JFK-0208"], questions=1)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a notebook shows for an object: plain text and Markdown."""
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert notebook.show_with(STAGE)
    return lambda thing: shell.display_formatter.format(thing)[0]


def test_outside_of_a_notebook_nothing_is_installed() -> None:
    assert not notebook.show_with(STAGE)


def test_an_event_shows_what_it_says(shown: Any) -> None:
    bundle = shown(EVENT)
    assert (
        bundle["text/plain"]
        == "<Event flight.delayed of B61-JFK-0208 by airlines: flight B61-JFK-0208, estimate 09:21>"
    )
    rows = bundle["text/markdown"].split("\n")
    assert rows[0] == "| Event | flight.delayed |"
    assert "| because of |" not in bundle["text/markdown"]
    assert "| data: estimate | 09:21 |" in rows


def test_runs_traces_records_stores_and_services_show_themselves(shown: Any) -> None:
    made = run(BOSTON, "event-carried state transfer")
    store = Store()
    store.append("flight-1", [EVENT])
    (recorded,) = store.read_all()
    things = [made, made.trace, made.trace[0], store, recorded, made.cast.services["gates"]]
    for thing, name in zip(things, ["Run", "Trace", "Record 0", "Store in memory", "Event", "Service"], strict=True):
        bundle = shown(thing)
        assert bundle["text/markdown"].startswith(f"| {name} |"), name
        assert "object at 0x" not in bundle["text/plain"]
        assert "\n" not in bundle["text/plain"]
    assert shown(store)["text/plain"] == "<Store in memory 1 event in 1 stream: flight-1 version 1>"


def test_hostile_text_stays_text(shown: Any) -> None:
    bundle = shown(Event(NASTY, {NASTY: NASTY}, NASTY, NASTY, NASTY))
    cells = [part for row in bundle["text/markdown"].split("\n") for part in row.split("|")]
    assert not set("".join(cells)) & set("<>\"'$`\x1b")
    assert "](" not in bundle["text/markdown"]
    assert "\x1b" not in bundle["text/plain"]
