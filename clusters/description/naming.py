"""Names that people would use: "Life sciences, Babraham" rather than a number."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING

import pandas as pd

from geo.gazetteer import nearest_place, nearest_town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CAMPUS_SHARE = 0.4
"""Share of the members that must agree on a campus, or in London on a borough, before it gives its name."""

LONDON = "London"
LONDON_BOROUGH = "E09"
"""First characters of the GSS codes of the London boroughs and the City."""

STREET = re.compile(
    r"\b(road|street|lane|way|avenue|drive|close|row|terrace|crescent|place|hill|embankment|wharf road)$",
    re.IGNORECASE,
)
ESTATE = re.compile(r"campus|park\b|quarter\b|helix\b|zone\b|village\b|estate\b|\bsci-tech\b", re.IGNORECASE)
"""Words of places that hold several buildings; a centre or a house is one, and its town better known."""

UNIT = re.compile(r"^((unit|suite|floor|level|block|plot)\s+\w+\b|\d+\w?([-/]\d+\w?)?)\s*", re.IGNORECASE)
GENERIC = re.compile(r"\s+(research\s+|science\s+and\s+innovation\s+)?campus$", re.IGNORECASE)


def slug(text: str) -> str:
    """Return the text in small letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def title(label: str) -> str:
    """Return a label as it opens a name: first letter large; what stands in brackets tells labels apart."""
    return label[:1].upper() + label[1:]


def place_of(easting: pd.Series, northing: pd.Series) -> pd.Series:
    """Name points (EPSG:27700 metres) after their town, or the nearest place; "" for none."""
    index = pd.RangeIndex(len(easting))
    east, north = easting.set_axis(index), northing.set_axis(index)
    named = nearest_town(east, north)
    return named.fillna(nearest_place(east, north)).fillna("").astype(object).set_axis(easting.index)


def _parts(site: str) -> list[str]:
    """Parts of an address line without streets, unit numbers and remarks in brackets."""
    parts = [re.sub(r"\s*\(.*?\)", "", part).strip() for part in site.split(",")]
    parts = [UNIT.sub("", part).strip() for part in parts if not STREET.search(part)]
    return [part for part in parts if part]


def campus(site: str) -> str:
    """Return the campus, park or quarter that an address line names; nothing for a street or a lone building.

    >>> campus("Techspace One, Sci-Tech Daresbury"), campus("332 Cambridge Science Park")
    ('Sci-Tech Daresbury', 'Cambridge Science Park')
    >>> campus("22 Station Road")
    ''
    """
    estates = [part for part in _parts(site) if ESTATE.search(part)]
    return estates[-1] if estates else ""


def building(site: str) -> str:
    """Return the first named thing of an address line that is not a street."""
    return "".join(_parts(site)[:1])


def _ranked(values: Iterable[str], named: Callable[[str], str] = str) -> list[tuple[str, int]]:
    """Distinct non-empty names of values with their counts, most frequent first, then by alphabet."""
    tally: dict[str, int] = {}
    # Values are few beside those that have them: each is named once.
    for value, number in Counter(values).items():
        name = named(value)
        if name:
            tally[name] = tally.get(name, 0) + number
    return sorted(tally.items(), key=lambda item: (-item[1], item[0]))


def _london(boroughs: list[tuple[str, int]], members: int) -> str:
    """Return the borough that leads, or the two that lead together."""
    leading = boroughs[:1] if boroughs[0][1] >= CAMPUS_SHARE * members else boroughs[:2]
    text = " and ".join(name for name, _ in leading)
    return text if LONDON in text else f"{text}, {LONDON}"


def place_candidates(members: pd.DataFrame) -> list[str]:
    """Return names for the place of some members, the best first, none twice.

    A campus that 40% of them share; else, in London, the borough or boroughs; else the town that most are in.
    The rest serve when another cluster of the label has the name already.

    Parameters
    ----------
    members
        site, town, la_code, la_name; empty text where unknown.
    """
    size = len(members)
    towns = _ranked(members["town"])
    sites = _ranked(members["site"], campus)
    authorities = _ranked(members["la_name"])
    names = []
    if sites and sites[0][1] >= CAMPUS_SHARE * size:
        names.append(_without_generic(sites[0][0], [town for town, _ in towns]))
    in_london = members["la_code"].str.startswith(LONDON_BOROUGH)
    if 2 * in_london.sum() > size:
        boroughs = _ranked(members.loc[in_london, "la_name"])
        names += [_london(boroughs, size)] if boroughs else [LONDON]
    else:
        names += [town for town, _ in towns[:1]]
    best = names[0] if names else ""
    names += [site for site, _ in sites[:1]]
    spots = [spot for spot, _ in (*sites[:1], *_ranked(members["site"], building)[:1])]
    names += [f"{best} ({spot})" for spot in spots if best and spot != best]
    names += [f"{best} ({name})" for name, _ in authorities[:1] if best and name not in best]
    names += [name for name, _ in authorities[:1]]
    return list(dict.fromkeys(names)) or ["unnamed place"]


def _without_generic(site: str, towns: list[str]) -> str:
    """Return "Harwell" for "Harwell Campus", where Harwell is a town of the members."""
    short = GENERIC.sub("", site)
    return short if short in towns else site


def _and_on(names: list[str]) -> Iterator[str]:
    """Yield the names, then the first of them numbered from 2."""
    yield from names
    for number in count(2):
        yield f"{names[0]} ({number})"


def distinct_places(candidates: list[list[str]]) -> list[str]:
    """Return one name for each cluster of a label, no two with one slug; first come, first served."""
    taken: set[str] = set()
    chosen = []
    for names in candidates:
        name = next(name for name in _and_on(names) if slug(name) not in taken)
        taken.add(slug(name))
        chosen.append(name)
    return chosen


def cluster_ids(labels: Iterable[str], places: Iterable[str]) -> list[str]:
    """Return a readable, unique id for each cluster: life-sciences--cambridge."""
    taken: set[str] = set()
    chosen = []
    for label, place in zip(labels, places, strict=True):
        stem = f"{slug(label) or 'label'}--{slug(place) or 'place'}"
        numbered = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        name = next(name for name in numbered if name not in taken)
        taken.add(name)
        chosen.append(name)
    return chosen
