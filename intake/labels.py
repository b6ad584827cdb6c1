"""Labels of a register's firms: the column of sectors, of which a firm may have none, one or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class Labelling(NamedTuple):
    """Labels of some firms.

    Attributes
    ----------
    firm, label
        One element for each label of each firm: place of the firm, and of the label in `names`; ordered by
        firm, then label.
    names
        Labels, sorted.
    bare
        Firms without a label.
    """

    firm: NDArray[np.int32]
    label: NDArray[np.int32]
    names: tuple[str, ...]
    bare: int


def labels_of(column: pa.ChunkedArray, kept: Ints) -> Labelling:
    """Return the labels of the rows kept: texts parted by semicolons, or lists of such texts."""
    values = whole(column)
    if len(kept) < len(values):
        values = values.take(pa.array(kept))
    is_list = pa.types.is_list(values.type)
    owner = pc.list_parent_indices(values).to_numpy() if is_list else np.arange(len(values))
    texts = values.flatten() if is_list else values
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    codes = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    used = np.flatnonzero(np.bincount(codes + 1)[1:])
    names, sizes, labels = _split(encoded.dictionary.to_pylist(), used)
    # The last size, 0, is that of a missing text, whose code is -1.
    count = sizes[codes]
    firm = np.repeat(owner, count)
    starts = np.concatenate([[0], np.cumsum(sizes)])[codes]
    within = np.arange(len(firm)) - np.repeat(np.cumsum(count) - count, count)
    label = labels[np.repeat(starts, count) + within]
    if is_list:
        # Two texts of one list may hold one label: each pair once.
        pairs = np.unique(firm.astype(np.int64) * max(len(names), 1) + label)
        firm, label = np.divmod(pairs, max(len(names), 1))
    bare = len(kept) - len(np.unique(firm)) if is_list else int((count == 0).sum())
    return Labelling(firm.astype(np.int32), label.astype(np.int32), names, bare)


def _split(texts: Sequence[str | None], used: Ints) -> tuple[tuple[str, ...], Ints, Ints]:
    """Split distinct texts into labels, each once a text.

    Returns
    -------
    tuple
        Names in sorted order; how many labels each text has, and 0 at the end; the labels' numbers, text
        after text, ascending in each.
    """
    pieces = {at: {piece.strip() for piece in (texts[at] or "").split(";")} - {""} for at in used.tolist()}
    names = tuple(sorted(set().union(*pieces.values())))
    number = {name: at for at, name in enumerate(names)}
    sizes = np.zeros(len(texts) + 1, dtype=np.int64)
    sizes[used] = [len(own) for own in pieces.values()]
    labels = [at for own in pieces.values() for at in sorted(number[name] for name in own)]
    return names, sizes, np.array(labels, dtype=np.int64)
