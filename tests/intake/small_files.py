"""Small registers as files, and all that is read of them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from intake.reading import batches, open_register, parts

HEADER = "firm_id,sector,easting,northing\n"


def text(tmp_path, content, name="firms.csv"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def parquet(path, rows_per_group=100, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, row_group_size=rows_per_group)
    return path


def plain(path, size=5, start=0, rows_per_group=100, **columns):
    numbers = list(range(start, start + size))
    own = {"sector": [f"s{n}" for n in numbers], "easting": numbers, "northing": numbers}
    return parquet(path, rows_per_group, **(own | columns))


def read(register):
    """All rows as (number, dictionary), and the sizes of the tables."""
    rows, sizes = [], []
    for part in parts(register):
        at = part.first_row
        for first, table in batches(register, part):
            assert first == at
            at += table.num_rows
            rows += list(enumerate(table.to_pylist(), start=first))
            sizes.append(table.num_rows)
        assert part.rows in (None, at - part.first_row)
    assert [number for number, _ in rows] == list(range(len(rows)))
    assert register.rows in (None, len(rows))
    return [row for _, row in rows], sizes


def refusal(source, **options):
    with pytest.raises(InputError) as fault:
        read(open_register(source, **options))
    return str(fault.value)
