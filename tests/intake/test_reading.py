"""A register is read part by part, elsewhere too, and its rows are numbered throughout."""

from __future__ import annotations

import pickle

import numpy as np

from intake.reading import batches, open_register, parts
from tests.intake.small_files import plain, read


def test_parts_are_read_apart(tmp_path, few):
    register = pickle.loads(pickle.dumps(open_register(plain(tmp_path / "a.parquet", 9, rows_per_group=2))))
    ((first, table),) = batches(register, parts(register)[2])
    assert (first, table["sector"].to_pylist()) == (4, ["s4", "s5"])


def test_a_register_of_no_firms(tmp_path):
    register = open_register(plain(tmp_path / "a.parquet", 0))
    assert (register.rows, read(register)) == (0, ([], []))


def test_numbers_of_rows_are_whole(tmp_path):
    part = parts(open_register(plain(tmp_path / "a.parquet", 3)))[0]
    assert type(part.first_row) is int
    assert not isinstance(part.rows, np.integer)
