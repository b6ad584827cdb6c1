"""Columns of numbers as files have them: numbers, texts that are some, texts that stand for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow import mask_of, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NOTHING: Final = ("", "nan", "null", "none", "na", "n/a", "#n/a", "-")
"""Texts that stand for a missing value, in small letters."""

# What a number may look like.
FORM: Final = r"^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|(?i:inf|infinity))$"


class Numbers(NamedTuple):
    """Numbers of a column, NaN where there is none, and which of them are missing or no numbers."""

    values: Floats
    missing: Mask
    bad: Mask


def numbers(column: pa.ChunkedArray) -> Numbers:
    """Read a column of numbers or texts: all at once if they all are numbers, else those that are."""
    values = whole(column)
    try:
        found = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return _among_others(pc.fill_null(pc.utf8_trim_whitespace(values), ""))
    return Numbers(found, np.isnan(found), np.zeros(len(found), dtype=bool))


def _among_others(texts: pa.Array) -> Numbers:
    missing = is_nothing(texts)
    good = pc.match_substring_regex(texts, FORM)
    found = pc.if_else(good, texts, pa.scalar(None, pa.string())).cast(pa.float64())
    return Numbers(found.to_numpy(zero_copy_only=False), missing, ~mask_of(good) & ~missing)


def is_nothing(texts: pa.Array) -> Mask:
    """Say which texts, none missing and without blanks around them, stand for a missing value."""
    return mask_of(pc.is_in(pc.utf8_lower(texts), value_set=pa.array(NOTHING)))
