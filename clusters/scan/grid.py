"""Occupied cells on their grid, and sums over discs around them; compiled by numba.

A cell is known by its number among the occupied cells, which are sorted row by row. A disc is a stack of
runs, one a row. Over the occupied cells a run is the stretch between the ranks of its ends, and the rank of a
place (how many occupied cells come before it) is read off a bit map with a running count a word: 3/16 of a
byte a cell of land or sea, so that the whole of Britain stays in the processor's cache.

Everything here works on plain arrays, releases the interpreter's lock, and is exact in whole numbers.
"""

from __future__ import annotations

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


@inlined
def ones(word: np.uint64) -> np.int64:
    """Return how many bits of a word are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inlined
def below(place: Whole) -> np.uint64:
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
        before[word + 1] = before[word] + ones(bits[word])
    return bits, before


@inlined
def rank(grid: Grid, row: Whole, column: Whole) -> Whole:
    """Return how many occupied cells come before a place."""
    word = row * grid.words + (column >> 6)
    return np.int64(grid.before[word]) + ones(np.uint64(grid.bits[word]) & below(column))


class Runs(NamedTuple):
    """Stretches of occupied cells that make up the disc around every cell; empty ones are left out.

    Discs are symmetric, so that the stretches around a cell are also where its own count belongs.

    Attributes
    ----------
    offsets
        Where the stretches of a cell begin, shape (radii, cells + 1).
    first, last
        Numbers of the first cell of each stretch and of the one behind its last.
    """

    offsets: Ints
    first: NDArray[np.int32]
    last: NDArray[np.int32]


@compiled
def runs(grid: Grid, discs: tuple[Ints, ...]) -> Runs:
    """Return the stretches of some discs, given the half widths of their runs from south to north."""
    size = len(grid.rows)
    offsets = np.zeros((len(discs), size + 1), np.int64)
    many = 0
    for j in range(len(discs)):
        widths = discs[j]
        reach = len(widths) // 2
        for cell in range(size):
            offsets[j, cell] = many
            for i in range(len(widths)):
                row, column = grid.rows[cell] - reach + i, grid.columns[cell]
                if rank(grid, row, column + widths[i] + 1) > rank(grid, row, column - widths[i]):
                    many += 1
        offsets[j, size] = many
    first, last = np.empty(many, np.int32), np.empty(many, np.int32)
    used = 0
    for j in range(len(discs)):
        widths = discs[j]
        reach = len(widths) // 2
        for cell in range(size):
            for i in range(len(widths)):
                row, column = grid.rows[cell] - reach + i, grid.columns[cell]
                start, stop = rank(grid, row, column - widths[i]), rank(grid, row, column + widths[i] + 1)
                if stop > start:
                    first[used], last[used] = start, stop
                    used += 1
    return Runs(offsets, first, last)


@inlined
def in_disc(stretches: Runs, running: Any, radius: Whole, cell: Whole) -> Any:
    """Return the sum over a disc around a cell, of counts given as running sums (of whatever whole type)."""
    total = running[0] - running[0]
    for i in range(stretches.offsets[radius, cell], stretches.offsets[radius, cell + 1]):
        total += running[stretches.last[i]] - running[stretches.first[i]]
    return total


@compiled
def gathered(stretches: Runs, running: Any) -> Any:
    """Return the sums over all discs around every cell, shape (radii, cells)."""
    radii, size = stretches.offsets.shape[0], stretches.offsets.shape[1] - 1
    out = np.empty((radii, size), running.dtype)
    for j in range(radii):
        for cell in range(size):
            out[j, cell] = in_disc(stretches, running, j, cell)
    return out


@compiled
def spread(stretches: Runs, cells: Ints, counts: Any) -> Any:
    """Return what `gathered` does, of counts in a few cells, each given to all whose disc holds its own.

    Parameters
    ----------
    cells, counts
        Numbers of the cells that hold anything, and what they hold.
    """
    radii, size = stretches.offsets.shape[0], stretches.offsets.shape[1] - 1
    out = np.zeros((radii, size + 1), counts.dtype)
    for j in range(radii):
        for i in range(len(cells)):
            for k in range(stretches.offsets[j, cells[i]], stretches.offsets[j, cells[i] + 1]):
                out[j, stretches.first[k]] += counts[i]
                out[j, stretches.last[k]] -= counts[i]
        for cell in range(1, size):
            out[j, cell] += out[j, cell - 1]
    return out[:, :-1]


@inlined
def around(grid: Grid, running: Ints, cell: Whole, widths: Ints) -> Whole:
    """Return the sum over the disc around one cell, of counts given as running sums."""
    row, column = grid.rows[cell] - len(widths) // 2, grid.columns[cell]
    total = 0
    for j in range(len(widths)):
        total += running[rank(grid, row + j, column + widths[j] + 1)]
        total -= running[rank(grid, row + j, column - widths[j])]
    return total


@compiled
def sums_around(grid: Grid, running: Ints, cells: Ints, widths: Ints) -> Ints:
    """Return the sums over the discs around some cells, shape (len(cells),)."""
    out = np.empty(len(cells), np.int64)
    for i in range(len(cells)):
        out[i] = around(grid, running, cells[i], widths)
    return out
