"""`eventlab.lessons` under its name in version 0.1."""

from eventlab.lessons import answer, check, hint, outcome, predict, progress, warm_up

__all__ = ["answer", "check", "hint", "outcome", "predict", "progress", "warm_up"]
