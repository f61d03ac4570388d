"""The matrix of versions and the lanes of a deployment: plain data first, then pictures that say the same."""

from __future__ import annotations

import pytest

from eventlab import Invalid
from eventlab.views import version_lanes, version_matrix
from eventlab.views.versions import Meeting, Ran, lanes, layout

MET = [
    Meeting("1", "1", "1", "well"), Meeting("2", "1", "1", "well"), Meeting("2", "1", "1", "refused", "no late"),
    Meeting("10", "1", "nothing", "wrong", "4 min for 240"),
]  # fmt: skip
RAN = [Ran("mail", "1", 0, 60), Ran("mail", "2", 60, 90), Ran("mail", "1", 90, 100), Ran("shop", "1", 0, 100)]


def test_a_pairing_is_as_good_as_its_worst_meeting_and_versions_stand_in_order() -> None:
    plan = layout(MET)
    assert plan["producers"] == ["1", "2", "10"] and plan["stored"] == ["nothing", "1"]
    assert plan["pairings"]["1", "2", "1"] == {"count": 2, "bad": 1, "outcome": "refused", "note": "no late"}
    assert plan["conclusion"] == "1 of 3 pairings is well"


def test_the_picture_says_every_pairing_in_a_sign_and_in_words() -> None:
    picture = version_matrix(MET)
    assert "10 writes, 1 reads, nothing stored: wrong, and silent (4 min for 240)" in picture.text
    assert {"✓", "✕", "≠", "–"} <= {label.text for label in picture.labels}


def test_a_deployment_says_who_went_back_and_how_long_versions_were_mixed() -> None:
    plan = lanes(RAN, [("mail", 95)])
    assert plan["conclusion"] == "1 event refused; versions are mixed 30% of the time"
    labels = [label.text for label in version_lanes(RAN, [("mail", 95)]).labels]
    assert "↶ 1" in labels and "✕" in labels


@pytest.mark.parametrize("wrong", [[], 7, [("1", "1", "1", "well")], [Meeting("1", "1", "1", "odd")]])
def test_what_is_no_meeting_is_told_in_the_picture(wrong: list[Meeting]) -> None:
    with pytest.raises(Invalid):
        layout(wrong)
    assert version_matrix(wrong).text.startswith("No versions: ")
    assert version_lanes(wrong).text.startswith("No versions: ")  # type: ignore[arg-type]
