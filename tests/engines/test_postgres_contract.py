"""PostgreSQL under the contract of an event store: what memory and a file promise, it promises too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("psycopg", reason="the engines are not installed")
pytest.register_assert_rewrite("store_conformance")

from eventlab.engines import Engines  # noqa: E402
from eventlab.engines.postgres import PostgresStore  # noqa: E402
from tests.support.store_conformance import StoreContract  # noqa: E402


class TestInPostgreSQL(StoreContract):
    stories = 6

    @pytest.fixture
    def make_store(self, real: Engines, new_name: Callable[[], str]) -> Callable[[], PostgresStore]:
        return lambda: PostgresStore(real.postgres, new_name(), durable=False)

    @pytest.fixture
    def reopen(self, real: Engines) -> Callable[[Any], PostgresStore]:
        def again(store: PostgresStore) -> PostgresStore:
            store.close()
            return PostgresStore(real.postgres, store.schema, durable=False)

        return again
