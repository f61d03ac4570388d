"""What is done to Sphinx's pages afterwards: styles go into lessons, and what nobody reads goes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.site import styles

STYLES, SCRIPTS = "_static/styles", "_static/scripts"
MAPS = [f"{STYLES}/furo.css.map", f"{STYLES}/furo-extensions.css.map", f"{SCRIPTS}/furo.js.map"]
UNREAD = ["_sources", ".buildinfo", *MAPS]
MAKING_CLASSES = ["scripts/furo.js", "doctools.js", "sphinx_highlight.js", "questions.js", "site.js"]
CAPTION = ' role="heading"><span class="caption-text">'  # a heading without a level, in the list of pages
# In each of 400 pages furo writes its signs, well indented, and those for links that we have not.
SIGNS = re.compile(r'<svg xmlns="[^"]*" style="display: none;">.*?</symbol>\s*</svg>', re.DOTALL)
SIGN = re.compile(r'<symbol id="([^"]*)".*?</symbol>', re.DOTALL)
SPACE = re.compile(r"\s+")
ARTICLE = '<article role="main" id="furo-main-content">'


def finish(pages: Path) -> None:
    """Finish the pages in this folder."""
    for name in UNREAD:
        path = pages / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
    scripts = [(pages / "_static" / name).read_text("utf-8") for name in MAKING_CLASSES]
    words = frozenset(word for script in scripts for word in styles.WORD.findall(script))
    for page in [pages / "index.html", *sorted(pages.glob("notebooks/*.html"))]:
        styles.within(page, words)
    for page in pages.rglob("*.html"):
        text = page.read_text("utf-8")
        shorter = fewer_signs(text).replace(CAPTION, CAPTION.replace(' role="heading"', ""))
        if shorter != text:
            page.write_text(shorter, "utf-8", newline="\n")
    search = pages / "search.html"
    search.write_text(search.read_text("utf-8").replace(ARTICLE, f"{ARTICLE}<h1>Search</h1>"), "utf-8")


def fewer_signs(page: str) -> str:
    """The page without the signs that it does not show, the others in one line."""
    kept = SIGN.sub(lambda sign: sign[0] if f'href="#{sign[1]}"' in page else "", page)
    return SIGNS.sub(lambda signs: SPACE.sub(" ", signs[0]), kept)
