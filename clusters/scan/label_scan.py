"""The whole test of labels: chances, specialised cells, groups of them, how sure and how firm they are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clusters.scan.field import field as ground_of
from clusters.scan.grouping import grouped
from clusters.scan.kernels import surroundings
from clusters.scan.nearly import NEARLY, best_place, nearly
from clusters.scan.rates import CHANCE, false_shares, standings
from clusters.scan.scan import near, scan, score
from clusters.scan.stability import Candidate, stability
from clusters.scan.threshold import null_peaks, tails, untestable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from clusters.scan.counts import CellCounts, LabelMap
    from clusters.scan.field import Field
    from clusters.scan.kernels import Own
    from clusters.scan.parameters import ScanParameters
    from clusters.scan.scan import Scores
    from clusters.scan.stability import Again, Stability
    from clusters.scan.threshold import Peaks, Tail

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Progress = Callable[[str, float], None]

CELLS = {
    "cell": "int64",
    "radius_m": "float64",
    "k": "int64",
    "n": "int64",
    "baseline": "float64",
    "lq": "float64",
    "log10_p": "float64",
    "group": "int64",
    "specialised": "bool",
    "frequency": "float64",
    "core": "bool",
}
GROUPS = {
    "observed": "int64",
    "all_companies": "int64",
    "national_share": "float64",
    "kind_share": "float64",
    "window_share": "float64",
    "ring_share": "float64",
    "threshold": "float64",
    "e": "float64",
    "p": "float64",
    "p_error": "float64",
    "q": "float64",
    "standing": "object",
    "stability": "float64",
}


def _empty(columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


NO_CELLS = _empty(CELLS | {"label": "object"})
NO_GROUPS = _empty({"label": "object"} | GROUPS).rename_axis("group")
NO_PLACES = _empty(NEARLY)


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
        Cells of the clusters by key: cell, radius_m (of the most striking disc), k, n, baseline, lq, log10_p,
        group, specialised, frequency, core.
    groups
        On group: observed and all_companies in its cells; at its most striking cell national_share,
        kind_share (the larger of those among other places of the same kinds), window_share, ring_share;
        threshold, e, p, p_error (from the number of maps), q, standing, stability.
    nearly
        Places that came nearest to being one, the most striking first; see `clusters.scan.nearly`.
    best
        The most likely place, in the same columns: one row, or none.
    tail
        What shuffled maps of the label show.
    leans
        How many times as common the label is in a kind of place, and in a region, as in the country, at most.
    """

    label: str
    companies: int
    threshold: float
    reason: str
    cells: pd.DataFrame
    groups: pd.DataFrame
    nearly: pd.DataFrame = field(default_factory=NO_PLACES.copy)
    best: pd.DataFrame = field(default_factory=NO_PLACES.copy)
    tail: Tail | None = None
    leans: tuple[float, float] = (float("nan"), float("nan"))


@dataclass(frozen=True)
class _Found:
    """What a label's test finds before its clusters are looked for again in resamples.

    Attributes
    ----------
    passed
        Scores of the cells that stand out at all: as chance does once a map.
    scores, group
        Scores of the cells of clusters, ascending, and the cluster of each.
    limits, e
        Of each cluster: statistic that its cells had to exceed, and peaks a shuffled map as striking.
    q
        Share of chance among all that is as striking, of any label; not a number until that is known.
    """

    name: str
    label: LabelMap
    own: Own
    tail: Tail
    passed: Scores
    scores: Scores
    group: Ints
    limits: Floats
    e: Floats
    q: Floats

    @property
    def p(self) -> Floats:
        """Share of shuffled maps with anything as striking, for each cluster."""
        return -np.expm1(-self.e)

    @property
    def candidate(self) -> Candidate:
        """Its clusters, to be looked for again."""
        return Candidate(self.name, self.label, self.scores.cells, self.group, self.limits)

    def keep(self, kept: NDArray[np.bool_], q: Floats) -> _Found:
        """Return it with some of its clusters, numbered anew."""
        number = np.cumsum(kept) - 1
        cells = kept[self.group]
        return replace(
            self,
            scores=self.scores.of(cells),
            group=number[self.group[cells]],
            limits=self.limits[kept],
            e=self.e[kept],
            q=q[kept],
        )


def _quiet(_stage: str, _share: float) -> None:
    """Say nothing."""


def scan_labels(
    counts: CellCounts,
    parameters: ScanParameters,
    progress: Progress = _quiet,
    threads: int | None = None,
    known: Callable[[str, int], Tail] | None = None,
) -> list[LabelScan]:
    """Test every label of the counts, in their order.

    Parameters
    ----------
    progress
        Told the stage and the share of it that is done.
    threads
        How many labels are worked on at a time; one a core unless given. Results do not depend on it.
    known
        What shuffled maps of a label of a size show, where that is known already: none are drawn.
    """
    labels = {name: counts.of(name) for name in counts.labels}
    everyone = int(counts.total.sum())
    reasons = {name: untestable(label.size, everyone, parameters) for name, label in labels.items()}
    tested = {name: label for name, label in labels.items() if not reasons[name]}
    found: dict[str, LabelScan] = {}
    if tested:
        ground = ground_of(counts.keys, counts.total, parameters)
        with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
            if known is None:
                by_size = _learnt(tested, ground, progress, pool)
                tail_of = {name: by_size[label.size] for name, label in tested.items()}
            else:
                tail_of = {name: known(name, label.size) for name, label in tested.items()}
            every = list(pool.map(lambda name: _find(name, tested[name], ground, tail_of[name]), tested))
            every = _rated(every, parameters)
            again = _firmness(every, ground, progress, pool)
            shown = pool.map(lambda one: _label_scan(one, again.get(one.name), ground), every)
            found = {one.label: one for one in shown}
    return [
        found[name]
        if name in found
        else LabelScan(name, label.size, float("nan"), reasons[name], NO_CELLS, NO_GROUPS)
        for name, label in labels.items()
    ]


def _learnt(
    labels: Mapping[str, LabelMap], ground: Field, progress: Progress, pool: ThreadPoolExecutor
) -> dict[int, Tail]:
    """Return what shuffled maps of each size show; the largest first, so that no thread is left with one."""
    sizes = sorted({label.size for label in labels.values()}, reverse=True)
    drawn: list[Peaks] = []
    for one in pool.map(lambda size: null_peaks(size, ground), sizes):
        drawn.append(one)
        progress("Learning chances from shuffled maps", len(drawn) / len(sizes))
    return tails(drawn, ground.parameters)


def _find(name: str, label: LabelMap, ground: Field, tail: Tail) -> _Found:
    """Test one label: clusters beyond chance, and, away from these, what may be one."""
    p = ground.parameters
    own, rule = ground.own(label), ground.rule(label.size)
    limit, pale = tail.limits[p.level], tail.limits[p.pale]
    passed = scan(label, own, ground, rule, min(tail.once, pale))
    sure = passed.of(passed.statistic > limit)
    cells, group = grouped(sure, label, own, ground)
    rest = passed.of((passed.statistic > pale) & (passed.statistic <= limit))
    rest = rest.of(~near(ground.keys, rest.cells, np.union1d(cells, sure.cells), p.link))
    more, others = _apart(*grouped(rest, label, own, ground), cells)
    first = int(group.max(initial=-1)) + 1
    both, which = np.concatenate([cells, more]), np.concatenate([group, first + others])
    order = np.argsort(both)
    scores, which = score(both[order], own, ground, rule), which[order]
    groups = int(which.max(initial=-1)) + 1
    limits = np.where(np.arange(groups) < first, limit, pale)
    best = np.zeros(groups)
    np.maximum.at(best, which, scores.statistic)
    e = np.array([tail.expected(value) for value in best])
    return _Found(name, label, own, tail, passed, scores, which, limits, e, np.full(groups, np.nan))


def _apart(cells: Ints, group: Ints, taken: Ints) -> tuple[Ints, Ints]:
    """Return the groups that share no cell with those that are taken, numbered anew."""
    wrong = np.unique(group[np.isin(cells, taken)])
    kept = ~np.isin(group, wrong)
    return cells[kept], np.unique(group[kept], return_inverse=True)[1]


def _rated(every: list[_Found], parameters: ScanParameters) -> list[_Found]:
    """Rate the clusters of all labels together; those that may as well be chance are no longer clusters."""
    e = np.concatenate([one.e for one in every])
    q = false_shares(e, len(every))
    kept = standings(-np.expm1(-e), q, parameters.level, parameters.pale) != CHANCE
    ends = np.cumsum([len(one.e) for one in every])[:-1]
    parts = zip(every, np.split(kept, ends), np.split(q, ends), strict=True)
    return [one.keep(own, shares) for one, own, shares in parts]


def _firmness(
    every: list[_Found], ground: Field, progress: Progress, pool: ThreadPoolExecutor
) -> dict[str, Stability]:
    """Return how firm the clusters of each label are that has any."""
    candidates = [one.candidate for one in every if len(one.e)]

    def mapper(work: Callable[[int], list[Again]], numbers: Iterable[int]) -> Iterable[list[Again]]:
        whole = list(numbers)
        for done, result in enumerate(pool.map(work, whole), start=1):
            progress("Resampling the firms", done / len(whole))
            yield result

    firm = stability(candidates, ground, mapper)
    return {one.name: each for one, each in zip(candidates, firm, strict=True)}


def _label_scan(found: _Found, firm: Stability | None, ground: Field) -> LabelScan:
    """Put what was found into tables."""
    p = ground.parameters
    limit = -found.tail.limits[p.level]
    close = nearly(found.passed, found.scores.cells, ground, found.tail)
    cells, groups, best = NO_CELLS, NO_GROUPS, close.head(1)
    if firm is not None:
        cells = _cell_table(found, firm, ground)
        groups = _group_table(found, firm, ground)
        best = nearly(found.scores, found.scores.cells[:0], ground, found.tail).head(1)
    elif len(close) == 0:
        best = best_place(found.label, found.own, ground, found.tail)
    leans = ground.leans(found.own)
    return LabelScan(found.name, found.label.size, limit, "", cells, groups, close, best, found.tail, leans)


def _group_table(found: _Found, firm: Stability, ground: Field) -> pd.DataFrame:
    p, tail, scores, group = ground.parameters, found.tail, found.scores, found.group
    order = np.lexsort((scores.cells, -scores.k, -scores.statistic))
    peaks = scores.of(order[np.unique(group[order], return_index=True)[1]])
    rule = ground.rule(found.label.size)
    kind, window, ring = surroundings(ground.ground, found.own, peaks.cells, peaks.k, peaks.n, rule)
    companies, everyone = found.label.at(scores.cells), np.diff(ground.everyone)[scores.cells]
    return pd.DataFrame(
        {
            "observed": np.bincount(group, companies).astype(np.int64),
            "all_companies": np.bincount(group, everyone).astype(np.int64),
            "national_share": found.own.share,
            "kind_share": kind,
            "window_share": window,
            "ring_share": ring,
            "threshold": -found.limits,
            "e": found.e,
            "p": found.p,
            "p_error": [tail.error(value) for value in peaks.statistic],
            "q": found.q,
            "standing": standings(found.p, found.q, p.level, p.pale).astype(object),
            "stability": firm.returns,
        },
        index=pd.RangeIndex(len(found.e), name="group"),
    )


def _cell_table(found: _Found, firm: Stability, ground: Field) -> pd.DataFrame:
    p, scores = ground.parameters, found.scores
    specialised = scores.statistic > found.limits[found.group]
    return pd.DataFrame(
        {
            "cell": ground.keys[scores.cells],
            "radius_m": np.array(p.radii_m)[scores.disc],
            "k": scores.k,
            "n": scores.n,
            "baseline": scores.baseline,
            "lq": scores.lq,
            "log10_p": 0.0 - scores.statistic,
            "group": found.group,
            "specialised": specialised,
            "frequency": firm.frequency,
            "core": specialised & (firm.frequency >= p.core_frequency),
        }
    )
