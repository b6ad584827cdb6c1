"""One style for screen and print: colours of each theme, sizes, and the marks of sectors and assets."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Literal

from data.schemas import ASSET_TYPES
from data.taxonomy import sectors, technologies

if TYPE_CHECKING:
    from collections.abc import Collection

Theme = Literal["light", "dark"]
# Left out of the two letters that stand for a technology.
SMALL_WORDS = frozenset({"and", "of", "the", "for", "in"})
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
        By sector id: label, symbol, colour. A technology takes the colour of its sector.
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
