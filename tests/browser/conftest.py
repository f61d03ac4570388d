"""One JupyterLab and one browser for all browser tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .lab import HOW_TO_GET_ONE, Browser, Lab, find_browser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def opened() -> Iterator[Browser]:
    """A browser; where there is none the tests are skipped, and fail on CI."""
    if find_browser() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_GET_ONE)
        pytest.skip(HOW_TO_GET_ONE)
    with Browser() as browser:
        yield browser


browser = pytest.fixture(opened, scope="session")


@pytest.fixture(scope="session")
def lab(browser: Browser) -> Iterator[Lab]:
    """JupyterLab on a copy of notebooks/."""
    with Lab(NOTEBOOKS) as lab:
        yield lab
