"""Firms that are known only to their town, near places that came near to being a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.plural import count

if TYPE_CHECKING:
    import pandas as pd

REACH_M = 10_000.0
"""Metres within which such a firm's town is near: as far as the widest discs of the sample reach."""


def with_town_firms(nearly: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    """Say of places that came near how many firms of the label are known only to a town nearby.

    Parameters
    ----------
    nearly
        label, easting, northing (metres), reason.
    firms
        is8, technologies (lists), easting, northing, point (whether it is known more closely than to a town).

    Returns
    -------
    DataFrame
        The same rows, their reason longer where there are any.
    """
    by_town = firms[~firms["point"].astype(bool)]
    east, north = (by_town[axis].to_numpy(float) for axis in ("easting", "northing"))
    both = zip(by_town["is8"], by_town["technologies"], strict=True)
    labels = [{sector, *families} for sector, families in both]
    within = np.maximum(nearly["radius_m"].to_numpy(float), REACH_M)
    xs, ys = (nearly[axis].to_numpy(float) for axis in ("easting", "northing"))
    reasons = []
    for label, x, y, reach, reason in zip(nearly["label"], xs, ys, within, nearly["reason"], strict=True):
        near = np.hypot(east - x, north - y) <= reach
        found = sum(label in labels[firm] for firm in np.flatnonzero(near))
        beside = f"; {count(found, 'more firm')} of the kind known only to a town nearby" if found else ""
        reasons.append(f"{reason}{beside}")
    return nearly.assign(reason=np.array(reasons, dtype=object))
