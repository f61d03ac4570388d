"""A lesson that runs in the browser, with a hand that uses it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.lab import Notebook
from tests.live.serving import Site
from tools.site.live.build import STORAGE

PATIENCE = 600  # seconds; a quiet machine runs a lesson in less than one minute
FORGET = """(name) => new Promise((go, fail) => {
  const asked = indexedDB.deleteDatabase(name);
  Object.assign(asked, { onsuccess: go, onerror: fail, onblocked: fail });
})"""
KERNEL = """async () => {
  const session = jupyterapp.shell.currentWidget.sessionContext;
  await session.ready;
  await session.session.kernel.requestExecute({code: "", silent: true, store_history: false}).done;
}"""


class Live(Notebook):
    """A lesson that runs in the browser, which takes longer than on the desk."""

    def __init__(self, page: Page, site: Site, name: str) -> None:
        super().__init__(page, site, name)  # type: ignore[arg-type]  # a Site is where a Lab is expected

    def load(self) -> None:
        """Open the page and wait until Python answers; which lessons were open before is forgotten."""
        self.page.goto(self.lab.url("live/progress.html"))  # a page that has no workspace open
        self.page.evaluate(FORGET, f"{STORAGE} workspaces")
        self.page.goto(self.lab.url(self.name))
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE * 1_000)
        self._ask(KERNEL, PATIENCE)

    def run(self, cell: int) -> str:
        """Run a code cell as it stands; gives the text that it shows then."""
        self.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self._ask(KERNEL, PATIENCE)
        self._settle()
        return self.output_of(cell)

    def _ask(self, promise: str, timeout: float) -> None:
        super()._ask(promise, PATIENCE)
