"""The copy of a result that is shown holds every file that reading it asks for."""

from __future__ import annotations

from clusters.results.folder import ALWAYS, CLUSTER_FILE, FIRMS, REPORT
from edition.record import TAKEN
from tables.rows import TABLES


def test_every_table_of_a_result_is_taken():
    assert {f"{name}.parquet" for name in ALWAYS} < set(TAKEN)
    assert {REPORT, CLUSTER_FILE, f"{FIRMS}.parquet"} < set(TAKEN)


def test_the_api_gives_every_table_that_the_pages_offer():
    from typing import get_args

    from api.parameters import TableName

    assert set(get_args(TableName)) == set(TABLES)
