"""What `pytest --nbval` does not see: notebooks that were not run, and outputs that no second run would give."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support import REPO
from tools.refresh_notebooks import CELL_METADATA, WIDGET, refresh

NOTEBOOKS = sorted((REPO / "notebooks").glob("*.ipynb"))
LARGEST = 1_500_000
A_MACHINES_PATH = re.compile(r"(?<![\w./])/(?:home|root|tmp|work|Users|private|var/folders)/|[A-Z]:\\\\?Users\\")
# The record is of 2013: any later year is the clock of the machine that ran the notebook.
A_SECRET = re.compile(
    r"token=[0-9a-f]{16}|BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_\w{20}|\bsk-[\w-]{20}|\bAKIA[A-Z0-9]{16}\b|://[^/\s:@]+:[^/\s@]+@"
)
A_MACHINES_CLOCK = re.compile(r"\b20(?:2\d|3\d)-\d\d-\d\d[T ]\d\d:\d\d")


def complaints(path: Path) -> list[str]:
    """Everything wrong with a notebook as it is stored."""
    text = path.read_text("utf-8")
    notebook: dict[str, Any] = json.loads(text)
    found = []
    if len(text.encode()) > LARGEST:
        found.append(f"{len(text.encode()):,} bytes, more than {LARGEST:,}")
    if (
        set(notebook["metadata"]) != {"kernelspec", "language_info"}
        or "version" in notebook["metadata"]["language_info"]
    ):
        found.append(f"metadata with more than kernelspec and language_info: {notebook['metadata']}")
    ids = [cell.get("id") for cell in notebook["cells"]]
    if len(set(ids)) != len(ids):
        found.append("two cells have one id")
    expected = 0
    for place, cell in enumerate(notebook["cells"]):
        where = f"cell {place}"
        found += [f"{where}: {problem}" for problem in _betrayed("".join(cell["source"]))]
        if set(cell["metadata"]) - CELL_METADATA:
            found.append(f"{where}: metadata {sorted(set(cell['metadata']) - CELL_METADATA)}")
        if cell["cell_type"] != "code":
            continue
        if not "".join(cell["source"]).strip():
            found.append(f"{where}: an empty code cell")
            continue
        expected += 1
        if cell["execution_count"] != expected:
            found.append(f"{where}: executed as {cell['execution_count']}, expected {expected}")
        for output in cell["outputs"]:
            found += [f"{where}: {problem}" for problem in _problems(output, cell["metadata"].get("tags", []))]
    return found


def _problems(output: dict[str, Any], tags: list[str]) -> list[str]:
    found = []
    data = output.get("data", {})
    if output["output_type"] == "error" and "raises-exception" not in tags:
        found.append(f"an error is stored: {output['ename']}: {output['evalue']}")
    if list(data) == [WIDGET]:
        found.append("a widget that shows nothing without a kernel; give it a text/plain beside it")
    elif WIDGET in data:
        found.append("a stored widget view; its state is not stored with it")
    if "image/png" in data and "application/vnd.plotly.v1+json" in data:
        found.append("a picture that JupyterLab added while saving")
    return found + _betrayed(json.dumps(output, ensure_ascii=False))


def _betrayed(text: str) -> list[str]:
    """What tells of the machine that ran the notebook, or of its user."""
    found = []
    for what, pattern in [("a path", A_MACHINES_PATH), ("a time", A_MACHINES_CLOCK), ("a secret", A_SECRET)]:
        if match := pattern.search(text):
            found.append(f"{what} of the machine that ran it: …{text[max(0, match.start() - 30) : match.end() + 30]}…")
    return found


def test_the_notebook_that_the_launcher_opens_is_there() -> None:
    assert REPO / "notebooks" / "00-start-here.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stored_as_its_refresh_leaves_it(path: Path) -> None:
    nbformat.validate(nbformat.read(path, as_version=4))
    assert complaints(path) == [], "run: python tools/refresh_notebooks.py"


# As a reader must not find it: "1 services", "9 ✕ 1", two full stops, or a space before a comma.
NOUNS = (
    "answer bar change copie event exercise flight hour key letter meal message minute node order question record "
    "request row run seat second service step stream time trie worker"
).replace(" ", "s|")
ODD = re.compile(rf"(?<![\d.,:])\b1 (?:people|{NOUNS}s)\b|\d ✕ \d|[a-z\d)]\.\.(?![./\w])|\w ,")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_what_a_notebook_says_is_written_as_people_write(path: Path) -> None:
    texts = []
    for cell in nbformat.read(path, as_version=4).cells:
        texts += [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), *map(output.get("data", {}).get, ("text/plain", "text/markdown"))]
    assert [
        text[max(0, odd.start() - 40) : odd.end() + 20] for text in texts if text for odd in ODD.finditer(text)
    ] == []


def _write(path: Path, *cells: str, **metadata: Any) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=metadata)
    nbformat.write(notebook, path)
    return path


def test_refreshing_twice_gives_the_same_bytes_and_nothing_to_complain_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    path = _write(tmp_path / "small.ipynb", "print('one')\nprint('two')", "import ipywidgets\nipywidgets.IntSlider(3)")
    assert refresh(path)
    first = path.read_bytes()
    assert not refresh(path)
    assert path.read_bytes() == first
    assert complaints(path) == []


def test_a_failing_notebook_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    path = _write(tmp_path / "failing.ipynb", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(Exception, match="ZeroDivisionError"):
        refresh(path)
    assert path.read_bytes() == before


def test_each_kind_of_fault_is_found(tmp_path: Path) -> None:
    path = _write(tmp_path / "faulty.ipynb", "a", "b", "", widgets={"state": {}})
    notebook = json.loads(path.read_text("utf-8"))
    first, second, _ = notebook["cells"]
    first["execution_count"], second["execution_count"] = 1, 3
    first["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01T10:00:00Z"}
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []}
    shown = {"output_type": "display_data", "metadata": {}, "data": {WIDGET: {}}}
    told = {"output_type": "stream", "name": "stdout", "text": ["at 2026-01-01 10:00:00 in /home/anna/lab/store.db"]}
    first["outputs"] = [error, shown, told]
    path.write_text(json.dumps(notebook), "utf-8")
    found = "\n".join(complaints(path))
    for words in [
        "metadata with more",
        "['execution']",
        "KeyError",
        "shows nothing",
        "a path",
        "a time",
        "as 3, expected 2",
        "empty",
    ]:
        assert words in found


FAULTS = {
    "two cells have one id": lambda cell, output: cell.update(id="cell-2"),
    "a stored widget view": lambda cell, output: output["data"].update({WIDGET: {}}),
    "JupyterLab added": lambda cell, output: output["data"].update(
        {"image/png": "", "application/vnd.plotly.v1+json": {}}
    ),
    "more than": lambda cell, output: output["data"].update({"text/plain": "x" * LARGEST}),
    "a path": lambda cell, output: cell.update(source="open('/home/anna/data.csv')"),
    "a time": lambda cell, output: cell.update(source="# run 2026-03-04 10:11"),
    "a secret": lambda cell, output: output["data"].update({"text/plain": "http://127.0.0.1:1/lab?token=" + "a1" * 24}),
    "a secret of": lambda cell, output: cell.update(source="database = 'postgres://anna:hunter2@db/airport'"),
    "of the machine": lambda cell, output: output["data"].update({"text/plain": "-----BEGIN RSA PRIVATE KEY-----"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_found_in_a_notebook_without_one(tmp_path: Path, fault: str) -> None:
    known = {"name": "python3", "display_name": "Python 3"}
    path = _write(tmp_path / "one.ipynb", "a", "b", kernelspec=known, language_info={"name": "python"})
    notebook = json.loads(path.read_text("utf-8"))
    for number, cell in enumerate(notebook["cells"], 1):
        cell.update(execution_count=number, id=f"cell-{number}")
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "calm"}}
    notebook["cells"][0]["outputs"] = [output]
    path.write_text(json.dumps(notebook), "utf-8")
    assert complaints(path) == []
    FAULTS[fault](notebook["cells"][0], output)
    path.write_text(json.dumps(notebook), "utf-8")
    (found,) = complaints(path)
    assert fault in found
