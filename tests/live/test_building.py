"""The parts of the live pages: what is fetched is what the lock says, and what is written is what the pages need."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tools.site.live import build, in_pyodide, link, parts, pyodide

PAGE = """<html><head><link id="jupyter-lite-main" rel="preload" href="x.js" main="index" as="script">
<script>(async function () { await import(
          '../config-utils.js?_=1'
        ); }.call(this));</script></head></html>"""


def test_every_part_has_a_kind_a_version_and_a_hash_and_no_address() -> None:
    assert "://" not in parts.LOCK.read_text("utf-8")
    for part in parts.parts():
        assert part.kind in ("npm", "pure", "wasm") and re.fullmatch("[0-9a-f]{64}", part.sha256)
        assert part.version in part.file and (parts.WASM in part.file) == (part.kind == "wasm")
    names = [part.name for part in parts.parts()]
    assert len(set(names)) == len(names) and {"pyodide", *build.EXTENSIONS, "msgspec", "apsw"} <= set(names)


def test_a_part_with_another_hash_is_fetched_anew_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = parts.Part("pure", "small", "1", "small-1-py3-none-any.whl", sha256(b"right").hexdigest())
    monkeypatch.setattr(
        parts, "_command", lambda part, room: ["python3", "-c", "open('small-1-py3-none-any.whl','w').write('wrong')"]
    )
    with pytest.raises(SystemExit, match=r"not that of parts\.lock"):
        parts._kept(line, tmp_path)
    (tmp_path / line.file).write_bytes(b"right")
    assert parts._kept(line, tmp_path).read_bytes() == b"right"


def test_a_lock_names_each_wheel_with_its_hash_and_imports_and_nothing_else(tmp_path: Path) -> None:
    wheel = tmp_path / "Some_Thing-1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as whole:
        for name in ("some/__init__.py", "other.py", "Some_Thing-1.2.dist-info/METADATA"):
            whole.writestr(name, "")
    (found,) = pyodide.lock({"info": {"python": "3.14"}}, [wheel])["packages"].values()
    assert (found["name"], found["version"], found["imports"]) == ("some-thing", "1.2", ["other", "some"])
    assert found["sha256"] == sha256(wheel.read_bytes()).hexdigest() and found["depends"] == []


def test_wheels_bring_bytecode_and_ours_its_sources_too(tmp_path: Path) -> None:
    for name, files in {
        "eventlab-1-py3-none-any.whl": {"eventlab/a.py": "x = 1", "eventlab/data/b.gz": "b"},
        "other-1-py3-none-any.whl": {"other/a.py": "x = 1", "other/tests/c.py": "", "other/template.py": "{% no %}"},
    }.items():
        with zipfile.ZipFile(tmp_path / name, "w") as whole:
            for path, text in files.items():
                whole.writestr(path, text)
    made = {}
    for wheel in sorted(tmp_path.glob("*.whl")):
        for out in (wheel.with_suffix(".one"), wheel.with_suffix(".two")):
            in_pyodide.rewrite(wheel, out)
        assert wheel.with_suffix(".one").read_bytes() == wheel.with_suffix(".two").read_bytes()
        with zipfile.ZipFile(wheel.with_suffix(".one")) as whole:
            made[wheel.name[:5]] = {name: whole.read(name) for name in whole.namelist()}
    cached = in_pyodide.cached("eventlab/a.py")
    assert list(made["event"]) == ["eventlab/a.py", cached, "eventlab/data/b.gz"]
    assert sorted(made["other"]) == ["other/a.pyc", "other/template.py"]
    assert made["other"]["other/a.pyc"][:8] == importlib.util.MAGIC_NUMBER + b"\1\0\0\0"


def test_modules_are_looked_for_in_the_drive_last(tmp_path: Path) -> None:
    """A look there is a request; the wheel that is imported first says so, and no other wheel is touched."""
    wheel, other = tmp_path / "piplite.whl", tmp_path / "other.whl"
    for path, name in ((wheel, pyodide.FIRST), (other, "other/__init__.py")):
        with zipfile.ZipFile(path, "w") as whole:
            whole.writestr(name, "theirs = 1\n")
    assert pyodide.here_last(other.read_bytes()) == other.read_bytes()
    wheel.write_bytes(pyodide.here_last(wheel.read_bytes()))
    code = "import sys; sys.path.insert(0, sys.argv[1]); import piplite; print(piplite.theirs, sys.path)"
    done = subprocess.run([sys.executable, "-c", code, str(wheel)], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("1 ") and done.stdout.endswith(", '']\n"), done.stdout + done.stderr


def test_the_list_of_lessons_says_when_they_were_committed(tmp_path: Path) -> None:
    listed = tmp_path / "api" / "contents" / "all.json"
    listed.parent.mkdir(parents=True)
    listed.write_text('{"created": "1980-01-01T00:00:00Z"}', "utf-8")
    build.date_files(tmp_path, build._date_of_today())
    assert re.fullmatch(r'\{"created": "20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}', listed.read_text("utf-8"))


def test_our_script_begins_each_page_and_theirs_waits_for_it() -> None:
    html = build.begun_by_us(PAGE)
    assert html.index("start.js") < html.index("await window.eventlabReady") < html.index("await import(")
    assert 'rel="preload"' not in html
    with pytest.raises(SystemExit, match="does not look as expected"):
        build.begun_by_us("<html><head></head></html>")


def test_a_lesson_has_one_address_and_comes_as_nobody_has_run_it() -> None:
    assert link("03-x.ipynb") == link("03-x") == "live/lab/index.html?path=03-x.ipynb"
    cell = {"cell_type": "code", "source": ["a\n", "b"], "outputs": [{"text": "1"}], "execution_count": 1}
    (made,) = build.to_be_run({"cells": [cell]})["cells"]
    assert made == {"cell_type": "code", "source": "a\nb", "outputs": [], "execution_count": None}


def test_another_file_makes_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1", "utf-8")
    one = build.version_of(tmp_path)
    assert one == build.version_of(tmp_path)
    (tmp_path / "a.js").write_text("2", "utf-8")
    assert one != build.version_of(tmp_path)
