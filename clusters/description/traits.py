"""Size and foundation of firms, summed: all that the statistics of employment and of births ask for.

Sums add, so that a register may be counted part by part, wherever its parts are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from data.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SUMS: Final = ("firms", "sized", "employment", "dated", "born")
WHOLE_YEARS: Final = 10
"""Years of the span that is taken unless one is asked for."""

FIRST, LAST = 1000, 2999


class Span(NamedTuple):
    """Years in which a firm founded counts as a birth, both ends included."""

    first: int
    last: int


def span_of(text: str) -> Span | None:
    """Read a span such as "2012:2026"; none from nothing.

    Raises
    ------
    InputError
        When it is no span of years.

    Examples
    --------
    >>> span_of("2012:2026"), span_of("")
    (Span(first=2012, last=2026), None)
    """
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*([0-9]{4})\s*:\s*([0-9]{4})\s*", text)
    span = Span(int(found[1]), int(found[2])) if found else None
    if span is None or not FIRST <= span.first <= span.last <= LAST:
        raise InputError(
            f"the span of births is {text[:60]!r}: expected a first and a last year such as 2012:2026"
        )
    return span


def last_whole_years(newest: float) -> Span | None:
    """Return the last ten years before that of the newest firm, which may not be over yet; none of none.

    Examples
    --------
    >>> last_whole_years(2025.0)
    Span(first=2015, last=2024)
    """
    if not np.isfinite(newest):
        return None
    return Span(int(newest) - WHOLE_YEARS, int(newest) - 1)


@dataclass(frozen=True, eq=False)
class Traits:
    """Firms counted by size and by whether they were founded in the span.

    Attributes
    ----------
    labels
        label, size (employees, NaN unknown), born (1 in the span, 0 not, NaN unknown), total: firms of each
        label.
    ground
        cell and `SUMS` of all firms in it: firms; those of known size (sized) and their employment; those of
        known date (dated) and those of them founded in the span (born). Cells asked for, as far as occupied.
    nation
        `SUMS` of all firms: one row.
    """

    labels: pd.DataFrame
    ground: pd.DataFrame
    nation: pd.DataFrame


def counted(firms: pd.DataFrame, carried: pd.DataFrame, cells: Iterable[int], span: Span | None) -> Traits:
    """Count firms.

    Parameters
    ----------
    firms
        cell; size and founded (a year) where they are known of any: a row a firm.
    carried
        firm (place in the table of firms), label (text or categories).
    cells
        Keys of the cells that the ground is wanted of.
    """
    size, founded = (_column(firms, name) for name in ("size", "founded"))
    known, dated = ~np.isnan(size), ~np.isnan(founded) if span else np.zeros(len(firms), dtype=bool)
    born = dated & (founded >= span.first) & (founded <= span.last) if span else dated
    sums = np.column_stack([np.ones(len(firms)), known, np.where(known, size, 0), dated, born]).astype(
        np.int64
    )
    each = pd.DataFrame(sums, columns=[*SUMS]).assign(cell=firms["cell"].to_numpy())
    asked = each[each["cell"].isin([*cells])]
    kinds = _kinds(carried, size, np.where(dated, born.astype(float), np.nan))
    return Traits(kinds, _summed(asked, ["cell"]), each[[*SUMS]].sum().to_frame().T)


def _column(firms: pd.DataFrame, name: str) -> Floats:
    nothing = np.full(len(firms), np.nan)
    return firms[name].to_numpy(dtype=float) if name in firms.columns else nothing


def _kinds(carried: pd.DataFrame, size: Floats, born: Floats) -> pd.DataFrame:
    """Count the firms of each label by size and birth.

    Firms are many, and kinds of them few: each kind has a number, and numbers are counted.
    """
    at = carried["firm"].to_numpy()
    label = pd.Categorical(carried["label"])
    sizes, births = np.unique(size), np.array([0.0, 1.0, np.nan])
    by_size = np.searchsorted(sizes, size)[at]
    by_birth = np.where(np.isnan(born), 2, born).astype(np.int64)[at]
    number = (label.codes.astype(np.int64) * max(len(sizes), 1) + by_size) * len(births) + by_birth
    found, total = np.unique(number, return_counts=True)
    rest, birth = np.divmod(found, len(births))
    code, which = np.divmod(rest, max(len(sizes), 1))
    table = pd.DataFrame(
        {
            "label": label.categories.to_numpy(dtype=object)[code],
            "size": sizes[which],
            "born": births[birth],
            "total": total,
        }
    )
    return table.astype({"label": object}).sort_values(["label", "size", "born"], ignore_index=True)


def merged(parts: Iterable[Traits]) -> Traits:
    """Add up what parts of a register count."""
    each = [*parts]
    return Traits(
        _summed(pd.concat([one.labels.astype({"label": object}) for one in each]), ["label", "size", "born"]),
        _summed(pd.concat([one.ground for one in each]), ["cell"]),
        pd.concat([one.nation for one in each])[[*SUMS]].sum().to_frame().T.astype("int64"),
    )


def _summed(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add up rows of the same keys, unknown ones included; sorted, so that the order of parts has no say."""
    summed = table.groupby(keys, observed=True, dropna=False, sort=False).sum().reset_index()
    return summed.astype({"label": object} if "label" in keys else {}).sort_values(keys, ignore_index=True)
