"""How concentrated labels of an edition are: from its firms, one by one; what rests on few is not known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import distance

from clusters.concentration import ellison_glaeser, herfindahl, krugman, locational_gini
from edition.view import LEVELS, View
from regions import concentration as concentrations
from regions.concentration import M_COLUMNS, RADII_KM, REGIONAL, concentration
from regions.figures import specialisation
from regions.places import places
from tables.rows import TABLES

INDEXES = ["hhi", "krugman", "gini", "gamma"]


@pytest.fixture(scope="module")
def firms(edition):
    return edition.store.query("SELECT is8, technologies, la_code, point, easting, northing FROM firms")


def of_label(firms, label):
    return (firms["is8"] == label) | firms["technologies"].map(lambda held: label in held)


@pytest.mark.parametrize("level", ["itl1", "nation", "la"])
@pytest.mark.parametrize("label", ["life-sciences", "fintech"])
def test_indexes_are_those_of_the_firms_in_regions(edition, firms, level, label):
    region = edition.tables["membership"].query("level == @level").set_index("la_code")["region_id"]
    there = firms["la_code"].map(region)
    everyone = there.value_counts()
    own = there[of_label(firms, label)].value_counts().reindex(everyone.index, fill_value=0)
    row = concentration(edition, level).set_index("label").loc[label]
    assert row["firms"] == own.sum()
    assert row["regions_with"] == (own > 0).sum()
    assert row["regions"] == len(places(edition).of_level(level))
    wanted = {
        "hhi": herfindahl(own),
        "hhi_all_firms": herfindahl(everyone),
        "krugman": krugman(own, everyone),
        "gini": locational_gini(own, everyone),
        "gamma": ellison_glaeser(own, everyone, 1 / own.sum()),
    }
    assert row[list(REGIONAL)].to_dict() == pytest.approx(wanted)


@pytest.mark.parametrize("label", ["life-sciences", "semiconductors"])
def test_m_is_that_of_the_firms_with_a_place_pair_by_pair(edition, firms, label):
    placed = firms[firms["point"]]
    points, own = placed[["easting", "northing"]].to_numpy(float), of_label(placed, label).to_numpy()
    apart = distance.cdist(points[own], points)
    row = concentration(edition, "itl1").set_index("label").loc[label]
    assert row["placed_firms"] == own.sum()
    for column, radius in zip(M_COLUMNS, RADII_KM, strict=True):
        near = apart <= radius * 1_000
        others, alike = near.sum(axis=1) - 1, near[:, own].sum(axis=1) - 1
        met = others > 0
        share = (own.sum() - 1) / (len(points) - 1)
        assert row[column] == pytest.approx((alike[met] / others[met]).mean() / share)


@pytest.mark.parametrize("level", LEVELS)
def test_what_rests_on_too_few_is_not_known_and_never_nought(edition, level):
    rows, least = concentration(edition, level), edition.about.scan.min_firms
    few = rows["firms"] < least
    assert few.any()
    assert rows.loc[few, INDEXES].isna().all(axis=None)
    assert rows.loc[~few, INDEXES].notna().all(axis=None)
    assert rows.loc[rows["placed_firms"] < least, list(M_COLUMNS)].isna().all(axis=None)
    leading = rows["leading_region"] != ""
    assert (rows.loc[leading, "leading_firms"] >= least).all()
    assert rows.loc[~leading, ["lq", "region_krugman"]].isna().all(axis=None)
    # None of these is of firms that just happen to have no neighbour where none was to be expected.
    alone = rows[(rows[list(M_COLUMNS)] == 0).any(axis=1)]
    assert alone.empty or (alone["placed_firms"] >= least).all()


def test_a_pair_that_happens_to_be_near_tells_nothing(edition):
    rows = concentration(edition, "itl1").set_index("label")
    # Six firms with a place, two of them neighbours: M would be 69.
    assert rows.loc["immersive-media", "placed_firms"] >= edition.about.scan.min_firms
    assert np.isnan(rows.loc["immersive-media", "m_1_km"])


@pytest.mark.parametrize("level", ["itl2", "city_region"])
def test_the_leading_region_has_the_highest_quotient_of_those_with_enough_firms(edition, level):
    rows = concentration(edition, level).set_index("label")
    quotients = specialisation(edition, places(edition).of_level(level))
    enough = quotients[quotients["firms"] >= edition.about.scan.min_firms]
    assert rows["lq"].dropna().to_dict() == enough.groupby("label")["lq"].max().to_dict()
    for label, row in rows[rows["leading_region"] != ""].iterrows():
        found = enough[(enough["label"] == label) & (enough["ref"] == row["leading_region_id"])].iloc[0]
        assert (found["lq"], found["firms"]) == (row["lq"], row["leading_firms"])


def test_of_more_firms_than_m_takes_all_else_is_still_told(edition, monkeypatch):
    monkeypatch.setattr(concentrations, "MOST_FIRMS", 1_000)
    with_m = concentration(edition, "itl1")
    found = concentrations._nearness.__wrapped__(edition)
    assert concentrations.too_many(edition)
    assert found[list(M_COLUMNS)].isna().all(axis=None)
    assert found["label"].tolist()[: len(with_m)][0] == with_m["label"].iloc[0]
    assert "not worked out for more than 2,000,000 firms" in TABLES["concentration"].caveat


def test_a_register_of_ones_own_is_told_without_claims_on_the_sample(own_edition):
    table = TABLES["concentration"]
    rows = table.rows(own_edition, View(level="itl1"))
    assert set(rows["label_id"]) == set(own_edition.labels.sectors)
    assert rows["hhi"].notna().all()
    held = own_edition.store.query("SELECT set_id, label FROM label_sets")
    placed = own_edition.store.query("SELECT label_set AS set_id, point FROM firms").merge(held, on="set_id")
    counted = placed[placed["point"]]["label"].value_counts()
    assert dict(zip(rows["label_id"], rows["placed_firms"], strict=True)) == counted.to_dict()
    assert rows["m_50_km"].notna().all()
    assert "Curated sample" not in table.caveat_of(own_edition)
