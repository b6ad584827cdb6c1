"""From firms and labels to clusters: the whole way in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from clusters.counts import assemble, bin_points, cell_centres, tabulate
from clusters.footprint import footprints
from clusters.intake import admit
from clusters.interval import lq_interval
from clusters.label_scan import NO_CELLS, NO_GROUPS, scan_labels
from clusters.naming import cluster_ids, distinct_places, place_candidates, title
from clusters.parameters import ScanParameters
from clusters.typology import classify
from geo.projections import BNG

if TYPE_CHECKING:
    from clusters.evidence import Evidence
    from clusters.intake import Intake
    from clusters.label_scan import LabelScan

DEFAULTS = ScanParameters()

CLUSTERS = (
    "cluster_id",
    "label",
    "kind",
    "place",
    "name",
    "firms",
    "companies",
    "observed",
    "all_companies",
    "expected",
    "lq",
    "lq_low",
    "lq_high",
    "peak_radius_m",
    "peak_observed",
    "peak_companies",
    "peak_expected",
    "peak_lq",
    "log10_p",
    "peak_easting",
    "peak_northing",
    "baseline",
    "national_share",
    "threshold",
    "chance",
    "stability",
    "core_share",
    "la_codes",
    "la_shares",
    "easting",
    "northing",
)

LABELS = ("label", "kind", "title", "firms", "companies", "tested", "threshold", "reason", "clusters")


@dataclass(frozen=True)
class Detection:
    """What a scan found.

    Attributes
    ----------
    clusters
        One row a cluster, largest first within a label (EPSG:27700, footprint in `geometry`):

        - cluster_id, label, kind (sector, technology), place, name;
        - firms: members (sites); companies: the same with a group's sites in one cell counted once;
        - over the cluster's cells: observed (equals companies), all_companies, expected, lq, lq_low, lq_high;
        - in the peak disc, the 1.6 km around the most striking cell: peak_observed, peak_companies,
        peak_expected,
          peak_lq, log10_p, peak_easting, peak_northing;
        - baseline, the share expected at the peak: the larger of national and ring; national_share;
        - threshold (log10: log10_p lies below it); chance, the share of random maps as striking, the observed
          among them;
        - stability, the share of resamples in which it comes back; core_share, the share of members in core
        cells;
        - rd_active, co_located, related, collaborating, type;
        - la_codes and la_shares, authorities by share of the members, largest first;
        - easting, northing: the centroid of the members, or a point of the footprint where that lies outside;
        - geometry, core_geometry: footprints of the members and of those in core cells (empty without any).
    members
        cluster_id, firm_id, name, company, easting, northing, cell, core.
    cells
        cluster_id, label, cell, easting, northing (of the cell's centre), k, n (in its disc), baseline, lq,
        log10_p (0 where k or lq is below its minimum), specialised (the rest belong to the peak's disc),
        frequency (share of resamples in which it is specialised), core.
    labels
        label, kind, title, firms, companies, tested, threshold (log10), reason (why not tested), clusters
        (number found).
    evidence
        cluster_id, criterion, kind, reference, text: why each criterion is met.
    refused
        table, firm_id, column, value, reason: rows that could not take part. Rows in = rows kept + rows
        refused.
    parameters
        The settings used.
    """

    clusters: gpd.GeoDataFrame
    members: pd.DataFrame
    cells: pd.DataFrame
    labels: pd.DataFrame
    evidence: pd.DataFrame
    refused: pd.DataFrame
    parameters: ScanParameters


def detect(
    firms: pd.DataFrame,
    labels: pd.DataFrame,
    parameters: ScanParameters = DEFAULTS,
    evidence: Evidence | None = None,
) -> Detection:
    """Find the clusters of every label among all firms.

    The same rows, parameters and seed give the same clusters, whatever the order of the rows.

    Parameters
    ----------
    firms
        firm_id, easting, northing (EPSG:27700 metres), location_precision (postcode or campus; others are
        refused); optional: name, company_group, site, town, la_code, la_name. All firms, labelled or not.
    labels
        firm_id, label, a row each; optional: kind (sector, technology) and title (the label as a name shows
        it).
    evidence
        Projects and assets for the typology; without them the types rest on the firms alone.

    Raises
    ------
    TableError
        When a needed column is missing or labels contradict one another.
    """
    intake = admit(firms, labels)
    cell = bin_points(intake.firms["easting"], intake.firms["northing"], parameters.cell_m)
    placed = intake.firms.assign(cell=cell)
    counts = assemble(*tabulate(placed, intake.labels), tuple(intake.kinds))
    scans = scan_labels(counts, parameters)
    titles = {label: title(label) for label in intake.kinds} | _titles(labels)
    cells = _cells(scans, parameters)
    members = _members(cells, placed, intake.labels)
    found = _clusters(scans, cells, members, parameters)
    found = _named(found, members, titles).assign(kind=found["label"].map(intake.kinds))
    cells, members = (_with_ids(table, found) for table in (cells, members))
    found = _with_footprints(found.drop(columns="group"), members, parameters)
    types = classify(found, members, intake.firms, intake.labels, evidence)
    found = found.join(types.criteria, on="cluster_id")
    table = _label_table(scans, intake, found, titles)
    shown = members.drop(
        columns=["label", "site", "town", "la_code", "la_name", "company_group", "location_precision"]
    )
    return Detection(found, shown, cells, table, types.evidence, intake.refused, parameters)


def _titles(labels: pd.DataFrame) -> dict[str, str]:
    """How each label reads in a name: its title where the caller gave one."""
    if "title" not in labels.columns:
        return {}
    rows = (
        labels.loc[labels["title"] != "", ["label", "title"]]
        .dropna()
        .sort_values(["label", "title"])
        .drop_duplicates("label")
    )
    return {str(label).strip(): str(text) for label, text in rows.itertuples(index=False)}


def _cells(scans: list[LabelScan], parameters: ScanParameters) -> pd.DataFrame:
    """Cells of the clusters of all labels, numbered by group within a label."""
    cells = pd.concat(
        [scan.cells.assign(label=scan.label) for scan in scans] or [NO_CELLS], ignore_index=True
    )
    easting, northing = cell_centres(cells["cell"].to_numpy(dtype="int64"), parameters.cell_m)
    return cells.assign(easting=easting, northing=northing)


def _members(cells: pd.DataFrame, firms: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Firms of the label in the cells of its clusters."""
    located = labels[["firm_id", "label"]].merge(firms, on="firm_id")
    members = located.merge(cells[["label", "cell", "group", "core"]], on=["label", "cell"])
    return members.sort_values(["label", "group", "firm_id"], ignore_index=True)


def _clusters(
    scans: list[LabelScan], cells: pd.DataFrame, members: pd.DataFrame, parameters: ScanParameters
) -> pd.DataFrame:
    """One row a group: what was counted, expected and found; on (label, group) as columns."""
    keys = ["label", "group"]
    groups = pd.concat([scan.groups.assign(label=scan.label) for scan in scans] or [NO_GROUPS])
    table = groups.reset_index().merge(_peaks(cells), on=keys)
    firms = members.groupby(keys).agg(
        firms=("firm_id", "size"),
        core_share=("core", "mean"),
        easting=("easting", "mean"),
        northing=("northing", "mean"),
    )
    table = table.merge(firms.reset_index(), on=keys).merge(_authorities(members), on=keys, how="left")
    for column in ("la_codes", "la_shares"):
        table[column] = [value if isinstance(value, list) else [] for value in table[column]]
    lq, low, high = lq_interval(
        table["observed"], table["all_companies"], table["baseline"], parameters.confidence
    )
    table = table.assign(companies=table["observed"], lq=lq, lq_low=low, lq_high=high)
    table["expected"] = table["all_companies"] * table["baseline"]
    order = ["label", "firms", "log10_p", "easting", "northing"]
    return table.sort_values(order, ascending=[True, False, True, True, True], ignore_index=True)


def _peaks(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the most striking cell of each group: smallest tail, then most firms, then first cell."""
    order = cells.assign(most=-cells["k"]).sort_values(["label", "group", "log10_p", "most", "cell"])
    peaks = order.drop_duplicates(["label", "group"])[
        ["label", "group", "radius_m", "k", "n", "baseline", "lq", "log10_p", "easting", "northing"]
    ]
    peaks = peaks.assign(peak_expected=peaks["n"] * peaks["baseline"])
    return peaks.rename(
        columns={
            "radius_m": "peak_radius_m",
            "k": "peak_observed",
            "n": "peak_companies",
            "lq": "peak_lq",
            "easting": "peak_easting",
            "northing": "peak_northing",
        }
    )


def _authorities(members: pd.DataFrame) -> pd.DataFrame:
    """Return la_codes and la_shares of each group: lists, largest share first, unknown codes left out."""
    keys = ["label", "group"]
    tally = members.groupby([*keys, "la_code"]).size().rename("firms").reset_index()
    tally["share"] = tally["firms"] / tally.groupby(keys)["firms"].transform("sum")
    tally = tally[tally["la_code"] != ""]
    tally = tally.sort_values([*keys, "firms", "la_code"], ascending=[True, True, False, True])
    lists = tally.groupby(keys).agg(la_codes=("la_code", list), la_shares=("share", list))
    return lists.reset_index()


def _named(table: pd.DataFrame, members: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Give each cluster a place, a name and an id; the largest of a label chooses first."""
    groups = dict(list(members.groupby(["label", "group"])))
    candidates = [place_candidates(groups[pair]) for pair in zip(table["label"], table["group"], strict=True)]
    wanted = pd.Series(candidates, index=table.index, dtype=object)
    chosen = [
        pd.Series(distinct_places(part.tolist()), part.index) for _, part in wanted.groupby(table["label"])
    ]
    places = pd.concat([pd.Series(dtype=object), *chosen]).reindex(table.index)
    openings = [titles[label] for label in table["label"]]
    names = [f"{opening}, {place}" for opening, place in zip(openings, places, strict=True)]
    return table.assign(cluster_id=cluster_ids(table["label"], places), place=places, name=names)


def _with_ids(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Put cluster_id in the place of the group's number."""
    ids = found[["label", "group", "cluster_id"]]
    joined = table.merge(ids, on=["label", "group"]).drop(columns="group")
    first = joined.pop("cluster_id")
    joined.insert(0, "cluster_id", first)
    return joined


def _with_footprints(
    table: pd.DataFrame, members: pd.DataFrame, parameters: ScanParameters
) -> gpd.GeoDataFrame:
    """Add both footprints, and move a centroid that lies outside into its footprint."""
    names = pd.Index(table["cluster_id"])
    shapes = footprints(members, names, parameters).to_numpy()
    cores = footprints(members[members["core"]], names, parameters)
    centres = gpd.points_from_xy(table["easting"], table["northing"])
    points = np.where(shapely.contains(shapes, centres), centres, shapely.point_on_surface(shapes))
    table = table.assign(easting=shapely.get_x(points), northing=shapely.get_y(points))
    table = table[[*CLUSTERS]].assign(core_geometry=gpd.GeoSeries(cores.to_numpy(), crs=BNG))
    return gpd.GeoDataFrame(table, geometry=shapes, crs=BNG)


def _label_table(
    scans: list[LabelScan], intake: Intake, found: pd.DataFrame, titles: dict[str, str]
) -> pd.DataFrame:
    """Return what became of each label."""
    firms = intake.labels.groupby("label").size()
    clusters = found.groupby("label").size()
    rows = [
        (
            scan.label,
            intake.kinds[scan.label],
            titles[scan.label],
            int(firms.get(scan.label, 0)),
            scan.companies,
            not scan.reason,
            scan.threshold,
            scan.reason,
            int(clusters.get(scan.label, 0)),
        )
        for scan in scans
    ]
    return pd.DataFrame(rows, columns=[*LABELS])
