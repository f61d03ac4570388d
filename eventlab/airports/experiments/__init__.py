"""Experiments of the lessons: what they set up and what they measure, always counted from a trace."""

from eventlab.airports.experiments.cut_off import CUT_OFF_FROM, leaving, producer_cut_off

__all__ = ["CUT_OFF_FROM", "leaving", "producer_cut_off"]
