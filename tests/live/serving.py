"""A plain static server on this machine, as any public host has one; files can be taken away from it or replaced."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Site:
    """A folder that is served: `missing` paths answer 404, `instead` has other contents, `held` paths wait.

    While it is `gone`, nothing is answered.
    """

    folder: Path
    address: str = ""
    missing: set[str] = field(default_factory=set)
    instead: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    gone: bool = False

    def url(self, path: str) -> str:
        """Where a file of the folder is; the name of a notebook alone: where it runs."""
        return f"{self.address}/{f'live/lab/index.html?path={path}' if path.endswith('.ipynb') else path}"


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve the folder on 127.0.0.1 as long as the block lasts."""
    site = Site(folder)

    class Handler(http.server.SimpleHTTPRequestHandler):
        extensions_map = {
            **http.server.SimpleHTTPRequestHandler.extensions_map,
            ".wasm": "application/wasm",
            ".mjs": "text/javascript",
        }

        def do_GET(self) -> None:
            path = urlsplit(self.path).path.lstrip("/")
            if site.gone:
                self.close_connection = True
                return
            if path in site.held:
                site.held[path].wait(60)
            if path in site.missing:
                self.send_error(404)
            elif path in site.instead:
                self.send_response(200)
                self.send_header("Content-Type", self.guess_type(path))
                self.end_headers()
                self.wfile.write(site.instead[path])
            else:
                super().do_GET()

        def log_message(self, *about: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        site.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield site
        server.shutdown()
        thread.join()
