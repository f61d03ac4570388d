"""A cell that takes long says how far it is, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from eventlab import under_way
from eventlab.lab import Lab
from eventlab.views import waiting
from tools.refresh_notebooks import clean

CELLS = [
    "import time\nimport eventlab.views\nfrom eventlab.under_way import each",
    "for number in each('abc'):\n    print(number)\n    time.sleep(0.6)",
    "time.sleep(0.1)",
    "time.sleep(1.3)\n1 / 0",
]


def heard() -> tuple[Any, list[list[dict[str, Any]]]]:
    """A notebook that was run, and what its kernel sent to be shown, cell by cell."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": ["raises-exception"]}) for source in CELLS]
    notebook, sent = nbformat.v4.new_notebook(cells=cells), [[] for _ in CELLS]  # type: ignore[var-annotated]

    class Client(NotebookClient):
        def process_message(self, message: Any, cell: Any, index: int) -> Any:
            if message["msg_type"] in ("display_data", "update_display_data"):
                sent[index].append(message["content"]["data"])
            return super().process_message(message, cell, index)

    Client(notebook, timeout=60, kernel_name="python3", coalesce_streams=True).execute()
    return notebook, sent


def test_a_long_cell_shows_a_line_that_is_not_stored_and_is_gone_when_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    notebook, sent = heard()
    assert [len(each) > 1 for each in sent] == [False, True, False, True]
    for first, *_, last in (sent[1], sent[3]):
        assert list(first) == [waiting.LINE] and first[waiting.LINE].startswith("1 s")
        assert last == {waiting.LINE: ""}
    clean(notebook)
    assert [[output.output_type for output in cell.outputs] for cell in notebook.cells] == [
        [],
        ["stream"],
        [],
        ["error"],
    ]
    assert notebook.cells[1].outputs[0].text == "a\nb\nc\n"


def test_no_line_is_shown_where_pytest_runs_the_notebook_and_compares_its_outputs() -> None:
    _, sent = heard()
    assert sent == [[] for _ in CELLS]


def test_the_line_tells_simulated_time_and_how_many_parts_are_done() -> None:
    lab = Lab(seed=1)
    told: list[str] = []
    lab.sim.call_at(3_661_000_000_000, lambda: told.append(waiting.told(7.2)))
    for _ in under_way.each([1, 2, 3]):
        lab.sim.run()
        lab = Lab(seed=1)
    assert ["7 s · ▱▱▱ 0 of 3 done · 1 h 1 min of simulated time" in words for words in told] == [True]
    assert not under_way.clocks and not under_way.works
    assert waiting.told(1) == "1 s" and waiting.how_far() is None


def test_simulated_seconds_are_said_in_the_two_units_that_matter() -> None:
    assert [waiting.duration(seconds) for seconds in (0, 59.9, 61, 3_600, 360_000)] == [
        "0 min 0 s",
        "0 min 59 s",
        "1 min 1 s",
        "1 h 0 min",
        "100 h 0 min",
    ]
