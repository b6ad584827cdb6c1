"""The inner loops of the scan, compiled by numba: baselines, and the most striking disc of each cell.

Everything here works on plain arrays and releases the interpreter's lock; counts are exact whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clusters.scan.compiled import compiled, inlined
from clusters.scan.grid import Grid, Runs, around, in_disc
from clusters.scan.tail import log10_tail, most

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Whole = int | np.integer[Any]

SLACK = 1 - 1e-9
"""Rounding allowed when a location quotient is compared with its minimum."""

HIGHEST = 0.999
"""A baseline is never above this share."""


class Rule(NamedTuple):
    """What a cell has to reach, and how its baseline is made; see `ScanParameters`."""

    min_firms: int
    min_lq: float
    window_prior: float
    ring_prior: float
    kind_prior: float = 0.0


class Ground(NamedTuple):
    """All companies, and where they are.

    Attributes
    ----------
    grid, stretches
        Where the occupied cells are, and the discs around them.
    everyone
        Running sums of all companies over the cells, shape (cells + 1,).
    ring
        Half widths of the wide disc, which holds disc and ring.
    kinds
        Kind of place of each cell, by each measure of density, shape (measures, cells).
    kind_sizes
        All companies in each kind of place, shape (measures, most kinds).
    square
        Wide square that each cell lies in, shape (cells,).
    near
        Wide squares at and around each, -1 where none is occupied, shape (squares, 9).
    window
        All companies in each wide square and the eight around it, shape (squares,).
    """

    grid: Grid
    stretches: Runs
    everyone: Ints
    ring: Ints
    kinds: NDArray[np.int16]
    kind_sizes: Ints
    square: NDArray[np.int32]
    near: NDArray[np.int32]
    window: Ints


class Own(NamedTuple):
    """Companies of one label, and what they make of the ground.

    Attributes
    ----------
    running
        Running sums of its companies over the cells, shape (cells + 1,).
    share
        Its share among all companies.
    in_kind
        Its companies in each kind of place, shape (measures, most kinds).
    window
        Its companies in each wide square and the eight around it, shape (squares,).
    """

    running: Ints
    share: float
    in_kind: Ints
    window: Ints


@compiled
def windows(near: NDArray[np.int32], own: Ints) -> Ints:
    """Return the sums of what squares hold over each and those around it."""
    out = np.zeros(len(near), np.int64)
    for square in range(len(near)):
        for beside in near[square]:
            if beside >= 0:
                out[square] += own[beside]
    return out


@compiled
def owned(ground: Ground, cells: Ints, counts: Ints) -> Own:
    """Return what a label makes of the ground, from the cells that hold any of it and how many they hold."""
    size, measures = len(ground.square), len(ground.kinds)
    running = np.zeros(size + 1, np.int64)
    in_kind = np.zeros(ground.kind_sizes.shape, np.int64)
    in_square = np.zeros(len(ground.window), np.int64)
    for i in range(len(cells)):
        running[cells[i] + 1] = counts[i]
        in_square[ground.square[cells[i]]] += counts[i]
        for measure in range(measures):
            in_kind[measure, ground.kinds[measure, cells[i]]] += counts[i]
    for cell in range(size):
        running[cell + 1] += running[cell]
    share = running[-1] / ground.everyone[-1]
    return Own(running, share, in_kind, windows(ground.near, in_square))


@inlined
def kind_share(  # noqa: PLR0917 (numba takes arguments by position)
    ground: Ground, own: Own, cell: Whole, k: Whole, n: Whole, rule: Rule
) -> float:
    """Return the share among places of the same kind without the disc, the largest of all measures.

    Each is drawn towards the national share by `kind_prior` companies. A disc is not compared with itself:
    where a kind is found hardly anywhere else, the national share decides.
    """
    largest = 0.0
    for measure in range(len(ground.kinds)):
        kind = ground.kinds[measure, cell]
        many = max(0, ground.kind_sizes[measure, kind] - n) + rule.kind_prior
        if many > 0:
            some = max(0, own.in_kind[measure, kind] - k) + rule.kind_prior * own.share
            largest = max(largest, some / many)
    return largest


@inlined
def floor_share(  # noqa: PLR0917 (numba takes arguments by position)
    ground: Ground, own: Own, cell: Whole, k: Whole, n: Whole, rule: Rule
) -> float:
    """Return the share that a disc is compared with at least: national, or among places of its kind."""
    return min(HIGHEST, max(own.share, kind_share(ground, own, cell, k, n, rule)))


@inlined
def ring_shares(  # noqa: PLR0917 (numba takes arguments by position)
    ground: Ground, own: Own, cell: Whole, k: Whole, n: Whole, wide_k: Whole, wide_n: Whole, rule: Rule
) -> tuple[float, float]:
    """Return the share in the wide window without the disc, and that in the ring, shrunk towards it.

    The window is drawn towards the national share by `window_prior` companies, the ring towards the window by
    `ring_prior`.
    """
    square = ground.square[cell]
    many = max(0, ground.window[square] - n) + rule.window_prior
    window = own.share
    if many > 0:
        window = (max(0, own.window[square] - k) + rule.window_prior * own.share) / many
    weight = wide_n - n + rule.ring_prior
    ring = window
    if weight > 0:
        ring = (wide_k - k + rule.ring_prior * window) / weight
    return window, ring


@inlined
def statistic(k: Whole, n: Whole, baseline: float, rule: Rule) -> float:
    """Return -log10 of the tail, 0 where the count or the quotient is below its minimum."""
    if k < rule.min_firms or k < rule.min_lq * SLACK * baseline * n:
        return 0.0
    return -log10_tail(k, n, baseline)


@inlined
def hopeful(k: Whole, n: Whole, share: float, rule: Rule, above: float) -> bool:
    """Say whether a disc could have a statistic above a value, at that baseline or a larger one."""
    if k < rule.min_firms or k < rule.min_lq * SLACK * share * n:
        return False
    return most(k, n, share) > above


@compiled
def hopeful_cells(  # noqa: PLR0917 (numba takes arguments by position)
    ground: Ground, own: Own, discs: Any, n: Any, rule: Rule, above: float
) -> NDArray[np.bool_]:
    """Return which cells could exceed a statistic in some disc; discs and n have the shape (radii, cells)."""
    found = np.zeros(discs.shape[1], np.bool_)
    for radius in range(discs.shape[0]):
        for cell in range(discs.shape[1]):
            k, many = discs[radius, cell], n[radius, cell]
            if not found[cell] and k >= rule.min_firms:
                found[cell] = hopeful(k, many, floor_share(ground, own, cell, k, many, rule), rule, above)
    return found


@compiled
def score_cells(
    ground: Ground, own: Own, cells: Ints, rule: Rule, above: float
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Score some cells by the disc that is most striking at each; shapes (len(cells),).

    Parameters
    ----------
    above
        Statistics at or below this are not computed: such a cell may come back with its statistic at 0 and,
        unless this is 0, with its baseline at 0.

    Returns
    -------
    tuple of arrays
        Number of the disc, companies of the label and in all in it, the baseline, and the statistic (-log10
        of the tail, 0 where no disc reaches the minima). Where none does, the disc is the one with the
        largest share of the label.
    """
    size, radii = len(cells), ground.stretches.offsets.shape[0]
    disc, k, n = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    baseline, best = np.zeros(size), np.zeros(size)
    for i in range(size):
        cell = cells[i]
        wide_k: Whole = np.int64(-1)
        wide_n: Whole = np.int64(-1)
        quotient = -1.0
        for j in range(radii):
            own_k = in_disc(ground.stretches, own.running, j, cell)
            own_n = in_disc(ground.stretches, ground.everyone, j, cell)
            plain = own_k / own_n if own_n > 0 else 0.0
            if best[i] == 0 and plain > quotient:
                quotient = plain
                disc[i], k[i], n[i] = j, own_k, own_n
            # The ring is the dear part: most cells have no disc that is worth one.
            floor = floor_share(ground, own, cell, own_k, own_n, rule)
            if not hopeful(own_k, own_n, floor, rule, max(above, best[i])):
                continue
            if wide_n < 0:
                wide_k = around(ground.grid, own.running, cell, ground.ring)
                wide_n = around(ground.grid, ground.everyone, cell, ground.ring)
            _, ring = ring_shares(ground, own, cell, own_k, own_n, wide_k, wide_n, rule)
            base = min(HIGHEST, max(floor, ring))
            reached = statistic(own_k, own_n, base, rule)
            if reached > best[i]:
                disc[i], k[i], n[i], baseline[i], best[i] = j, own_k, own_n, base, reached
        if best[i] == 0 and above == 0:
            wide_k = around(ground.grid, own.running, cell, ground.ring)
            wide_n = around(ground.grid, ground.everyone, cell, ground.ring)
            _, ring = ring_shares(ground, own, cell, k[i], n[i], wide_k, wide_n, rule)
            floor = floor_share(ground, own, cell, k[i], n[i], rule)
            baseline[i] = min(HIGHEST, max(floor, ring))
    return disc, k, n, baseline, best


@compiled
def surroundings(  # noqa: PLR0917 (numba takes arguments by position)
    ground: Ground, own: Own, cells: Ints, k: Ints, n: Ints, rule: Rule
) -> tuple[Floats, Floats, Floats]:
    """Return the shares that the baselines of some discs are made of.

    That among places of the same kinds, that in the wide window, and that in the ring, all without the disc.
    """
    kind, window, ring = np.zeros(len(cells)), np.zeros(len(cells)), np.zeros(len(cells))
    for i in range(len(cells)):
        kind[i] = kind_share(ground, own, cells[i], k[i], n[i], rule)
        wide_k = around(ground.grid, own.running, cells[i], ground.ring)
        wide_n = around(ground.grid, ground.everyone, cells[i], ground.ring)
        window[i], ring[i] = ring_shares(ground, own, cells[i], k[i], n[i], wide_k, wide_n, rule)
    return kind, window, ring


@compiled
def short_by(k: Whole, n: Whole, baseline: float, rule: Rule, limit: float) -> int:
    """Return the fewest companies of the label that, added to a disc, would lift it above a statistic.

    -1 where no number would: the label is so common that its quotient cannot be reached.
    """
    if rule.min_lq * baseline >= 1:
        return -1
    # Each company more lowers the tail and raises the quotient, so it can be closed in on: near the largest
    # share that can be tested it takes billions.
    low, high = -1, 0
    while statistic(k + high, n + high, baseline, rule) <= limit:
        low, high = high, 2 * high + 1
    while high - low > 1:
        middle = (low + high) // 2
        if statistic(k + middle, n + middle, baseline, rule) > limit:
            high = middle
        else:
            low = middle
    return high
