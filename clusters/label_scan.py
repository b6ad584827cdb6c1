"""The whole test of one label: threshold, specialised cells, groups of them, and how firm they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clusters.neighbourhood import around, cells_near, neighbourhood
from clusters.scan import components, scan
from clusters.stability import resample, returns
from clusters.threshold import chance, null_maxima, threshold, untestable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.counts import CellCounts
    from clusters.neighbourhood import Neighbourhood
    from clusters.parameters import ScanParameters
    from clusters.scan import Scores

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

NO_CELLS = pd.DataFrame(
    {
        "cell": pd.Series(dtype="int64"),
        "k": pd.Series(dtype="int64"),
        "n": pd.Series(dtype="int64"),
        "baseline": pd.Series(dtype="float64"),
        "lq": pd.Series(dtype="float64"),
        "log10_p": pd.Series(dtype="float64"),
        "group": pd.Series(dtype="int64"),
        "specialised": pd.Series(dtype="bool"),
        "frequency": pd.Series(dtype="float64"),
        "core": pd.Series(dtype="bool"),
        "label": pd.Series(dtype="object"),
    }
)
NO_GROUPS = pd.DataFrame(
    {
        "label": pd.Series(dtype="object"),
        "observed": pd.Series(dtype="int64"),
        "all_companies": pd.Series(dtype="int64"),
        "national_share": pd.Series(dtype="float64"),
        "threshold": pd.Series(dtype="float64"),
        "chance": pd.Series(dtype="float64"),
        "stability": pd.Series(dtype="float64"),
    },
    index=pd.Index([], name="group", dtype="int64"),
)


@dataclass(frozen=True)
class LabelScan:
    """One label's test.

    Attributes
    ----------
    companies
        Companies that carry the label.
    threshold
        Log10 of the tail that a cell must be below; not a number where the label was not tested.
    reason
        Why it was not tested; empty where it was.
    cells
        Cells of the clusters by key: cell, k, n, baseline, lq, log10_p, group, specialised, frequency, core.
    groups
        On group: observed and all_companies in its cells, national_share, threshold, chance, stability.
    """

    label: str
    companies: int
    threshold: float
    reason: str
    cells: pd.DataFrame
    groups: pd.DataFrame


def scan_labels(counts: CellCounts, parameters: ScanParameters) -> list[LabelScan]:
    """Test every label of the counts, in their order."""
    field = neighbourhood(counts.keys, counts.total, parameters)
    known: dict[int, Floats] = {}
    return [_scan_label(label, counts, field, parameters, known) for label in counts.labels]


def _scan_label(
    label: str, counts: CellCounts, field: Neighbourhood, parameters: ScanParameters, known: dict[int, Floats]
) -> LabelScan:
    """Test one label; `known` remembers the maxima of sizes already drawn."""
    mine = counts.of(label)
    size = int(mine.sum())
    reason = untestable(size, int(counts.total.sum()), parameters)
    if reason:
        return LabelScan(label, size, float("nan"), reason, NO_CELLS, NO_GROUPS)
    if size not in known:
        known[size] = null_maxima(size, counts.total, field, parameters)
    limit = threshold(known[size], parameters.level)
    chosen = scan(mine, counts.total, field, parameters)
    ground, group = _ground(chosen, field.keys, limit, (counts.keys, mine), parameters)
    if len(ground) == 0:
        return LabelScan(label, size, -limit, "", NO_CELLS, NO_GROUPS)
    near = around(ground, counts.keys, parameters)
    scores = scan(mine, counts.total, near, parameters)
    again = resample(label, (mine, counts.total), near, limit, parameters)
    cells = _cell_table(near.keys, scores, again, limit, parameters).assign(group=group)
    groups = _group_table(cells, again, (mine, counts), parameters)
    groups = groups.assign(
        national_share=size / counts.total.sum(),
        threshold=-limit,
        chance=[chance(-best, known[size]) for best in cells.groupby("group")["log10_p"].min()],
    )
    return LabelScan(label, size, -limit, "", cells, groups)


def _ground(
    scores: Scores, keys: Ints, limit: float, held: tuple[Ints, Ints], parameters: ScanParameters
) -> tuple[Ints, Ints]:
    """Return the cells of the clusters and the cluster of each: specialised cells that touch.

    A disc may pass though its firms stand around its central cells, not in them. So a group whose cells hold
    fewer of the label than its most striking disc takes in that disc, and what then touches is one cluster:
    no firm is in two of a label, and each cluster has at least the companies that proved it.
    """
    passed = np.flatnonzero(-scores.log10_p > limit)
    cells, k = keys[passed], scores.k[passed]
    if len(cells) == 0:
        return cells, passed
    group = components(cells)
    order = np.lexsort((cells, -k, scores.log10_p[passed]))
    _, first = np.unique(group[order], return_index=True)
    peaks = order[first]
    own = np.bincount(group, weights=_in_cells(cells, *held))
    short = np.sort(cells[peaks[own < k[peaks]]])
    ground = np.union1d(cells, cells_near(short, parameters.radius_m, parameters.cell_m))
    return ground, components(ground)


def _cell_table(
    keys: Ints, scores: Scores, again: NDArray[np.bool_], limit: float, parameters: ScanParameters
) -> pd.DataFrame:
    frequency = again.mean(axis=1) if again.shape[1] else np.full(len(keys), np.nan)
    specialised = -scores.log10_p > limit
    return pd.DataFrame(
        {
            "cell": keys,
            "k": scores.k.astype(np.int64),
            "n": scores.n.astype(np.int64),
            "baseline": scores.baseline,
            "lq": scores.lq,
            "log10_p": scores.log10_p,
            "specialised": specialised,
            "frequency": frequency,
            "core": specialised & (frequency >= parameters.core_frequency),
        }
    )


def _group_table(
    cells: pd.DataFrame,
    again: NDArray[np.bool_],
    counted: tuple[Ints, CellCounts],
    parameters: ScanParameters,
) -> pd.DataFrame:
    """Companies in the cells of each group, and how often the group returns."""
    mine, counts = counted
    keys, group = cells["cell"].to_numpy(), cells["group"].to_numpy()
    held, everyone = (_in_cells(keys, counts.keys, values) for values in (mine, counts.total))
    own = [np.flatnonzero(group == number) for number in range(int(group.max()) + 1)]
    return pd.DataFrame(
        {
            "observed": [int(held[rows].sum()) for rows in own],
            "all_companies": [int(everyone[rows].sum()) for rows in own],
            "stability": [returns(again[rows], keys[rows], held[rows], parameters) for rows in own],
        },
        index=pd.RangeIndex(len(own), name="group"),
    )


def _in_cells(wanted: Ints, keys: Ints, values: Ints) -> Ints:
    """Return the counts of the wanted cells, 0 where a cell is not occupied."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
