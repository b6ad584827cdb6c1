"""How often a cluster comes back when the firms are resampled.

Each resample gives every company a Poisson(1) weight, the bootstrap for data that only need counting (Hanley
and MacGibbon, 2006). The weights of k companies sum to a Poisson(k) number, so a cell's count of the label
and of the others are drawn straight from the counts. The specialised cells are then tested again with the
same thresholds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from clusters.neighbourhood import cumulate, disc_matrix
from clusters.scan import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.neighbourhood import Neighbourhood
    from clusters.parameters import ScanParameters

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

BLOCK = 10_000_000
"""Most numbers (cells times resamples) held at a time."""


def resample(
    name: str, counts: tuple[Ints, Ints], around: Neighbourhood, threshold: float, parameters: ScanParameters
) -> NDArray[np.bool_]:
    """Return whether each cell is specialised again in each resample, shape (centres, resamples).

    Parameters
    ----------
    name
        The label; with the seed it decides the draws, so other labels have no say in them.
    counts
        Companies of the label and in all in the occupied cells, each of shape (cells,).
    around
        Neighbourhood of the cells to test.
    threshold
        Statistic that a cell must exceed.
    """
    label, total = counts
    draws = np.random.default_rng([parameters.seed, crc32(name.encode())])
    height = max(len(total), len(around.keys), 1)
    blocks = [np.zeros((len(around.keys), 0), dtype=bool)]
    for wanted in _blocks(parameters.resamples, max(1, BLOCK // height)):
        # One resample at a time keeps the stream of draws independent of the size of a block.
        maps = np.array([(draws.poisson(label), draws.poisson(total - label)) for _ in range(wanted)])
        blocks.append(_again(maps[:, 0].T, maps.sum(axis=1).T, around, parameters) > threshold)
    return np.hstack(blocks)


def _blocks(number: int, most: int) -> list[int]:
    """Sizes of the blocks that a number of resamples is done in."""
    return [min(most, number - start) for start in range(0, number, most)]


def _again(label: Ints, total: Ints, around: Neighbourhood, parameters: ScanParameters) -> Floats:
    """Statistic of each cell in each resample, of counts (cells, resamples)."""
    share = label.sum(axis=0) / np.maximum(total.sum(axis=0), 1)
    k, n = (around.disc @ cumulate(maps) for maps in (label, total))
    wide_k, wide_n = (around.wide @ cumulate(maps) for maps in (label, total))
    scores = score((k, n), (wide_k - k, wide_n - n), np.broadcast_to(share, k.shape), parameters)
    return -scores.log10_p


def returns(again: NDArray[np.bool_], cells: Ints, firms: Ints, parameters: ScanParameters) -> float:
    """Return the share of resamples in which a cluster comes back.

    It is back when the discs of its cells that are specialised again hold at least `overlap` of its firms.

    Parameters
    ----------
    again
        Whether each cell is specialised in each resample, shape (cells, resamples).
    cells
        Sorted keys of the cluster's cells, shape (cells,).
    firms
        Companies of the label in each, shape (cells,).
    """
    if again.shape[1] == 0:
        return float("nan")
    # Distance works both ways: a firm is held when any cell in the disc around it is back.
    disc = disc_matrix(cells, cells, parameters.radius_m, parameters.cell_m)
    held = disc @ cumulate(again.astype(np.int64)) > 0
    back = firms @ held >= parameters.overlap * firms.sum() - 1e-9
    return float(back.mean())
