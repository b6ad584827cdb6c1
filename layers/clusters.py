"""Clusters: far out a disc sized by firms, near the footprint; the core solid, the fringe light."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from clusters.scan.rates import PALE
from layers.base import CLUSTER_FILTERS, Layer, Payload, Served
from layers.mark import Entry, Legend, Look, Mark, Name
from profiles.clusters import summary_beside, why_none
from regions.figures import clusters_in
from words.numbers import count, finite, quotient
from words.provenance import found_words

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View
    from layers.sheet import Sheet
    from layers.style import Style

# Lines of the legend in print, and the firms of its discs.
IN_LEGEND = 12
LEGEND_FIRMS = 10
# Times as many firms as a disc of the legend stands for: the most that a disc on the map may be.
LARGEST = 6.5
DISC = "Area of a disc: firms (here {:,})."
CORE = "Solid: core, found again in most resamples. Light: fringe."
UNSURE = "Hollow: uncertain, may be chance."
SITE = "Diamond: one site, not counted as a cluster."
# Of the smallest disc, the core in the key to footprints, which are lower than it.
CORE_KEY = 0.7
# How much paint fills what is uncertain.
HOLLOW = 0.06
FIELDS = (
    *("cluster_id", "name", "label", "kind", "place", "type", "firms", "standing"),
    *("lat", "lon", "west", "east"),
)
RATIOS = ("lq", "lq_low", "lq_high", "expected", "stability")


def payload(edition: Edition, view: View) -> Payload:
    """Return footprints as GeoJSON features, with the core of each among its properties."""
    rows = clusters_in(edition, view)
    return {
        "type": "FeatureCollection",
        "features": [features(edition)[name] for name in rows["cluster_id"]],
        "note": "" if len(rows) else why_none(edition, view),
        "explained": explained(edition),
        "key_firms": key_firms(edition),
    }


def key_firms(edition: Edition) -> int:
    """Return the firms that a disc of the legend stands for: more where the edition's clusters are large.

    So discs keep their size under every filter, and the largest does not hide a part of the country.
    """
    largest = int(edition.clusters["firms"].max()) if len(edition.clusters) else 0
    if largest <= LARGEST * LEGEND_FIRMS:
        return LEGEND_FIRMS
    power = 10 ** (len(str(int(largest / LARGEST))) - 1)
    return int(-(-largest // (LARGEST * power)) * power)


def explained(edition: Edition) -> str:
    """Return what the marks of clusters mean."""
    area = DISC.format(key_firms(edition))
    told = [
        *([CORE] if edition.about.tested else []),
        *([UNSURE] if (edition.clusters["standing"] == PALE).any() else []),
        *([SITE] if edition.clusters["one_site"].any() else []),
    ]
    return " ".join([found_words(edition.about), area, *told])


@lru_cache(maxsize=4)
def features(edition: Edition) -> dict[str, dict[str, Any]]:
    """Return every cluster of an edition as a GeoJSON feature, by id, made once; not to be changed."""
    return {row.cluster_id: _feature(row) for row in edition.clusters.itertuples(index=False)}


def _feature(row: Any) -> dict[str, Any]:
    properties = {name: getattr(row, name) for name in FIELDS}
    properties["la_codes"] = list(row.la_codes)
    properties |= {name: _rounded(getattr(row, name), 3) for name in RATIOS}
    properties["strength"] = _rounded(-row.log10_p, 2)
    # Without resamples there is no core.
    properties["core_share"] = _rounded(row.core_share, 3) or 0.0
    properties["one_site"] = bool(row.one_site)
    properties["text"] = summary_beside(row)
    core = orjson.loads(row.core_geojson)
    properties["core"] = core if core.get("coordinates") or core.get("geometries") else None
    shape = orjson.loads(row.geojson)
    return {"type": "Feature", "id": row.cluster_id, "properties": properties, "geometry": shape}


def _rounded(value: float, digits: int) -> float | None:
    """Return a number as JSON can hold it; nothing for one that is missing."""
    return round(float(value), digits) if finite(value) else None


def draw(sheet: Sheet, payload: Payload, style: Style) -> None:
    """Draw and name each cluster: far out a disc, its area growing with its firms, near its footprint."""
    near = sheet.zoom >= style.sizes["footprint_zoom"]
    scale = Scale(style, payload.get("key_firms", LEGEND_FIRMS))
    features = sorted(payload["features"], key=lambda feature: -feature["properties"]["firms"])
    rows = [feature["properties"] for feature in features]
    if near:
        for feature in features:
            _footprint(sheet, feature, style)
    else:
        _draw_discs(sheet, rows, scale)
    sheet.names.extend(_name(row, style, reach=0.0 if near else scale.radius(row["firms"])) for row in rows)


@dataclass(frozen=True)
class Scale:
    """How large discs are: in the style's looks, and so many firms to the disc of the legend."""

    style: Style
    firms: int

    def radius(self, firms: int) -> float:
        """Return the radius of a disc, points."""
        unit = self.style.points["cluster_10_firms"]
        return max(self.style.points["cluster_least"], unit * float(np.sqrt(firms / self.firms)))


def _draw_discs(sheet: Sheet, rows: list[dict[str, Any]], scale: Scale) -> None:
    """Draw all discs at once, the largest below: thousands cost no more than a few."""
    discs = [_marks(row, scale) for row in rows]
    places = [row for row, marks in zip(rows, discs, strict=True) for _ in marks]
    lon, lat = ([row[name] for row in places] for name in ("lon", "lat"))
    sheet.marks(lon, lat, [mark for marks in discs for mark in marks], zorder=5)
    sheet.solid.extend(
        (row["lon"], row["lat"], marks[0].radius) for row, marks in zip(rows, discs, strict=True)
    )


def _footprint(sheet: Sheet, feature: dict[str, Any], style: Style) -> None:
    row = feature["properties"]
    fringe, core = _paints(row["label"], style)
    pale = row["standing"] == PALE
    sheet.areas([feature["geometry"]], (replace(fringe, alpha=HOLLOW) if pale else fringe, 5))
    sheet.areas([row["core"]] if row["core"] and not pale else [], (core, 5))


def _paints(label: str, style: Style) -> tuple[Look, Look]:
    """Return the light look of the fringe and the solid one of the core."""
    colour = style.sectors[label]["colour"]
    return Look(colour, colour, style.points["cluster_line"], alpha=0.3), Look(colour, alpha=0.9)


def _marks(row: dict[str, Any], scale: Scale) -> tuple[Mark, ...]:
    """Return the marks of a cluster: hollow where it is uncertain, a diamond where it is one site."""
    pale = row["standing"] == PALE
    halo, whole, *core = _discs(row["label"], row["firms"], 0.0 if pale else row["core_share"], scale)
    if pale:
        whole = replace(whole, look=replace(whole.look, alpha=HOLLOW))
    if row["one_site"]:
        return tuple(replace(mark, shape="diamond") for mark in (halo, whole, *core))
    return halo, whole, *core


def _discs(label: str, firms: int, core_share: float, scale: Scale) -> tuple[Mark, ...]:
    """Return a halo, the fringe, and the core, which takes its share of the area."""
    fringe, core = _paints(label, scale.style)
    radius = scale.radius(firms)
    halo = Look(face=scale.style.colours["halo"], alpha=0.75)
    whole = (Mark("circle", radius + 1.0, halo), Mark("circle", radius, fringe))
    return (*whole, Mark("circle", radius * float(np.sqrt(core_share)), core)) if core_share else whole


def _name(row: dict[str, Any], style: Style, reach: float) -> Name:
    look = style.sectors[row["label"]]
    weight = 1e9 + row["firms"] * 1e3 + (row["strength"] or 0.0)
    lines = (look["label"], row["place"])
    return Name(
        *(lines, row["lon"], row["lat"], reach, weight, look["colour"]), strong=True, short=look["symbol"]
    )


def legend(payload: Payload, style: Style) -> Legend:
    """Return a line for each label there is, most clusters first, and what the disc says.

    Of a payload that is `near` clusters are drawn as footprints, so the legend shows areas, not discs.
    """
    near = payload.get("near", False)
    rows = [feature["properties"] for feature in payload["features"]]
    counts = Counter(row["label"] for row in rows)
    scale = Scale(style, payload.get("key_firms", LEGEND_FIRMS))
    entries = [_entry(label, number, scale, near=near) for label, number in counts.most_common(IN_LEGEND)]
    if len(counts) > IN_LEGEND:
        entries.append(Entry(f"and {count(len(counts) - IN_LEGEND, 'other')}"))
    ranking = tuple(_ranked(row, scale, near=near) for row in rows)
    note = payload["note"] or payload.get("explained", "")
    note = note.replace(f"{DISC.format(scale.firms)}", "").replace("  ", " ").strip() if near else note
    return Legend("Clusters", tuple(entries), note, "Strongest clusters first", ranking)


def _ranked(row: dict[str, Any], scale: Scale, *, near: bool) -> Entry:
    discs = () if near else _marks(row, scale)
    core = near and bool(row["core"])
    marks, swatch = _footprint_key(row["label"], scale.style, core=core) if near else (discs, None)
    ratios = [row[name] if row[name] is not None else math.nan for name in ("lq", "lq_low", "lq_high")]
    detail = f"{count(row['firms'], 'firm')}; LQ {quotient(*ratios)}"
    symbol = scale.style.sectors[row["label"]]["symbol"]
    detail += "; uncertain" if row["standing"] == PALE else ""
    return Entry(row["place"], marks, swatch, symbol=symbol, detail=detail)


def _footprint_key(label: str, style: Style, *, core: bool) -> tuple[tuple[Mark, ...], Look]:
    """Return what the legend shows of a footprint: a light patch with, where there is one, a solid core."""
    fringe, solid = _paints(label, style)
    return ((Mark("circle", CORE_KEY * style.points["cluster_least"], solid),) if core else ()), fringe


def _entry(label: str, number: int, scale: Scale, *, near: bool) -> Entry:
    look = scale.style.sectors[label]
    discs = () if near else _discs(label, scale.firms, 0.4, scale)
    marks, swatch = _footprint_key(label, scale.style, core=True) if near else (discs, None)
    # A short label is its own symbol.
    symbol = look["symbol"] if look["symbol"] != look["label"] else ""
    return Entry(f"{look['label']} ({number})", marks, swatch, symbol=symbol)


LAYER = Layer(
    kind="clusters",
    label="Clusters",
    payload=payload,
    draw=draw,
    sources=("register", "onspd"),
    served=Served(
        "clusters",
        "Footprints of clusters as GeoJSON",
        payload,
        geojson=True,
        example="sector=life-sciences",
    ),
    behind=("clusters",),
    legend=legend,
    heeds=lambda _view: CLUSTER_FILTERS,
    height=20,
    reading=10,
    of_firms=True,
    points="features",
)
