"""Who takes part: every row is kept or refused with a reason, and nothing depends on how rows are split."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.admission import admit
from intake.columns import PLACES
from intake.reading import batches, open_register, parts
from intake.reasons import NO_SECTOR, hint
from intake.register import FAULT, LINE
from tests.intake.small_tables import by_firm, judged, table_of


def test_lines_that_could_not_be_read(ground, tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text("sector,postcode\na,SW1A 1AA\nbroken\nb,SW1A 1AA\n1,2,3\n,\n")
    source = open_register(path)
    ((row, table),) = batches(source, parts(source)[0])
    out = admit(table, row, source, ground)
    assert out.row.tolist() == [0, 2]
    assert out.refused.to_numpy().tolist()[:2] == [
        [1, "", "broken", "1 value where the header names 2 columns"],
        [3, "", "1,2,3", "3 values where the header names 2 columns"],
    ]
    assert out.refused["column"].tolist() == ["", "", "postcode"]


def test_values_are_quoted_short_and_without_control_characters(ground):
    out = judged(ground, table_of(postcode=["x" * 100_000, "a\nb\x1b[31m\u202e", "é" * 70, "\x00" * 70]))
    assert out.refused["value"].tolist() == ["x" * 60, "a\\nb\\x1b[31m\\u202e", "é" * 60, "\\x00" * 15]


def test_no_row_and_no_row_kept(ground):
    for columns in (
        {"easting": pa.array([], pa.float64()), "northing": pa.array([], pa.float64())},
        {"lon": pa.array([], pa.string()), "lat": pa.array([], pa.string())},
        {"postcode": pa.array([], pa.string()), "firm_id": pa.array([], pa.string())},
    ):
        out = judged(ground, pa.table({"sector": pa.array([], pa.string())} | columns))
        assert out.names == ()
    out = judged(ground, table_of(easting=[None, "x"], northing=[None, "y"], firm_id=["a", "b"]))
    assert (len(out.row), out.names, len(out.firm), len(out.firm_id)) == (0, (), 0, 0)


pieces = st.sampled_from(["", "a", "b", " a ", "c", "long name", "\n", "0"])

sectors = st.lists(pieces, max_size=4).map(";".join) | st.none()

numbers = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "nan", "-", "inf", "x", "1e400", "0", "529089", "179644", "51.5", "-0.14", "285000"]
    ),
    st.sampled_from(
        ["432000", "333800", "374500", "-15700", "6711000", "1e9", " 447000", "186000\t", "\x00"]
    ),
    st.integers(-200_000, 1_300_000).map(str),
    st.floats().map(str),
    st.text(max_size=5),
)

codes = st.one_of(
    st.none(),
    st.sampled_from(
        ["SW1A 1AA", "BT1 1AA", "bt521aa", "OX11", "OX11 0QR", "ZZ1 1ZZ", "JE2 3AB", "", "GIR 0AA"]
    ),
    st.text(max_size=9),
)

broken = st.none() | st.sampled_from(["3 values where the header names 4 columns"])


@st.composite
def tables(draw):
    """Rows of hostile text as from a file, perhaps with coordinates, perhaps with lines broken."""
    rows = draw(st.lists(st.tuples(sectors, numbers, numbers, codes, broken), max_size=30))
    values = zip(*rows, strict=True) if rows else [()] * 5
    sector, one, two, postcode, fault = (pa.array(own, pa.string()) for own in values)
    place = dict(zip(draw(st.sampled_from([PLACES["grid"], PLACES["lonlat"], ()])), (one, two), strict=False))
    beside = {"postcode": postcode} if not place or draw(st.booleans()) else {}
    return pa.table({"sector": sector, "firm_id": postcode} | place | beside | {LINE: one, FAULT: fault})


@given(table=tables())
@settings(max_examples=80)
def test_nothing_is_lost_and_nothing_crashes(ground, table):
    out = judged(ground, table)
    assert (out.la >= 0).all()
    assert not (out.refused["value"].str.len() > 3 * 60 + 4).any()
    texts = [table["sector"][int(row)].as_py() or "" for row in out.row]
    labels = [sorted({one.strip() for one in text.split(";")} - {""}) for text in texts]
    assert by_firm(out) == dict(zip(out.row.tolist(), labels, strict=True))
    assert out.notes[NO_SECTOR] == labels.count([])
    assert isinstance(hint(out.refused, out.rows), str)


@given(table=tables(), data=st.data())
@settings(max_examples=40)
def test_it_does_not_matter_how_rows_are_split_or_ordered(ground, table, data):
    whole = judged(ground, table)
    cut = data.draw(st.integers(0, table.num_rows))
    halves = [judged(ground, table.slice(0, cut)), judged(ground, table.slice(cut), cut)]
    for name in ("row", "easting", "northing", "la"):
        joined = np.concatenate([getattr(half, name) for half in halves])
        assert np.array_equal(joined, getattr(whole, name))
    assert pd.concat([half.refused for half in halves], ignore_index=True).equals(whole.refused)
    assert by_firm(halves[0]) | by_firm(halves[1]) == by_firm(whole)
    assert {key: sum(half.notes[key] for half in halves) for key in whole.notes} == whole.notes

    order = np.array(data.draw(st.permutations(range(table.num_rows))), dtype=np.int64)
    mixed = judged(ground, table.take(pa.array(order)))
    back = np.argsort(order[mixed.row])
    assert np.array_equal(order[mixed.row][back], whole.row)
    assert np.array_equal(mixed.easting[back], whole.easting)
