"""The figures of every region of a level, with the measure that a view asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from regions.allocation import PENCE
from regions.figures import FIGURES, level_figures, parts_of
from regions.funding import moved
from regions.measures import MEASURES

if TYPE_CHECKING:
    from edition.edition import Edition
    from edition.view import View


def table(edition: Edition, view: View, *, whole: bool = True) -> pd.DataFrame:
    """Return the measures of every region of the view's level: all, or those that the map says of its own.

    Returns
    -------
    DataFrame
        region_id, name, population, population_year; the columns of `regions.figures.figures`; and moved_gbp:
        public money by place of delivery less that by lead's address, of awards that both rules place
        (pounds; zero where there is none or no difference). Of the view's measure: value, and few (it rests
        on too few to be coloured: its value is then zero, as is one that is not known).
    """
    frame = edition.regions[view.level].reset_index(drop=True)
    rows = frame[["region_id", "name", "population", "population_year"]]
    measure = MEASURES[view.measure]
    parts = () if whole else parts_of(*(name for name in measure.columns if name in FIGURES))
    found = level_figures(edition, view, view.level, parts)
    rows = rows.join(found[found.columns.difference(rows.columns)], on="region_id")
    if whole or measure.kind == "difference":
        members = edition.tables["membership"]
        difference = moved(edition, view).by_region(members[members["level"] == view.level])
        rows["moved_gbp"] = rows["region_id"].map(difference).fillna(0) / PENCE
    least = edition.about.scan.min_firms if measure.rests_on else 0
    few = rows[measure.rests_on] < least if measure.rests_on else pd.Series(data=False, index=rows.index)
    value = rows[measure.column].fillna(0.0).where(~few, 0.0) if measure.column else 0.0
    measured: pd.DataFrame = rows.assign(few=few, value=value)
    return measured
