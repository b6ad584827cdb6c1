import numpy as np
import pandas as pd

from clusters.description.profile import profile
from tests.clusters.places import FAR, cluster, evidence, members, project

FIRMS = pd.DataFrame({"firm_id": [f"f{i}" for i in range(6)], "status": ["active"] * 4 + ["acquired", ""]})


def made_of(*projects, assets=()):
    return profile(cluster(), members(), FIRMS, evidence(projects, assets=assets))


def test_members_are_counted_once_a_measure():
    firms = made_of().firms.set_index(["measure", "value"])["firms"]
    assert firms["status"].to_dict() == {"acquired": 1, "active": 4, "unknown": 1}
    assert firms["size_band"].to_dict() == {"unknown": 6}


def test_kinds_and_purposes_of_money_stay_apart():
    awards = made_of(
        project("a"),
        project("b", award_gbp=2e6),
        project("c", award_kind="envelope"),
        project("d", programme="GROWTH"),
        project("e", at=FAR),
        project("f", precision="region"),
    ).awards
    found = awards.set_index(["purpose", "award_kind"])["gbp"].to_dict()
    assert found == {
        ("regional growth", "award"): 1e6,
        ("research and innovation", "award"): 3e6,
        ("research and innovation", "envelope"): 1e6,
    }


def test_unknown_figures_are_counted_and_never_nought():
    awards = made_of(
        project("a", award_gbp=np.nan, award_kind=""), project("b"), project("c", award_gbp=np.nan)
    ).awards
    rows = awards.set_index("award_kind")
    assert np.isnan(rows.loc["unknown", "gbp"])
    assert rows.loc["award", ["projects", "without_figure", "gbp"]].tolist() == [2, 1, 1e6]


def test_money_inside_other_money_counts_once():
    inner = project("inner", nested_in="middle", award_gbp=1e5)
    outer = project("outer", award_gbp=5e6)
    gone = project("middle", nested_in="outer", at=FAR)
    assert made_of(inner, gone, outer).awards["gbp"].tolist() == [5e6]
    assert made_of(inner, gone).awards["gbp"].tolist() == [1e5]


def test_assets_are_counted_by_type():
    assets = [
        ("a", "A", "catapult", 0.0, 0.0),
        ("b", "B", "catapult", 0.0, 1.0),
        ("c", "C", "psre", FAR, 0.0),
    ]
    assert made_of(assets=assets).assets.to_numpy().tolist() == [["c", "catapult", 2]]
