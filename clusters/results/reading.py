"""A result read back from its folder, each file checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from clusters.results.folder import ALWAYS, CLUSTER_FILE, FIRMS, FORMAT, LINEAGE_FILE, REPORT, read_json
from clusters.results.results import Results
from clusters.results.tables import GEOMETRIES, TYPES, to_pandas
from data.errors import InputError, TableError
from data.spreadsheet import bare_texts

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from clusters.results.tables import Types

CSV_BLOCK = 2**26
"""Bytes that a row of a CSV file may have."""


def read_results(folder: Path, *, with_firms: bool = True) -> Results:
    """Read back what `write_results` wrote.

    Parameters
    ----------
    with_firms
        Whether to read the firms, too, where the folder has them: they come as an Arrow table.

    Raises
    ------
    InputError
        When the folder is no result, or a file is missing, damaged or lacks a column.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not there, or no folder: name the folder of a result")
    report = _report(folder)
    tables: dict[str, Any] = {name: to_pandas(_parquet(folder, name)) for name in ALWAYS}
    tables["refused"] = _csv(folder, "refused")
    if (folder / LINEAGE_FILE).exists():
        tables["lineage"] = _csv(folder, "lineage")
    if with_firms and (folder / f"{FIRMS}.parquet").exists():
        tables[FIRMS] = _parquet(folder, FIRMS)
    try:
        return Results(clusters=_clusters(folder), report=report, **tables)
    except TableError as fault:
        raise InputError(f"the files of {folder} do not fit together: {fault}") from fault


def _report(folder: Path) -> dict[str, Any]:
    report = read_json(folder / REPORT)
    found = report.pop("format", None) if isinstance(report, dict) else None
    if found != FORMAT:
        raise InputError(f"{folder / REPORT} has the format {found!r}: it must be {FORMAT!r}")
    return dict(report)


def _parquet(folder: Path, name: str) -> pa.Table:
    """Return a table of the folder, its columns checked."""
    path = folder / f"{name}.parquet"
    try:
        table = pq.read_table(path)
    except FileNotFoundError as fault:
        raise InputError(f"{path} is missing: {folder} is not a whole result") from fault
    except (OSError, pa.ArrowException) as fault:
        raise InputError(f"{path} cannot be read as Parquet: {fault}") from fault
    return _checked(path, table, TYPES[name])


def _checked(path: Path, table: pa.Table, types: Types) -> pa.Table:
    """Return the table if it has all columns, each of its type."""
    missing = [column for column in types if column not in table.column_names]
    if missing:
        raise InputError(f"{path} lacks the columns {missing}: it has {table.column_names}")
    found = {column: table.schema.field(column).type for column in types}
    faults = [f"{column} is {kind}" for column, kind in found.items() if kind != types[column]]
    if faults:
        wanted = ", ".join(f"{column} {kind}" for column, kind in types.items() if kind != found[column])
        raise InputError(f"{path} has columns of the wrong type: {', '.join(faults)}; wanted are {wanted}")
    return table


def _csv(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    try:
        table = pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(block_size=CSV_BLOCK),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(column_types=dict(TYPES[name]), null_values=[""]),
        )
    except FileNotFoundError as fault:
        raise InputError(f"{path} is missing: {folder} is not a whole result") from fault
    except (OSError, pa.ArrowException) as fault:
        raise InputError(f"{path} cannot be read as CSV: {fault}") from fault
    table = _checked(path, table, TYPES[name])
    for number, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(number, field, bare_texts(table[number]))
    return to_pandas(table)


def _clusters(folder: Path) -> gpd.GeoDataFrame:
    table = _parquet(folder, "clusters")
    path = folder / CLUSTER_FILE
    missing = [name for name in GEOMETRIES if name not in table.column_names]
    if missing:
        raise InputError(f"{path} lacks the columns {missing}: it has {table.column_names}")
    try:
        meta = json.loads((table.schema.metadata or {})[b"geo"])
        crs = {name: CRS.from_json_dict(meta["columns"][name]["crs"]) for name in GEOMETRIES}
        shapes = {name: gpd.GeoSeries.from_wkb(table[name].to_pandas(), crs=crs[name]) for name in GEOMETRIES}
    except (KeyError, ValueError, TypeError, shapely.errors.ShapelyError) as fault:
        raise InputError(
            f"{path} has no geometry that can be read: {fault!r}; wanted is GeoParquet"
        ) from fault
    frame = to_pandas(table.drop_columns([*GEOMETRIES]))
    return gpd.GeoDataFrame(frame.assign(core_geometry=shapes["core_geometry"]), geometry=shapes["geometry"])
