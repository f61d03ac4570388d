"""The library alone: a wheel, installed where nothing but what it needs is, does what the README shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import eventlab
import workbook
from eventlab.airports import Scenario
from tests.support import REPO
from tests.test_layers import modules, name_of, top

NEEDED = ["apsw", "msgspec", *(["tzdata"] if os.name == "nt" else [])]
NEED_THE_WORKBOOK = {"engines", "views", "lessons", "control_room", "classroom", "exercises"}  # what shows pictures
RECORD = [path for path in (REPO / "data").glob("[!.]*") if path.is_file() and path.name != "build.py"]

# What the airports make of the storm: the whole day's record, and one cancelled flight under all five architectures.
STORM = """
from eventlab.airports import ARCHITECTURES, Scenario, run
flight = Scenario(flights=["B61004-JFK-0208"])
print(len(Scenario().commands), *(run(flight, each).trace.digest for each in ARCHITECTURES))
"""
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """What a program prints that is started without the paths and settings of these tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(target: str, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder, cwd=REPO)
    (built,) = folder.iterdir()
    return built


def environment(folder: Path, wheel: Path) -> Path:
    """The Python of a new environment with a wheel and what eventlab needs, lent by this one: tests have no network."""
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(folder)
    python = workbook.python_in(folder)
    libraries = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    for file in (file for name in NEEDED for file in metadata.files(name) or ()):
        if ".." not in file.parts and "__pycache__" not in file.parts:
            (libraries / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), libraries / file)
    pip = [sys.executable, "-m", "pip", "--python", python, "--isolated", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel)
    run(*pip, "check")
    return python


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("alone"), wheel)


def test_a_wheel_holds_every_file_of_the_package_and_of_the_record(wheel: Path) -> None:
    package = [path for path in (REPO / "eventlab").rglob("*.*") if "__pycache__" not in path.parts]
    assert {path.suffix for path in package} >= {".py", ".js", ".css", ".typed"}
    with zipfile.ZipFile(wheel) as archive:
        held = sorted(name for name in archive.namelist() if ".dist-info/" not in name)
        expected = [path.relative_to(REPO).as_posix() for path in package]
        assert held == sorted(expected + [f"eventlab/data/{path.name}" for path in RECORD])
        assert all(archive.read(f"eventlab/data/{path.name}") == path.read_bytes() for path in RECORD)


def test_the_library_brings_only_what_it_needs(alone: Path) -> None:
    program = "from importlib.metadata import distributions as all; print(*sorted(each.name for each in all()))"
    assert run(alone, "-c", program).split() == sorted([*NEEDED, "eventlab"])


def test_the_version_is_said_in_one_place(alone: Path) -> None:
    program = "import eventlab, importlib.metadata as m; print(eventlab.__version__, m.version('eventlab'))"
    assert run(alone, "-c", program).split() == [eventlab.__version__] * 2


def test_the_example_of_the_readme_runs_in_the_library_alone(alone: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (REPO / "README.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "example.py").write_text(example, "utf-8")
    assert run(alone, "-W", "error", tmp_path / "example.py") == "{'Ada': 'thank you'}\n"


def test_every_module_but_pictures_and_lessons_is_imported_in_the_library_alone(alone: Path) -> None:
    names = [name_of(path) for path in modules() if top(path) not in NEED_THE_WORKBOOK]
    assert len(names) > 40
    program = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    run(alone, "-W", "error", "-c", program)


def test_the_storm_is_read_and_run_in_the_library_alone(alone: Path) -> None:
    found = run(alone, "-W", "error", "-c", STORM)
    assert found == run(sys.executable, "-c", STORM, cwd=REPO)
    assert found.startswith(f"{len(Scenario().commands)} ")


def test_an_editable_installation_reads_the_record_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    # What `pip install --editable .` asks for, without the isolated environment that needs the network.
    program = "import sys; from hatchling.build import build_editable; print(build_editable(sys.argv[1]))"
    name = run(sys.executable, "-c", program, tmp_path / "built", cwd=REPO).split()[-1]
    python = environment(tmp_path / "environment", tmp_path / "built" / name)
    program = "import eventlab.airports as a; print(len(a.Scenario().commands), a.__file__)"
    place = REPO / "eventlab" / "airports" / "__init__.py"
    assert run(python, "-c", program) == f"{len(Scenario().commands)} {place}\n"
