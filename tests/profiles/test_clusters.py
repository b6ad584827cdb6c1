"""The line of a cluster on the map tells its employment, as the tables have it."""

from __future__ import annotations

from layers.clusters import features
from profiles.clusters import summary, summary_beside
from words.growth import employees


def test_the_line_on_the_map_tells_employment(edition):
    told = 0
    for row in edition.clusters.itertuples(index=False):
        text = features(edition)[row.cluster_id]["properties"]["text"]
        assert text == summary_beside(row)
        assert text.startswith(summary(row))
        if row.employment_known >= 5:
            assert f"; {employees(row.employment, row.employment_basis)}" in text
            assert "(estimated)" in text
            told += 1
    assert told


def test_the_line_of_a_register_without_sizes_is_as_it_was(own_edition):
    rows = [*own_edition.clusters.itertuples(index=False)]
    assert rows
    assert all(summary_beside(row) == summary(row) for row in rows)
