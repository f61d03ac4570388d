"""The folder from which a submission's process runs: eventlab without its lessons, so without answers and judges."""

from __future__ import annotations

import compileall
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
ROOMS = ("lessons", "views", "control_room", "classroom")  # left out, but for these modules of them:
NEEDED = {
    "lessons/judging": ("memory", "model", "own_state", "reading", "watching"),
    "classroom": ("inside", "limits", "program", "server", "wire"),
}


@contextmanager
def shelf() -> Iterator[Path]:
    """Such a folder, for as long as somebody is being graded."""
    with tempfile.TemporaryDirectory(prefix="eventlab-grading-") as name:
        folder = Path(name).resolve()
        fill(folder)
        folder.chmod(0o755)
        yield folder


def fill(folder: Path) -> None:
    """Copy what an answer may import, and what serves it."""
    to = folder / "eventlab"
    left_out = shutil.ignore_patterns(*ROOMS, "*.toml", "__pycache__")
    shutil.copytree(PACKAGE, to, ignore=left_out)
    for room, names in NEEDED.items():
        place = to
        for part in room.split("/"):
            place = place / part
            place.mkdir(exist_ok=True)
            (place / "__init__.py").write_text('"""A part of eventlab, as far as an answer needs it."""\n', "utf-8")
        for name in names:
            shutil.copy2(PACKAGE / room / f"{name}.py", place / f"{name}.py")
    compileall.compile_dir(folder, quiet=2)
