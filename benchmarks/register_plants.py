"""Clusters planted in a synthetic register: where each stands, and how many firms make its quotient."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from benchmarks.register_ground import Ground, agent_table, ground_of_registers, pair_of
from benchmarks.register_shape import (
    APART_M,
    CANDIDATES,
    LEAST_FIRMS,
    MOST_SHARE,
    NONE,
    PLANT_COLUMNS,
    QUOTIENTS,
    RADII_M,
    SHAPES,
    SIZE_SPREAD,
    TRIES,
    TYPICAL_AT,
    TYPICAL_FIRMS,
    TYPICAL_POWER,
    Register,
)
from data.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Floats = NDArray[np.float64]


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
        inside = np.sort(np.array(tree_of_places().query_ball_point(point, drawn.radius), dtype=np.int64))
        firms = int((self.crowd.starts[inside + 1] - self.crowd.starts[inside]).sum())
        carriers = round(self.shares[drawn.sector] * firms)
        return replace(drawn, centre=centre, inside=inside, firms=firms, carriers=carriers)

    def carriers(self, site: _Site) -> int:
        """Count the carriers of a cluster's sector within its radius."""
        return _carrying(self.base, self.crowd.at(site.inside), site.sector)


def planted_in(
    base: Register, ground: Ground, weight: Floats, plants: int, draws: np.random.Generator
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
    _, second = pair_of(carriers / carriers.sum(), len(place), second_share, draws)
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
    return replace(grown, plants=_plant_table(grown, sites), agents=agent_table(ground, grown))


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
def tree_of_places() -> cKDTree:
    ground = ground_of_registers()
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


def _spread(ground: Ground, site: _Site, weight: Floats, firms: int, draws: np.random.Generator) -> Ints:
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
