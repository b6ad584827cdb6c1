"""The typeface of pictures: its files, what it can write, and its glyphs for a file that carries them."""

from __future__ import annotations

import base64
import io
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from matplotlib.font_manager import FontEntry, FontProperties, fontManager

if TYPE_CHECKING:
    from collections.abc import Iterable

FAMILY = "Source Sans Pro"
# Semibold stands for bold: bold runs together at the sizes of a map.
STRONG = 700
# Ships with matplotlib: Greek, Cyrillic, Arabic, Hebrew and most signs.
FALLBACK = "DejaVu Sans"
# Its letters in a file that carries them have a name of their own: programs that look at no embedded font
# would else take the whole of it, where they have it, for every text, and it is a fifth wider.
CARRIED = "Map fallback"
# What a text is written in, the first that there is; some programs know only the fonts of their machine.
FAMILIES = f"'{FAMILY}', 'Source Sans 3', '{CARRIED}', Arial, 'Liberation Sans', '{FALLBACK}', sans-serif"
STRONG_FILE = "SourceSansPro-Semibold.ttf"
FILES = ("SourceSansPro-Regular.ttf", "SourceSansPro-It.ttf")
# Stands for a letter that neither font has.
BOX = "\N{WHITE SQUARE}"
# Beyond it lie emoji and scripts that the fonts of print have not.
LAST_PLANE = 0xFFFF


@cache
def register() -> None:
    """Make the typeface known to matplotlib, once a process and only where a picture is drawn."""
    # It lists its folder on import.
    import font_source_sans_pro  # type: ignore[import-untyped]  # noqa: PLC0415

    folder = Path(font_source_sans_pro.font_directory)
    # Matplotlib would take the semibold for a family of its own, without weight.
    fontManager.ttflist.append(
        FontEntry(fname=str(folder / STRONG_FILE), name=FAMILY, weight=STRONG, size="scalable")
    )
    for name in FILES:
        fontManager.addfont(folder / name)


@lru_cache(maxsize=64)
def properties(size: float, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """Return what matplotlib calls a face at a size (points); what the face lacks comes from the fallback."""
    register()
    return FontProperties(
        family=[FAMILY, FALLBACK],
        size=size,
        weight=STRONG if bold else 400,
        style="italic" if italic and not bold else "normal",
    )


@lru_cache(maxsize=8)
def faces(*, bold: bool = False, italic: bool = False) -> tuple[str, str]:
    """Return the files of a face and of its fallback."""
    wanted = properties(10.0, bold=bold, italic=italic)
    found = []
    for family in wanted.get_family():
        one = wanted.copy()
        one.set_family(family)
        found.append(str(fontManager.findfont(one, fallback_to_default=False)))
    return found[0], found[1]


@lru_cache(maxsize=8)
def letters_of(file: str) -> frozenset[int]:
    """Return the code points that a font file has glyphs for."""
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=16_384)
def readable(text: str, *, bold: bool = False, italic: bool = False) -> str:
    """Return a text as it can be written: one line, a box for each letter that no font has.

    Marks that only steer other letters are left out, so that no name turns its neighbours round.
    """
    known = frozenset[int]().union(*map(letters_of, faces(bold=bold, italic=italic)))
    return "".join(_readable(letter, known) for letter in unicodedata.normalize("NFC", text))


def _readable(letter: str, known: frozenset[int]) -> str:
    if letter.isspace() or unicodedata.category(letter) == "Cc":
        return " "
    if unicodedata.category(letter) == "Cf":
        return ""
    return letter if ord(letter) in known and ord(letter) <= LAST_PLANE else BOX


def embedded(used: Iterable[tuple[FontProperties, str]]) -> str:
    """Return CSS that carries the glyphs which texts need, face by face; the same texts give the same bytes.

    Parameters
    ----------
    used : iterable of tuple
        How a text is written, and the text.
    """
    wanted: dict[tuple[str, int, str, str], set[str]] = {}
    for font, text in used:
        bold, italic = font.get_weight() == STRONG, font.get_style() == "italic"
        first, second = faces(bold=bold, italic=italic)
        own = {letter for letter in text if ord(letter) in letters_of(first)}
        weight, style = STRONG if bold else 400, "italic" if italic else "normal"
        for family, file, letters in ((FAMILY, first, own), (CARRIED, second, set(text) - own)):
            wanted.setdefault((family, weight, style, file), set()).update(letters)
    return "\n".join(_face(*key, frozenset(wanted[key])) for key in sorted(wanted) if wanted[key])


def _face(family: str, weight: int, style: str, file: str, letters: frozenset[str]) -> str:
    data = base64.b64encode(_subset(file, letters)).decode()
    return (
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{style};"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )


@lru_cache(maxsize=32)
def _subset(file: str, letters: frozenset[str]) -> bytes:
    options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14])
    # Small capitals and the like are never asked for; kerning and ligatures are.
    options.layout_features = ["kern", "liga", "ccmp", "mark", "mkmk", "init", "medi", "fina", "isol", "rlig"]
    font = TTFont(file, recalcTimestamp=False)
    chosen = subset.Subsetter(options)
    chosen.populate(text="".join(sorted(letters)))
    chosen.subset(font)
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
