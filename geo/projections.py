"""Between British National Grid metres, the Irish Grid, and longitude and latitude.

Tables hold British National Grid metres (EPSG:27700) for the whole United Kingdom; longitude and latitude
(EPSG:4326) exist at the edge only.

The exact way between the two is Ordnance Survey's OSTN15 grid, which PROJ does not install with itself and
would look for on the network. The steps used here are written out instead: the seven-parameter shift
EPSG:1314, which needs no file. At the 40 points that Ordnance Survey publishes for checking OSTN15 software
it is 1.8 m off in the median and 4.9 m at most. Were PROJ asked for "EPSG:4326 to EPSG:27700" it would choose
by what it finds installed; written out, every machine gives the same metres. Positions known in metres, such
as those of unit postcodes, are kept in metres and never sent through here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np
from pyproj import Transformer
from pyproj.enums import TransformDirection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BNG: Final = "EPSG:27700"
LONLAT: Final = "EPSG:4326"
PLANE: Final = (
    'ENGCRS["Plane in metres",EDATUM["Unknown"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
    'LENGTHUNIT["metre",1]]'
)
"""Metres of a plane that lies nobody says where."""

# West, south, east, north in metres: Fermanagh, Scilly, Lowestoft, Unst and some sea.
UK_BOUNDS_BNG: Final = (-12_000.0, -5_000.0, 667_000.0, 1_232_000.0)

# EPSG:1314 (OSGB36 to WGS 84, 6): metres, arc seconds and parts per million.
_OSGB36 = (
    "+x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 +convention=position_vector"
)
# EPSG:1641 (TM65 to WGS 84, 2), the shift that goes with the Irish Grid of postcode files.
_TM65 = "+x=482.5 +y=-130.6 +z=564.6 +rx=-1.042 +ry=-0.214 +rz=-0.631 +s=8.15 +convention=position_vector"
_BNG_PLANE = "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
# Modified Airy ellipsoid by its axes: the numbers EPSG gives for TM65.
_IRISH_ELLIPSOID = "+a=6377340.189 +rf=299.3249646"
_IRISH_PLANE = f"+proj=tmerc +lat_0=53.5 +lon_0=-8 +k=1.000035 +x_0=200000 +y_0=250000 {_IRISH_ELLIPSOID}"

_WGS84_TO_BNG = (
    f"+step +inv +proj=helmert {_OSGB36} +step +inv +proj=cart +ellps=airy "
    f"+step +proj=pop +v_3 +step {_BNG_PLANE}"
)
_LONLAT_TO_BNG = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3 "
    f"+step +proj=cart +ellps=WGS84 {_WGS84_TO_BNG}"
)
_IRISH_TO_BNG = (
    f"+proj=pipeline +step +inv {_IRISH_PLANE} +step +proj=push +v_3 "
    f"+step +proj=cart {_IRISH_ELLIPSOID} +step +proj=helmert {_TM65} {_WGS84_TO_BNG}"
)

Pair = tuple[float, float]


@overload
def to_bng(lon: float, lat: float) -> Pair: ...
@overload
def to_bng(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def to_bng(lon: Any, lat: Any) -> Any:
    """Longitude and latitude to British National Grid.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84 (EPSG:4326): two numbers, or two arrays of one shape. Missing stays missing.

    Returns
    -------
    tuple
        Easting and northing in metres (EPSG:27700), floats for numbers and float64 arrays for arrays.
        Within about 5 m of Ordnance Survey's own answer (see the module).

    Examples
    --------
    >>> [round(metres) for metres in to_bng(-0.1416, 51.5010)]
    [529089, 179644]
    """
    return _transform(_LONLAT_TO_BNG, lon, lat, TransformDirection.FORWARD)


@overload
def to_lonlat(easting: float, northing: float) -> Pair: ...
@overload
def to_lonlat(easting: ArrayLike, northing: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def to_lonlat(easting: Any, northing: Any) -> Any:
    """British National Grid to longitude and latitude, the inverse of `to_bng`.

    Parameters
    ----------
    easting, northing
        Metres (EPSG:27700): two numbers, or two arrays of one shape. Missing stays missing.

    Returns
    -------
    tuple
        Longitude and latitude in degrees (EPSG:4326), floats for numbers and float64 arrays for arrays.

    Examples
    --------
    >>> [round(degrees, 4) for degrees in to_lonlat(529089, 179644)]
    [-0.1416, 51.501]
    """
    return _transform(_LONLAT_TO_BNG, easting, northing, TransformDirection.INVERSE)


@overload
def irish_to_bng(easting: float, northing: float) -> Pair: ...
@overload
def irish_to_bng(
    easting: ArrayLike, northing: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def irish_to_bng(easting: Any, northing: Any) -> Any:
    """Irish Grid to British National Grid; postcode files give Northern Ireland in the Irish Grid.

    Parameters
    ----------
    easting, northing
        Metres, TM65 Irish Grid (EPSG:29902): two numbers, or two arrays of one shape. Missing stays missing.

    Returns
    -------
    tuple
        Easting and northing in metres (EPSG:27700), floats for numbers and float64 arrays for arrays.

    Examples
    --------
    >>> [round(metres) for metres in irish_to_bng(333800, 374500)]
    [146248, 529973]
    """
    return _transform(_IRISH_TO_BNG, easting, northing, TransformDirection.FORWARD)


def inside_uk(easting: ArrayLike, northing: ArrayLike) -> NDArray[np.bool_]:
    """Say which points (EPSG:27700 metres) lie in the box `UK_BOUNDS_BNG`; missing points do not."""
    west, south, east, north = UK_BOUNDS_BNG
    x, y = np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


@cache
def _transformer(pipeline: str) -> Transformer:
    """Make a transformer once; pyproj keeps one context a thread, so sharing it is safe."""
    return Transformer.from_pipeline(pipeline)


def _transform(pipeline: str, x: Any, y: Any, direction: TransformDirection) -> Any:
    """Transform copies of x and y; PROJ marks what it cannot do as infinite, we as missing."""
    xs, ys = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    out = _transformer(pipeline).transform(xs, ys, direction=direction)
    first, second = (np.where(np.isfinite(values), values, np.nan) for values in out)
    return (float(first), float(second)) if xs.ndim == 0 else (first, second)
