"""`python -m tests.live SITE [NN …]` opens every page of a built site in Chromium, and runs these lessons live.

A plain server serves the site, and nothing else can be reached. What went wrong is said, and ends it with 1: an error
in the page, a request to another host, a page wider than a phone, a cell that failed or did not come to its end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.lab import Browser, Notebook
from tests.live.serving import Site, served

PATIENCE = 600  # seconds; a quiet machine runs a lesson in less than one minute
PHONE = {"width": 390, "height": 844}
WIDER = "document.documentElement.scrollWidth > innerWidth"
KERNEL = """async () => {
  const session = jupyterapp.shell.currentWidget.sessionContext;
  await session.ready;
  await session.session.kernel.requestExecute({code: "", silent: true, store_history: false}).done;
}"""


class Live(Notebook):
    """A lesson that runs in the browser, which takes longer than on the desk."""

    def load(self) -> None:
        """Open the page and wait until Python answers."""
        self.page.goto(self.lab.url(self.name))
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE * 1_000)
        self._ask(KERNEL, PATIENCE)

    def _ask(self, promise: str, timeout: float) -> None:
        super()._ask(promise, PATIENCE)


def pages(site: Site, page: Page) -> Iterator[str]:
    """What is wrong with the pages to read; each is opened on a phone, and moved to its end."""
    watched = Notebook(page, site, "pages")  # type: ignore[arg-type]
    page.set_viewport_size(PHONE)
    for path in sorted(site.folder.rglob("*.html")):
        name = path.relative_to(site.folder)
        if name.parts[0] in ("live", "_static") or name.parts[0].startswith("."):
            continue
        page.goto(site.url(name.as_posix()))
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        if page.evaluate(WIDER):
            yield f"{name}: wider than a phone"
    yield from (f"asks {host}" for host in sorted(watched.outside))
    yield from watched.complaints


def lesson(site: Site, page: Page, name: str) -> Iterator[str]:
    """What is wrong with a lesson that is run whole; how long it took is told."""
    notebook, begun = Live(page, site, name), time.monotonic()  # type: ignore[arg-type]
    notebook.load()
    ready = time.monotonic()
    try:
        notebook.run_all(PATIENCE)
    except AssertionError as problem:
        yield str(problem)
    print(f"{name}: ready after {ready - begun:.0f} s, run whole in {time.monotonic() - ready:.0f} s", flush=True)
    yield from (f"{name}: asks {host}" for host in sorted(notebook.outside))
    yield from (f"{name}: {each}" for each in notebook.complaints)


def main(arguments: list[str]) -> int:
    """All pages, then the lessons that were named."""
    if not arguments or not (Path(arguments[0]) / "objects.inv").is_file():
        print("usage: python -m tests.live SITE [NN ...], where SITE is the folder of a built site", file=sys.stderr)
        return 2
    folder, beginnings = Path(arguments[0]), tuple(arguments[1:])
    names = [path.name for path in sorted((folder / "live" / "files").glob("*.ipynb")) if beginnings]
    wrong: list[str] = []
    with served(folder) as site, Browser() as browser:
        for name in ("", *(each for each in names if each.startswith(beginnings))):
            page = browser.page()
            wrong += lesson(site, page, name) if name else pages(site, page)
            page.context.close()
    print(*wrong, sep="\n")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
