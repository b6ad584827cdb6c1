"""Rows that are placed by their postcodes, and what is wrong with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow import mask_of, whole
from data.refusals import Fault
from intake.case import Spots
from intake.numbers import is_nothing
from intake.reasons import NO_POSTCODE, NOT_A_PLACE, NOT_A_POSTCODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from intake.case import Case
    from intake.ground import Known

# What may be a postcode or a part of one, all but letters and digits taken out.
FORM: Final = "^(?:(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)(?:[0-9][A-Z]{0,2})?|[A-Z]{1,2})$"


def by_postcode(case: Case) -> Spots:
    """Place rows by their postcodes; refuse those that cannot be."""
    texts = whole(case.sieve.cells["postcode"])
    known = case.land.known(texts)
    lost = np.flatnonzero(np.isnan(known.x) & case.sieve.fine)
    if not len(lost):
        return Spots(known.x, known.y, known.la, {})
    texts = pc.fill_null(pc.utf8_trim_whitespace(texts.take(pa.array(lost))), "")
    bare = pc.replace_substring_regex(pc.utf8_upper(texts), pattern=r"[^\pL\pN]+", replacement="")
    case.sieve.refuse(
        Fault(case.place, is_nothing(texts), NO_POSTCODE),
        Fault(case.place, ~mask_of(pc.match_substring_regex(bare, FORM)), NOT_A_POSTCODE),
        among=lost,
    )
    left = case.sieve.fine[lost]
    return _read_closely(case, texts.filter(pa.array(left)), lost[left], known)


def _read_closely(case: Case, texts: pa.Array, rows: NDArray[np.int64], known: Known) -> Spots:
    """Place by the directory's own reading what was not found at once; refuse the rest with its reason."""
    inverse, distinct = pd.factorize(texts.to_numpy(zero_copy_only=False))
    found = case.land.directory.geocode(pd.Series(distinct, dtype=object))
    level, reason = found["location_precision"].fillna(""), found["reason"].to_numpy(object).copy()
    part = ((reason == "") & (level != "postcode")).to_numpy()
    reason[part] = [f"but a postcode {one}, {NOT_A_PLACE}: give it in full" for one in level[part]]
    x, y, la = known.x.copy(), known.y.copy(), known.la.copy()
    x[rows] = found["easting"].to_numpy(float)[inverse]
    y[rows] = found["northing"].to_numpy(float)[inverse]
    la[rows] = case.land.places_of(found["la_code"])[inverse]
    bad = (reason != "")[inverse]
    reasons = pa.array(reason, pa.string()).take(pa.array(inverse[bad]))
    case.sieve.refuse(Fault(case.place, bad, reasons), among=rows)
    return Spots(x, y, la, {})
