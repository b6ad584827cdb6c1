"""Rows that stand for many companies: whole numbers or refused, and what a population counts once."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.admission import admit
from intake.columns import Columns
from intake.populations import refuse_contradicted
from intake.reading import batches, open_register, parts
from intake.register import Register
from tests.intake.small_files import parquet, refusal, text

ROLES = ("sector", "easting", "northing", "count", "population")


def admitted(rows, roles=ROLES):
    """Admit rows of a plane, given as text."""
    values = zip(*rows, strict=True)
    table = pa.table({role: pa.array(own, pa.string()) for role, own in zip(roles, values, strict=True)})
    register = Register("firms", (), tuple((role, role.upper()) for role in roles), "plane")
    out = admit(table, 0, register, None)
    assert out.rows == len(out.row) + len(out.refused)
    return out


@pytest.mark.parametrize(
    ("count", "population", "columns", "words"),
    [
        ("", "5", "COUNT", "no count given: expected a whole number such as 12"),
        ("x", "5", "COUNT", "not a number"),
        ("-1", "5", "COUNT", "no count of companies: expected a whole number such as 12, from 0 to"),
        ("inf", "5", "COUNT", "no count of companies"),
        ("1e12", "5", "COUNT", "no count of companies"),
        ("1.5", "5", "COUNT", "not a whole number: expected"),
        ("2", "4.25", "POPULATION", "never scale them up"),
        ("2", "", "POPULATION", "no population given"),
        ("6", "5", "COUNT, POPULATION", "the count is above the population"),
    ],
)
def test_a_count_that_is_none_is_refused_with_its_value(count, population, columns, words):
    out = admitted([("a", "1", "2", "5", "5"), ("a", "1", "2", count, population)])
    assert out.row.tolist() == [0]
    [line] = out.refused.itertuples(index=False)
    given = {"COUNT": count, "POPULATION": population}
    assert (line.row, line.column) == (1, columns)
    assert line.value == ", ".join(given[one] for one in columns.split(", "))
    assert words in line.reason


def test_whole_numbers_come_through_however_they_are_written():
    out = admitted([("a", "1", "2", "3.0", "1e2"), ("", "1", "9", "0", " 7 ")])
    assert out.count.tolist() == [3, 0]
    assert out.population.tolist() == [100, 7]
    assert out.counts is out.count


def test_columns_have_to_be_there_when_they_are_named(tmp_path):
    path = text(tmp_path, "sector,easting,northing,n\na,1,2,3\n")
    register = open_register(path, Columns(count="n"))
    assert dict(register.columns)["count"] == "n"
    assert register.aggregated
    assert not open_register(path).aggregated
    said = refusal(path, columns=Columns(population="N"))
    assert "no column 'N' (did you mean 'n'? --population-column names it)" in said


def test_counts_of_parquet_are_numbers_or_text(tmp_path):
    for values in ([3, 0], [3.0, 0.0], ["3", "0"]):
        path = parquet(tmp_path / "f.parquet", sector=["a", "b"], easting=[1, 2], northing=[3, 4], n=values)
        register = open_register(path, Columns(count="n"), planar=True)
        ((row, table),) = batches(register, parts(register)[0])
        assert admit(table, row, register, None).count.tolist() == [3, 0]


def test_a_plane_has_places_of_any_sign_and_size():
    rows = [("a", "-1e9", "0", "1", "1"), ("a", "0", "0", "1", "1"), ("a", "2e11", "0", "1", "1")]
    out = admitted([*rows, ("a", "inf", "0", "1", "1"), ("a", "", "0", "1", "1")])
    assert out.easting.tolist() == [-1e9, 0]
    assert out.la_codes == ()
    words = ("at most 100,000,000,000 either way", "not a finite number", "no place given")
    assert all(word in reason for word, reason in zip(words, out.refused["reason"], strict=True))
    assert out.refused["reason"].str.contains("expected metres of a plane").all()


def test_a_plane_needs_a_pair_of_coordinates_and_asks_no_postcode(tmp_path):
    path = text(tmp_path, "sector,postcode\na,OX11 0QR\n")
    assert "has no pair of planar coordinates" in refusal(path, planar=True)
    both = open_register(text(tmp_path, "sector,easting,northing,postcode\na,1,2,x\n"), planar=True)
    assert dict(both.columns).keys() == {"sector", "easting", "northing"}
    assert (both.planar, both.has_postcode) == (True, False)


def test_populations_of_a_point_that_differ_are_all_refused():
    out = admitted(
        [
            ("a", "1", "1", "2", "9"),
            ("b", "1", "1", "3", "10"),
            ("a", "1", "2", "1", "9"),
            ("", "1", "1", "0", "9"),
        ]
    )
    lines = refuse_contradicted(out, out.row[:0], "people")
    assert lines["row"].tolist() == [0, 1, 3]
    assert lines["column"].tolist() == ["people"] * 3
    assert lines["value"].tolist() == ["9", "10", "9"]
    assert lines["reason"].str.contains("populations from 9 to 10").all()
    # A row that takes no part contradicts nobody.
    assert refuse_contradicted(out, out.row[1:2]).empty


def test_a_label_that_counts_more_than_there_are_is_refused_and_others_stay():
    rows = [("a", "1", "1", "6", "9"), ("b;a", "1", "1", "4", "9"), ("b", "1", "1", "5", "9")]
    lines = refuse_contradicted(admitted(rows), admitted(rows).row[:0])
    assert lines["row"].tolist() == [0, 1]
    assert "counts 10 of a label out of 9 of all" in lines["reason"][0]


cells = st.tuples(
    st.sampled_from(["a", "b", "a;b", ""]), st.sampled_from("12"), st.just("0"), st.sampled_from("0123"),
    st.sampled_from("345"),
)  # fmt: skip


@given(st.lists(cells, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_what_stays_agrees_whatever_the_order(rows, random):
    def left(rows):
        out = admitted(rows)
        lines = refuse_contradicted(out, out.row[:0])
        return [row for at, row in enumerate(rows) if at not in {*lines["row"]}]

    stays = left(rows)
    for x in "12":
        here = [row for row in stays if row[1] == x]
        assert len({row[4] for row in here}) <= 1
        for label in "ab":
            assert sum(int(row[3]) for row in here if label in row[0]) <= int(here[0][4] if here else 0)
    mixed = random.sample(rows, len(rows))
    assert sorted(left(mixed)) == sorted(stays)
