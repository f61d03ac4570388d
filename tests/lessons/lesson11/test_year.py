"""The year, measured again: what is compared with what, wherever it is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eventlab.lessons.lesson11 import year


def test_a_year_measured_into_a_new_file_is_compared_with_the_one_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = year.kept()[0]
    monkeypatch.setattr(year, "measure", lambda size: replace(first, digest="another"))
    with pytest.raises(AssertionError, match=f"digests of \\[{first.events}\\] differ"):
        year.make_again([first.events], tmp_path / "new.toml")
    assert not list(tmp_path.iterdir())


def test_a_size_that_was_never_kept_is_said_to_be_compared_with_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = year.kept()[0]
    monkeypatch.setattr(year, "measure", lambda size: replace(first, events=size))
    with pytest.warns(UserWarning, match=r"no digest is kept for \[7\] events"):
        year.make_again([7], tmp_path / "new.toml")
    assert "events = 7" in (tmp_path / "new.toml").read_text("utf-8")
