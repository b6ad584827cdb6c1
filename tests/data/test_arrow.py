"""Columns of Arrow in one piece and as text."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data.arrow import QUOTED, as_text, mask_of, quoted, text_series, whole


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1.0, 2.5, None, float("nan"), float("inf"), -0.0]), ["1", "2.5", None, None, "inf", "0"]),
        (pa.array([1, None]), ["1", None]),
        (pa.array([2, None], pa.decimal128(8, 2)), ["2", None]),
        (pa.array(["007", None]).dictionary_encode(), ["007", None]),
        (pa.array([7, 7], pa.int8()).dictionary_encode(), ["7", "7"]),
        (pa.array([], pa.null()), []),
    ],
)
def test_values_are_written_as_a_reader_writes_them(values, texts):
    assert as_text(values).to_pylist() == texts


def test_a_column_in_chunks_is_one_array():
    chunks = pa.chunked_array([pa.array(own).dictionary_encode() for own in (["a", "b"], ["b", "c"])])
    assert whole(chunks).to_pylist() == ["a", "b", "b", "c"]
    assert whole(pa.array([1])).to_pylist() == [1]


def test_texts_are_fit_to_be_shown():
    shown = quoted(pa.array(["a\tb", None, "é" * 100, "\x00" * 100])).to_pylist()
    assert shown == ["a\\tb", "", "é" * QUOTED, "\\x00" * (QUOTED // 4)]
    assert text_series(pa.array(["a", None])).isna().tolist() == [False, True]
    assert mask_of(pa.array([True, False])).tolist() == [True, False]
