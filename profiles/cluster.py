"""What is known of one cluster besides its figures: firms, projects, partners, research assets, caveats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from clusters.description.evidence import within
from clusters.scan.rates import PALE
from data.errors import QUOTED, NotFoundError, nearest
from data.schemas import ASSET_TYPES
from edition.filters import Filters
from edition.moved_ids import CLUSTER, current
from profiles.cluster_why import CRITERIA
from profiles.firm import details
from profiles.projects import project_rows
from regions.figures import figures
from regions.places import find_place
from words.numbers import count, finite, listed
from words.provenance import caveat

if TYPE_CHECKING:
    import geopandas as gpd

    from edition.edition import Edition
    from edition.view import View

# What a cluster is found by is no filter of the money beside it.
OF_MONEY = ("year_from", "year_to", "kinds", "growth", "placed")
# A cluster that comes back in fewer resamples, has more of its firms at one point, or fewer firms than this
# deserves a word.
SHAKY, CROWDED, FEW = 0.5, 0.5, 10
LEADS = "lead"
# Times as common as in the country from which on a label's clusters are false more often than is stated.
UNEVEN = 2.0
LEANS = {
    "kind_lean": "its national share in one kind of place, by how many firms stand around",
    "region_lean": "that share in one region",
}


def row_of(edition: Edition, cluster_id: str) -> Any:
    """Return the row of a cluster, None where the edition has none of the id."""
    found = _part(edition, cluster_id)
    return next(found.itertuples(index=False)) if len(found) else None


def find_cluster(edition: Edition, cluster_id: str) -> Any:
    """Return the row of a cluster; of one whose id changed, that of the cluster which it became.

    Raises
    ------
    NotFoundError
        If the edition has none of that id, or it became several; the message quotes it and says what became
        of it, or names the nearest.
    """
    row, moved = row_of(edition, cluster_id), current(edition, CLUSTER, cluster_id)
    if row is None and moved is not None:
        if len(moved.new_ids) != 1:
            raise NotFoundError(f"{cluster_id[:QUOTED]!r} is no cluster of this edition. {moved.words}")
        row = row_of(edition, moved.new_ids[0])
    if row is None:
        near = nearest(cluster_id, names_of(edition))
        raise NotFoundError(f"{cluster_id[:QUOTED]!r} is no cluster of edition {edition.about.name}; {near}")
    return row


def names_of(edition: Edition) -> dict[str, str]:
    """Return what the clusters of an edition are called, by id."""
    rows = edition.clusters
    return dict(zip(rows["cluster_id"].astype(str), rows["name"].astype(str), strict=True))


def looked_at(edition: Edition, view: View) -> Any:
    """Return the row of the cluster that a view looks at; None where it looks at none.

    Raises
    ------
    NotFoundError
        As `find_cluster` does.
    """
    return find_cluster(edition, view.cluster) if view.cluster else None


def _part(edition: Edition, cluster_id: str) -> gpd.GeoDataFrame:
    return edition.clusters[edition.clusters["cluster_id"] == cluster_id]


def firms(edition: Edition, cluster_id: str) -> pd.DataFrame:
    """Return the firms of a cluster, core first: firm_id, name, what is known of each, core (or fringe)."""
    sql = f"""
        SELECT firm_id, name, {details(edition)}, core FROM members JOIN firms USING (firm_id)
        WHERE cluster_id = ? ORDER BY core DESC, name, firm_id
    """
    found: pd.DataFrame = edition.store.query(sql, [cluster_id])
    return found


def members(edition: Edition, cluster_id: str) -> pd.DataFrame:
    """Return `firms` in words: firm_id, firm, what is known of each, part (core or fringe)."""
    rows = firms(edition, cluster_id).rename(columns={"name": "firm"})
    part = rows["core"].map({True: "core", False: "fringe"})
    return rows.drop(columns="core").assign(part=part)


def money_filters(view: View) -> Filters:
    """Return the filters of a view that the money beside a cluster takes: of all sectors and programmes."""
    return Filters.model_validate({name: getattr(view, name) for name in OF_MONEY})


def projects(edition: Edition, view: View, cluster_id: str) -> pd.DataFrame:
    """Return the projects of all sectors at sites in the footprint or near it, as `project_rows` does."""
    rows = project_rows(edition, money_filters(view))
    near = within(_part(edition, cluster_id), edition.tables["projects"], ["project_id"])
    return rows[rows["project_id"].isin(near["project_id"])].reset_index(drop=True)


def partners(edition: Edition, project_ids: pd.Series) -> pd.DataFrame:
    """Return the organisations of projects: organisation, projects, led, in (names of the projects)."""
    rows = edition.tables["participants"]
    rows = rows[rows["project_id"].isin(project_ids)]
    names = edition.tables["projects"].set_index("project_id")["name"]
    rows = rows.assign(named=rows["project_id"].map(names), led=rows["role"] == LEADS)
    grouped = rows.groupby("organisation").agg(
        projects=("project_id", "nunique"),
        led=("led", "sum"),
        named=("named", lambda names: "; ".join(dict.fromkeys(names))),
    )
    ordered = grouped.reset_index().sort_values(
        ["projects", "led", "organisation"], ascending=[False, False, True]
    )
    return ordered.rename(columns={"named": "in"}).reset_index(drop=True)


def assets(edition: Edition, cluster_id: str) -> pd.DataFrame:
    """Return the research assets in the footprint or near it.

    Returns
    -------
    DataFrame
        asset_id, name, type (in words), town, source.
    """
    near = within(_part(edition, cluster_id), edition.tables["assets"], ["asset_id"])
    rows = edition.tables["assets"].set_index("asset_id").loc[near["asset_id"]].reset_index()
    rows = rows.assign(type=rows["type"].map(ASSET_TYPES)).sort_values(["type", "name"], ignore_index=True)
    return rows[["asset_id", "name", "type", "town", "source"]]


def authorities(edition: Edition, row: Any) -> pd.DataFrame:
    """Return the authorities that a cluster lies in: la_code, authority, share of its firms."""
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    return pd.DataFrame(
        {
            "la_code": list(row.la_codes),
            "authority": [str(names.get(code, code)) for code in row.la_codes],
            "share": [float(share) for share in row.la_shares],
        }
    )


def authority_money(edition: Edition, row: Any, filters: Filters) -> pd.DataFrame:
    """Return `authorities` with public_gbp: the public money of each whole authority that passes the filters.

    It is missing where no award was found: nothing is known there, which is not nothing.
    """
    rows = authorities(edition, row)
    money = figures(edition, filters, [find_place(edition, code) for code in rows["la_code"]], ("money",))
    return rows.assign(public_gbp=money["public_gbp"].where(money["public_gbp"] > 0).to_numpy())


def criteria(row: Any) -> list[tuple[str, str, str]]:
    """Return each published criterion: its id, its words, and whether it is met, not met or not known."""
    return [(name, words, _met(getattr(row, name))) for name, words in CRITERIA.items()]


def _met(value: Any) -> str:
    if value is None or pd.isna(value):
        return "not known"
    return "met" if bool(value) else "not met"


def leans(edition: Edition, label: str) -> list[str]:
    """Say where a label is so uneven over kinds of place or regions that a cluster of it may be false."""
    rows = edition.tables["labels"]
    found = rows[rows["label"] == label]
    told = [(float(found[name].iloc[0]), where) for name, where in LEANS.items() if len(found)]
    uneven = [f"{times:.1f} times {where}" for times, where in told if times >= UNEVEN]
    if not uneven:
        return []
    title = edition.labels.title(label)
    said = (
        f"{title} is uneven over the country, up to {listed(uneven)}: what the comparison does not take up "
    )
    return [f"{said}of that may pass for a cluster."]


def caveats(edition: Edition, row: Any) -> list[str]:
    """Return what to beware of with a cluster, in sentences."""
    said = [caveat(edition)]
    if finite(row.stability) and row.stability < SHAKY:
        said.append(
            f"It comes back in {row.stability:.0%} of resamples only: a few firms more or less decide it."
        )
    if row.standing == PALE:
        said.append("It is uncertain: chance does nearly as well, here or on the map as a whole.")
    if row.one_site:
        said.append("All its firms stand at one point: it is one site, and not counted among the clusters.")
    elif finite(row.largest_point) and (row.largest_point > CROWDED or row.points == 2) and row.firms > 1:
        share = f"{row.largest_point:.0%} of its firms"
        said.append(f"{share} stand at one of {count(row.points, 'point')}, maybe no more than an address.")
    if row.firms < FEW:
        said.append(f"It has {count(row.firms, 'firm')}: its quotient is uncertain, as the interval shows.")
    said += leans(edition, row.label)
    if not edition.about.tested:
        method = edition.about.method_name
        said.append(f"{method} looks for density alone: it was not tested against chance.")
    said.append(
        "Projects and research assets are those within 500 metres of the footprint whose site is known; "
        "money of clusters that overlap is never added."
    )
    return said
