"""The edition made of a result: an analyst's own firms and clusters among the shipped projects and places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from clusters.profile import asset_counts, awards, firm_counts
from clusters.results import CRITERIA, FIRMS
from clusters.shipped import shipped_evidence
from data.errors import InputError
from data.taxonomy import titles
from geo.postcodes import NI_METRES
from geo.projections import to_lonlat
from regions.about import about_result
from regions.build import (
    CLUSTERS_STEP,
    EDITION_STEP,
    ENTRIES_STEP,
    FIRMS_STEP,
    LINKS_STEP,
    cluster_rows,
    entries,
    entry,
)
from regions.labels import ids_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clusters.results import Results
    from regions.about import About
    from regions.build import Step

# Columns of the firms of a result that a store cannot do without.
NEEDED = ("row", "firm_id", "easting", "northing", "la_code", "sector")
BATCH = 500_000
# So that sorting millions of firms leaves memory for the rest; what does not fit goes to disk.
SORTING = {"memory_limit": "1GB"}
# Firms that the search by name holds in memory; of a larger register, those in clusters, as far as they go.
MOST_NAMED = 50_000
UNLABELLED = "no sector"


@dataclass(frozen=True, eq=False)
class Own:
    """A result on its way into a store.

    Attributes
    ----------
    results
        Without its firms.
    firms
        The Parquet file of the firms; where it is missing, only those in clusters are known.
    scratch
        A folder for what does not fit into memory.
    """

    results: Results
    firms: Path
    scratch: Path

    @property
    def steps(self) -> dict[str, Step]:
        """The steps that a build takes instead of those of the shipped edition."""
        return {
            FIRMS_STEP: self._firms,
            CLUSTERS_STEP: self._clusters,
            LINKS_STEP: self._links,
            EDITION_STEP: self._edition,
            ENTRIES_STEP: self._entries,
        }

    @cached_property
    def about(self) -> About:
        """What the edition is."""
        return about_result(self.results.report, self._count, len(self.results.refused))

    @cached_property
    def ids(self) -> dict[str, str]:
        """The id of each label."""
        return ids_of(self.results.labels["label"].astype(str))

    @cached_property
    def titles(self) -> dict[str, str]:
        """What each label is called, by id; the taxonomy's own words for what it knows."""
        rows = self.results.labels
        given = dict(zip(rows["label"].map(self.ids), rows["title"].fillna(""), strict=True))
        return {label: _title(label, str(title)) for label, title in given.items()}

    @cached_property
    def _count(self) -> int:
        if not self.firms.exists():
            return int(self.results.members["row"].nunique())
        return int(_ask(self.scratch, f"SELECT count(*) AS n FROM {_file(self.firms)}")["n"].iloc[0])

    @cached_property
    def _source(self) -> str:
        """SQL of the firms as the result has them, whatever it keeps."""
        if self.firms.exists():
            name = "name" if "name" in _columns(self.firms) else "NULL AS name"
            return f"(SELECT row, firm_id, {name}, easting, northing, la_code, sector FROM {_file(self.firms)})"
        return """(SELECT row, any_value(firm_id) AS firm_id, NULL AS name, any_value(easting) AS easting,
            any_value(northing) AS northing, NULL AS la_code, string_agg(label, ';' ORDER BY label) AS sector
            FROM members JOIN labelled USING (cluster_id) GROUP BY row)"""

    @cached_property
    def _sets(self) -> pd.DataFrame:
        """Every combination of labels that firms carry, once: given, set_id, sector (in words), labels."""
        given = self._ask(f"SELECT DISTINCT coalesce(sector, '') AS given FROM {self._source} ORDER BY given")
        parts = [
            tuple(dict.fromkeys(filter(None, map(str.strip, text.split(";"))))) for text in given["given"]
        ]
        labels = [tuple(self.ids.get(part, part) for part in each) for each in parts]
        words = ["; ".join(self.titles.get(label, label) for label in each) or UNLABELLED for each in labels]
        return given.assign(set_id=np.arange(len(given), dtype="int32"), sector=words, labels=labels)

    def _tables(self) -> dict[str, pd.DataFrame]:
        members = self.results.members[["cluster_id", "row", "firm_id", "easting", "northing"]]
        return {"members": members, "labelled": pd.DataFrame(self.results.clusters[["cluster_id", "label"]])}

    def _ask(self, sql: str, **tables: pd.DataFrame) -> pd.DataFrame:
        return _ask(self.scratch, sql, **self._tables(), **tables)

    def _firms(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        authorities = tables["authorities"][["gss_code", "name"]].rename(columns={"name": "la_name"})
        # The points of postcodes in Northern Ireland may place a firm, but not be published again.
        coarse = "CASE WHEN starts_with(la_code, 'N') THEN round({0} / {1}) * {1} ELSE {0} END AS {0}"
        east, north = (coarse.format(axis, NI_METRES) for axis in ("easting", "northing"))
        # Neighbours in space are neighbours in the file, so that a box reads few blocks.
        sql = f"""
            SELECT coalesce(firm_id, row::VARCHAR) AS firm_id, coalesce(firms.name, '') AS name,
            sets.sector AS technology, sets.set_id AS label_set, coalesce(la_code, '') AS la_code,
            coalesce(la_name, '') AS la_name, '' AS town, {east}, {north},
            easting IS NOT NULL AND northing IS NOT NULL AS point
            FROM {self._source} AS firms
            JOIN sets ON sets.given = coalesce(firms.sector, '')
            LEFT JOIN authorities ON gss_code = la_code
            ORDER BY easting, northing, row
        """
        sets = self._sets.drop(columns="labels")
        given = {**self._tables(), "sets": sets, "authorities": authorities}
        return {"firms": _reader(self.scratch, sql, given)}

    def _clusters(self, _: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        found = self.results
        clusters = found.clusters.assign(label=found.clusters["label"].map(self.ids))
        firms = pd.DataFrame({"firm_id": pd.Series(dtype=str)})
        members = found.members.assign(firm_id=_firm_ids(found.members), core=found.members["core"].eq(True))  # noqa: FBT003
        evidence = shipped_evidence()
        return {
            "clusters": self._cluster_rows(clusters),
            "members": members[["cluster_id", "firm_id", "core"]],
            "labels": self._labels(),
            "evidence": found.evidence,
            "cluster_firms": firm_counts(members, firms),
            "cluster_awards": awards(clusters, evidence),
            "cluster_assets": asset_counts(clusters, evidence),
        }

    def _cluster_rows(self, clusters: Any) -> pd.DataFrame:
        empty = shapely.Polygon()
        cores = [shape if shape is not None else empty for shape in clusters["core_geometry"]]
        whole = clusters.assign(
            core_geometry=cores,
            type=clusters["type"].fillna(""),
            **{name: clusters[name].fillna(value=False).astype(bool) for name in CRITERIA},
        )
        # All labels of a register are its sectors, also those that are technologies here.
        return cluster_rows(whole, self.about.name).assign(kind="sector")

    def _labels(self) -> pd.DataFrame:
        rows = self.results.labels
        ids = rows["label"].map(self.ids)
        return rows.assign(
            label=ids, title=ids.map(self.titles), kind="sector", reason=rows["reason"].fillna("")
        )

    def _links(self, _: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        # Which firms took part in which projects was looked at when the clusters were typed.
        names = ("project_id", "organisation", "firm_id")
        return {"firm_participants": pd.DataFrame({name: pd.Series(dtype=str) for name in names})}

    def _edition(self, _: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        sets = self._sets[["set_id", "labels"]].explode("labels").dropna().rename(columns={"labels": "label"})
        return {"edition": self.about.table(), "label_sets": sets.astype({"set_id": "int32", "label": str})}

    def _entries(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        few = self._count <= MOST_NAMED
        some = "" if few else "AND row IN (SELECT row FROM members)"
        sql = f"""
            SELECT coalesce(firm_id, row::VARCHAR) AS firm_id, name, easting, northing,
            sets.sector AS detail FROM {self._source} AS firms
            JOIN sets ON sets.given = coalesce(firms.sector, '')
            WHERE coalesce(name, '') <> '' AND easting IS NOT NULL {some} ORDER BY row LIMIT {MOST_NAMED}
        """
        found = self._ask(sql, sets=self._sets.drop(columns="labels"))
        lon, lat = to_lonlat(found["easting"].to_numpy(), found["northing"].to_numpy())
        places = found.assign(lon=np.round(lon, 5), lat=np.round(lat, 5))
        weight = pd.Series(1e4, index=found.index)
        return entries(
            tables, entry("firm", places, places["firm_id"], places["name"], places["detail"], weight)
        )


def own_steps(results: Results, firms: Path, scratch: Path) -> dict[str, Step]:
    """Return the steps that make the edition of a result; see `regions.build.build_tables`.

    Parameters
    ----------
    results
        Without its firms, which may be too many to be read at once.
    firms
        Their Parquet file, which may be missing.
    scratch
        A folder for temporary files.

    Raises
    ------
    InputError
        When the firms cannot be read or lack a column.
    """
    if firms.exists():
        lacking = [name for name in NEEDED if name not in _columns(firms)]
        if lacking:
            raise InputError(f"{FIRMS}.parquet of the result lacks the columns {lacking}")
    return Own(results, firms, scratch).steps


def _columns(path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as fault:
        raise InputError(f"{path} cannot be read as Parquet: {fault}") from fault


def _title(label: str, given: str) -> str:
    return titles().get(label) or given.strip() or label


def _firm_ids(members: pd.DataFrame) -> pd.Series:
    """Return the firms' ids; of firms without one, the number of their row."""
    return members["firm_id"].where(members["firm_id"].notna(), members["row"].astype(str)).astype(str)


def _file(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"read_parquet('{text}')"


def _connection(scratch: Path, tables: Mapping[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={**SORTING, "temp_directory": str(scratch)})
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def _ask(scratch: Path, sql: str, **tables: pd.DataFrame) -> pd.DataFrame:
    try:
        with _connection(scratch, tables) as connection:
            return connection.execute(sql).df()
    except duckdb.Error as fault:
        raise InputError(f"the firms of the result cannot be read: {fault}") from fault


def _reader(scratch: Path, sql: str, tables: Mapping[str, pd.DataFrame]) -> pa.RecordBatchReader:
    """Return the answer piece by piece: millions of firms are never held at once."""
    with _connection(scratch, tables) as connection:
        schema = connection.execute(f"SELECT * FROM ({sql}) LIMIT 0").to_arrow_table().schema

    def batches() -> Iterator[pa.RecordBatch]:
        with _connection(scratch, tables) as connection:
            yield from connection.execute(sql).to_arrow_reader(BATCH)

    return pa.RecordBatchReader.from_batches(schema, batches())
