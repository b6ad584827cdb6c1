"""A postcode as people type it: which part of one a text is, and what that part lies in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from data.errors import InputError

# GIR (once a bank) and NPT (Newport, until it became NP) are the only outward codes of three letters.
OUTWARD = "(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)"
_PARTS = (
    ("postcode", re.compile(f"({OUTWARD})([0-9][A-Z]{{2}})")),
    ("partial", re.compile(f"({OUTWARD})([0-9][A-Z])")),
    ("district", re.compile(f"({OUTWARD})()")),
    ("sector", re.compile(f"({OUTWARD})([0-9])")),
    ("area", re.compile("([A-Z]{1,2})()")),
)
_JUNK = re.compile(r"[\s\u200b\ufeff.\-]+")
# "B1 1" is a sector and "B11" a district: the space before the last digit decides.
_SPACED_SECTOR = re.compile(r"\S\s+[0-9]\s*")
_LONGEST = 40
_FORM = 'such as "OX11 0QR", or a part of one: "OX11 0" (sector), "OX11" (district), "OX" (area)'


@dataclass(frozen=True)
class Part:
    """A well-formed text, read: its level, its outward code and what it has of the inward code."""

    level: str
    outward: str
    inward: str

    @property
    def label(self) -> str:
        """As people write it."""
        return f"{self.outward} {self.inward}".rstrip()

    @property
    def prefix(self) -> str:
        """The beginning shared by the codes of its units, which have the outward code padded to four."""
        return self.outward.ljust(4) + self.inward


def read_part(text: Any) -> Part:
    """Read a text as a postcode or a part of one, or raise InputError."""
    if text is None or (isinstance(text, str) and not text.strip()):
        raise InputError(f"no postcode given; expected one {_FORM}")
    if not isinstance(text, str):
        raise InputError(f"{text!r:.{_LONGEST}} is not text; expected a postcode {_FORM}")
    compact = _JUNK.sub("", text[: 2 * _LONGEST]).upper()
    for level, shape in _PARTS:
        match = shape.fullmatch(compact)
        if match and not (level == "district" and _is_spaced_sector(text, compact)):
            return Part(level, match[1], match[2])
    quoted = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    raise InputError(f'"{quoted}" does not have the form of a UK postcode, {_FORM}')


def _is_spaced_sector(text: str, compact: str) -> bool:
    """Say whether a text that could be a district ("B11") is written as a sector ("B1 1")."""
    spaced = _SPACED_SECTOR.search(text)
    return bool(spaced and spaced.end() == len(text) and re.fullmatch(OUTWARD, compact[:-1]))


def levels_above(part: Part) -> list[Part]:
    """Give the levels that a part lies in, the nearest first."""
    letters = re.match("[A-Z]{1,2}", part.outward)
    above = [Part("sector", part.outward, part.inward[:1])] if len(part.inward) > 1 else []
    above += [Part("district", part.outward, "")] if part.inward else []
    return above + ([Part("area", letters[0], "")] if letters and part.level != "area" else [])
