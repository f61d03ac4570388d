"""What a browser has not, taken away from this process; then every cell of the notebooks named is run.

    python tests/live/like_a_browser.py NOTEBOOK... prints what went wrong, as JSON, and ends with 1 if anything did

No pandas, plotly, numpy, cryptography, duckdb, pwd, resource; no thread and no process can be started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

# What Pyodide's own release has may be installed by a reader, with network; the workbook does without.
HIDDEN = {
    "pandas",
    "plotly",
    "numpy",
    "scipy",
    "cryptography",
    "duckdb",
    "pyarrow",
    "resource",
    "pwd",
    "_multiprocessing",
}


class Hidden:
    """A finder that finds nothing: asked first, it says that there is no such module."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def no_thread(self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def no_process(*about: Any, **options: Any) -> Any:
    raise OSError(138, "Not supported")


def become_a_browser() -> None:
    """From now on; what has been imported before keeps what it has."""
    sys.meta_path.insert(0, Hidden())  # type: ignore[arg-type]
    for name in [name for name in sys.modules if name.partition(".")[0] in HIDDEN]:
        del sys.modules[name]
    threading.Thread.start = no_thread  # type: ignore[method-assign]
    os.fork = subprocess.Popen.__init__ = no_process  # type: ignore[method-assign]
    sys.platform = "emscripten"


def main(notebooks: Sequence[Path]) -> int:
    """Run them one after the other, each from a kernel begun anew; one line of JSON for each."""
    import multiprocessing.connection  # noqa: F401 - what reads its own machine, and not ours, comes first
    import zoneinfo  # noqa: F401

    import IPython.core.completer  # noqa: F401
    import pytest

    become_a_browser()
    from tests.support.kernel import cells, kernel

    failed = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTLAB_PROGRESS", ":memory:")
        with kernel() as it:
            for path in notebooks:
                it.begin_anew()
                ran = [(it.run(cell.source, cell.id), cell) for cell in cells(path)]
                wrong = {
                    each.cell: each.error[-1500:]
                    for each, cell in ran
                    if each.error and "raises-exception" not in cell.tags
                }
                told = [each.cell for each, _ in ran if "is not here, as in a browser" in str(each)]
                line = {"notebook": path.name, "cells": len(ran), "wrong": wrong, "told": told}
                print(json.dumps(line), flush=True)
                failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main([Path(name).resolve() for name in sys.argv[1:]]))
