"""Two runs where they part: the same message lost, late, doubled or different, and what comes of it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.airports import Run, Scenario, run
from eventlab.event import Event
from eventlab.trace import Record, Trace
from eventlab.views import apart, fork
from eventlab.views.divergence import layout
from eventlab.views.drawing.wording import number
from tests.support.pictures import NASTY, assert_harmless, assert_readable

FLIGHT = "9E3422-JFK-0208"
BOSTON = Scenario(flights=[FLIGHT, "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)


@cache
def ran(architecture: str = "event-carried state transfer") -> Run:
    return run(BOSTON, architecture)


def news(to: str, purpose: str = "deliver", architecture: str = "event-carried state transfer") -> Record:
    """The sending of the cancellation to a service."""
    return next(
        record for record in ran(architecture).trace.of("sent")
        if record.other == to and record.purpose == purpose and record.message and "cancel" in record.message.type
    )  # fmt: skip


OTHERS = {
    "without": lambda: ran().without(news("notices")),
    "delayed": lambda: ran().delayed(news("notices"), by=7200),
    "repeated": lambda: ran().repeated(news("notices")),
    "edited": lambda: ran().edited(news("boards"), status="scheduled"),
}


@pytest.mark.parametrize("how", OTHERS)
def test_runs_are_equal_until_the_message_would_have_arrived_and_then_part(how: str) -> None:
    other = OTHERS[how]()
    plan = layout(ran().trace, other.trace)
    at = plan["at"]
    assert ran().trace.records[:at] == other.trace.records[:at]
    assert ran().trace[at] != other.trace[at]
    assert at > news("boards").index or at > news("notices").index
    assert plan["shared"] == ran().trace.records[at - 12 : at]
    assert any(side["own"] for side in plan["sides"])
    picture = apart(ran(), other)
    assert picture.text.startswith("Apart from 07:3")
    assert f"Equal for {at:,} records." in picture.text
    fork = next(label for label in picture.labels if label.text.startswith("apart from 07:3"))
    beside = {label.text for label in picture.labels if label.y > fork.y and label.bold}
    assert {"as it was", "as it would have been"} <= beside, "one sequence, and then two"
    assert_readable(picture)


def test_two_sequences_of_many_services_stand_one_below_the_other_and_neither_leaves_the_picture() -> None:
    plan = layout(ran().trace, OTHERS["edited"]().trace)
    many = [record for record in ran().trace.of("sent") if record.purpose != "acknowledge"]
    heights = {}
    for records in (many, many[:1]):
        for side in plan["sides"]:
            side["shown"] = records
        picture = fork.draw(plan, ("as it was", "what if"))
        assert all(0 <= x <= picture.width for line in picture.lines for x, _ in line.points)
        heights[len(records)] = {label.y for label in picture.labels if label.text in ("as it was", "what if")}
        assert_readable(picture)
    titles = [len(each) for each in heights.values()]
    assert titles[0] > titles[1], "beside each other where there is room"


def test_a_message_that_says_something_else_is_seen_in_what_is_known_in_the_end() -> None:
    other = OTHERS["edited"]()
    plan = layout(ran().trace, other.trace)
    assert (f"boards: {FLIGHT}", "status cancelled", "status scheduled") in plan["states"]
    assert "status cancelled / status scheduled" in apart(ran(), other).text


def test_two_runs_bring_their_measures_and_only_those_that_differ_are_told() -> None:
    lost = run(BOSTON, "request-driven").without(news("operations", "request", "request-driven"))
    before, after = ran("request-driven").metrics, lost.metrics
    plan = layout(ran("request-driven").trace, lost.trace, measures=(before, after))
    told = {name for name, _, _ in plan["measures"]}
    assert told == {name for name in before if number(before[name]) != number(after[name])}
    assert "messages" in told
    assert all(one != other for _, one, other in plan["measures"])
    assert "Measures: " in apart(ran("request-driven"), lost).text
    assert "Measures: " not in apart(ran("request-driven").trace, lost.trace).text


def test_what_is_not_shown_is_counted() -> None:
    empty = Trace()
    plan = layout(ran().trace, empty, most=5)
    assert (plan["at"], plan["sides"][0]["own"], len(plan["sides"][0]["shown"])) == (0, len(ran().trace), 5)
    picture = apart(ran().trace, empty, most=5)
    assert any(f"{len(ran().trace) - 5} more records that the other has not" in label.text for label in picture.labels)
    assert any("they differ from the first record" in label.text for label in picture.labels)
    assert_readable(picture)


def test_equal_runs_are_said_to_be_equal() -> None:
    again = run(BOSTON, "event-carried state transfer")
    assert apart(ran(), again).text == f"The two are the same: All {len(again.trace):,} records are equal, one by one."
    assert layout(Trace(), Trace())["equal"]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_trace_and_a_part_of_it_differ_by_the_rest_alone(data: st.DataObject) -> None:
    trace = ran().trace
    length = data.draw(st.integers(0, len(trace) - 1))
    plan = layout(trace, Trace(trace.records[:length]))
    assert (plan["at"], plan["equal"]) == (length, False)
    assert [side["own"] for side in plan["sides"]] == [len(trace) - length, 0]
    assert plan["since"] == trace[length].at


def test_hostile_texts_stay_text() -> None:
    one, other = Trace(), Trace()
    one.add(0, "changed", NASTY, key=NASTY, before=None, after=NASTY)
    other.add(0, "failed", NASTY, Event(NASTY, {NASTY: NASTY}, NASTY), NASTY, note=NASTY)
    assert_harmless(apart(one, other, names=(NASTY, NASTY), measures=({NASTY: 1}, {NASTY: 2})))
