"""Run notebooks from a fresh kernel and store their outputs so that a second run gives the same bytes.

    python tools/refresh_notebooks.py                  # every notebook
    python tools/refresh_notebooks.py notebooks/00-start-here.ipynb

The only way outputs come into the repository: what JupyterLab saves holds time stamps, pictures and widget state.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

import workbook

REPO = Path(__file__).resolve().parent.parent
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_METADATA = {
    "tags",
    "editable",
    "deletable",
    "nbgrader",
    "eventlab",
}  # what authors mean; the rest is a tool's trace


def run(notebook: Any, folder: Path) -> None:
    """Execute every cell in `folder`, stopping at the first error that is not expected."""
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,  # how a kernel cuts its text into pieces depends on the clock
    ).execute()


def clean(notebook: Any) -> None:
    """Leave what a reader needs and nothing that differs from run to run."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in CELL_METADATA})
        if "outputs" in cell:  # a line that told how far the cell was is gone, and leaves nothing
            cell.outputs = [each for each in cell.outputs if each.get("data") != {"text/latex": ""}]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            # A view without its saved state shows "model not found": the other representation says more.
            if WIDGET in data and len(data) > 1:
                del data[WIDGET]


def refresh(path: Path) -> bool:
    """Run and clean one notebook; whether its file changed. Nothing is written if a cell fails."""
    before: bytes = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    run(notebook, path.parent)
    clean(notebook)
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    after = (text.rstrip("\n") + "\n").encode()
    if after != before:
        workbook.write_whole(path, after)
    return after != before


def main() -> int:
    parser = argparse.ArgumentParser(description="Run notebooks and store outputs that are the same every time.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all in notebooks/")
    paths = parser.parse_args().notebooks or sorted((REPO / "notebooks").glob("*.ipynb"))
    with tempfile.TemporaryDirectory() as nobodys_settings:
        places = workbook.own_places(Path(sys.executable), Path(nobodys_settings))
        environment = workbook.child_environment(EVENTLAB_PROGRESS=":memory:", **places)
        os.environ.clear()  # of the user's settings none may reach an output
        os.environ.update(environment)
        for path in paths:
            print(path, "...", end=" ", flush=True)
            print("changed" if refresh(path) else "as before")
    return 0


if __name__ == "__main__":
    sys.exit(main())
