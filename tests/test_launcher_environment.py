"""The environment that the launcher makes: what is not its own stays, one start works at a time, success is seen."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workbook
from tests.support.launcher import course

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links, signals and modes of POSIX")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in an empty folder, in which this process's launcher works; no package is downloaded."""
    folder = course(tmp_path / "course")
    monkeypatch.setattr(workbook, "HERE", folder)
    monkeypatch.setattr(workbook, "LOCK", folder / "requirements.lock")
    monkeypatch.setattr(workbook, "run_telling", lambda command: (0, ""))
    monkeypatch.delenv("EVENTLAB_VENV", raising=False)
    return folder


def quick(folder: Path) -> None:
    """In place of `make`: a real environment, without the seconds that pip takes."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)


def everything_in(folder: Path) -> dict[str, str]:
    """Every path below a folder, with a file's content or a link's target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found[name] = os.readlink(path) if path.is_symlink() else path.read_text("utf-8") if path.is_file() else "/"
    return found


# What is not ours


def a_link(venv: Path, other: Path) -> None:
    (other / "precious.txt").write_text("mine")
    venv.symlink_to(other, target_is_directory=True)


def a_link_to_an_environment_of_another_course(venv: Path, other: Path) -> None:
    (other / workbook.STAMP).write_text(f"{workbook.fingerprint()} at {other}")
    (other / workbook.MARK).touch()
    venv.symlink_to(other, target_is_directory=True)


def a_link_to_an_empty_folder(venv: Path, other: Path) -> None:
    venv.symlink_to(other, target_is_directory=True)


def a_link_to_nothing(venv: Path, other: Path) -> None:
    venv.symlink_to(other / "gone", target_is_directory=True)


def an_environment_made_by_hand(venv: Path, other: Path) -> None:
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")


def a_folder_of_something_else(venv: Path, other: Path) -> None:
    (venv / "deep" / "down").mkdir(parents=True)
    (venv / "deep" / "down" / "precious.txt").write_text("mine")


def a_file(venv: Path, other: Path) -> None:
    venv.write_text("mine")


FOREIGN = [
    a_link, a_link_to_an_environment_of_another_course, a_link_to_an_empty_folder, a_link_to_nothing,
    an_environment_made_by_hand, a_folder_of_something_else, a_file,
]  # fmt: skip


@POSIX_ONLY
@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda kind: kind.__name__)
def test_what_somebody_else_put_in_its_place_is_refused_by_name_and_left_as_it_is(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], foreign: Callable[[Path, Path], None]
) -> None:
    (other := tmp_path / "other").mkdir()
    foreign(here / ".venv", other)
    before = everything_in(tmp_path)
    assert workbook.main(["--no-browser"]) == 1
    said = capsys.readouterr().err
    assert str(here / ".venv") in said and "stays as it is" in said and "EVENTLAB_VENV=" in said
    assert everything_in(tmp_path) == before


def test_an_empty_folder_is_free_to_be_used(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / ".venv").mkdir()
    monkeypatch.setattr(workbook, "make", quick)
    assert workbook.set_up() == workbook.python_in(here / ".venv")


@POSIX_ONLY
def test_an_unfinished_environment_of_ours_is_emptied_and_what_its_links_lead_to_stays(
    here: Path, tmp_path: Path
) -> None:
    (precious := tmp_path / "precious").mkdir()
    (precious / "file.txt").write_text("mine")
    venv = here / ".venv"
    venv.mkdir()
    (venv / workbook.MARK).touch()
    (venv / "to a folder").symlink_to(precious, target_is_directory=True)
    (venv / "to a file").symlink_to(precious / "file.txt")
    workbook.make(venv)
    assert (precious / "file.txt").read_text() == "mine"
    assert not {"to a folder", "to a file"} & set(os.listdir(venv))
    assert workbook.MARK in os.listdir(venv)


def test_an_environment_that_an_earlier_launcher_stamped_is_ours(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "make", quick)
    (here / ".venv").mkdir()
    (here / ".venv" / workbook.STAMP).write_text("python 3.0.0 lock 1 at nowhere")
    workbook.set_up()
    assert workbook.state_of(here / ".venv") == "ready"


def test_whatever_is_interrupted_is_still_known_as_ours(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    venv = here / ".venv"
    monkeypatch.setattr(workbook, "make", lambda folder: quick(folder))
    workbook.set_up()
    (here / "requirements.lock").write_text("# changed\n")
    for name in ("install", "check", "write_whole"):
        with monkeypatch.context() as patched:
            patched.setattr(workbook, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                workbook.set_up()
        assert workbook.state_of(venv) == "absent"
    monkeypatch.undo()
    monkeypatch.setattr(workbook.shutil, "rmtree", interrupted)  # in the middle of emptying it
    with pytest.raises(KeyboardInterrupt):
        workbook.make(venv)
    workbook.refuse_what_is_not_ours(venv)


# Two first starts at once

TWO = """
import os, sys, time, workbook
def slow(folder):
    with open(sys.argv[1], "a") as log: print("begun", os.getpid(), file=log)
    time.sleep(float(sys.argv[2]))
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    with open(sys.argv[1], "a") as log: print("done", os.getpid(), file=log)
workbook.make, workbook.install, workbook.check = slow, lambda python: None, lambda *_: None
print(workbook.set_up())
"""


@pytest.fixture
def starts(tmp_path: Path) -> Iterator[Callable[[float], subprocess.Popen[str]]]:
    """Start a process that sets up one course, which takes it some seconds."""
    folder, processes = course(tmp_path / "course"), []
    environment = {name: value for name, value in os.environ.items() if name != "EVENTLAB_VENV"}

    def start(seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", TWO, str(tmp_path / "log"), str(seconds)]
        pipe = subprocess.PIPE
        processes.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@POSIX_ONLY
def test_first_starts_at_once_wait_for_the_one_that_works(
    starts: Callable[[float], subprocess.Popen[str]], tmp_path: Path
) -> None:
    said = [process.communicate(timeout=60) for process in [starts(1.5) for _ in range(4)]]
    assert [words for _, words in said] == [""] * 4
    assert [out.splitlines()[-1] for out, _ in said] == [str(tmp_path / "course" / ".venv" / "bin" / "python")] * 4
    assert sum("Another start is making the environment" in out for out, _ in said) == 3
    assert re.fullmatch(r"begun (\d+)\ndone \1\n", (tmp_path / "log").read_text())


@POSIX_ONLY
def test_whoever_waits_for_a_start_that_is_killed_begins_afresh(
    starts: Callable[[float], subprocess.Popen[str]], tmp_path: Path
) -> None:
    first = starts(600)
    while not (tmp_path / "log").exists():
        assert first.poll() is None
        time.sleep(0.02)
    second = starts(0)
    assert second.stdout is not None
    assert "waiting" in second.stdout.readline()
    first.send_signal(signal.SIGKILL)
    assert second.wait(30) == 0


# Success is looked at


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        ("nobody-has-this==1 --hash=sha256:00\n", "nobody-has-this cannot be used: PackageNotFoundError"),
        ("msgspec==1 \\\n    --hash=sha256:00\n", "msgspec cannot be used"),
    ],
)
def test_an_installation_that_put_nothing_there_is_not_stamped(
    here: Path, monkeypatch: pytest.MonkeyPatch, lock: str, reason: str
) -> None:
    (here / "requirements.lock").write_text(lock)
    monkeypatch.setattr(workbook, "make", quick)
    with pytest.raises(workbook.Stop, match=f"{reason}.*\n.*Start again"):
        workbook.set_up()
    assert workbook.state_of(here / ".venv") == "absent"


def test_a_package_of_another_version_or_that_cannot_be_imported_is_named(here: Path) -> None:
    python = Path(sys.executable)
    for words, reason in {
        ("pytest==1.0",): r"pytest is there as [\d.]+, not 1\.0",
        ("broken",): "broken cannot be used: ZeroDivisionError: division by zero",
    }.items():
        (here / "broken.py").write_text("1 / 0\n")
        with pytest.raises(workbook.Stop, match=f"{reason}.*\nadvice"):
            workbook.check(python, words, "advice")
    workbook.check(python, [f"pytest=={pytest.__version__}", "pytest==", "json"], "advice")


def test_every_version_of_the_lock_is_spelt_as_its_package_spells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    names = workbook.locked()
    assert len(names) > 80
    assert {"jupyterlab", "pandas", "apsw", "eventlab"} <= set(names)
    assert not [name for name in names if name.startswith("pywinpty")]  # only pip knows where it belongs
    if os.environ.get("EVENTLAB_VENV") is None and (Path(sys.prefix) / workbook.STAMP).exists():
        workbook.check(Path(sys.executable), names, "")


# What is broken


def broken(python: Path) -> None:
    python.unlink()
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)


def cannot_be_executed(python: Path) -> None:
    python.unlink()
    python.write_text("")
    python.chmod(0o644)


def of_another_machine(python: Path) -> None:
    python.unlink()
    python.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))
    python.chmod(0o755)


@POSIX_ONLY
@pytest.mark.parametrize("harm", [broken, cannot_be_executed, of_another_machine], ids=lambda kind: kind.__name__)
def test_a_ready_environment_that_does_not_start_gives_advice(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], harm: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(workbook, "make", quick)
    harm(workbook.set_up())
    assert workbook.state_of(here / ".venv") == "ready"
    assert workbook.main(["--no-browser"]) == 1
    said = capsys.readouterr().err
    assert f"Delete the folder {here / '.venv'} and start again" in said
    assert "Traceback" not in said


@POSIX_ONLY
def test_a_ready_environment_whose_python_is_gone_is_made_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "make", lambda folder: (shutil.rmtree(folder / "bin", True), quick(folder)))
    python = workbook.set_up()
    python.unlink()
    python.symlink_to(here / "uninstalled")
    workbook.check(workbook.set_up(), ["json"], "")


@POSIX_ONLY
def test_an_environment_that_somebody_keeps_and_that_lacks_packages_is_named(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(tmp_path / "bare")
    monkeypatch.setenv("EVENTLAB_VENV", str(tmp_path / "bare"))
    with pytest.raises(workbook.Stop, match=r"jupyterlab cannot be used.*\nInstall .* into EVENTLAB_VENV=.*bare"):
        workbook.set_up()


@POSIX_ONLY
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_course_without_an_environment_says_what_to_do(here: Path) -> None:
    here.chmod(0o555)
    with pytest.raises(workbook.Stop, match="Copy the course to a folder of yours"):
        workbook.set_up()
    here.chmod(0o755)


def test_a_small_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path := tmp_path / "file").write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            workbook.write_whole(path, b"new")
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["file"])
    workbook.write_whole(path, b"new")
    assert path.read_bytes() == b"new"
