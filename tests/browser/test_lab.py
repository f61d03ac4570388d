"""The harness itself: it sees tables and figures, and it sees what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from .lab import Browser, Lab

FIGURE = """
from IPython.display import display
figure = {"data": [{"type": "bar", "x": ["one", "two"], "y": [1, 2]}], "layout": {"title": {"text": "Two bars"}}}
display({"application/vnd.plotly.v1+json": figure, "text/plain": "Two bars, the second twice as high."}, raw=True)
"""
TABLE = "import pandas as pd, eventlab\npd.DataFrame({'gate': ['B7', 'C3'], 'people': [120, 80]})"
REACHES_OUT = """
from IPython.display import HTML
HTML('<img src="http://example.invalid/x.png" alt="from elsewhere">')
"""


@pytest.fixture(scope="module")
def own_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("notebooks")
    for name, cells in {
        "good": [TABLE, FIGURE, "", "print('last')"],
        "bad": ["1 / 0", "print('never run')"],
        "outside": [REACHES_OUT],
    }.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.cells[0].execution_count = 1  # as if it had been run before
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / f"{name}.ipynb")
    with Lab(folder) as lab:
        yield lab


def test_run_all_shows_tables_figures_and_text(own_lab: Lab, browser: Browser) -> None:
    with browser.open(own_lab, "good.ipynb") as notebook:
        notebook.run_all()
        assert ["B7" in table and "120" in table for table in notebook.tables()] == [True]
        assert notebook.outputs.locator(".js-plotly-plot").count() == 1
        assert notebook.output_of(3).strip() == "last"
        picture = notebook.screenshot("harness")
        assert picture.stat().st_size > 10_000
        notebook.assert_clean()


def test_a_failing_cell_fails_the_run_with_its_error(own_lab: Lab, browser: Browser) -> None:
    with browser.open(own_lab, "bad.ipynb") as notebook, pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run_all()


def test_a_request_to_another_host_is_noticed(own_lab: Lab, browser: Browser) -> None:
    with browser.open(own_lab, "outside.ipynb") as notebook:
        notebook.run_all()
        with pytest.raises(AssertionError, match=r"example\.invalid"):
            notebook.assert_clean()
