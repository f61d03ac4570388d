"""What every test may rely on: hypothesis without a clock, the same examples on every CI run, and a tidy end."""

from __future__ import annotations

import gc
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import kept, order, plain_opens

# No deadline and no complaint about slowness: nothing in this suite may depend on how busy the machine is.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
# On CI a failure must be the change's own: the same examples every time, no database of earlier failures.
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


def pytest_configure() -> None:
    """A run that is ended from outside ends its servers and browsers too; who opens a store's file is watched."""
    plain_opens.watch()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """No test may open the file of a store in use, and nothing that it calls may."""
    yield
    assert not (opened := plain_opens.taken()), f"opened behind SQLite's back: {opened}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker has to be waited for at the end."""
    items.sort(key=lambda item: order.place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where `-n` alone is asked for, a worker takes a whole file, whose tests may share what is dear to set up."""
    return order.scheduler(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_for_the_next_file() -> Iterator[None]:
    """A coroutine that a test has left ends with the test's file, not in another test, which would fail for it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _what_is_counted_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where several workers run the tests, what takes long to count is kept in the folder of this very run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    with kept.scoreboard_kept(tmp_path_factory.getbasetemp().parent):
        yield
