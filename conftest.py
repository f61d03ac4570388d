"""Tests and notebooks under test keep no progress of a learner, find none, and reach no other machine."""

import os
from pathlib import Path

os.environ["EVENTLAB_PROGRESS"] = ":memory:"
OFFLINE = str(Path(__file__).parent / "tests" / "offline")  # a module there is run by every Python that starts
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [OFFLINE, os.environ.get("PYTHONPATH")]))
