"""From tested cells and the firms in them to the tables of clusters: counted, named and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from clusters.description.families import families
from clusters.description.footprint import footprints
from clusters.description.naming import cluster_ids, distinct_places, place_candidates, place_of
from clusters.description.nearly_so import said
from clusters.scan.counts import bin_points, cell_centres
from clusters.scan.interval import chosen_interval, least_found
from clusters.scan.label_scan import NO_CELLS, NO_GROUPS, NO_PLACES
from clusters.scan.nearly import NEARLY as NEARLY_COLUMNS
from clusters.scan.rates import PALE
from geo.projections import BNG

if TYPE_CHECKING:
    from collections.abc import Callable

    from clusters.scan.label_scan import LabelScan
    from clusters.scan.parameters import ScanParameters

PlaceOf: TypeAlias = "Callable[[pd.Series, pd.Series], pd.Series]"

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
    "lq_fair",
    "lq_national",
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
    "kind_share",
    "window_share",
    "ring_share",
    "threshold",
    "e",
    "p",
    "p_error",
    "q",
    "standing",
    "stability",
    "core_share",
    "points",
    "largest_point",
    "one_site",
    "family",
    "la_codes",
    "la_shares",
    "easting",
    "northing",
)

LABELS = (
    *("label", "kind", "title", "firms", "companies", "tested", "threshold", "reason", "clusters"),
    *("best_place", "best_easting", "best_northing", "best_radius_m"),
    *("best_observed", "best_companies", "best_expected", "best_p", "best"),
    *("kind_lean", "region_lean"),
)
NEARLY = ("label", "place", *NEARLY_COLUMNS, "reason")


@dataclass(frozen=True)
class Naming:
    """What things are called.

    Attributes
    ----------
    titles, kinds
        How each label reads in a name, and what it is (sector, technology).
    place_of
        Names the places of eastings and northings (metres), "" for none.
    """

    titles: dict[str, str]
    kinds: dict[str, str]
    place_of: PlaceOf = place_of


@dataclass(frozen=True)
class Findings:
    """Clusters without their types, their members and cells, and what came near; columns as in `Detection`.

    Members keep the further columns that they came with.
    """

    clusters: gpd.GeoDataFrame
    members: pd.DataFrame
    cells: pd.DataFrame


def findings(
    scans: list[LabelScan],
    members: pd.DataFrame,
    naming: Naming,
    parameters: ScanParameters,
) -> Findings:
    """Describe the clusters that were found.

    Parameters
    ----------
    members
        label, group, core, firm_id, easting, northing, site, town, la_code, la_name: firms of each label in
        the cells of its clusters, in an order that does not depend on the caller's.
    """
    cells = cells_of(scans, parameters)
    found = _clusters(scans, cells, members, parameters)
    found = _named(found, members, naming.titles)
    found = found.assign(kind=found["label"].map(naming.kinds).astype(str))
    cells, members = (_with_ids(table, found) for table in (cells, members))
    known = members.assign(firm_id=members["row"]) if "row" in members.columns else members
    found["family"] = families(found, known).to_numpy()
    return Findings(_with_footprints(found.drop(columns="group"), members, parameters), members, cells)


def cells_of(scans: list[LabelScan], parameters: ScanParameters) -> pd.DataFrame:
    """Return the cells of the clusters of all labels, numbered by group within a label."""
    found = [scan.cells.assign(label=scan.label) for scan in scans if len(scan.cells)]
    cells = pd.concat(found or [NO_CELLS], ignore_index=True)
    easting, northing = cell_centres(cells["cell"].to_numpy(dtype="int64"), parameters.cell_m)
    return cells.assign(easting=easting, northing=northing)


def _clusters(
    scans: list[LabelScan], cells: pd.DataFrame, members: pd.DataFrame, parameters: ScanParameters
) -> pd.DataFrame:
    """One row a group: what was counted, expected and found; on (label, group) as columns."""
    keys = ["label", "group"]
    found = [scan.groups.assign(label=scan.label) for scan in scans if len(scan.groups)]
    groups = pd.concat(found or [NO_GROUPS])
    table = groups.reset_index().merge(_peaks(cells), on=keys)
    firms = members.groupby(keys).agg(
        firms=("firm_id", "size"),
        core_share=("core", "mean"),
        easting=("easting", "mean"),
        northing=("northing", "mean"),
    )
    table = table.merge(firms.reset_index(), on=keys).merge(_points(members), on=keys)
    table = table.merge(_authorities(members), on=keys, how="left")
    for column in ("la_codes", "la_shares"):
        lists = [value if isinstance(value, list) else [] for value in table[column]]
        table[column] = pd.Series(lists, index=table.index, dtype=object)
    sizes = {scan.label: scan.companies for scan in scans}
    table = with_quotients(table.assign(companies=table["observed"]), members, sizes, parameters)
    table["lq_national"] = table["observed"] / (table["all_companies"] * table["national_share"])
    table["one_site"] = table["points"] == 1
    table["expected"] = table["all_companies"] * table["baseline"]
    order = ["label", "firms", "log10_p", "easting", "northing"]
    return table.sort_values(order, ascending=[True, False, True, True, True], ignore_index=True)


def with_quotients(
    table: pd.DataFrame, members: pd.DataFrame, sizes: dict[str, int], parameters: ScanParameters
) -> pd.DataFrame:
    """Add lq as it was observed, and what allows for the choice of the cluster: lq_fair, lq_low, lq_high.

    Parameters
    ----------
    sizes
        Companies that carry each label.
    """
    p, observed = parameters, table["observed"]
    least = least_found(
        table["peak_companies"],
        table["baseline"],
        table["threshold"],
        table["label"].map(sizes).map(p.least),
        p.min_lq,
    )
    # A cluster may be smaller than its most striking disc, and has its part of what that disc has to spare.
    part = (observed / table["peak_observed"]).clip(upper=1.0)
    spare = part * (table["peak_observed"] - least).clip(lower=0.0)
    spare = spare.where((table["standing"] == PALE) & np.isfinite(spare), np.inf)
    chosen = (observed, table["all_companies"], table["baseline"], _alone(table, members, parameters), spare)
    fair, low, high = chosen_interval(*chosen, confidence=p.confidence)
    lq = observed / (table["all_companies"] * table["baseline"])
    return table.assign(lq=lq, lq_low=low, lq_high=high, lq_fair=fair)


def _alone(table: pd.DataFrame, members: pd.DataFrame, parameters: ScanParameters) -> pd.Series:
    """Return the members of each group that are alone in their cell; none where nothing was tested."""
    keys = ["label", "group"]
    cell = bin_points(members["easting"], members["northing"], parameters.cell_m)
    in_cell = members[keys].assign(cell=cell).groupby([*keys, "cell"]).size()
    alone = (in_cell == 1).groupby(keys).sum()
    found = alone.reindex(pd.MultiIndex.from_frame(table[keys])).fillna(0).to_numpy()
    return pd.Series(found, table.index).where(table["threshold"].notna(), 0)


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


def _points(members: pd.DataFrame) -> pd.DataFrame:
    """Return how many points the members of each group stand at, and the share of them at the fullest one."""
    keys = ["label", "group"]
    tally = members.groupby([*keys, "easting", "northing"]).size().groupby(keys)
    found = pd.DataFrame({"points": tally.size(), "largest_point": tally.max() / tally.sum()})
    return found.reset_index()


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
    texts = {"cluster_id": cluster_ids(table["label"], places), "place": places.tolist(), "name": names}
    # Text even where there is nothing.
    return table.assign(**{column: pd.Series(own, table.index, dtype=str) for column, own in texts.items()})


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


def nearly_table(scans: list[LabelScan], naming: Naming) -> pd.DataFrame:
    """Return the places that came nearest to being a cluster: columns of `NEARLY`, by label, best first."""
    found = [scan.nearly.assign(label=scan.label) for scan in scans if len(scan.nearly)]
    table = pd.concat(found or [NO_PLACES.assign(label="")], ignore_index=True)
    table = table.assign(place=naming.place_of(table["easting"], table["northing"]), reason=said(table))
    return table[[*NEARLY]].astype({"label": object, "place": object, "reason": object})


def label_table(
    scans: list[LabelScan],
    firms: pd.Series,
    found: pd.DataFrame,
    naming: Naming,
) -> pd.DataFrame:
    """Return what became of each label, and its most likely place.

    Parameters
    ----------
    firms
        Firms that carry each label, on the label.
    found
        label: one row a cluster.
    """
    clusters = found.groupby("label").size()
    table = pd.DataFrame(
        {
            "label": [scan.label for scan in scans],
            "companies": [scan.companies for scan in scans],
            "tested": [not scan.reason for scan in scans],
            "threshold": np.array([scan.threshold for scan in scans], float),
            "reason": [scan.reason for scan in scans],
        }
    )
    label = table["label"].astype(object)
    best = pd.concat([scan.best.assign(label=scan.label) for scan in scans] or [NO_PLACES.assign(label="")])
    best = best.assign(best_place=naming.place_of(best["easting"], best["northing"]), best=said(best))
    names = {"easting", "northing", "radius_m", "observed", "companies", "expected", "p"}
    best = best.rename(columns={name: f"best_{name}" for name in names}).set_index("label")
    leans = np.array([scan.leans for scan in scans], float).reshape(-1, 2)
    wanted = [name for name in LABELS if name.startswith("best")]
    best = best[wanted].reindex(label)
    for name in ("best_place", "best"):
        best[name] = best[name].fillna("")
    table = table.assign(
        kind=label.map(naming.kinds),
        title=label.map(naming.titles),
        firms=label.map(firms).fillna(0).astype("int64"),
        clusters=label.map(clusters).fillna(0).astype("int64"),
        **{name: best[name].to_numpy() for name in wanted},
        kind_lean=leans[:, 0],
        region_lean=leans[:, 1],
    )
    return table[[*LABELS]].astype(dict.fromkeys(("label", "kind", "title", "reason"), object))
