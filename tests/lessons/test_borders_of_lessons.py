"""Every function that a lesson calls, with any value in any place, ends in a result or in an error of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eventlab.lessons.judging import learner
from tests.support.borders import calls, ends_well

RIGHT: dict[str, dict[str, Any]] = {
    "hint": {"id": "12.2"}, "predict": {"id": "12.a"}, "outcome": {"id": "12.a"}, "warm_up": {"number": "12"},
    "answer": {"id": "12.2"}, "progress": {}, "check": {"id": "12.2", "answer": max},
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_whatever_is_given_the_end_is_a_result_or_an_error_of_ours(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(tmp_path / "progress.json"))
    for call in calls(getattr(learner, name), RIGHT[name]):
        ends_well(call)
