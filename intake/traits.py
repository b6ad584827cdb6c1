"""What a register may say of a firm besides its place and labels: how many work there, and since when it is.

Unknown is unknown, never zero: a value that is missing or cannot be read leaves the firm in, without it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from math import isqrt
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from data.arrow import as_text, quoted, whole
from intake.columns import SIZES
from intake.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Limits = tuple[int, int | None]

FOUNDED: Final = "founded"
EMPLOYEES, SIZE_BAND = SIZES
TRAITS: Final = (*SIZES, FOUNDED)
"""Roles of the columns that are read here."""

BANDS: Final[Mapping[str, tuple[int, int | None]]] = {
    "micro": (1, 9),
    "small": (10, 49),
    "medium": (50, 249),
    "medium-sized": (50, 249),
    "large": (250, None),
}
"""The bands that go by a name, as the shipped firms have them: least and most employees."""

# No employer of the United Kingdom has so many; float32 holds every whole number up to it.
MOST_EMPLOYEES: Final = 5_000_000
# An open band, "250+", stands for so many times its least: 1,000.
OPEN_TIMES: Final = 4
FIRST_YEAR: Final = 1000
# No number, band or date is longer.
LONGEST: Final = 60
EXAMPLES: Final = 3
"""Values that could not be read, of which so many are quoted."""

_COUNT = r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})"
_NUMBER = re.compile(rf"{_COUNT}(?:\.0+)?")
# How bands are written in small letters, and the least and most of each; the most of an open one is None.
_WRITTEN: Final[tuple[tuple[re.Pattern[str], Callable[[int], Limits]], ...]] = (
    (re.compile(rf"{_COUNT}(?:\.0+)?"), lambda n: (n, n)),
    (re.compile(rf"(?:<|under|below|less than|fewer than) ?{_COUNT}"), lambda n: (0, n - 1)),
    (re.compile(rf"(?:<=|≤|up to|at most) ?{_COUNT}"), lambda n: (0, n)),
    (re.compile(rf"(?:>|over|more than|above) ?{_COUNT}"), lambda n: (n + 1, None)),
    (re.compile(rf"(?:>=|≥|at least|from) ?{_COUNT}"), lambda n: (n, None)),
    (re.compile(rf"{_COUNT} ?(?:\+|(?:or|and) (?:more|over|above))"), lambda n: (n, None)),
)
_FROM_TO = re.compile(rf"{_COUNT} ?(?:-|to) ?{_COUNT}")
_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_NAMED = re.compile(r"[a-z-]+ ?\((.*)\)")
_UNIT = re.compile(r" ?(?:employees|employee|people|persons|staff)$")
_YEAR = re.compile(r"([0-9]{4})(?:\.0+)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:[t ][0-9:.+\-z ]*)?)?")
_BRITISH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class Trait(NamedTuple):
    """What a column says of some firms.

    Attributes
    ----------
    values
        One for each firm, NaN where unknown.
    unread
        Firms whose value is there and cannot be read.
    such_as
        A few of these values, sorted, cut short.
    """

    values: Floats
    unread: int
    such_as: tuple[str, ...]


def employees(text: str) -> int | None:
    """Read a number of employees; None where it is none.

    Examples
    --------
    >>> employees("1,250"), employees("12.0"), employees("12.5"), employees("-3"), employees("about 50")
    (1250, 12, None, None, None)
    """
    found = _NUMBER.fullmatch(text.strip())
    return _within(_int(found[1])) if found else None


def band(text: str) -> int | None:
    """Read a band of employees as a number within it, an estimate; None where it is no band.

    It is the middle on a scale of ratios (the geometric mean, least of all 1): within a band small firms are
    many and large ones few. An open band stands for four times its least.

    Examples
    --------
    >>> band("small"), band("10-49"), band("10 to 49 employees"), band("Micro (0 to 9)"), band("0 to 4")
    (22, 22, 22, 3, 2)
    >>> band("250+"), band("250 or more"), band("under 5"), band("7"), band("Oct-19"), band("£1m+")
    (1000, 1000, 2, 7, None, None)
    """
    limits = _limits(" ".join(text.lower().translate(_DASHES).split()))
    if limits is None:
        return None
    low, high = limits
    if high is None:
        return _within(OPEN_TIMES * low) if low else None
    if high < low:
        return None
    return _within(low if low == high else _root(max(low, 1) * high))


def year(text: str) -> int | None:
    """Read a year, or that of a date; None where it is none or lies ahead.

    Examples
    --------
    >>> year("2012"), year("2012-05-01"), year("2012-05"), year("1/5/2012"), year("31/02/2012"), year("12")
    (2012, 2012, 2012, 2012, None, None)
    """
    text = text.strip().lower()
    parts: tuple[str, str, str] | None = None
    if found := _YEAR.fullmatch(text):
        parts = (found[1], "1", "1")
    elif found := _ISO.fullmatch(text):
        parts = (found[1], found[2], found[3] or "1")
    elif found := _BRITISH.fullmatch(text):
        parts = (found[3], found[2], found[1])
    if parts is None:
        return None
    try:
        day = date(*map(int, parts))
    except ValueError:
        return None
    return day.year if FIRST_YEAR <= day.year <= datetime.now(tz=UTC).year else None


def _limits(text: str) -> Limits | None:
    """Return least and most of a band in small letters."""
    if text in BANDS:
        return BANDS[text]
    named = _NAMED.fullmatch(text)
    text = _UNIT.sub("", named[1].strip() if named else text)
    if found := _FROM_TO.fullmatch(text):
        return _int(found[1]), _int(found[2])
    each = ((pattern.fullmatch(text), limits) for pattern, limits in _WRITTEN)
    return next((limits(_int(found[1])) for found, limits in each if found), None)


def _int(text: str) -> int:
    return int(text.replace(",", ""))


def _root(product: int) -> int:
    """Return the square root of a whole number, rounded."""
    low = isqrt(product)
    return low + (product - low * low > low)


def _within(number: int) -> int | None:
    return number if number <= MOST_EMPLOYEES else None


READ: Final[Mapping[str, Callable[[str], int | None]]] = {
    EMPLOYEES: employees,
    SIZE_BAND: band,
    FOUNDED: year,
}
"""What reads a value of each role."""


def trait_of(cells: Mapping[str, pa.ChunkedArray], role: str, kept: Ints) -> Trait | None:
    """Read a column of the rows kept; None where there is no such column."""
    if role not in cells:
        return None
    values = whole(cells[role])
    values = values if len(kept) == len(values) else values.take(pa.array(kept))
    encoded = as_text(values).dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    texts = encoded.dictionary.to_pylist()
    found = [READ[role](text) if len(text) <= LONGEST else None for text in texts]
    bad = [
        number is None and text.strip().lower() not in NOTHING
        for number, text in zip(found, texts, strict=True)
    ]
    # The last is that of a missing text, whose code is -1.
    by_code = np.array([np.nan if number is None else number for number in (*found, None)], np.float32)
    wrong = np.array([*bad, False])[codes]
    such_as = examples(text for text, is_bad in zip(texts, bad, strict=True) if is_bad)
    return Trait(by_code[codes], int(wrong.sum()), such_as)


def size_of(cells: Mapping[str, pa.ChunkedArray], kept: Ints) -> Trait | None:
    """Read the size of the rows kept, employees or an estimate of them; None where no column tells it."""
    return next((one for role in SIZES if (one := trait_of(cells, role, kept)) is not None), None)


def examples(texts: Iterable[str]) -> tuple[str, ...]:
    """Return a few of the texts, the same whatever their order, cut short."""
    return tuple(quoted(pa.array(sorted(set(texts))[:EXAMPLES], pa.string())).to_pylist())


def joined(each: list[Trait | None]) -> Trait | None:
    """Put the traits of successive tables together; None where there is no such column."""
    there = [one for one in each if one is not None]
    if not there:
        return None
    return Trait(
        np.concatenate([one.values for one in there]),
        sum(one.unread for one in there),
        examples(text for one in there for text in one.such_as),
    )
