"""Settings of the user's and of the site's do not reach what the launcher starts; those that lead to packages do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ipykernel.kernelspec import get_kernel_dict

import workbook
from tests.support import REPO
from tests.support.launcher import course, run_in_kernel, starting

PIP = ("install", "--quiet", "--require-hashes", "--no-deps", "--no-input", "--disable-pip-version-check")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of nobody: pip and Jupyter find in it what a test puts there."""
    (folder := tmp_path / "home").mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "PROGRAMDATA"):
        monkeypatch.setenv(name, str(folder))
    for name in [name for name in os.environ if name.startswith(("PIP_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("EVENTLAB_VENV", raising=False)
    return folder


def set_in_a_file(home: Path, content: str) -> None:
    """What a user writes into pip's file of settings."""
    folder = home / "pip" if os.name == "nt" else home / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / ("pip.ini" if os.name == "nt" else "pip.conf")).write_text(content)


# What a program sees


KEPT_OUT = """
    PIP_TARGET PIP_PREFIX PIP_ROOT PIP_USER PIP_REQUIRE_VIRTUALENV PIP_NO_SUCH_THING
    PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PYTHONWARNINGS PYTHONOPTIMIZE PYTHONUSERBASE PYTHON_GIL
    JUPYTER_PATH JUPYTER_CONFIG_PATH JUPYTER_CONFIG_DIR JUPYTER_TOKEN JUPYTERLAB_DIR JUPYTERLAB_SETTINGS_DIR
    IPYTHONDIR JPY_PARENT_PID PYTEST_ADDOPTS MYPYPATH RUFF_CACHE_DIR PLOTLY_RENDERER PANDAS_COPY_ON_WRITE
""".split()


@pytest.mark.parametrize("name", KEPT_OUT)
def test_a_program_is_started_without_a_setting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/somewhere/else")
    environment = workbook.child_environment()
    assert "/somewhere/else" not in environment.values()
    assert environment["PYTHONPATH"] == str(REPO)


@pytest.mark.parametrize("name", ["PATH", "HOME", "LANG", "HTTPS_PROXY", "SSL_CERT_FILE", "EVENTLAB_BROWSER", "TMPDIR"])
def test_what_belongs_to_the_system_stays(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/somewhere/else")
    assert workbook.child_environment()[name] == "/somewhere/else"


def test_settings_that_lead_to_packages_stay_wherever_they_stand(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_in_a_file(
        home,
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url =\n    https://a.example\n    https://b.example\n"
        "trusted-host = it's.example\ntarget = /elsewhere\nuser = true\ncert = /first.pem\n"
        "[install]\nprefix = /elsewhere\ncert = /second.pem\nno-binary = :all:\nfind-links = /wheels\n"
        "[download]\nproxy = http://not.for.us\n",
    )
    monkeypatch.setenv("PIP_FIND_LINKS", "/more wheels")
    monkeypatch.setenv("PIP_ROOT", "/elsewhere")
    assert workbook.ways_to_packages(sys.executable) == {
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_EXTRA_INDEX_URL": "\nhttps://a.example\nhttps://b.example",
        "PIP_TRUSTED_HOST": "it's.example",
        "PIP_CERT": "/second.pem",
        "PIP_FIND_LINKS": "/more wheels",
    }


def test_a_file_of_settings_that_the_user_names_is_read_and_a_broken_one_is_not(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own := tmp_path / "own.conf").write_text("[global]\nindex-url = https://own.example\ntarget = /elsewhere\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(own))
    assert workbook.ways_to_packages(sys.executable)["PIP_INDEX_URL"] == "https://own.example"
    own.write_text("not a file of settings")
    assert "PIP_INDEX_URL" not in workbook.ways_to_packages(sys.executable)


# A real pip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a real environment, made under every setting of Python that would break it."""
    folder = course(tmp_path_factory.mktemp("made") / "course", "thing")
    (stray := folder / "stray").mkdir()
    for name in ("json", "pip", "ensurepip", "sysconfig", "sitecustomize"):
        (stray / f"{name}.py").write_text("raise SystemExit('a stray module was imported')\n")
    hostile = {
        "PYTHONPATH": str(stray), "PYTHONHOME": str(stray), "PYTHONSTARTUP": str(stray / "pip.py"),
        "PYTHONINSPECT": "1", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2", "PYTHONDEVMODE": "1",
        "PYTHONPLATLIBDIR": "nowhere", "PYTHONIOENCODING": "utf-16", "PYTHONUSERBASE": str(stray),
    }  # fmt: skip
    (venv := folder / ".venv").mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(stray)
        for name, value in hostile.items():
            patched.setenv(name, value)
        workbook.make(venv)
    return venv


@pytest.fixture
def python(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Python of that environment; this process's launcher works in its course, with its packages at hand."""
    monkeypatch.setattr(workbook, "HERE", made.parent)
    monkeypatch.setattr(workbook, "LOCK", made.parent / "requirements.lock")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.parent))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return workbook.python_in(made)


SETTINGS = [
    {}, {"PIP_TARGET": "ELSEWHERE"}, {"PIP_PREFIX": "ELSEWHERE"}, {"PIP_ROOT": "ELSEWHERE"}, {"PIP_USER": "1"},
    {"PIP_REQUIRE_VIRTUALENV": "1", "PIP_DRY_RUN": "1"}, {"PIP_PYTHON": sys._base_executable},
    {"PIP_ONLY_BINARY": ":none:", "PIP_NO_BINARY": ":all:"}, {"PIP_CONSTRAINT": "no such file"},
    {"PIP_DOWNLOAD": "x", "PIP_QUIET": "3", "PIP_LOG": "ELSEWHERE/log"},
]  # fmt: skip
FILES = [
    "[global]\ntarget = ELSEWHERE\n", "[install]\nprefix = ELSEWHERE\n", "[install]\nuser = true\nroot = ELSEWHERE\n",
    "[global]\nrequire-virtualenv = true\nconstraint = no such file\ndry-run = true\n", "no file of settings",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("settings", [*SETTINGS, *FILES], ids=repr)
def test_packages_go_into_the_environment_whatever_is_set(
    python: Path, made: Path, home: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str] | str
) -> None:
    elsewhere = home / "elsewhere"
    if isinstance(settings, str):
        set_in_a_file(home, settings.replace("ELSEWHERE", str(elsewhere)))
    else:
        for name, value in settings.items():
            monkeypatch.setenv(name, value.replace("ELSEWHERE", str(elsewhere)))
    workbook.install(python)
    workbook.check(python, workbook.locked(), "")
    assert not elsewhere.exists()
    (there,) = made.rglob("thing.py")
    there.unlink()
    shutil.rmtree(there.parent / "thing-1.0.dist-info")
    with pytest.raises(workbook.Stop):
        workbook.check(python, workbook.locked(), "")


@pytest.mark.slow
def test_without_that_care_the_same_pip_goes_elsewhere(python: Path, home: Path) -> None:
    """The control: these settings do reach a pip that is started as it comes."""
    command = [str(python), "-m", "pip", *PIP, "--requirement", str(workbook.LOCK)]
    environment = {**os.environ, "PIP_TARGET": str(home / "elsewhere")}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert (home / "elsewhere" / "thing.py").exists()


# A real Jupyter and IPython


def hostile_settings(folder: Path) -> dict[str, str]:
    """Every place from which Jupyter and IPython take settings, filled with what would open or break the course."""
    opened = {"ServerApp": {"base_url": "/elsewhere", "port": 1}, "IdentityProvider": {"token": ""}}
    for name in ("config", "path", ".jupyter"):
        (folder / name).mkdir()
        (folder / name / "jupyter_server_config.json").write_text(json.dumps(opened))
        (folder / name / "jupyter_config.py").write_text("raise SystemExit('a setting was read')\n")
    kernel = folder / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps({"argv": ["false"], "display_name": "no", "language": "python"}))
    for profile in (folder / "ipython" / "profile_default", folder / ".ipython" / "profile_default"):
        (profile / "startup").mkdir(parents=True)
        (profile / "ipython_config.py").write_text("get_config().InteractiveShellApp.exec_lines = ['hostile = 1']\n")
        (profile / "startup" / "00.py").write_text("hostile = 2\n")
    return {
        "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_CONFIG_PATH": str(folder / "path"), "JUPYTER_TOKEN": "",
        "JUPYTER_PATH": str(folder / "data"), "JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_PREFER_ENV_PATH": "1", "JUPYTERLAB_DIR": str(folder / "nowhere"), "JUPYTER_PORT": "1",
        "JUPYTER_RUNTIME_DIR": "/dev/null/no", "IPYTHONDIR": str(folder / "ipython"), "JPY_PARENT_PID": "1",
        "IPYTHON_SUPPRESS_CONFIG_ERRORS": "neither", "PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2",
    }  # fmt: skip


ASK = """
import sys, IPython.paths
print(sys.flags.optimize, 'hostile' in globals(), IPython.paths.get_ipython_dir(), sys.path[0])
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="started in another way there")
def test_a_start_and_its_kernels_are_the_same_under_every_setting(home: Path, tmp_path: Path) -> None:
    (folder := tmp_path / "course").mkdir()
    with starting(folder, hostile_settings(home)) as (_, address):
        assert len(address.split("token=")[1]) == 48
        assert run_in_kernel(address, ASK).split() == ["0", "False", str(folder / ".lab" / "ipython"), str(folder)]


def test_our_kernel_is_described_as_ipykernel_describes_its_own() -> None:
    ours, theirs = workbook.kernel_of(Path(sys.executable)), get_kernel_dict()
    assert {**ours, "argv": 0} == {**theirs, "argv": 0}
    assert {**workbook.kernel_of(Path("nowhere")), "argv": 0}["display_name"] == theirs["display_name"]
    assert ours["argv"] == [sys.executable, "-c", workbook.KERNEL, "-f", "{connection_file}"]


# In place of /etc: the lists of the site's folders, changed before the launcher's own code runs.
SITE = """
import sys, types
import {module} as module
getattr(module, {name!r}).insert(0, {folder!r})
sys.modules["jupyterlab.labapp"] = types.SimpleNamespace(main=lambda: None)
sys.modules["ipykernel.kernelapp"] = types.SimpleNamespace(launch_new_instance=lambda: None)
exec({code!r})
{look}
"""
CONFIG = "print(*module.jupyter_config_path())"
DATA = "print(*module.jupyter_path())"
PROFILE = "print(*module.SYSTEM_CONFIG_DIRS, sys.path[0])"


@pytest.mark.parametrize(
    ("module", "name", "code", "look"),
    [
        ("jupyter_core.paths", "SYSTEM_CONFIG_PATH", workbook.LAB, CONFIG),
        ("jupyter_core.paths", "SYSTEM_JUPYTER_PATH", workbook.LAB, DATA),
        ("IPython.core.application", "SYSTEM_CONFIG_DIRS", workbook.KERNEL, PROFILE),
    ],
)
def test_settings_of_the_site_are_not_looked_for(tmp_path: Path, module: str, name: str, code: str, look: str) -> None:
    places = workbook.own_places(Path(sys.executable), tmp_path / "own")

    def seen(code: str) -> str:
        program = SITE.format(module=module, name=name, folder="/the/site's", code=code, look=look)
        environment = workbook.child_environment(**places)
        return subprocess.check_output([sys.executable, "-c", program], env=environment, text=True, cwd=tmp_path)

    assert "/the/site's" in seen("")  # the control
    assert "/the/site's" not in seen(code)
    assert str(tmp_path / "own") in seen(code) or look == PROFILE
