import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.detect import detect
from clusters.scan.parameters import ScanParameters
from data.errors import InputError
from tests.clusters.towns import country, firm_table, planted

QUICK = ScanParameters(min_firms=5, relabellings=20, resamples=10)
NUMBERS = [
    "firms",
    "companies",
    "all_companies",
    "lq",
    "lq_low",
    "lq_high",
    "log10_p",
    "stability",
    "core_share",
]


def no_labels():
    return pd.DataFrame({"firm_id": pd.Series(dtype=object), "label": pd.Series(dtype=object)})


def test_a_planted_cluster_is_found_with_its_firms():
    firms, labels, wanted = planted()
    found = detect(firms, labels, QUICK)
    row = found.clusters.iloc[0]
    assert row["cluster_id"] == "pottery--pot-bank-park"
    assert row["name"] == "Pottery, Pot Bank Park"
    assert set(found.members.loc[found.members["cluster_id"] == row["cluster_id"], "firm_id"]) == wanted
    assert row["log10_p"] < row["threshold"]
    assert row["p"] <= row["q"] <= QUICK.level
    assert (row["standing"], row["family"], row["one_site"]) == ("solid", row["cluster_id"], False)
    assert 0 <= row["p_error"] < row["p"] * 5
    assert row["lq"] <= row["lq_national"]
    assert row["stability"] > 0.9
    assert row["lq_low"] <= row["lq"] <= row["lq_high"]
    assert row["expected"] == pytest.approx(row["all_companies"] * row["baseline"])
    assert row["la_codes"] == ["E06000021"]
    assert row["type"] == "Diverse"


def test_the_tables_agree_with_one_another():
    found = detect(*planted()[:2], QUICK)
    members = found.members.groupby("cluster_id")
    clusters = found.clusters.set_index("cluster_id")
    assert members.size().to_dict() == clusters["firms"].to_dict()
    assert members["core"].mean().to_dict() == pytest.approx(clusters["core_share"].to_dict())
    cells = found.cells.groupby("cluster_id")
    assert cells["log10_p"].min().to_dict() == clusters["log10_p"].to_dict()
    assert found.labels["clusters"].sum() == len(clusters)
    assert not found.members.duplicated(["cluster_id", "firm_id"]).any()
    assert clusters.crs.to_epsg() == 27700
    assert shapely.covers(
        clusters.geometry.to_numpy(), shapely.points(clusters[["easting", "northing"]].to_numpy())
    ).all()
    for row in found.members.itertuples():
        assert clusters.geometry[row.cluster_id].covers(shapely.Point(row.easting, row.northing))


def test_random_labels_seldom_show_a_cluster():
    firms, _ = country(seed=5, firms=600)
    draws = np.random.default_rng(11)
    sizes = draws.integers(20, 200, 100)
    labels = pd.concat(
        pd.DataFrame(
            {"firm_id": draws.choice(firms["firm_id"], size, replace=False), "label": f"shuffle {i}"}
        )
        for i, size in enumerate(sizes)
    )
    found = detect(firms, labels, ScanParameters(min_firms=5, relabellings=20, resamples=0))
    assert found.labels["tested"].all()
    # On a map of chance alone, something solid has a chance of 1 in 20, and something pale of 1 in 5.
    assert len(found.clusters) <= 1
    # What each would be by itself is told instead: about 5 of a hundred at a level of 5%.
    best = found.labels["best_p"]
    assert best.notna().all()
    assert (found.labels["best"] != "").all()
    assert 0 < (best <= 0.05).sum() <= 11
    assert len(found.nearly) > 10
    assert set(found.nearly["label"]) <= set(found.labels["label"])


@settings(max_examples=2, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_has_no_say(random):
    firms, labels, _ = planted()
    first = detect(firms, labels, QUICK)
    order, again = list(range(len(firms))), list(range(len(labels)))
    random.shuffle(order)
    random.shuffle(again)
    second = detect(firms.iloc[order], labels.iloc[again], QUICK)
    for table in ("members", "cells", "labels", "nearly", "refused", "evidence"):
        pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))
    pd.testing.assert_frame_equal(first.clusters, second.clusters)


@settings(max_examples=2, deadline=None)
@given(st.integers(-2, 2), st.integers(-2, 2))
def test_moving_all_firms_by_whole_squares_moves_the_clusters(columns, rows):
    firms, labels, _ = planted()
    # The wide window is made of squares of 100 cells a side, which stay where they are.
    columns, rows = 100 * columns, 100 * rows
    moved = firms.assign(easting=firms["easting"] + 250 * columns, northing=firms["northing"] + 250 * rows)
    here, there = detect(firms, labels, QUICK), detect(moved, labels, QUICK)
    pd.testing.assert_frame_equal(
        here.clusters[["cluster_id", *NUMBERS]], there.clusters[["cluster_id", *NUMBERS]]
    )
    pd.testing.assert_frame_equal(
        here.members[["cluster_id", "firm_id", "core"]], there.members[["cluster_id", "firm_id", "core"]]
    )
    np.testing.assert_allclose(here.cells["easting"] + 250 * columns, there.cells["easting"])


def test_a_label_does_not_change_because_another_is_there():
    firms, labels, _ = planted()
    other = pd.DataFrame({"firm_id": firms["firm_id"][::3], "label": "brewing"})
    alone, both = detect(firms, labels, QUICK), detect(firms, pd.concat([labels, other]), QUICK)
    kept = both.clusters[both.clusters["label"] == "pottery"].reset_index(drop=True)
    # All but how sure it is: labels share the slope of their chances, and what is chance among all shown.
    pooled = ["threshold", "e", "p", "p_error", "q", "stability", "core_share", "core_geometry", "geometry"]
    pd.testing.assert_frame_equal(*(pd.DataFrame(one).drop(columns=pooled) for one in (alone.clusters, kept)))
    assert (kept["q"] >= kept["p"]).all()


def test_rows_given_twice_count_once():
    firms, labels, _ = planted()
    once = detect(firms, labels, QUICK)
    twice = detect(pd.concat([firms, firms]), pd.concat([labels, labels]), QUICK)
    pd.testing.assert_frame_equal(once.clusters, twice.clusters)
    assert len(twice.refused) == len(firms) + len(labels)


def test_sites_of_one_group_in_one_cell_make_no_cluster():
    firms, labels = country(seed=3)
    yard = firm_table([[400_100.0, 200_100.0]] * 12)
    yard["firm_id"] = [f"y{i}" for i in range(12)]
    labels = pd.concat([labels, pd.DataFrame({"firm_id": yard["firm_id"], "label": "pottery"})])
    apart = detect(pd.concat([firms, yard]), labels, QUICK)
    group = detect(pd.concat([firms, yard.assign(company_group="Wedge")]), labels, QUICK)
    ids = [set(found.members["firm_id"]) & set(yard["firm_id"]) for found in (apart, group)]
    assert ids[0] == set(yard["firm_id"])
    assert not ids[1]


def test_firms_known_to_their_town_never_take_part():
    firms, labels, wanted = planted()
    vague = firms.assign(location_precision=np.where(firms["firm_id"].isin(wanted), "town", "postcode"))
    found = detect(vague, labels, QUICK)
    assert not wanted & set(found.members["firm_id"])
    assert (found.refused.loc[found.refused["table"] == "firms", "value"] == "town").sum() == len(wanted)


def test_one_firm_is_too_few_to_test():
    found = detect(firm_table([[0, 0]]), pd.DataFrame({"firm_id": ["f00000"], "label": ["a"]}), QUICK)
    assert found.clusters.empty
    assert found.labels["tested"].tolist() == [False]
    assert "1 company with" in found.labels["reason"][0]


def test_no_firms_and_no_labels_give_empty_tables():
    firms = firm_table([[0, 0]])
    for found in (detect(firms.iloc[:0], no_labels(), QUICK), detect(firms, no_labels(), QUICK)):
        assert found.clusters.empty
        assert found.members.empty
        assert "geometry" in found.clusters.columns
        assert "type" in found.clusters.columns


def test_all_firms_at_one_point_cannot_stand_out():
    firms = firm_table([[1_000, 1_000]] * 60)
    labels = pd.DataFrame({"firm_id": firms["firm_id"][:20], "label": "a"})
    found = detect(firms, labels, QUICK)
    assert found.labels["tested"].tolist() == [True]
    assert found.clusters.empty


def test_a_label_of_all_firms_has_no_cluster_and_says_why():
    firms, _ = country()
    found = detect(firms, pd.DataFrame({"firm_id": firms["firm_id"], "label": "all"}), QUICK)
    assert found.clusters.empty
    assert "quotient" in found.labels["reason"][0]


def test_a_label_whose_firms_are_all_refused_is_listed():
    firms, labels, _ = planted()
    nobody = pd.DataFrame({"firm_id": ["nobody"], "label": ["empty"]})
    found = detect(firms, pd.concat([labels, nobody]), QUICK)
    row = found.labels.set_index("label").loc["empty"]
    assert (row["firms"], row["tested"], row["kind"], row["title"]) == (0, False, "sector", "Empty")


def test_two_clusters_of_a_label_in_one_town_have_two_names():
    firms, labels = country(seed=2)
    # Further apart than the wide window reaches: all else there is empty land.
    spots = np.repeat([[400_250.0, 200_250.0], [400_250.0, 290_250.0]], 12, axis=0)
    pair = firm_table(spots, town="Burslem")
    pair["firm_id"] = [f"y{i:02}" for i in range(24)]
    labels = pd.concat([labels, pd.DataFrame({"firm_id": pair["firm_id"], "label": "pottery"})])
    found = detect(pd.concat([firms, pair]), labels, QUICK).clusters
    assert len(found) >= 2
    assert found["name"].is_unique
    assert found["cluster_id"].is_unique


def test_a_hollow_town_gives_its_cluster_half_of_the_companies_that_proved_it():
    # Firms round a park of 2.9 km with one office in its middle, from where the widest disc sees them all.
    firms, labels = country(seed=4)
    angle = np.linspace(0, 2 * np.pi, 15)[:-1]
    round_it = np.column_stack([400_125 + 1_450 * np.cos(angle), 200_125 + 1_450 * np.sin(angle)])
    town = firm_table(np.vstack([round_it, [[400_125, 200_125]]]))
    town["firm_id"] = [f"y{i:02}" for i in range(15)]
    labels = pd.concat([labels, pd.DataFrame({"firm_id": town["firm_id"][:14], "label": "pottery"})])
    found = detect(pd.concat([firms, town]), labels, QUICK)
    ring = found.members[found.members["firm_id"].isin(town["firm_id"])]
    assert len(set(ring["cluster_id"])) == 1
    assert len(ring) >= 7
    assert (found.clusters["peak_observed"] >= QUICK.min_firms).all()
    assert (found.clusters["companies"] >= found.clusters["peak_observed"] / 2).all()
    assert (found.clusters["companies"] >= QUICK.min_firms).all()


def test_a_users_bare_table_is_enough():
    firms, labels, wanted = planted()
    bare = firms[["firm_id", "easting", "northing", "location_precision"]]
    found = detect(bare, labels, QUICK)
    assert wanted <= set(found.members["firm_id"])
    assert found.clusters["la_codes"].tolist() == [[]] * len(found.clusters)
    assert found.clusters["name"].iloc[0] == "Pottery, unnamed place"


def test_a_title_stands_in_the_name_and_the_label_in_the_id():
    firms, labels, _ = planted()
    row = detect(firms, labels.assign(title="Pots and pans"), QUICK).clusters.iloc[0]
    assert row["name"] == "Pots and pans, Pot Bank Park"
    assert row["cluster_id"] == "pottery--pot-bank-park"


def test_labels_that_differ_in_brackets_have_names_that_do():
    firms, labels, _ = planted()
    row = detect(firms, labels.assign(label="pottery (games)"), QUICK).clusters.iloc[0]
    assert row["name"] == "Pottery (games), Pot Bank Park"
    assert row["cluster_id"] == "pottery-games--pot-bank-park"


@pytest.mark.parametrize(
    ("far", "words"), [(1e10, "are the coordinates metres"), (1e15, r"easting is 1e\+15: expected metres")]
)
def test_coordinates_that_are_no_places_on_a_map_are_refused_in_words(far, words):
    firms, labels, _ = planted()
    moved = {column: firms[column].where(firms.index > 0, far) for column in ("easting", "northing")}
    with pytest.raises(InputError, match=words):
        detect(firms.assign(**moved), labels, QUICK)


def test_no_firm_is_in_two_clusters_of_a_label():
    p = ScanParameters(min_firms=3, relabellings=20, resamples=0)
    for seed in range(3):
        found = detect(*planted(extra=30, seed=seed)[:2], p)
        carried = found.members.merge(found.clusters[["cluster_id", "label"]], on="cluster_id")
        assert len(carried)
        assert not carried.duplicated(["label", "firm_id"]).any()


def test_firms_of_two_labels_are_one_family():
    firms, labels, wanted = planted()
    both = pd.concat([labels, pd.DataFrame({"firm_id": sorted(wanted)[:9], "label": "kilns"})])
    some = np.random.default_rng(2).choice(firms["firm_id"].iloc[:400], 30, replace=False)
    both = pd.concat([both, pd.DataFrame({"firm_id": some, "label": "kilns"})])
    clusters = detect(firms, both, QUICK).clusters
    there = clusters[np.hypot(clusters["easting"] - 400_250, clusters["northing"] - 200_250) < 2_000]
    assert sorted(there["label"]) == ["kilns", "pottery"]
    head = there.sort_values(["e", "firms"], ascending=[True, False])["cluster_id"].iloc[0]
    assert set(there["family"]) == {head}


def test_firms_at_one_point_are_one_site():
    firms, labels = country(seed=3)
    yard = firm_table([[400_100.0, 200_100.0]] * 12)
    yard["firm_id"] = [f"y{i}" for i in range(12)]
    labels = pd.concat([labels, pd.DataFrame({"firm_id": yard["firm_id"], "label": "pottery"})])
    clusters = detect(pd.concat([firms, yard]), labels, QUICK).clusters
    one = clusters[clusters["one_site"]]
    assert one["points"].tolist() == [1]
    assert one["largest_point"].tolist() == [1]
    assert one["firms"].tolist() == [12]
