"""Check a built site without a browser: sizes, links and anchors, headings, words for pictures, no other host."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

MOST = 15_000_000  # bytes of the site without its live part
MOST_OF_A_LESSON = 1_000_000  # bytes of a lesson's page with its pictures; what plays is loaded when it is seen
LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "object": "data"}


class Page(HTMLParser):
    """What a page has and asks for."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.nameless: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one element says."""
        told = {name: value or "" for name, value in attrs}
        self.ids.add(told.get("id", ""))
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag in LOADS and LOADS[tag] in told and told.get("rel") not in ("next", "prev", "search", "index"):
            self.loads.append(told[LOADS[tag]])
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        if (tag == "img" and not told.get("alt")) or (tag == "iframe" and not told.get("title")):
            self.nameless.append(told.get("src", tag))

    handle_startendtag = handle_starttag


def faults(site: Path) -> list[str]:
    """All that is wrong with the site, a sentence each; the live part is not looked at."""
    files = [path for path in sorted(site.rglob("*")) if path.is_file() and "live" not in path.relative_to(site).parts]
    pages = {path: Page(path) for path in files if path.suffix == ".html"}
    size = sum(path.stat().st_size for path in files)
    found = [f"the site has {size:,} bytes: at most {MOST:,}"] if size > MOST else []
    for path, page in pages.items():
        name = path.relative_to(site)
        found += [f"{name}: {what}" for what in (*_of_page(page), *_lost(page, pages, site))]
        if name.parts[0] == "notebooks" and (heavy := weight(page)) > MOST_OF_A_LESSON:
            found.append(f"{name}: {heavy:,} bytes with its pictures: at most {MOST_OF_A_LESSON:,}")
    return found


def weight(page: Page) -> int:
    """The bytes of a page with all that it loads, without the pages that play in it, which are loaded when seen."""
    shown = {_file(page.path, each) for each in page.loads if "/recorded/" not in each}
    return page.path.stat().st_size + sum(path.stat().st_size for path in shown if path.is_file())


def _of_page(page: Page) -> Iterator[str]:
    for each in page.loads:
        if urlsplit(each).scheme not in ("", "data") or each.startswith("//"):
            yield f"loads {each}, which is not on this host"
    yield from (f"{each} has no words" for each in page.nameless)
    if "_static" in page.path.parts:
        return  # plays in another page, and brings headings of its own when it does
    if page.headings.count(1) != 1:
        yield f"has {page.headings.count(1)} headings of the first level"
    for before, after in zip(page.headings, page.headings[1:], strict=False):
        if after > before + 1:
            yield f"a heading of level {after} comes after one of level {before}"


def _lost(page: Page, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    """Links that lead nowhere."""
    for link in sorted({*page.links, *page.loads}):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or link.startswith("data:"):
            continue
        target = _file(page.path, link) if parts.path else page.path
        if (site / "live") in (target, *target.parents):
            continue
        if not target.is_file():
            yield f"{link} leads to no file"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
            yield f"{link} leads to no place in its page"


def _file(page: Path, link: str) -> Path:
    return Path(*(page.parent / unquote(urlsplit(link).path)).resolve().parts)
