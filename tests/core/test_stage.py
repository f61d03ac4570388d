"""The stage of a trace: who acts in it, and how its time is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventlab.airports import Scenario, run
from eventlab.airports.stage import STAGE
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.stage import Board, Stage
from eventlab.trace import Trace
from tests.support.laboratory import airport, lab, seconds

SHOP = Stage(
    actors=("customers", "shop", "bank"),
    people=("customers",),
    buses=("post",),
    angles={"shop": 180.0},
    zone="Europe/Paris",
    instants=("ordered",),
    subject="order",
    board=Board("shop", {"P": "Paris"}),
)
NOON = 1_360_321_200_000_000_000  # in Paris, on 8 February 2013


def test_a_trace_without_a_stage_shows_who_acts_in_the_order_of_appearance_and_who_is_a_bus() -> None:
    home = lab()
    shop, bank = home.service("shop"), home.service("bank")
    bank.on("order.placed", lambda event: Event("order.paid"))
    home.sim.call_at(seconds(5), lambda: shop.publish(Event("order.placed", {"price": 10}, subject="A")))
    home.sim.run()
    assert home.sim.trace.stage == Stage(actors=("shop", "bus", "bank"), buses=("bus",))


def test_the_stage_that_records_show_grows_with_them() -> None:
    trace = Trace()
    assert trace.stage == Stage()
    trace.add(5, "changed", "shop", key="a", after=1)
    assert trace.stage.actors == ("shop",)
    trace.add(6, "sent", "shop", other="bank")
    assert trace.stage.actors == ("shop", "bank")


def test_time_that_began_at_0_is_told_as_seconds_and_any_other_as_a_clock() -> None:
    assert (Trace().stage.clock(seconds(3_661.5)), Trace().stage.calendar(5)) == ("01:01:01", "")
    assert Stage().clock(seconds(3_661.5), fine=True) == Stage().when(seconds(3_661.5)) == "01:01:01.500"
    trace = Trace()
    trace.add(NOON, "changed", "shop", key="a", after=1)
    assert trace.stage.when(NOON) == "2013-02-08 11:00:00.000"
    assert (SHOP.clock(NOON), SHOP.when(NOON)) == ("12:00", "2013-02-08 12:00:00.000")


def test_a_run_of_the_airports_carries_the_airports_stage() -> None:
    flights = ["9E3422-JFK-0208"]
    assert run(Scenario(flights=flights, questions=1), "publish/subscribe").trace.stage == STAGE


def test_names_are_in_the_order_of_the_stage_and_strangers_last() -> None:
    assert SHOP.in_order(["z", "bank", "a", "customers"]) == ["customers", "bank", "a", "z"]


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("Europe/Nowhere", "../zone", "\0"):
        with pytest.raises(Invalid) as caught:
            Stage(zone=zone)
        assert (caught.value.what, caught.value.found) == ("zone", zone)


# Files ----------------------------------------------------------------------------------------------------------------


def test_a_stage_is_kept_in_the_traces_file_and_does_not_enter_the_digest(tmp_path: Path) -> None:
    trace = airport(1, flights=5).trace
    without = trace.digest()
    trace.stage = SHOP
    trace.save(tmp_path / "run.jsonl")
    loaded = Trace.load(tmp_path / "run.jsonl")
    assert (loaded.stage, loaded.records) == (SHOP, trace.records)
    assert loaded.digest() == trace.digest() == without


def test_a_stage_that_only_the_records_show_is_not_written(tmp_path: Path) -> None:
    trace = airport(1, flights=5).trace
    trace.save(tmp_path / "run.jsonl")
    assert (tmp_path / "run.jsonl").read_bytes().startswith(b'{"index":0')
    assert Trace.load(tmp_path / "run.jsonl").stage == trace.stage


@pytest.mark.parametrize(
    "line",
    [
        b'{"stage":{"actors":"shop"}}\n',
        b'{"stage":{"zone":"Europe/Nowhere"}}\n',
        b'{"stage":{"colour":"red"}}\n',
        b'{"stage":{}',
        b'{"stage":{"actors":["' + b"x" * (1 << 20) + b'"]}}\n',
    ],
)
def test_a_stage_that_is_none_is_refused_with_its_line(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "run.jsonl").write_bytes(line)
    with pytest.raises(Invalid) as caught:
        Trace.load(tmp_path / "run.jsonl")
    assert caught.value.where.endswith("line 1")


def test_a_stage_stands_in_the_first_line_or_nowhere(tmp_path: Path) -> None:
    trace = Trace(stage=SHOP)
    trace.add(5, "changed", "shop", key="a", after=1)
    trace.save(tmp_path / "run.jsonl")
    stage, record = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "run.jsonl").write_bytes(record + stage)
    with pytest.raises(Invalid) as caught:
        Trace.load(tmp_path / "run.jsonl")
    assert caught.value.where.endswith("line 2")
