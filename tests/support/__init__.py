"""What several tests use; `REPO` is the folder of the project."""

from pathlib import Path

REPO = Path(__file__).parents[2]
