"""From firms and labels to clusters: the whole way in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clusters.description.findings import cells_of, findings, label_table, nearly_table
from clusters.description.naming import place_of, title
from clusters.description.typology import classify
from clusters.scan.counts import assemble, bin_points, tabulate
from clusters.scan.label_scan import scan_labels
from clusters.scan.parameters import ScanParameters
from intake.shipped import admit

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from clusters.description.evidence import Evidence

DEFAULTS = ScanParameters()


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
        best_observed, best_companies, best_expected, best_p, and best (in words).
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
    scans = scan_labels(assemble(*tabulate(placed, intake.labels), tuple(intake.kinds)), parameters)
    titles = {label: title(label) for label in intake.kinds} | _titles(labels)
    members = _members(cells_of(scans, parameters), placed, intake.labels)
    found = findings(scans, members, titles, intake.kinds, parameters)
    types = classify(found.clusters, found.members, intake.firms, intake.labels, evidence)
    clusters = found.clusters.join(types.criteria, on="cluster_id")
    carried = intake.labels.groupby("label").size()
    table = label_table(scans, carried, clusters, titles, intake.kinds, place_of)
    close = nearly_table(scans, place_of)
    shown = found.members.drop(
        columns=["label", "site", "town", "la_code", "la_name", "company_group", "location_precision"]
    )
    return Detection(clusters, shown, found.cells, table, close, types.evidence, intake.refused, parameters)


def _members(cells: pd.DataFrame, firms: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Firms of the label in the cells of its clusters."""
    located = labels[["firm_id", "label"]].merge(firms, on="firm_id")
    members = located.merge(cells[["label", "cell", "group", "core"]], on=["label", "cell"])
    return members.sort_values(["label", "group", "firm_id"], ignore_index=True)


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
