"""The record of progress as a file to hand in: sealed, and no more trusted than a seal without a secret allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventlab.errors import Invalid
from eventlab.lessons import progress
from eventlab.lessons.judging import handed_in
from eventlab.lessons.judging import progress as kept
from eventlab.lessons.judging.progress import Done, note_attempt

BOOK = {"title": "Week 3", "due": "Friday", "variant": "a1", "lessons": ["01"]}


def test_what_is_handed_in_says_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(kept, "_memory", Done())  # what other tests did in this process
    note_attempt("01.1", False)
    note_attempt("01.1", True)
    progress(hand_in="Ada Lovelace")
    assert "Ada Lovelace.progress.json" in capsys.readouterr().out
    found = handed_in.opened((tmp_path / "Ada Lovelace.progress.json").read_bytes(), {})
    assert (found.student, found.done.attempts, found.done.solved) == ("Ada Lovelace", {"01.1": 2}, {"01.1": 2})


@pytest.mark.parametrize("name", ["../ada", "a/b", ".ada", "x" * 99, 7, None])
def test_the_name_of_who_hands_in_becomes_a_file_and_no_path(name: object) -> None:
    with pytest.raises(Invalid, match="your name"):
        progress(hand_in=name)  # type: ignore[arg-type]


def test_a_changed_file_and_one_of_another_book_are_known() -> None:
    content = handed_in.sealed("ada", Done({"01.1": 2}, {}, {}), BOOK)
    assert handed_in.opened(content, BOOK).student == "ada"
    wrong = [(content, {**BOOK, "variant": "b2"}), (content.replace(b"ada", b"ben"), BOOK)]
    wrong += [(content.replace(b'"01.1": 2', b'"01.1": 1'), BOOK), (content[:-20], BOOK), (b"[]", BOOK)]
    for changed, said in wrong:
        with pytest.raises(Invalid):
            handed_in.opened(changed, said)


def test_the_seal_promises_nothing_about_who_did_the_work() -> None:
    """Its key is in every book: a learner can seal what he likes, and the docs say so."""
    assert handed_in.opened(handed_in.sealed("ada", Done({}, {"01.1": 1}), BOOK), BOOK).done.solved == {"01.1": 1}
