"""The parts of the live pages: what is fetched is what the lock says, and what is written is what the pages need."""

from __future__ import annotations

import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tools.site.live import build, link, parts, pyodide

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


def test_our_script_begins_each_page_and_theirs_waits_for_it() -> None:
    html = build.begun_by_us(PAGE)
    assert html.index("start.js") < html.index("await window.eventlabReady") < html.index("await import(")
    assert 'rel="preload"' not in html
    with pytest.raises(SystemExit, match="does not look as expected"):
        build.begun_by_us("<html><head></head></html>")


def test_a_lesson_has_one_address_and_its_sources_are_whole_texts() -> None:
    assert link("03-x.ipynb") == link("03-x") == "live/lab/index.html?path=03-x.ipynb"
    assert build.whole_texts({"cells": [{"source": ["a\n", "b"]}]}) == {"cells": [{"source": "a\nb"}]}


def test_another_file_makes_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1", "utf-8")
    one = build.version_of(tmp_path)
    assert one == build.version_of(tmp_path)
    (tmp_path / "a.js").write_text("2", "utf-8")
    assert one != build.version_of(tmp_path)
