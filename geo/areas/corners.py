"""Corners of polygons, and an area's outline as a short text for an address.

The text is a polyline: each corner is the step from the one before, in units of the last decimal, written in
digits of five bits. Sixty-four characters that an address takes as they are stand for five bits and a sign
that more follow. "." ends a ring, "!" a polygon, and two characters at the end are a checksum: a link that
was cut short is refused, and never another area.
"""

from __future__ import annotations

import re
import zlib
from itertools import pairwise
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from data.errors import InputError
from data.plural import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

DECIMALS: Final = 5
# As many as a detailed outline of a county has; testing points against more would be slow.
MOST_CORNERS: Final = 10_000
# Addresses of some two thousand characters are safe everywhere.
MOST_CHARACTERS: Final = 1_500
ALPHABET: Final = ascii_letters + digits + "-_"
RING, POLYGON = ".", "!"
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_FORM: Final = re.compile(r"[A-Za-z0-9_.!-]+")
_UNIT: Final = 10.0**DECIMALS
_MORE: Final = 32
# A step from one end of the earth to the other takes six digits of five bits.
_MOST_DIGITS: Final = 6


def check_corners(geometry: BaseGeometry) -> None:
    """Refuse more corners than can be counted with.

    Raises
    ------
    InputError
        If there are more than `MOST_CORNERS`.
    """
    number = int(shapely.get_num_coordinates(geometry))
    if number > MOST_CORNERS:
        raise InputError(
            f"the outline has {number:,} corners; at most {MOST_CORNERS:,} are possible: simplify it"
        )


def listed_corners(ring: Any) -> NDArray[np.float64]:
    """Read a list of pairs of numbers, whatever it really is.

    Returns
    -------
    ndarray
        Shape (n, 2).

    Raises
    ------
    InputError
        If it is anything else, or longer than `MOST_CORNERS`.
    """
    if not isinstance(ring, (list, tuple)) or not all(_is_pair(pair) for pair in ring):
        raise InputError(f"{repr(ring)[:40]} is no list of corners; a corner is a pair of numbers")
    if len(ring) > MOST_CORNERS:
        raise InputError(f"the outline has {len(ring):,} corners; at most {MOST_CORNERS:,} are possible")
    return np.array(ring, dtype=np.float64).reshape(-1, 2)


def _is_pair(pair: Any) -> bool:
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        return False
    return all(
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9 for value in pair
    )


def encode(area: Polygon | MultiPolygon) -> str:
    """Write an outline as a text of letters, digits and ``- _ . !``.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        Degrees (EPSG:4326); corners are rounded to `DECIMALS` decimals.

    Returns
    -------
    str
        Of any length; `MOST_CHARACTERS` is for the caller to see to.
    """
    text = ""
    at = np.zeros(2, dtype=np.int64)
    for number, part in enumerate(shapely.get_parts(area)):
        rings = [part.exterior, *part.interiors]
        text += POLYGON if number else ""
        for place, ring in enumerate(rings):
            # The corner that closes a ring repeats the first: the reader knows.
            corners = np.rint(shapely.get_coordinates(ring)[:-1] * _UNIT).astype(np.int64)
            steps = np.diff(np.vstack([at, corners]), axis=0)
            text += (RING if place else "") + "".join(_digits(int(step)) for step in steps.ravel())
            at = corners[-1]
    return text + _checksum(text)


def decode(text: str) -> MultiPolygon:
    """Read an outline that `encode` wrote.

    Returns
    -------
    MultiPolygon
        Degrees (EPSG:4326); whether it is valid is not asked.

    Raises
    ------
    InputError
        If the text is anything else: too long, damaged or cut short.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"an area of {len(text):,} characters is too long; the most is {MOST_CHARACTERS:,}")
    if not _FORM.fullmatch(text):
        raise InputError(f"{text[:40]!r} is no area: letters, digits and - _ . ! are expected")
    body, sum_ = text[:-2], text[-2:]
    if _checksum(body) != sum_:
        raise InputError(f"the area {text[:40]!r} is damaged or cut short; copy the whole link again")
    try:
        return MultiPolygon(list(_polygons(body)))
    except ValueError as fault:
        raise InputError(f"the area {text[:40]!r} cannot be read: {fault}") from fault


def _polygons(body: str) -> Iterator[Polygon]:
    at = np.zeros(2, dtype=np.int64)
    for part in body.split(POLYGON):
        rings = []
        for ring in part.split(RING):
            corners = at + np.cumsum(_steps(ring), axis=0)
            if len(corners) < 3:
                raise ValueError(f"a ring has {count(len(corners), 'corner')}")
            at = corners[-1]
            rings.append(corners / _UNIT)
        yield Polygon(rings[0], rings[1:])


def _digits(step: int) -> str:
    """Write one number, its sign in the lowest bit."""
    rest = step << 1 if step >= 0 else ~(step << 1)
    text = ""
    while rest >= _MORE:
        text += ALPHABET[_MORE | (rest & (_MORE - 1))]
        rest >>= 5
    return text + ALPHABET[rest]


def _steps(ring: str) -> NDArray[np.int64]:
    """Read the steps of a ring: shape (n, 2)."""
    values = [_VALUE[character] for character in ring]
    ends = [place + 1 for place, value in enumerate(values) if value < _MORE]
    if not ends or ends[-1] != len(values) or len(ends) % 2:
        raise ValueError("a corner is incomplete")
    return np.array([_number(values[a:b]) for a, b in pairwise([0, *ends])], dtype=np.int64).reshape(-1, 2)


def _number(digits_: list[int]) -> int:
    if len(digits_) > _MOST_DIGITS:
        raise ValueError("a corner is further than the earth is round")
    whole = sum((digit & (_MORE - 1)) << (5 * place) for place, digit in enumerate(digits_))
    return ~(whole >> 1) if whole & 1 else whole >> 1


def _checksum(text: str) -> str:
    value = zlib.crc32(text.encode()) & 0xFFF
    return ALPHABET[value >> 6] + ALPHABET[value & 63]
