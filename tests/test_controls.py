"""Every control of every notebook: its callback runs at the least, middle and greatest choice."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

REPO = Path(__file__).parent.parent
WITH_CONTROLS = [path for path in sorted((REPO / "notebooks").glob("*.ipynb")) if "what_if(" in path.read_text("utf-8")]
TURN = """
import gc
from eventlab.views import WhatIf
_controls = [each for each in gc.get_objects() if isinstance(each, WhatIf)]
for _control in _controls:
    for _words in _control.ends():
        assert _words and not _words.startswith("This does not work"), _words
print(len({id(each) for each in _controls}), "controls turned")
"""


@pytest.mark.parametrize("path", WITH_CONTROLS, ids=lambda path: path.name)
def test_every_control_works_at_its_least_middle_and_greatest(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPO), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(TURN))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    said = notebook.cells[-1].outputs[0].text
    assert int(said.split()[0]) >= 1
