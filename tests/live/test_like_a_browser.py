"""The lessons as a browser runs them: without pandas, plotly, numpy, threads and processes; and in WebAssembly.

    PYTHONPATH=. python tests/live/like_a_browser.py notebooks/*.ipynb

runs every notebook so (two minutes), and ends with 1 if a cell failed; here are those that use what is not there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import REPO
from tests.test_golden import golden

HERE = Path(__file__).parent
NEEDED = ("apsw", "msgspec", "networkx", "anywidget", "psygnal", "ipywidgets", "comm", "traitlets", "typing-extensions")
NEEDED_TOO = ("ipython", "tzdata", "jupyterlab-widgets")
pytestmark = pytest.mark.slow


def test_lessons_run_where_there_is_no_pandas_no_plotly_no_thread_and_no_process() -> None:
    names = ["07-event-carried-state-transfer.ipynb", "10-views-of-the-past.ipynb", "11-growth.ipynb"]
    command = [sys.executable, str(HERE / "like_a_browser.py"), *(str(REPO / "notebooks" / name) for name in names)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPO, timeout=900)
    ran = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["notebook"] for each in ran] == names, done.stderr[-2000:]
    assert [each["wrong"] for each in ran] == [{}] * len(names)
    assert [len(each["told"]) for each in ran] == [0, 1, 1], "what stands in for a package is told once"
    assert all(each["cells"] > 30 for each in ran)


def test_what_is_hidden_is_not_found() -> None:
    """The control: without it, nothing would have been taken away."""
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.live.like_a_browser import become_a_browser; become_a_browser()\n"
        "import threading\n"
        "try: import pandas\nexcept ImportError as error: print(error)\n"
        "try: threading.Thread().start()\nexcept RuntimeError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPO, timeout=60)
    assert done.stdout.splitlines() == ["No module named 'pandas'", "can't start new thread"], done.stderr


@pytest.fixture(scope="module")
def wasm(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `in_wasm.py` says when Node runs it in Pyodide."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("there is no Node")
    room = tmp_path_factory.mktemp("wasm")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # parts may be fetched
    made = subprocess.run(
        [sys.executable, "-c", MAKE, str(room), *NEEDED, *NEEDED_TOO],
        cwd=REPO, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"the parts could not be fetched: {made.stderr[-300:]}")
    command = [node, str(HERE / "wasm.mjs"), str(room), *made.stdout.split(), str(HERE / "in_wasm.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


MAKE = """
import json, sys; sys.path.insert(0, ".")
from pathlib import Path
from tools.site.live import parts, pyodide
room, found = Path(sys.argv[1]), parts.fetch()
(room / "pyodide-lock.json").write_text(json.dumps(pyodide.lock(pyodide.unpack(found["pyodide"], room), [])))
print(pyodide.our_wheel(room), *(found[name] for name in sys.argv[2:]))
"""


def test_the_five_traces_in_webassembly_are_those_of_the_desk(wasm: dict[str, Any]) -> None:
    assert wasm["platform"] == "emscripten" and not wasm["threads"]
    assert wasm["digests"] == golden()["the storm"]
    assert wasm["stored"] == ["flight.planned", "flight.left"]


def test_an_answer_without_an_end_is_left_though_no_thread_can_watch(wasm: dict[str, Any]) -> None:
    assert wasm["kinds"] == ["endless", "endless", "endless", None]
    assert wasm["tracing"] == [None] * 6
