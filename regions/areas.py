"""Areas of the user's own as places: a polygon drawn or uploaded, or a set of authorities; and their refs.

``set:E08000003+E08000006`` and ``area:`` with the outline as `geo.areas.corners` encodes it; either may be
followed by ``~`` and a name, which is free text. A ref stands in addresses, so it may hold anything when it
is read.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from rapidfuzz import fuzz, process, utils

from data.errors import InputError
from geo.areas.area import area_from, land_index
from geo.areas.corners import MOST_CHARACTERS, decode, encode
from geo.boundaries import authorities, joined
from geo.projections import to_lonlat
from intake.area_reader import clean
from regions.place import Place
from regions.residents import homes, shares_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from shapely.geometry import MultiPolygon
    from shapely.geometry.base import BaseGeometry

    from edition.edition import Edition
    from regions.residents import Shares

__all__ = [
    "area_place",
    "decode",
    "encode",
    "is_own",
    "prepare",
    "read_ref",
    "ref_of_area",
    "ref_of_set",
    "set_place",
]

AREA, SET = "area:", "set:"
NAMED: Final = "~"
JOINED: Final = "+"
# More than there are authorities, so that no set is too large; and an address has an end.
MOST_CODES: Final = 400
UNNAMED: Final = "Area of your own"
NEAREST: Final = 3
LEAST_LIKENESS: Final = 70
MOST_NAMED: Final = 3
MOST_UNKNOWN: Final = 5
QUOTED: Final = 40


def prepare() -> None:
    """Make ready what the first area of a process needs, so that no visitor waits for it."""
    land_index()
    homes()
    _land()


def is_own(ref: str) -> bool:
    """Say whether a ref means to be one of this module's."""
    return ref.startswith((AREA, SET))


# The same ref is the same place: what was counted in it for one page is not counted again for the next.
@lru_cache(maxsize=64)
def read_ref(edition: Edition, ref: str) -> Place:
    """Return the place of a ref of a set or an area; a fault is not remembered.

    Parameters
    ----------
    ref
        Of any length and with any characters: it comes from an address.

    Raises
    ------
    InputError
        If it is no such ref, or what it holds cannot be a place; in words.
    """
    body, _, name = ref.partition(NAMED)
    if body.startswith(SET):
        codes = body.removeprefix(SET).split(JOINED, MOST_CODES)
        return set_place(edition, codes, name)
    if body.startswith(AREA):
        code = body.removeprefix(AREA)
        return area_place(edition, _decoded(code), name, ref_of(AREA + code, name))
    raise InputError(f"{ref[:QUOTED]!r} is no ref of an area; it begins with {SET} or {AREA}")


def ref_of(body: str, name: str) -> str:
    """Return a ref with its name, as far as it has one."""
    shown = clean(name)
    return f"{body}{NAMED}{shown}" if shown else body


def ref_of_area(polygon: MultiPolygon, name: str = "") -> str | None:
    """Return the ref of an area.

    Parameters
    ----------
    polygon
        As `geo.areas.area.area_from` returns it (EPSG:27700): its corners are the rounded ones again.
    name
        The user's.

    Returns
    -------
    str or None
        None where its outline is too long for an address.
    """
    code = encode(shapely.transform(polygon, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1]))))
    return ref_of(AREA + code, name) if len(code) <= MOST_CHARACTERS else None


def ref_of_set(codes: Iterable[str], name: str = "") -> str:
    """Return the ref of a set of authorities, the same for whatever order and repetition."""
    return ref_of(SET + JOINED.join(sorted(set(codes))), name)


def area_place(edition: Edition, polygon: MultiPolygon, name: str, ref: str) -> Place:
    """Return an area as a place.

    Parameters
    ----------
    polygon
        As `geo.areas.area.area_from` returns it (EPSG:27700).
    name
        The user's; empty for none.
    ref
        What to call it.

    Returns
    -------
    Place
        An authority wholly inside weighs 1; one that is cut, the share of its unit postcodes inside.
        Its residents are the sum of authorities' residents times weights. Its geometry is the land inside.

    Raises
    ------
    InputError
        If it has no land of an authority but the rounding of a border.
    """
    held = shares_of(polygon)
    if not held.weights:
        raise InputError(
            "this area has no land of the United Kingdom but at its very edge; draw it over land"
        )
    rows = edition.tables["authorities"].set_index("gss_code").loc[list(held.weights)]
    people = float((rows["population"].astype(float) * list(held.weights.values())).sum())
    shown = clean(name) or UNNAMED
    return Place(
        ref, "area", shown, held.weights, _land_in(shapely.to_wkb(polygon)),
        round(people), _years(rows), _note(held, rows, round(people)), held.cut,
    )  # fmt: skip


def set_place(edition: Edition, codes: Sequence[str], name: str = "") -> Place:
    """Return a set of authorities as a place.

    Parameters
    ----------
    codes
        One to `MOST_CODES` GSS codes, in any case and order; repeated ones count once.
    name
        The user's; else the set is called by its members.

    Raises
    ------
    InputError
        If there is none, there are too many, or any is unknown (the nearest are named).
    """
    if len(codes) > MOST_CODES:
        raise InputError(f"more than {MOST_CODES} authorities are too many for a set; the UK has fewer")
    rows = edition.tables["authorities"].set_index("gss_code")
    wanted = sorted({code.strip().upper() for code in codes if code.strip()})
    if not wanted:
        raise InputError(
            f"the set is empty; give GSS codes of authorities, such as {SET}E08000003{JOINED}E08000006"
        )
    _refuse_unknown([code for code in wanted if code not in rows.index], rows)
    own = rows.loc[wanted]
    shown = clean(name) or _called(own["name"].tolist())
    return Place(
        ref_of_set(wanted, name), "set", shown, dict.fromkeys(wanted, 1.0),
        _joined(frozenset(wanted)), int(own["population"].sum()), _years(own),
    )  # fmt: skip


def _refuse_unknown(unknown: Sequence[str], rows: pd.DataFrame) -> None:
    if not unknown:
        return
    words = "; ".join(f"{code[:QUOTED]!r}{_meant(code[:QUOTED], rows)}" for code in unknown[:MOST_UNKNOWN])
    more = f"; and {len(unknown) - MOST_UNKNOWN} more" if len(unknown) > MOST_UNKNOWN else ""
    raise InputError(f"unknown in a set of authorities, which takes GSS codes: {words}{more}")


def _meant(text: str, rows: pd.DataFrame) -> str:
    """Name the authorities that a text may mean: by code or, where it is one, by name."""
    coded = any(mark.isdigit() for mark in text)
    choices = rows.index.tolist() if coded else rows["name"].tolist()
    scorer = fuzz.ratio if coded else fuzz.WRatio
    found = process.extract(
        text,
        choices,
        scorer=scorer,
        processor=utils.default_process,
        limit=NEAREST,
        score_cutoff=LEAST_LIKENESS,
    )
    near = [f"{rows['name'].iloc[place]} ({rows.index[place]})" for _, _, place in found]
    return f" (near: {', '.join(near)})" if near else ""


def _called(names: Sequence[str]) -> str:
    """Name a set by its members, as far as they fit a line."""
    if len(names) > MOST_NAMED:
        return f"{names[0]}, {names[1]} and {len(names) - 2} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _note(held: Shares, rows: pd.DataFrame, people: int) -> str:
    """Say what has to be said of an area's numbers."""
    parts = []
    if held.cut:
        named = rows.loc[sorted(held.cut, key=lambda code: -held.weights[code]), "name"].tolist()
        parts.append(
            f"Estimated: it cuts through {_called(named)}, where residents, and what is known only "
            "for a whole authority, count by the share of unit postcodes inside."
        )
    if held.bare:
        named = rows.loc[sorted(held.bare), "name"].tolist()
        parts.append(f"Without a unit postcode, by share of land: {_called(named)}.")
    if not people:
        parts.append("No unit postcode lies in it, so it has no residents to speak of.")
    if held.beyond:
        parts.append("What lies in the sea or abroad does not count.")
    return " ".join(parts)


def _years(rows: pd.DataFrame) -> str:
    years = sorted(rows["population_year"].astype(int).astype(str).unique())
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else years[0]


@lru_cache(maxsize=256)
def _decoded(code: str) -> MultiPolygon:
    """Read and check an outline, once; a fault is not remembered."""
    return area_from(decode(code))


@lru_cache(maxsize=64)
def _land_in(wkb: bytes) -> BaseGeometry:
    """Cut an area at the coast and the border."""
    held = shapely.get_parts(shapely.intersection(shapely.from_wkb(wkb), _land()))
    # Where outlines run along each other, lines and points may remain.
    land: BaseGeometry = shapely.multipolygons(held[shapely.get_dimensions(held) == 2])
    return land


@cache
def _land() -> BaseGeometry:
    """Return the land of the United Kingdom as one shape."""
    return _joined(frozenset(authorities()["gss_code"]))


@lru_cache(maxsize=64)
def _joined(codes: frozenset[str]) -> BaseGeometry:
    return joined(authorities().set_index("gss_code").geometry.loc[sorted(codes)].to_numpy())
