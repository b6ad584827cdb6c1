"""Small tables of a register, admitted and accounted for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from intake.admission import admit
from intake.columns import PLACES
from intake.register import Register

LONDON = (529089, 179644)

ROLES = ("sector", "firm_id", "easting", "northing", "lon", "lat", "postcode")


def register(table, **names):
    """The register that a table with columns named by role would come from."""
    place = next(place for place, roles in PLACES.items() if set(roles) <= set(table.column_names))
    return Register(
        "firms",
        (),
        tuple((role, names.get(role, role)) for role in ROLES if role in table.column_names),
        place,
    )


def table_of(**columns):
    size = len(next(iter(columns.values())))
    return pa.table({"sector": ["a"] * size} | columns)


def judged(ground, table, first_row=0, **names):
    out = admit(table, first_row, register(table, **names), ground)
    assert out.rows == table.num_rows == len(out.row) + len(out.refused)
    assert sorted([*out.row, *out.refused["row"]]) == list(range(first_row, first_row + table.num_rows))
    assert out.refused["row"].is_monotonic_increasing
    assert (out.refused["reason"] != "").all()
    for values in (out.easting, out.northing, out.la):
        assert len(values) == len(out.row)
    assert np.isfinite(out.easting).all()
    assert np.isfinite(out.northing).all()
    return out


def line(ground, columns):
    """Column, value and reason of the one row of a table, which is refused."""
    out = judged(ground, table_of(**{name: [value] for name, value in columns.items()}))
    assert len(out.refused) == 1
    return tuple(out.refused[["column", "value", "reason"]].iloc[0])


def by_firm(out):
    found = {int(row): [] for row in out.row}
    for firm, label in zip(out.firm, out.label, strict=True):
        found[int(out.row[firm])].append(out.names[label])
    return found
