"""The architectures as they stand, on JetStream and PostgreSQL: they come to the same end as in simulation."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("nats", reason="the engines are not installed")
pytest.importorskip("psycopg", reason="the engines are not installed")

import psycopg

from eventlab.airports.scenario import Scenario, run, start
from eventlab.engines import Engines
from eventlab.engines.airports import RealRun, end_state, perform
from eventlab.engines.runtime import Runtime
from eventlab.errors import Invalid
from eventlab.faults import Crash
from eventlab.trace import Trace

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=2)
SPEED = 100_000.0


def kinds(trace: Trace) -> Counter[str]:
    return Counter(record.kind for record in trace)


@pytest.mark.parametrize("architecture", ["event notification", "event sourcing"])
def test_the_boston_morning_ends_as_it_does_in_simulation(architecture: str, real: Engines, tmp_path: Path) -> None:
    simulated, done = run(BOSTON, architecture), asyncio.run(perform(BOSTON, architecture, real, speed=SPEED))
    assert end_state(done) == end_state(simulated)
    assert kinds(done.trace) == kinds(simulated.trace)
    same = ["answered %", "out of date %", "told late", "never told", "told twice", "messages", "requests", "coupling"]
    assert {name: done.metrics[name] for name in same} == {name: simulated.metrics[name] for name in same}
    done.trace.save(tmp_path / "real.jsonl")
    assert Trace.load(tmp_path / "real.jsonl").digest() == done.digest
    assert done.stage == simulated.stage


def test_a_service_that_was_down_catches_up_and_nothing_is_left_behind(real: Engines) -> None:
    away = BOSTON.with_(faults=[Crash("boards", BOSTON.at("07:00"), BOSTON.at("09:00"))])
    done = asyncio.run(perform(away, "publish/subscribe", real, speed=SPEED))
    assert end_state(done) == end_state(run(away, "publish/subscribe"))
    assert done.metrics["answered %"] < 100
    with psycopg.connect(real.postgres) as connection:
        left = connection.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'airports_')")
        assert left.fetchall() == []


def test_what_runs_beside_is_ended_with_the_run_and_its_error_is_told(real: Engines) -> None:
    seen = list[str]()

    async def waits(runtime: Runtime) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("ended")

    async def fails(runtime: Runtime) -> None:
        raise ZeroDivisionError

    asyncio.run(perform(BOSTON, "request-driven", real, speed=SPEED, meanwhile=waits))
    assert seen == ["ended"]
    with pytest.raises(ZeroDivisionError):
        asyncio.run(perform(BOSTON, "request-driven", real, speed=SPEED, meanwhile=fails))


def test_what_can_only_be_simulated_is_refused_before_anything_begins(real: Engines) -> None:
    sent = next(record for record in run(BOSTON, "publish/subscribe").trace if record.kind == "sent")
    other = start(BOSTON, "publish/subscribe").finish().without(sent)
    with pytest.raises(Invalid, match="simulate them"):
        RealRun(other.scenario, "publish/subscribe")
    with pytest.raises(Invalid, match="option"):
        asyncio.run(perform(BOSTON, "publish/subscribe", real, outbax=True))
