"""Clusters: far out a disc sized by firms, near the footprint; the core solid, the fringe light."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from layers.base import CLUSTER_FILTERS, Layer, Payload, address
from layers.element import Slot
from layers.mark import Entry, Legend, Look, Mark, Name
from layers.words import count, quotient

if TYPE_CHECKING:
    import geopandas as gpd

    from data.filters import Filters
    from layers.sheet import Sheet
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

# Lines of the legend in print, and the firms of its discs.
IN_LEGEND = 12
LEGEND_FIRMS = 10
EXPLAINED = (
    "More firms of one kind than chance and the surroundings explain. Area of a disc: firms (here 10). "
    "Solid: core, found again in most resamples. Light: fringe."
)
FAMILIES = {"sector": ("sector",), "technology": ("technology",), "both": ("sector", "technology")}
FIELDS = (
    *("cluster_id", "name", "label", "kind", "place", "type", "firms"),
    *("lat", "lon", "west", "east", "core_share"),
)
RATIOS = ("lq", "lq_low", "lq_high", "expected", "stability")


def chosen(edition: Edition, filters: Filters) -> gpd.GeoDataFrame:
    """Return the clusters of the labels asked for (if none is, of all in the family), strongest first."""
    rows = edition.clusters
    kinds = FAMILIES[filters.family]
    wanted = rows["label"].isin(filters.labels) if filters.labels else rows["kind"].isin(kinds)
    if filters.type:
        wanted &= rows["type"].isin(filters.type)
    return rows[wanted].sort_values(["log10_p", "cluster_id"])


def payload(edition: Edition, view: View) -> Payload:
    """Return footprints as GeoJSON features, with the core of each among its properties."""
    rows = chosen(edition, view)
    return {
        "type": "FeatureCollection",
        "features": [_feature(row) for row in rows.itertuples(index=False)],
        "note": "" if len(rows) else why_none(edition, view),
    }


def _feature(row: Any) -> dict[str, Any]:
    properties = {name: getattr(row, name) for name in FIELDS}
    properties["la_codes"] = list(row.la_codes)
    properties |= {name: round(float(getattr(row, name)), 3) for name in RATIOS}
    properties["strength"] = round(-row.log10_p, 2)
    properties["text"] = summary(row)
    core = orjson.loads(row.core_geojson)
    properties["core"] = core if core.get("coordinates") or core.get("geometries") else None
    shape = orjson.loads(row.geojson)
    return {"type": "Feature", "id": row.cluster_id, "properties": properties, "geometry": shape}


def summary(row: Any) -> str:
    """Return a cluster in a line: firms, against how many expected, quotient, type."""
    return f"{count(row.firms, 'firm')} where {row.expected:.1f} were expected; LQ {row.lq:.1f}; {row.type}"


def why_none(edition: Edition, filters: Filters) -> str:
    """Say why no cluster is shown: which labels could not be tested, or that none passed."""
    rows = edition.tables["labels"]
    given = dict(zip(rows["label"], rows["reason"], strict=True))
    reasons = [f"{label}: {given[label]}" for label in sorted(filters.labels) if given.get(label)]
    if reasons:
        return "; ".join(reasons) + "."
    if filters.type:
        return "No cluster of this type here. Take the type away to see the others."
    return "Tested, and no place stands out from chance in this sample."


def starts(edition: Edition, filters: Filters, most: int = 3) -> list[dict[str, Any]]:
    """Return the strongest clusters as places worth a first click, one of each label as far as there are."""
    rows = chosen(edition, filters)
    varied = rows.assign(turn=rows.groupby("label").cumcount()).sort_values(["turn", "log10_p"]).head(most)
    return [dict(row) for row in varied[["cluster_id", "name", "label", "lat", "lon"]].to_dict("records")]


def screen(view: View) -> Slot:
    """Return the element."""
    return Slot("clusters", url=address("clusters", view, *CLUSTER_FILTERS))


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw and name each cluster: far out a disc, its area growing with its firms, near its footprint."""
    near = sheet.zoom >= style.sizes["footprint_zoom"]
    for feature in sorted(payload["features"], key=lambda feature: -feature["properties"]["firms"]):
        row = feature["properties"]
        (_footprint if near else _disc)(sheet, feature, style)
        sheet.names.append(_name(row, style, reach=0.0 if near else _radius(row["firms"], style)))


def _disc(sheet: Sheet, feature: dict[str, Any], style: Style) -> None:
    row = feature["properties"]
    marks = _discs(row["label"], row["firms"], row["core_share"], style)
    sheet.marks([row["lon"]] * len(marks), [row["lat"]] * len(marks), marks, zorder=5)
    sheet.solid.append((row["lon"], row["lat"], marks[0].radius))


def _footprint(sheet: Sheet, feature: dict[str, Any], style: Style) -> None:
    row = feature["properties"]
    fringe, core = _paints(row["label"], style)
    sheet.areas([feature["geometry"]], (fringe, 5))
    sheet.areas([row["core"]] if row["core"] else [], (core, 5))


def _paints(label: str, style: Style) -> tuple[Look, Look]:
    """Return the light look of the fringe and the solid one of the core."""
    colour = style.sectors[label]["colour"]
    return Look(colour, colour, style.points["cluster_line"], alpha=0.3), Look(colour, alpha=0.9)


def _discs(label: str, firms: int, core_share: float, style: Style) -> tuple[Mark, ...]:
    """Return a halo, the fringe, and the core, which takes its share of the area."""
    fringe, core = _paints(label, style)
    radius = _radius(firms, style)
    halo = Look(face=style.colours["halo"], alpha=0.75)
    whole = (Mark("circle", radius + 1.0, halo), Mark("circle", radius, fringe))
    return (*whole, Mark("circle", radius * float(np.sqrt(core_share)), core)) if core_share else whole


def _radius(firms: int, style: Style) -> float:
    return max(style.points["cluster_least"], style.points["cluster_10_firms"] * float(np.sqrt(firms / 10)))


def _name(row: dict[str, Any], style: Style, reach: float) -> Name:
    look = style.sectors[row["label"]]
    weight = 1e9 + row["firms"] * 1e3 + row["strength"]
    lines = (look["label"], row["place"])
    return Name(
        *(lines, row["lon"], row["lat"], reach, weight, look["colour"]), strong=True, short=look["symbol"]
    )


def legend(payload: Payload, style: Style) -> Legend:
    """Return a line for each label there is, most clusters first, and what the disc says."""
    rows = [feature["properties"] for feature in payload["features"]]
    counts = Counter(row["label"] for row in rows)
    entries = [_entry(label, number, style) for label, number in counts.most_common(IN_LEGEND)]
    if len(counts) > IN_LEGEND:
        entries.append(Entry(f"and {len(counts) - IN_LEGEND} more, named on the map"))
    ranking = tuple(_ranked(row, style) for row in rows)
    note = payload["note"] or EXPLAINED
    return Legend("Clusters", tuple(entries), note, "Strongest clusters first", ranking)


def _ranked(row: dict[str, Any], style: Style) -> Entry:
    marks = _discs(row["label"], row["firms"], row["core_share"], style)
    detail = f"{count(row['firms'], 'firm')}; LQ {quotient(row['lq'], row['lq_low'], row['lq_high'])}"
    return Entry(row["place"], marks, symbol=style.sectors[row["label"]]["symbol"], detail=detail)


def _entry(label: str, number: int, style: Style) -> Entry:
    look = style.sectors[label]
    marks = _discs(label, LEGEND_FIRMS, 0.4, style)
    return Entry(f"{look['label']} ({number})", marks, symbol=look["symbol"])


LAYER = Layer("clusters", "Clusters", payload, screen, draw, ("register", "onspd"), legend)
