"""The work of deciding from a history, counted in events."""

from __future__ import annotations

import pytest

from eventlab.airports import Scenario
from eventlab.errors import Invalid
from eventlab.lessons.lesson09.replay_cost import STREAMS, cost

COMMANDS = [command for command in Scenario().commands if command.subject.startswith(("DL22", "B61"))]


def test_each_decision_folds_all_that_was_stored_in_its_stream_before() -> None:
    found = cost(COMMANDS, "one for all flights")
    assert len(COMMANDS) > 100
    assert found.folded == list(range(len(COMMANDS)))  # none of these commands is repeated or refused
    assert found.total == len(COMMANDS) * (len(COMMANDS) - 1) // 2


def test_a_stream_for_each_flight_folds_that_flights_events_alone() -> None:
    found = cost(COMMANDS, "one for each flight")
    seen: list[str] = []
    for command, folded in zip(COMMANDS, found.folded, strict=True):
        assert folded == seen.count(command.subject)
        seen.append(command.subject)


@pytest.mark.parametrize("every", [1, 10, 50])
def test_a_snapshot_limits_the_fold_and_nothing_else_changes(every: int) -> None:
    found = cost(COMMANDS, "one for all flights", every)
    assert found.folded == [number % every for number in range(len(COMMANDS))]
    assert found.snapshots == len(COMMANDS) // every


def test_the_finer_the_streams_the_less_is_folded() -> None:
    totals = [cost(COMMANDS, streams).total for streams in STREAMS]
    assert totals == sorted(totals, reverse=True) and totals[0] > 5 * totals[-1] > 0


def test_an_unknown_cut_is_refused() -> None:
    with pytest.raises(Invalid, match="one for each flight"):
        cost(COMMANDS, "flight")
