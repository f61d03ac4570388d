"""Silent or old: what a cut of so many minutes does to those who ask the owner, and to those who keep a copy."""

from __future__ import annotations

from eventlab.airports import compare, report
from eventlab.airports.clocks import MINUTE
from eventlab.airports.scenario import CUT_OFF_FROM
from eventlab.faults import Partition
from eventlab.lessons.lesson12.needs import SINCE, hours
from eventlab.views.drawing.table import Table, table
from eventlab.views.drawing.text import Prose

TWO = ["event notification", "event-carried state transfer"]


def cut_off(minutes: int) -> list[Table | Prose]:
    """Two hours in which nobody reaches operations for so many minutes: what passengers hear, under two patterns."""
    calm = hours("nothing")
    begin = calm.at(SINCE)
    faults = [Partition("operations", begin, begin + minutes * MINUTE, CUT_OFF_FROM)] if minutes else []
    felt = compare(calm.with_(faults=faults), TWO)
    silent, old = 100 - felt.at[TWO[0], "answered %"], felt.at[TWO[1], "out of date %"]
    said = f"Who asks operations leaves **{silent:.1f}%** without an answer. Who keeps a copy answers all; "
    said += f"**{old:.2f}%** of what is said is no longer true."
    return [Prose(said), table(report.comparison(felt, "answered %", "out of date %"), right=list(felt.index))]
