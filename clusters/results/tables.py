"""Tables of a result: their columns and types, and how they pass between pandas and Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from clusters.description.findings import CLUSTERS, LABELS, NEARLY
from clusters.description.growth import BASIS, GROWTH
from clusters.description.lineage import LINEAGE
from clusters.description.typology import EVIDENCE
from data.errors import TableError
from data.refusals import REFUSED

if TYPE_CHECKING:
    from collections.abc import Mapping

    Types = Mapping[str, pa.DataType]

TEXT, WHOLE, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
CRITERIA = ("rd_active", "co_located", "related", "collaborating")
GEOMETRIES = ("geometry", "core_geometry")

_COUNTS = ("firms", "companies", "observed", "all_companies", "peak_observed", "peak_companies", "points")
CLUSTER_TYPES: Types = {
    **dict.fromkeys(CLUSTERS, NUMBER),
    **dict.fromkeys(("cluster_id", "label", "kind", "place", "name", "standing", "family"), TEXT),
    "one_site": FLAG,
    **dict.fromkeys(_COUNTS, WHOLE),
    "la_codes": pa.list_(TEXT),
    "la_shares": pa.list_(NUMBER),
    **dict.fromkeys(CRITERIA, FLAG),
    "type": TEXT,
    **dict.fromkeys(GROWTH, NUMBER),
    BASIS: TEXT,
}
LATER = frozenset(GROWTH)
"""Columns of clusters that a result of an older program lacks; they are added as it is read."""

MEMBER_TYPES: Types = {
    "cluster_id": TEXT,
    "row": WHOLE,
    "firm_id": TEXT,
    "easting": NUMBER,
    "northing": NUMBER,
    "core": FLAG,
}
LABEL_TYPES: Types = {
    **dict.fromkeys(LABELS, NUMBER),
    **dict.fromkeys(("label", "kind", "title", "reason", "best_place", "best"), TEXT),
    **dict.fromkeys(("firms", "companies", "clusters"), WHOLE),
    "tested": FLAG,
}
NEARLY_TYPES: Types = {
    **dict.fromkeys(NEARLY, NUMBER),
    **dict.fromkeys(("label", "place", "reason"), TEXT),
    **dict.fromkeys(("observed", "companies", "minimum", "more"), WHOLE),
}
CELL_TYPES: Types = {"cluster_id": TEXT, "label": TEXT}
EVIDENCE_TYPES: Types = dict.fromkeys(EVIDENCE, TEXT)
REFUSED_TYPES: Types = {**dict.fromkeys(REFUSED, TEXT), "row": WHOLE}
LINEAGE_TYPES: Types = {
    **dict.fromkeys(LINEAGE, TEXT),
    **dict.fromkeys(("shared", "before_firms", "after_firms"), WHOLE),
    "jaccard": NUMBER,
}
TYPES: Mapping[str, Types] = {
    "clusters": CLUSTER_TYPES,
    "members": MEMBER_TYPES,
    "labels": LABEL_TYPES,
    "nearly": NEARLY_TYPES,
    "cells": CELL_TYPES,
    "evidence": EVIDENCE_TYPES,
    "refused": REFUSED_TYPES,
    "lineage": LINEAGE_TYPES,
    "firms": {},
}


def to_arrow(table: pd.DataFrame | pa.Table, name: str) -> pa.Table:
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


def settled(table: pa.Table) -> pa.Schema:
    """Return the schema that a table is written with, however its columns came."""
    fields = [pa.field(field.name, _settled(field.type)) for field in table.schema]
    return pa.schema(fields, metadata=table.schema.metadata)


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a table as pandas: lists as lists, criteria as booleans that may be missing."""
    table = table.cast(settled(table))
    listed = [field.name for field in table.schema if pa.types.is_list(field.type)]
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)
    frame = frame.assign(**{name: pd.Series(table[name].to_pylist(), dtype=object) for name in listed})
    return frame.astype({name: "boolean" for name in CRITERIA if name in frame.columns})
