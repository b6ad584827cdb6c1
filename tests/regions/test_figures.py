"""Figures of places: each by hand where it can be, and laws that hold for any place."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tables import table
from edition.filters import Filters
from geo.boundaries import LEVELS
from regions.areas import area_place
from regions.figures import (
    COLUMNS,
    GROUND,
    asset_rows,
    assets_by_type,
    cluster_rows,
    figures,
    firm_rows,
    level_figures,
    money_rows,
    parts_of,
    specialisation,
)
from regions.firm_counts import ALL, by_authority, inside, member_rows
from regions.funding import funding
from regions.measures import MEASURES
from regions.places import find_place, find_places, places
from tests import own

PARTITIONS = [name for name, level in LEVELS.items() if level.partition]
ESTIMATES = ("population", "public_gbp", "private_gbp", "area_km2")
SHAPED = ("population", "area_km2", "public_gbp", "private_gbp", "firms", "clustered", "assets")


def drawn(edition, west, south, east, north, name="drawn"):
    return area_place(
        edition, shapely.MultiPolygon([shapely.box(west, south, east, north)]), name, f"x:{name}"
    )


@pytest.mark.parametrize("level", PARTITIONS)
@pytest.mark.parametrize(
    "filters", [Filters(), Filters(placed="lead", growth=True), Filters(sector=("defence",))]
)
def test_money_of_a_level_is_that_of_its_authorities(edition, level, filters):
    money = funding(edition, filters)
    members = edition.tables["membership"].query("level == @level")
    rows = money.allocation.rows.merge(members, on="la_code")
    found = level_figures(edition, filters, level)
    for column in ("public", "private"):
        sums = rows.groupby("region_id")[column].sum().reindex(found.index, fill_value=0)
        assert (found[f"{column}_gbp"] * 100).round().tolist() == sums.tolist()
    present = rows[rows["project_id"].map(money.taking_part)]
    counted = present.groupby("region_id")["project_id"].nunique().reindex(found.index, fill_value=0)
    assert found["projects"].tolist() == counted.tolist()


@pytest.mark.parametrize("level", PARTITIONS)
def test_what_lies_in_one_authority_adds_up_over_a_level(edition, level):
    rows = level_figures(edition, Filters(), level)
    assert rows["firms"].sum() == edition.firm_count[0]
    assert rows["assets"].sum() == len(edition.tables["assets"])
    members = edition.tables["members"].merge(edition.clusters[["cluster_id", "kind"]], on="cluster_id")
    assert rows["clustered"].sum() == members.loc[members["kind"] == "sector", "firm_id"].nunique()
    assert (
        rows["clusters"] == rows[[name for name in rows if name.startswith("clusters_")]].sum(axis=1)
    ).all()
    assert rows["clusters"].sum() >= len(edition.clusters[edition.clusters["kind"] == "sector"])


def test_every_measure_has_its_column(edition):
    rows = level_figures(edition, Filters(), "nation")
    columns = {measure.column for measure in MEASURES.values()} - {"", "moved_gbp"}
    assert columns <= set(rows.columns)


def test_the_country_is_all_there_is(edition):
    row = figures(edition, Filters(), [find_place(edition, "UK")]).iloc[0]
    money = funding(edition, Filters())
    assert round(row["public_gbp"] * 100) == money.allocation.placed["public"]
    assert row["firms"] == edition.firm_count[0]
    assert row["density"] == pytest.approx(row["population"] / row["area_km2"])


def test_firms_follow_the_labels_asked_for(edition):
    one = Filters(sector=("life-sciences",))
    two = Filters(sector=("life-sciences", "defence"))
    firms = edition.store.frame("firms")
    of = {name: firms[firms["is8"] == name] for name in ("life-sciences", "defence")}
    place = [find_place(edition, "E07000012"), find_place(edition, "UK")]
    for filters in (one, two):
        found = figures(edition, filters, place)["firms"]
        wanted = pd.concat([of[name] for name in filters.sector])
        assert found["UK"] == len(wanted)
        assert found["E07000012"] == (wanted["la_code"] == "E07000012").sum() > 0


def test_a_firm_of_two_labels_asked_for_counts_once(edition):
    firms = edition.store.frame("firms")
    several = firms[firms["technologies"].map(len) > 1]["technologies"].iloc[0]
    labels = frozenset(map(str, several[:2]))
    wanted = firms["technologies"].map(lambda ids: not labels.isdisjoint(ids)).sum()
    assert by_authority(edition, labels)["firms"].sum() == wanted


def test_specialisation_by_hand(edition):
    firms = edition.store.frame("firms")
    [place] = find_places(edition, ["E07000008"])
    rows = specialisation(edition, [place]).set_index("label")
    here = firms[firms["la_code"] == "E07000008"]
    row = rows.loc["life-sciences"]
    k, n = (here["is8"] == "life-sciences").sum(), len(here)
    share = (firms["is8"] == "life-sciences").mean()
    assert (row["firms"], row["of"], row["uk_of"]) == (k, n, len(firms))
    assert row["lq"] == pytest.approx(k / n / share)
    assert row["low"] < row["lq"] < row["high"]
    assert rows["small"].eq(rows["firms"] < edition.about.scan.min_firms).all()
    assert set(rows["kind"]) == {"sector", "technology"}
    country = specialisation(edition, [find_place(edition, "UK")])
    assert country["lq"].tolist() == pytest.approx([1.0] * len(country))


def test_a_cluster_counts_in_each_place_it_reaches_into(edition):
    codes = edition.clusters.set_index("cluster_id")["la_codes"]
    cluster = codes.index[codes.map(len) > 1][0]
    some = [find_place(edition, str(code)) for code in codes[cluster][:2]]
    rows = cluster_rows(edition, Filters(family="both"), some)
    assert rows.loc[rows["cluster_id"] == cluster, "ref"].tolist() == [place.ref for place in some]


def test_assets_by_type_add_up(edition):
    some = [find_place(edition, "Scotland"), find_place(edition, "Cambridge")]
    counted = assets_by_type(edition, some).sum(axis=1)
    assert counted.to_dict() == asset_rows(edition, some).groupby("ref").size().to_dict()
    assert counted["S92000003"] == table("assets")["la_code"].str.startswith("S").sum()


def test_an_area_that_is_an_authority_has_its_figures(edition):
    [whole] = find_places(edition, ["Exeter"])
    area = area_place(edition, shapely.MultiPolygon([whole.geometry.buffer(300)]), "around", "x:around")
    assert area.weights[whole.ref] == 1.0
    one, other = (figures(edition, Filters(), [place]).iloc[0] for place in (whole, area))
    # A strip of the neighbours comes with it.
    for column in ("population", "public_gbp", "firms", "assets"):
        assert other[column] >= one[column]
        assert other[column] <= one[column] * 1.2 + 3


@settings(max_examples=12, deadline=None)
@given(
    cut=st.floats(372_000, 402_000),
    filters=st.builds(
        Filters, placed=st.sampled_from(["delivery", "lead"]), growth=st.booleans(), family=st.just("both")
    ),
)
def test_two_areas_that_make_up_a_third_make_up_its_figures(edition, cut, filters):
    south, north = 385_000, 410_000
    whole = drawn(edition, 370_000, south, 404_000, north, "whole")
    parts = [
        drawn(edition, 370_000, south, cut, north, "west"),
        drawn(edition, cut, south, 404_000, north, "east"),
    ]
    rows = figures(edition, filters, [whole, *parts])
    for column in SHAPED:
        both = rows[column].iloc[1:].sum()
        # Unit postcodes near a border that boundaries put on its other side move a few residents, and pounds.
        slack = rows[column].iloc[0] * (0.002 if column in ESTIMATES else 1e-9) + 1e-6
        if column == "firms":
            # Firms known only to their town count where the authority lies wholly inside.
            assert both <= rows[column].iloc[0]
        else:
            assert abs(both - rows[column].iloc[0]) <= slack, column


def test_money_at_a_site_goes_whole_to_the_area_around_it(edition):
    projects = edition.tables["projects"]
    row = projects[projects["point"] & projects["award_gbp"].notna()].iloc[0]
    area = drawn(edition, row.easting - 400, row.northing - 400, row.easting + 400, row.northing + 400)
    rows = money_rows(edition, Filters(growth=True), [area])
    found = rows.loc[rows["project_id"] == row.project_id]
    allocated = funding(edition, Filters(growth=True)).allocation.rows.set_index("project_id")
    assert found["public"].sum() == allocated.loc[row.project_id, "public"]


def test_an_edition_of_ones_own_has_figures_by_its_labels(own_edition):
    rows = level_figures(own_edition, Filters(), "nation")
    assert rows["firms"].sum() <= own_edition.firm_count[0]
    assert rows["clustered"].sum() > 0
    some = [find_place(own_edition, "England")]
    labels = specialisation(own_edition, some)
    assert set(labels["label"]) == set(own_edition.labels.sectors)
    assert (
        firm_rows(own_edition, some).query("label == @ALL")["firms"].item() == rows.loc["E92000001", "firms"]
    )
    assert ALL == ""


def test_no_place_at_all_has_no_figures(edition):
    assert figures(edition, Filters(), []).empty
    assert places(edition).country is places(edition).country


@pytest.mark.parametrize("part", COLUMNS)
def test_a_part_has_the_columns_it_says_and_the_figures_of_the_whole(edition, part):
    filters = Filters(sector=("life-sciences",))
    whole = level_figures(edition, filters, "itl1")
    found = level_figures(edition, filters, "itl1", (part,))
    assert set(found) == {*COLUMNS[GROUND], *COLUMNS[part]}
    pd.testing.assert_frame_equal(found, whole[list(found)])


def test_every_column_belongs_to_one_part(edition):
    columns = [column for part in COLUMNS.values() for column in part]
    assert sorted(columns) == sorted(level_figures(edition, Filters(), "nation"))
    assert parts_of("per_head", "", "firms", "public_gbp") == ("money", "firms")
    with pytest.raises(KeyError):
        parts_of("height")


def test_the_country_is_its_own_measure_though_firms_have_no_authority(edition, tmp_path):
    """Firms whose authority is not known are in no place, and so in no share of the country."""
    found = own.result()
    codes = found.firms["la_code"].to_pylist()
    labelled = found.firms["sector"].to_pylist()
    lost = [None if "SIC 24" in str(label) and place % 2 else code
            for place, (code, label) in enumerate(zip(codes, labelled, strict=True))]  # fmt: skip
    firms = found.firms.set_column(
        found.firms.column_names.index("la_code"), "la_code", pa.array(lost, pa.string())
    )
    other = own.edition_of(dataclasses.replace(found, firms=firms), edition, tmp_path)
    filters = Filters(sector=("SIC 24",))
    row = figures(other, filters, [find_place(other, "UK")]).iloc[0]
    rows = specialisation(other, [find_place(other, "England")]).set_index("label")
    england = figures(other, filters, [find_place(other, "England")]).iloc[0]
    assert row["firms"] < len([label for label in labelled if "SIC 24" in str(label)])
    assert row["lq"] == pytest.approx(1.0)
    assert england["lq"] == pytest.approx(rows.loc["SIC 24", "lq"])


def test_what_an_area_has_by_share_of_residents_is_an_estimate(edition):
    whole = find_place(edition, "Manchester")
    led = Filters(placed="lead")
    west, south, east, north = whole.geometry.bounds
    area = drawn(edition, west, south, (west + east) / 2, north)
    assert 0 < area.weights[whole.ref] < 1
    # An authority takes the whole of what is led from it, and an area the share of its residents.
    rows = money_rows(edition, led, [area])
    allocated = funding(edition, led).allocation.rows
    full = rows.merge(allocated, on=["project_id", "la_code"], suffixes=("", "_whole"))
    part = full[(full["public"] != full["public_whole"]) & (full["basis_whole"] != "population")]
    assert len(part)
    assert set(part["basis"]) == {"population"}
    shared = figures(edition, led, [area])["estimated_share"].iloc[0]
    estimated = rows.loc[rows["basis"] == "population", "public"].sum()
    assert shared == pytest.approx(estimated / rows["public"].sum())


def test_a_cluster_is_in_an_area_that_holds_a_firm_of_it(edition):
    """Its footprint alone reaches further than its firms."""
    both = Filters(family="both")
    members = member_rows(edition)
    # Of a family of clusters the most striking stands for all.
    heads = edition.clusters[edition.clusters["family"] == edition.clusters["cluster_id"]]
    for row in heads.head(12).itertuples():
        west, south, east, north = row.geometry.bounds
        for area in (
            drawn(edition, west - 900, south - 900, west + 120, north + 900),
            drawn(edition, west, south, east, (south + north) / 2),
        ):
            mine = members[members["cluster_id"] == row.cluster_id]
            held = shapely.intersects_xy(area.geometry, mine["easting"], mine["northing"]).any()
            assert (row.cluster_id in set(cluster_rows(edition, both, [area])["cluster_id"])) == held


def test_an_area_around_an_authority_has_all_its_assets(edition):
    assets = edition.tables["assets"]
    for code, number in assets["la_code"].value_counts().items():
        place = find_place(edition, str(code))
        assert len(asset_rows(edition, [replaced(place)])) == number


def replaced(place):
    """The same authority with a sliver of another cut into: assets go by their authority all the same."""
    return dataclasses.replace(
        place, ref="x:1", level="area", weights={**place.weights, "none": 0.0}, cut=frozenset({"none"}),
        geometry=place.geometry.centroid.buffer(1),
    )  # fmt: skip


def test_counting_points_leaves_a_shared_shape_as_it_was(edition):
    area = drawn(edition, 380_000, 390_000, 390_000, 400_000)
    assert inside(area, edition.tables["assets"]).any()
    assert not shapely.is_prepared(area.geometry)
