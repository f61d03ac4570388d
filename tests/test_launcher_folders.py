"""The launcher works in a folder of any name, in any locale, and in one that cannot be written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import workbook
from tests.support.launcher import course, outline, run_in_kernel, starting

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows allows few of these names, and has other locales")

NAMES = {
    "letters": "事件실험室-ß-é", "spaces": " two  words ", "colon": "a:b", "hash": "#1", "percent": "100%25%s",
    "quotes": "it's \"quoted\"", "shell": "$HOME;`ls`&|*?", "backslash": "a\\tb", "lines": "a\nb", "dash": "-rf",
    "long": "x" * 150, "braces": "{0}[1](2)", "not UTF-8": os.fsdecode(b"caf\xe9"),
}  # fmt: skip
ODD = "事 件:#%25'\"$HOME\\\n"  # most of it at once

SET_UP = """
import os, subprocess, sys
import workbook
def quick(folder):  # in place of the seconds that pip takes
    venv = workbook.HERE.parent / "made"
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", venv]
    subprocess.run(command, env=workbook.child_environment(), check=True)
    for path in venv.iterdir(): path.rename(folder / path.name)
if "quick" in sys.argv: workbook.make = quick
workbook.run_telling = lambda command: (0, "")
python = str(workbook.set_up())
assert workbook.state_of(workbook.HERE / ".venv") == "ready"
assert str(workbook.set_up()) == python
bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
look = "import eventlab, os; assert os.path.samefile(os.path.dirname(eventlab.__file__), os.fsencode('eventlab'))"
for environment in (workbook.child_environment(), bare):
    subprocess.run([python, "-P", "-c", look], env=environment, check=True)
"""


def in_a_process(folder: Path, settings: Mapping[str, str], *words: str) -> str:
    """Set up a course in a process of its own, twice, and import `eventlab` from it with and without the launcher."""
    kept = {name: value for name, value in os.environ.items() if name != "EVENTLAB_VENV" and name[:6] != "PYTHON"}
    command = [sys.executable, "-c", SET_UP, *words]
    done = subprocess.run(command, cwd=folder, env={**kept, **settings}, capture_output=True)
    assert (done.returncode, done.stderr.decode("latin-1")) == (0, ""), done.stdout.decode("latin-1")
    return done.stdout.decode("latin-1")


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Settings that choose a locale, by name; those that this system cannot make are missing."""
    folder = tmp_path_factory.mktemp("locales")
    found = {
        "C": {"LC_ALL": "C"},
        "C, in ASCII": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        "UTF-8": {"LC_ALL": "C.UTF-8"},
    }
    for name, letters in (("de_DE", "ISO-8859-1"), ("zh_CN", "GBK")):
        made = folder / f"{name}.{letters}"
        if shutil.which("localedef"):
            subprocess.run(["localedef", "-i", name, "-f", letters, made], capture_output=True)
        if made.exists():
            found[letters] = {"LC_ALL": made.name, "LOCPATH": str(folder)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    in_a_process(course(tmp_path / NAMES[name]), {}, "quick")


@pytest.mark.parametrize("locale", ["C", "C, in ASCII", "UTF-8", "ISO-8859-1", "GBK"])
@pytest.mark.parametrize("name", ["letters", "not UTF-8", "GBK"])
def test_a_folder_may_have_any_name_in_any_locale(
    tmp_path: Path, locales: dict[str, dict[str, str]], name: str, locale: str
) -> None:
    if locale not in locales:
        pytest.skip("this system has no such locale")
    folder = tmp_path / (os.fsdecode("事件".encode("gbk")) if name == "GBK" else NAMES[name])
    in_a_process(course(folder), locales[locale], "quick")


def test_a_course_goes_on_in_another_locale_than_the_one_it_was_set_up_in(
    tmp_path: Path, locales: dict[str, dict[str, str]]
) -> None:
    folder = course(tmp_path / NAMES["letters"])
    for settings in locales.values():
        said = in_a_process(folder, settings, "quick")
        assert ("Installing" in said) == (settings == locales["C"])


@pytest.mark.slow
@pytest.mark.parametrize("name", [ODD, os.fsdecode(b"caf\xe9")], ids=["most", "not UTF-8"])
def test_a_real_environment_is_made_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    folder = course(tmp_path / name)
    in_a_process(folder, {})
    command = [str(folder / ".venv" / "bin" / "python"), "-m", "pip", "--version"]
    assert b"pip " in subprocess.check_output(command, env=workbook.child_environment())


@pytest.mark.slow
@pytest.mark.parametrize("name", [ODD, os.fsdecode(b"caf\xe9")], ids=["most", "not UTF-8"])
def test_the_workbook_opens_in_a_folder_of_any_name_and_its_kernels_find_the_package(tmp_path: Path, name: str) -> None:
    folder = course(tmp_path / name)
    with starting(folder) as (_, address):
        code = (
            "import eventlab, os; print(eventlab.here, os.path.samefile(eventlab.__file__, '../eventlab/__init__.py'))"
        )
        assert run_in_kernel(address, code) == "True True\n"


def test_a_terminal_that_does_not_know_the_letters_is_told_all_the_same(tmp_path: Path) -> None:
    program = """
import workbook
def stop(python): raise workbook.Stop(f"{workbook.HERE} is where it stops")
workbook.make, workbook.install = lambda folder: workbook.say(f"Making {folder}"), stop
workbook.main(["--no-browser"])
"""
    folder = course(tmp_path / NAMES["letters"])
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    environment.pop("EVENTLAB_VENV", None)
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert "Making " in done.stdout and "\\u4e8b" in done.stdout
    assert "is where it stops" in done.stderr and "Traceback" not in done.stderr


def test_what_is_written_for_others_is_ascii(tmp_path: Path) -> None:
    home = tmp_path / "事件" / ".lab"
    workbook.server(home / "python", home, home, 1, "token")
    (kernel,) = home.rglob("kernel.json")
    assert json.loads(kernel.read_bytes().decode("ascii"))["argv"][0] == str(home / "python")
    assert all(path.read_bytes().isascii() for path in home.rglob("*") if path.is_file())


# Where nothing can be written


def test_where_settings_cannot_be_kept_they_are_kept_elsewhere_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workbook, "HERE", tmp_path)
    (tmp_path / ".lab").write_text("somebody's file")
    with workbook.own_home(".lab") as home:
        assert tmp_path not in home.parents and home.is_dir()
    assert not home.exists()
    assert (tmp_path / ".lab").read_text() == "somebody's file"
    assert "forgets its settings" in capsys.readouterr().out


def read_only(folder: Path) -> list[str]:
    """The words before a command that see a folder as read-only, or none where this system cannot do so."""
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    for words in (["unshare", "-m", "sh", "-c", mount], ["unshare", "-rm", "sh", "-c", mount]):
        command = [*words, str(folder), "sh", "-c", '! touch "$0/x" 2>/dev/null', str(folder)]
        if shutil.which("unshare") and subprocess.run(command, capture_output=True).returncode == 0:
            return [*words, str(folder)]
    return []


@pytest.mark.slow
def test_a_read_only_course_whose_environment_is_ready_opens_and_nothing_in_it_changes(tmp_path: Path) -> None:
    folder = outline(tmp_path / "course")
    if not (before := read_only(folder)):
        pytest.skip("this system makes no folder read-only for us")
    with starting(folder, before=before) as (_, address):
        assert run_in_kernel(address, "import msgspec; print('fine')") == "fine\n"
    assert sorted(os.listdir(folder)) == ["notebooks", "workbook.py"]
