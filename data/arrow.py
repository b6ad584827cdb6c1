"""Columns of Arrow: in one piece, as text, and as a reader may be shown them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUOTED: Final = 60
"""Most characters of a value that is quoted."""


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as one array."""
    if isinstance(column, pa.Array):
        return column
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def chunks(column: pa.ChunkedArray | pa.Array) -> list[pa.Array]:
    """Return the pieces of a column."""
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def mask_of(flags: pa.Array) -> NDArray[np.bool_]:
    """Return flags, none of them missing, as NumPy has them."""
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)


def as_text(values: pa.Array) -> pa.Array:
    """Write values as text: whole numbers without a decimal point, whatever their type."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if not (pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)):
        return values.cast(pa.string())
    values = values.cast(pa.float64(), safe=False)
    numbers = values.to_numpy(zero_copy_only=False)
    is_whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53) & (numbers == np.rint(numbers))
    texts = pa.array(np.where(is_whole, numbers, 0).astype(np.int64)).cast(pa.string())
    missing = pa.array(np.isnan(numbers))
    rest = pc.if_else(missing, pa.scalar(None, pa.string()), values.cast(pa.string()))
    return pc.if_else(pa.array(is_whole), texts, rest)


def quoted(texts: pa.Array) -> pa.Array:
    """Make texts fit to be shown: not too long, control characters written out, nothing for a missing one."""
    short = pc.utf8_slice_codeunits(pc.fill_null(texts, ""), 0, QUOTED)
    wild = mask_of(pc.match_substring_regex(short, r"[\pC\p{Zl}\p{Zp}]"))
    if not wild.any():
        return short
    plain = [ascii(one)[1:-1][:QUOTED] for one in short.filter(pa.array(wild)).to_pylist()]
    return pc.replace_with_mask(short, pa.array(wild), pa.array(plain, pa.string()))


def text_series(texts: pa.Array) -> pd.Series[str]:
    """Return texts as pandas has them."""
    return pd.Series(pd.array(texts, dtype="str"))
