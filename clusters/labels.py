"""The labels of shipped firms and projects: their sector and their technology families."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from data.taxonomy import sectors, technologies

if TYPE_CHECKING:
    from collections.abc import Hashable


def labels_of(table: pd.DataFrame, key: Hashable) -> pd.DataFrame:
    """Return one row for each sector and technology family of each row.

    Parameters
    ----------
    table
        The key column, is8 (sector id) and technologies (list of family ids).
    key
        firm_id or project_id.

    Returns
    -------
    DataFrame
        The key column, label (id), kind (sector, technology) and title (as a reader knows it).
    """
    titles = {item.id: item.label for item in sectors()} | {item.id: item.label for item in technologies()}
    sector = table[[key, "is8"]].set_axis([key, "label"], axis=1).assign(kind="sector")
    family = table[[key, "technologies"]].explode("technologies").dropna()
    family = family.set_axis([key, "label"], axis=1).assign(kind="technology")
    both = pd.concat([sector, family], ignore_index=True)
    return both.assign(title=both["label"].map(titles))
