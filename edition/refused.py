"""Rows of a register of one's own that could not be used, as the result of its run tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from clusters.results.folder import REFUSED_FILE
from data.refusals import REFUSED
from edition.record import read_record

if TYPE_CHECKING:
    from edition.edition import Edition


def refused(edition: Edition) -> pd.DataFrame:
    """Return the refused rows of an edition's register; none of the edition that ships.

    Returns
    -------
    DataFrame
        As the result has them, all text: the row, the column, the value, the reason.
    """
    record = read_record() if edition.about.own else None
    path = record.folder / REFUSED_FILE if record is not None else None
    if path is None or not path.is_file():
        return pd.DataFrame(columns=list(REFUSED))
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
