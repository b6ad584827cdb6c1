"""A folder with all that a run found, written whole or not at all: same tables, same bytes.

`clusters.parquet` is GeoParquet 1.1 (EPSG:27700 or a plane; `geometry`, and beside it `core_geometry`, WKB);
`clusters.gpkg` the same for desktop GIS, with the layers "clusters" and "cores". `members.parquet`,
`labels.parquet`, `nearly.parquet`, `cells.parquet`, `evidence.parquet` and, where given, `firms.parquet` hold tables;
`labels.csv`, `refused.csv` and, where given, `lineage.csv` are made for reading and open safely in a
spreadsheet. `report.json` says what was done, and tells the folder from any other.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from clusters.results.folder import (
    ALWAYS,
    CLUSTER_FILE,
    FIRMS,
    FORMAT,
    MAP,
    REPORT,
    check_target,
    put_in_place,
)
from clusters.results.tables import GEOMETRIES, settled, to_arrow, to_pandas
from data.errors import InputError
from data.spreadsheet import harmless_texts
from geo.geopackage import Layer, write_geopackage

if TYPE_CHECKING:
    from pathlib import Path

    from clusters.results.results import Results

ROW_GROUP = 1_000_000
"""Rows that are turned and written at a time."""

SHAPE = "MultiPolygon"
BOM = b"\xef\xbb\xbf"

# What a full disk, a missing right or a broken device raise.
WRITE_FAULTS = (OSError, DataSourceError, DataLayerError)


def write_results(folder: Path, results: Results) -> None:
    """Write a result as a folder, whole or not at all; equal results give equal bytes.

    A former result there is replaced once the new one is complete; until then, and when anything fails or
    is interrupted, it stays as it was.

    Parameters
    ----------
    folder
        Made with its parents if it does not exist.

    Raises
    ------
    InputError
        When the folder holds anything but a former result, or cannot be written.
    TableError
        When a column holds values of another type than its own.
    """
    target = check_target(folder)
    part = target.with_name(f".{target.name}.part-{token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        _write_all(part, results)
        # Much may have happened in the meantime.
        check_target(folder)
        put_in_place(part, target)
    except WRITE_FAULTS as fault:
        raise InputError(f"the result cannot be written to {folder}: {fault}") from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_all(folder: Path, results: Results) -> None:
    _write_clusters(folder, results.clusters, results.crs)
    for name in (*ALWAYS, FIRMS):
        table = getattr(results, name)
        if table is not None:
            _write_parquet(folder / f"{name}.parquet", to_arrow(table, name))
    for name in ("labels", "refused", "lineage"):
        table = getattr(results, name)
        if table is not None:
            _write_csv(folder / f"{name}.csv", to_arrow(table, name))
    text = json.dumps(
        _plain({**results.report, "format": FORMAT}),
        sort_keys=True,
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )
    (folder / REPORT).write_text(text + "\n", encoding="utf-8", newline="\n")


def _write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table in row groups, each in one piece: how it was cut before does not show."""
    schema = settled(table)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, table.num_rows, ROW_GROUP):
            piece = table.slice(start, ROW_GROUP).combine_chunks().cast(schema)
            writer.write_table(piece, row_group_size=ROW_GROUP)


def _write_csv(path: Path, table: pa.Table) -> None:
    """Write CSV as spreadsheets like it: with a mark for UTF-8, and no cell that starts a formula."""
    table = table.cast(settled(table))
    for number, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(number, field, harmless_texts(table[number]))
    with path.open("wb") as sink:
        sink.write(BOM)
        pa_csv.write_csv(table, sink, pa_csv.WriteOptions(eol="\r\n"))


def _write_clusters(folder: Path, clusters: gpd.GeoDataFrame, crs: str) -> None:
    """Write the clusters for programs and for desktop GIS."""
    shapes = {name: gpd.GeoSeries(clusters[name].to_numpy(), crs=crs) for name in GEOMETRIES}
    facts = to_arrow(pd.DataFrame(clusters).drop(columns=[*GEOMETRIES]), "clusters")
    whole = facts
    for name, series in shapes.items():
        whole = whole.append_column(
            name, pa.array(shapely.to_wkb(series.to_numpy(), flavor="iso"), pa.binary())
        )
    meta = {
        "version": "1.1.0",
        "primary_column": GEOMETRIES[0],
        "columns": {name: _geo(series) for name, series in shapes.items()},
    }
    whole = whole.replace_schema_metadata({"geo": json.dumps(meta, sort_keys=True)})
    _write_parquet(folder / CLUSTER_FILE, whole)
    table = gpd.GeoDataFrame(_flat(facts), geometry=shapes["geometry"])
    cores = gpd.GeoDataFrame(table[["cluster_id", "label", "name"]], geometry=shapes["core_geometry"])
    empty = cores.geometry.is_empty | cores.geometry.isna()
    write_geopackage(folder / MAP, [Layer("clusters", table, SHAPE), Layer("cores", cores[~empty], SHAPE)])


def _geo(shapes: gpd.GeoSeries) -> dict[str, Any]:
    """Return what GeoParquet wants to know of a column of geometry."""
    kinds = sorted(set(shapes.dropna().geom_type))
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": shapes.crs.to_json_dict()}
    bounds = shapes.total_bounds.tolist()
    return {**column, "bbox": bounds} if np.isfinite(bounds).all() else column


def _flat(table: pa.Table) -> pd.DataFrame:
    """Return a table with its lists as text, a semicolon between the parts."""
    frame = to_pandas(table)
    for field in settled(table):
        if pa.types.is_list(field.type):
            short = "{:.4f}".format if pa.types.is_floating(field.type.value_type) else str
            texts = [";".join(short(part) for part in parts or []) for parts in frame[field.name]]
            frame[field.name] = pd.Series(texts, index=frame.index, dtype=str)
    return frame


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it; a number that is not finite becomes null."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)
