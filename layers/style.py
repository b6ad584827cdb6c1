"""One style for screen and print: colours of each theme, sizes, and the marks of sectors and assets."""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Literal

from data.schemas import ASSET_TYPES
from data.taxonomy import sectors, technologies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from edition.edition import Edition
    from edition.labels import Labels

Theme = Literal["light", "dark"]
# Left out of the two letters that stand for a technology.
SMALL_WORDS = frozenset({"and", "of", "the", "for", "in"})
# Letters of a symbol that the map has room for.
LONGEST_SYMBOL = 3
# A mark each, so that no asset type is told by colour alone.
ASSET_MARKS = {
    "university": "square",
    "catapult": "star",
    "science_park": "triangle",
    "innovation_district": "diamond",
    "research_institute": "cross",
    "psre": "pentagon",
}


@dataclass(frozen=True)
class Style:
    """All that a layer needs to know about how it looks, in one theme.

    Attributes
    ----------
    colours : dict of str
        Hexadecimal, by role (sea, land, ink ...); `ramp` is a list from low to high.
    sizes : dict of str to float
        Pixels and zooms.
    points : dict of str to float
        Sizes in print, points on A4.
    sectors : dict
        By label: what it is called (label), symbol, colour. A technology takes the colour of its sector.
    """

    theme: Theme
    colours: dict[str, Any]
    sizes: dict[str, float]
    points: dict[str, float]
    sectors: dict[str, dict[str, str]]
    assets: dict[str, dict[str, str]]


@cache
def style(theme: Theme = "light") -> Style:
    """Return the style of a theme."""
    text = tomllib.loads((Path(__file__).parent / "style.toml").read_text(encoding="utf-8"))
    colour = f"colour_{theme}"
    marks = {
        sector.id: {"label": sector.label, "symbol": sector.symbol, "colour": str(getattr(sector, colour))}
        for sector in sectors()
    }
    codes = initials([family.label for family in technologies()], {mark["symbol"] for mark in marks.values()})
    families = {
        family.id: {**marks[family.sector], "label": family.label, "symbol": code}
        for family, code in zip(technologies(), codes, strict=True)
    }
    assets = {kind: {"label": label, "mark": ASSET_MARKS[kind]} for kind, label in ASSET_TYPES.items()}
    return Style(theme, text[theme], text["sizes"], text["print"], {**families, **marks}, assets)


def edition_style(edition: Edition, theme: Theme = "light") -> Style:
    """Return the style of a theme with the labels of an edition.

    A label that the taxonomy knows looks as it does there. The others take the colours of `categories` in
    their order, over and over, and letters that no other has.
    """
    return _edition_style(edition.labels, theme)


@lru_cache(maxsize=8)
def _edition_style(labels: Labels, theme: Theme) -> Style:
    plain = style(theme)
    if not labels.own:
        return plain
    known = {label: plain.sectors[label] for label in labels.sectors if label in plain.sectors}
    looks = {label: {**look, "label": labels.title(label)} for label, look in known.items()}
    worn = {look["colour"] for label, look in known.items() if labels.clusters.get(label)}
    free = [colour for colour in plain.colours["categories"] if colour not in worn]
    titles = [labels.title(label) for label in labels.foreign]
    letters = short_names(titles, {look["symbol"] for look in known.values()})
    for number, (label, symbol) in enumerate(zip(labels.foreign, letters, strict=True)):
        colour = free[number % len(free)]
        looks[label] = {"label": titles[number], "symbol": symbol, "colour": colour}
    return replace(plain, sectors=looks)


def short_names(labels: list[str], taken: Collection[str] = ()) -> list[str]:
    """Return a few letters or digits for each label, no two alike and none taken.

    What is short stands for itself, a short number for what it numbers, initials for words.

    Examples
    --------
    >>> short_names(["SIC 24", "S07", "Steel and metal", "<b>", "SIC 24"])
    ['24', 'S07', 'SM', 'B', 'SI']
    """
    used, names = {*taken}, []
    for number, label in enumerate(labels):
        name = next(name for name in _short_names(label, number) if name not in used)
        used.add(name)
        names.append(name)
    return names


def _short_names(label: str, number: int) -> Iterator[str]:
    words = [word for word in re.findall(r"[^\W_]+", label) if word.lower() not in SMALL_WORDS]
    plain = "".join(words).upper()
    if 0 < len(plain) <= LONGEST_SYMBOL:
        yield plain
    if len(words) <= LONGEST_SYMBOL:
        yield from (word for word in words if word.isdigit() and len(word) <= LONGEST_SYMBOL)
    if len(words) > 1:
        yield (words[0][0] + words[1][0]).upper()
    yield from (plain[0] + second for second in plain[1:9])
    yield from (str(number + extra) for extra in itertools.count(1))


def initials(labels: list[str], taken: Collection[str] = ()) -> list[str]:
    """Return two letters for each label, no two alike and none taken: its first, and a later free one.

    Examples
    --------
    >>> initials(["Space", "Software and data", "Graphene and 2D materials"])
    ['SP', 'SD', 'GD']
    """
    codes: list[str] = []
    for label in labels:
        words = [word for word in re.findall(r"[a-z]+", label.lower()) if word not in SMALL_WORDS]
        seconds = [*(word[0] for word in words[1:]), *"".join(words)[1:], *ascii_lowercase]
        choices = [(words[0][0] + second).upper() for second in seconds]
        codes.append(next(code for code in choices if code not in codes and code not in taken))
    return codes
