"""Tables that many share: whoever takes one may change it, and nobody else sees that."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from data.shared import Shared, kept
from edition.filters import Filters
from regions.figures import clusters_in, level_figures


def spoil(frame):
    """Change a table in the ways that a careless hand could: its cells, then its columns."""
    for column in frame.columns:
        frame.iloc[0, frame.columns.get_loc(column)] = frame[column].iloc[-1]
    frame["more"] = 1
    del frame[frame.columns[0]]


@pytest.mark.parametrize("kind", [pd.DataFrame, gpd.GeoDataFrame])
def test_what_is_kept_cannot_be_changed(kind):
    rows = {"number": [1, 2], "text": ["a", "b"], "geometry": [Point(0, 0), Point(1, 1)]}
    tables = Shared({"one": kind(rows)})
    before = tables["one"].copy()
    spoil(tables["one"])
    assert list(tables) == ["one"]
    assert len(tables) == 1
    assert type(tables["one"]) is kind
    pd.testing.assert_frame_equal(tables["one"], before)


def test_what_a_function_made_is_made_once_and_cannot_be_changed():
    made = []

    @kept(maxsize=2)
    def table(number):
        made.append(number)
        return pd.DataFrame({"number": [number, number], "twice": [2 * number, 0]})

    before = table(3).copy()
    spoil(table(3))
    pd.testing.assert_frame_equal(table(3), before)
    assert made == [3]


def test_no_table_of_an_edition_can_be_changed(edition):
    def taken():
        return {
            **{name: edition.tables[name] for name in edition.tables},
            **{f"regions {level}": edition.regions[level] for level in edition.regions},
            "clusters": edition.clusters,
            "clusters asked for": clusters_in(edition, Filters()),
            "figures": level_figures(edition, Filters(), "itl1"),
        }

    before = {name: frame.copy() for name, frame in taken().items()}
    for frame in taken().values():
        if len(frame):
            spoil(frame)
    for name, frame in taken().items():
        pd.testing.assert_frame_equal(frame, before[name], obj=name)
