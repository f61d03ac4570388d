"""workbook.py: what it makes, what it says when it cannot, and one real start in the environment of the tests."""

from __future__ import annotations

import ast
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import workbook
from tests.support.launcher import LAUNCHER, starting


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's outline in an empty folder; nothing is installed and no server is started."""
    monkeypatch.setattr(workbook, "HERE", tmp_path)
    monkeypatch.setattr(workbook, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.delenv("EVENTLAB_VENV", raising=False)
    (tmp_path / "requirements.lock").write_text("thing==1 --hash=sha256:00\n")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00-start-here.ipynb").write_text("{}")
    return tmp_path


@pytest.fixture
def built(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What set_up did, in order, with the slow work left out."""
    steps: list[str] = []

    def make(folder: Path) -> None:
        steps.append("make")
        python = workbook.python_in(folder)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    monkeypatch.setattr(workbook, "make", make)
    monkeypatch.setattr(workbook, "install", lambda python: steps.append("install"))
    monkeypatch.setattr(workbook, "check", lambda *_: None)
    return steps


# Old Pythons


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 10, "final", 0))
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(LAUNCHER), run_name="__main__")
    assert re.search(r"needs Python 3\.11 or newer; this is Python 3\.8", str(stop.value.code))


def test_an_old_python_can_read_the_launcher_far_enough_to_say_so() -> None:
    source = LAUNCHER.read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    before = []
    for node in tree.body:
        if isinstance(node, ast.If) and "version_info" in ast.unparse(node.test):
            break
        before.append(node)
    # Nothing that an old Python lacks is imported before the check.
    assert [ast.unparse(node) for node in before if not isinstance(node, ast.Expr)] == ["import sys"]
    assert "from __future__ import annotations" not in source


# The environment


def test_a_first_start_makes_the_environment_and_a_second_start_uses_it(built: list[str]) -> None:
    python = workbook.set_up()
    assert built == ["make", "install"]
    assert workbook.set_up() == python
    assert built == ["make", "install"]


def test_a_changed_lock_is_installed_into_the_same_environment(built: list[str], elsewhere: Path) -> None:
    workbook.set_up()
    (elsewhere / "requirements.lock").write_text("thing==2 --hash=sha256:11\n")
    workbook.set_up()
    assert built == ["make", "install", "install"]


def test_windows_line_ends_in_the_lock_change_nothing(built: list[str], elsewhere: Path) -> None:
    workbook.set_up()
    lock = elsewhere / "requirements.lock"
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    workbook.set_up()
    assert built == ["make", "install"]


def test_another_python_makes_the_environment_again(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    workbook.set_up()
    monkeypatch.setattr(sys, "version_info", (3, 14, 9, "final", 0))
    workbook.set_up()
    assert built == ["make", "install"] * 2


def test_a_moved_environment_is_made_again(built: list[str], elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook.set_up()
    moved = elsewhere.with_name("moved")
    elsewhere.rename(moved)
    monkeypatch.setattr(workbook, "HERE", moved)
    monkeypatch.setattr(workbook, "LOCK", moved / "requirements.lock")
    workbook.set_up()
    assert built == ["make", "install"] * 2


@pytest.mark.parametrize("first_time", [True, False])
def test_an_interrupted_installation_is_begun_afresh(
    built: list[str], elsewhere: Path, monkeypatch: pytest.MonkeyPatch, first_time: bool
) -> None:
    if not first_time:
        workbook.set_up()
        (elsewhere / "requirements.lock").write_text("thing==2 --hash=sha256:11\n")

    def interrupted(python: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(workbook, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            workbook.set_up()
    built.clear()
    workbook.set_up()
    assert built == ["make", "install"]


def test_an_environment_that_somebody_else_keeps_is_used_as_it_stands(
    built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENTLAB_VENV", sys.prefix)
    assert workbook.set_up() == workbook.python_in(Path(sys.prefix))
    assert built == []
    monkeypatch.setenv("EVENTLAB_VENV", "nowhere")
    with pytest.raises(workbook.Stop, match=r"EVENTLAB_VENV=nowhere.*no Python environment"):
        workbook.set_up()


# What it says


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert workbook.main(arguments) != 0
    words = capsys.readouterr().err
    assert "Traceback" not in words
    return words


def test_a_missing_venv_module_names_the_package_to_install(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    words = said(capsys)
    assert "ensurepip module is missing" in words
    assert "apt install python{}.{}-venv".format(*sys.version_info) in words
    assert not (elsewhere / ".venv").exists()


def test_too_little_disk_is_said_before_anything_is_made(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workbook.shutil, "disk_usage", lambda path: SimpleNamespace(free=50_000_000))
    assert re.search(r"need about \d+ MB .* only 50 MB are free", said(capsys))
    assert not (elsewhere / ".venv").exists()


@pytest.mark.parametrize(
    ("pip_says", "we_say"),
    [
        ("WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError", "the network is away"),
        ("Could not fetch URL: There was a problem confirming the ssl certificate: SSLError(", "the network is away"),
        ("ProxyError('Cannot connect to proxy.'", "the network is away"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one that was locked"),
        ("ERROR: something nobody foresaw", "pip failed (exit code 7)"),
    ],
)
def test_a_failed_installation_says_what_to_do(pip_says: str, we_say: str) -> None:
    assert we_say in workbook.why_pip_failed(pip_says, 7)


def test_pip_without_a_network_ends_with_that_message_and_no_stamp(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A real pip, asking an address at which nobody listens.
    workbook.LOCK.write_text(f"eventlab-no-such-thing==1 --hash=sha256:{'0' * 64}\n")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}/simple")
        for name, value in {"CONFIG_FILE": os.devnull, "RETRIES": "1", "TIMEOUT": "2", "EXTRA_INDEX_URL": ""}.items():
            monkeypatch.setenv(f"PIP_{name}", value)
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        words = said(capsys, "--no-browser")
    assert "the network is away" in words
    assert not (elsewhere / ".venv" / "eventlab-stamp").exists()


def test_a_port_in_use_is_named_before_anything_is_installed(
    built: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = said(capsys, "--port", str(port))
    assert f"Port {port} cannot be used" in words and "--port" in words
    assert built == []


def test_a_port_that_is_no_port_is_refused(built: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "Port 99999 cannot be used" in said(capsys, "--port", "99999")


def test_a_missing_notebook_and_a_missing_lock_are_named(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (elsewhere / "requirements.lock").unlink()
    assert "requirements.lock cannot be read" in said(capsys)
    (elsewhere / "notebooks" / "00-start-here.ipynb").unlink()
    assert "00-start-here.ipynb is missing" in said(capsys)


def test_an_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        workbook.main(["--colour"])
    assert stop.value.code == 2
    assert "unknown: --colour" in capsys.readouterr().err


# The tests


def no_wheel_here(name: str) -> None:
    """What some systems answer to what is added only when asked for: the tests go on without it."""
    raise workbook.Stop(f"no wheel of {name}")


def test_every_part_runs_even_after_a_failure_and_one_failure_fails_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(workbook, "set_up", lambda: Path(sys.executable))
    ran: list[str] = []

    def run_part(command: list[str], environment: dict[str, str]) -> int:
        ran.append(command[2])
        return 1 if command[2] == "mypy" else 0

    monkeypatch.setattr(workbook.subprocess, "run", lambda *_, **__: None)
    monkeypatch.setattr(workbook, "HERE", tmp_path)
    monkeypatch.setattr(workbook, "run_part", run_part)
    monkeypatch.setattr(workbook, "add", no_wheel_here)
    assert workbook.main(["test"]) == 1
    assert ran == ["ruff", "ruff", "mypy", "pytest", "pytest", "pytest"]
    assert re.search(r"mypy +FAILED", capsys.readouterr().out)


def test_options_after_test_go_to_pytest() -> None:
    commands = [command for _, command in workbook.parts("python", ["-k", "storm"])]
    assert [command[2] for command in commands] == ["pytest"] * 3
    assert all(command[-2:] == ["-k", "storm"] for command in commands)
    assert [command[2:] for _, command in workbook.parts("python", ["tests/test_launcher.py"])] == [
        ["pytest", "tests/test_launcher.py"]
    ]


def test_a_part_that_hangs_is_ended_and_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "PATIENCE", 0.2)
    assert workbook.run_part([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ)) != 0


# One real start


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with starting(tmp_path) as running:
        yield running


def status(address: str) -> int:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object, **kwargs: object) -> None:
            return None

    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay).open(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent in another way there")
def test_a_start_serves_the_workbook_to_the_holder_of_the_token_until_ctrl_c(
    started: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = started
    where, token = address.split("?")
    base = where.split("/lab/")[0]
    assert where.endswith("/lab/tree/notebooks/00-start-here.ipynb")
    assert re.fullmatch(r"token=[0-9a-f]{48}", token)

    assert status(address) == 200
    assert status(f"{base}/api/contents?{token}") == 200
    assert status(where) == 302  # to the page that asks for the token
    for place in [
        "/api/contents",
        "/api/kernels",
        "/api/sessions",
        "/api/kernelspecs",
        "/api/terminals",
        "/lab/api/settings",
    ]:
        assert status(base + place) in (302, 403), place
    assert status(f"{base}/api/contents?token=wrong") == 403

    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(base.rsplit(":", 1)[1])), timeout=2).close()


def test_a_program_of_the_project_gets_its_own_arguments_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(workbook, "run_program", lambda name, arguments: asked.append((name, arguments)) or 0)
    assert workbook.main(["class", "grade", "there", "--out", "grades.csv", "--help"]) == 0
    assert workbook.main(["site", "--port", "x"]) == 0
    assert asked == [("class", ["grade", "there", "--out", "grades.csv", "--help"]), ("site", ["--port", "x"])]


def test_what_is_added_is_installed_once_and_again_when_its_lock_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[str] = []
    monkeypatch.setattr(workbook, "HERE", tmp_path)
    monkeypatch.setattr(workbook, "install", lambda python, lock: installed.append(lock.name))
    monkeypatch.setattr(workbook, "check", lambda *_: None)
    monkeypatch.delenv("EVENTLAB_VENV", raising=False)
    lock = tmp_path / "requirements-site.lock"
    for text in ("sphinx==1", "sphinx==1", "sphinx==2"):
        lock.write_text(text, "utf-8")
        workbook.add("site")
    assert installed == ["requirements-site.lock"] * 2


def test_what_is_added_to_an_environment_of_somebody_else_is_only_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EVENTLAB_VENV", str(Path(sys.executable).parent.parent))
    monkeypatch.setattr(workbook, "HERE", tmp_path)
    (tmp_path / "requirements-site.lock").write_text("not-there-at-all==1\n", "utf-8")
    with pytest.raises(workbook.Stop, match=r"eventlab\[site\]"):
        workbook.add("site")
