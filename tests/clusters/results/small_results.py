"""Small results of a run, and what their files hold."""

import csv
import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from clusters.description.findings import CLUSTERS, LABELS
from clusters.description.growth import GROWTH
from clusters.description.lineage import lineage
from clusters.description.typology import EVIDENCE
from clusters.results.results import Results
from clusters.results.tables import CLUSTER_TYPES, LABEL_TYPES, NEARLY_TYPES, TYPES

OPTIONAL = {"lineage.csv", "firms.parquet"}


def square(x, side=100.0):
    return shapely.box(x, 0, x + side, side)


def some_clusters(number=2):
    """Clusters beside one another; the last one without a core."""
    values = {column: [0.5 + i for i in range(number)] for column in (*CLUSTERS, *GROWTH)}
    for column, kind in CLUSTER_TYPES.items():
        if kind == pa.int64():
            values[column] = [10 + i for i in range(number)]
        if kind == pa.string():
            values[column] = [f"{column} {i}" for i in range(number)]
        if kind == pa.bool_():
            values[column] = pd.array([None, True, False][:number], dtype="boolean")
    values["one_site"] = [i == 0 for i in range(number)]
    values["family"] = ["cluster_id 0"] * number
    values["la_codes"] = [["E06000021", "E07000001"], []][:number]
    values["la_shares"] = [[0.75, 0.25], []][:number]
    cores = [square(1_000.0 * i, 50) if i < number - 1 else shapely.Polygon() for i in range(number)]
    shapes = [square(1_000.0 * i) for i in range(number)]
    table = pd.DataFrame(values).assign(core_geometry=gpd.GeoSeries(cores, crs=27700))
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=27700), crs=27700)


def some_places():
    """Places that came near, in words that a spreadsheet would take for a formula."""
    values = {name: [0.5, 1.5] for name in NEARLY_TYPES}
    for name, kind in NEARLY_TYPES.items():
        if kind == pa.int64():
            values[name] = [4, -1]
        if kind == pa.string():
            values[name] = [f"={name}", ""]
    return pd.DataFrame(values)


def some_results(**changes) -> Results:
    members = pd.DataFrame(
        {
            "cluster_id": ["cluster_id 0"] * 3 + ["cluster_id 1"] * 2,
            "row": range(5),
            "firm_id": [f"0000{i}" for i in range(5)],
            "easting": np.arange(5) + 0.25,
            "northing": np.arange(5) + 0.5,
            "core": [True, True, False, False, False],
        }
    )
    numbers = dict.fromkeys((name for name in LABELS if LABEL_TYPES[name] == pa.float64()), 1.5)
    label = dict.fromkeys(LABELS, "x") | numbers
    label |= {"firms": 5, "companies": 5, "clusters": 2, "tested": False}
    tables = {
        "clusters": some_clusters(),
        "members": members,
        "labels": pd.DataFrame([label | {"threshold": -5.5}, label | {"label": "y", "threshold": np.nan}]),
        "nearly": some_places(),
        "cells": pd.DataFrame(
            {"cluster_id": ["cluster_id 0"], "label": "label 0", "cell": [2**40], "k": [3]}
        ),
        "evidence": pd.DataFrame(
            [["cluster_id 0", "related", "technology", "glazing", "=it"]], columns=[*EVIDENCE]
        ),
        "refused": pd.DataFrame(
            {
                "row": [7, 8],
                "column": ["postcode", ""],
                "value": ["=A1", 'a\r\n"b"'],
                "reason": ["-", "no place"],
            }
        ),
        "report": {"rows": 7, "threshold": {"x": -5.5}},
    }
    return Results(**(tables | changes))


def a_lineage():
    clusters = some_clusters()[["cluster_id", "label", "name"]]
    members = some_results().members
    return lineage(clusters, members, clusters.iloc[:1], members.iloc[:3]).table


def full_results() -> Results:
    firms = pa.table(
        {
            "firm_id": ["00001", "00002"],
            "easting": [1.0, 2.0],
            "label": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    return some_results(lineage=a_lineage(), firms=firms)


def no_results() -> Results:
    """A run that found nothing, in columns without types."""
    empty = {
        name: pd.DataFrame(columns=[*types], dtype=object)
        for name, types in TYPES.items()
        if name != "clusters"
    }
    nothing = gpd.GeoSeries([], crs=27700)
    table = pd.DataFrame(columns=[*CLUSTER_TYPES], dtype=object).assign(core_geometry=nothing)
    found = gpd.GeoDataFrame(table, geometry=nothing, crs=27700)
    return Results(**(empty | {"firms": None, "clusters": found, "report": {}}))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def cells_of(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))


def assert_same(one: Results, other: Results):
    for name in ("members", "labels", "nearly", "cells", "evidence", "refused"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_dtype=False)
    facts = [
        pd.DataFrame(result.clusters).drop(columns=["geometry", "core_geometry"]) for result in (one, other)
    ]
    pd.testing.assert_frame_equal(*facts)
    for name in ("geometry", "core_geometry"):
        shapes = [gpd.GeoSeries(result.clusters[name].to_numpy()) for result in (one, other)]
        assert shapes[0].geom_equals_exact(shapes[1], tolerance=0).all()
    assert dict(one.report) == dict(other.report)
