"""The first notebook, as a newcomer meets it: opened in JupyterLab, every cell run."""

from __future__ import annotations

from .lab import Browser, Lab

NAME = "00-start-here.ipynb"
ARCHITECTURES = [
    "request-driven",
    "publish/subscribe",
    "event notification",
    "event-carried state transfer",
    "event sourcing",
]


def test_the_first_notebook_runs_and_shows_the_comparison_and_a_figure(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)

        comparing = [table for table in notebook.tables() if all(name in table.lower() for name in ARCHITECTURES)]
        assert comparing, f"no table names all of {ARCHITECTURES}; tables: {notebook.tables()}"

        figure = notebook.figures().first
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert box is not None and box["width"] > 200 and box["height"] > 100, f"the figure is not visible: {box}"

        notebook.screenshot("00-start-here")
        notebook.assert_clean()
