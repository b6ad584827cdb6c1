"""What is said of a project: its award with its kind, and which projects take part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from regions.funding import funding
from words.numbers import pounds

if TYPE_CHECKING:
    import pandas as pd

    from edition.edition import Edition
    from edition.filters import Filters


def taking_part(edition: Edition, filters: Filters) -> pd.DataFrame:
    """Return the projects that pass the filters, largest award first, those without a figure last."""
    projects = funding(edition, filters).projects
    return projects.sort_values(["award_gbp", "project_id"], ascending=[False, True], na_position="last")


def award_words(row: Any) -> str:
    """Return an award with its kind: "£25m", "up to £3m", "envelope of £160m", "no public figure"."""
    if np.isnan(row.award_gbp):
        return "no public figure"
    prefix = {
        "award": "",
        "at least": "at least ",
        "up to": "up to ",
        "envelope": "envelope of ",
        "project value": "project value ",
    }
    return f"{prefix[row.award_kind]}{pounds(row.award_gbp)}"
