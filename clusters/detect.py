"""From firms and labels to clusters: the whole way in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from clusters.description.findings import Naming, cells_of, findings, label_table, nearly_table
from clusters.description.growth import BANDS, Beside, with_growth
from clusters.description.naming import title
from clusters.description.traits import counted, last_whole_years
from clusters.description.typology import classify
from clusters.scan.counts import assemble, bin_points, tabulate
from clusters.scan.label_scan import scan_labels
from clusters.scan.parameters import ScanParameters
from intake.shipped import admit
from intake.traits import band, year

if TYPE_CHECKING:
    import geopandas as gpd

    from clusters.description.evidence import Evidence
    from clusters.description.findings import Findings

DEFAULTS = ScanParameters()
# What members are found and named by.
UNSHOWN = (
    *("label", "site", "town", "la_code", "la_name", "company_group", "location_precision"),
    *("size_band", "founded_year", "size", "founded"),
)


@dataclass(frozen=True)
class Detection:
    """What a scan found.

    Attributes
    ----------
    clusters
        One row a cluster, largest first within a label (EPSG:27700, footprint in `geometry`):

        - cluster_id, label, kind (sector, technology), place, name;
        - firms: members (sites); companies: the same with a group's sites in one cell counted once;
        - over the cluster's cells: observed (equals companies), all_companies, expected, lq (as observed);
        - lq_fair, lq_low, lq_high: an estimate and an interval that allow for the choice of the cluster;
        - in the peak disc, the peak_radius_m around the most striking cell: peak_observed, peak_companies,
        peak_expected,
          peak_lq, log10_p, peak_easting, peak_northing;
        - lq_national, the same quotient against the national share;
        - baseline, the share expected at the peak: the largest of national_share, kind_share (among other
          places of the same kinds) and ring_share (of the ring, drawn towards window_share, that of a wider
          window);
        - threshold (log10: log10_p lies below it); e, how often a shuffled map of the label shows anything as
          striking; p, the share of such maps that do; p_error, its standard error from the number of maps; q,
          the share of chance among all that is as striking, of any label; standing, solid or pale (p or q
          above the level, so uncertain);
        - one_site, whether all members stand at one point; family, the id of the most striking cluster that
          is made of the same firms, often its own;
        - stability, the share of resamples in which it comes back; core_share, the share of members in core
        cells;
        - points, the addresses (distinct coordinates) of its members; largest_point, the share of them at the
        fullest one;
        - rd_active, co_located, related, collaborating, type;
        - employment and births against those of as many firms of the label: the columns of
          `clusters.description.growth.GROWTH`, missing where too little is known;
        - la_codes and la_shares, authorities by share of the members, largest first;
        - easting, northing: the centroid of the members, or a point of the footprint where that lies outside;
        - geometry, core_geometry: footprints of the members and of those in core cells (empty without any).
    members
        cluster_id, firm_id, name, company, easting, northing, cell, core.
    cells
        cluster_id, label, cell, easting, northing (of the cell's centre), radius_m, k, n (of and in its most
        striking disc), baseline, lq,
        log10_p (0 where k or lq is below its minimum), specialised (the rest belong to the peak's disc),
        frequency (share of resamples in which it is specialised), core.
    labels
        label, kind, title, firms, companies, tested, threshold (log10), reason (why not tested), clusters
        (number found); of its most likely place best_place, best_easting, best_northing, best_radius_m,
        best_observed, best_companies, best_expected, best_p (missing where that place has fewer firms than
        the minimum), and best (in words); kind_lean and region_lean, how many times as common it is where it
        is commonest as in the country, by kinds of place and over regions.
    nearly
        What came near to being a cluster: label, place and the columns of `clusters.scan.nearly`, and reason.
    evidence
        cluster_id, criterion, kind, reference, text: why each criterion is met.
    refused
        table, row, firm_id, column, value, reason: rows that could not take part (see `intake.shipped`). Rows
        in = rows kept + rows refused.
    parameters
        The settings used.
    """

    clusters: gpd.GeoDataFrame
    members: pd.DataFrame
    cells: pd.DataFrame
    labels: pd.DataFrame
    nearly: pd.DataFrame
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
        refused); optional: name, company_group, site, town, la_code, la_name, size_band, founded_year. All
        firms, labelled or not.
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
    placed = with_traits(intake.firms.assign(cell=cell))
    scans = scan_labels(assemble(*tabulate(placed, intake.labels), tuple(intake.kinds)), parameters)
    titles = {label: title(label) for label in intake.kinds} | _titles(labels)
    members = _members(cells_of(scans, parameters), placed, intake.labels)
    naming = Naming(titles, intake.kinds)
    found = findings(scans, members, naming, parameters)
    types = classify(found.clusters, found.members, intake.firms, intake.labels, evidence)
    clusters = found.clusters.join(types.criteria, on="cluster_id")
    clusters = _with_growth(clusters, found, placed, intake.labels, parameters)
    carried = intake.labels.groupby("label").size()
    table = label_table(scans, carried, clusters, naming)
    close = nearly_table(scans, naming)
    shown = found.members.drop(columns=[*UNSHOWN])
    return Detection(clusters, shown, found.cells, table, close, types.evidence, intake.refused, parameters)


def _members(cells: pd.DataFrame, firms: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Firms of the label in the cells of its clusters."""
    located = labels[["firm_id", "label"]].merge(firms, on="firm_id")
    members = located.merge(cells[["label", "cell", "group", "core"]], on=["label", "cell"])
    return members.sort_values(["label", "group", "firm_id"], ignore_index=True)


def with_traits(firms: pd.DataFrame) -> pd.DataFrame:
    """Add size (employees, estimated by size_band) and founded (year), NaN where unknown."""
    return firms.assign(
        size=firms["size_band"].map(band).astype(float), founded=firms["founded_year"].map(year).astype(float)
    )


def _with_growth(
    clusters: gpd.GeoDataFrame,
    found: Findings,
    firms: pd.DataFrame,
    labels: pd.DataFrame,
    parameters: ScanParameters,
) -> gpd.GeoDataFrame:
    """Add employment and births, by the sizes and dates that the firms have."""
    span = last_whole_years(firms["founded"].max())
    place = pd.Index(firms["firm_id"]).get_indexer(pd.Index(labels["firm_id"]))
    carried = labels[["label"]].assign(firm=place)
    counts = counted(firms, carried, found.cells["cell"].unique(), span)
    beside = Beside(counts, span, BANDS if firms["size"].notna().any() else "")
    return with_growth(clusters, found.members, found.cells, beside, parameters.seed)


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
