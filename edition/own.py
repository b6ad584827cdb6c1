"""The edition made of a result: an analyst's own firms and clusters among the shipped projects and places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from duckdb.func import ARROW, SPECIAL

from clusters.description.naming import title as name_opening
from clusters.description.profile import asset_counts, awards, firm_counts
from clusters.results.folder import FIRMS
from clusters.results.tables import CRITERIA
from clusters.shipped import shipped_evidence
from clusters.shown import shown_clusters
from data.errors import InputError
from data.taxonomy import titles
from edition.about import about_result
from edition.build import cluster_rows, of_no_sample
from edition.labels import ids_of
from edition.moved_ids import moved_clusters
from edition.search_entries import cluster_entries, entry
from geo.projections import to_lonlat
from geo.publishable import TO_NEAREST, as_shown, is_withheld, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from clusters.results.results import Results
    from edition.about import About
    from edition.build import Progress

# Columns of the firms of a result that a store cannot do without.
NEEDED = ("row", "easting", "northing", "la_code", "sector")
# A register may name its firms or not, and number them or not; a result may tell how each was placed.
OPTIONAL = ("firm_id", "name", "location_precision")
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
            there = _columns(self.firms)
            named = [f"{name if name in there else 'NULL'}::VARCHAR AS {name}" for name in OPTIONAL]
            return f"(SELECT {', '.join([*named, *NEEDED])} FROM {_file(self.firms)})"
        return """(SELECT row, any_value(firm_id) AS firm_id, NULL AS name, NULL AS location_precision,
            any_value(easting) AS easting, any_value(northing) AS northing, NULL AS la_code,
            string_agg(label, ';' ORDER BY label) AS sector
            FROM members JOIN labelled USING (cluster_id) GROUP BY row)"""

    @cached_property
    def _shown(self) -> str:
        """SQL of the firms with their positions as they may be shown, and whether those are withheld."""
        return f"""(SELECT * REPLACE (
            shown(easting::DOUBLE, withheld) AS easting, shown(northing::DOUBLE, withheld) AS northing)
            FROM (SELECT *, is_withheld(easting::DOUBLE, northing::DOUBLE, la_code::VARCHAR,
            location_precision::VARCHAR) AS withheld FROM {self._source}))"""

    @cached_property
    def _sets(self) -> pd.DataFrame:
        """Every combination of labels that firms carry, once: given, set_id, sector (in words), labels."""
        given = self._ask(f"SELECT DISTINCT coalesce(sector, '') AS given FROM {self._source} ORDER BY given")
        parts = [
            tuple(dict.fromkeys(filter(None, map(str.strip, text.split(";"))))) for text in given["given"]
        ]
        labels = [[self.ids.get(part, part) for part in each] for each in parts]
        words = ["; ".join(self.titles.get(label, label) for label in each) or UNLABELLED for each in labels]
        sets = given.assign(set_id=np.arange(len(given), dtype="int32"), sector=words)
        return sets.assign(labels=pd.Series(labels, index=sets.index, dtype=object))

    def _tables(self) -> dict[str, pd.DataFrame]:
        members = self.results.members[["cluster_id", "row", "firm_id", "easting", "northing"]]
        return {"members": members, "labelled": pd.DataFrame(self.results.clusters[["cluster_id", "label"]])}

    def _ask(self, sql: str, **tables: pd.DataFrame) -> pd.DataFrame:
        return _ask(self.scratch, sql, **self._tables(), **tables)

    def firm_table(self, authorities: pd.DataFrame) -> dict[str, Any]:
        """Return the firms, piece by piece, with the name of their authority."""
        authorities = authorities[["gss_code", "name"]].rename(columns={"name": "la_name"})
        # Neighbours in space are neighbours in the file, so that a box reads few blocks. They are sorted by
        # what is shown, since their order would tell the rest.
        sql = f"""
            SELECT coalesce(nullif(firm_id, ''), row::VARCHAR) AS firm_id, coalesce(firms.name, '') AS name,
            sets.sector AS technology, sets.set_id AS label_set, coalesce(la_code, '') AS la_code,
            coalesce(la_name, '') AS la_name, '' AS town, easting, northing,
            easting IS NOT NULL AND northing IS NOT NULL AS point, withheld
            FROM {self._shown} AS firms
            JOIN sets ON sets.given = coalesce(firms.sector, '')
            LEFT JOIN authorities ON gss_code = la_code
            ORDER BY easting, northing, row
        """
        sets = self._sets.drop(columns="labels")
        given = {**self._tables(), "sets": sets, "authorities": authorities}
        return {"firms": _reader(self.scratch, sql, given)}

    def cluster_tables(self) -> dict[str, pd.DataFrame]:
        """Return the clusters and all that is known of each."""
        found = self.results
        clusters = shown_clusters(found.clusters, self._members(), self.about.scan)
        clusters = clusters.assign(label=clusters["label"].map(self.ids))
        firms = pd.DataFrame({"firm_id": pd.Series(dtype=str)})
        members = found.members.assign(firm_id=_firm_ids(found.members), core=found.members["core"].eq(True))  # noqa: FBT003
        evidence = shipped_evidence()
        return {
            "clusters": self._cluster_rows(clusters),
            "members": members[["cluster_id", "firm_id", "core"]],
            "labels": self._labels(),
            "nearly": found.nearly.assign(label=found.nearly["label"].map(self.ids)),
            "evidence": found.evidence,
            "cluster_firms": firm_counts(members, firms),
            "cluster_awards": awards(clusters, evidence),
            "cluster_assets": asset_counts(clusters, evidence),
        }

    def _members(self) -> pd.DataFrame:
        """Return the members of clusters with their positions as they may be shown."""
        members = self.results.members[["cluster_id", "row", "easting", "northing", "core"]]
        known = self._ask(
            f"SELECT row, la_code, location_precision FROM {self._source} "
            "WHERE row IN (SELECT row FROM members)"
        )
        told: pd.DataFrame = as_shown(members.merge(known, on="row", how="left"))
        return told.assign(core=told["core"].eq(True))  # noqa: FBT003

    def _cluster_rows(self, clusters: Any) -> pd.DataFrame:
        empty = shapely.Polygon()
        cores = [shape if shape is not None else empty for shape in clusters["core_geometry"]]
        whole = clusters.assign(
            core_geometry=cores,
            type=clusters["type"].fillna(""),
            standing=clusters["standing"].fillna(""),
            **{name: clusters[name].fillna(value=False).astype(bool) for name in CRITERIA},
        )
        # All labels of a register are its sectors, also those that are technologies here.
        return cluster_rows(whole, self.about.name).assign(kind="sector")

    def _labels(self) -> pd.DataFrame:
        rows = self.results.labels
        ids = rows["label"].map(self.ids)
        return rows.assign(
            label=ids,
            title=ids.map(self.titles),
            kind="sector",
            reason=rows["reason"].fillna(""),
            **{name: rows[name].fillna("") for name in ("best_place", "best")},
        )

    def edition_tables(self) -> dict[str, pd.DataFrame]:
        """Return what the edition is, and which labels each set of labels holds."""
        sets = self._sets[["set_id", "labels"]].explode("labels").dropna().rename(columns={"labels": "label"})
        # Which firms took part in which projects was looked at when the clusters were typed.
        links = pd.DataFrame(
            {name: pd.Series(dtype=str) for name in ("project_id", "organisation", "firm_id")}
        )
        return {
            "edition": self.about.table(),
            "label_sets": sets.astype({"set_id": "int32", "label": str}),
            "firm_participants": links,
            **of_no_sample(),
        }

    def moved(self, shipped: pd.DataFrame) -> pd.DataFrame:
        """Return the ids that are in use no more: the shipped codes, and clusters of the former result."""
        clusters = moved_clusters(self.results.lineage, self.results.clusters, self.about.name)
        return pd.concat([shipped, clusters], ignore_index=True)

    def entries(self, shipped: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
        """Return what can be searched for: the shipped entries with these clusters and firms."""
        some = "" if self._count <= MOST_NAMED else "AND row IN (SELECT row FROM members)"
        sql = f"""
            SELECT coalesce(nullif(firm_id, ''), row::VARCHAR) AS firm_id, name, easting, northing,
            sets.sector || CASE WHEN withheld THEN ', {TO_NEAREST}' ELSE '' END AS detail
            FROM {self._shown} AS firms
            JOIN sets ON sets.given = coalesce(firms.sector, '')
            WHERE coalesce(name, '') <> '' AND easting IS NOT NULL {some} ORDER BY row LIMIT {MOST_NAMED}
        """
        found = self._ask(sql, sets=self._sets.drop(columns="labels"))
        lon, lat = to_lonlat(found["easting"].to_numpy(), found["northing"].to_numpy())
        places = found.assign(lon=np.round(lon, 5), lat=np.round(lat, 5))
        weight = pd.Series(1e4, index=found.index)
        firms = entry("firm", places, places["firm_id"], places["name"], places["detail"], weight)
        kept = shipped[~shipped["kind"].isin(["cluster", "firm"])]
        parts = [part for part in (kept, cluster_entries(clusters), firms) if len(part)]
        return pd.concat(parts, ignore_index=True)


def own_tables(own: Own, shipped: Mapping[str, pd.DataFrame], progress: Progress) -> dict[str, Any]:
    """Return every table of the edition that a result makes.

    Parameters
    ----------
    own
        The result.
    shipped
        The tables of the shipped edition that are `edition.contents.SHARED`.
    progress
        Told the name of each step and the share done, 0 to 1.

    Raises
    ------
    InputError
        When the firms cannot be read or lack a column.
    """
    if own.firms.exists():
        lacking = [name for name in NEEDED if name not in _columns(own.firms)]
        if lacking:
            raise InputError(f"{FIRMS}.parquet of the result lacks the columns {lacking}")
    tables: dict[str, Any] = {**shipped}
    progress("Looking beside the clusters", 0.2)
    tables |= own.cluster_tables() | own.edition_tables()
    tables["moved_ids"] = own.moved(shipped["moved_ids"])
    progress("Listing names for the search", 0.4)
    tables["entries"] = own.entries(shipped["entries"], tables["clusters"])
    # They come while the store is written.
    progress("Placing the firms", 0.5)
    return tables | own.firm_table(shipped["authorities"])


def _columns(path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as fault:
        raise InputError(f"{path} cannot be read as Parquet: {fault}") from fault


def _title(label: str, given: str) -> str:
    """Return what a label is called: its own letters, where the result only tidied them for a name."""
    said = given.strip() if given != name_opening(label) else ""
    return titles().get(label) or said or label


def _firm_ids(members: pd.DataFrame) -> pd.Series:
    """Return the firms' ids; of firms without one, the number of their row."""
    given = members["firm_id"].fillna("").astype(str)
    return given.where(given != "", members["row"].astype(str))


def _file(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"read_parquet('{text}')"


def _connection(scratch: Path, tables: Mapping[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={**SORTING, "temp_directory": str(scratch)})
    # What may be shown of a point is asked in SQL, as the firms pass by.
    place: Any = ["DOUBLE", "DOUBLE", "VARCHAR", "VARCHAR"]
    as_columns: Any = {"type": ARROW, "null_handling": SPECIAL}
    connection.create_function("is_withheld", _is_withheld, place, "BOOLEAN", **as_columns)
    connection.create_function("shown", _shown, ["DOUBLE", "BOOLEAN"], "DOUBLE", **as_columns)
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def _is_withheld(easting: Any, northing: Any, la_code: Any, precision: Any) -> pa.Array:
    columns = (easting, northing, la_code, precision)
    return pa.array(is_withheld(*(column.to_numpy() for column in columns)))


def _shown(metres: Any, withheld: Any) -> pa.Array:
    return pa.array(shown(metres.to_numpy(), withheld.to_numpy()), from_pandas=True)


def _ask(scratch: Path, sql: str, **tables: pd.DataFrame) -> pd.DataFrame:
    try:
        with _connection(scratch, tables) as connection:
            return connection.execute(sql).df()
    except duckdb.Error as fault:
        raise InputError(f"the firms of the result cannot be read: {fault}") from fault


def _reader(scratch: Path, sql: str, tables: Mapping[str, pd.DataFrame]) -> pa.RecordBatchReader:
    """Return the answer piece by piece: millions of firms are never held at once."""
    with _connection(scratch, tables) as connection:
        schema = connection.sql(f"SELECT * FROM ({sql}) LIMIT 0").to_arrow_table().schema

    def batches() -> Iterator[pa.RecordBatch]:
        with _connection(scratch, tables) as connection:
            yield from connection.sql(sql).to_arrow_reader(BATCH)

    return pa.RecordBatchReader.from_batches(schema, batches())
