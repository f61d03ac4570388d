"""One set of packages: pyproject.toml, the lock, environment.yml and what the launcher needs say the same."""

from __future__ import annotations

import collections
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import eventlab
from tests.support import REPO
from tests.test_layers import OUTSIDE

PROJECT: dict[str, Any] = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
LOCK = (REPO / "requirements.lock").read_text("utf-8")
CONDA: dict[str, Any] = yaml.safe_load((REPO / "environment.yml").read_text("utf-8"))
PRE_COMMIT: dict[str, Any] = yaml.safe_load((REPO / ".pre-commit-config.yaml").read_text("utf-8"))
CONDA_NAMES = {"python-duckdb": "duckdb", "python-tzdata": "tzdata"}  # where conda-forge names a package otherwise


def requirements(*extras: str) -> dict[str, str]:
    """Package name to version bound, as pyproject.toml has them: the library's own, and those of some extras."""
    words = list(PROJECT["project"]["dependencies"])
    words += [word for extra in extras for word in PROJECT["project"]["optional-dependencies"][extra]]
    return {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, words) if r.name != "eventlab"}


def project_requirements() -> dict[str, str]:
    return requirements("archive", "shredding", "workbook", "test")


def conda_requirements() -> dict[str, str]:
    """The same from environment.yml, without Python and pip."""
    words = [word for word in CONDA["dependencies"] if isinstance(word, str) and word != "pip"]
    words += [word for part in CONDA["dependencies"] if isinstance(part, dict) for word in part["pip"]]
    requirements = [Requirement(word) for word in words if not word.startswith("--")]
    return {
        canonicalize_name(CONDA_NAMES.get(r.name, r.name)): str(r.specifier) for r in requirements if r.name != "python"
    }


def locked(text: str = LOCK) -> list[tuple[Requirement, list[str], list[str]]]:
    """Every entry of a lock: what, its hashes, and what asked for it."""
    entries = []
    for block in re.split(r"\n(?=\S)", text.strip()):
        requirement = Requirement(block.split("\\")[0].strip())
        asked = " ".join(line.strip(" #") for line in block.splitlines() if line.startswith("    #"))
        entries.append(
            (requirement, re.findall(r"--hash=(sha256:[0-9a-f]{64})", block), asked.split("via", 1)[-1].split())
        )
    return entries


def test_environment_yml_asks_for_what_pyproject_asks_for() -> None:
    assert conda_requirements() == project_requirements()


def test_the_library_needs_what_its_core_imports() -> None:
    above = ("views", "lessons", "airports", "control_room", "classroom", "engines")
    core = [name for name in OUTSIDE if not name.startswith(above)]
    assert {"store", "lab", "measures/"} <= set(core)
    # Two modules of it need an extra, and say so when they are used.
    extras = set(requirements("archive", "shredding")) - set(requirements())
    assert set(requirements()) - {"tzdata"} == set().union(*(OUTSIDE[name] for name in core)) - extras
    assert [word for word in PROJECT["project"]["dependencies"] if "tzdata" in word] == [
        "tzdata>=2025.1 ; sys_platform == 'win32'"
    ]


def test_whoever_tests_has_the_workbook_too() -> None:
    assert "eventlab[workbook]" in PROJECT["project"]["optional-dependencies"]["test"]


def test_the_lock_was_made_from_these_requirements() -> None:
    direct = {canonicalize_name(r.name) for r, _, asked in locked() if "eventlab" in asked}
    assert direct == set(project_requirements())


def test_every_locked_version_is_one_that_was_asked_for() -> None:
    wanted = project_requirements()
    for requirement, _, _ in locked():
        bound = wanted.get(canonicalize_name(requirement.name))
        if bound:
            (pin,) = requirement.specifier
            assert Requirement(f"x{bound}").specifier.contains(Version(pin.version)), f"{requirement} against {bound}"


def test_every_locked_package_is_pinned_and_hashed() -> None:
    assert len(locked()) > 80
    for requirement, hashes, _ in locked():
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement
        assert hashes, requirement


def test_the_slow_package_is_never_installed() -> None:
    (slow,) = [requirement for requirement, _, _ in locked() if requirement.name == "rfc3987-syntax"]
    assert str(slow.marker) == 'sys_platform == "never"'


@pytest.mark.parametrize("name", ["engines", "site"])
def test_what_is_added_only_when_asked_for_has_a_lock_that_goes_with_the_first(name: str) -> None:
    added = locked((REPO / f"requirements-{name}.lock").read_text("utf-8"))
    assert all(hashes for _, hashes, _ in added)
    direct = {canonicalize_name(requirement.name) for requirement, _, asked in added if "eventlab" in asked}
    assert direct == set(requirements(name))
    first = collections.defaultdict(set)
    for requirement, _, _ in locked():
        first[canonicalize_name(requirement.name)].add(requirement.specifier)
    for requirement, _, _ in added:
        assert requirement.specifier in first.get(canonicalize_name(requirement.name), {requirement.specifier})


LOCKS = ["requirements.lock", "requirements-engines.lock", "requirements-site.lock"]


@pytest.mark.parametrize("name", [*LOCKS, "environment.yml"])
def test_no_lock_names_a_download_address_or_a_place_on_a_disk(name: str) -> None:
    text = (REPO / name).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"--(extra-)?index|--find-links|file:|@ ", text)
    if name.endswith(".lock"):
        assert "/" not in text


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock"])
def test_no_other_lock_is_committed(name: str) -> None:
    assert not list(REPO.glob(name))


def test_the_oldest_python_is_the_same_everywhere() -> None:
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in (REPO / "workbook.py").read_text("utf-8")
    assert any(str(word).startswith(f"python>={oldest}") for word in CONDA["dependencies"])


def test_ci_runs_what_a_newcomer_runs() -> None:
    script = REPO / ".ci" / "run"
    assert "python3 workbook.py test" in script.read_text("utf-8")
    assert os.name == "nt" or script.stat().st_mode & 0o111


WORKFLOW: dict[str, Any] = yaml.safe_load((REPO / ".github/workflows/tests.yml").read_text("utf-8"))


def test_the_workflow_runs_the_two_commands_on_every_python_and_system() -> None:
    job = WORKFLOW["jobs"]["tests"]
    oldest, last = (int(word) for word in re.findall(r"python>=3\.(\d+),<3\.(\d+)", str(CONDA["dependencies"]))[0])
    assert job["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in range(oldest, last)]
    assert {name.split("-")[0] for name in job["strategy"]["matrix"]["system"]} == {"ubuntu", "macos", "windows"}
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[-1] == "python3 workbook.py test"
    assert any(command.endswith("python3 workbook.py --no-browser") for command in commands)


def test_the_workflow_may_only_read_and_only_uses_actions_of_github() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    for job in WORKFLOW["jobs"].values():
        assert all(step["uses"].startswith("actions/") for step in job["steps"] if "uses" in step)


def test_what_looks_at_a_commit_has_the_locked_versions() -> None:
    hooks = [hook for repo in PRE_COMMIT["repos"] for hook in repo["hooks"]]
    pins = {str(requirement) for requirement, _, _ in locked()}
    asked = [word for hook in hooks for word in hook.get("additional_dependencies", [])]
    assert {Requirement(word).name for word in asked} == {"ruff", "mypy", "msgspec", "apsw"}
    assert [word for word in asked if word not in pins] == []
    tests = [word for hook in hooks for word in hook["entry"].split() if word.startswith("tests/")]
    assert tests and all((REPO / test).exists() for test in tests)


def test_a_citation_names_this_version() -> None:
    cited: dict[str, Any] = yaml.safe_load((REPO / "CITATION.cff").read_text("utf-8"))
    assert (cited["version"], cited["license"]) == (eventlab.__version__, PROJECT["project"]["license"])
    newest = re.search(r"^## (\S+)", (REPO / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest and newest[1] in (eventlab.__version__, "Unreleased")


@pytest.mark.parametrize("path", sorted((REPO / ".github").rglob("*.yml")), ids=lambda path: path.name)
def test_every_form_and_workflow_can_be_read(path: Path) -> None:
    form = yaml.safe_load(path.read_text("utf-8"))
    if "body" in form:
        assert {"name", "description", "body"} <= set(form)
        assert all(part["attributes"]["label"] for part in form["body"])


@pytest.mark.parametrize("made", [".venv/x", ".lab/x", "tests/browser/shots/x.png", "notebooks/.ipynb_checkpoints/x"])
def test_what_is_made_here_is_not_committed(made: str) -> None:
    if not shutil.which("git") or not (REPO / ".git").exists():
        pytest.skip("not a git checkout")
    assert subprocess.run(["git", "check-ignore", "-q", made], cwd=REPO).returncode == 0
