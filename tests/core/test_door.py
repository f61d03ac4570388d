"""A door lets in what fits the types of a signature in deed, also where it has another name."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

from eventlab import SECOND, Command, Delay, Event, Flaky, Lab, Partition, Stage, Trace
from eventlab.door import door
from eventlab.errors import Invalid, NoReply


@door
def take(
    names: Sequence[str] = (), number: float = 0.0, count: int = 0, some: tuple[str, ...] = (), path: str | Path = ""
) -> tuple[Any, ...]:
    return list(names), number, count, list(some), path


def test_an_index_or_an_array_is_a_sequence_of_what_it_holds() -> None:
    for names in (("a", "b"), ["a", "b"], deque("ab"), pandas.Index(["a", "b"]), numpy.array(["a", "b"])):
        assert take(names)[0] == take(some=names)[3] == ["a", "b"]  # a tuple of as many as there are: so too
    for wrong in ("ab", {"a": 1}, {"a", "b"}, pandas.Index([1, 2]), None):
        with pytest.raises(Invalid, match="names"):
            take(wrong)
        with pytest.raises(Invalid, match="some"):
            take(some=wrong)


def test_a_number_is_a_number_whoever_made_it() -> None:
    for number in (1, 1.5, numpy.float64(1.5), numpy.int64(3), Fraction(1, 2)):
        assert take(number=number)[1] == number
    assert take(count=numpy.int64(3))[2] == 3
    for wrong in (True, "1", float("nan"), 2**70, None):
        with pytest.raises(Invalid, match="number"):
            take(number=wrong)


def test_a_path_is_whatever_the_system_takes_for_one(tmp_path: Path) -> None:
    trace, path = Lab().trace, tmp_path / "run.jsonl"
    trace.save(path)
    with os.scandir(tmp_path) as found, os.scandir(os.fsencode(tmp_path)) as of_bytes:
        entry, bytes_entry = next(found), next(of_bytes)
    assert take(path=entry)[4] is entry  # type: ignore[arg-type]
    assert Trace.load(entry).digest() == trace.digest()  # type: ignore[arg-type]
    for wrong in (b"run.jsonl", 7, bytes_entry, Path("a\0b")):
        with pytest.raises(Invalid, match="path"):
            take(path=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [numpy.int64(3), numpy.int8(3), numpy.float32(3), Fraction(3), 3, 3.0])
def test_a_duration_and_a_point_in_time_are_numbers_whoever_made_them(seconds: Any) -> None:
    lab = Lab()
    mail = lab.service("mail", work=Delay(seconds))
    mail.answers("letter.send", lambda command: {})
    asked = lab.client("people")

    async def ask() -> None:
        with pytest.raises(NoReply, match="within 3 s"):
            await asked.request("mail", Command("letter.send"), timeout=seconds)

    lab.start(ask())
    lab.at(seconds, len, "")
    lab.run(seconds)
    assert (lab.sim.now, type(lab.sim.now)) == (3 * SECOND, int)
    lab.run()


def test_faults_and_settings_take_lists_where_they_keep_rows() -> None:
    lab = Lab()
    shop, mail = lab.service("shop"), lab.service("mail")
    pairs: Any = [["shop", "bus"]]
    lab.inject(Partition("mail", 1, 2, ["shop"]), Flaky(3, 4, loss=1.0, pairs=pairs))  # type: ignore[arg-type]
    mail.on("order.*", lambda event: None, durable="mail", backoff=range(1, 3))
    assert Stage(buses=["bus"], stores=("store",)).hubs == ("bus", "store")  # type: ignore[arg-type]
    for second in (3.5, 5):
        lab.at(second, shop.publish, Event("order.placed"))
    lab.run()
    assert [record.where for record in lab.trace.of("partitioned")] == ["mail"]
    assert (len(list(lab.trace.of("lost"))), len(list(lab.trace.of("published")))) == (1, 1)
