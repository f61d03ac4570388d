"""Build the live pages: JupyterLite with our lessons and our Python, cut to what is needed, begun by our script."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tools.site.live import compiling, pyodide
from tools.site.live.parts import fetch

HERE = Path(__file__).parent
PAGE = HERE / "page"
APPS = ("lab", "notebooks", "tree", "edit")  # one notebook and the folder open each other
EXTENSIONS = ("jupyterlite-pyodide-kernel", "anywidget", "jupyterlab-widgets")
NOT_FOR_PYODIDE = ("pyodide", "jupyterlite-pyodide-kernel", "widgetsnbextension")
KERNEL_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"
UNREAD = [
    *("**/*.map", "**/*.d.ts", "**/pypi/*.whl", "build/fa-*.svg", "**/*.eot", "**/*.ttf", "build/fa-*.woff"),
    *("rspack.*", "**/*.orig"),
]
STORAGE = "eventlab"  # the database in the browser in which changed lessons and progress are kept
PATIENCE = 300  # seconds
DATE = "%Y-%m-%dT%H:%M:%SZ"
NO_DATE = datetime.fromtimestamp(int(pyodide.OLDEST), UTC).strftime(DATE)


def link(lesson: str) -> str:
    """Where a lesson runs live, seen from the site's root: `link("03-publish-subscribe")`."""
    return f"live/lab/index.html?path={lesson.removesuffix('.ipynb')}.ipynb"


def build_live(out: Path) -> None:
    """Make the folder `out`/live anew. What goes wrong ends the program with a sentence; nothing is left half built."""
    found = fetch()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".live-") as room:
        made = _lite(Path(room), found)
        packages = _python(made / "static" / "pyodide", found)
        _configure(made / "jupyter-lite.json", packages)
        _cut(made)
        _watch_over(made)
        date_files(made, _date_of_today())  # after the version was taken: a date alone makes no new one
        shutil.rmtree(out / "live", ignore_errors=True)
        os.replace(made, out / "live")


def _lite(room: Path, found: dict[str, Path]) -> Path:
    """JupyterLite with our lessons; the kernel's add-on works from its unpacked wheel, in this build alone."""
    files, addon = room / "files", room / "addon"
    files.mkdir()
    for path in sorted((pyodide.REPO / "notebooks").glob("*.ipynb")):
        (files / path.name).write_text(
            json.dumps(to_be_run(json.loads(path.read_text("utf-8"))), ensure_ascii=False), "utf-8"
        )
    with zipfile.ZipFile(found["jupyterlite-pyodide-kernel"]) as wheel:
        wheel.extractall(addon)
    settings = {
        "contents": ["files"], "output_dir": "live", "ignore_sys_prefix": True, "no_libarchive": True,
        "federated_extensions": [str(found[name]) for name in EXTENSIONS],
    }  # fmt: skip
    (room / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": settings}), "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(addon), "SOURCE_DATE_EPOCH": pyodide.OLDEST}
    command = [sys.executable, "-m", "jupyterlite_core.app", "build"]
    done = subprocess.run(command, cwd=room, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode or not (room / "live" / "jupyter-lite.json").is_file():
        raise SystemExit(f"JupyterLite could not be built:\n{(done.stdout + done.stderr)[-3000:]}")
    return room / "live"


def to_be_run(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook as nobody has run it: its outputs stand on the page to read. Each source is one text.

    Of lists of lines JupyterLite can draw no table of contents.
    """
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def _python(out: Path, found: dict[str, Path]) -> list[str]:
    """Pyodide with our wheels beside it; the names of all packages, which the kernel loads at once."""
    original = pyodide.unpack(found["pyodide"], out)
    ours = pyodide.our_wheel(out)
    small = pyodide.wheels_of_the_kernel(found["jupyterlite-pyodide-kernel"], out)
    others = [Path(shutil.copy(path, out)) for name, path in found.items() if name not in NOT_FOR_PYODIDE]
    _write_lock(out, pyodide.lock(original, []))  # Pyodide starts with none
    compiling.compile_all(out, ours)
    lock = pyodide.lock(original, [ours, *small, *others])
    _write_lock(out, lock)
    return sorted(lock["packages"])


def _write_lock(out: Path, lock: dict[str, Any]) -> None:
    (out / "pyodide-lock.json").write_text(json.dumps(lock, indent=1, sort_keys=True), "utf-8")


def _configure(path: Path, packages: list[str]) -> None:
    """Everything comes from here, and what a learner writes goes to the browser's own store."""
    whole: dict[str, Any] = json.loads(path.read_text("utf-8"))
    data = whole["jupyter-config-data"]
    data |= {"appName": "eventlab", "contentsStorageName": STORAGE, "settingsStorageName": f"{STORAGE} settings"}
    data |= {"workspacesStorageName": f"{STORAGE} workspaces", "exposeAppInBrowser": True}
    data.setdefault("litePluginSettings", {})[KERNEL_PLUGIN] = {
        "pyodideUrl": "./static/pyodide/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": packages},
    }
    path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", "utf-8")


def _cut(made: Path) -> None:
    """Leave out what a reader never asks for: other pages, fonts for browsers of long ago, icons of 300 kB."""
    for app in ("repl", "consoles", "doc", "build/repl", "build/consoles"):
        shutil.rmtree(made / app, ignore_errors=True)
    (made / "static" / "favicons").mkdir(parents=True)
    icon = (made / "icon-120x120.png").read_bytes()
    icons = [f"static/favicons/favicon-{name}.ico" for name in ("notebook", "busy-1", "busy-2", "busy-3", "file")]
    for name in (*icons, *(f"{app}/favicon.ico" for app in APPS)):
        (made / name).write_bytes(icon)
    for path in [path for unread in UNREAD for path in made.glob(unread)]:
        path.unlink()


# Our own script: it looks before anything is loaded -------------------------------------------------------------------


def _watch_over(made: Path) -> None:
    """Our script begins every page; the service worker keeps what was loaded; the version says what that was."""
    version = version_of(made)
    theirs = (made / "service-worker.js").read_text("utf-8")
    ours = (PAGE / "keep.js").read_text("utf-8")
    (made / "service-worker.js").write_text(f"{ours}\n{theirs}", "utf-8")
    (made / "start.js").write_text((PAGE / "start.js").read_text("utf-8").replace("%VERSION%", version), "utf-8")
    (made / "progress.html").write_text((PAGE / "progress.html").read_text("utf-8"), "utf-8")
    (made / "version.json").write_text(json.dumps({"version": version}), "utf-8")
    for app in APPS:
        page = made / app / "index.html"
        page.write_text(begun_by_us(page.read_text("utf-8")), "utf-8")
    first = [f"{app}/index.html" for app in APPS] + [
        "start.js",
        "progress.html",
        "config-utils.js",
        "jupyter-lite.json",
    ]
    first += [str(path.relative_to(made)) for path in sorted((made / "files").glob("*.ipynb"))]
    (made / "first.json").write_text(json.dumps(first), "utf-8")


def date_files(made: Path, date: str) -> None:
    """Let the list of lessons say this date, where JupyterLite has written that of `pyodide.OLDEST`: "46 years ago"."""
    for path in made.glob("api/contents/**/all.json"):
        path.write_text(path.read_text("utf-8").replace(NO_DATE, date), "utf-8")


def _date_of_today() -> str:
    """When this state of the workbook was committed; without Git the present instant."""
    asked = ["git", "log", "-1", "--format=%cd", f"--date=format-local:{DATE}"]
    with suppress(OSError):
        done = subprocess.run(
            asked, cwd=pyodide.REPO, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"}, check=False
        )
        if done.stdout.strip():
            return done.stdout.strip()
    return datetime.now(UTC).strftime(DATE)


def begun_by_us(html: str) -> str:
    """A page of JupyterLite whose first script is ours; theirs follows when ours is content."""
    link = re.compile(r'(<link\s+id="jupyter-lite-main"\s+)rel="preload"')  # loaded when the keeper stands ready
    html, links = link.subn(r'\1rel="next"', html)
    html, starts = re.compile(r"await import\(\s*'\.\./config-utils\.js").subn(
        "await window.eventlabReady;\n        \\g<0>", html
    )
    if (links, starts) != (1, 1):
        raise SystemExit(
            "JupyterLite's page does not look as expected: its version must be that of requirements-site.lock"
        )
    return html.replace(
        "<head>", '<head>\n    <script src="../start.js"></script><link rel="icon" href="../lab/favicon.ico">', 1
    )


def version_of(made: Path) -> str:
    """Twelve letters that are others as soon as any file is another one."""
    whole = sha256()
    for path in sorted(path for path in made.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(made)).encode() + b"\0" + sha256(path.read_bytes()).digest())
    for path in sorted(PAGE.iterdir()):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]
