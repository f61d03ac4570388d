"""`python -m tools.site`: build the site, and serve it on this machine alone, or write it for a public host."""

from __future__ import annotations

import argparse
import http.server
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tools.site import builder, check

REPO = builder.REPO
OUT = REPO / "build" / "site"


def main(arguments: list[str] | None = None) -> int:
    """Build, and serve unless a folder was named; what went wrong is said in a sentence."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("--out", type=Path, help="write the site there and end; without it, it is served")
    parser.add_argument("--serve", action="store_true", help="serve it after building also with --out")
    parser.add_argument("--no-live", action="store_true", help="without the lessons that run in the browser")
    parser.add_argument("--no-record", action="store_true", help="without running notebooks: still pictures alone")
    parser.add_argument("--only", nargs="+", default=[], metavar="NN", help="these lessons alone, such as 00 09")
    parser.add_argument("--kept", type=Path, help="a folder that keeps recordings for the next time")
    parser.add_argument("--check", action="store_true", help="check what was built; a fault ends with 1")
    parser.add_argument("--port", type=int, default=0, help="of the server; any free one otherwise")
    asked = parser.parse_args(arguments)
    out = asked.out or OUT
    try:
        builder.build(out, live=not asked.no_live, record=not asked.no_record, only=asked.only, kept=asked.kept)
        wrong = check.faults(out) if asked.check else []
    except builder.Failed as problem:
        print(problem, file=sys.stderr)
        return 1
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    print(f"The site is in {out}.")
    if asked.serve or not asked.out:
        serve(out, asked.port)
    return 0


def serve(folder: Path, port: int = 0) -> None:
    """Serve the folder on 127.0.0.1 until Ctrl+C."""
    plain = http.server.SimpleHTTPRequestHandler
    kinds = {**plain.extensions_map, ".wasm": "application/wasm", ".mjs": "text/javascript"}
    handler: Any = type("Handler", (plain,), {"extensions_map": kinds})
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(folder))) as server:
        print(f"It is served on http://127.0.0.1:{server.server_port}/ until Ctrl+C.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("Closed.")


if __name__ == "__main__":
    sys.exit(main())
