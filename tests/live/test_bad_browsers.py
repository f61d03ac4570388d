"""What a live page says where it cannot run or keep anything: one sentence, before JupyterLite is begun.

The page is a small one with our first script and our service worker: what they look at is the browser and the server.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import opened
from tests.browser.lab import Browser
from tests.live.serving import Site, served
from tools.site.live.build import PAGE
from tools.site.packing import BEGIN, DATA, pack

pytestmark = pytest.mark.browser
BEGUN = "<script>eventlabReady.then(() => document.body.append('begun'))</script>"
LESSON = f'<html><head><script src="../start.js"></script></head><body><main></main>{BEGUN}</body></html>'
THEIRS = """
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));"""  # as JupyterLite's own begins
PATIENCE = 20_000  # ms
NO_STORE = "Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('no', 'SecurityError'); }});"
NO_KEEPER = "Object.defineProperty(Navigator.prototype, 'serviceWorker', {get: () => undefined});"

# Closed with this module: while it is open the thread has a running loop, and other modules want to run their own.
browser = pytest.fixture(opened, scope="module")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A live page of version 1, with nothing in it but what is ours."""
    script = (PAGE / "start.js").read_text("utf-8").replace("%VERSION%", "1")
    keeper = (PAGE / "keep.js").read_text("utf-8") + THEIRS
    files = {"start.js": script, "service-worker.js": keeper, "lab/index.html": LESSON}
    files |= {"version.json": '{"version": "1"}', "first.json": '["lab/index.html", "start.js"]'}
    files |= {"jupyter-lite.json": "{}", "static/pyodide/pyodide-lock.json": "{}"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    with served(tmp_path) as site:
        yield site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.context.close()


def open_without(site: Site, page: Page, script: str) -> None:
    """Open the lesson in a browser from which a script has taken something away."""
    page.add_init_script(script)
    page.goto(site.url("lab/index.html"))


@pytest.mark.parametrize(
    ("lacks", "sentence"),
    [
        ("delete window.WebAssembly", "This browser has no WebAssembly, so the lesson cannot run here"),
        ("delete window.structuredClone", "This browser is too old to run the lesson"),
    ],
)
def test_a_browser_that_cannot_run_a_lesson_is_told_in_one_sentence(
    site: Site, page: Page, lacks: str, sentence: str
) -> None:
    open_without(site, page, lacks)
    expect(page.get_by_role("alert")).to_contain_text(sentence, timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_have_count(1)
    assert page.evaluate("document.body.innerText").count("begun") == 0


@pytest.mark.parametrize("lost", ["static/pyodide/pyodide-lock.json", "jupyter-lite.json"])
def test_a_site_that_came_in_half_is_told_and_not_begun(site: Site, page: Page, lost: str) -> None:
    site.missing.add(lost)
    page.goto(site.url("lab/index.html"))
    expect(page.get_by_role("alert")).to_contain_text("A part of this page could not be loaded", timeout=PATIENCE)
    assert "begun" not in page.evaluate("document.body.innerText")


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [(NO_STORE, "keeps nothing for this page"), (NO_KEEPER, "is not kept for use without network")],
)
def test_a_lesson_runs_where_storage_is_refused_and_says_what_is_lost(
    site: Site, page: Page, refused: str, sentence: str
) -> None:
    open_without(site, page, refused)
    expect(page.get_by_role("status")).to_contain_text(sentence, timeout=PATIENCE)
    expect(page.locator("body")).to_contain_text("begun", timeout=PATIENCE)


def test_a_first_visit_waits_until_all_is_kept_however_slow_that_is(site: Site, page: Page) -> None:
    held = site.held["first.json"] = threading.Event()
    page.clock.install()
    page.goto(site.url("lab/index.html"))
    page.wait_for_function("navigator.serviceWorker.getRegistration().then((found) => found?.installing)")
    page.clock.fast_forward(60_000)
    assert "begun" not in page.evaluate("document.body.innerText")
    held.set()
    expect(page.locator("body")).to_contain_text("begun", timeout=PATIENCE)
    expect(page.get_by_role("status")).to_have_count(0)


def test_a_page_that_the_browser_kept_offers_the_new_version_and_puts_changed_lessons_aside(
    site: Site, page: Page
) -> None:
    page.goto(site.url("lab/index.html"))
    expect(page.locator("body")).to_contain_text("begun", timeout=PATIENCE)
    expect(page.get_by_role("status")).to_have_count(0)
    page.evaluate(PUT, {"name": "03-x.ipynb", "content": "mine"})
    site.instead["version.json"] = json.dumps({"version": "2"}).encode()
    new = (site.folder / "start.js").read_text("utf-8").replace('VERSION = "1"', 'VERSION = "2"')
    site.instead["start.js"] = new.encode()
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("kept version 1 of this page; version 2", timeout=PATIENCE)
    assert page.evaluate("eventlab.version") == "1"
    with page.expect_navigation():
        page.get_by_role("button", name="Take the new one").click()
    page.wait_for_function("window.eventlab?.version === '2'")
    expect(page.get_by_role("status")).to_have_count(0)
    assert page.evaluate(KEYS) == ["03-x (version 1).ipynb"]


def test_a_page_once_seen_opens_without_a_server(site: Site, page: Page) -> None:
    page.goto(site.url("lab/index.html"))
    expect(page.locator("body")).to_contain_text("begun", timeout=PATIENCE)
    page.reload()  # what came before the keeper stood ready is asked for again, and kept
    expect(page.locator("body")).to_contain_text("begun", timeout=PATIENCE)
    site.missing |= {
        "lab/index.html",
        "start.js",
        "jupyter-lite.json",
        "version.json",
        "static/pyodide/pyodide-lock.json",
    }
    page.reload()
    expect(page.locator("body")).to_contain_text("begun", timeout=PATIENCE)


def test_what_plays_says_where_a_browser_cannot_unpack_it(page: Page, tmp_path: Path) -> None:
    script = 'const data = JSON.parse(document.getElementById("data").textContent); document.body.append(data.words)'
    head = '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'">'
    data = '<script type="application/json" id="data">{"words": "it plays"}</script>'
    recorded = tmp_path / "recorded.html"
    recorded.write_text(f'<html><head>{head}</head><body>{data}<script type="module">{script}</script></body></html>')
    assert DATA.search(recorded.read_text()) and BEGIN in pack(recorded).read_text()
    page.goto(recorded.as_uri())
    expect(page.locator("body")).to_contain_text("it plays")
    page.add_init_script("delete window.DecompressionStream")
    page.reload()
    expect(page.locator("body")).to_have_text(
        "This browser is too old to play this: open the page in a browser of 2023 or later."
    )


STORE = """const asked = (request) => new Promise((go, fail) => {
    request.onsuccess = () => go(request.result); request.onerror = () => fail(request.error); });
  const opening = indexedDB.open("eventlab");
  opening.onupgradeneeded = () => opening.result.createObjectStore("files");
  const base = await asked(opening), store = () => base.transaction("files", "readwrite").objectStore("files");"""
PUT = f"async (file) => {{ {STORE} await asked(store().put(file, file.name)); base.close(); }}"
KEYS = f"async () => {{ {STORE} const keys = await asked(store().getAllKeys()); base.close(); return keys; }}"
