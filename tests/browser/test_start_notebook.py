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

# What is shown, and the code, must fit into a window of 1280 points beside JupyterLab's list of files.
WIDER_THAN_ITS_PLACE = """() => [...document.querySelectorAll('.jp-OutputArea-output, .jp-CodeCell .cm-scroller')]
    .filter(place => place.scrollWidth > place.clientWidth + 2).map(place => place.innerText.slice(0, 80))"""


def test_the_first_notebook_runs_and_shows_the_comparison_and_a_figure(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)

        comparing = [table for table in notebook.tables() if all(name in table.lower() for name in ARCHITECTURES)]
        assert comparing, f"no table names all of {ARCHITECTURES}; tables: {notebook.tables()}"

        figures = notebook.figures()
        assert figures.count() == 4
        for figure in figures.all():
            figure.scroll_into_view_if_needed()
            box = figure.bounding_box()
            assert box is not None and box["width"] > 800 and box["height"] > 500, f"a figure is not visible: {box}"
        assert "request-driven: 2 services wait for others" in figures.nth(0).inner_text()
        assert "event-carried state transfer: no service waits for another" in figures.nth(1).inner_text()

        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"

        notebook.screenshot("00-start-here")
        notebook.assert_clean()
