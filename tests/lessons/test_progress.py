"""The record of progress: many writers lose nothing, a broken one is put aside, and nothing stops the lesson."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventlab.lessons.judging import progress
from tests.support import REPO


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "progress.json"
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(path))
    monkeypatch.setattr(progress, "_memory", progress.Done())
    monkeypatch.setattr(progress, "_said", set())
    return path


WRITES = "import sys\nfrom eventlab.lessons.judging import progress\n" + (
    "for n in range(50): progress.note_attempt('1.1', False); progress.note_choice(f'{sys.argv[1]}.{n}', 'a')"
)


def test_several_notebooks_that_write_at_once_lose_nothing(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    writers = [subprocess.Popen([sys.executable, "-c", WRITES, str(n)], env=environment) for n in range(3)]
    assert [each.wait() for each in writers] == [0, 0, 0]
    done = progress.load(path)
    assert done.attempts == {"1.1": 150} and len(done.chosen) == 150
    assert {each.name for each in path.parent.iterdir()} == {"progress.json", "progress.json.lock"}


@pytest.mark.parametrize("content", [b"", b"{not json", b"\xff", b"[]", b'{"solved":{"1.1":"x"}}'])
def test_a_broken_record_is_put_aside_and_said_once(
    path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(content)
    assert progress.read() == progress.Done()
    assert path.with_name("progress.json.broken-1").read_bytes() == content
    progress.note_attempt("1.1", True)
    assert progress.read() == progress.Done({"1.1": 1}, {"1.1": 1})
    assert capsys.readouterr().out.count("is called progress.json.broken-1 now") == 1


def test_what_cannot_be_written_is_remembered_and_written_when_it_can_be(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress.note_attempt("1.1", False)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        progress.note_attempt("1.1", True)
        progress.note_choice("1.a", "b")
    assert path.read_bytes() == before
    assert progress.read() == progress.Done({"1.1": 2}, {"1.1": 2}, {"1.a": "b"})
    assert capsys.readouterr().out.count("No space left") == 1
    progress.note_attempt("1.2", False)
    assert progress.load(path) == progress.Done({"1.1": 2, "1.2": 1}, {"1.1": 2}, {"1.a": "b"})


@pytest.mark.parametrize("name", ["no/such/folder/progress.json", ".", "/dev/full/x", "/proc/progress.json"])
def test_wherever_the_record_is_to_be_the_lesson_goes_on(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(path.parent / name))
    progress.note_attempt("1.1", True)
    assert progress.read().solved == {"1.1": 1}
    assert "kept until this notebook is closed" in capsys.readouterr().out
    progress.reset()
    assert progress.read() == progress.Done()
