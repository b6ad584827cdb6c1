"""What a part of a register adds to the sums of sizes and dates of foundation; see `tally`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from clusters.description.traits import counted
from clusters.many_machines.tally import cells_of, taking_part
from intake.traits import examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from clusters.description.traits import Span, Traits
    from clusters.many_machines.tally import Setting
    from intake.admission import Admission

SIZE, FOUNDED = "size", "founded"


class Heard(NamedTuple):
    """What the rows kept say in a column.

    Attributes
    ----------
    known
        Firms of which it is known.
    unread
        Firms whose value cannot be read.
    such_as
        A few of these values.
    largest
        The largest value known, NaN without any.
    """

    known: int
    unread: int
    such_as: tuple[str, ...]
    largest: float


@dataclass(frozen=True, eq=False)
class Asked:
    """What sizes and dates are counted for.

    Attributes
    ----------
    cells
        Keys of the cells of all clusters.
    span
        Years of the births; None where no date is known.
    """

    cells: NDArray[np.int64]
    span: Span | None


def heard(admission: Admission) -> dict[str, Heard]:
    """Return what a part says of sizes and dates, as far as it has the columns."""
    found = {}
    for name, trait in ((SIZE, admission.size), (FOUNDED, admission.founded)):
        if trait is not None:
            known = trait.values[~np.isnan(trait.values)]
            largest = float(known.max()) if len(known) else np.nan
            found[name] = Heard(len(known), trait.unread, trait.such_as, largest)
    return found


def all_heard(parts: Iterable[Mapping[str, Heard]]) -> dict[str, Heard]:
    """Put together what several parts say."""
    each = [*parts]
    found = {}
    for name in (SIZE, FOUNDED):
        there = [one[name] for one in each if name in one]
        if there:
            found[name] = Heard(
                sum(one.known for one in there),
                sum(one.unread for one in there),
                examples(text for one in there for text in one.such_as),
                float(np.fmax.reduce([one.largest for one in there])),
            )
    return found


def traits(admission: Admission, setting: Setting, asked: Asked) -> Traits:
    """Count the firms of a part that take part, by size and date."""
    kept = np.flatnonzero(taking_part(admission, np.arange(len(admission.row)), setting))
    place = np.full(len(admission.row), -1)
    place[kept] = np.arange(len(kept))
    firm = place[admission.firm]
    names = pd.Index(admission.names, dtype=object)
    label = pd.Categorical.from_codes(admission.label[firm >= 0].astype(np.int64), categories=names)
    firms = pd.DataFrame({"cell": cells_of(admission, setting.cell_m)[kept]})
    for name, trait in ((SIZE, admission.size), (FOUNDED, admission.founded)):
        if trait is not None:
            firms[name] = trait.values[kept]
    return counted(firms, pd.DataFrame({"firm": firm[firm >= 0], "label": label}), asked.cells, asked.span)
