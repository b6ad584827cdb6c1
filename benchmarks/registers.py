"""Synthetic registers of firms in the shape of the real one, with clusters planted in them and known.

    python -m benchmarks.registers --firms 1000000 --out /tmp/register
    python -m benchmarks.registers --firms 20000000 --out /tmp/register --files 20 --coordinates postcode

The places are real: every firm stands on the point of a unit postcode of Great Britain (ended ones included)
and towns draw firms by their population. All else is drawn at random.

How many firms stand where
    A town spreads population^1.05 over the postcodes around it, declining with distance; a small share goes
    to all postcodes alike, towns or not. Each kilometre has its luck, each postcode has more of it
    (lognormal), and a few are offices with a heavy tail: that is how real registers are concentrated. On top
    come the postcodes of formation agents, with 500 to 18,000 firms each at 5 million.
Which sectors
    Sectors have Zipf sizes. A sector's share rises or falls with how dense the surroundings are (8 km) and
    leans towards some parts of the country (80 km). Neither varies at the scale of a cluster. Of 40 sectors
    and all firms, one pair in 100 is where the sector has 1.8 times its national share or
    more by that alone, but one in 1,000 where it has 1.3 times the larger of that and its share within 20 km.
    Agents have a mix of sectors of their own, so that a disc around one may be specialised by no one's
    planting. Some firms carry a second sector.
Planted clusters
    Each has a sector, a location quotient (log-uniform, 2 to 8) and a radius (log-uniform, 300 m to 3 km)
    drawn before its place is looked for. Firms of the sector are added on real postcodes within the radius,
    declining from the centre, until the location quotient there is the one drawn, against the nation with all
    that is planted. Of some occupied postcodes the one is taken where that needs nearest to a number of firms
    drawn from a lognormal, so that sizes grow with the register, if more slowly than it does. Where places
    are too thin for 15 firms at that quotient, other radii are tried, and at last 15 are planted all the
    same, so that the quotient is higher: one plant in 100 at 1 million firms, half of them at 100,000, nearly
    all at 10,000 firms or with 10,000 sectors. Plants of different sectors may overlap and so be diluted. The
    table of plants has what came out beside what was drawn. Nothing makes a cluster easy to find.

Northern Ireland is left out: its points are not for publication in bulk.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).parents[1]))

from clusters.memory import peak_mb
from data.errors import InputError
from geo.gazetteer import towns
from geo.postcodes import NO_METRES, postcodes
from geo.projections import to_lonlat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Codes = NDArray[np.int16]
    Floats = NDArray[np.float64]

# The grid on which densities are worked out, and the blocks within which a sector's lean is one number.
CELL_M: Final = 1_000
BLOCK_M: Final = 20_000
WIDTH: Final = 700
HEIGHT: Final = 1_300
# Towns: the power of population, the least population (many have none on record), and how wide they spread.
POWER: Final = 1.05
LEAST_PEOPLE: Final = 500.0
SPREAD_M: Final = 9.0
RURAL_SHARE: Final = 0.08
# Spreads (of logarithms) of luck; offices: their share of postcodes, the power of their tail, its ends. Set
# so that 5.6 million firms stand as those of a South Yorkshire census do: 1.0 million points with 2 firms on
# half of them, 9 on one in ten, 45 on one in 100 and about 300 on one in 1,000 (there: 2, 6, 42 and 275).
LUCK_OF_CELL: Final = 0.5
LUCK_OF_POSTCODE: Final = 1.3
OFFICES: Final = 0.012
OFFICE_TAIL: Final = 1.15
OFFICE_LEAST: Final = 8.0
OFFICE_MOST: Final = 600.0
# No postcode but an agent's draws more than this share of the nation's firms.
MOST_AT_ONE: Final = 5e-4
# Agents at `AGENTS_AT` firms: how many, and the firms of the largest and the smallest. How near to the
# nation's their mixes of sectors are: the weight of the Dirichlet distribution, per sector.
AGENTS_AT: Final = 5_000_000
AGENTS: Final = 60
AGENT_FIRMS: Final = (18_000, 500)
AGENT_MIX: Final = 2.5
# Sectors: Zipf sizes, the spread of urban gradients and of regional leans, and how many fields make those.
ZIPF_POWER: Final = 0.8
ZIPF_SHIFT: Final = 2.0
SURROUNDINGS_M: Final = 8_000
GRADIENT: Final = 0.25
LEAN: Final = 0.2
LEAN_M: Final = 80_000
FIELDS: Final = 8
DENSITY_STEP: Final = 0.25
# Plants: what radius, quotient and shape (the power of the decline from the centre) are drawn between; the
# firms aimed at, whose median grows with this power of the register (places that need fewer are commoner, so
# that about a third as many come out), and the spread of their logarithm; where they may stand and how long
# a place is looked for.
RADII_M: Final = (300.0, 3_000.0)
QUOTIENTS: Final = (2.0, 8.0)
LEAST_FIRMS: Final = 15
TYPICAL_FIRMS: Final = 165.0
TYPICAL_AT: Final = 1_000_000
TYPICAL_POWER: Final = 0.75
SIZE_SPREAD: Final = 0.8
# What share of the firms within the radius the sector may come to have.
MOST_SHARE: Final = 0.8
SHAPES: Final = (0.5, 2.0)
APART_M: Final = 25_000.0
CANDIDATES: Final = 20
TRIES: Final = 8
MOST_SECTORS: Final = 10_000
# Row numbers of postcodes and firms are 32 bits wide, and ids eight digits.
MOST_FIRMS: Final = 90_000_000
NONE: Final = -1
# Files: rows written at once, and the prime below which ids are numbers, no two rows having the same.
ROWS: Final = 500_000
PRIME: Final = 99_999_989
FORMATS: Final = ("parquet", "csv")
COORDINATES: Final = ("grid", "lonlat", "postcode")
PLANT_COLUMNS: Final = (
    "plant", "sector", "easting", "northing", "radius_m", "shape",
    "firms", "background", "carriers", "lq", "lq_drawn",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Register:
    """Firms one by one, in random order; its arrays are not to be changed."""

    place: Ints
    """Where each firm stands: a row of `codes`, `eastings` and `northings`."""
    sector: Codes
    """Code of its sector: a place in `sectors`."""
    second: Codes
    """Code of its second sector, -1 for none."""
    plant: Codes
    """Number of the planted cluster it was added for, -1 for none."""
    sectors: tuple[str, ...]
    codes: NDArray[np.uint64]
    eastings: Ints
    northings: Ints
    """Postcodes of Great Britain, as `geo.postcodes.Postcodes` holds them, in another order."""
    plants: pd.DataFrame
    """One row a planted cluster: number; sector; centre and radius in metres; shape (power of the decline);
    firms added; background (firms of all kinds within the radius that were not planted); carriers (of the
    sector within the radius, all told); lq (location quotient there, as it came out); lq_drawn."""
    agents: pd.DataFrame
    """Postcodes of formation agents: place, easting, northing, firms (all that stand there)."""
    seed: int

    def __len__(self) -> int:
        return len(self.place)

    @property
    def easting(self) -> Ints:
        """Metres (EPSG:27700), one a firm."""
        return self.eastings[self.place]

    @property
    def northing(self) -> Ints:
        """Metres (EPSG:27700), one a firm."""
        return self.northings[self.place]

    @property
    def planted(self) -> NDArray[np.bool_]:
        """Whether each firm was planted."""
        return np.asarray(self.plant != NONE)


@dataclass(frozen=True, eq=False)
class _Ground:
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
def _ground() -> _Ground:
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
    return _Ground(
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


def make(
    firms: int,
    sectors: int = 40,
    plants: int = 240,
    seed: int = 0,
    *,
    second_share: float = 0.05,
    agents: bool = True,
) -> Register:
    """Make a register in memory.

    Parameters
    ----------
    firms : int
        How many firms, planted ones included.
    sectors : int
        How many sectors, at most `MOST_SECTORS`.
    plants : int
        How many clusters to plant.
    seed : int
        The same numbers give the same register.
    second_share : float
        Share of firms that carry a second sector, from 0 to 1.
    agents : bool
        Whether there are postcodes of formation agents.

    Raises
    ------
    InputError
        If a number is out of range, or the register is too small for its plants.
    """
    _check(firms, sectors, plants, seed, second_share)
    ground = _ground()
    draws = [np.random.default_rng([seed, stream]) for stream in range(5)]
    weight = _with_luck(ground, draws[0])
    sizes = _agent_sizes(firms) if agents else np.zeros(0, dtype=np.int64)
    office = _agent_places(ground, weight, len(sizes), draws[1])
    count = draws[0].multinomial(firms - int(sizes.sum()), weight)
    place = np.repeat(np.arange(len(weight), dtype=np.int32), count)
    shares = _profile_shares(ground, sectors, draws[2])
    sector, second = _labelled(ground, place, shares, second_share, draws[2])
    own, own_second = _agent_labels(sizes, sector, sectors, second_share, draws[1])
    order = draws[3].permutation(firms)
    base = Register(
        np.concatenate([place, np.repeat(office, sizes)])[order],
        np.concatenate([sector, own])[order], np.concatenate([second, own_second])[order],
        np.full(firms, NONE, dtype=np.int16), _names(sectors),
        ground.codes, ground.eastings, ground.northings, pd.DataFrame(columns=list(PLANT_COLUMNS)),
        pd.DataFrame({"place": office}), seed,
    )  # fmt: skip
    base = replace(base, agents=_agent_table(ground, base))
    return _planted(base, ground, weight, plants, draws[4]) if plants else base


def _check(firms: int, sectors: int, plants: int, seed: int, second_share: float) -> None:
    if not 1 <= firms <= MOST_FIRMS:
        raise InputError(f"firms is {firms}; expected 1 to {MOST_FIRMS}")
    if not 1 <= sectors <= MOST_SECTORS:
        raise InputError(f"sectors is {sectors}; expected 1 to {MOST_SECTORS}")
    if not 0 <= plants <= np.iinfo(np.int16).max:
        raise InputError(f"plants is {plants}; expected 0 to {np.iinfo(np.int16).max}")
    if seed < 0:
        raise InputError(f"seed is {seed}; expected 0 or more")
    if not 0 <= second_share <= 1:
        raise InputError(f"second_share is {second_share}; expected 0 to 1")


def _names(sectors: int) -> tuple[str, ...]:
    """Name sectors S01, S02 and so on, all of one length."""
    digits = max(2, len(str(sectors)))
    return tuple(f"S{number:0{digits}}" for number in range(1, sectors + 1))


def _with_luck(ground: _Ground, draws: np.random.Generator) -> Floats:
    """Return the probability of each postcode, summing to one."""
    luck = LUCK_OF_CELL * draws.standard_normal(WIDTH * HEIGHT)[ground.cell]
    luck += LUCK_OF_POSTCODE * draws.standard_normal(len(ground.cell))
    weight = ground.weight * np.exp(luck)
    offices = np.flatnonzero(draws.random(len(weight)) < OFFICES)
    tail = OFFICE_LEAST * (1 - draws.random(len(offices))) ** (-1 / OFFICE_TAIL)
    weight[offices] *= np.minimum(tail, OFFICE_MOST)
    weight = np.minimum(weight / weight.sum(), MOST_AT_ONE)
    return np.asarray(weight / weight.sum())


def _profile_shares(ground: _Ground, sectors: int, draws: np.random.Generator) -> Floats:
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


def _agent_sizes(firms: int) -> NDArray[np.int64]:
    """Return the firms of each agent, Zipf: fewer and smaller ones in a smaller register."""
    number = round(AGENTS * np.sqrt(firms / AGENTS_AT))
    largest, smallest = AGENT_FIRMS
    power = np.log(largest / smallest) / np.log(AGENTS)
    sizes = largest * firms / AGENTS_AT * np.arange(1, number + 1) ** -power
    return np.asarray(sizes.round().astype(np.int64))


def _agent_places(ground: _Ground, weight: Floats, number: int, draws: np.random.Generator) -> Ints:
    """Choose the agents' postcodes, mostly in London and big towns."""
    pull = weight**0.5 * np.exp(1.5 * ground.density)
    return draws.choice(len(weight), number, replace=False, p=pull / pull.sum()).astype(np.int32)


def _labelled(
    ground: _Ground, place: Ints, shares: Floats, second_share: float, draws: np.random.Generator
) -> tuple[Codes, Codes]:
    """Give firms, sorted by place, their sectors."""
    sector = np.empty(len(place), dtype=np.int16)
    second = np.full(len(place), NONE, dtype=np.int16)
    bounds = np.searchsorted(place, ground.starts)
    for row, (start, stop) in enumerate(itertools.pairwise(bounds)):
        if start < stop:
            sector[start:stop], second[start:stop] = _pair(shares[row], stop - start, second_share, draws)
    return sector, second


def _pair(share: Floats, firms: int, second_share: float, draws: np.random.Generator) -> tuple[Codes, Codes]:
    """Draw first and second sectors; a second one that is the first again is none."""
    ladder = np.cumsum(share)
    ladder /= ladder[-1]
    first = np.searchsorted(ladder, draws.random(firms), side="right").astype(np.int16)
    second = np.full(firms, NONE, dtype=np.int16)
    carries = np.flatnonzero(draws.random(firms) < second_share)
    other = np.searchsorted(ladder, draws.random(len(carries)), side="right").astype(np.int16)
    second[carries] = np.where(other == first[carries], NONE, other)
    return first, second


def _agent_labels(
    sizes: NDArray[np.int64], sector: Codes, sectors: int, second_share: float, draws: np.random.Generator
) -> tuple[Codes, Codes]:
    """Give each agent's firms sectors by a mix of its own around the nation's."""
    nation = (np.bincount(sector, minlength=sectors) + 0.5) / (len(sector) + sectors / 2)
    pairs = [
        _pair(draws.dirichlet(AGENT_MIX * sectors * nation), int(size), second_share, draws) for size in sizes
    ]
    empty = [np.zeros(0, dtype=np.int16)]
    first, second = zip(*pairs, strict=True) if pairs else (empty, empty)
    return np.concatenate(first), np.concatenate(second)


def _agent_table(ground: _Ground, register: Register) -> pd.DataFrame:
    """Describe the agents' postcodes with all firms that stand there."""
    place = register.agents["place"].to_numpy()
    firms = np.bincount(register.place, minlength=len(ground.codes))[place]
    columns = {"place": place, "easting": ground.eastings[place], "northing": ground.northings[place]}
    return pd.DataFrame({**columns, "firms": firms})


@dataclass(frozen=True, eq=False)
class _Crowd:
    """Who stands where: firms by postcode."""

    firm: NDArray[np.int64]
    """Rows of firms, those of one postcode together."""
    starts: NDArray[np.int64]
    """Where the firms of each postcode begin in `firm`, and the end."""

    def at(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the firms on some postcodes."""
        spans = zip(self.starts[rows], self.starts[rows + 1], strict=True)
        return np.concatenate([self.firm[:0], *(self.firm[start:stop] for start, stop in spans)])


def _crowd(register: Register) -> _Crowd:
    count = np.bincount(register.place, minlength=len(register.codes))
    return _Crowd(np.argsort(register.place, kind="stable"), np.append(0, np.cumsum(count)))


@dataclass(frozen=True, eq=False)
class _Site:
    """A cluster before its firms are added; the last four are known once it has a place."""

    sector: int
    radius: float
    quotient: float
    shape: float
    centre: int = NONE
    inside: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Postcodes within the radius."""
    firms: int = 0
    """Firms of all kinds within the radius."""
    carriers: int = 0
    """Those that carry the sector; before they are counted, as many as the nation's share has."""


@dataclass(frozen=True, eq=False)
class _Search:
    """What finding a place needs: the register before planting, who stands where, the nation's shares."""

    base: Register
    crowd: _Crowd
    ladder: Floats
    """Cumulative chance of each postcode to be a centre: the square root of its firms."""
    shares: Floats
    eligible: NDArray[np.int64]
    """Sectors that are not too large to be concentrated anywhere."""
    typical: float
    """Median of the firms wished for."""

    def centres(self, taken: list[int], draws: np.random.Generator) -> NDArray[np.int64]:
        """Draw candidates that are far enough from the centres taken."""
        drawn = np.searchsorted(self.ladder, draws.random(CANDIDATES) * self.ladder[-1], side="right")
        east, north = (
            np.subtract.outer(metres[drawn], metres[taken].astype(float))
            for metres in (self.base.eastings, self.base.northings)
        )
        return np.asarray(drawn[(np.hypot(east, north) >= APART_M).all(axis=1)])

    def crowded(self, drawn: _Site, centre: int) -> _Site:
        """Put a cluster at a centre and count the firms within its radius."""
        point = (self.base.eastings[centre], self.base.northings[centre])
        inside = np.sort(np.array(_tree().query_ball_point(point, drawn.radius), dtype=np.int64))
        firms = int((self.crowd.starts[inside + 1] - self.crowd.starts[inside]).sum())
        carriers = round(self.shares[drawn.sector] * firms)
        return replace(drawn, centre=centre, inside=inside, firms=firms, carriers=carriers)

    def carriers(self, site: _Site) -> int:
        """Count the carriers of a cluster's sector within its radius."""
        return _carrying(self.base, self.crowd.at(site.inside), site.sector)


def _planted(
    base: Register, ground: _Ground, weight: Floats, plants: int, draws: np.random.Generator
) -> Register:
    """Add clusters; as many other firms, drawn at random, make room for them."""
    if 2 * plants * LEAST_FIRMS > len(base):
        raise InputError(_too_small(len(base), plants, f"each has {LEAST_FIRMS} firms or more"))
    carriers = _carriers(base)
    sites = _sites(base, plants, carriers / len(base), draws)
    extra = _numbers(sites, carriers, len(base))
    kept = len(base) - int(extra.sum())
    if kept < len(base) / 2:
        raise InputError(_too_small(len(base), plants, "more than half of its firms would be planted"))
    place = np.concatenate(
        [_spread(ground, site, weight, n, draws) for site, n in zip(sites, extra, strict=True)]
    )
    second_share = float(np.mean(base.second != NONE))
    _, second = _pair(carriers / carriers.sum(), len(place), second_share, draws)
    sector = np.repeat(np.array([site.sector for site in sites], dtype=np.int16), extra)
    plant = np.repeat(np.arange(plants, dtype=np.int16), extra)
    # Rows are in random order already, so the last of them are a random sample: they go.
    order = draws.permutation(len(base))
    grown = replace(
        base,
        place=np.concatenate([base.place[:kept], place])[order],
        sector=np.concatenate([base.sector[:kept], sector])[order],
        second=np.concatenate(
            [base.second[:kept], np.where(second == sector, NONE, second).astype(np.int16)]
        )[order],
        plant=np.concatenate([base.plant[:kept], plant])[order],
    )
    return replace(grown, plants=_plant_table(grown, sites), agents=_agent_table(ground, grown))


def _carriers(register: Register) -> NDArray[np.int64]:
    """Count the firms that carry each sector, as first or second."""
    sectors = len(register.sectors)
    return np.bincount(register.sector, minlength=sectors) + np.bincount(
        register.second[register.second != NONE], minlength=sectors
    )


def _carrying(register: Register, firms: NDArray[np.int64], sector: int) -> int:
    """Count those of some firms that carry a sector."""
    return int(((register.sector[firms] == sector) | (register.second[firms] == sector)).sum())


def _sites(base: Register, plants: int, shares: Floats, draws: np.random.Generator) -> list[_Site]:
    """Find a place for each cluster."""
    crowd = _crowd(base)
    typical = TYPICAL_FIRMS * (len(base) / TYPICAL_AT) ** TYPICAL_POWER
    eligible = np.flatnonzero(shares * QUOTIENTS[0] < MOST_SHARE)
    if not len(eligible):
        raise InputError(f"{len(shares)} sectors are too few: none can be twice as common in a place")
    search = _Search(base, crowd, np.cumsum(np.sqrt(np.diff(crowd.starts))), shares, eligible, typical)
    sites: list[_Site] = []
    for _ in range(plants):
        site = _site(search, sites, draws)
        if site is None:
            raise InputError(_too_small(len(base), plants, f"{len(sites)} found a place"))
        sites.append(site)
    return sites


def _too_small(firms: int, plants: int, why: str) -> str:
    return f"{firms} firms cannot hold {plants} planted clusters ({why}); ask for fewer, or for more firms"


def _site(search: _Search, sites: list[_Site], draws: np.random.Generator) -> _Site | None:
    """Find a place for one cluster.

    Where its quotient would need too few firms in `TRIES` draws of places and radii, it gets the least number
    on the most crowded place of the last draw, and its quotient comes out higher.
    """
    sector = int(draws.choice(search.eligible))
    share = float(search.shares[sector])
    wished = max(LEAST_FIRMS, draws.lognormal(np.log(search.typical), SIZE_SPREAD))
    lowest, highest = QUOTIENTS
    quotient = _log_uniform((lowest, max(lowest, min(highest, MOST_SHARE / max(share, 1e-9)))), draws)
    drawn = _Site(sector, 0.0, quotient, _log_uniform(SHAPES, draws))
    taken = [site.centre for site in sites if site.sector == sector]
    found: list[_Site] = []
    for _ in range(TRIES):
        drawn = replace(drawn, radius=_log_uniform(RADII_M, draws))
        found = [search.crowded(drawn, int(centre)) for centre in search.centres(taken, draws)]
        settled = _settled(search, found, share, wished)
        if settled is not None:
            return settled
    crowded = max(found, key=lambda site: site.firms, default=None)
    return crowded and replace(crowded, carriers=search.carriers(crowded))


def _settled(search: _Search, found: list[_Site], share: float, wished: float) -> _Site | None:
    """Choose the place that needs nearest to the firms wished for, if any needs enough."""
    enough = [site for site in found if _needed(site, share) >= LEAST_FIRMS]
    enough.sort(key=lambda site: abs(np.log(_needed(site, share) / wished)))
    counted = (replace(site, carriers=search.carriers(site)) for site in enough)
    return next((site for site in counted if _needed(site, share) >= LEAST_FIRMS), None)


def _log_uniform(ends: tuple[float, float], draws: np.random.Generator) -> float:
    return float(np.exp(draws.uniform(*np.log(ends))))


@cache
def _tree() -> cKDTree:
    ground = _ground()
    points = np.column_stack([ground.eastings, ground.northings])
    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def _needed(site: _Site, share: float) -> float:
    """Return how many firms bring the quotient about; nothing where none could."""
    most = site.quotient * share
    return (most * site.firms - site.carriers) / (1 - most) if most < 0.9 else 0.0


def _numbers(sites: list[_Site], carriers: NDArray[np.int64], firms: int) -> NDArray[np.int64]:
    """Return the firms to add for each cluster, the nation's shares being those after planting."""
    sector = np.array([site.sector for site in sites])
    extra = np.zeros(len(sites), dtype=np.int64)
    for _ in range(8):
        kept = 1 - extra.sum() / firms
        share = (carriers * kept + np.bincount(sector, extra, minlength=len(carriers))) / firms
        wanted = [_needed(site, share[site.sector]) * kept for site in sites]
        extra = np.maximum(np.round(wanted), LEAST_FIRMS).astype(np.int64)
    return extra


def _spread(ground: _Ground, site: _Site, weight: Floats, firms: int, draws: np.random.Generator) -> Ints:
    """Put a cluster's firms on postcodes within its radius, declining from the centre."""
    away = np.hypot(
        ground.eastings[site.inside] - float(ground.eastings[site.centre]),
        ground.northings[site.inside] - float(ground.northings[site.centre]),
    )
    pull = np.sqrt(weight[site.inside]) * np.exp(-2 * (away / site.radius) ** site.shape)
    return draws.choice(site.inside, firms, p=pull / pull.sum()).astype(np.int32)


def _plant_table(register: Register, sites: list[_Site]) -> pd.DataFrame:
    """Describe the clusters as they came out."""
    crowd, carriers = _crowd(register), _carriers(register)
    rows = []
    for number, site in enumerate(sites):
        near = crowd.at(site.inside)
        carrying = _carrying(register, near, site.sector)
        quotient = carrying / len(near) / (carriers[site.sector] / len(register))
        rows.append((
            number, register.sectors[site.sector],
            int(register.eastings[site.centre]), int(register.northings[site.centre]),
            site.radius, site.shape, int((register.plant == number).sum()),
            int((register.plant[near] == NONE).sum()), carrying, quotient, site.quotient,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(PLANT_COLUMNS))


def shuffled(register: Register, seed: int) -> Register:
    """Return the register with its labels dealt out anew over the places: no plant is left in it.

    All labels of a firm go together, so that sectors keep their sizes and pairs, and places their firms.
    """
    order = np.random.default_rng([seed, 6]).permutation(len(register))
    return replace(
        register,
        sector=register.sector[order],
        second=register.second[order],
        plant=np.full(len(register), NONE, dtype=np.int16),
        plants=register.plants.iloc[:0],
    )


def labels(register: Register) -> tuple[Ints, Codes]:
    """Return every label carried: rows of firms and codes of sectors, first sectors before second ones."""
    both = np.flatnonzero(register.second != NONE).astype(np.int32)
    rows = np.concatenate([np.arange(len(register), dtype=np.int32), both])
    return rows, np.concatenate([register.sector, register.second[both]])


def firm_ids(register: Register, rows: slice = slice(None)) -> pa.Array:
    """Return eight digits for each firm, in no order that tells anything."""
    draws = np.random.default_rng([register.seed, 7])
    step, first = (int(draws.integers(PRIME // 2, PRIME)) for _ in range(2))
    number = (np.arange(*rows.indices(len(register)), dtype=np.int64) * step + first) % PRIME
    digits = number[:, None] // 10 ** np.arange(7, -1, -1) % 10
    return _texts((digits + ord("0")).astype(np.uint8))


def _texts(letters: NDArray[np.uint8]) -> pa.Array:
    """Turn rows of ASCII letters into texts of one length."""
    number, length = letters.shape
    ends = np.arange(0, length * (number + 1), length, dtype=np.int32)
    letters = np.ascontiguousarray(letters)
    return pa.StringArray.from_buffers(number, pa.py_buffer(ends), pa.py_buffer(letters))


def _postcode_texts(codes: NDArray[np.uint64]) -> pa.Array:
    """Write postcodes as they usually are: the codes hold the outward part padded to four, and the inward."""
    plain = _texts(codes.astype(">u8").view(np.uint8).reshape(-1, 8)[:, :7])
    outward = pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(plain, 0, 4))
    return pc.binary_join_element_wise(outward, pc.utf8_slice_codeunits(plain, 4), " ")


def _sector_texts(register: Register, rows: slice) -> pa.Array:
    """Write sectors as "S07", or "S07;S12" where there are two."""
    width = len(register.sectors) + 1
    pair = register.sector[rows].astype(np.int64) * width + register.second[rows] + 1
    kinds, which = np.unique(pair, return_inverse=True)
    names = register.sectors
    texts = [
        names[kind // width] + (f";{names[kind % width - 1]}" if kind % width else "")
        for kind in kinds.tolist()
    ]
    return pa.array(texts, type=pa.string()).take(pa.array(which))


def table(register: Register, rows: slice = slice(None), coordinates: str = "grid") -> pa.Table:
    """Return firms as a table.

    Parameters
    ----------
    register : Register
        The firms.
    rows : slice
        Which of them.
    coordinates : str
        "grid": easting and northing in whole metres (EPSG:27700) and the postcode; "lonlat": lon and lat
        (EPSG:4326, six decimals) and the postcode; "postcode": the postcode alone.

    Returns
    -------
    Table
        firm_id (eight digits), sector ("S07", or "S07;S12" where there are two), and the place.
    """
    place = register.place[rows]
    east, north = register.eastings[place], register.northings[place]
    columns = {"firm_id": firm_ids(register, rows), "sector": _sector_texts(register, rows)}
    if coordinates == "grid":
        columns |= {"easting": pa.array(east), "northing": pa.array(north)}
    if coordinates == "lonlat":
        lon, lat = to_lonlat(east, north)
        columns |= {"lon": pa.array(lon.round(6)), "lat": pa.array(lat.round(6))}
    return pa.table({**columns, "postcode": _postcode_texts(register.codes[place])})


def write(
    register: Register, folder: Path, files: int = 1, form: str = "parquet", coordinates: str = "grid"
) -> None:
    """Write a register and its truth, whole or not at all; a former one in the folder gives way.

    Parameters
    ----------
    register : Register
        What to write.
    folder : Path
        Gets firms/part-000.parquet (or .csv) and so on; truth.parquet (firm_id, plant) of the planted firms;
        plants.csv and agents.csv.
    files : int
        Among how many files to divide the firms.
    form : str
        "parquet" or "csv".
    coordinates : str
        As for `table`.

    Raises
    ------
    InputError
        If an option is none of those, or the folder holds something else.
    """
    if form not in FORMATS or coordinates not in COORDINATES:
        raise InputError(f"{form!r}, {coordinates!r}; expected one of {FORMATS} and one of {COORDINATES}")
    if not 1 <= files <= len(register):
        raise InputError(f"files is {files}; expected 1 to {len(register)}")
    with _whole_folder(folder) as part:
        (part / "firms").mkdir()
        bounds = np.linspace(0, len(register), files + 1).astype(int)
        for number, (start, stop) in enumerate(itertools.pairwise(bounds)):
            path = part / "firms" / f"part-{number:03}.{form}"
            _write_firms(register, int(start), int(stop), path, coordinates)
        pq.write_table(_truth(register), part / "truth.parquet")
        register.plants.to_csv(part / "plants.csv", index=False)
        _agents(register).to_csv(part / "agents.csv", index=False)


def _agents(register: Register) -> pd.DataFrame:
    """List the agents with their postcodes in place of row numbers."""
    codes = _postcode_texts(register.codes[register.agents["place"].to_numpy()])
    return register.agents.drop(columns="place").assign(postcode=codes.to_pylist())


def _write_firms(register: Register, start: int, stop: int, path: Path, coordinates: str) -> None:
    """Write one file of firms, `ROWS` at a time."""
    schema = table(register, slice(0), coordinates).schema
    writer = pa.csv.CSVWriter if path.suffix == ".csv" else pq.ParquetWriter
    with writer(path, schema) as out:
        for first in range(start, stop, ROWS):
            out.write_table(table(register, slice(first, min(first + ROWS, stop)), coordinates))


def _truth(register: Register) -> pa.Table:
    """List the planted firms and their plants."""
    rows = np.flatnonzero(register.planted)
    spans = range(0, len(register), ROWS)
    kept = [
        firm_ids(register, slice(s, s + ROWS)).filter(pa.array(register.planted[s : s + ROWS])) for s in spans
    ]
    return pa.table({"firm_id": pa.chunked_array(kept), "plant": pa.array(register.plant[rows])})


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` only when the block ends well."""
    if folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / "plants.csv").exists())
    ):
        raise InputError(f"{folder} is there and holds no register; expected a new or an empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    outer = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        (outer / "new").mkdir()
        yield outer / "new"
        if folder.exists():
            folder.rename(outer / "old")
        (outer / "new").rename(folder)
    finally:
        if (outer / "old").exists() and not folder.exists():
            (outer / "old").rename(folder)
        shutil.rmtree(outer, ignore_errors=True)


def summary(register: Register) -> dict[str, object]:
    """Return what came out: firms, points and the concentration on them, plants and their sizes."""
    count = np.bincount(register.place)
    count = count[count > 0]
    plants = register.plants
    return {
        "firms": len(register),
        "points": len(count),
        "per_point_50_90_99_99.9_max": [*_quantiles(count, (0.5, 0.9, 0.99, 0.999)), int(count.max())],
        "second_sector": round(float((register.second != NONE).mean()), 4),
        "agents": len(register.agents),
        "firms_at_agents": int(register.agents["firms"].sum()),
        "plants": len(plants),
        "planted_firms": int(register.planted.sum()),
        **{
            f"plant_{name}_10_50_90": _quantiles(plants[name], (0.1, 0.5, 0.9))
            for name in ("firms", "background", "radius_m", "lq", "lq_drawn")
            if len(plants)
        },
    }


def _quantiles(values: NDArray[np.int64] | pd.Series, shares: Sequence[float]) -> list[float]:
    return [round(float(value), 2) for value in np.quantile(values, shares)]


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, help="folder to write; without it only the summary is printed")
    parser.add_argument("--sectors", type=int, default=40)
    parser.add_argument("--plants", type=int, default=240)
    parser.add_argument("--second-share", type=float, default=0.05, help="share of firms with two sectors")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--format", choices=FORMATS, default="parquet")
    parser.add_argument("--coordinates", choices=COORDINATES, default="grid")
    parser.add_argument(
        "--shuffled", action="store_true", help="deal the sectors out anew: nothing is planted"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = options(arguments)
    started = time.perf_counter()
    _ground(), _tree()
    laid = time.perf_counter()
    register = make(asked.firms, asked.sectors, asked.plants, asked.seed, second_share=asked.second_share)
    register = shuffled(register, asked.seed) if asked.shuffled else register
    made = time.perf_counter()
    if asked.out:
        write(register, asked.out, asked.files, asked.format, asked.coordinates)
    done = time.perf_counter()
    for name, value in summary(register).items():
        print(f"{name}: {value}")
    print(
        f"seconds: postcodes laid out {laid - started:.1f}, made {made - laid:.1f}, written {done - made:.1f}"
    )
    peak = peak_mb()
    print(f"peak memory: {'unknown' if peak is None else f'{peak:.0f} MB'}")


if __name__ == "__main__":
    try:
        main()
    except InputError as fault:
        sys.exit(str(fault))
