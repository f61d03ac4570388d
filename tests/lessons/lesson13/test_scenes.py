"""What lesson 13 shows without engines: runs that are kept, sizes that are computed, a decision's record."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from eventlab.engines import Engines
from eventlab.engines.errors import EngineUnavailable
from eventlab.lessons.lesson13 import cluster, kept, morning, promises, scale, seats
from eventlab.lessons.lesson13.ex5_plan import PLAN, record


def tell(notices: Any, event: Any) -> None:
    notices.act(event, note="told")


def test_where_no_engines_are_one_sentence_says_so_and_what_is_kept_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.engines, "available", lambda: False)
    picture = cluster.people(tell)
    assert "Real engines are not installed here" in picture.text and "62 of 62" in picture.text
    *services, why = cluster.boston().rows
    assert "Real engines are not installed here" in why[0] and len(services) == len(morning.HEARS)
    for said in (cluster.heard(promises.fails_once), cluster.announced(lambda *_: None)):  # type: ignore[arg-type, return-value]
        assert "pip install" in said and "measured on" in said


def test_engines_that_do_not_start_are_told_as_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def local() -> Engines:
        raise EngineUnavailable("NATS", "the port is taken", "take another one")

    monkeypatch.setattr(cluster.engines, "available", lambda: True)
    monkeypatch.setattr(cluster.engines, "local", local)
    assert cluster.heard(promises.fails_once).startswith("NATS cannot be used: the port is taken; take another one")


def test_each_kill_that_is_kept_has_everybody_told_in_order_and_a_pause_of_its_own() -> None:
    for kill in kept.kills():
        assert len(kill.told) == seats.PEOPLE and all(a <= b for a, b in pairwise(kill.told))
        assert max(b - a for a, b in pairwise(kill.told)) > 4
    assert max(b - a for a, b in pairwise(kept.calm())) < 1


def test_the_kept_morning_holds_no_address_and_no_password() -> None:
    text = "\n".join(str(record) for record in kept.real_morning())
    assert not any(word in text for word in ("nats://", "postgresql://", "127.0.0.1", "password"))
    assert {record.where for record in kept.real_morning()} >= set(morning.HEARS)


def test_the_rates_of_a_busy_day_stand_beside_those_of_a_quiet_one() -> None:
    assert kept.busy().handled < kept.rates().handled and kept.busy().stored == kept.rates().stored
    assert scale.measured()[2] == {
        "events a second": "handled by one process", kept.measured_on(): "3,472", "busy with other work": "1,283"
    }  # fmt: skip


def test_sizes_follow_from_the_rates() -> None:
    handled = kept.rates().handled
    assert [scale.processes(events) for events in (1, handled, handled + 1)] == [2, 2, 3]
    assert scale.room(1000, 14) == 2 * scale.room(1000, 7) == 4 * scale.room(500, 7)
    assert scale.sizes(lambda *_: None)[0]["partitions"] == "not a number"


def test_a_record_says_what_is_missed_and_is_accepted_only_if_nothing_is() -> None:
    assert "*State:* accepted" in record(PLAN)
    proposed = record({**PLAN, "nodes": 1})
    assert "proposed; it misses: nodes that may die" in proposed and "No node may die" in proposed
