import pytest
import shapely

from clusters.shipped import SHIPPED, shipped_clusters, shipped_firms
from data.tables import table


@pytest.fixture(scope="module")
def found():
    return shipped_clusters()


def test_every_row_is_kept_or_refused(found):
    firms = table("firms")
    refused = found.refused.groupby("table").size()
    assert refused["firms"] == (firms["location_precision"] == "town").sum()
    used = found.labels["firms"].sum()
    assert used + refused["labels"] == len(firms) + firms["technologies"].map(len).sum()


@pytest.mark.parametrize(
    ("label", "place"),
    [
        ("space", "Harwell"),
        ("life-sciences", "Cambridge"),
        ("life-sciences", "Alderley Park"),
        ("drug-discovery", "Alderley Park"),
        ("fintech", "City of London"),
        ("financial-services", "City of London"),
        ("graphene-and-2d-materials", "Manchester"),
    ],
)
def test_what_everyone_would_expect_is_there(found, label, place):
    of_label = found.clusters[found.clusters["label"] == label]
    assert of_label["name"].str.contains(place).sum() == 1


def test_well_known_clusters_hold_the_firms_of_their_towns(found):
    members = found.members.merge(shipped_firms()[["firm_id", "town"]], on="firm_id")
    labels = members["cluster_id"].map(found.clusters.set_index("cluster_id")["label"])
    towns = members.groupby(labels)["town"].agg(set)
    assert "Harwell" in towns["space"]
    assert {"Babraham", "Nether Alderley"} <= towns["life-sciences"]
    assert "London" in towns["fintech"]
    assert "Manchester" in towns["graphene-and-2d-materials"]


def test_no_firm_is_in_two_clusters_of_a_label(found):
    labels = found.members["cluster_id"].map(found.clusters.set_index("cluster_id")["label"])
    assert not found.members.assign(label=labels).duplicated(["label", "firm_id"]).any()


def test_what_is_said_of_a_cluster_holds_together(found):
    clusters = found.clusters
    assert clusters["cluster_id"].is_unique
    assert clusters["name"].is_unique
    assert SHIPPED.min_firms == 4
    assert (clusters["peak_observed"] >= SHIPPED.min_firms).all()
    assert (clusters["companies"] >= SHIPPED.min_firms).all()
    assert (clusters["companies"] >= clusters["peak_observed"] / 2).all()
    assert clusters["peak_radius_m"].isin(SHIPPED.radii_m).all()
    assert (clusters["peak_lq"] >= SHIPPED.min_lq - 1e-9).all()
    assert (clusters["log10_p"] < clusters["threshold"]).all()
    assert (clusters[["p", "q"]].max(axis=1) <= SHIPPED.pale).all()
    solid = clusters["standing"] == "solid"
    assert (solid == (clusters[["p", "q"]].max(axis=1) <= SHIPPED.level)).all()
    assert solid.sum() > (~solid).sum()
    assert (clusters["one_site"] == (clusters["points"] == 1)).all()
    heads = clusters.set_index("cluster_id")["family"]
    assert (heads[heads].to_numpy() == heads.to_numpy()).all()
    assert heads.nunique() < len(heads)
    assert clusters["lq"].between(clusters["lq_low"], clusters["lq_high"] * (1 + 1e-12)).all()
    assert clusters["stability"].between(0, 1).all()
    assert clusters.geometry.is_valid.all()
    cores = clusters[clusters["core_share"] == 1]
    assert shapely.equals(cores.geometry.to_numpy(), cores["core_geometry"].to_numpy()).all()
    assert (clusters["core_geometry"].is_empty == (clusters["core_share"] == 0)).all()


def test_labels_that_were_not_tested_say_why(found):
    labels = found.labels
    assert (labels["tested"] == (labels["reason"] == "")).all()
    assert (labels.loc[~labels["tested"], "clusters"] == 0).all()


def test_every_label_that_was_tested_says_what_came_nearest(found):
    tested = found.labels[found.labels["tested"]]
    assert (tested["best_place"] != "").all()
    assert (tested["best"] != "").all()
    enough = tested["best_observed"] >= [SHIPPED.least(size) for size in tested["companies"]]
    assert enough.any()
    assert tested.loc[enough, "best_p"].between(0, 1).all()
    assert tested.loc[~enough, "best_p"].isna().all()
    assert found.labels.loc[~found.labels["tested"], "best_place"].eq("").all()
    assert (found.nearly["reason"] != "").all()
    assert set(found.nearly["label"]) <= set(tested["label"])
