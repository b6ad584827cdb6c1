"""Clusters that tests look at: chosen by a rule, so that the tests live on when the sample changes."""

from __future__ import annotations

import shapely

from clusters.scan.rates import PALE, SOLID


def solid_cluster(edition):
    """The largest solid cluster of a sector: several sites, and the head of its family on the first map."""
    rows = edition.clusters
    several = rows[(rows["standing"] == SOLID) & ~rows["one_site"].astype(bool) & (rows["kind"] == "sector")]
    return only(several.nlargest(1, "firms"))


def pale_cluster(edition):
    """The largest pale cluster of several sites."""
    rows = edition.clusters
    return only(rows[(rows["standing"] == PALE) & ~rows["one_site"].astype(bool)].nlargest(1, "firms"))


def one_site_cluster(edition):
    """The largest solid cluster at a single point."""
    rows = edition.clusters
    return only(rows[(rows["standing"] == SOLID) & rows["one_site"].astype(bool)].nlargest(1, "firms"))


def family_member(edition):
    """A cluster that another of its family stands for on the map of all labels, and that other one."""
    rows = edition.clusters.sort_values("e")
    member = only(rows[rows["family"] != rows["cluster_id"]])
    return member, only(rows[rows["cluster_id"] == member.family])


def only(rows):
    """The first row as a named tuple; there has to be one."""
    assert len(rows), "the edition has no such cluster: choose by another rule"
    return next(rows.itertuples(index=False))


def compact_cluster(edition):
    """Of the solid clusters of sectors, with ten firms at several sites, the one on the least ground."""
    rows = edition.clusters
    several = rows[(rows["standing"] == SOLID) & ~rows["one_site"].astype(bool) & (rows["kind"] == "sector")]
    large = several[several["firms"] >= 10]
    return only(large.loc[large.geometry.area.nsmallest(1).index])


def within(row):
    """Latitude and longitude of a point within a cluster's footprint."""
    point = shapely.from_geojson(row.geojson).representative_point()
    return point.y, point.x
