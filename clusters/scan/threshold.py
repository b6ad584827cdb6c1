"""How striking a place must be: learnt from the peaks of shuffled maps, whose tail all labels share.

A shuffled map draws the label's companies without replacement from all companies, whose places stay. In it,
cells above a level that lie near one another (as in a cluster) are one group, and the largest statistic of
each group is a *peak*. The number of peaks above a high level is as good as Poisson, and falls almost
exponentially with the level; so a map tells not one value, its maximum, but some five to ten, and the level
that one map in twenty exceeds is read off a line rather than being one of twenty maxima (which errs tenfold
either way). For a label of m companies and R maps:

- u0, the level that peaks are kept above: the larger of -log10(0.05) and log10(c) - 1.3, with c the cells of
  the first map whose largest disc holds the minimum; so rarer labels keep more.
- u1, the level that the (k + 1)-th largest peak has, with k = 4 R; lam = k / R peaks a map lie above it.
  Where there are no more than k peaks, u1 = u0 and k is their number.
- the mean excess over u1, pooled over labels j with weights exp(-(ln(m_j / m) / 0.7)^2 / 2) for each of their
  k_j peaks, and 20 more at 0.45; kept within 0.30 and 0.80. Its scale changes slowly with m.

The *expected number* of peaks a map at or above t is then E(t) = lam exp(-(t - u1) / mean excess), and the
chance that a map has any is p = 1 - exp(-E). Below u1, E is the plain count. Labels so rare that the most
maps do not bring the peaks wanted keep the exact Monte Carlo rule of Barnard (1963) and Besag and Diggle
(1977) for their limit: a statistic above all but floor(level (R + 1)) - 1 of the R maxima. No limit is below
-log10(0.05). Peaks as Poisson clumps: Aldous (1989), "Probability approximations via the Poisson clumping
heuristic"; excesses over a level as exponential: Pickands (1975), Annals of Statistics 3, 119-131.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, floor, log, log1p, log10, sqrt
from typing import TYPE_CHECKING

import numpy as np

from clusters.scan.counts import LabelMap
from clusters.scan.field import THICK
from clusters.scan.grid import gathered, spread
from clusters.scan.maps import NARROW, WIDE, cells_with, peaks, striking, take
from data.plural import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from clusters.scan.field import Field
    from clusters.scan.maps import Lanes
    from clusters.scan.parameters import ScanParameters

    Floats = NDArray[np.float64]

LOWEST = -log10(0.05)
"""No peak is kept, and no limit drawn, below this statistic."""

KEPT_A_MAP = 4
"""Peaks a map that the line is read off."""

PRIOR_PEAKS, PRIOR_EXCESS = 20.0, 0.45
LEAST_EXCESS, MOST_EXCESS = 0.30, 0.80
REACH = 0.7
"""Logarithm of the ratio of sizes over which labels share their excess."""


@dataclass(frozen=True, eq=False)
class Peaks:
    """Peaks of the shuffled maps of labels of one size.

    Attributes
    ----------
    size, maps
        Companies of the label, and maps that were drawn.
    above
        Level that all peaks exceed.
    values
        The peaks, largest first.
    maxima
        The largest of each map, 0 where it has none, shape (maps,).
    rare
        Whether the most maps did not bring the peaks wanted.
    """

    size: int
    maps: int
    above: float
    values: Floats
    maxima: Floats
    rare: bool

    @property
    def line(self) -> tuple[float, int, float]:
        """Level from which on the line holds, peaks above it, and the sum of their excess."""
        wanted = floor(0.05 * self.maps + 0.5) if self.rare else KEPT_A_MAP * self.maps
        if len(self.values) > wanted:
            level = float(self.values[wanted])
            return level, wanted, float((self.values[:wanted] - level).sum())
        return self.above, len(self.values), float((self.values - self.above).sum())


@dataclass(frozen=True)
class Tail:
    """How often shuffled maps of a label are as striking as any statistic.

    Attributes
    ----------
    size, maps
        Companies of the label, and shuffled maps behind it.
    level, rate
        Statistic from which on the line holds, and peaks a map above it.
    excess
        Mean excess of peaks over it.
    spread
        Standard error of `excess`, as a share of it.
    limits
        Statistic to exceed at each level of chance that was asked for.
    lowest
        Level that all peaks exceed.
    below
        Peaks not above `level`, largest first, for the plain count.
    """

    size: int
    maps: int
    level: float
    rate: float
    excess: float
    spread: float
    limits: dict[float, float]
    lowest: float
    below: tuple[float, ...]

    def expected(self, statistic: float) -> float:
        """Return E: peaks a shuffled map at or above a statistic."""
        if statistic >= self.level:
            return self.rate * exp(-(statistic - self.level) / self.excess)
        return self.rate + sum(peak >= statistic for peak in self.below) / max(1, self.maps)

    def chance(self, statistic: float) -> float:
        """Return p: the share of shuffled maps with a peak at or above a statistic."""
        return -expm1(-self.expected(statistic))

    def error(self, statistic: float) -> float:
        """Return the standard error of `chance` that comes from the number of maps."""
        expected = self.expected(statistic)
        peaks_seen = max(1.0, self.rate * self.maps)
        beyond = max(0.0, statistic - self.level) / self.excess
        return exp(-expected) * expected * sqrt(1 / peaks_seen + (beyond * self.spread) ** 2)

    @property
    def once(self) -> float:
        """Statistic that chance reaches about once a map; the lowest that is kept where it never does."""
        if self.expected(self.lowest) <= 1:
            return self.lowest
        if self.rate > 1:
            return self.level + self.excess * log(self.rate)
        return self.below[min(floor((1 - self.rate) * self.maps), len(self.below) - 1)]


def null_peaks(size: int, ground: Field) -> Peaks:
    """Return the peaks of shuffled maps of a label of a size.

    Depends on the number of the label's companies, not on their places, so labels of one size share it; the
    draws depend on that number and the seed alone.
    """
    p = ground.parameters
    draws = np.random.default_rng([p.seed, size])
    lanes = NARROW if min(size, int(ground.n[-1].max(initial=0))) < 2**NARROW.bits else WIDE
    above = -1.0
    seen: list[Floats] = []
    maxima: list[float] = []
    while len(maxima) < p.relabellings or (
        sum(len(each) for each in seen) < p.peaks and len(maxima) < p.most_relabellings
    ):
        maps = [
            random_map(size, ground, draws) for _ in range(min(lanes.maps, p.most_relabellings - len(maxima)))
        ]
        sums = _packed(maps, lanes, ground)
        if above < 0:
            above = max(LOWEST, log10(max(cells_with(sums, lanes, 0, p.least(size)), 1)) - 1.3)
        for number, one in enumerate(maps):
            own = ground.own(one)
            cells, values = striking(
                ground.ground, sums, lanes, number, ground.n, ground.wide, own, ground.rule(size), above
            )
            seen.append(peaks(ground.grid, cells, values, p.link))
            maxima.append(float(values.max(initial=0.0)))
    values = np.sort(np.concatenate(seen))[::-1]
    return Peaks(size, len(maxima), above, values, np.array(maxima), rare=len(values) < p.peaks)


def _packed(maps: list[LabelMap], lanes: Lanes, ground: Field) -> NDArray[np.uint64]:
    """Return the sums over discs of maps that share words, shape (radii, cells)."""
    cells = np.concatenate([one.cells for one in maps])
    counts = np.concatenate(
        [one.counts.astype(np.uint64) << np.uint64(lanes.bits * number) for number, one in enumerate(maps)]
    )
    if len(cells) < THICK * len(maps) * len(ground.keys):
        return spread(ground.ground.stretches, cells, counts)  # type: ignore[no-any-return]
    sums = np.zeros(len(ground.keys) + 1, np.uint64)
    np.add.at(sums, cells + 1, counts)
    return gathered(ground.ground.stretches, np.cumsum(sums))  # type: ignore[no-any-return]


def random_map(size: int, ground: Field, draws: np.random.Generator) -> LabelMap:
    """Draw a label of a size from all companies, each as likely, without replacement."""
    everyone = ground.size
    fewer = min(size, everyone - size)
    while True:
        # As many picks as it takes on average to meet that many different companies, and some to spare.
        picks = int(-everyone * log1p(-fewer / everyone) + 8 * sqrt(fewer)) + 8
        cells, counts, drawn = take(ground.everyone, draws.integers(0, everyone, picks), fewer)
        if drawn == fewer:
            break
    return LabelMap(cells, counts) if fewer == size else _others(cells, counts, ground)


def _others(cells: NDArray[np.int64], counts: NDArray[np.int64], ground: Field) -> LabelMap:
    """Return the companies that were not drawn."""
    left = np.diff(ground.everyone)
    left[cells] -= counts
    there = np.flatnonzero(left)
    return LabelMap(there, left[there])


def tails(drawn: Iterable[Peaks], parameters: ScanParameters) -> dict[int, Tail]:
    """Return the tail of each size, given the peaks of all sizes."""
    every = list(drawn)
    sizes = np.log([one.size for one in every])
    lines = [one.line for one in every]
    number, excess = (np.array([line[part] for line in lines], float) for part in (1, 2))
    found = {}
    for one, size, (level, above, _) in zip(every, sizes, lines, strict=True):
        weight = np.exp(-(((sizes - size) / REACH) ** 2) / 2)
        seen = (weight * number).sum() + PRIOR_PEAKS
        mean = ((weight * excess).sum() + PRIOR_PEAKS * PRIOR_EXCESS) / seen
        mean = float(np.clip(mean, LEAST_EXCESS, MOST_EXCESS))
        rate = above / one.maps
        if one.rare and len(one.values) <= above:
            # Seen so seldom that what comes next is counted in.
            rate = (above + 1) / (one.maps + 1)
        limits = {a: _limit(one, a, level, rate, mean) for a in (parameters.level, parameters.pale)}
        below = tuple(map(float, one.values[above:]))
        found[one.size] = Tail(
            one.size, one.maps, level, rate, mean, 1 / sqrt(seen), limits, one.above, below
        )
    return found


def _limit(one: Peaks, level: float, start: float, rate: float, excess: float) -> float:
    """Return the statistic that a cell must exceed at a level of chance."""
    if one.rare:
        # Maxima below the level that peaks are kept above are not known.
        return max(one.above, barnard(one.maxima, level))
    wanted = -log1p(-level)
    return max(LOWEST, start + excess * log(rate / wanted) if rate > wanted else one.above)


def barnard(maxima: Floats, level: float) -> float:
    """Return the statistic that chance exceeds in at most a share of maps, exactly, in finite samples."""
    allowed = floor(level * (len(maxima) + 1) + 1e-9) - 1
    return float(np.sort(maxima)[len(maxima) - 1 - allowed])


def untestable(size: int, everyone: int, parameters: ScanParameters) -> str:
    """Return why a label cannot be tested, or nothing when it can.

    Parameters
    ----------
    size, everyone
        Companies of the label, and of all labels or none.
    """
    least = parameters.least(size)
    if size < least:
        known = f"{count(size, 'company', 'companies')} with a precise place"
        return f"{known}; a cluster needs at least {least}"
    if everyone < parameters.min_lq * size:
        reach = everyone / size
        return (
            f"carried by {size:,} of {count(everyone, 'company', 'companies')}, so no place can reach a "
            f"location quotient of {parameters.min_lq:g} (at most {reach:.2f})"
        )
    return ""
