"""A folder with all that a run found, written whole or not at all: same tables, same bytes.

`clusters.parquet` is GeoParquet 1.1 (EPSG:27700; `geometry`, and `core_geometry` beside it, as WKB);
`clusters.gpkg` the same for desktop GIS, with the layers "clusters" and "cores". `members.parquet`,
`labels.parquet`, `cells.parquet`, `evidence.parquet` and, where given, `firms.parquet` hold tables;
`labels.csv`, `refused.csv` and, where given, `lineage.csv` are made for reading and open safely in a
spreadsheet. `report.json` says what was done, and tells the folder from any other.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
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
from pyproj import CRS

from clusters.description.findings import CLUSTERS, LABELS
from clusters.description.lineage import LINEAGE
from clusters.description.typology import EVIDENCE
from data.errors import InputError, TableError
from data.spreadsheet import bare_texts, harmless_texts
from geo.geopackage import Layer, write_geopackage
from geo.projections import BNG

if TYPE_CHECKING:
    Types = Mapping[str, pa.DataType]

FORMAT = "innovation-clusters-map result 1"
"""What `format` in report.json says; another number means that an older program cannot read it."""

REPORT, CLUSTER_FILE, MAP = "report.json", "clusters.parquet", "clusters.gpkg"
REFUSED_FILE, LABELS_CSV, LINEAGE_FILE = "refused.csv", "labels.csv", "lineage.csv"
ALWAYS = ("members", "labels", "cells", "evidence")
FIRMS = "firms"

FILES = frozenset(
    {
        *(REPORT, CLUSTER_FILE, MAP, REFUSED_FILE, LABELS_CSV, LINEAGE_FILE),
        *(f"{name}.parquet" for name in (*ALWAYS, FIRMS)),
    }
)
# What file managers and SQLite readers leave behind; it may go with a former result.
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", *(f"{MAP}-{end}" for end in ("wal", "shm"))})

TEXT, WHOLE, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
CRITERIA = ("rd_active", "co_located", "related", "collaborating")
GEOMETRIES = ("geometry", "core_geometry")

_COUNTS = ("firms", "companies", "observed", "all_companies", "peak_observed", "peak_companies", "points")
CLUSTER_TYPES: Types = {
    **dict.fromkeys(CLUSTERS, NUMBER),
    **dict.fromkeys(("cluster_id", "label", "kind", "place", "name"), TEXT),
    **dict.fromkeys(_COUNTS, WHOLE),
    "la_codes": pa.list_(TEXT),
    "la_shares": pa.list_(NUMBER),
    **dict.fromkeys(CRITERIA, FLAG),
    "type": TEXT,
}
MEMBER_TYPES: Types = {
    "cluster_id": TEXT,
    "row": WHOLE,
    "firm_id": TEXT,
    "easting": NUMBER,
    "northing": NUMBER,
    "core": FLAG,
}
LABEL_TYPES: Types = {
    **dict.fromkeys(LABELS, TEXT),
    **dict.fromkeys(("firms", "companies", "clusters"), WHOLE),
    "tested": FLAG,
    "threshold": NUMBER,
}
CELL_TYPES: Types = {"cluster_id": TEXT, "label": TEXT}
EVIDENCE_TYPES: Types = dict.fromkeys(EVIDENCE, TEXT)
REFUSED_TYPES: Types = {"row": WHOLE, "column": TEXT, "value": TEXT, "reason": TEXT}
LINEAGE_TYPES: Types = {
    **dict.fromkeys(LINEAGE, TEXT),
    **dict.fromkeys(("shared", "before_firms", "after_firms"), WHOLE),
    "jaccard": NUMBER,
}
TYPES: Mapping[str, Types] = {
    "clusters": CLUSTER_TYPES,
    "members": MEMBER_TYPES,
    "labels": LABEL_TYPES,
    "cells": CELL_TYPES,
    "evidence": EVIDENCE_TYPES,
    "refused": REFUSED_TYPES,
    "lineage": LINEAGE_TYPES,
    "firms": {},
}

ROW_GROUP = 1_000_000
"""Rows that are turned and written at a time."""

CSV_BLOCK = 2**26
"""Bytes that a row of a CSV file may have."""

SHAPE = "MultiPolygon"
BOM = b"\xef\xbb\xbf"

# What a full disk, a missing right or a broken device raise.
WRITE_FAULTS = (OSError, DataSourceError, DataLayerError)


@dataclass(frozen=True, eq=False)
class Results:
    """All that a run found. Tables may have further columns; text is "" or missing where there is none.

    Attributes
    ----------
    clusters
        Columns of `clusters.detect.CLUSTERS` (la_codes, la_shares: lists), rd_active, co_located, related,
        collaborating (boolean, may be missing), type, geometry and core_geometry (EPSG:27700).
    members
        cluster_id, row (number in the input, from 0), firm_id, easting, northing (EPSG:27700 metres), core.
    labels
        Columns of `clusters.detect.LABELS`.
    cells
        cluster_id, label, and what the method knows of a cell; without rows if it knows no cells.
    evidence
        Columns of `clusters.description.typology.EVIDENCE`.
    refused
        row, column, value, reason.
    report
        What was done, for report.json; all that JSON can hold, NumPy's numbers and paths.
    lineage
        Columns of `clusters.description.lineage.LINEAGE`, when there was a former edition.
    firms
        The firms that took part, if they are to be kept.

    Raises
    ------
    TableError
        When a table lacks columns or tables contradict one another; all faults together.
    """

    clusters: gpd.GeoDataFrame
    members: pd.DataFrame
    labels: pd.DataFrame
    cells: pd.DataFrame
    evidence: pd.DataFrame
    refused: pd.DataFrame
    report: Mapping[str, Any]
    lineage: pd.DataFrame | None = None
    firms: pd.DataFrame | pa.Table | None = None

    def __post_init__(self) -> None:
        faults = [*_lacking(self), *_contradictions(self)]
        if faults:
            raise TableError("; ".join(faults))


def _lacking(results: Results) -> list[str]:
    """Say which columns are missing."""
    needed = {name: (*types,) for name, types in TYPES.items() if getattr(results, name) is not None}
    needed["clusters"] = (*needed["clusters"], *GEOMETRIES)
    faults = []
    for name, columns in needed.items():
        table = getattr(results, name)
        there = table.column_names if isinstance(table, pa.Table) else [*table.columns]
        missing = [column for column in columns if column not in there]
        if missing:
            faults.append(f"the table of {name} lacks {missing}: it has {there}")
    return faults


def _contradictions(results: Results) -> list[str]:
    """Say where tables are wrong though complete."""
    faults = []
    crs = getattr(results.clusters, "crs", None)
    if crs != BNG:
        faults.append(f"the clusters are in {crs}: they must be in {BNG}")
    if "cluster_id" in results.clusters.columns and "cluster_id" in results.members.columns:
        ids = pd.Index(results.clusters["cluster_id"])
        faults += [f"cluster_id {name!r} is given twice" for name in ids[ids.duplicated()][:1]]
        used = pd.Index(results.members["cluster_id"].unique())
        faults += [
            f"members name the cluster {name!r}, which is not there" for name in used.difference(ids)[:1]
        ]
    if results.report.get("format", FORMAT) != FORMAT:
        faults.append(
            f"the report's format is {results.report['format']!r}: the name is taken for {FORMAT!r}"
        )
    return faults


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
        _put_in_place(part, target)
    except WRITE_FAULTS as fault:
        raise InputError(f"the result cannot be written to {folder}: {fault}") from fault
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_target(folder: Path) -> Path:
    """Return the folder's full path, once it is known that a result may be written there.

    Call it before a long run, too.

    Raises
    ------
    InputError
        When it is a file, the working folder or one above it, or holds what is no former result.
    """
    try:
        target = folder.resolve()
        base = next(path for path in (target, *target.parents) if path.exists())
        here = sorted(path.name for path in base.iterdir()) if base == target else []
    except NotADirectoryError as fault:
        raise InputError(f"{folder} is a file: name a folder for the result") from fault
    except OSError as fault:
        raise InputError(f"{folder} cannot be used for the result: {fault}") from fault
    if not base.is_dir():
        raise InputError(f"{folder} cannot be made: {base} is a file")
    above = target.parent if base == target else base
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written: {above} may not be changed by this user")
    if Path.cwd().is_relative_to(target):
        raise InputError(
            f"{folder} is the working folder or holds it: name a folder inside it for the result"
        )
    foreign = [name for name in here if name not in LITTER and not (_is_ours(target) and name in FILES)]
    if foreign:
        raise InputError(
            f"{folder} holds {_some(foreign)}, not part of a former result: empty it or name another folder"
        )
    return target


def _some(names: list[str]) -> str:
    """Return the first few names, quoted."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(repr(name) for name in names[:3]) + more


def _is_ours(folder: Path) -> bool:
    try:
        return bool(_json(folder / REPORT).get("format", "").startswith(FORMAT.rsplit(" ", 1)[0]))
    except (InputError, AttributeError):
        return False


def _put_in_place(part: Path, target: Path) -> None:
    """Rename the new folder to its name; what was there returns if that fails, and goes if it does not."""
    old = target.with_name(f".{target.name}.old-{token_hex(4)}")
    try:
        if target.exists():
            target.rename(old)
        part.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _write_all(folder: Path, results: Results) -> None:
    _write_clusters(folder, results.clusters)
    for name in (*ALWAYS, FIRMS):
        table = getattr(results, name)
        if table is not None:
            _write_parquet(folder / f"{name}.parquet", _arrow(table, name))
    for name in ("labels", "refused", "lineage"):
        table = getattr(results, name)
        if table is not None:
            _write_csv(folder / f"{name}.csv", _arrow(table, name))
    text = json.dumps(
        _plain({**results.report, "format": FORMAT}),
        sort_keys=True,
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
    )
    (folder / REPORT).write_text(text + "\n", encoding="utf-8", newline="\n")


def _arrow(table: pd.DataFrame | pa.Table, name: str) -> pa.Table:
    """Return a table as Arrow, without an index, metadata, or differences in how pandas held it."""
    types = TYPES[name]
    if isinstance(table, pa.Table):
        return table.replace_schema_metadata(None)
    columns = {}
    for column in table.columns:
        try:
            columns[str(column)] = pa.array(table[column], type=types.get(column), from_pandas=True)
        except (pa.ArrowException, UnicodeError, OverflowError) as fault:
            kind = types.get(column, "one kind of value")
            raise TableError(f"{name}: column {column!r} does not hold {kind} throughout: {fault}") from fault
    return pa.table(columns)


def _settled(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column is written as, however it came."""
    if pa.types.is_dictionary(kind):
        return _settled(kind.value_type)
    texts = (pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    if any(test(kind) for test in texts):
        return TEXT
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_settled(kind.value_type))
    return kind


def _schema(table: pa.Table) -> pa.Schema:
    fields = [pa.field(field.name, _settled(field.type)) for field in table.schema]
    return pa.schema(fields, metadata=table.schema.metadata)


def _write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table in row groups, each in one piece: how it was cut before does not show."""
    schema = _schema(table)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, table.num_rows, ROW_GROUP):
            piece = table.slice(start, ROW_GROUP).combine_chunks().cast(schema)
            writer.write_table(piece, row_group_size=ROW_GROUP)


def _write_csv(path: Path, table: pa.Table) -> None:
    """Write CSV as spreadsheets like it: with a mark for UTF-8, and no cell that starts a formula."""
    table = table.cast(_schema(table))
    for number, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(number, field, harmless_texts(table[number]))
    with path.open("wb") as sink:
        sink.write(BOM)
        pa_csv.write_csv(table, sink, pa_csv.WriteOptions(eol="\r\n"))


def _write_clusters(folder: Path, clusters: gpd.GeoDataFrame) -> None:
    """Write the clusters for programs and for desktop GIS."""
    shapes = {name: gpd.GeoSeries(clusters[name].to_numpy(), crs=BNG) for name in GEOMETRIES}
    facts = _arrow(pd.DataFrame(clusters).drop(columns=[*GEOMETRIES]), "clusters")
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
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": CRS.from_user_input(BNG).to_json_dict()}
    bounds = shapes.total_bounds.tolist()
    return {**column, "bbox": bounds} if np.isfinite(bounds).all() else column


def _flat(table: pa.Table) -> pd.DataFrame:
    """Return a table with its lists as text, a semicolon between the parts."""
    frame = _frame(table)
    for field in _schema(table):
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
    tables: dict[str, Any] = {name: _frame(_parquet(folder, name)) for name in ALWAYS}
    tables["refused"] = _csv(folder, "refused")
    if (folder / LINEAGE_FILE).exists():
        tables["lineage"] = _csv(folder, "lineage")
    if with_firms and (folder / f"{FIRMS}.parquet").exists():
        tables[FIRMS] = _parquet(folder, FIRMS)
    try:
        return Results(clusters=_clusters(folder), report=report, **tables)
    except TableError as fault:
        raise InputError(f"the files of {folder} do not fit together: {fault}") from fault


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise InputError(f"{path} is missing: {path.parent} is no result, or not a whole one") from fault
    except (OSError, ValueError) as fault:
        raise InputError(f"{path} cannot be read as JSON: {fault}") from fault


def _report(folder: Path) -> dict[str, Any]:
    report = _json(folder / REPORT)
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


def _frame(table: pa.Table) -> pd.DataFrame:
    """Return a table as pandas: lists as lists, criteria as booleans that may be missing."""
    table = table.cast(_schema(table))
    listed = [field.name for field in table.schema if pa.types.is_list(field.type)]
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    frame = frame.assign(**{name: pd.Series(table[name].to_pylist(), dtype=object) for name in listed})
    return frame.astype({name: "boolean" for name in CRITERIA if name in frame.columns})


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
    return _frame(table)


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
    frame = _frame(table.drop_columns([*GEOMETRIES]))
    return gpd.GeoDataFrame(
        frame.assign(core_geometry=shapes["core_geometry"]), geometry=shapes["geometry"], crs=BNG
    )
