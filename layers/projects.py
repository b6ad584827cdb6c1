"""Projects: rings sized by pounds at sites, outlines of areas for awards to areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from matplotlib.patches import Circle, PathPatch

from geo.projections import to_bng
from layers.base import MONEY_FILTERS, Layer, Payload, address
from layers.element import Slot
from layers.outline import path
from layers.words import pounds
from regions.funding import funding

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from data.filters import Filters
    from layers.style import Style
    from layers.view import View
    from regions.edition import Edition


def taking_part(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return the projects that pass the filters, largest award first, those without a figure last."""
    projects = funding(edition, filters).projects
    return projects.sort_values(["award_gbp", "project_id"], ascending=[False, True], na_position="last")


def payload(edition: Edition, view: View) -> Payload:
    """Return points for projects at sites, and GeoJSON outlines for awards to areas."""
    rows = taking_part(edition, view)
    areas = rows[rows["area_id"] != ""]
    unplaced = rows[~rows["point"] & (rows["area_id"] == "")]
    return {
        "points": [_point(row) for row in rows[rows["point"]].itertuples(index=False)],
        "areas": {"type": "FeatureCollection", "features": _outlines(edition, areas)},
        "note": _note(rows, unplaced),
    }


def _point(row: Any) -> dict[str, Any]:
    return {
        "id": row.project_id,
        "name": row.name,
        "award": None if np.isnan(row.award_gbp) else row.award_gbp,
        "counted": bool(row.counts),
        "lat": row.lat,
        "lon": row.lon,
        "text": f"{award_words(row)}; {row.programme}",
    }


def award_words(row: Any) -> str:
    """Return an award with its kind: "£25m", "up to £3m", "envelope of £160m", "no public figure"."""
    if np.isnan(row.award_gbp):
        return "no public figure"
    prefix = {"award": "", "at least": "at least ", "up to": "up to ", "envelope": "envelope of ", "project value": "project value "}
    return f"{prefix[row.award_kind]}{pounds(row.award_gbp)}"


def _outlines(edition: Edition, rows: pd.DataFrame) -> list[dict[str, Any]]:
    shapes = edition.tables["areas"].set_index("area_id")["geojson"]
    return [
        {
            "type": "Feature",
            "properties": {"id": area, "projects": len(part), "award": float(part["net_gbp"].sum())},
            "geometry": orjson.loads(shapes[area]),
        }
        for area, part in rows.groupby("area_id")
    ]


def _note(rows: pd.DataFrame, unplaced: pd.DataFrame) -> str:
    if rows.empty:
        return "No project passes the filters. Widen the years, sectors or programmes."
    if unplaced.empty:
        return ""
    return f"{len(unplaced)} without a known site or area are in the table only."


def screen(view: View) -> Slot:
    """Return the element."""
    return Slot("projects", url=address("projects/map", view, *MONEY_FILTERS))


def draw(axes: Axes, payload: Payload, style: Style) -> None:
    """Draw rings, and dashed outlines."""
    colour = style.colours["award"]
    for feature in payload["areas"]["features"]:
        outline = PathPatch(path(feature["geometry"]), fill=False, edgecolor=colour, linewidth=0.4, zorder=3)
        outline.set_linestyle((0, (4, 3)))
        axes.add_patch(outline)
    for row in payload["points"]:
        size = max(3_000.0, 13_000 * float(np.sqrt(row["award"] or 0)) / 1e4)
        axes.add_patch(Circle(to_bng(row["lon"], row["lat"]), size, fill=False, edgecolor=colour, linewidth=0.7, zorder=6))


LAYER = Layer("projects", "Projects", payload, screen, draw, ("register",))
