"""Texts that try to be scripts, through everything that shows text: nothing of them ever runs (promises N2 and N3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Page

from eventlab.airports.stage import STAGE
from eventlab.event import Event
from eventlab.trace import Trace
from eventlab.views import export

from .lab import Browser, Lab, Notebook

HIT = "document.title='XSS'; window.hit = 1"
VECTORS = {
    "image": f'<img src=x onerror="{HIT}">',
    "script": f"<script>{HIT}</script>",
    "end of a script": f"</script><script>{HIT}</script>",
    "drawing": f'<svg onload="{HIT}"></svg>',
    "link": f'<a href="javascript:{HIT}">click</a>',
}
EVIL = " ".join(VECTORS.values()) + " [link](javascript:alert(1)) $x$ `code`"

STORY = f"""
from eventlab import Command, Event, Invalid, Store, Trace, views
from eventlab.airports.stage import STAGE
from eventlab.faults import Crash
EVIL = {EVIL!r}
event = Event(EVIL, {{"flight": EVIL, EVIL: EVIL}}, EVIL, EVIL, EVIL, 10**18)
trace, key = Trace(stage=STAGE), "X-JFK-" + EVIL
trace.add(10**18, "sent", EVIL, event, "bus", 1, "publish")
trace.add(10**18 + 1, "received", "bus", event, EVIL, 1, "publish")
trace.add(10**18 + 2, "sent", "bus", event, "boards", 2, "deliver")
trace.add(10**18 + 2, "lost", "boards", event, "bus", 2, "deliver", EVIL)
trace.add(10**18 + 3, "failed", "boards", event, "bus", 2, "deliver", EVIL)
trace.add(10**18 + 4, "changed", "boards", key=key, before=None, after={{"status": EVIL, "dest": EVIL, EVIL: EVIL}})
trace.add(10**18 + 5, "appended", EVIL, event, "", 1, "", EVIL)
trace.add(10**18 + 6, "crashed", EVIL)
other = Trace(trace.records[:3], STAGE)
store = Store()
store.append(EVIL.replace("\\n", " "), [event])
"""
CELLS = {
    "table": "views.table([{EVIL: EVIL}])",
    "lines": "print(views.lines(trace))",
    "event": "event",
    "record": "trace[3]",
    "trace": "trace",
    "store": "store",
    "flow graph": "views.flow_graph(trace, title=EVIL)",
    "sequence": "views.sequence_diagram(trace, title=EVIL)",
    "timeline": "views.timeline(trace, title=EVIL)",
    "causal tree": "views.causal_tree(trace, event, title=EVIL)",
    "boards": "views.departure_boards(trace)",
    "state": "views.service_state(trace)",
    "streams": "views.event_streams(store)",
    "rebuild": "views.rebuild(store, lambda state, event: {**state, EVIL: EVIL})",
    "apart": "views.apart(trace, other, names=(EVIL, EVIL), measures=({EVIL: 1}, {EVIL: 2}))",
    "compare": "import pandas\nviews.side_by_side(pandas.DataFrame({EVIL: [1, 2]}, [EVIL, 'b']), title=EVIL)",
    "chart": "views.chart(EVIL, x=[EVIL, 'b'], series={EVIL: [1, 2]}, x_title=EVIL, text=EVIL, bars=True)",
    "replay": "views.replay(trace, 'flow', 'sequence', 'boards', 'streams', 'state')",
    "control": (
        "shown = [EVIL, views.Prose(views.escape(EVIL)), views.table([{EVIL: EVIL}]), views.flow_graph(trace)]\n"
        "views.what_if(lambda **choice: shown, **{EVIL: [EVIL, 'b']})"
    ),
    "prose": "views.Prose(f'Said was: {views.escape(EVIL)}')",
    "message": "views.flow_graph(trace, services=[EVIL])",
    "error": "raise Invalid(EVIL, where=EVIL, expected=EVIL, found=EVIL)",
}
# What a reader would suffer from: something that ran, waits to run, or stands in the page as an element of its own.
FOUND = """() => ({
    hit: window.hit === 1 || document.title === 'XSS',
    links: document.querySelectorAll('a[href^="javascript:" i], a[*|href^="javascript:" i]').length,
    waiting: document.querySelectorAll('[onerror], [onload]').length,
    images: document.querySelectorAll('img[src="x"]').length,
})"""
NOTHING = {"hit": False, "links": 0, "waiting": 0, "images": 0}


@pytest.mark.parametrize("name", VECTORS)
def test_each_vector_works_where_nobody_escapes(browser: Browser, tmp_path: Path, name: str) -> None:
    """The control of this experiment: what is not caught here would prove nothing below."""
    script = "<script type='text/json'>" if name == "end of a script" else ""
    path = tmp_path / "raw.html"
    path.write_text(f"<!doctype html><title>calm</title><body>{script}{VECTORS[name]}", "utf-8")
    page = browser.page()
    page.goto(path.as_uri())
    if name == "link":
        assert page.evaluate(FOUND)["links"] == 1
        page.locator("a").click()
    page.wait_for_function("window.hit === 1")
    page.context.close()


@pytest.fixture(scope="module")
def hostile(browser: Browser, lab: Lab) -> Iterator[Notebook]:
    cells = [nbformat.v4.new_code_cell(source) for source in (STORY.strip(), *CELLS.values())]
    cells[-1].metadata["tags"] = ["raises-exception"]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, lab.root / "notebooks" / "hostile.ipynb")
    with browser.open(lab, "hostile.ipynb") as opened:
        opened.run_all()
        yield opened


def test_nothing_runs_in_jupyterlab_and_every_cell_shows_the_text(hostile: Notebook) -> None:
    assert hostile.page.evaluate(FOUND) == NOTHING
    for number, name in enumerate(CELLS, 1):
        output = hostile.page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-Cell-outputArea")
        stills = map(hostile.letters, output.locator(".eventlab-still").all())
        text = " ".join(
            [output.text_content() or "", *stills]
        ).lower()  # a board has capitals, and cells that cut what is long
        assert ("<i" if name == "boards" else "<img") in text, f"{name} does not show the text at all"
    hostile.screenshot("hostile")


def test_nothing_runs_under_the_mouse_and_by_the_keys(hostile: Notebook) -> None:
    page = hostile.page
    for figure in hostile.figures().all():
        if figure.is_visible():
            figure.scroll_into_view_if_needed()
            box = figure.bounding_box()
            assert box is not None
            for part in (0.2, 0.35, 0.5, 0.65, 0.8):
                page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] / 2, steps=3)
    component = page.locator(".eventlab-replay")
    component.focus()
    page.keyboard.press("Home")
    for _ in range(int(component.locator(".scrubber").get_attribute("max") or 0)):
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowRight")
    component.locator("rect[data-message]").last.click()
    page.locator(".eventlab-knobs select").select_option("b")
    assert page.evaluate(FOUND) == NOTHING


def test_nothing_runs_in_a_notebook_turned_into_a_page(hostile: Notebook, browser: Browser, tmp_path: Path) -> None:
    """`nbconvert` passes on what outputs say, unchanged."""
    model = hostile.page.evaluate("() => jupyterapp.shell.currentWidget.content.model.toJSON()")
    for cell in model["cells"]:  # the code itself is the author's own
        cell["source"] = ""
    page_text, _ = HTMLExporter().from_notebook_node(nbformat.from_dict(json.loads(json.dumps(model))))
    assert_calm(browser, page_text, tmp_path / "page.html")


def test_nothing_runs_in_an_exported_replay(browser: Browser, tmp_path: Path) -> None:
    trace = Trace(stage=STAGE)
    event = Event(EVIL, {"flight": EVIL}, EVIL, EVIL, EVIL, 1)
    trace.add(1, "sent", EVIL, event, "bus", 1, "publish")
    trace.add(2, "lost", "bus", event, EVIL, 1, "publish", EVIL)
    trace.add(3, "changed", "boards", key=EVIL, before=None, after=EVIL)
    path = export(trace, tmp_path / "page.html", "flow", "sequence", "state", flight=EVIL)
    page = assert_calm(browser, path.read_text("utf-8"), path, close=False)
    page.focus(".eventlab-replay")
    for key in ("Enter", "ArrowRight", "f", "Enter", "End", "c"):
        page.keyboard.press(key)
    assert page.evaluate(FOUND) == NOTHING
    assert page.title() == EVIL
    page.context.close()


def assert_calm(browser: Browser, text: str, path: Path, *, close: bool = True) -> Page:
    path.write_text(text, "utf-8")
    page = browser.page()
    page.context.set_offline(True)
    page.goto(path.as_uri())
    page.wait_for_timeout(300)  # an image that cannot be loaded tells so a moment later
    assert page.evaluate(FOUND) == NOTHING
    if close:
        page.context.close()
    return page
