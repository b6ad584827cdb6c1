"""Points to regions: our time and memory beside geopandas.sjoin, on the same points in the same run.

    python -m benchmarks.bench_locate --points 5000000
    python -m benchmarks.bench_locate --boundaries data/boundaries/la.parquet

The regions are the Voronoi cells of 361 random points with wrinkled borders, some of which cut off a piece
that then counts as a region too, unless a file of boundaries is named.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from clusters.memory import peak_mb
from geo.locate import CELL_M, prepare

BNG = "EPSG:27700"
SIDE = 600_000.0
REGIONS = 361


def wrinkled(lines: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move the inner vertices of lines about, by less than would make neighbours cross."""
    dense = shapely.segmentize(lines, 400)
    xy, line = shapely.get_coordinates(dense, return_index=True)
    inner = np.append(line[1:] == line[:-1], False) & np.insert(line[1:] == line[:-1], 0, False)
    xy[inner] += rng.normal(0, 120, (int(inner.sum()), 2))
    return shapely.set_coordinates(dense, xy)


def synthetic(rng: np.random.Generator) -> gpd.GeoSeries:
    """Make a partition of a square into regions of very unequal size, as authorities are."""
    square = shapely.box(0, 0, SIDE, SIDE)
    seeds = SIDE * rng.beta(2, 3, (REGIONS, 2))
    edges = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=square, only_edges=True)
    edges = shapely.get_parts(shapely.intersection(edges, square))
    lines = shapely.node(shapely.multilinestrings([*wrinkled(edges, rng), shapely.boundary(square)]))
    cells = shapely.get_parts(shapely.polygonize([lines]))
    return gpd.GeoSeries(cells, index=[f"R{number:05d}" for number in range(len(cells))], crs=BNG)


def points(count: int, bounds: np.ndarray, rng: np.random.Generator) -> tuple[pd.Series, pd.Series]:
    """Scatter points, half of them in towns."""
    west, south, east, north = bounds
    towns = rng.uniform((west, south), (east, north), (800, 2))
    xy = rng.uniform((west, south), (east, north), (count, 2))
    xy[::2] = towns[rng.integers(0, len(towns), len(xy[::2]))] + rng.normal(0, 3000, (len(xy[::2]), 2))
    return pd.Series(xy[:, 0]), pd.Series(xy[:, 1])


def joined(easting: pd.Series, northing: pd.Series, regions: gpd.GeoSeries) -> tuple[pd.Series, float, float]:
    """Return sjoin's answer (the lowest id), the time of the join, and that with the making of its points."""
    start = time.perf_counter()
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(easting, northing, crs=BNG))
    made = time.perf_counter()
    right = gpd.GeoDataFrame({"region_id": regions.index}, geometry=regions.to_numpy(), crs=BNG)
    pairs = gpd.sjoin(frame, right, how="left", predicate="intersects")
    done = time.perf_counter()
    return pairs.groupby(level=0)["region_id"].min(), done - made, done - start


def grown(at_rest: float | None) -> str:
    """Say how much more memory has been held than at rest."""
    now = peak_mb()
    return f"+{now - at_rest:.0f} MB" if now is not None and at_rest is not None else "memory unknown"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--cell", type=float, default=CELL_M, help="side of a cell in metres")
    parser.add_argument("--boundaries", type=Path, help="GeoParquet of polygons with a region_id column")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    asked = options()
    rng = np.random.default_rng(asked.seed)
    if asked.boundaries:
        regions = gpd.read_parquet(asked.boundaries).set_index("region_id").geometry.to_crs(BNG)
    else:
        regions = synthetic(rng)
    easting, northing = points(asked.points, regions.total_bounds, rng)
    vertices = shapely.get_num_coordinates(regions.to_numpy()).sum()
    print(
        f"{len(regions)} regions, {vertices:,} vertices, {asked.points:,} points, cells of {asked.cell:g} m"
    )
    at_rest = peak_mb()
    start = time.perf_counter()
    locator = prepare(regions, asked.cell)
    ready = time.perf_counter()
    ours = locator.locate(easting, northing)
    done = time.perf_counter()
    ours_mb = grown(at_rest)
    cells = locator._cells(easting.to_numpy(), northing.to_numpy())  # noqa: SLF001
    exact = float((locator.table[cells] < -1).mean())
    theirs, join, whole = joined(easting, northing, regions)
    theirs_mb = grown(at_rest)
    same = bool((ours.fillna("").to_numpy() == theirs.fillna("").to_numpy()).all())
    print(f"ours:   prepare {ready - start:.2f} s, locate {done - ready:.2f} s, {ours_mb}")
    print(f"        {exact:.1%} of points needed an exact test")
    print(f"sjoin:  join {join:.2f} s, with points made {whole:.2f} s, {theirs_mb}")
    print(f"ratio:  {join / (done - start):.1f} times (join alone against prepare and locate)")
    print(f"        {join / (done - ready):.1f} times (against a locator kept)")
    print(f"same answer: {same}")
    if not same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
