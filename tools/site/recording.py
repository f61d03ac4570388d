"""Run a notebook once and keep what a page cannot compute: pages that play, and the answers to its questions."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

import workbook
from tools.site.in_kernel import RECORDED

REPO = Path(__file__).resolve().parents[2]


def record(path: Path, folder: Path) -> Any:
    """The notebook as it is after a run in a fresh kernel, its pages written into the folder."""
    notebook = nbformat.read(path, as_version=4)
    begin = f"""from pathlib import Path
from tools.site.in_kernel import record_into
record_into(Path({str(folder)!r}), {path.stem!r})"""
    first = nbformat.v4.new_code_cell(begin)
    notebook.cells.insert(0, first)
    with nobodys_settings() as environment:
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            coalesce_streams=True,
        )
        client.execute(env=environment)
    del notebook.cells[0]
    return notebook


@contextmanager
def nobodys_settings() -> Iterator[dict[str, str]]:
    """An environment in which nothing of a reader's settings and progress is seen."""
    with tempfile.TemporaryDirectory() as home:
        places = workbook.own_places(Path(sys.executable), Path(home))
        yield workbook.child_environment(EVENTLAB_PROGRESS=":memory:", PYTHONPATH=str(REPO), **places)


def recorded(output: Any) -> dict[str, Any] | None:
    """What an output says of a recording, if it is one that was put in for it."""
    found: dict[str, Any] | None = output.get("data", {}).get(RECORDED)
    return found
