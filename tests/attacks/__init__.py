"""Attacks on what is promised, each with a control that must fail: `python -m tests.attacks [NAME …] [--long]`."""
