"""The boards under the learner's hands: a handler of one's own beside two patterns, measured with the same cut."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from math import isnan
from typing import Any

from eventlab.airports.catalogue import FIELDS
from eventlab.airports.scenario import Run, start
from eventlab.airports.state_transfer import Describe
from eventlab.event import Command
from eventlab.lessons.lesson12.needs import NEEDS, hours
from eventlab.lessons.lesson12.scoreboard import figure, scoreboard
from eventlab.service import Service

TWO = ("event notification", "event-carried state transfer")
MEASURES = ("answered while cut off %", "wrong while cut off %", "p99 ms")


def beside(describe: Describe) -> list[dict[str, str]]:
    """A row for each of the two patterns, and one for boards that answer passengers with `describe(boards, command)`.

    Those boards keep copies, and may ask operations too.
    """
    values = scoreboard().values
    made = {fault: _with(describe, fault) for fault in {NEEDS[name].fault: None for name in MEASURES}}
    rows = {who: [values[name][who] for name in MEASURES] for who in TWO}
    rows["your boards"] = [NEEDS[name].measured(made[NEEDS[name].fault]) for name in MEASURES]
    return [{"who answers": who, **dict(zip(MEASURES, map(_told, row), strict=True))} for who, row in rows.items()]


def _told(value: float) -> str:
    return "no answer" if isnan(value) else figure(value)


def _with(describe: Describe, fault: str) -> Run:
    async def told(boards: Service, command: Command) -> Any:
        said = describe(boards, command)
        said = await said if isawaitable(said) else said
        # Copies have versions, which are nobody else's affair.
        return {name: said[name] for name in said if name in FIELDS} if isinstance(said, Mapping) else said

    made = start(hours(fault), "event-carried state transfer", describe=told)
    made.cast.answer_from(made.cast.operations, "flight.describe")
    return made.finish()
