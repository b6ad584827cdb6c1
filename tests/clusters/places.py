"""A cluster with evidence around it, for the tests of typology and profile."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from clusters.description.evidence import Evidence

FAR = 50_000.0


def cluster(label: str = "pottery") -> gpd.GeoDataFrame:
    shape = shapely.Point(0, 0).buffer(1_000)
    return gpd.GeoDataFrame({"cluster_id": ["c"], "label": [label]}, geometry=[shape], crs=27700)


def members(number: int = 6) -> pd.DataFrame:
    """The firms of the cluster, which serve as the table of all firms too."""
    ids = [f"f{i}" for i in range(number)]
    names = [f"Kiln {i} Ltd" for i in range(number)]
    return pd.DataFrame({"cluster_id": "c", "firm_id": ids, "name": names, "company_group": ""})


def project(name="p1", at=0.0, programme="RI", precision="site", **more) -> dict:
    base = {
        "project_id": name,
        "programme_id": programme,
        "name": f"Project {name}",
        "award_gbp": 1e6,
        "award_kind": "award",
        "private_cofunding_gbp": float("nan"),
        "nested_in": "",
        "easting": at,
        "northing": 0.0,
        "location_precision": precision,
    }
    return {**base, **more}


def evidence(projects=(), organisations=(), assets=(), labels=()) -> Evidence:
    columns = [*project()]
    return Evidence(
        projects=pd.DataFrame(list(projects), columns=columns).astype({"easting": float, "northing": float}),
        participants=pd.DataFrame(list(organisations), columns=["project_id", "organisation"]),
        programmes=pd.DataFrame(
            {"programme_id": ["RI", "GROWTH"], "purpose": ["research and innovation", "regional growth"]}
        ),
        assets=pd.DataFrame(list(assets), columns=["asset_id", "name", "type", "easting", "northing"]),
        project_labels=pd.DataFrame(list(labels), columns=["project_id", "label"]),
    )
