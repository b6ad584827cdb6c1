"""The inner loops of the scan, compiled by numba: sums over discs, random maps, tails, best statistics.

A cell is known by its number among the occupied cells, which are sorted row by row. A disc is a stack of
runs, one a row. Over the occupied cells a run is the stretch between the ranks of its ends, and the rank of a
place (how many occupied cells come before it) is read off a bit map with a running count a word: 3/16 of a
byte a cell of land or sea, so that the whole of Britain stays in the processor's cache.

Everything here works on plain arrays, releases the interpreter's lock, and is exact in whole numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clusters.scan.compiled import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]
    Floats = NDArray[np.float64]
    Whole = int | np.integer[Any]

WORD = 64
ONE = np.uint64(1)
LOG10 = math.log(10.0)
LAST_TERM = 1e-16
"""Terms of a tail below this share of its sum change no digit that is kept."""

SLACK = 1 - 1e-9
"""Rounding allowed when a location quotient is compared with its minimum."""


class Grid(NamedTuple):
    """Occupied cells on their grid; rows and columns count from 0 at a corner that no disc reaches.

    Attributes
    ----------
    rows, columns
        Of each occupied cell, shape (cells,); sorted by row, then column.
    bits
        A bit a place, set where a cell is occupied; `words` words a row.
    before
        Occupied cells before each word, shape (rows of the grid * words + 1,).
    words
        Words in a row of the grid.
    """

    rows: Ints
    columns: Ints
    bits: Words
    before: NDArray[np.int32]
    words: int


class Rule(NamedTuple):
    """What a cell has to reach, and how the baseline is made; see `ScanParameters`."""

    min_firms: int
    min_lq: float
    prior: float


@inlined
def _ones(word: np.uint64) -> np.int64:
    """Return how many bits of a word are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inlined
def _below(place: Whole) -> np.uint64:
    """Return a word with all bits set that come before the place's own."""
    return (ONE << np.uint64(place & 63)) - ONE


@compiled
def bit_map(places: Ints, size: int) -> tuple[Words, NDArray[np.int32]]:
    """Return a map of `size` words with the bits of the places set, and the bits set before each word."""
    bits = np.zeros(size, np.uint64)
    for place in places:
        bits[place >> 6] |= ONE << np.uint64(place & 63)
    before = np.zeros(size + 1, np.int32)
    for word in range(size):
        before[word + 1] = before[word] + _ones(bits[word])
    return bits, before


@inlined
def _rank(grid: Grid, row: Whole, column: Whole) -> Whole:
    """Return how many occupied cells come before a place."""
    word = row * grid.words + (column >> 6)
    return np.int64(grid.before[word]) + _ones(np.uint64(grid.bits[word]) & _below(column))


@compiled
def spread(grid: Grid, cells: Ints, counts: Ints, widths: Ints) -> NDArray[np.int32]:
    """Return the counts summed over the disc around every occupied cell, shape (cells,).

    Discs are symmetric, so each count is given to all cells whose disc holds its cell: as a step up where
    their stretch begins and a step down where it ends.

    Parameters
    ----------
    cells, counts
        Numbers of the cells that hold anything, and what they hold.
    widths
        Half widths of the disc's runs, in cells, from its southern to its northern end.
    """
    out = np.zeros(len(grid.rows) + 1, np.int32)
    reach = len(widths) // 2
    for i in range(len(cells)):
        row, column, count = grid.rows[cells[i]] - reach, grid.columns[cells[i]], counts[i]
        for j in range(len(widths)):
            out[_rank(grid, row + j, column - widths[j])] += count
            out[_rank(grid, row + j, column + widths[j] + 1)] -= count
    for i in range(1, len(out)):
        out[i] += out[i - 1]
    return out[:-1]


@inlined
def _around(grid: Grid, running: Ints, cell: Whole, widths: Ints) -> Whole:
    """Return the sum over the disc around one cell, of counts given as running sums."""
    row, column = grid.rows[cell] - len(widths) // 2, grid.columns[cell]
    total = 0
    for j in range(len(widths)):
        total += running[_rank(grid, row + j, column + widths[j] + 1)]
        total -= running[_rank(grid, row + j, column - widths[j])]
    return total


@compiled
def sums_around(grid: Grid, running: Ints, cells: Ints, widths: Ints) -> Ints:
    """Return the sums over the discs around some cells, shape (len(cells),)."""
    out = np.empty(len(cells), np.int64)
    for i in range(len(cells)):
        out[i] = _around(grid, running, cells[i], widths)
    return out


@compiled
def log10_tail(k: Whole, n: Whole, share: float) -> float:
    """Return log10 of P(X >= k) for X binomial(n, share) with n share < k <= n, by summing the tail.

    The terms fall at least geometrically from k on, so few are needed, and nothing underflows.
    """
    if share >= 1:
        return 0.0
    first = math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
    first += k * math.log(share) + (n - k) * math.log1p(-share)
    odds = share / (1 - share)
    part, whole, i = 1.0, 1.0, k
    while i < n and part > LAST_TERM * whole:
        part *= (n - i) / (i + 1.0) * odds
        whole += part
        i += 1
    return min(0.0, (first + math.log(whole)) / LOG10)


@inlined
def _most(k: Whole, n: Whole, share: float) -> float:
    """Return a bound that -log10 of the tail cannot exceed: the tail is at least its first term.

    C(n, k) is at least exp(n H(k / n)) / sqrt(8 n (k / n) (1 - k / n)) (Ash, 1965, Information Theory, lemma
    4.7.1), with H the entropy in nats.
    """
    if k == n:
        return -n * math.log(share) / LOG10
    part = k / n
    distance = part * math.log(part / share) + (1 - part) * math.log((1 - part) / (1 - share))
    return (n * distance + 0.5 * math.log(8 * n * part * (1 - part))) / LOG10


@inlined
def _baseline(ring_k: Whole, ring_n: Whole, share: float, prior: float) -> float:
    """Return the larger of the national share and the ring's, the latter with `prior` firms at the former."""
    weight = ring_n + prior
    return max(share, (ring_k + prior * share) / weight) if weight > 0 else share


@inlined
def _hopeful(k: Whole, n: Whole, share: float, rule: Rule, above: float) -> bool:
    """Say whether a disc could have a statistic above a value, whatever its ring holds."""
    if k < rule.min_firms or k < rule.min_lq * SLACK * share * n:
        return False
    return _most(k, n, share) > above


@compiled
def hopeful_cells(
    discs: NDArray[np.int32], n: NDArray[np.int32], share: float, rule: Rule, above: float
) -> NDArray[np.bool_]:
    """Return which cells could exceed a statistic in some disc; discs and n have the shape (radii, cells)."""
    found = np.zeros(discs.shape[1], np.bool_)
    for radius in range(discs.shape[0]):
        for cell in range(discs.shape[1]):
            if not found[cell]:
                found[cell] = _hopeful(discs[radius, cell], n[radius, cell], share, rule, above)
    return found


@inlined
def _statistic(k: Whole, n: Whole, baseline: float, rule: Rule) -> float:
    """Return -log10 of the tail, 0 where the count or the quotient is below its minimum."""
    if k < rule.min_firms or k < rule.min_lq * SLACK * baseline * n:
        return 0.0
    return -log10_tail(k, n, baseline)


@compiled
def best_of_map(  # noqa: PLR0917 (numba takes arguments by position)
    grid: Grid,
    discs: NDArray[np.int32],
    n: NDArray[np.int32],
    running: Ints,
    everyone: Ints,
    ring: Ints,
    rule: Rule,
) -> float:
    """Return the largest statistic of a map over all cells and discs; 0 when none reaches the minimum.

    Rings are summed, and tails computed, only where the bound leaves hope of a larger one.

    Parameters
    ----------
    discs, n
        Companies of the label, and in all, in each disc, shape (radii, cells).
    running, everyone
        Running sums of the label's companies and of all over the occupied cells, shape (cells + 1,).
    ring
        Half widths of the wide disc, which holds disc and ring.
    """
    share = running[-1] / everyone[-1]
    best = 0.0
    for radius in range(discs.shape[0]):
        for cell in range(discs.shape[1]):
            k, many = discs[radius, cell], n[radius, cell]
            if not _hopeful(k, many, share, rule, best):
                continue
            ring_k = _around(grid, running, cell, ring) - k
            ring_n = _around(grid, everyone, cell, ring) - many
            best = max(best, _statistic(k, many, _baseline(ring_k, ring_n, share, rule.prior), rule))
    return best


@compiled
def score_cells(  # noqa: PLR0917 (numba takes arguments by position)
    grid: Grid,
    cells: Ints,
    widths: tuple[Ints, ...],
    ring: Ints,
    running: Ints,
    everyone: Ints,
    rule: Rule,
    above: float,
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Score some cells by the disc that is most striking at each; shapes (len(cells),).

    Parameters
    ----------
    widths
        Half widths of the runs of each disc, smallest disc first.
    above
        Statistics at or below this are not computed: such a cell may come back with its statistic at 0 and,
        unless this is 0, with its baseline at 0.

    Returns
    -------
    tuple of arrays
        Number of the disc in `widths`, companies of the label and in all in it, the baseline, and the
        statistic (-log10 of the tail, 0 where no disc reaches the minima). Where none does, the disc is the
        one with the largest share of the label.
    """
    size = len(cells)
    disc, k, n = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    baseline, statistic = np.zeros(size), np.zeros(size)
    share = running[-1] / everyone[-1]
    for i in range(size):
        cell = cells[i]
        wide_k: Whole = np.int64(-1)
        wide_n: Whole = np.int64(-1)
        quotient = -1.0
        for j in range(len(widths)):
            own_k = _around(grid, running, cell, widths[j])
            own_n = _around(grid, everyone, cell, widths[j])
            plain = own_k / own_n if own_n > 0 else 0.0
            if statistic[i] == 0 and plain > quotient:
                quotient = plain
                disc[i], k[i], n[i] = j, own_k, own_n
            # The ring is the dear part: most cells have no disc that is worth one.
            if not _hopeful(own_k, own_n, share, rule, max(above, statistic[i])):
                continue
            if wide_n < 0:
                wide_k = _around(grid, running, cell, ring)
                wide_n = _around(grid, everyone, cell, ring)
            base = _baseline(wide_k - own_k, wide_n - own_n, share, rule.prior)
            reached = _statistic(own_k, own_n, base, rule)
            if reached > statistic[i]:
                disc[i], k[i], n[i], baseline[i], statistic[i] = j, own_k, own_n, base, reached
        if statistic[i] == 0 and above == 0:
            wide_k = _around(grid, running, cell, ring)
            wide_n = _around(grid, everyone, cell, ring)
            baseline[i] = _baseline(wide_k - k[i], wide_n - n[i], share, rule.prior)
    return disc, k, n, baseline, statistic


@compiled
def take(everyone: Ints, picks: Ints, size: int) -> tuple[Ints, Ints, int]:
    """Return a draw of companies without replacement, counted by cell: cells, counts, companies drawn.

    Picks that repeat are passed over, which is drawing without replacement. When the picks run out early
    fewer than `size` are drawn.

    Parameters
    ----------
    everyone
        Running sums of all companies over the occupied cells, shape (cells + 1,).
    picks
        Random numbers from 0 to the number of all companies, less one.
    """
    chosen = np.zeros(everyone[-1] // WORD + 2, np.uint64)
    drawn = 0
    for pick in picks:
        if drawn == size:
            break
        word, bit = pick >> 6, ONE << np.uint64(pick & 63)
        if chosen[word] & bit == 0:
            chosen[word] |= bit
            drawn += 1
    cells, counts, used = np.empty(len(everyone) - 1, np.int64), np.empty(len(everyone) - 1, np.int64), 0
    for cell in range(len(everyone) - 1):
        inside = _set_between(chosen, everyone[cell], everyone[cell + 1])
        if inside:
            cells[used], counts[used] = cell, inside
            used += 1
    return cells[:used], counts[:used], drawn


@inlined
def _set_between(bits: Words, first: Whole, last: Whole) -> Whole:
    """Return how many bits are set from the first place up to, not including, the last."""
    low, high = first >> 6, last >> 6
    if low == high:
        return _ones(bits[low] & _below(last) & ~_below(first))
    total = _ones(bits[low] & ~_below(first)) + _ones(bits[high] & _below(last))
    for word in range(low + 1, high):
        total += _ones(bits[word])
    return total
