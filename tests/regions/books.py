"""The shipped awards and where they lie, without an edition."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from data.tables import table
from edition.shares import lead_shares, shares


class Books(SimpleNamespace):
    """Stands in for the edition: the tables that funding reads, told apart by identity."""

    __hash__ = object.__hash__


def shipped_books() -> Books:
    """Return the tables as an edition holds them."""
    projects = table("projects")
    purpose = table("programmes").set_index("programme_id")["purpose"]
    year = pd.to_numeric(projects["start"].str[:4].where(projects["start"] != "")).astype(float)
    projects = projects.assign(purpose=projects["programme_id"].map(purpose), year=year)
    return Books(
        tables={
            "projects": projects,
            "shares": shares(projects, table("places"), table("local_authorities")),
            "lead_shares": lead_shares(table("participants"), table("organisations")),
        }
    )
