"""Copies: how long they differ from their owner, when they agree for good, and what they make people hear."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest

from eventlab.airports import run
from eventlab.airports.scenario import producer_cut_off
from eventlab.event import Event
from eventlab.lessons.lesson07.replication import FLIGHT, REPLICAS, follow
from eventlab.measures import staleness
from eventlab.measures.staleness import StaleInterval
from eventlab.trace import Trace

S = 1_000_000_000


def blind(state: MutableMapping[str, Any], event: Event) -> None:
    state[event.subject] = event.data


def careful(state: MutableMapping[str, Any], event: Event) -> None:
    if event.data["version"] > state.get(event.subject, {}).get("version", 0):
        state[event.subject] = event.data


def changes(*rows: tuple[int, str, Any]) -> Trace:
    trace = Trace()
    before: dict[str, Any] = {}
    for at, where, after in rows:
        trace.add(at * S, "changed", where, key="UA1", before=before.get(where), after=after)
        before[where] = after
    return trace


def test_a_gap_lasts_from_the_owners_change_until_the_copy_says_the_same() -> None:
    trace = changes((1, "gates", "12"), (3, "boards", "12"), (7, "gates", "14"), (8, "boards", "14"))
    assert staleness.stale_intervals(trace, "gates", "boards") == [
        StaleInterval("boards", "UA1", 1 * S, 3 * S),
        StaleInterval("boards", "UA1", 7 * S, 8 * S),
    ]
    assert staleness.seconds(staleness.stale_intervals(trace, "gates", "boards")) == [1.0, 2.0]
    assert staleness.stale_share(trace, "gates", "boards") == 3 / 7


def test_a_copy_that_is_never_right_again_never_converges() -> None:
    trace = changes(
        (1, "gates", "12"), (2, "boards", "12"), (3, "gates", "14"), (4, "boards", "14"), (5, "boards", "12")
    )
    assert staleness.stale_intervals(trace, "gates", "boards")[-1] == StaleInterval("boards", "UA1", 5 * S, None)
    assert staleness.convergence(trace, "gates", "boards") == float("inf")


def test_convergence_counts_from_the_owners_last_change_to_the_last_copy() -> None:
    trace = changes((1, "gates", "12"), (2, "boards", "12"), (6, "notices", "12"))
    assert staleness.convergence(trace, "gates", "boards", "notices") == 5


def test_a_copy_may_keep_less_than_its_owner_but_nothing_else() -> None:
    true = {"gate": "12", "status": "delayed", "version": 3}
    assert staleness.agree(true, {"gate": "12"})
    assert not staleness.agree(true, {"gate": "11"})
    assert not staleness.agree(true, None)


def test_only_a_copy_that_gets_older_went_back() -> None:
    trace = changes((1, "boards", {"version": 1}), (2, "boards", {"version": 3}), (3, "boards", {"version": 2}))
    assert [record.at for record in staleness.regressions(trace, "boards")] == [3 * S]


def test_without_overtaking_every_copy_gets_every_change_in_order() -> None:
    trace = follow(blind, every=10, delay=1)
    assert staleness.regressions(trace, *REPLICAS) == []
    assert staleness.convergence(trace, "gates", *REPLICAS) < 1.3
    assert trace.state("boards")[FLIGHT]["version"] == 20


def test_overtaken_events_take_blind_copies_back_and_careful_ones_never() -> None:
    backwards, stuck = 0, 0
    for seed in range(20):
        one, other = (follow(keep, every=2, overtaken=0.3, seed=seed) for keep in (blind, careful))
        backwards += len(staleness.regressions(one, *REPLICAS))
        stuck += staleness.convergence(one, "gates", *REPLICAS) == float("inf")
        assert staleness.regressions(other, *REPLICAS) == []
        assert staleness.convergence(other, "gates", *REPLICAS) < 10
    assert backwards > 20
    assert stuck > 5


def test_the_share_of_time_in_which_copies_are_wrong_grows_with_rate_and_delay() -> None:
    shares = [
        staleness.stale_share(follow(careful, every=every, delay=delay, changes=200), "gates", *REPLICAS)
        for every, delay in ((600, 1), (60, 1), (60, 10), (6, 10))
    ]
    assert shares == sorted(shares)
    assert shares[0] < 0.01 < 0.5 < shares[-1]


@pytest.mark.parametrize(
    ("architecture", "answered", "wrong"), [("event notification", 0, False), ("event-carried state transfer", 1, True)]
)
def test_while_the_producer_is_cut_off_one_says_nothing_and_one_says_what_it_knew(
    architecture: str, answered: int, wrong: bool
) -> None:
    cut = producer_cut_off()
    trace = run(cut, architecture).trace
    got = staleness.answers(trace, "passengers", "operations", cut.at("15:00"), cut.at("15:45"))
    assert got.asked > 100
    assert got.answered == answered * got.asked
    assert (got.wrong > 0) == wrong
    assert staleness.convergence(trace, "operations", "boards") < 1
