"""What exercise 12.3 shows of a wrong count is the same in every process."""

from __future__ import annotations

import pytest

from eventlab.lessons.judging.model import Mistake
from eventlab.lessons.lesson12.ex3_measure import answered_within, judge, stormy
from eventlab.measures.requests import ANSWERED, calls
from eventlab.trace import Trace


def test_of_the_questions_that_show_what_is_wrong_the_first_one_is_shown() -> None:
    def in_per_cent(trace: Trace, who: str, seconds: float) -> float:
        return 100 * answered_within(trace, who, seconds)

    with pytest.raises(Mistake) as found:
        judge(in_per_cent, stormy(0))
    assert found.value.kind == "per cent" and found.value.trace is not None
    asked = [call for call in calls(found.value.trace) if call.caller == "customer" and call.outcome == ANSWERED]
    in_time = [call for call in sorted(asked, key=lambda call: call.until) if call.waited <= 1.0]
    assert len(in_time) > 5 and found.value.flight == in_time[0].id
