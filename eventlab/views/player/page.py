"""A page of its own around a replay: it fetches nothing, and runs no script but ours."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from eventlab.views.drawing.text import escape

BODY = (
    "body { margin: 12px; color-scheme: light; font-family: Arial, Helvetica, sans-serif; }\nh1 { font-size: 22px; }\n"
)
MOUNT = '\nmount(document.getElementById("replay"), JSON.parse(document.getElementById("data").textContent));\n'
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; base-uri 'none'; form-action 'none'; script-src {script_hash}; style-src {style_hash}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
<div id="replay"></div>
<script type="application/json" id="data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page(title: str, text: str, style: str, script: str, data: Mapping[str, Any]) -> str:
    """A whole page around our own `style` and `script`, which fetches nothing; `data` cannot end its element.

    The browser runs no script and takes no style but these two, which it knows by their hashes.
    """
    style, script = f"{BODY}{style}", f"{script}{MOUNT}"
    return PAGE.format(
        title=escape(title),
        text=escape(text),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=json.dumps(data, ensure_ascii=True).replace("<", "\\u003c"),
    )


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls a script or a style by."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
