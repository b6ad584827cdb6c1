"""The ground of synthetic registers: real postcodes, what towns make of them, and what draws each sector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from benchmarks.register_shape import (
    BLOCK_M,
    CELL_M,
    DENSITY_STEP,
    FIELDS,
    GRADIENT,
    HEIGHT,
    LEAN,
    LEAN_M,
    LEAST_PEOPLE,
    LUCK_OF_CELL,
    LUCK_OF_POSTCODE,
    MOST_AT_ONE,
    NONE,
    OFFICE_LEAST,
    OFFICE_MOST,
    OFFICE_TAIL,
    OFFICES,
    POWER,
    RURAL_SHARE,
    SPREAD_M,
    SURROUNDINGS_M,
    WIDTH,
    ZIPF_POWER,
    ZIPF_SHIFT,
    Register,
)
from geo.gazetteer import towns
from geo.postcodes import NO_METRES, postcodes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Codes = NDArray[np.int16]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """What is the same for every register: postcodes sorted by profile, and what towns make of them."""

    codes: NDArray[np.uint64]
    eastings: Ints
    northings: Ints
    cell: Ints
    """Row-major cell of each postcode on the grid of `CELL_M`."""
    weight: Floats
    """Share of the nation's firms that towns and countryside give each postcode, luck apart."""
    density: Floats
    """Standardised log density of the surroundings, per postcode."""
    starts: NDArray[np.int64]
    """Where the postcodes of each profile begin, and the end."""
    profiles: Floats
    """Per profile: standardised log density, easting and northing of its block's centre."""


@cache
def ground_of_registers() -> Ground:
    """Lay out the postcodes of Great Britain, about three seconds once a process."""
    directory = postcodes()
    here = directory.eastings != NO_METRES
    irish = np.flatnonzero([name.startswith("N") for name in directory.authorities])
    here &= ~np.isin(directory.authority, irish)
    # Ended and large users' postcodes share points by the hundred; in a real register one in 2,000 does.
    point = directory.eastings.astype(np.int64) << 32 | directory.northings.astype(np.int64)
    first = np.zeros(len(point), dtype=bool)
    first[np.unique(point, return_index=True)[1]] = True
    here &= first
    east, north = directory.eastings[here], directory.northings[here]
    cell = ((north // CELL_M).clip(0) * WIDTH + (east // CELL_M).clip(0)).astype(np.int32)
    drawn = _drawn(np.bincount(cell, minlength=WIDTH * HEIGHT).astype(float))
    density = _standardised(drawn)[cell]
    block = north // BLOCK_M * 100 + east // BLOCK_M
    step = np.round(density / DENSITY_STEP).astype(np.int64)
    key = block.astype(np.int64) * 1_000 + step - step.min()
    order = np.lexsort((cell, key))
    _, starts = np.unique(key[order], return_index=True)
    weight = (drawn / np.maximum(np.bincount(cell, minlength=WIDTH * HEIGHT), 1))[cell]
    first = order[starts]
    centre = [(metres[first] // BLOCK_M + 0.5) * BLOCK_M for metres in (east, north)]
    return Ground(
        directory.codes[here][order], east[order], north[order], cell[order], weight[order], density[order],
        np.append(starts, len(order)), np.column_stack([step[first] * DENSITY_STEP, *centre]),
    )  # fmt: skip


def _drawn(postcodes_of: Floats) -> Floats:
    """Return the share of firms that each cell draws, summing to one."""
    cells = np.flatnonzero(postcodes_of)
    middle = np.column_stack([cells % WIDTH + 0.5, cells // WIDTH + 0.5]) * CELL_M
    table = towns()
    people = np.maximum(table["weight"].to_numpy(), LEAST_PEOPLE)
    centres = table[["easting", "northing"]].to_numpy()
    spread = np.maximum(SPREAD_M * np.sqrt(people), CELL_M)
    tree = cKDTree(middle)
    drawn = np.zeros(len(cells))
    for centre, metres, much in zip(centres, spread, people**POWER, strict=True):
        near = np.array(tree.query_ball_point(centre, 4 * metres), dtype=np.int64)
        if len(near):
            away = np.hypot(*(middle[near] - centre).T) / metres
            pull = postcodes_of[cells[near]] * np.exp(-away)
            drawn[near] += much * pull / pull.sum()
    shares = np.zeros(len(postcodes_of))
    shares[cells] = (1 - RURAL_SHARE) * drawn / drawn.sum()
    return np.asarray(shares + RURAL_SHARE * postcodes_of / postcodes_of.sum())


def _standardised(drawn: Floats) -> Floats:
    """Return the log density of each cell's surroundings, of mean 0 and spread 1 over firms."""
    smooth = gaussian_filter(drawn.reshape(HEIGHT, WIDTH), SURROUNDINGS_M / CELL_M, truncate=3).ravel()
    density = np.log(np.maximum(smooth, smooth[drawn > 0].min()))
    mean = np.average(density, weights=drawn)
    spread = np.sqrt(np.average((density - mean) ** 2, weights=drawn))
    return np.asarray((density - mean) / spread)


def with_luck(ground: Ground, draws: np.random.Generator) -> Floats:
    """Return the probability of each postcode, summing to one."""
    luck = LUCK_OF_CELL * draws.standard_normal(WIDTH * HEIGHT)[ground.cell]
    luck += LUCK_OF_POSTCODE * draws.standard_normal(len(ground.cell))
    weight = ground.weight * np.exp(luck)
    offices = np.flatnonzero(draws.random(len(weight)) < OFFICES)
    tail = OFFICE_LEAST * (1 - draws.random(len(offices))) ** (-1 / OFFICE_TAIL)
    weight[offices] *= np.minimum(tail, OFFICE_MOST)
    weight = np.minimum(weight / weight.sum(), MOST_AT_ONE)
    return np.asarray(weight / weight.sum())


def profile_shares(ground: Ground, sectors: int, draws: np.random.Generator) -> Floats:
    """Return what a sector's share is in each profile: profiles by sectors, rows summing to one."""
    density, places = ground.profiles[:, 0], ground.profiles[:, 1:]
    size = 1 / (np.arange(sectors) + 1 + ZIPF_SHIFT) ** ZIPF_POWER
    gradient = GRADIENT * draws.standard_normal(sectors)
    # Random Fourier features (Rahimi and Recht 2007): smooth fields of correlation length `LEAN_M`.
    waves = draws.standard_normal((FIELDS, 2)) / LEAN_M
    fields = np.sqrt(2) * np.cos(places @ waves.T + draws.uniform(0, 2 * np.pi, FIELDS))
    lean = LEAN / np.sqrt(FIELDS) * draws.standard_normal((FIELDS, sectors))
    shares = np.exp(np.outer(density.clip(-3, 3), gradient) + fields @ lean) * size
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def pair_of(
    share: Floats, firms: int, second_share: float, draws: np.random.Generator
) -> tuple[Codes, Codes]:
    """Draw first and second sectors; a second one that is the first again is none."""
    ladder = np.cumsum(share)
    ladder /= ladder[-1]
    first = np.searchsorted(ladder, draws.random(firms), side="right").astype(np.int16)
    second = np.full(firms, NONE, dtype=np.int16)
    carries = np.flatnonzero(draws.random(firms) < second_share)
    other = np.searchsorted(ladder, draws.random(len(carries)), side="right").astype(np.int16)
    second[carries] = np.where(other == first[carries], NONE, other)
    return first, second


def agent_table(ground: Ground, register: Register) -> pd.DataFrame:
    """Describe the agents' postcodes with all firms that stand there."""
    place = register.agents["place"].to_numpy()
    firms = np.bincount(register.place, minlength=len(ground.codes))[place]
    columns = {"place": place, "easting": ground.eastings[place], "northing": ground.northings[place]}
    return pd.DataFrame({**columns, "firms": firms})
