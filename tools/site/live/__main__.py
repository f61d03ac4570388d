"""`python -m tools.site.live OUT` makes OUT/live."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.site.live.build import build_live

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.site.live OUT")
    build_live(Path(sys.argv[1]))
