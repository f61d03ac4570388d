"""`python -m tests.live SITE [NN … | all] [--acts] [--access]` opens every page of a built site in Chromium.

With numbers it runs these lessons live, with `--acts` it does what a learner does there: answers, turns, acts, comes
back. With `--access` axe-core looks at every page, in the light and in the dark. A plain server serves the site, and
nothing else can be reached. What went wrong is said, and ends it with 1: an error in the page, a request to another
host, a page wider than a phone, a cell that failed or did not come to its end.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Error, Page

from tests.browser.lab import Browser, Notebook
from tests.live import access, acts
from tests.live.live import PATIENCE, Live
from tests.live.serving import Site, served

WIDER = "document.documentElement.scrollWidth > innerWidth"
WARNED = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
PAPER = {"width": 718, "height": 1047}  # an A4 sheet without its margins, at 96 dots an inch
CUT = """[...document.querySelectorAll("article :is(.table-wrapper, pre)")]
    .some((each) => each.scrollWidth > each.clientWidth + 1)"""
RECORDED = ("_static", "recorded")  # pages that play in other pages


def pages(site: Site, page: Page, look: Callable[[Page], Iterable[str]] = lambda page: ()) -> Iterator[str]:
    """What is wrong with the pages to read; each is opened on a phone, moved to its end, and looked at."""
    watched = Notebook(page, site, "pages")  # type: ignore[arg-type]
    page.set_viewport_size(acts.PHONE)
    for path in sorted(site.folder.rglob("*.html")):
        name = path.relative_to(site.folder)
        recorded = name.parts[:2] == RECORDED
        if name.parts[0] == "live" or (name.parts[0] == "_static" and not recorded) or name.parts[0].startswith("."):
            continue
        page.goto(site.url(name.as_posix()))
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        if not recorded and page.evaluate(WIDER):
            yield f"{name}: wider than a phone"
        yield from printed(page, str(name)) if not recorded else ()
        yield from (f"{name}: {each}" for each in look(page))
    yield from (f"asks {host}" for host in sorted(watched.outside))
    yield from watched.complaints


def printed(page: Page, name: str) -> Iterator[str]:
    """Whether something does not fit on the paper; afterwards the page is a phone's again."""
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    if page.evaluate(CUT):
        yield f"{name}: cut at the edge of the paper"
    page.emulate_media(media="screen")
    page.set_viewport_size(acts.PHONE)


def lesson(site: Site, page: Page, name: str) -> Iterator[str]:
    """What is wrong with a lesson that is run whole; how long it took is told."""
    notebook, begun = Live(page, site, name), time.monotonic()
    notebook.load()
    ready = time.monotonic()
    try:
        notebook.run_all(PATIENCE)
    except AssertionError as problem:
        yield str(problem)
    print(f"{name}: ready after {ready - begun:.0f} s, run whole in {time.monotonic() - ready:.0f} s", flush=True)
    yield from (f"{name}: asks {host}" for host in sorted(notebook.outside))
    yield from (f"{name}: {each}" for each in notebook.complaints)
    yield from (f"{name}: a cell warns: {each}" for each in page.locator(WARNED).all_inner_texts())


def learner(site: Site, page: Page) -> Iterator[str]:
    """What is wrong with all that a learner does."""
    try:
        yield from acts.all_of_them(site, page)
    except (AssertionError, Error) as problem:
        yield f"what a learner does: {problem}"


def main(arguments: list[str] | None = None) -> int:
    """All pages, the lessons that were named, and what a learner does."""
    parser = argparse.ArgumentParser(prog="python -m tests.live", description=__doc__)
    parser.add_argument("site", type=Path, help="the folder of a built site")
    parser.add_argument("lessons", nargs="*", help="how the names of lessons begin that are run live; all: every one")
    parser.add_argument("--acts", action="store_true", help="do what a learner does in the live lessons")
    parser.add_argument("--access", action="store_true", help="let axe-core look at every page")
    parser.add_argument("--no-pages", action="store_true", help="do not open the pages to read")
    asked = parser.parse_args(arguments)
    if not (asked.site / "objects.inv").is_file():
        parser.error(f"{asked.site} is no folder of a built site")
    beginnings = ("",) if asked.lessons == ["all"] else tuple(asked.lessons)
    names = [path.name for path in sorted((asked.site / "live" / "files").glob("*.ipynb"))]
    todo: list[Callable[[Site, Page], Iterator[str]]] = []
    if not asked.no_pages:
        todo.append(lambda site, page: pages(site, page, *([access.faults] if asked.access else [])))
    todo += [lambda site, page, name=name: lesson(site, page, name) for name in names if name.startswith(beginnings)]  # type: ignore[misc]
    todo += [learner] if asked.acts else []
    wrong: list[str] = []
    with served(asked.site) as site, Browser() as browser:
        for work in todo:
            page = browser.page()
            wrong += work(site, page)
            page.context.close()
    print(*wrong, sep="\n")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
