"""The control in a real JupyterLab: picked with mouse and keyboard, drawn in place by the kernel."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from .lab import LATE, Browser, Lab, Notebook

SETUP = """
from eventlab.airports import Scenario, run
from eventlab.faults import Crash
from eventlab.views import Prose, escape, flow_graph, table, what_if
evil = '<img src=x onerror="document.title=1">'
"""
STORM = """
boston = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
def without(minutes, who):
    faults = [Crash(who, boston.at("07:30"), boston.at("07:30") + minutes * 60 * 10**9)] if minutes else []
    ran = run(boston.with_(faults=faults), "request-driven")
    rows = table([{"measure": name, evil: ran.metrics[name]} for name in ("told late", "messages")], right=[evil])
    return [flow_graph(ran.trace, title=f"{who} down {minutes} min"), rows, Prose(f"**Down**: {escape(evil)}")]
what_if(without, minutes=[0, 15, 45, 120], who=["boards", "gates"])
"""
BREAKS = "what_if(lambda parts: f'{12 // parts} each', parts=[3, 2, 1, 0], start={'parts': 3})"
CURVE = """
from eventlab.views import chart
what_if(lambda top: chart("Waiting", x=[1, 2, 3], series={"one worker": [0, top / 2, top]}), top=[1, 5, 9])
"""


@pytest.fixture(scope="module")
def own_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("notebooks")
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in (SETUP, STORM, BREAKS, CURVE)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "what-if.ipynb")
    with Lab(folder) as lab:
        yield lab


@pytest.fixture
def notebook(own_lab: Lab, browser: Browser) -> Iterator[Notebook]:
    with browser.open(own_lab, "what-if.ipynb") as notebook:
        notebook.run_all()
        yield notebook
        assert notebook.page.title() != "1"
        notebook.assert_clean()


def test_a_control_runs_again_and_draws_in_place(notebook: Notebook) -> None:
    storm, breaks = (notebook.outputs.nth(cell).locator(".eventlab-knobs") for cell in (1, 2))
    minutes, who = storm.get_by_label("minutes"), storm.get_by_label("who")
    picture, state = storm.locator(".picture svg"), storm.locator(".state")
    assert (picture.get_attribute("aria-label") or "").startswith("boards down 0 min")
    assert minutes.get_attribute("aria-valuetext") == "0"

    minutes.focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(state).to_have_text("Shown: minutes 15, who boards")
    assert (picture.get_attribute("aria-label") or "").startswith("boards down 15 min")
    notebook.page.keyboard.press("End")
    expect(state).to_have_text("Shown: minutes 120, who boards")
    assert storm.locator("td").all_inner_texts()[:2] == ["told late", "62"]
    who.select_option(label="gates")
    expect(state).to_have_text("Shown: minutes 120, who gates")
    assert (picture.get_attribute("aria-label") or "").startswith("gates down 120 min")
    assert picture.count() == 1

    # What tries to be HTML is read as text, and an error stands where the result would.
    assert storm.locator("th").all_inner_texts() == ["measure", '<img src=x onerror="document.title=1">']
    assert storm.locator("strong").all_inner_texts() == ["Down"]
    assert storm.locator("img").count() == 0
    parts = breaks.get_by_label("parts")
    parts.select_option(label="1")
    expect(breaks.locator("pre")).to_have_text("12 each")
    parts.select_option(label="0")
    expect(breaks.locator("text").first).to_have_text("With parts 0, nothing can be shown")
    notebook.screenshot("what-if")

    # A chart is as wide as its place, however wide that is.
    stage = notebook.outputs.nth(3).locator(".eventlab-knobs .stage")
    for width in (1000, 1500, 1280):
        notebook.page.set_viewport_size({"width": width, "height": 900})
        expect(stage.locator("svg")).to_have_attribute("width", str(stage.evaluate("stage => stage.clientWidth")))


def test_a_saved_notebook_shows_the_still_picture_in_the_components_place(
    notebook: Notebook, own_lab: Lab, browser: Browser
) -> None:
    stills = notebook.page.locator(".jp-OutputArea-child:has(.eventlab-knobs) + .jp-OutputArea-child")
    assert stills.count() == 3
    assert not any(stills.nth(number).is_visible() for number in range(3)), "shown twice while the component lives"
    notebook.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    shutil.copy(own_lab.root / "notebooks" / "what-if.ipynb", own_lab.root / "notebooks" / "saved.ipynb")
    with browser.open(own_lab, "saved.ipynb") as saved:
        assert saved.page.locator(".eventlab-knobs").count() == 0
        for cell in (1, 2, 3):
            expect(saved.outputs.nth(cell).locator("img")).to_be_visible()
        saved.screenshot("what-if-saved", of_cells=False)


# anywidget's two seconds are over at once, as on a page that is busy for longer than that.
BUSY = """const usual = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (limit) => limit === 2000 ? usual(0) : usual(limit);"""


def test_a_control_that_comes_up_late_works_like_any_other(own_lab: Lab, browser: Browser) -> None:
    with browser.open(own_lab, "what-if.ipynb", before=BUSY) as notebook:
        errors: list[str] = []
        notebook.page.on("pageerror", lambda error: errors.append(str(error)))
        notebook.run_all()
        assert any(LATE in error for error in errors), "the page was not busy enough to try anything"
        parts = notebook.outputs.nth(2).locator(".eventlab-knobs")
        for label in ("1", "2", "3", "2"):
            parts.get_by_label("parts").select_option(label=label)
            expect(parts.locator("pre")).to_have_text(f"{12 // int(label)} each")
        notebook.assert_clean()
