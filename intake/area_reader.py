"""Reads an upload of areas, in a process of its own: ``python -m intake.area_reader`` < file > answer.

The bytes are a stranger's. They are read here, where a parser that runs on, fills the memory or falls over
harms nobody; `intake.area_upload` starts this process, limits it and ends it. Nothing is opened by name:
GeoJSON is read as JSON, and a GeoPackage, which is an SQLite database, from memory, with every action refused
but reading. No driver of GDAL takes part, so no file can make one look for another file or for a host.

The answer is JSON: ``{"fault": words}``, or ``{"rows": [{"name", "wkb", "fault"}]}`` with WKB in hexadecimal,
longitude and latitude in degrees.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon

from data.errors import InputError
from geo.areas.corners import MOST_CORNERS, check_corners
from geo.projections import to_lonlat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

# Areas are compared one by one: ten at most, chosen from these.
MOST_FEATURES: Final = 50
MEMORY_BYTES: Final = 1 << 30
SECONDS: Final = 15
SQLITE: Final = b"SQLite format 3\0"
# Properties that hold a feature's name, the likeliest first; ONS calls them LAD24NM, CTY23NM and so on.
NAMES: Final = ("name", "title", "label", "area", "place")
_NAME_ENDS: Final = ("nm", "name")
LONGEST_NAME: Final = 80
# Short, as a URN (with the edition of the register or without) and as an address, which is never asked.
_EPSG: Final = re.compile(
    r"(?:(?:urn:(?:x-)?ogc:def:crs:)?EPSG:(?:[0-9.]*:)?"
    r"|https?://www\.opengis\.net/(?:def/crs/EPSG/[0-9.]+/|gml/srs/epsg\.xml#))([0-9]{4,6})",
    re.IGNORECASE,
)
_CRS84: Final = re.compile(
    r"(?:(?:urn:(?:x-)?ogc:def:crs:)?OGC:(?:[0-9.]*:)?|https?://www\.opengis\.net/def/crs/OGC/[0-9.]+/)CRS84",
    re.IGNORECASE,
)
_BNG: Final = 27700
_LONLAT: Final = 4326
# A GeoPackage's geometry is "GP", version, flags, the number of its CRS, a box as flags say, WKB.
_BOX_BYTES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_READING: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})

Row = dict[str, str]


def rows_of(data: bytes) -> list[Row]:
    """Read every feature of a file.

    Returns
    -------
    list of dict
        name ("" where it has none), wkb (hexadecimal, degrees; "" where refused) and fault ("" where kept).

    Raises
    ------
    InputError
        If the file as a whole cannot be used.
    """
    found = _geopackage(data) if data.startswith(SQLITE) else _geojson(data)
    rows: list[Row] = []
    for name, geometry in found:
        if len(rows) == MOST_FEATURES:
            raise InputError(
                f"the file has more than {MOST_FEATURES} features; at most {MOST_FEATURES} are read"
            )
        rows.append({"name": name, **_outcome(geometry)})
    return rows


def _outcome(geometry: BaseGeometry | InputError) -> Row:
    if isinstance(geometry, InputError):
        return {"wkb": "", "fault": str(geometry)}
    try:
        check_corners(geometry)
    except InputError as fault:
        return {"wkb": "", "fault": str(fault)}
    return {"wkb": str(shapely.to_wkb(shapely.force_2d(geometry), hex=True)), "fault": ""}


def _geojson(data: bytes) -> Iterator[tuple[str, BaseGeometry | InputError]]:
    """Read GeoJSON: a collection of features, one feature, or a bare geometry."""
    whole = _json(data)
    crs = _named_crs(whole.get("crs"))
    for feature in _features(whole):
        properties = feature.get("properties")
        name = _name(properties if isinstance(properties, dict) else {})
        yield name, _attempt(lambda feature=feature: _placed(feature, crs))


def _placed(feature: Mapping[str, Any], crs: int) -> BaseGeometry:
    """Read the geometry of a feature by the nearest ``crs``: its own (as PostGIS writes), else the file's."""
    body: Mapping[str, Any] = feature.get("geometry") or {}
    geometry = _geometry(feature.get("geometry"))
    named = [part["crs"] for part in (body, feature) if part.get("crs") is not None]
    return _in_degrees(geometry, _named_crs(named[0]) if named else crs)


def _json(data: bytes) -> dict[str, Any]:
    try:
        whole = json.loads(data.decode("utf-8-sig"))
    except RecursionError as fault:
        raise InputError("the file is nested too deeply to be GeoJSON") from fault
    except ValueError as fault:
        raise InputError(f"the file is no GeoJSON ({str(fault)[:100]}) and no GeoPackage") from fault
    if not isinstance(whole, dict) or "type" not in whole:
        raise InputError(
            "the file is JSON but no GeoJSON: an object with a type is expected, such as FeatureCollection"
        )
    return whole


def _features(whole: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if whole["type"] == "Feature":
        return [whole]
    if whole["type"] != "FeatureCollection":
        return [{"geometry": whole}]
    features = whole.get("features")
    if not isinstance(features, list):
        raise InputError("the FeatureCollection has no list of features")
    return [feature if isinstance(feature, dict) else {} for feature in features]


def _geometry(body: Any) -> BaseGeometry:
    """Build a polygon from GeoJSON's coordinates; of other kinds only the kind is needed."""
    if not isinstance(body, dict):
        raise InputError("the feature has no geometry")
    kind, parts = str(body.get("type"))[:40], body.get("coordinates")
    if kind == "Polygon":
        return _one_polygon(parts)
    if kind == "MultiPolygon" and isinstance(parts, list):
        return MultiPolygon([polygon for polygon in map(_one_polygon, parts) if not polygon.is_empty])
    if kind == "GeometryCollection" and isinstance(body.get("geometries"), list):
        return _together([_geometry(part) for part in body["geometries"]])
    raise InputError(f"a {kind} is no area; give a Polygon or a MultiPolygon")


def _together(parts: list[BaseGeometry]) -> MultiPolygon:
    """Return a collection of polygons as the one area that they are."""
    return MultiPolygon([one for part in parts for one in shapely.get_parts(part) if not one.is_empty])


def _one_polygon(rings: Any) -> Polygon:
    if not isinstance(rings, list):
        raise InputError(f"{repr(rings)[:40]} are no coordinates of a polygon")
    if not rings:
        return Polygon()
    shell, *holes = [_ring(ring) for ring in rings]
    return Polygon(shell, holes)


def _ring(corners: Any) -> NDArray[np.float64]:
    if not isinstance(corners, list) or len(corners) < 3:
        raise InputError(f"{repr(corners)[:40]} is no ring: at least three corners are needed")
    if len(corners) > MOST_CORNERS:
        raise InputError(f"an outline has {len(corners):,} corners; at most {MOST_CORNERS:,} are possible")
    for corner in corners:
        if (
            not isinstance(corner, list)
            or len(corner) < 2
            or not all(_is_number(value) for value in corner[:2])
        ):
            raise InputError(f"{repr(corner)[:40]} is no corner: two numbers are expected")
    return _finite(np.array([corner[:2] for corner in corners], dtype=np.float64))


def _is_number(value: Any) -> bool:
    # Whole numbers of any length are JSON, but not coordinates.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not abs(value) > 1e300


def _finite(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    bad = ~np.isfinite(corners).all(axis=1)
    if bad.any():
        x, y = corners[bad][0]
        raise InputError(f"a corner at {x}, {y} is no point on earth; every corner needs two finite numbers")
    return corners


def _named_crs(member: Any) -> int:
    """Return the EPSG code of a file's ``crs``; GeoJSON without one is in degrees."""
    if member is None:
        return _LONLAT
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    said = name.strip() if isinstance(name, str) else ""
    if _CRS84.fullmatch(said):
        return _LONLAT
    code = _EPSG.fullmatch(said)
    if code is None:
        raise InputError(
            f"the coordinate reference system {repr(name or member)[:60]} is not known; "
            "save the file as GeoJSON in longitude and latitude (EPSG:4326)"
        )
    return int(code[1])


def _geopackage(data: bytes) -> Iterator[tuple[str, BaseGeometry | InputError]]:
    """Read every layer of features of a GeoPackage."""
    # Bytes 18 and 19 may ask for a log file beside the database (2); in memory there is none (1).
    plain = data[:18] + b"\x01\x01" + data[20:]
    with closing(sqlite3.connect(":memory:")) as base:
        try:
            base.deserialize(plain)
            _guard(base)
            yield from _layers(base)
        except (sqlite3.Error, UnicodeDecodeError) as fault:
            raise InputError(
                f"the GeoPackage cannot be read ({str(fault)[:100]}): it is damaged or was cut short"
            ) from fault


def _guard(base: sqlite3.Connection) -> None:
    """Allow nothing but reading."""
    base.execute("PRAGMA trusted_schema=OFF")
    base.execute("PRAGMA cell_size_check=ON")
    base.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)


def _layers(base: sqlite3.Connection) -> Iterator[tuple[str, BaseGeometry | InputError]]:
    tables = base.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns").fetchmany(
        MOST_FEATURES + 1
    )
    if not tables:
        raise InputError("the GeoPackage has no layer of features")
    for name, column, srs_id in tables:
        crs = _attempt(lambda srs_id=srs_id: _crs_of(base, srs_id))
        for row_name, blob in _layer(base, str(name), str(column)):
            yield (
                row_name,
                crs
                if isinstance(crs, InputError)
                else _attempt(lambda blob=blob, crs=crs: _in_degrees(_from_blob(blob), crs)),
            )


def _layer(base: sqlite3.Connection, name: str, column: str) -> Iterator[tuple[str, Any]]:
    quoted = '"' + name.replace('"', '""') + '"'
    cursor = base.execute(f"SELECT * FROM {quoted}")
    heads = [head[0] for head in cursor.description]
    if column not in heads:
        raise InputError(f"the layer {name[:40]!r} has no column {column[:40]!r}")
    place = heads.index(column)
    for row in cursor:
        rest = {head: value for head, value in zip(heads, row, strict=True) if head != column}
        yield _name(rest), row[place]


def _crs_of(base: sqlite3.Connection, srs_id: Any) -> int | CRS:
    rows = base.execute(
        "SELECT organization, organization_coordsys_id, definition "
        "FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (srs_id,),
    ).fetchall()
    organisation, number, definition = rows[0] if rows else ("NONE", srs_id, "undefined")
    if str(organisation).upper() == "EPSG" and isinstance(number, int) and number > 0:
        return number
    text = str(definition)
    # Only WKT: pyproj would take other texts for names of files or addresses.
    if re.match(r"^[A-Z]{3,20}\[", text):
        return CRS.from_wkt(text)
    raise InputError(
        f"the layer names no coordinate reference system (srs_id {srs_id!r:.20}); set one, such as EPSG:27700"
    )


def _from_blob(blob: Any) -> BaseGeometry:
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        raise InputError("the feature has no geometry")
    flags = blob[3]
    if flags & 0b10000:
        raise InputError("the feature's geometry is empty")
    box = _BOX_BYTES.get((flags >> 1) & 0b111)
    if box is None:
        raise InputError("the feature's geometry is damaged")
    return shapely.from_wkb(blob[8 + box :])


def _in_degrees(geometry: BaseGeometry, crs: int | CRS) -> BaseGeometry:
    """Return a geometry in longitude and latitude; kinds that are refused later pass as they are."""
    if crs == _LONLAT or not isinstance(geometry, (Polygon, MultiPolygon)):
        return geometry
    check_corners(geometry)
    if crs == _BNG:
        return shapely.transform(geometry, lambda xy: _finite(np.column_stack(to_lonlat(xy[:, 0], xy[:, 1]))))
    move = Transformer.from_crs(crs, _LONLAT, always_xy=True)
    return shapely.transform(
        geometry, lambda xy: _finite(np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    )


def _attempt(work: Any) -> Any:
    """Return what the work gives, or the fault in words."""
    try:
        return work()
    except InputError as fault:
        return fault
    except RecursionError:
        return InputError("the geometry is nested too deeply")
    except (ShapelyError, ValueError, TypeError, OverflowError) as fault:
        return InputError(f"the geometry cannot be read: {str(fault)[:100]}")
    except ProjError as fault:
        return InputError(f"the coordinate reference system cannot be used: {str(fault)[:100]}")


def _name(properties: Mapping[str, Any]) -> str:
    texts = {str(key).casefold(): value for key, value in properties.items() if isinstance(value, str)}
    ends = (key for key in texts if key.endswith(_NAME_ENDS))
    return next((clean(texts[key]) for key in (*NAMES, *ends) if clean(texts.get(key, ""))), "")


def clean(text: str) -> str:
    """Return a name fit for a line of text: without what does not print, at most `LONGEST_NAME` long."""
    printing = "".join(mark if mark.isprintable() else " " for mark in text[: 10 * LONGEST_NAME])
    return " ".join(printing.split())[:LONGEST_NAME].rstrip()


def _limit() -> None:
    """Limit this process's memory and time, where the platform can."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It has no business writing files.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def answer(data: bytes) -> dict[str, Iterable[Row] | str]:
    """Return what main prints: the rows of a file, or the fault in words."""
    try:
        return {"rows": rows_of(data)}
    except InputError as fault:
        return {"fault": str(fault)}
    except MemoryError:
        return {"fault": "the file needs too much memory to be read"}


def main() -> None:
    """Answer the file on standard input."""
    _limit()
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
