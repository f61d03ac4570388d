"""The control room as a page of its own: one HTML file with a recorded run in it, which needs no kernel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventlab.control_room import scripts
from eventlab.views.drawing.style import variables
from eventlab.views.player import page

# The room has a heading of its own; the page's is for those who listen.
STYLE = """
.eventlab-page { padding: 0; }
.eventlab-page > :is(h1, p) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""


def save(record: Mapping[str, Any], path: str | Path) -> Path:
    """Write a record (`Session.record`) as a page, whole or not at all; gives its path back."""
    setting = record["setting"]
    text = f"{setting['day']}: {', '.join(setting['architectures'])}, recorded. It plays, and can be looked into."
    style = variables(".eventlab-page") + scripts.style() + STYLE
    whole = page.page(str(setting["title"]), text, style, scripts.script("recorded"), record)
    return page.write(whole, path)
