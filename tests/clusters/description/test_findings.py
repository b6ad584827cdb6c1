"""From tested cells and their firms to described clusters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from clusters.description.findings import (
    CLUSTERS,
    LABELS,
    NEARLY,
    Naming,
    cells_of,
    findings,
    label_table,
    nearly_table,
)
from clusters.many_machines.tally import in_order
from clusters.scan.counts import cell_keys
from clusters.scan.label_scan import NO_CELLS, NO_GROUPS, LabelScan
from clusters.scan.nearly import NEARLY as PLACE
from clusters.scan.parameters import ScanParameters

PARAMETERS = ScanParameters()
AT = (1_600, 1_200)  # column and row of a cell


def scan(label="potters", groups=1, size=40) -> LabelScan:
    """One cluster of two cells for each group, 10 km apart; the first cell is the more striking."""
    column = np.array([AT[0] + 40 * group + step for group in range(groups) for step in (0, 1)])
    cells = pd.DataFrame(
        {
            "cell": cell_keys(column, np.full(2 * groups, AT[1])),
            "radius_m": 600.0,
            "k": [20, 12] * groups,
            "n": [30, 30] * groups,
            "baseline": 0.1,
            "lq": [20 / 3, 4.0] * groups,
            "log10_p": [-12.0, -6.0] * groups,
            "group": np.repeat(np.arange(groups), 2),
            "specialised": True,
            "frequency": 0.9,
            "core": [True, False] * groups,
        }
    )
    figures = {
        "observed": 20,
        "all_companies": 30,
        "national_share": 0.05,
        "kind_share": 0.06,
        "window_share": 0.02,
        "ring_share": 0.1,
        "threshold": -4.0,
        "e": 1e-9,
        "p": 1e-9,
        "p_error": 1e-10,
        "q": 1e-8,
        "standing": "solid",
        "stability": 0.9,
    }
    table = pd.DataFrame(figures, index=pd.RangeIndex(groups, name="group"))
    return LabelScan(label, size, -4.0, "", cells, table, best=place(easting=250.0 * AT[0]))


def place(**changes) -> pd.DataFrame:
    """A place that came near."""
    figures = {
        "easting": 388_125.0,
        "northing": 347_125.0,
        "radius_m": 600.0,
        "observed": 6,
        "companies": 20,
        "expected": 1.5,
        "lq": 4.0,
        "log10_p": -2.5,
        "e": 0.2,
        "p": 0.18,
        "minimum": 4,
        "more": 2,
    }
    return pd.DataFrame([figures | changes]).astype(PLACE)


def members(label="potters", groups=1, seed=0) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    parts = []
    for group in range(groups):
        x = 250.0 * (AT[0] + 40 * group) + np.round(draws.uniform(0, 500, 20))
        y = 250.0 * AT[1] + np.round(draws.uniform(0, 250, 20))
        parts.append(
            pd.DataFrame(
                {
                    "label": label,
                    "group": group,
                    "core": x < 250 * (AT[0] + 40 * group + 1),
                    "row": np.arange(20) + 20 * group,
                    "firm_id": [f"{label}{group}-{i:02}" for i in range(20)],
                    "easting": x,
                    "northing": y,
                    "la_code": ["E1"] * 13 + ["E2"] * 6 + [""],
                    "site": "",
                    "town": "Stoke",
                    "la_name": "Stoke-on-Trent",
                }
            )
        )
    return in_order(pd.concat(parts, ignore_index=True))


def found(scans, who, parameters=PARAMETERS):
    return findings(scans, who, naming(scans), parameters)


def naming(scans):
    titles = {one.label: one.label.title() for one in scans}
    return Naming(titles, dict.fromkeys(titles, "sector"), places)


def places(easting, northing):
    """Names as from a gazetteer of one's own."""
    names = [f"{x:.0f}/{y:.0f}" for x, y in zip(easting, northing, strict=True)]
    return pd.Series(names, easting.index, dtype=object)


def test_a_cluster_is_described():
    result = found([scan()], members())
    [row] = result.clusters.to_dict("records")
    assert (row["firms"], row["companies"], row["observed"], row["all_companies"]) == (20, 20, 20, 30)
    assert row["expected"] == pytest.approx(3.0)
    assert row["lq"] == pytest.approx(20 / 3)
    assert row["lq_low"] < row["lq"] < row["lq_high"]
    assert (row["peak_observed"], row["peak_companies"], row["peak_expected"]) == (20, 30, pytest.approx(3.0))
    assert (row["peak_easting"], row["peak_northing"]) == (250 * (AT[0] + 0.5), 250 * (AT[1] + 0.5))
    assert row["lq_national"] == pytest.approx(20 / 30 / 0.05)
    assert (row["log10_p"], row["threshold"], row["stability"]) == (-12.0, -4.0, 0.9)
    assert (row["e"], row["p"], row["p_error"], row["q"]) == (1e-9, 1e-9, 1e-10, 1e-8)
    assert (row["standing"], row["one_site"], row["family"]) == ("solid", False, "potters--stoke")
    assert row["largest_point"] == pytest.approx(members()[["easting", "northing"]].value_counts().max() / 20)
    shares = [row[name] for name in ("national_share", "kind_share", "window_share", "ring_share")]
    assert shares == [0.05, 0.06, 0.02, 0.1]
    assert row["baseline"] == pytest.approx(max(shares))
    assert row["la_codes"] == ["E1", "E2"]
    assert row["la_shares"] == pytest.approx([0.65, 0.3])
    assert row["core_share"] == pytest.approx(members()["core"].mean())
    assert row["points"] == members()[["easting", "northing"]].drop_duplicates().shape[0]
    assert row["name"] == "Potters, Stoke"
    assert row["cluster_id"] == "potters--stoke"
    points = shapely.points(*members()[["easting", "northing"]].to_numpy().T)
    assert shapely.is_valid(row["geometry"])
    assert shapely.covers(row["geometry"], points).all()
    # The concave hull of some points may bulge a little out of that of all.
    assert row["core_geometry"].difference(row["geometry"]).area < 0.01 * row["geometry"].area
    assert shapely.contains(row["geometry"], shapely.Point(row["easting"], row["northing"]))


def test_names_and_ids_are_distinct_and_everything_hangs_by_them():
    scans = [scan("potters", 3), scan("weavers", 2)]
    who = pd.concat([members("potters", 3), members("weavers", 2)], ignore_index=True)
    result = found(scans, who)
    assert result.clusters["cluster_id"].is_unique
    assert result.clusters["name"].is_unique
    for table in (result.members, result.cells):
        assert set(table["cluster_id"]) == set(result.clusters["cluster_id"])
        assert "group" not in table
    assert result.members.groupby("cluster_id").size().eq(20).all()
    assert result.cells.groupby("cluster_id").size().eq(2).all()


def test_the_order_of_members_and_labels_has_no_say():
    scans = [scan("potters", 3), scan("weavers", 2)]
    who = pd.concat([members("potters", 3), members("weavers", 2)], ignore_index=True)
    one = found(scans, in_order(who))
    other = found(scans[::-1], in_order(who.sample(frac=1, random_state=3)))
    pd.testing.assert_frame_equal(pd.DataFrame(one.clusters), pd.DataFrame(other.clusters))
    pd.testing.assert_frame_equal(one.members, other.members)


def test_nothing_found_is_a_table_without_rows():
    nothing = LabelScan("potters", 7, float("nan"), "7 companies", NO_CELLS, NO_GROUPS)
    for scans in ([], [nothing], [nothing, LabelScan("weavers", 70, -4.0, "", NO_CELLS, NO_GROUPS)]):
        result = found(scans, members().head(0))
        assert len(result.clusters) == len(result.members) == len(result.cells) == 0
        assert [*result.clusters.columns] == [*CLUSTERS, "core_geometry", "geometry"]
        assert result.clusters.crs.to_epsg() == 27700
        assert result.clusters["la_codes"].dtype == object


def test_cells_of_many_labels():
    nothing = [LabelScan(f"s{i}", 1, float("nan"), "few", NO_CELLS, NO_GROUPS) for i in range(50)]
    cells = cells_of([*nothing, scan("potters", 2)], PARAMETERS)
    assert cells["label"].tolist() == ["potters"] * 4
    assert (cells["easting"] % 250 == 125).all()


def test_labels_without_clusters_are_told():
    nothing = LabelScan("weavers", 7, float("nan"), "7 companies", NO_CELLS, NO_GROUPS)
    scans = [scan(groups=2), nothing]
    firms = pd.Series({"potters": 55})
    table = label_table(scans, firms, pd.DataFrame({"label": ["potters", "potters"]}), naming(scans))
    assert [*table.columns] == [*LABELS]
    assert table["clusters"].tolist() == [2, 0]
    assert table["firms"].tolist() == [55, 0]
    assert table["tested"].tolist() == [True, False]
    assert table["reason"].tolist() == ["", "7 companies"]
    assert table["best_place"].tolist() == ["400000/347125", ""]
    assert table["best_observed"].tolist()[0] == 6
    assert table["best_p"].isna().tolist() == [False, True]
    assert table["best"].tolist()[0].startswith("6 firms where 1.5 are expected")
    assert table["best"].tolist()[1] == ""
    assert label_table([], firms, pd.DataFrame({"label": []}), naming([])).columns.tolist() == [*LABELS]


def test_a_place_with_fewer_firms_than_the_minimum_is_told_without_a_chance():
    few = scan(groups=1)
    few = replace(few, best=few.best.assign(observed=3, minimum=4, p=np.nan, e=np.nan))
    table = label_table([few], pd.Series(dtype=int), pd.DataFrame({"label": []}), naming([few]))
    assert table["best_p"].isna().all()
    assert table["best"].tolist() == ["3 firms where 1.5 are expected: a cluster of this label needs 4"]


def test_places_that_came_near_are_listed_by_label():
    nothing = LabelScan("weavers", 70, -4.0, "", NO_CELLS, NO_GROUPS)
    two = pd.concat([place(), place(observed=5, more=3, e=0.7)], ignore_index=True)
    scans = [LabelScan("potters", 70, -4.0, "", NO_CELLS, NO_GROUPS, two), nothing]
    table = nearly_table(scans, naming(scans))
    assert [*table.columns] == [*NEARLY]
    assert table["label"].tolist() == ["potters"] * 2
    assert table["place"].tolist() == ["388125/347125"] * 2
    assert table["observed"].tolist() == [6, 5]
    assert table["reason"].str.contains("more would make it a cluster").all()
    for none in ([], [nothing]):
        empty = nearly_table(none, naming(none))
        assert [*empty.columns] == [*NEARLY]
        assert len(empty) == 0
        assert empty.dtypes.astype(str).to_dict() == table.dtypes.astype(str).to_dict()


# --- One site, families


def test_members_at_one_point_are_one_site():
    who = members("potters", 2)
    first = who["group"] == 0
    who.loc[first, ["easting", "northing"]] = [250.0 * AT[0] + 10, 250.0 * AT[1] + 10]
    clusters = found([scan(groups=2)], in_order(who)).clusters.sort_values("peak_easting")
    assert clusters["one_site"].tolist() == [True, False]
    assert clusters["points"].tolist()[0] == 1
    assert clusters["largest_point"].tolist()[0] == 1
    # Two points are no more one site, however full the one is.
    who.loc[who.index[first][:1], "easting"] += 30
    clusters = found([scan(groups=2)], in_order(who)).clusters.sort_values("peak_easting")
    assert clusters["one_site"].tolist() == [False, False]
    assert clusters["largest_point"].tolist()[0] == pytest.approx(0.95)


def test_clusters_of_the_same_firms_are_one_family_by_rows_even_without_ids():
    scans = [scan("potters"), scan("weavers")]
    scans[1].groups["e"] = 1e-12
    who = pd.concat([members("potters"), members("weavers")], ignore_index=True)
    other = found(scans, who.assign(row=np.arange(40), firm_id="")).clusters
    assert other["family"].tolist() == other["cluster_id"].tolist()
    same = found(scans, who.assign(firm_id="")).clusters.set_index("label")
    assert set(same["family"]) == {same.loc["weavers", "cluster_id"]}
