"""What is at a point: ranked, from small to large, and honest where there is nothing."""

from __future__ import annotations

import pytest
import shapely

from edition.filters import Filters
from edition.view import LEVELS, View
from geo.boundaries import LEVELS as PLACES
from geo.projections import to_bng, to_lonlat
from profiles.point import at_point, clusters_at, nearest_cluster, reach_of
from regions.figures import clusters_in

BOTH = Filters(family="both")
NATIONS = {
    "England": ("Vale of White Horse", 51.5754, -1.3180),
    "Scotland": ("Glasgow City", 55.8609, -4.2514),
    "Wales": ("Cardiff", 51.4816, -3.1791),
    "Northern Ireland": ("Belfast", 54.5973, -5.9301),
}
AT_SEA = (50.0, -20.0)


@pytest.mark.parametrize("nation", NATIONS)
def test_a_point_in_each_nation_is_held_by_a_region_of_every_level(edition, nation):
    authority, lat, lon = NATIONS[nation]
    answer = at_point(edition, Filters(), lat, lon, 12)
    assert answer["title"] == f"{authority}, {nation}"
    kinds = [PLACES[level].name for level in LEVELS]
    if nation == "England":
        # The Vale of White Horse is in no city region.
        kinds[kinds.index("City region")] = "Rest of a nation"
    assert [row["level"] for row in answer["regions"]] == kinds
    # City regions and nations stand beside the statistical levels; those hold one another.
    sizes = [row["population"] for row in answer["regions"][:4]]
    assert sizes == sorted(sizes)
    assert answer["regions"][-1]["name"] == nation


def test_a_point_at_sea_says_so(edition):
    answer = at_point(edition, Filters(), *AT_SEA, zoom=18)
    assert answer["title"] == "Outside the United Kingdom's land"
    assert answer["regions"] == answer["projects"] == answer["clusters"] == []
    assert answer["no_clusters"].startswith("No cluster here.")


def test_where_there_is_no_cluster_the_nearest_is_named(edition):
    asked = Filters(sector=("life-sciences",))
    strongest = clusters_in(edition, asked).iloc[0]
    # Three kilometres east of the easternmost of its footprint.
    east, north = shapely.get_coordinates(strongest.geometry).max(axis=0)[0], strongest.geometry.centroid.y
    away = strongest.geometry.distance(here := shapely.Point(east + 3_000, north))
    assert 3_000 <= away < 9_950, "which is told to a tenth of a kilometre"
    others = edition.clusters.query("label == 'life-sciences' and cluster_id != @strongest.cluster_id")
    assert (others.distance(here) > away + 1_000).all()
    lon, lat = map(float, to_lonlat(here.x, here.y))
    answer = at_point(edition, asked, lat, lon, zoom=12)
    assert answer["clusters"] == []
    assert f"The nearest is {strongest['name']}, {away / 1_000:.1f} km away" in answer["no_clusters"]
    nothing = Filters(type=("Diverse",), sector=("defence",))
    assert nearest_cluster(edition, nothing, shapely.Point(0, 0)) is None


def test_clusters_are_ranked_by_strength(edition):
    found = clusters_in(edition, BOTH)
    middle = found.geometry.iloc[0].representative_point()
    near = clusters_at(edition, BOTH, middle, reach_of(3))
    assert len(near) > 5
    assert near["log10_p"].is_monotonic_increasing
    assert near["cluster_id"].is_unique


@pytest.mark.parametrize("zoom", [3, 12, 18])
def test_each_cluster_is_found_at_its_own_place(edition, zoom):
    for row in clusters_in(edition, BOTH).itertuples():
        lon, lat = float(row.lon), float(row.lat)
        here = shapely.Point(*map(float, to_bng(lon, lat)))
        inside = shapely.distance(row.geometry, here) <= reach_of(zoom)
        answer = at_point(edition, BOTH, lat, lon, zoom)
        assert (row.cluster_id in [cluster["cluster_id"] for cluster in answer["clusters"]]) == inside


def test_a_click_misses_less_as_the_map_comes_near(edition):
    assert reach_of(12) == pytest.approx(reach_of(11) / 2)
    lat, lon = NATIONS["England"][1:]
    counts = [len(at_point(edition, BOTH, lat, lon, zoom)["projects"]) for zoom in (4, 8, 18)]
    assert counts == sorted(counts, reverse=True)


def test_projects_come_by_award(edition):
    answer = at_point(edition, Filters(growth=True), 51.5, -0.12, 4)
    awards = edition.tables["projects"].set_index("project_id")["award_gbp"]
    known = [float(awards[row["id"]]) for row in answer["projects"]]
    assert len(known) == 12
    assert known == sorted(known, reverse=True)


def test_filters_take_away_and_say_why(edition):
    lat, lon = NATIONS["England"][1:]
    nothing = View(sector=("defence",), type=("Diverse",), year_from=2030)
    answer = at_point(edition, nothing, lat, lon, 3)
    assert answer["clusters"] == answer["projects"] == []
    assert answer["no_clusters"]
    assert all(row["public_gbp"] == 0 for row in answer["regions"])
    assert all("no award found" in row["text"] for row in answer["regions"])


def test_a_region_says_what_its_row_says(edition):
    answer = at_point(edition, Filters(), *NATIONS["Scotland"][1:], 12)
    for row in answer["regions"]:
        assert row["per_head"] == pytest.approx(row["public_gbp"] / row["population"])
        assert row["text"].startswith(f"{row['level']}: £")
