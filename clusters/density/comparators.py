"""Density clustering beside the scan: where the firms of a label are dense, without asking about all firms.

Results have the scan's form, so that the two can be laid side by side. What only a test can give (threshold,
tail, stability, core) is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clusters.density.dbscan import dbscan_by_label
from clusters.density.hdbscan import hdbscan_by_label
from clusters.many_machines.tally import cells_of, described, taking_part
from clusters.scan.counts import numbers_of
from clusters.scan.label_scan import NO_CELLS, NO_GROUPS, LabelScan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from clusters.many_machines.tally import Setting
    from clusters.scan.counts import CellCounts
    from intake.admission import Admission

DENSITY: Mapping[str, Callable[..., pd.DataFrame]] = {"dbscan": dbscan_by_label, "hdbscan": hdbscan_by_label}


def dense_groups(
    method: str, admission: Admission, counts: CellCounts, setting: Setting
) -> tuple[list[LabelScan], pd.DataFrame]:
    """Return the dense groups of each label in the scan's form, and their members.

    Parameters
    ----------
    method
        A key of `DENSITY`; each runs with its default parameters.
    counts
        The counts of the same firms.

    Raises
    ------
    InputError
        When the method cannot do with so many firms.
    """
    chosen = np.flatnonzero(taking_part(admission, np.arange(len(admission.row)), setting)[admission.firm])
    entries = (admission.firm[chosen], admission.label[chosen])
    found = DENSITY[method](admission.easting, admission.northing, *entries)
    found = found[found["cluster"] >= 0].rename(columns={"cluster": "group"}).reset_index(drop=True)
    cell = cells_of(admission, setting.cell_m)[found["firm"].to_numpy()]
    members = described(found.assign(core=False, cell=cell), admission)
    by_label = dict(list(members.groupby("label")))
    return [_form(name, counts, by_label.get(name)) for name in counts.labels], members


def _form(name: str, counts: CellCounts, members: pd.DataFrame | None) -> LabelScan:
    """Give the groups of one label the form of a scan."""
    label = counts.of(name)
    if members is None:
        return LabelScan(name, label.size, np.nan, "", NO_CELLS, NO_GROUPS)
    share = label.size / counts.total.sum()
    cells = members.groupby(["group", "cell"]).size().rename("k").reset_index()
    number = numbers_of(counts.keys, cells["cell"].to_numpy())
    n = counts.total[number]
    # Where agents are capped, more firms are members than are counted.
    cells = cells.assign(k=np.minimum(cells["k"], label.at(number)))
    cells = cells.assign(n=n, baseline=share, lq=cells["k"] / (n * share), specialised=False, core=False)
    cells = cells.assign(**dict.fromkeys(("radius_m", "log10_p", "frequency"), np.nan))
    cells = cells[[*NO_CELLS.columns.drop("label")]]
    sums = cells.groupby("group").agg(observed=("k", "sum"), all_companies=("n", "sum"))
    # What only the scan can tell.
    groups = sums.reindex(columns=NO_GROUPS.columns.drop("label")).assign(national_share=share, standing="")
    return LabelScan(name, label.size, np.nan, "", cells, groups)
