"""The real firms of South Yorkshire: what the scan finds, and the picture of it in docs/method.md.

    python benchmarks/south_yorkshire.py FIRMS.parquet --out docs/images/south-yorkshire.png

FIRMS is an extract of the Companies House free data product with easting and northing of each postcode
(columns CompanyName, CompanyNumber, Postcode, SICCode.SicText_1 to 4, easting, northing). Sectors are SIC
divisions, the first two digits.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import matplotlib as mpl

mpl.use("Agg")
import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd
import shapely
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from clusters.census import Task, census
from clusters.many_machines.engine import OneMachine
from geo.boundaries import regions
from intake.reading import open_register

if TYPE_CHECKING:
    from clusters.results.results import Results

CODES = [f"SICCode.SicText_{number}" for number in (1, 2, 3, 4)]
SHOWN = {
    "SIC 24": ("Basic metals (SIC 24)", "#801650"),
    "SIC 25": ("Fabricated metal products (SIC 25)", "#12436D"),
    "SIC 28": ("Machinery (SIC 28)", "#F46A25"),
}
PLACES = {
    "E08000039": "Sheffield",
    "E08000018": "Rotherham",
    "E08000038": "Barnsley",
    "E08000017": "Doncaster",
}
CREDIT = """\
Firms: Companies House free data, October 2024, at their registered offices. Boundaries from postcodes:
approximate. Contains OS data © Crown copyright and database right 2025; Royal Mail data © Royal Mail
copyright and database right 2025; National Statistics data © Crown copyright and database right 2025."""
NEIGHBOURS = (415_000, 372_000, 475_000, 422_000)


def tidied(firms: pd.DataFrame) -> pd.DataFrame:
    """Return the firms as a register, sectors being SIC divisions, several joined by semicolons."""
    divisions = firms[CODES].apply(lambda texts: "SIC " + texts.str.extract(r"^(\d{2})\d{3}\b")[0])
    joined = [";".join(sorted({*row} - {""})) for row in divisions.fillna("").itertuples(index=False)]
    names = {"CompanyNumber": "firm_id", "CompanyName": "name", "Postcode": "postcode"}
    return firms[[*names, "easting", "northing"]].rename(columns=names).assign(sector=joined)


def found(firms: pd.DataFrame) -> Results:
    """Run the scan, with the settings of `python cli.py detect`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.parquet"
        tidied(firms).to_parquet(path)
        start = time.perf_counter()
        results = census(OneMachine(open_register(path)), Task(edition="South Yorkshire"))
        print(f"from file to clusters: {time.perf_counter() - start:.1f} s")
        return results


def draw(results: Results, firms: pd.DataFrame, path: Path) -> None:
    """Draw the metal trades: all firms pale, footprints light, cores solid, agents' points crossed."""
    figure, axes = plt.subplots(figsize=(8.2, 7.15), dpi=150)
    land = regions("la").cx[NEIGHBOURS[0] : NEIGHBOURS[2], NEIGHBOURS[1] : NEIGHBOURS[3]]
    land.plot(ax=axes, color="#f6f3ec", edgecolor="#b9b2a3", linewidth=0.8)
    spots = firms[["easting", "northing"]].drop_duplicates()
    axes.scatter(spots["easting"], spots["northing"], s=0.5, color="#c9c3b6", linewidths=0, zorder=2)
    for label, (_, colour) in SHOWN.items():
        own = results.clusters[results.clusters["label"] == label]
        own.plot(ax=axes, color=colour, alpha=0.25, edgecolor=colour, linewidth=1.0, zorder=3)
        cores = gpd.GeoSeries(own["core_geometry"], crs=own.crs)
        cores[~cores.is_empty].plot(ax=axes, color=colour, alpha=0.55, zorder=4)
    offices = pd.DataFrame(results.report["agents"]["largest"])
    axes.scatter(
        offices["easting"], offices["northing"], marker="x", s=26, color="#3d3d3d", linewidths=1.1, zorder=5
    )
    _letter(axes, land)
    _furnish(axes, offices)
    figure.text(
        0.02,
        0.018,
        CREDIT,
        fontsize=6.2,
        color="#555555",
    )
    figure.subplots_adjust(left=0.02, right=0.98, top=0.98, bottom=0.07)
    figure.savefig(path)


def _letter(axes: plt.Axes, land: gpd.GeoDataFrame) -> None:
    """Write the names of the four authorities where they are."""
    for row in land.itertuples():
        if row.region_id in PLACES:
            point = shapely.point_on_surface(row.geometry)
            axes.text(
                point.x,
                point.y,
                PLACES[row.region_id],
                ha="center",
                fontsize=9,
                color="#6b6456",
                style="italic",
            )


def _furnish(axes: plt.Axes, offices: pd.DataFrame) -> None:
    """Add legend and scale, and cut the picture out."""
    entries = [Patch(color=colour, alpha=0.55, label=words) for words, colour in SHOWN.values()]
    dot = {"marker": "o", "linestyle": "", "markersize": 2, "color": "#c9c3b6"}
    entries += [
        Patch(color="#8a8a8a", alpha=0.25, label="Pale: fringe; solid: core"),
        Line2D([], [], **dot, label="Addresses of all firms"),
        Line2D(
            [], [], marker="x", linestyle="", markersize=5, color="#3d3d3d",
            label=f"{len(offices)} points of 250 firms or more, set aside",
        ),
    ]  # fmt: skip
    axes.legend(
        handles=entries, loc="lower left", fontsize=7.5, frameon=True, framealpha=0.95, edgecolor="#d9d3c6"
    )
    west, south, east, north = NEIGHBOURS
    axes.plot([east - 12_500, east - 2_500], [south + 1_500] * 2, color="#3d3d3d", linewidth=2)
    axes.text(east - 7_500, south + 2_000, "10 km", ha="center", fontsize=7.5, color="#3d3d3d")
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal")
    axes.set_axis_off()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("firms", type=Path)
    parser.add_argument("--out", type=Path, help="picture to draw")
    asked = parser.parse_args()
    firms = pd.read_parquet(asked.firms)
    results = found(firms)
    labels, clusters = results.labels, results.clusters
    print(f"{len(firms):,} firms, {len(labels)} divisions, {labels['tested'].sum()} tested")
    print(f"{len(clusters)} clusters in {(labels['clusters'] > 0).sum()} divisions")
    columns = [
        "name",
        "firms",
        "points",
        "largest_point",
        "expected",
        "lq",
        "log10_p",
        "threshold",
        "stability",
    ]
    print(clusters.loc[clusters["label"].isin(SHOWN), columns].round(2).to_string(index=False))
    if asked.out:
        draw(results, firms, asked.out)


if __name__ == "__main__":
    main()
