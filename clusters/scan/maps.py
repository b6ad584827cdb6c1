"""Shuffled maps: a label's companies drawn from all, and the peaks of four such maps at a time.

Four maps share a word: the counts of each stand in a lane of sixteen bits (two in lanes of 32 where a disc
may hold more). Sums over discs are differences of
running sums, exact whatever overflows on the way, as long as what a disc holds fits into a lane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clusters.scan.compiled import compiled, inlined
from clusters.scan.grid import ONE, WORD, around, below, ones
from clusters.scan.kernels import HIGHEST, Ground, Rule, floor_share, hopeful, ring_shares, statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clusters.scan.grid import Grid, Words
    from clusters.scan.kernels import Own

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Whole = int | np.integer[Any]


class Lanes(NamedTuple):
    """How many maps share a word, and in how many bits each: enough for what a disc may hold."""

    maps: int
    bits: int


NARROW, WIDE = Lanes(4, 16), Lanes(2, 32)


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
        return ones(bits[low] & below(last) & ~below(first))
    total = ones(bits[low] & ~below(first)) + ones(bits[high] & below(last))
    for word in range(low + 1, high):
        total += ones(bits[word])
    return total


@compiled
def cells_with(sums: Any, lanes: Lanes, number: int, least: int) -> int:
    """Return how many cells have a largest disc that holds so many companies of one of the maps."""
    shift, mask = np.uint64(lanes.bits * number), (ONE << np.uint64(lanes.bits)) - ONE
    found = 0
    for word in sums[-1]:
        if np.int64((word >> shift) & mask) >= least:
            found += 1
    return found


@compiled
def striking(  # noqa: PLR0917 (numba takes arguments by position)
    ground: Ground,
    sums: Any,
    lanes: Lanes,
    number: int,
    n: Any,
    wide: Ints,
    own: Own,
    rule: Rule,
    above: float,
) -> tuple[Ints, Floats]:
    """Return the cells of one of the maps with a statistic above a value, and the largest at each.

    Parameters
    ----------
    sums, n
        Counts of the maps that share words, and of all companies, in each disc, shape (radii, cells).
    wide
        All companies in the wide disc around each cell, -1 where not yet known: filled in here.
    """
    shift, mask = np.uint64(lanes.bits * number), (ONE << np.uint64(lanes.bits)) - ONE
    radii, size = sums.shape
    found, values = np.empty(size, np.int64), np.empty(size)
    used = 0
    for cell in range(size):
        # No disc holds more than the largest.
        if np.int64((sums[radii - 1, cell] >> shift) & mask) < rule.min_firms:
            continue
        best = above
        wide_k: Whole = np.int64(-1)
        for j in range(radii):
            k, many = np.int64((sums[j, cell] >> shift) & mask), np.int64(n[j, cell])
            if k < rule.min_firms:
                continue
            floor = floor_share(ground, own, cell, k, many, rule)
            if not hopeful(k, many, floor, rule, best):
                continue
            if wide_k < 0:
                wide_k = around(ground.grid, own.running, cell, ground.ring)
                if wide[cell] < 0:
                    wide[cell] = around(ground.grid, ground.everyone, cell, ground.ring)
            _, ring = ring_shares(ground, own, cell, k, many, wide_k, wide[cell], rule)
            best = max(best, statistic(k, many, min(HIGHEST, max(floor, ring)), rule))
        if best > above:
            found[used], values[used] = cell, best
            used += 1
    return found[:used], values[:used]


@compiled
def groups_of(rows: Ints, columns: Ints, link: int) -> Ints:
    """Return the group of each of some places, those within `link` rows and columns being in one.

    Parameters
    ----------
    rows, columns
        Of each place, sorted by row.

    Returns
    -------
    array
        Number of a place of the same group, the same for all of a group.
    """
    size = len(rows)
    head = np.arange(size)
    for i in range(size):
        for j in range(i + 1, size):
            if rows[j] - rows[i] > link:
                break
            if abs(columns[j] - columns[i]) <= link:
                a, b = i, j
                while head[a] != a:
                    head[a] = head[head[a]]
                    a = head[a]
                while head[b] != b:
                    head[b] = head[head[b]]
                    b = head[b]
                head[max(a, b)] = min(a, b)
    for i in range(size):
        head[i] = head[head[i]]
    return head


@compiled
def peaks(grid: Grid, cells: Ints, values: Floats, link: int) -> Floats:
    """Return the largest value of each group of some cells, ascending order of their first cells."""
    head = groups_of(grid.rows[cells], grid.columns[cells], link)
    largest = np.zeros(len(cells))
    for i in range(len(cells)):
        largest[head[i]] = max(largest[head[i]], values[i])
    tops: Floats = largest[head == np.arange(len(cells))]
    return tops
