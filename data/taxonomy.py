"""Sectors and technology families: what they are called, how they look, and which texts belong to them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
from rapidfuzz import process

from data.errors import NotFoundError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable

TAXONOMY_FILE = Path(__file__).with_name("sectors.toml")
# Put where an excluded phrase stood, so that no term can run across the gap.
GAP = " | "


@dataclass(frozen=True, slots=True)
class Sector:
    """One sector: its name, its other spellings, and the marks it is drawn with."""

    id: str
    label: str
    aliases: tuple[str, ...]
    industrial_strategy: bool
    symbol: str
    colour_light: str
    colour_dark: str


@dataclass(frozen=True, slots=True)
class Technology:
    """One family of technologies and the phrases that show a text to belong to it."""

    id: str
    label: str
    sector: str
    frontier: bool
    terms: tuple[str, ...]
    unless: tuple[str, ...]


_Row = TypeVar("_Row", Sector, Technology)


@dataclass(frozen=True, slots=True)
class _Matcher:
    """The compiled phrases of one family."""

    id: str
    terms: re.Pattern[str]
    unless: re.Pattern[str] | None

    def matches(self, text: str) -> bool:
        """Say whether a normalised text holds a term outside the excluded phrases."""
        rest = self.unless.sub(GAP, text) if self.unless else text
        return self.terms.search(rest) is not None


@cache
def sectors() -> tuple[Sector, ...]:
    """Return all sectors in the order in which they are listed and drawn."""
    return tuple(_sector(row) for row in _document()["sector"])


@cache
def technologies() -> tuple[Technology, ...]:
    """Return all technology families, grouped by the sector they belong to first."""
    return tuple(_technology(row) for row in _document()["technology"])


def titles() -> dict[str, str]:
    """Return the label of every sector and every technology family, by id."""
    named = {sector.id: sector.label for sector in sectors()}
    return named | {family.id: family.label for family in technologies()}


def sector(sector_id: str) -> Sector:
    """Return the sector of this id.

    Raises
    ------
    NotFoundError
        When no sector has the id.
    """
    return _by_id(sectors(), sector_id, "sector")


def technology(technology_id: str) -> Technology:
    """Return the technology family of this id.

    Raises
    ------
    NotFoundError
        When no family has the id.
    """
    return _by_id(technologies(), technology_id, "technology")


def sector_id(text: str) -> str:
    """Return the id of the sector a text names, by id, label or alias, whatever the case.

    Raises
    ------
    TableError
        When no sector is called so; the message names the nearest spelling.

    Examples
    --------
    >>> sector_id("Agri-food (outside IS-8)")
    'agri-food'
    """
    names = _sector_names()
    key = " ".join(str(text).casefold().split())
    if key not in names:
        raise TableError(f"No sector is called {text!r}; the nearest is {_nearest(key, names)!r}.")
    return names[key]


def technologies_of(texts: pd.Series) -> pd.Series:
    """Return the technology families whose terms occur in each text.

    Terms match at word boundaries, whatever the case; terms and exceptions are in ``data/sectors.toml``.

    Parameters
    ----------
    texts : Series of str
        Free text: what a firm makes, or a project's subject and name joined by ``"; "``. Missing is empty.

    Returns
    -------
    Series of tuple of str
        Ids in the order of `technologies`, on the index of ``texts``; an empty tuple where nothing matches.

    Examples
    --------
    >>> technologies_of(pd.Series(["tissue engineering", "defence electronics; cyber"])).tolist()
    [('cell-and-gene-therapy',), ('cyber-security', 'electronics-and-sensors', 'defence-systems')]
    """
    plain = texts.fillna("").astype(str)
    known = {text: _families(text) for text in plain.unique()}
    return pd.Series([known[text] for text in plain], index=texts.index, name="technologies", dtype=object)


def _families(text: str) -> tuple[str, ...]:
    plain = _normalise(text)
    return tuple(matcher.id for matcher in _matchers() if matcher.matches(plain))


@cache
def _matchers() -> tuple[_Matcher, ...]:
    return tuple(_matcher(family) for family in technologies())


def _matcher(family: Technology) -> _Matcher:
    unless = _pattern(family.unless) if family.unless else None
    return _Matcher(family.id, _pattern(family.terms), unless)


def _pattern(terms: Iterable[str]) -> re.Pattern[str]:
    # Longest first, so that an excluded phrase takes all of its words with it.
    phrases = sorted({_normalise(term) for term in terms}, key=lambda term: (-len(term), term))
    return re.compile(r"(?<!\w)(?:" + "|".join(map(_phrase, phrases)) + r")(?!\w)")


def _phrase(term: str) -> str:
    if term.endswith("*"):
        return re.escape(term[:-1]) + r"\w*"
    return re.escape(term) + "s?"


def _normalise(text: str) -> str:
    """Fold case and read hyphens, dashes and slashes as spaces."""
    return " ".join(re.sub(r"[-\u2010-\u2014/]+", " ", text.casefold()).split())


@cache
def _sector_names() -> dict[str, str]:
    return {name.casefold(): one.id for one in sectors() for name in (one.id, one.label, *one.aliases)}


def _nearest(key: str, names: dict[str, str]) -> str:
    found = process.extractOne(key, list(names))
    return found[0] if found else next(iter(names))


def _by_id(rows: tuple[_Row, ...], wanted: str, what: str) -> _Row:
    found = next((row for row in rows if row.id == wanted), None)
    if found is None:
        near = process.extractOne(str(wanted), [row.id for row in rows])
        raise NotFoundError(f"No {what} has the id {wanted!r}; the nearest is {near[0] if near else None!r}.")
    return found


@cache
def _document() -> dict[str, Any]:
    with TAXONOMY_FILE.open("rb") as file:
        return tomllib.load(file)


def _sector(row: dict[str, Any]) -> Sector:
    return Sector(**{**row, "aliases": tuple(row["aliases"])})


def _technology(row: dict[str, Any]) -> Technology:
    return Technology(**{**row, "terms": tuple(row["terms"]), "unless": tuple(row.get("unless", ()))})
