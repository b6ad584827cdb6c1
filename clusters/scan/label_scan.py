"""The whole test of labels: threshold, specialised cells, groups of them, and how firm they are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clusters.scan.counts import LabelMap, numbers_of
from clusters.scan.field import cells_near, field, half_widths
from clusters.scan.scan import components, dense, scan, score
from clusters.scan.stability import Candidate, stability
from clusters.scan.threshold import chance, null_maxima, threshold, untestable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from clusters.scan.counts import CellCounts
    from clusters.scan.field import Field
    from clusters.scan.parameters import ScanParameters
    from clusters.scan.scan import Scores
    from clusters.scan.stability import Again, Stability

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Progress = Callable[[str, float], None]

NO_CELLS = pd.DataFrame(
    {
        "cell": pd.Series(dtype="int64"),
        "radius_m": pd.Series(dtype="float64"),
        "k": pd.Series(dtype="int64"),
        "n": pd.Series(dtype="int64"),
        "baseline": pd.Series(dtype="float64"),
        "lq": pd.Series(dtype="float64"),
        "log10_p": pd.Series(dtype="float64"),
        "group": pd.Series(dtype="int64"),
        "specialised": pd.Series(dtype="bool"),
        "frequency": pd.Series(dtype="float64"),
        "core": pd.Series(dtype="bool"),
        "label": pd.Series(dtype="object"),
    }
)
NO_GROUPS = pd.DataFrame(
    {
        "label": pd.Series(dtype="object"),
        "observed": pd.Series(dtype="int64"),
        "all_companies": pd.Series(dtype="int64"),
        "national_share": pd.Series(dtype="float64"),
        "threshold": pd.Series(dtype="float64"),
        "chance": pd.Series(dtype="float64"),
        "stability": pd.Series(dtype="float64"),
    },
    index=pd.Index([], name="group", dtype="int64"),
)


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
        On group: observed and all_companies in its cells, national_share, threshold, chance, stability.
    """

    label: str
    companies: int
    threshold: float
    reason: str
    cells: pd.DataFrame
    groups: pd.DataFrame


@dataclass(frozen=True)
class _Found:
    """What a label's test finds before its clusters are looked for again in resamples."""

    name: str
    label: LabelMap
    reason: str
    maxima: Floats
    threshold: float
    scores: Scores | None = None
    group: Ints | None = None

    @property
    def candidate(self) -> Candidate | None:
        """Its clusters, to be looked for again; nothing where it has none."""
        if self.scores is None or self.group is None or len(self.group) == 0:
            return None
        return Candidate(self.name, self.label, self.scores.cells, self.group, self.threshold)


def _quiet(_stage: str, _share: float) -> None:
    """Say nothing."""


def scan_labels(
    counts: CellCounts, parameters: ScanParameters, progress: Progress = _quiet, threads: int | None = None
) -> list[LabelScan]:
    """Test every label of the counts, in their order.

    Parameters
    ----------
    progress
        Told the stage and the share of it that is done.
    threads
        How many labels are worked on at a time; one a core unless given. Results do not depend on it.
    """
    if len(counts.keys) == 0:
        return [_untested(name, 0, untestable(0, 0, parameters)) for name in counts.labels]
    ground = field(counts.keys, counts.total, parameters)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        labels = {name: counts.of(name) for name in counts.labels}
        sizes = sorted({label.size for label in labels.values() if not _reason(label, ground, parameters)})
        # The largest first, so that no thread is left alone with one.
        known: dict[int, Floats] = {}
        drawn = pool.map(lambda size: null_maxima(size, ground, parameters), sizes[::-1])
        for done, (size, maxima) in enumerate(zip(sizes[::-1], drawn, strict=True), start=1):
            known[size] = maxima
            progress("Learning thresholds from shuffled maps", done / len(sizes))
        found = list(pool.map(lambda name: _find(name, labels[name], ground, known, parameters), labels))
        again = _firmness(found, ground, parameters, progress, pool)
    return [_label_scan(one, again.get(one.name), ground, parameters) for one in found]


def _reason(label: LabelMap, ground: Field, parameters: ScanParameters) -> str:
    return untestable(label.size, ground.size, parameters)


def _firmness(
    found: list[_Found],
    ground: Field,
    parameters: ScanParameters,
    progress: Progress,
    pool: ThreadPoolExecutor,
) -> dict[str, Stability]:
    """Return how firm the clusters of each label are that has any."""
    candidates = [one.candidate for one in found if one.candidate is not None]

    def mapper(work: Callable[[int], list[Again]], numbers: Iterable[int]) -> Iterable[list[Again]]:
        whole = list(numbers)
        for done, result in enumerate(pool.map(work, whole), start=1):
            progress("Resampling the firms", done / len(whole))
            yield result

    firm = stability(candidates, ground, parameters, mapper)
    return {one.name: each for one, each in zip(candidates, firm, strict=True)}


def _find(
    name: str, label: LabelMap, ground: Field, known: dict[int, Floats], parameters: ScanParameters
) -> _Found:
    """Test one label, given the maxima of its size."""
    reason = _reason(label, ground, parameters)
    if reason:
        return _Found(name, label, reason, np.zeros(0), float("nan"))
    maxima = known[label.size]
    limit = threshold(maxima, parameters.level)
    passed = scan(label, ground, limit)
    cells, group = grouped(passed, label, ground, parameters)
    return _Found(name, label, "", maxima, limit, score(cells, label, ground), group)


def grouped(passed: Scores, label: LabelMap, ground: Field, parameters: ScanParameters) -> tuple[Ints, Ints]:
    """Return the cells of the clusters, ascending, and the cluster of each.

    Specialised cells that are near one another form a cluster. Those of them whose own surroundings are dense
    give it their firms: a large disc may pass though its centre is not. A cluster that is left with fewer
    than the minimum, or less than half of the companies in its most striking disc, takes in that disc; what
    is then near is one cluster, so that no firm is in two of a label.

    Parameters
    ----------
    passed
        Scores of the specialised cells.
    """
    p = parameters
    if len(passed.cells) == 0:
        return passed.cells, passed.cells
    link = int(p.link_m // p.cell_m)
    local = tuple(half_widths(r, p.cell_m) for r in sorted({*p.radii_m, p.local_m}) if r <= p.local_m)
    giving = passed.cells[dense(passed, label, ground, local)]
    group = components(ground.keys[passed.cells], link)
    peaks = _peaks(passed, group)
    short = peaks[_held(giving, passed.cells, group, label) < np.maximum(p.min_firms, passed.k[peaks] / 2)]
    discs = [_disc(peak, passed, ground, p) for peak in short]
    giving = np.unique(np.concatenate([giving, *discs]))
    whole = np.union1d(passed.cells, giving)
    centres = np.repeat(passed.cells[short], [len(disc) for disc in discs])
    first, second = (np.searchsorted(whole, ends) for ends in (centres, np.concatenate([short[:0], *discs])))
    again = components(ground.keys[whole], link, (first, second))[np.searchsorted(whole, giving)]
    return giving, np.unique(again, return_inverse=True)[1]


def _held(giving: Ints, cells: Ints, group: Ints, label: LabelMap) -> Ints:
    """Companies of the label in the cells of each group that give it their firms."""
    own = group[np.searchsorted(cells, giving)]
    return np.bincount(own, label.at(giving), int(group.max()) + 1)


def _peaks(passed: Scores, group: Ints) -> Ints:
    """Position of the most striking cell of each group: largest statistic, then most firms, then first."""
    order = np.lexsort((passed.cells, -passed.k, -passed.statistic))
    return order[np.unique(group[order], return_index=True)[1]]


def _disc(peak: int, passed: Scores, ground: Field, parameters: ScanParameters) -> Ints:
    """Numbers of the occupied cells in the most striking disc around a cell."""
    key = ground.keys[passed.cells[[peak]]]
    numbers = numbers_of(
        ground.keys, cells_near(key, parameters.radii_m[passed.disc[peak]], parameters.cell_m)
    )
    return numbers[numbers >= 0]


def _untested(name: str, companies: int, reason: str) -> LabelScan:
    return LabelScan(name, companies, float("nan"), reason, NO_CELLS, NO_GROUPS)


def _label_scan(
    found: _Found, firm: Stability | None, ground: Field, parameters: ScanParameters
) -> LabelScan:
    """Put what was found into tables."""
    size = found.label.size
    if found.reason:
        return _untested(found.name, size, found.reason)
    if firm is None or found.scores is None or found.group is None:
        return LabelScan(found.name, size, -found.threshold, "", NO_CELLS, NO_GROUPS)
    cells = _cell_table(found.scores, found.group, firm, ground, limit=found.threshold, p=parameters)
    best = cells.groupby("group")["log10_p"].min()
    groups = pd.DataFrame(
        {
            "observed": _sums(found.group, found.label.at(found.scores.cells)),
            "all_companies": _sums(found.group, np.diff(ground.everyone)[found.scores.cells]),
            "national_share": size / ground.size,
            "threshold": -found.threshold,
            "chance": [chance(-log10_p, found.maxima) for log10_p in best],
            "stability": firm.returns,
        },
        index=pd.RangeIndex(len(firm.returns), name="group"),
    )
    return LabelScan(found.name, size, -found.threshold, "", cells, groups)


def _sums(group: Ints, values: Ints) -> Ints:
    return np.bincount(group, values).astype(np.int64)


def _cell_table(
    scores: Scores, group: Ints, firm: Stability, ground: Field, *, limit: float, p: ScanParameters
) -> pd.DataFrame:
    specialised = scores.statistic > limit
    return pd.DataFrame(
        {
            "cell": ground.keys[scores.cells],
            "radius_m": np.array(p.radii_m)[scores.disc],
            "k": scores.k,
            "n": scores.n,
            "baseline": scores.baseline,
            "lq": scores.lq,
            "log10_p": 0.0 - scores.statistic,
            "group": group,
            "specialised": specialised,
            "frequency": firm.frequency,
            "core": specialised & (firm.frequency >= p.core_frequency),
        }
    )
