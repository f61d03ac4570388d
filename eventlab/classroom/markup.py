"""Pages for people: whole HTML files without scripts. Every word is escaped here, and nothing else writes markup."""

from __future__ import annotations

from collections.abc import Iterable

from eventlab.views.drawing.style import TOKENS
from eventlab.views.drawing.text import escape

RULES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# Dark on a dark screen, light on paper: pictures take their colours from the page.
LIGHT, DARK = (
    f":root {{ color-scheme: {theme}; {''.join(f'--{name}: {token[which]};' for name, token in TOKENS.items())} }}"
    for which, theme in enumerate(("light", "dark"))
)
STYLE = f"""{LIGHT}
@media screen and (prefers-color-scheme: dark) {{ {DARK} }}
html {{ color: var(--ink); background: var(--paper) }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.15rem; margin-top: 2rem }} table {{ border-collapse: collapse }}
td, th {{ text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top }}
td, th {{ border-bottom: 1px solid var(--hair) }} td.number {{ text-align: right }}
.picture, .wide {{ overflow-x: auto }} a {{ color: var(--event) }}
pre {{ background: var(--surface); padding: .75rem; overflow-x: auto; white-space: pre-wrap }}
.note {{ color: var(--soft) }}
@media (max-width: 40rem) {{ td, th {{ font-size: .85rem; padding-right: .4rem }} }}
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{rules}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
<main>
{body}
</main>
</html>
"""


class Markup(str):
    """What is HTML already: made here, or drawn by a view."""


def tag(name: str, *content: str, kind: str = "") -> Markup:
    """An element; text in it is escaped, what is `Markup` stands as it is."""
    inside = "".join(each if isinstance(each, Markup) else escape(each) for each in content)
    named = f' class="{escape(kind)}"' if kind else ""
    return Markup(f"<{name}{named}>{inside}</{name}>\n")


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], numbers: Iterable[int] = ()) -> Markup:
    """A table; the columns with these numbers hold figures."""
    right = set(numbers)
    lines = [tag("tr", *(tag("th", head) for head in heads))]
    for row in rows:
        cells = (tag("td", cell, kind="number" if place in right else "") for place, cell in enumerate(row))
        lines.append(tag("tr", *cells))
    return tag("div", tag("table", *lines), kind="wide")


def link(words: str, address: str) -> Markup:
    """Words that lead to another page."""
    return Markup(f'<a href="{escape(address)}">{escape(words)}</a>')


def document(title: str, body: Iterable[Markup], style: str = "") -> bytes:
    """A whole page; `style` is added to what all pages have."""
    inside = tag("h1", title) + "".join(body)
    page = PAGE.format(rules=RULES, style=STYLE + style, title=escape(title), body=inside)
    return page.encode("utf-8", "backslashreplace")
