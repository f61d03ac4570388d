"""What maintainers run by hand leaves nothing half done, and no setting of theirs in what it writes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest

from tools import keep_store, refresh_notebooks


def test_a_store_whose_keeping_is_broken_off_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["keep_store.py", str(tmp_path / "kept.db")])
    with monkeypatch.context() as broken:
        broken.setattr(keep_store, "digest", lambda store: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keep_store.main()
    assert os.listdir(tmp_path) == []
    keep_store.main()
    assert os.listdir(tmp_path) == ["kept.db"]
    with pytest.raises(SystemExit, match="kept already"):
        keep_store.main()


@pytest.mark.slow
def test_outputs_are_the_same_under_every_setting_of_the_maintainer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (profile := tmp_path / "ipython" / "profile_default" / "startup").mkdir(parents=True)
    (profile / "00.py").write_text("print('hostile')\n")
    (kernel := tmp_path / "data" / "kernels" / "python3").mkdir(parents=True)
    (kernel / "kernel.json").write_text("{}")
    settings = {"IPYTHONDIR": tmp_path / "ipython", "JUPYTER_PATH": tmp_path / "data", "PYTHONOPTIMIZE": "2"}
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import sys; print(sys.flags.optimize)")])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    before = dict(os.environ)
    monkeypatch.setattr(sys, "argv", ["refresh_notebooks.py", str(tmp_path / "a.ipynb")])
    try:
        refresh_notebooks.main()
    finally:
        os.environ.clear()
        os.environ.update(before)
    (cell,) = nbformat.read(tmp_path / "a.ipynb", as_version=4).cells
    assert [output["text"] for output in cell.outputs] == ["0\n"]
