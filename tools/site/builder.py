"""Build the site: record what plays, write the sources, let Sphinx make pages of them, and finish these."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from tools.site import finish, recording, sources
from tools.site.lessons import Stale, lesson

REPO = Path(__file__).resolve().parents[2]
RECORDERS = ["in_kernel.py", "packing.py", "recording.py"]
LIVE = "../live/lab/index.html?path={name}"


class Failed(Exception):
    """A reason why there is no site, to be shown as it stands."""


def build(
    out: Path, *, live: bool = True, record: bool = True, only: Iterable[str] = (), kept: Path | None = None
) -> None:
    """Build the whole site in `out`, which is made anew.

    `only` names lessons by how their files begin, for a look: links to others lead nowhere then. `kept` is a folder for
    recordings, which are used again as long as notebook and package are the same.
    """
    only = tuple(only)
    notebooks = [
        path for path in sorted((REPO / "notebooks").glob("*.ipynb")) if not only or path.name.startswith(only)
    ]
    build_live = _live() if live else None
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        source, pages = work / "source", work / "pages"
        sources.copy_static(source / "_static")
        sources.write_all(source, [path.name for path in notebooks], few=bool(only))
        _write_lessons(notebooks, source, record, kept, LIVE if build_live else "")
        _sphinx(source, pages, work / "doctrees", strict=not only)
        finish.finish(pages)
        if build_live:
            build_live(pages)
        _put(pages, out)


def _write_lessons(notebooks: list[Path], source: Path, record: bool, kept: Path | None, run_at: str) -> None:
    static = source / "_static"
    for name in ("pictures", "recorded"):
        (static / name).mkdir()
    (source / "notebooks").mkdir()
    for path in notebooks:
        print(path.name, flush=True)
        ran = _recorded(path, static / "recorded", kept) if record else None
        try:
            made = lesson(path, ran, static / "pictures", run_at.format(name=path.name))
        except Stale as problem:
            raise Failed(str(problem)) from None
        (source / "notebooks" / path.name).write_text(nbformat.writes(made), "utf-8")


def _recorded(path: Path, folder: Path, kept: Path | None) -> Any:
    """The notebook after a run, its pages in the folder; from what was kept, where that is of today."""
    if kept is None:
        return recording.record(path, folder)
    mine = kept / path.stem / _digest(path)
    if not (mine / path.name).exists():
        shutil.rmtree(mine.parent, ignore_errors=True)
        mine.mkdir(parents=True)
        nbformat.write(recording.record(path, mine), mine / path.name)
    for page in sorted(mine.glob("*.html")):
        shutil.copyfile(page, folder / page.name)
    return nbformat.read(mine / path.name, as_version=4)


def _digest(notebook: Path) -> str:
    """Of all that a recording is made from."""
    whole = hashlib.sha256(notebook.read_bytes())
    places = [*(REPO / "eventlab").rglob("*"), *(Path(__file__).parent / name for name in RECORDERS)]
    for path in sorted(place for place in places if place.suffix in (".py", ".js", ".css", ".toml")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def _live() -> Any:
    """The builder of the live part, if this checkout has one."""
    if importlib.util.find_spec("tools.site.live") is None:
        return None
    return importlib.import_module("tools.site.live").build_live


def _sphinx(source: Path, pages: Path, doctrees: Path, *, strict: bool) -> None:
    """Sphinx in a process of its own, the same from run to run; where it is strict, a warning ends the build."""
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", str(doctrees)]
    command += ["-W", "--keep-going"] if strict else []
    command += ["-c", str(source), str(source), str(pages)]
    shutil.copyfile(Path(__file__).parent / "conf.py", source / "conf.py")
    environment = {**os.environ, "PYTHONPATH": str(REPO), "SOURCE_DATE_EPOCH": "0", "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.strip() or "Sphinx failed without a word")


def _put(pages: Path, out: Path) -> None:
    """Put the pages in the place of those of before, and leave nothing of these."""
    if out.exists() and not (out / "objects.inv").exists() and any(out.iterdir()):
        raise Failed(f"{out} is a folder with other files in it: name an empty one, or one that has a site")
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(pages, out)
