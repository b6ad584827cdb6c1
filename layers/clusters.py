"""Clusters: far out a disc sized by firms, near the footprint; the core solid, the fringe light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from matplotlib.patches import Circle

from geo.projections import to_bng
from layers.base import CLUSTER_FILTERS, Layer, Payload, address
from layers.element import Slot
from layers.words import count, listed, quotient

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from data.filters import Filters
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition

CHANCE = "less than one in 200"
FIELDS = ("cluster_id", "name", "label", "kind", "place", "type", "firms", "lat", "lon", "west", "east", "core_share")


def chosen(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return the clusters of the labels asked for (of every sector, if none is), strongest first."""
    rows = edition.clusters
    wanted = rows["label"].isin(filters.labels) if filters.labels else rows["kind"].eq("sector")
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
    properties |= {name: round(float(getattr(row, name)), 3) for name in ("lq", "lq_low", "lq_high", "expected", "stability")}
    properties["strength"] = round(-row.log10_p, 2)
    properties["text"] = summary(row)
    core = orjson.loads(row.core_geojson)
    properties["core"] = core if core.get("coordinates") or core.get("geometries") else None
    return {"type": "Feature", "id": row.cluster_id, "properties": properties, "geometry": orjson.loads(row.geojson)}


def summary(row: Any) -> str:
    """Return a cluster in a line: firms, against how many expected, quotient, type."""
    return f"{count(row.firms, 'firm')} where {row.expected:.1f} were expected; LQ {row.lq:.1f}; {row.type}"


def facts(row: Any, edition: Edition) -> list[tuple[str, str, str]]:
    """Return why this is a cluster, as (what, value, what it means)."""
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    shares = [f"{names.get(code, code)} ({code}) {share:.0%}" for code, share in zip(row.la_codes, row.la_shares, strict=True)]
    return [
        ("Firms", f"{row.firms} observed, {row.expected:.1f} expected", "Sample firms of this label in the cluster's cells, and how many there would be at the larger of the national share and the share in the 20 km around."),
        ("Location quotient", quotient(row.lq, row.lq_low, row.lq_high), "Observed over expected, with its 95% interval; 1 is no concentration."),
        ("By chance", _chance(row.chance), "How often maps with this label's firms shuffled among all firms show anything as striking, anywhere."),
        ("Comes back", f"in {row.stability:.0%} of resamples", "Share of random resamples of the firms in which this cluster is found again."),
        ("Core", f"{row.core_share:.0%} of its firms", "Firms in cells that come back in at least 80% of resamples; the rest is fringe."),
        ("Type", row.type, "Diverse: co-located. Specialised: co-located and related. R&D Collaborating: with evidence of publicly funded collaboration."),
        ("Criteria", listed(_criteria(row)), "The four published criteria of the UK Government's map."),
        ("Authorities", "; ".join(shares), "Local authorities by share of the cluster's firms, with GSS codes."),
    ]


def _chance(value: float) -> str:
    return CHANCE if value <= 1 / 200 else f"in about {value:.1%} of shuffled maps"


def _criteria(row: Any) -> list[str]:
    met = {"RD&I active": row.rd_active, "co-located": row.co_located, "related": row.related, "collaborating": row.collaborating}
    return [name for name, holds in met.items() if holds] or ["none"]


def why_none(edition: Edition, filters: Filters) -> str:
    """Say why no cluster is shown: which labels could not be tested, or that none passed."""
    labels = edition.tables["labels"].set_index("label")
    reasons = [f"{label}: {labels.loc[label, 'reason']}" for label in sorted(filters.labels) if label in labels.index and labels.loc[label, "reason"]]
    if reasons:
        return "; ".join(reasons) + "."
    if filters.type:
        return "No cluster of this type here. Take the type away to see the others."
    return "Tested, and no place stands out from chance in this sample."


def starts(edition: Edition, filters: Filters, most: int = 3) -> list[dict[str, Any]]:
    """Return the strongest clusters as places worth a first click, one of each label as far as there are."""
    rows = chosen(edition, filters)
    varied = rows.assign(turn=rows.groupby("label").cumcount()).sort_values(["turn", "log10_p"]).head(most)
    return varied[["name", "label", "lat", "lon"]].to_dict("records")


def screen(view: View) -> Slot:
    """Return the element."""
    return Slot("clusters", url=address("clusters", view, *CLUSTER_FILTERS))


def draw(axes: Axes, payload: Payload, style: Style) -> None:
    """Draw each cluster as a disc whose area grows with its firms, the core's share of it solid."""
    for feature in sorted(payload["features"], key=lambda feature: -feature["properties"]["firms"]):
        row = feature["properties"]
        centre = to_bng(row["lon"], row["lat"])
        colour = style.sectors[row["label"]]["colour"]
        size = 7_000 * float(np.sqrt(row["firms"] / 10))
        axes.add_patch(Circle(centre, size, facecolor=(*_rgb(colour), 0.3), edgecolor=colour, linewidth=0.9, zorder=5))
        axes.add_patch(Circle(centre, size * float(np.sqrt(row["core_share"])), facecolor=colour, linewidth=0, zorder=5))


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


LAYER = Layer("clusters", "Clusters", payload, screen, draw, ("register", "onspd"))
