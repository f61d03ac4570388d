"""A JupyterLab that serves a copy of the notebooks, and a hand that uses it in a real browser.

    with Lab(folder_with_notebooks) as lab, Browser() as browser:
        with browser.open(lab, "00-start-here.ipynb") as notebook:
            notebook.run_all()
            notebook.screenshot("start")

`python -m tests.browser.lab` finds a browser, or fetches Playwright's own, and says which.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import ConsoleMessage, Locator, Page, Request

SHOTS = Path(__file__).parent / "shots"

# The browser ----------------------------------------------------------------------------------------------------------

HOW_TO_GET_ONE = (
    "no Chromium or Chrome was found. Install one (Debian, Ubuntu: apt install chromium; or: "
    "python -m playwright install chromium), or say where yours is: EVENTLAB_BROWSER=/path/to/chrome"
)
_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge"]
_PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
]
_QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
# Nothing but this machine can be reached, so that a page which needs the network is seen to need it.
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def find_browser() -> str | None:
    """The path of a Chromium or Chrome: the one named in EVENTLAB_BROWSER, the system's, or Playwright's own."""
    named = os.environ.get("EVENTLAB_BROWSER")
    if named:
        return named
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    for place in _PLACES:
        if Path(os.path.expandvars(place)).exists():
            return os.path.expandvars(place)
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


class Browser:
    """One headless browser for many pages."""

    def __enter__(self) -> Browser:
        from playwright.sync_api import sync_playwright

        path = find_browser()
        self._open = ExitStack()
        playwright = self._open.enter_context(sync_playwright())
        self._browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, _OFFLINE])
        self._open.callback(self._browser.close)
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    def page(self, scale: float = 1, **options: Any) -> Page:
        """A blank page in a context of its own: no cookie or setting is shared. Close its `context` afterwards.

        `scale` is pixels of a picture for each of the page; `options` are those of Playwright's `new_context`.
        """
        options = {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": scale, **options}
        return self._browser.new_context(**options).new_page()

    @contextmanager
    def open(self, lab: Lab, name: str, before: str = "") -> Iterator[Notebook]:
        """The notebook `name` in the browser, its kernel ready; on a failure a screenshot stays behind.

        `before` is a script that the page runs before all others.
        """
        page = self.page()
        page.add_init_script(before)
        notebook = Notebook(page, lab, name)
        try:
            notebook.load()
            yield notebook
        except BaseException:
            notebook.screenshot(f"failed-{Path(name).stem}", of_cells=False)
            raise
        finally:
            page.context.close()


# The server -----------------------------------------------------------------------------------------------------------


class Lab:
    """JupyterLab, as workbook.py starts it, on a copy of the notebooks in `source` without their stored outputs.

    Without, because a stored `[1]` or table looks just like one that was made in this run.
    """

    def __init__(self, source: Path) -> None:
        self._source = source

    def __enter__(self) -> Lab:
        self._open = ExitStack()
        home = Path(self._open.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        self.root = home / "course"
        shutil.copytree(
            self._source, self.root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        )
        for path in self.root.rglob("*.ipynb"):
            _strip(path)
        os.environ.pop("PYTEST_CURRENT_TEST", None)  # kernels behave as for a user who looks at them
        self._token = secrets.token_hex(16)
        port = workbook.pick_port(0)
        self.address = f"http://127.0.0.1:{port}"
        self._open.enter_context(
            workbook.serving(
                Path(sys.executable),
                self.root,
                home / "own",
                port,
                self._token,
                ["--LabApp.expose_app_in_browser=True"],
            )
        )
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    def url(self, name: str) -> str:
        """Where the notebook is; `reset` forgets the layout that an earlier visit left behind."""
        return f"{self.address}/lab/tree/notebooks/{quote(name)}?token={self._token}&reset"


def _strip(path: Path) -> None:
    content = json.loads(path.read_text("utf-8"))
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    path.write_text(json.dumps(content), "utf-8")


# The hand -------------------------------------------------------------------------------------------------------------

_READY = """async () => {
    const session = jupyterapp.shell.currentWidget.sessionContext;
    await session.ready;
    await session.session.kernel.info;
}"""
# Work for the kernel that does nothing: when it is done, everything before it is done and its outputs are here.
_ALL_ARRIVED = """async () => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    await kernel.requestExecute({code: '', silent: true, store_history: false}).done;
}"""
_SOURCES = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells
    .filter(cell => cell.cell_type === 'code').map(cell => [].concat(cell.source).join(''))"""
_LETTERS = """image => {
    const bytes = Uint8Array.from(atob(image.src.split("base64,")[1]), letter => letter.charCodeAt(0));
    const drawing = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
    return [...drawing.querySelectorAll("text, title")].map(each => each.textContent).join(" ");
}"""
_GROUND = """async png => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return [...canvas.getImageData(image.width >> 1, 4, 1, 1).data].slice(0, 3);
}"""
# Asked of JupyterLab's own model of the notebook: what the page shows does not tell an error from other red text.
_STATE = """() => {
    const cells = jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells;
    const code = cells.filter(cell => cell.cell_type === 'code');
    const light = document.querySelector('.jp-Notebook-ExecutionIndicator');
    return {
        busy: !light || light.dataset.status !== 'idle' || !!document.querySelector('.jp-Notebook .jp-InputPrompt')
            && [...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')].some(p => p.textContent.includes('*')),
        missing: code.filter(cell => [].concat(cell.source).join('').trim() && cell.execution_count === null).length,
        begun: code.some(cell => cell.execution_count !== null),
        errors: code.filter(cell => !(cell.metadata.tags || []).includes('raises-exception')).flatMap(
            cell => cell.outputs.filter(output => output.output_type === 'error').map(
                error => [`${error.ename}: ${error.evalue}`, ...error.traceback].join('\\n'))),
    };
}"""


# What anywidget says of a widget that needs more than two seconds; ours work all the same (see eventlab/views/late.js).
LATE = "[anywidget] Failed to initialize model."


_SHOWN_ANEW = """([control, before]) => {
    const words = control.querySelector(".state").textContent;
    return words.startsWith("Shown: ") && words !== before;
}"""


class Notebook:
    """A notebook open in JupyterLab. `complaints` are the page's errors, `outside` the foreign hosts it asked."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page, self.lab, self.name = page, lab, name
        self.complaints: list[str] = []
        self.outside: set[str] = set()
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_page_error(self, error: object) -> None:
        if LATE not in str(error):
            self.complaints.append(f"uncaught: {error}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.outside.add(parts.hostname or request.url)

    def load(self) -> None:
        """Open the page and wait for the kernel."""
        self.page.goto(self.lab.url(self.name))
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        # The page shows an idle kernel before there is one; asked then, JupyterLab asks back which kernel to use.
        self._ask(_READY, 60)
        self.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=60_000)

    def run_all(self, timeout: float = 120) -> None:
        """Run every cell and wait until each is done; an error in a cell not tagged `raises-exception` fails."""
        begun = clicked = time.monotonic()
        self._click_run_all()
        while True:
            time.sleep(0.1)
            state, now = self.page.evaluate(_STATE), time.monotonic()
            if state["errors"] and not state["busy"]:
                raise AssertionError(f"{self.name}: a cell failed:\n{state['errors'][0]}")
            if not state["missing"] and not state["busy"]:
                break
            if now - begun > timeout:
                raise AssertionError(
                    f"{self.name}: not done after {timeout:g} s; {state['missing']} cells were not run"
                )
            # Just after loading, JupyterLab may forget that it was asked: ask again where nothing has happened.
            if not state["begun"] and not state["busy"] and now - clicked > 3:
                self._click_run_all()
                clicked = time.monotonic()
        self._ask(_ALL_ARRIVED, 30)
        # What is drawn after its cell is done (figures, widgets) gets a moment: until the page holds still.
        self._settle()

    def _ask(self, promise: str, timeout: float) -> None:
        """Wait for a promise of the page, not for ever: a question that JupyterLab asks would hold it up."""
        fail = f"fail(new Error('gave up after {timeout:g} s'))"
        limit = f"new Promise((_, fail) => setTimeout(() => {fail}, {timeout * 1000:g}))"
        self.page.evaluate(f"() => Promise.race([({promise})(), {limit}])")

    def _click_run_all(self) -> None:
        if self.page.locator(".jp-Dialog").count():
            self.page.keyboard.press("Escape")
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def _settle(self, quiet: float = 0.5, timeout: float = 20) -> None:
        size = "() => document.querySelector('.jp-Notebook').innerHTML.length"
        deadline = time.monotonic() + timeout
        last, since = self.page.evaluate(size), time.monotonic()
        while time.monotonic() - since < quiet and time.monotonic() < deadline:
            time.sleep(0.1)
            now = self.page.evaluate(size)
            if now != last:
                last, since = now, time.monotonic()

    @property
    def outputs(self) -> Locator:
        """The outputs of the code cells, in order; narrow it with `.locator(css)`."""
        return self.page.locator(".jp-Notebook .jp-Cell-outputArea")

    def output_of(self, cell: int) -> str:
        """The text that the code cell number `cell` (from 0) shows."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea").inner_text()

    def cell_with(self, words: str) -> int:
        """The number (from 0) of the one code cell whose source contains the words."""
        sources: list[str] = self.page.evaluate(_SOURCES)
        found = [place for place, source in enumerate(sources) if words in source]
        assert len(found) == 1, f"{self.name}: {len(found)} code cells contain {words!r}"
        return found[0]

    def type_into(self, cell: int, source: str) -> str:
        """Click into a code cell, write another source over its own and run it; gives the text that it shows then."""
        self._click_into(cell)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(source)  # without the brackets and indents that an editor adds for people
        return self._run(cell)

    def run_again(self, cell: int) -> str:
        """Run a code cell once more as it stands; gives the text that it shows then."""
        self._click_into(cell)
        return self._run(cell)

    def _click_into(self, cell: int) -> None:
        self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".cm-content").click()

    def _run(self, cell: int) -> str:
        self.page.keyboard.press("Control+Enter")
        self._ask(_ALL_ARRIVED, 30)
        self._settle()
        return self.output_of(cell)

    def tables(self) -> list[str]:
        """The text of every table among the outputs, each row a line."""
        return self.outputs.locator("table").all_inner_texts()

    def figures(self) -> Locator:
        """Every still picture."""
        return self.outputs.locator(".eventlab-still")

    def letters(self, figure: Locator) -> str:
        """All that is written in a still picture."""
        return str(figure.evaluate(_LETTERS))

    def ground(self, figure: Locator) -> list[int]:
        """Red, green and blue of what a reader sees at the upper edge of a still picture, in its middle."""
        picture = b64encode(figure.screenshot()).decode()
        return list(self.page.evaluate(_GROUND, picture))

    def step(self, key: str = "ArrowRight", slider: int = 0) -> None:
        """Move a slider by one key press."""
        self.page.locator(".jp-Notebook .noUi-handle").nth(slider).focus()
        self.page.keyboard.press(key)

    def move(self, control: Locator, times: int = 5) -> None:
        """Move each knob of a `what_if` so often: a slider with mouse and keys in turn, a list by choosing."""
        for knob in control.locator("input, select").all():
            slider = knob.get_attribute("type") == "range"
            most = int(knob.get_attribute("max") or 0) if slider else knob.locator("option").count() - 1
            for turn in range(times):
                before = control.locator(".state").inner_text()
                if not slider:
                    place = knob.evaluate("select => select.selectedIndex")
                    knob.select_option(index=(place + 1) % (most + 1))
                elif turn % 2:
                    knob.press("Home" if knob.input_value() == str(most) else "End")
                else:
                    box, place = knob.bounding_box(), (int(knob.input_value()) + 1) % (most + 1)
                    assert box is not None
                    x = box["x"] + 9 + (box["width"] - 18) * place / most  # the middle of the thumb is 8 px from an end
                    knob.click(position={"x": x - box["x"], "y": box["height"] / 2})
                self.page.wait_for_function(_SHOWN_ANEW, arg=[control.element_handle(), before])
                assert "nothing can be shown" not in control.locator(".stage").inner_text()

    def play(self, which: int = 0) -> None:
        """Press the first button of a Play control."""
        self.page.locator(".jp-Notebook .widget-play button").nth(which).click()

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme: "Light" or "Dark"."""
        self.page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {name}'}})")
        self.page.wait_for_selector(f"body[data-jp-theme-name='JupyterLab {name}']", state="attached")
        self._settle()

    def screenshot(self, name: str, *, of_cells: bool = True) -> Path:
        """A picture in tests/browser/shots: of the whole notebook, or of the window as it stands."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{name}.png"
        if not of_cells:
            self.page.screenshot(path=path)
            return path
        # Taken in one piece: the window is made as high as the notebook for the moment.
        window = self.page.viewport_size or {"width": 1280, "height": 900}
        heights = "() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')].map(cell => cell.offsetHeight + 10)"
        height = 160 + sum(self.page.evaluate(heights))
        self.page.set_viewport_size(
            {"width": window["width"], "height": min(max(int(height), window["height"]), 16_000)}
        )
        # JupyterLab keeps the running cell in sight: the tall window would show the end and much empty ground.
        self.page.evaluate(
            "() => document.querySelectorAll('.jp-Notebook, .jp-Notebook *').forEach(p => p.scrollTop = 0)"
        )
        self._settle(0.3, 3)
        self.page.screenshot(path=path)
        self.page.set_viewport_size(window)
        return path

    def assert_clean(self) -> None:
        """Nothing complained, and nothing was asked of another machine."""
        assert not self.outside, f"{self.name} asked other hosts: {sorted(self.outside)}"
        assert not self.complaints, f"{self.name}: errors in the page:\n" + "\n".join(self.complaints)


def main() -> int:
    """Say which browser the tests will use, after fetching one where there is none."""
    if find_browser() is None:
        print("No Chromium or Chrome here; trying Playwright's own download ...", flush=True)
        try:
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], timeout=600, check=False)
        except subprocess.TimeoutExpired:
            print("The download took too long and was given up.")
    print("browser for the tests:", find_browser() or HOW_TO_GET_ONE, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
