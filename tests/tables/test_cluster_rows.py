"""The table of clusters tells employment and births of editions that know sizes and dates alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.description.growth import BASIS, GROWTH
from clusters.results.reading import read_results
from clusters.results.writing import write_results
from clusters.shipped import shipped_clusters
from edition.view import View
from profiles.cluster_why import facts
from tables.columns import columns
from tables.rows import DATED, SIZED, WHOLE, clusters
from tests.own import edition_of, result
from words.growth import BIRTHS, EMPLOYMENT, SIZE

ALL = View(family="both")


def test_every_column_is_told_and_has_its_definition(edition):
    rows = clusters(edition, ALL)
    assert {*SIZED, *DATED} == set(GROWTH)
    assert [name for name in rows.columns if name in GROWTH] == [*SIZED, *DATED]
    units = {one.name: one.unit for one in columns("clusters", GROWTH)}
    assert [name for name, unit in units.items() if not unit] == [BASIS]


def test_numbers_are_those_of_the_scan(edition):
    rows = clusters(edition, ALL).set_index("cluster_id").sort_index()
    found = shipped_clusters().clusters
    # One of each family is shown: the one that chance gives least often.
    heads = found.loc[found.groupby("family")["e"].idxmin()]
    found = heads.set_index("cluster_id").sort_index()
    assert rows.index.tolist() == found.index.tolist()
    assert (rows[BASIS] == "size bands").all()
    for name in GROWTH[1:]:
        near = {"rtol": 0} if name in WHOLE else {"atol": 0.051}
        np.testing.assert_allclose(rows[name].astype(float), found[name].astype(float), **near)
    assert all(str(rows[name].dtype) == "Int64" for name in WHOLE)


def test_what_is_known_of_too_few_is_blank(edition):
    rows = clusters(edition, ALL)
    few = rows["births_dated"] < 5
    assert few.any()
    assert rows.loc[few, ["births", "births_expected", "births_p", "births_q"]].isna().all(axis=None)
    assert rows.loc[~few, "births_q"].notna().all()


def test_a_register_without_them_has_no_such_columns(own_edition):
    rows = clusters(own_edition, View())
    assert len(rows)
    assert not set(GROWTH) & set(rows.columns)
    row = next(own_edition.clusters.itertuples(index=False))
    assert not {EMPLOYMENT, SIZE, BIRTHS} & {what for what, *_ in facts(row, own_edition)}


@pytest.fixture
def older(tmp_path):
    """A result from before sizes and dates were told."""
    found = result()
    write_results(tmp_path / "older", replace(found, clusters=found.clusters.drop(columns=[*GROWTH])))
    return read_results(tmp_path / "older")


def test_a_result_from_before_is_shown(older, edition, tmp_path):
    shown = edition_of(older, edition, tmp_path)
    assert len(clusters(shown, View())) == len(older.clusters) > 0


def test_sizes_of_a_register_of_ones_own_are_shown(edition, tmp_path):
    found = result()
    numbers = {name: np.arange(len(found.clusters)) + 1.0 for name in SIZED[1:]}
    known = replace(found, clusters=found.clusters.assign(**{BASIS: "employees"}, **numbers))
    shown = edition_of(known, edition, tmp_path)
    rows = clusters(shown, View())
    assert set(SIZED) <= set(rows.columns)
    assert not set(DATED) & set(rows.columns)
    pd.testing.assert_index_equal(pd.Index(rows[BASIS].unique()), pd.Index(["employees"]), check_names=False)
    row = next(shown.clusters.itertuples(index=False))
    told = dict(fact[:2] for fact in facts(row, shown))
    assert "estimated" not in told[EMPLOYMENT]
    assert BIRTHS not in told
