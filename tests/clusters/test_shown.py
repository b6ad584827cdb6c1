"""Clusters as they may be shown: those of withheld firms are drawn from where these are shown."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from clusters.description.footprint import footprints
from clusters.scan.parameters import ScanParameters
from clusters.shown import shown_clusters
from geo.projections import BNG
from geo.publishable import METRES, shown

PARAMETERS = ScanParameters()
# All at one point, spread about, and elsewhere.
SPOTS = {"point": [(146_146, 529_874)] * 8, "park": None, "other": None}
CORES = {"point": True, "park": False, "other": True}


@pytest.fixture
def found():
    """Clusters as they were found, and their members exactly."""
    draws = np.random.default_rng(3)
    spots = {
        **SPOTS,
        "park": np.array([148_379, 531_262]) + draws.normal(0, 400, (30, 2)),
        "other": np.array([430_100, 433_700]) + draws.normal(0, 400, (30, 2)),
    }
    members = pd.concat(
        [
            pd.DataFrame(np.asarray(each, dtype=float), columns=["easting", "northing"]).assign(
                cluster_id=name, core=CORES[name] & (np.arange(len(each)) < 6), withheld=name != "other"
            )
            for name, each in spots.items()
        ],
        ignore_index=True,
    )
    return drawn(members), members


def drawn(members):
    names = pd.Index(list(SPOTS))
    shapes = footprints(members, names, PARAMETERS)
    cores = footprints(members[members["core"]], names, PARAMETERS)
    middles = members.groupby("cluster_id")[["easting", "northing"]].mean().loc[names]
    table = pd.DataFrame({"cluster_id": names, **middles.reset_index(drop=True)})
    table = table.assign(
        peak_easting=middles["easting"].to_numpy(), peak_northing=middles["northing"].to_numpy()
    )
    core = [None if name == "park" else shape for name, shape in cores.items()]
    return gpd.GeoDataFrame(table.assign(core_geometry=core), geometry=shapes.to_numpy(), crs=BNG)


def moved(members):
    return members.assign(
        **{axis: shown(members[axis].to_numpy(), members["withheld"]) for axis in ("easting", "northing")}
    )


def test_no_footprint_and_no_centre_rests_on_an_exact_point(found):
    clusters, members = found
    told = shown_clusters(clusters, moved(members), PARAMETERS).set_index("cluster_id")
    exact = clusters.set_index("cluster_id")
    assert told.index.tolist() == exact.index.tolist()
    # Where all stand at one point, the footprint is a disc, whose middle is told by its edge.
    middle = shapely.minimum_bounding_circle(told.geometry["point"]).centroid
    assert (middle.x, middle.y) == pytest.approx((146_000, 530_000), abs=1e-6)
    assert (told.loc["point", "easting"], told.loc["point", "northing"]) == (146_000, 530_000)
    assert told.loc["point", "peak_easting"] % METRES == 0
    assert shapely.contains_xy(told.geometry.to_numpy(), told["easting"], told["northing"]).all()
    alone = footprints(moved(members), pd.Index(["park"]), PARAMETERS)
    assert told.geometry["park"].equals(alone["park"])
    assert not told.geometry["park"].equals(exact.geometry["park"])
    core = shapely.minimum_bounding_circle(told["core_geometry"]["point"]).centroid
    assert (core.x, core.y) == pytest.approx((146_000, 530_000), abs=1e-6)
    # A method without cores has none now.
    assert told["core_geometry"]["park"] is None


def test_other_clusters_stay_as_they_are(found):
    clusters, members = found
    told = shown_clusters(clusters, moved(members), PARAMETERS)
    rows = clusters["cluster_id"] == "other"
    assert_geodataframe_equal(told[rows], clusters[rows])
    assert shown_clusters(clusters, members.assign(withheld=False), PARAMETERS) is clusters
    nothing = clusters.iloc[:0]
    assert shown_clusters(nothing, members.iloc[:0], PARAMETERS) is nothing
