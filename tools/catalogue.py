"""Write docs/catalogue.json: the contract of every message of the airports, as JSON Schema.

python tools/catalogue.py
"""

from __future__ import annotations

import json
from pathlib import Path

from eventlab.airports.catalogue_schema import schema

PAGE = Path(__file__).resolve().parent.parent / "docs" / "catalogue.json"


def written() -> str:
    """The file's text."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(), "utf-8")
