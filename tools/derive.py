"""The shipped boundaries of the UK's local authorities, derived from unit postcodes.

Every place belongs to the authority of its nearest postcode (Voronoi cells joined by authority), up to the
coast. The cells are never built: the border between two authorities is the set of Voronoi edges whose two
postcodes differ in authority, and those follow from the Delaunay triangulation. Borders and coast are noded
together on a grid of one metre and polygonised, so that neighbours share their vertices exactly; the result
is simplified as a coverage.

Of the other ways tried on a 300 m grid against official boundaries, none overlapped them by 0.002 more:
votes of the 8 or 24 nearest postcodes weighted by distance, distances scaled or shifted by the local
spacing of postcodes, and leaving out postcodes that disagree with their neighbours. The authority of a
postcode is exact, and the lone one in the hills is what holds the border there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay, cKDTree

from data.errors import TableError
from data.store import whole_file
from data.tables import table
from geo.postcodes import NO_METRES, Postcodes, postcodes
from geo.projections import BNG
from tools.coast import context_land, uk_land

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from numpy.typing import NDArray

    Progress: TypeAlias = Callable[[float], None]
    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]

# All vertices lie on whole metres: finer is beyond the accuracy of postcodes, and packs worse.
GRID_M: Final = 1.0
# Borders and coast lose detail up to about this length: well below the error of a derived border.
TOLERANCE_M: Final = 30.0
# Corners of a frame far outside the UK, so that every real postcode has a closed cell.
FRAME_M: Final = 2_000_000.0
AUTHORITIES_FILE: Final = "authorities.parquet"
CONTEXT_FILE: Final = "context_land.parquet"


class Sites(NamedTuple):
    """Distinct points with the authority of their postcodes: metres (EPSG:27700) and places in `codes`."""

    xy: Floats
    label: Ints
    codes: tuple[str, ...]


def derive_authorities(
    sites: Sites,
    land: gpd.GeoSeries,
    tolerance: float = TOLERANCE_M,
    progress: Progress | None = None,
) -> gpd.GeoDataFrame:
    """Derive a coverage of land by authority from points of known authority.

    Parameters
    ----------
    sites : Sites
        Distinct points, at least one an authority.
    land : GeoSeries
        Polygons to be covered (EPSG:27700).
    tolerance : float, optional
        Simplification in metres (the square root of the areas that may go), 0 for none.
    progress : callable, optional
        Told the share done, from 0 to 1.

    Returns
    -------
    GeoDataFrame
        gss_code and geometry (EPSG:27700, whole metres), ordered by code; valid polygons without gap or
        overlap.

    Raises
    ------
    TableError
        If an authority ends up without land, or the result is no valid coverage.
    """
    say = progress or _silent
    edges = borders(sites)
    say(0.4)
    faces = _faces(edges, land)
    say(0.6)
    owner = _settle(faces, _nearest(sites, faces), sites)
    say(0.8)
    shapes = [shapely.coverage_union_all(faces[owner == place]) for place in range(len(sites.codes))]
    _refuse_empty(shapes, sites.codes)
    simple = shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance)
    result = _packed(simple, sites.codes)
    _check(result)
    say(1.0)
    return result


def sites_of(directory: Postcodes, known: Collection[str]) -> Sites:
    """Take the distinct points of a postcode directory, each with the most common authority there.

    Raises
    ------
    TableError
        If the authorities of the directory are not the known ones.
    """
    placed = (directory.eastings != NO_METRES) & (directory.authority < len(directory.authorities))
    codes = tuple(sorted(known))
    if set(codes) != set(directory.authorities):
        odd = sorted(set(codes) ^ set(directory.authorities))
        raise TableError(f"postcodes and local_authorities.csv differ in {', '.join(odd[:10])}")
    names = np.searchsorted(codes, directory.authorities)
    xy = np.column_stack([directory.eastings[placed], directory.northings[placed]]).astype(np.float64)
    return distinct(xy, names[directory.authority[placed]], codes)


def distinct(xy: Floats, label: Ints, codes: tuple[str, ...]) -> Sites:
    """Make points distinct: where several lie on one spot, the most common label (a tie: the lower) stays."""
    frame = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "label": label})
    votes = frame.groupby(["x", "y", "label"], as_index=False).size()
    best = votes.sort_values(["x", "y", "size", "label"], ascending=[True, True, False, True])
    first = best.drop_duplicates(["x", "y"])
    return Sites(first[["x", "y"]].to_numpy(), first["label"].to_numpy(np.int64), codes)


def borders(sites: Sites) -> Floats:
    """Give the Voronoi edges between points of different authorities.

    Parameters
    ----------
    sites : Sites
        Distinct points.

    Returns
    -------
    array of shape (edges, 2, 2)
        The two ends of each edge in metres. Edges between the circumcentres of two neighbouring Delaunay
        triangles (see Okabe et al. 2000, Spatial Tessellations, 2.2).
    """
    centre = sites.xy.mean(axis=0)
    frame = FRAME_M * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    mesh = Delaunay(np.vstack([sites.xy - centre, frame]))
    label = np.append(sites.label, [-1] * len(frame))
    centres = _circumcentres(mesh.points, mesh.simplices) + centre
    ends = [_dual(mesh, label, corner) for corner in range(3)]
    return np.stack([centres[np.concatenate(side)] for side in zip(*ends, strict=True)], axis=1)


def write_boundaries(folder: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Derive the authorities and the land around them, and write both as GeoParquet.

    Parameters
    ----------
    folder : Path
        Where `authorities.parquet` and `context_land.parquet` go; the same input gives the same bytes.
    progress : callable, optional
        Told the share done, from 0 to 1.

    Returns
    -------
    dict
        authorities and context_pieces (rows written), vertices, area_km2, edition of the postcodes, and the
        bytes of each file.
    """
    say = progress or _silent
    directory = postcodes()
    sites = sites_of(directory, table("local_authorities")["gss_code"])
    say(0.05)
    land = uk_land(sites.xy[:, 0], sites.xy[:, 1])
    say(0.2)
    derived = derive_authorities(sites, land, progress=lambda share: say(0.2 + 0.7 * share))
    context = context_land(derived.geometry)
    files = {AUTHORITIES_FILE: derived, CONTEXT_FILE: context}
    sizes = {name: write_parquet(frame, folder / name) for name, frame in files.items()}
    say(1.0)
    return {
        "authorities": len(derived),
        "context_pieces": len(context),
        "vertices": int(shapely.get_num_coordinates(derived.geometry.to_numpy()).sum()),
        "area_km2": float(derived.area.sum() / 1e6),
        "edition": directory.edition,
        "bytes": sizes,
    }


def write_parquet(frame: gpd.GeoDataFrame, path: Path) -> int:
    """Write polygons as GeoParquet, whole or not at all, and give the bytes written."""
    with whole_file(path) as part:
        frame.to_parquet(part, compression="zstd", compression_level=19, index=False, use_dictionary=False)
    return path.stat().st_size


def _silent(_share: float) -> None:
    """Take no notice of progress."""


def _circumcentres(xy: Floats, triangles: Any) -> Floats:
    """Centres of the circles through the corners of triangles."""
    origin, right, left = (xy[triangles[:, corner]] for corner in range(3))
    b, c = right - origin, left - origin
    twice = 2.0 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    bb, cc = (b**2).sum(axis=1), (c**2).sum(axis=1)
    east = (c[:, 1] * bb - b[:, 1] * cc) / twice
    north = (b[:, 0] * cc - c[:, 0] * bb) / twice
    return np.asarray(origin + np.column_stack([east, north]))


def _dual(mesh: Delaunay, label: Ints, corner: int) -> tuple[Ints, Ints]:
    """Pairs of triangles on either side of the edge opposite a corner, where its ends differ in label."""
    first = np.arange(len(mesh.simplices))
    second = mesh.neighbors[:, corner]
    one = label[mesh.simplices[:, (corner + 1) % 3]]
    other = label[mesh.simplices[:, (corner + 2) % 3]]
    wanted = (second > first) & (one != other) & (one >= 0) & (other >= 0)
    return first[wanted], second[wanted]


def _faces(edges: Floats, land: gpd.GeoSeries) -> NDArray[Any]:
    """Cut land along edges: pieces whose shared vertices are the same, on whole metres."""
    rings = shapely.get_parts(shapely.boundary(land.to_numpy()))
    tree = shapely.STRtree(land.to_numpy())
    lines = np.asarray(shapely.linestrings(edges))
    lines = lines[np.unique(tree.query(lines, predicate="intersects")[0])]
    net = shapely.union_all(np.concatenate([lines, rings]), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    inside = np.unique(tree.query(shapely.point_on_surface(faces), predicate="intersects")[0])
    return np.asarray(faces[inside])


def _nearest(sites: Sites, faces: NDArray[Any]) -> Ints:
    """Give each piece the authority of the postcode nearest to a point inside it."""
    middle = shapely.get_coordinates(shapely.point_on_surface(faces))
    return np.asarray(sites.label[cKDTree(sites.xy).query(middle)[1]])


def _settle(faces: NDArray[Any], owner: Ints, sites: Sites) -> Ints:
    """Give pieces without a postcode to the neighbour with the longest common border.

    Such a piece is the far shore of an estuary, reached over water; an islet has no neighbour and keeps its
    owner.
    """
    order = np.argsort(sites.label, kind="stable")
    starts = np.searchsorted(sites.label[order], np.arange(len(sites.codes) + 1))
    bare = np.zeros(len(faces), dtype=bool)
    for row, face in enumerate(faces):
        own = sites.xy[order[starts[owner[row]] : starts[owner[row] + 1]]]
        bare[row] = not _holds(face, own)
    settled = owner.copy()
    tree = shapely.STRtree(faces)
    for row in np.flatnonzero(bare)[np.argsort(shapely.area(faces[bare]), kind="stable")]:
        beside = tree.query(faces[row], predicate="touches")
        beside = beside[~bare[beside] | (shapely.area(faces[beside]) > shapely.area(faces[row]))]
        if len(beside):
            shared = shapely.length(shapely.intersection(faces[row], faces[beside]))
            settled[row] = settled[beside[shared.argmax()]]
    return settled


def _holds(face: Any, xy: Floats) -> bool:
    """Say whether a polygon holds one of the points."""
    west, south, east, north = face.bounds
    near = (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
    return bool(shapely.contains_xy(face, xy[near]).any())


def _packed(shapes: NDArray[Any], codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Make a table whose rings start at the same point whatever the machine."""
    geometry = gpd.GeoSeries(shapely.normalize(shapes), crs=BNG)
    return gpd.GeoDataFrame({"gss_code": list(codes)}, geometry=geometry)


def _refuse_empty(shapes: list[Any], codes: tuple[str, ...]) -> None:
    """Refuse an authority without land."""
    empty = [code for code, shape in zip(codes, shapes, strict=True) if shape.is_empty]
    if empty:
        raise TableError(f"no land left for {', '.join(empty)}; every authority needs a postcode on land")


def _check(result: gpd.GeoDataFrame) -> None:
    """Refuse a result that is not what it promises to be."""
    shapes = result.geometry.to_numpy()
    faulty = result["gss_code"][~shapely.is_valid(shapes)]
    if len(faulty) or not shapely.coverage_is_valid(shapes):
        raise TableError(
            f"derived polygons overlap or are not valid: {', '.join(faulty) or 'a shared border'}"
        )
