"""Pages of their own: one around a replay, one to be read. They fetch nothing, and run no script but ours."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from eventlab.errors import Invalid
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.style import variables
from eventlab.views.drawing.table import Table
from eventlab.views.drawing.text import escape

BODY = """html { color-scheme: light dark; }
body { margin: 0; }
.eventlab-page { min-height: 100vh; box-sizing: border-box; padding: 16px 24px; font: 15px/21px var(--sans);
  color: var(--ink); background: var(--paper); }
h1 { margin: 0 0 4px; font-size: 20px; line-height: 26px; font-weight: 650; }
p { margin: 0 0 14px; }
.eventlab-page.framed { min-height: 0; padding: 12px; }
.eventlab-page.framed > :is(h1, p) { display: none; }
"""
# In the frame of another page, which has a heading of its own: it is told how high this one is, and tells the theme.
# What is wider than its place can be moved with the keyboard.
MOUNT = """
const place = document.getElementById("replay");
mount(place, JSON.parse(document.getElementById("data").textContent));
new ResizeObserver(() => {
  for (const each of place.querySelectorAll(".picture, .stage > div, pre"))
    if (each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight)
      each.setAttribute("tabindex", "0");
    else each.removeAttribute("tabindex");
}).observe(place);
if (parent === window) place.focus({ preventScroll: true });
else {
  const main = place.parentElement;
  main.classList.add("framed");
  addEventListener("message", ({ source, data }) => {
    if (source === parent && data && data.eventlab === "theme")
      for (const each of [main, place]) each.dataset.theme = data.theme;
  });
  const tell = () => parent.postMessage({ eventlab: "height", height: main.offsetHeight }, "*");
  new ResizeObserver(tell).observe(main);
}
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; base-uri 'none'; form-action 'none'; {scripts}style-src {style_hash}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main class="eventlab-page">
<h1>{title}</h1>
{body}
</main>
{end}</body>
</html>
"""
REPLAY = """<p>{text}</p>
<div id="replay"></div>"""
SCRIPTS = """<script type="application/json" id="data">{data}</script>
<script type="module">{script}</script>
"""
READ = """h2 { margin: 28px 0 8px; font-size: 18px; }
p { max-width: 70ch; }
pre { padding: 14px 16px; overflow-x: auto; border-radius: 8px; font: 13px/19px var(--mono);
  background: var(--surface); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 4px 14px 4px 0; text-align: left; border-bottom: 1px solid var(--hair); }
"""


class Code(str):
    """A text that a page shows as it stands, line for line."""


def article(title: str, parts: Mapping[str, Sequence[str | Picture | Table]]) -> str:
    """A page to be read, without any script: under each heading its texts, pictures, tables and `Code`."""
    style = variables(".eventlab-page") + BODY + READ
    body = [row for name, each in parts.items() for row in (f"<h2>{escape(name)}</h2>", *map(_shown, each))]
    return _whole(title, style, "\n".join(body))


def _shown(part: str | Picture | Table) -> str:
    if isinstance(part, Picture):
        return f'<div class="wide">{part.svg(live=True)}</div>'
    if isinstance(part, Table):
        head, *rows = _rows(part)
        return f'<div class="wide"><table>\n{head}\n{"".join(rows)}</table></div>'
    return f"<pre>{escape(part)}</pre>" if isinstance(part, Code) else f"<p>{escape(part)}</p>"


def _rows(shown: Table) -> list[str]:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in shown.headings)
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in shown.rows)
    return [f"<tr>{row}</tr>\n" for row in (head, *rows)]


def page(title: str, text: str, style: str, script: str, data: Mapping[str, Any]) -> str:
    """A whole page around our own `style` and `script`, which fetches nothing; `data` cannot end its element.

    The browser runs no script and takes no style but these two, which it knows by their hashes.
    """
    style, script = f"{BODY}{style}", f"{script}{MOUNT}"
    told = json.dumps(data, ensure_ascii=True).replace("<", "\\u003c")
    end = SCRIPTS.format(data=told, script=script)
    return _whole(title, style, REPLAY.format(text=escape(text)), f"script-src {_hash(script)}; ", end)


def _whole(title: str, style: str, body: str, scripts: str = "", end: str = "") -> str:
    return PAGE.format(
        title=escape(title), style=style, style_hash=_hash(style), body=body, scripts=scripts, end=end
    )  # fmt: skip


def write(text: str, path: str | Path) -> Path:
    """Write a page, whole or not at all; gives its path back."""
    try:
        place = Path(path)
        part = place.with_name(f"{place.name}.{os.getpid()}.part")  # its own: another process may write here, too
        try:
            part.write_bytes(text.encode())
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    except (TypeError, ValueError):  # no text, no name in it, or one that no system has
        raise Invalid("path", where="page", expected='the name of a file, such as "run.html"', found=path) from None
    return place


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls a script or a style by."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
