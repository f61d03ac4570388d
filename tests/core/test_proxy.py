"""A retry budget, and a proxy that puts time-outs, retries, breaker and bulkhead before every request."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from eventlab.errors import Invalid, NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash
from eventlab.lab import Lab
from eventlab.measures.requests import calls
from eventlab.outbox import Inbox
from eventlab.proxy import Policy, Proxy
from eventlab.resilience import RetryBudget, retry
from eventlab.sim import Sim
from tests.support.laboratory import kinds, lab, result

ASK = Command("flight.describe")

# The budget -----------------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=300), st.integers(0, 3000), st.integers(1, 20))
def test_there_are_never_more_further_tries_than_the_budget_says(acts: list[bool], share: int, most: int) -> None:
    budget, first, further = RetryBudget(share=share / 1000, most=most), 0, 0
    for is_first in acts:
        if is_first:
            budget.earn()
            first += 1
        else:
            further += budget.spend()
        assert 1000 * further <= 1000 * most + share * first
        assert 0 <= budget.tokens <= most


def test_a_tenth_of_a_token_ten_times_is_a_whole_one() -> None:
    budget = RetryBudget(share=0.1, most=1)
    assert budget.spend() and not budget.spend()
    for _ in range(10):
        assert not budget.spend()
        budget.earn()
    assert budget.spend() and not budget.spend()


@pytest.mark.parametrize("wrong", [{"share": -0.1}, {"share": float("nan")}, {"most": 0}])
def test_a_budget_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        RetryBudget(**wrong)


def test_when_the_budget_is_spent_the_first_error_comes_out_at_once() -> None:
    sim, budget, asked = Sim(), RetryBudget(share=0, most=2), []

    async def fails() -> None:
        asked.append(sim.now)
        raise Unavailable("not running")

    for tries in (3, 1, 1):
        before = len(asked)
        with pytest.raises(Unavailable):
            result(sim, retry(sim, fails, tries=3, budget=budget))
        assert len(asked) - before == tries


# The proxy ------------------------------------------------------------------------------------------------


def town(policy: Policy, seed: int = 0) -> tuple[Lab, Proxy]:
    home = lab(seed)
    operations = home.service("operations", workers=50)

    async def describe(command: Command) -> dict[str, Any]:
        await operations.sleep(0.5)
        if command.data.get("no"):
            raise Refused("no such flight")
        return {"status": "on time"}

    operations.answers(ASK.type, describe)
    return home, Proxy(home.service("boards"), policy)


def asked(home: Lab) -> list[tuple[float, str]]:
    return [(round(call.since / 1e9, 2), call.outcome) for call in calls(home.trace)]


def test_it_answers_like_the_client_and_with_its_errors() -> None:
    home, proxy = town(Policy())
    assert result(home.sim, proxy.request("operations", ASK)) == {"status": "on time"}
    home.inject(Crash("operations", 10, 20))
    assert result(home.sim, Proxy(proxy.client, Policy(timeout=None)).request("operations", ASK))
    with pytest.raises(NoReply):
        result(home.sim, proxy.request("operations", ASK, timeout=0.1))
    with pytest.raises(Refused):
        result(home.sim, proxy.request("operations", Command(ASK.type, {"no": True})))


def test_no_time_at_all_is_not_all_the_time() -> None:
    home, proxy = town(Policy(timeout=0))
    with pytest.raises(NoReply):
        result(home.sim, proxy.request("operations", ASK))
    with pytest.raises(NoReply):
        result(home.sim, Proxy(proxy.client, Policy()).request("operations", ASK, timeout=0))


def test_it_tries_again_after_pauses_that_double_and_never_after_a_definite_no() -> None:
    home, proxy = town(Policy(timeout=0.1, tries=3, pause=1.0))
    with pytest.raises(NoReply):
        result(home.sim, proxy.request("operations", ASK))
    assert asked(home) == [(0.0, "no reply"), (1.1, "no reply"), (3.2, "no reply")]
    home, proxy = town(Policy(timeout=1, tries=3))
    with pytest.raises(Refused):
        result(home.sim, proxy.request("operations", Command(ASK.type, {"no": True})))
    assert len(asked(home)) == 1


def test_all_tries_bear_one_id_by_which_the_callee_knows_them() -> None:
    home, proxy = town(Policy(timeout=0.1, tries=3))
    Inbox(home.network.nodes["operations"])  # type: ignore[arg-type]
    with pytest.raises(NoReply):
        result(home.sim, proxy.request("operations", ASK))
    home.run()
    assert len({call.id for call in calls(home.trace)}) == 1
    assert kinds(home.trace, "handled", "ignored") == ["ignored", "ignored", "handled"]


def test_each_callee_has_a_breaker_of_its_own_and_each_try_counts() -> None:
    home, proxy = town(Policy(timeout=1, tries=2, limit=2, open_for=10))
    home.service("gates").answers("gate.describe", lambda command: {"gate": "A1"})
    home.inject(Crash("operations", 0))
    for _ in range(3):
        with pytest.raises(Unavailable):
            result(home.sim, proxy.request("operations", ASK))
    assert len(asked(home)) == 2
    assert result(home.sim, proxy.request("gates", Command("gate.describe"))) == {"gate": "A1"}


def test_the_bulkhead_counts_the_calls_that_are_under_way() -> None:
    home, proxy = town(Policy(room=2))
    seen: list[str] = []

    async def ask() -> None:
        try:
            await proxy.request("operations", ASK)
            seen.append("answered")
        except Unavailable:
            seen.append("full")

    for _ in range(3):
        home.start(ask())
    home.run()
    assert seen == ["full", "answered", "answered"]


def test_the_budget_is_shared_by_all_calls_to_one_callee() -> None:
    home, proxy = town(Policy(timeout=0.1, tries=9, share=0.1))
    for _ in range(40):
        with pytest.raises(NoReply):
            result(home.sim, proxy.request("operations", ASK))
    assert len(asked(home)) == 40 + 13  # ten tokens at the beginning, and a tenth of one for each first try


def test_jitter_is_drawn_from_the_seed() -> None:
    runs = []
    for seed in (1, 1, 2):
        home, proxy = town(Policy(timeout=0.1, tries=4, pause=1.0, jitter=True), seed)
        with pytest.raises(NoReply):
            result(home.sim, proxy.request("operations", ASK))
        runs.append(asked(home))
    assert runs[0] == runs[1] != runs[2]


def test_settings_and_moving_parts_are_counted() -> None:
    everything = Policy(timeout=1, tries=3, pause=0.1, jitter=True, share=0.1, limit=5, open_for=30, room=10)
    assert len(everything.settings) == 8 and len(everything.parts) == 7
    assert Policy().settings == ["timeout"] and Policy().parts == ["time-out"]
    assert Policy(timeout=None).settings == Policy(timeout=None).parts == []


@pytest.mark.parametrize("wrong", [{"pause": 1.0}, {"share": 0.1}, {"tries": 2, "jitter": True}, {"open_for": 3.0}])
def test_a_setting_without_the_part_that_it_belongs_to_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="beside it"):
        Policy(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tries": 0},
        {"limit": 0},
        {"room": 0},
        {"timeout": -1.0},
        {"tries": 2, "pause": -1.0},
        {"tries": 2, "share": -1},
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused_when_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Policy(**wrong)
