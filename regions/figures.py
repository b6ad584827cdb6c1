"""What is known of places: a row a place, whatever its level; `regions.measures` defines each column."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clusters.scan.interval import lq_interval
from data.schemas import ASSET_TYPES
from data.shared import kept
from edition.filters import CLUSTER_TYPES, Filters
from edition.shares import ESTIMATED
from regions.allocation import MONEY, PENCE
from regions.firm_counts import ALL, area_by_label, area_firms, by_authority, by_label, inside, member_rows
from regions.funding import funding
from regions.measures import CLUSTER_COLUMNS
from regions.places import places

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import geopandas as gpd

    from edition.edition import Edition
    from regions.place import Place

TEN_THOUSAND = 10_000
FAMILIES = {"sector": ("sector",), "technology": ("technology",), "both": ("sector", "technology")}


def figures(
    edition: Edition, filters: Filters, chosen: Sequence[Place], parts: Collection[str] = ()
) -> pd.DataFrame:
    """Return the figures of places.

    Parameters
    ----------
    edition, filters
        What is counted.
    chosen
        Any places, mixed and overlapping as they may be: each row stands for itself.
    parts
        Keys of `PARTS` that are wanted; all when empty.

    Returns
    -------
    DataFrame
        Indexed by ref: population, area_km2, density (residents per km2); public_gbp, private_gbp, per_head,
        private_per_head, estimated_share (of the public money, the part whose place is an estimate);
        projects; organisations; firms (of the labels asked for), firms_per_10k, clustered, clustered_share;
        all_firms, lq, lq_low, lq_high (of the labels asked for, as `specialisation` has it; NaN where none
        is); clusters, and by type `regions.measures.CLUSTER_COLUMNS`; assets. What cannot be divided is NaN.
    """
    places_of = tuple(chosen)
    tables = [_ground(places_of)]
    wanted = [make for name, make in PARTS.items() if not parts or name in parts]
    tables += [make(edition, filters, places_of) for make in wanted]
    return pd.concat(tables, axis=1).replace([np.inf, -np.inf], np.nan)


def level_figures(
    edition: Edition, filters: Filters, level: str, parts: Collection[str] = ()
) -> pd.DataFrame:
    """Return the figures of every region of a level."""
    wanted = tuple(name for name in COLUMNS if not parts or name in parts)
    return _level_figures(edition, filters.plain(), level, wanted)


@kept(maxsize=128)
def _level_figures(edition: Edition, filters: Filters, level: str, parts: tuple[str, ...]) -> pd.DataFrame:
    return figures(edition, filters, places(edition).of_level(level), parts)


def _ground(chosen: Sequence[Place]) -> pd.DataFrame:
    """Return what does not depend on filters: residents and land."""
    table = pd.DataFrame(
        {
            "population": [place.population for place in chosen],
            "area_km2": [place.area_km2 for place in chosen],
        },
        index=_index(chosen),
    )
    return table.assign(density=table["population"] / table["area_km2"])


def _residents(chosen: Sequence[Place]) -> pd.Series:
    return pd.Series([place.population for place in chosen], index=_index(chosen))


def _index(chosen: Sequence[Place]) -> pd.Index:
    return pd.Index([place.ref for place in chosen], name="ref")


def holdings(chosen: Sequence[Place]) -> pd.DataFrame:
    """Return which authorities the places hold: ref, la_code, weight (share of the residents)."""
    rows = [(place.ref, code, weight) for place in chosen for code, weight in place.weights.items()]
    return pd.DataFrame(rows, columns=["ref", "la_code", "weight"])


def money_rows(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return the money of places, award by award, in whole pence.

    An authority that an area cuts through gives what lies at sites within the area, and of what is for the
    authority as a whole the share of its residents, rounded to the penny: its basis is then ``population``.

    Returns
    -------
    DataFrame
        ref, project_id, la_code, basis, public, private (int64 pence).
    """
    return _money_rows(edition, filters.plain(), tuple(chosen))


@kept(maxsize=32)
def _money_rows(edition: Edition, filters: Filters, chosen: tuple[Place, ...]) -> pd.DataFrame:
    allocated = funding(edition, filters).allocation.rows
    rows = holdings(chosen).merge(allocated[["project_id", "la_code", "basis", *MONEY]], on="la_code")
    cut = [place for place in chosen if place.cut]
    if not cut:
        return rows.drop(columns="weight")
    share = rows["weight"].to_numpy(dtype=float).copy()
    at_site = (rows["basis"] == "site").to_numpy()
    for place in cut:
        sites = _sites_in(edition, place)
        here = at_site & (rows["ref"] == place.ref).to_numpy() & rows["la_code"].isin(place.cut).to_numpy()
        known = rows["project_id"].map(sites).where(here)
        share = np.where(known.notna(), known.astype(float), share)
    for money in MONEY:
        rows[money] = np.round(rows[money].to_numpy() * share).astype("int64")
    rows["basis"] = rows["basis"].mask(share < 1, "population")
    return rows[share > 0].drop(columns="weight").reset_index(drop=True)


@lru_cache(maxsize=256)
def _sites_in(edition: Edition, place: Place) -> Mapping[str, bool]:
    """Say of every project at a site whether the site lies in the place."""
    projects = edition.tables["projects"]
    sites = projects[projects["point"]]
    return dict(zip(sites["project_id"], inside(place, sites).tolist(), strict=True))


def _money(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    index, people = _index(chosen), _residents(chosen)
    rows = money_rows(edition, filters, chosen)
    pence = rows.groupby("ref")[list(MONEY)].sum().reindex(index, fill_value=0)
    estimated = rows.loc[rows["basis"].isin(ESTIMATED)].groupby("ref")["public"].sum()
    share = estimated.reindex(index, fill_value=0) / pence["public"].where(pence["public"] > 0)
    return pd.DataFrame(
        {
            "public_gbp": pence["public"] / PENCE,
            "private_gbp": pence["private"] / PENCE,
            "per_head": pence["public"] / PENCE / people,
            "private_per_head": pence["private"] / PENCE / people,
            "estimated_share": share.fillna(0.0),
        }
    )


def project_rows(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return which projects that pass the filters have a part in which place: ref, project_id."""
    money = funding(edition, filters)
    rows = money_rows(edition, filters, chosen)
    present = rows[rows["project_id"].isin(money.taking_part.index[money.taking_part])]
    return present[["ref", "project_id"]].drop_duplicates(ignore_index=True)


def _projects(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    counted = project_rows(edition, filters, chosen).groupby("ref").size()
    return pd.DataFrame({"projects": counted.reindex(_index(chosen), fill_value=0)})


def _organisations(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    people = edition.tables["participants"][["project_id", "organisation"]]
    rows = project_rows(edition, filters, chosen).merge(people, on="project_id")
    counted = rows.groupby("ref")["organisation"].nunique()
    return pd.DataFrame({"organisations": counted.reindex(_index(chosen), fill_value=0)})


def firm_rows(edition: Edition, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return the firms of places by label: ref, label (empty for all), firms."""
    held = holdings([place for place in chosen if not place.cut]).merge(by_label(edition), on="la_code")
    parts = [held.groupby(["ref", "label"], sort=False)["firms"].sum().reset_index()]
    parts += [area_by_label(edition, place).assign(ref=place.ref) for place in chosen if place.cut]
    return pd.concat([part for part in parts if len(part)] or parts)[["ref", "label", "firms"]]


def _firms(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    """Count the firms of the labels asked for, and those of them in a cluster that passes the filters."""
    held = holdings([place for place in chosen if not place.cut])
    members = clustered(edition, filters)
    inside_whole = held["la_code"].map(members["la_code"].value_counts()).groupby(held["ref"]).sum()
    table = pd.DataFrame({"clustered": inside_whole}).reindex(_index(chosen)).fillna(0).astype("int64")
    for place in chosen:
        if place.cut:
            table.loc[place.ref, "clustered"] = len(_lying_in(place, members))
    firms = _counted(edition, chosen, filters.labels)
    return table.assign(
        firms=firms,
        firms_per_10k=firms / _residents(chosen) * TEN_THOUSAND,
        clustered_share=table["clustered"] / firms,
    )


def _lying_in(place: Place, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows (la_code, easting, northing) of an area: by point in authorities that it cuts through.

    There, what is known only to its town (point, where there is such a column) is left out.
    """
    cut = (rows["la_code"].isin(place.cut) & rows.get("point", default=True)).to_numpy(dtype=bool)
    here = rows["la_code"].isin(place.whole).to_numpy(dtype=bool).copy()
    here[cut] = inside(place, rows[cut])
    return rows[here]


def _quotients(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return how concentrated the labels asked for are, with the interval; and all firms, whatever theirs."""
    every = frozenset[str]()
    firms, of = (_counted(edition, chosen, labels) for labels in (filters.labels, every))
    # Firms whose authority is not known are in no place, so they are not the country's either.
    country = [places(edition).country]
    uk_firms, uk_of = (_counted(edition, country, labels).iloc[0] for labels in (filters.labels, every))
    table = pd.DataFrame({"all_firms": of}, index=_index(chosen))
    if not filters.labels or not uk_firms:
        return table.assign(lq=np.nan, lq_low=np.nan, lq_high=np.nan)
    lq, low, high = lq_interval(firms, of, uk_firms / uk_of, edition.about.scan.confidence)
    return table.assign(lq=lq, lq_low=low, lq_high=high)


def _counted(edition: Edition, chosen: Sequence[Place], labels: frozenset[str]) -> pd.Series:
    """Count the firms of places that have any of the labels, each once; all firms where no label is named."""
    held = holdings([place for place in chosen if not place.cut])
    count = by_authority(edition, labels).set_index("la_code")["firms"]
    table = held["la_code"].map(count).groupby(held["ref"]).sum()
    table = table.reindex(_index(chosen)).fillna(0).astype("int64")
    for place in chosen:
        if place.cut:
            table[place.ref] = area_firms(edition, place, labels)
    return table


def clustered(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return the firms in clusters that pass the filters, each once (see `member_rows`)."""
    plain = Filters(**{name: getattr(filters, name) for name in ("sector", "technology", "family", "type")})
    return _clustered(edition, plain)


# Few, since of a large register each is large.
@kept(maxsize=8)
def _clustered(edition: Edition, filters: Filters) -> pd.DataFrame:
    members = member_rows(edition)
    wanted = members["cluster_id"].isin(clusters_in(edition, filters)["cluster_id"])
    return members[wanted].drop_duplicates("firm")


def cluster_rows(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return which clusters that pass the filters have members in which place.

    A cluster across a border counts in each place that it reaches into: the sums of neighbours overlap.

    Returns
    -------
    DataFrame
        ref, cluster_id, type; the strongest cluster of a place first.
    """
    return _cluster_rows(edition, filters.plain(), tuple(chosen))


@kept(maxsize=32)
def _cluster_rows(edition: Edition, filters: Filters, chosen: tuple[Place, ...]) -> pd.DataFrame:
    found = clusters_in(edition, filters)
    whole = [(place.ref, code) for place in chosen for code in place.weights if code not in place.cut]
    held = pd.DataFrame(whole, columns=["ref", "la_code"])
    reached = pd.DataFrame(found[["cluster_id", "type", "la_codes"]]).explode("la_codes")
    pairs = [reached.merge(held, left_on="la_codes", right_on="la_code")[["ref", "cluster_id", "type"]]]
    plain = pd.DataFrame(found[["cluster_id", "type"]])
    for place in chosen:
        if place.cut:
            here = plain["cluster_id"].isin(_reaching_into(edition, place))
            pairs.append(plain[here].assign(ref=place.ref))
    return pd.concat(pairs, ignore_index=True).drop_duplicates(["ref", "cluster_id"], ignore_index=True)


@lru_cache(maxsize=256)
def _reaching_into(edition: Edition, place: Place) -> frozenset[str]:
    """Return the clusters, of whatever label, with a member in an area."""
    return frozenset(_lying_in(place, member_rows(edition))["cluster_id"])


def clusters_in(edition: Edition, filters: Filters) -> gpd.GeoDataFrame:
    """Return the clusters of the labels asked for (if none is, of all in the family), strongest first.

    Of clusters that are made of the same firms the most striking of those asked for stands for all.
    """
    return _clusters_in(edition, filters.plain())


@kept(maxsize=64)
def _clusters_in(edition: Edition, filters: Filters) -> gpd.GeoDataFrame:
    rows = edition.clusters
    wanted = (
        rows["label"].isin(filters.labels) if filters.labels else rows["kind"].isin(FAMILIES[filters.family])
    )
    if filters.type:
        wanted &= rows["type"].isin(filters.type)
    # What was not tested has no strength: its firms rank it.
    order = {"log10_p": True, "firms": False, "cluster_id": True}
    heads = rows[wanted].sort_values(["e", *order], ascending=[True, *order.values()])
    return heads.drop_duplicates("family").sort_values([*order], ascending=[*order.values()])


def _clusters(edition: Edition, filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    index = _index(chosen)
    rows = cluster_rows(edition, filters, chosen)
    by_type = pd.crosstab(rows["ref"], rows["type"])
    by_type = by_type.reindex(index=index, columns=list(CLUSTER_TYPES), fill_value=0)
    total = rows.groupby("ref").size().reindex(index, fill_value=0)
    return by_type.rename(columns=CLUSTER_COLUMNS).assign(clusters=total)


def _assets(edition: Edition, _filters: Filters, chosen: Sequence[Place]) -> pd.DataFrame:
    counted = asset_rows(edition, chosen).groupby("ref").size()
    return pd.DataFrame({"assets": counted.reindex(_index(chosen), fill_value=0)})


def asset_rows(edition: Edition, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return the research assets of places: ref, asset_id, type, name."""
    return _asset_rows(edition, tuple(chosen))


@kept(maxsize=32)
def _asset_rows(edition: Edition, chosen: tuple[Place, ...]) -> pd.DataFrame:
    assets = edition.tables["assets"]
    columns = ["asset_id", "type", "name"]
    held = holdings([place for place in chosen if not place.cut])
    parts = [held.merge(assets, on="la_code")[["ref", *columns]]]
    parts += [_lying_in(place, assets)[columns].assign(ref=place.ref) for place in chosen if place.cut]
    return pd.concat(parts, ignore_index=True)[["ref", *columns]]


def assets_by_type(edition: Edition, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return the number of research assets by type: a row a ref, a column a type."""
    index = _index(chosen)
    rows = asset_rows(edition, chosen)
    counted = pd.crosstab(rows["ref"], rows["type"])
    return counted.reindex(index=index, columns=list(ASSET_TYPES), fill_value=0)


def specialisation(edition: Edition, chosen: Sequence[Place]) -> pd.DataFrame:
    """Return the location quotient of every label in every place, with what it rests on.

    LQ = (firms of the label / all firms, in the place) / (the same in the United Kingdom), with the exact
    interval of `clusters.scan.interval.lq_interval`.

    Returns
    -------
    DataFrame
        ref, label, title, kind (sector or technology), firms, of (all firms of the place), uk_firms, uk_of,
        lq, low, high, small (fewer firms than the edition's least count: shown, never coloured or ranked).
        A row for every place and label of the edition.
    """
    country = area_by_label(edition, places(edition).country).set_index("label")["firms"]
    labels = [*edition.labels.sectors, *edition.labels.technologies]
    wanted = pd.MultiIndex.from_product([[place.ref for place in chosen], labels], names=["ref", "label"])
    rows = firm_rows(edition, chosen)
    known = rows.set_index(["ref", "label"])["firms"]
    table = known.reindex(wanted, fill_value=0).reset_index()
    total = rows[rows["label"] == ALL].set_index("ref")["firms"]
    table["of"] = table["ref"].map(total).fillna(0).astype("int64")
    table["uk_firms"] = table["label"].map(country).fillna(0).astype("int64")
    table["uk_of"] = int(country.get(ALL, 0))
    table = table[table["uk_firms"] > 0].reset_index(drop=True)
    share = table["uk_firms"] / table["uk_of"]
    lq, low, high = lq_interval(table["firms"], table["of"], share, edition.about.scan.confidence)
    sectors = frozenset(edition.labels.sectors)
    return table.assign(
        title=table["label"].map(edition.labels.title),
        kind=np.where(table["label"].isin(sectors), "sector", "technology"),
        lq=lq,
        low=low,
        high=high,
        small=table["firms"] < edition.about.scan.min_firms,
    )


def parts_of(*columns: str) -> tuple[str, ...]:
    """Return the parts that hold columns of `figures`.

    Raises
    ------
    KeyError
        If there is no such column.
    """
    return tuple(dict.fromkeys(_PART_OF[column] for column in columns if column))


# Columns of what does not depend on filters, and stands in every table.
GROUND = "ground"
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        GROUND: ("population", "area_km2", "density"),
        "money": ("public_gbp", "private_gbp", "per_head", "private_per_head", "estimated_share"),
        "projects": ("projects",),
        "organisations": ("organisations",),
        "firms": ("firms", "firms_per_10k", "clustered", "clustered_share"),
        "quotients": ("all_firms", "lq", "lq_low", "lq_high"),
        "clusters": ("clusters", *CLUSTER_COLUMNS.values()),
        "assets": ("assets",),
    }
)
_PART_OF = {column: part for part, columns in COLUMNS.items() for column in columns}
FIGURES = frozenset(_PART_OF)
# What figures are made of: each part can be asked for alone, since a map shows one measure at a time.
PARTS: Mapping[str, Callable[[Edition, Filters, Sequence[Place]], pd.DataFrame]] = MappingProxyType(
    {
        "money": _money,
        "projects": _projects,
        "organisations": _organisations,
        "firms": _firms,
        "quotients": _quotients,
        "clusters": _clusters,
        "assets": _assets,
    }
)
