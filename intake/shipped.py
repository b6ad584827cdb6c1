"""What may take part: firms with a precise place and their labels; the rest goes back with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.errors import TableError
from data.refusals import Fault, split

if TYPE_CHECKING:
    from collections.abc import Iterable

PRECISE = ("postcode", "campus")
"""Location precisions that are places of work; a town's centre is not one."""

KINDS = ("sector", "technology")

NEEDED = ("firm_id", "easting", "northing", "location_precision")
TRAITS = ("size_band", "founded_year")
OPTIONAL = ("name", "company_group", "site", "town", "la_code", "la_name", *TRAITS)


@dataclass(frozen=True)
class Intake:
    """Rows that take part, and those that do not.

    Attributes
    ----------
    firms
        Sorted by firm_id, with every column of ``NEEDED`` and ``OPTIONAL`` and `company`: the group of a
        site that belongs to one, else the firm itself.
    labels
        firm_id, label, kind; sorted by label and firm_id.
    kinds
        Kind of every label named, also of those that no admitted firm carries.
    refused
        table (firms, labels), row (its place in the table given), firm_id, column, value, reason: one row for
        each row refused.
    """

    firms: pd.DataFrame
    labels: pd.DataFrame
    kinds: dict[str, str]
    refused: pd.DataFrame


def admit(firms: pd.DataFrame, labels: pd.DataFrame) -> Intake:
    """Split firms and labels into those that can be counted and those that cannot.

    Parameters
    ----------
    firms
        firm_id, easting, northing (EPSG:27700 metres), location_precision; optional: name, company_group,
        site, town, la_code, la_name, size_band, founded_year.
    labels
        firm_id, label; optional: kind (sector, technology), sector where the column is absent.

    Raises
    ------
    TableError
        When a needed column is missing, a kind is unknown, or one label has two kinds.
    """
    _require(firms, NEEDED, "firms")
    _require(labels, ("firm_id", "label"), "labels")
    tidy = _ordered_firms(firms)
    kept, refused = split(tidy, _firm_faults(tidy), told=("firm_id",))
    tidy = _ordered_labels(labels)
    kept_labels, refused_labels = split(tidy, _label_faults(tidy, kept["firm_id"]), told=("firm_id",))
    each = {"firms": refused, "labels": refused_labels}
    named = tidy[tidy["label"] != ""]
    return Intake(
        firms=kept.reset_index(drop=True),
        labels=kept_labels.reset_index(drop=True),
        kinds=dict(zip(named["label"], named["kind"], strict=True)),
        refused=pd.concat(each, names=["table"]).reset_index("table").reset_index(drop=True),
    )


def _require(table: pd.DataFrame, columns: Iterable[str], name: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise TableError(f"the table of {name} lacks {missing}: it has {list(table.columns)}")


def _ordered_firms(firms: pd.DataFrame) -> pd.DataFrame:
    """Every column present, one type each, and an order that does not depend on the caller's."""
    tidy = firms.reindex(columns=[*NEEDED, *OPTIONAL]).reset_index(drop=True)
    for column in ("firm_id", "location_precision", *OPTIONAL):
        tidy[column] = _text(tidy[column])
    for column in ("easting", "northing"):
        tidy[column] = pd.to_numeric(tidy[column], errors="coerce").astype(float)
    tidy["company"] = tidy["company_group"].where(tidy["company_group"] != "", tidy["firm_id"])
    return tidy.sort_values([*tidy.columns], kind="stable")


def _ordered_labels(labels: pd.DataFrame) -> pd.DataFrame:
    tidy = labels.reindex(columns=["firm_id", "label", "kind"]).reset_index(drop=True)
    tidy["kind"] = tidy["kind"].fillna(KINDS[0]) if "kind" in labels.columns else KINDS[0]
    for column in ("firm_id", "label", "kind"):
        tidy[column] = _text(tidy[column])
    unknown = sorted(set(tidy["kind"]) - set(KINDS))
    if unknown:
        raise TableError(f"kind {unknown[0]!r} of a label is unknown: it must be one of {KINDS}")
    kinds = tidy.groupby("label")["kind"].nunique()
    if (kinds > 1).any():
        raise TableError(f"label {kinds.index[kinds > 1][0]!r} is both a sector and a technology: rename one")
    return tidy.sort_values(["label", "firm_id"], kind="stable")


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str).str.strip().astype(object)


def _firm_faults(firms: pd.DataFrame) -> list[Fault]:
    """Return what may be wrong with firms, the weightiest first."""
    placed = {axis: np.isfinite(firms[axis]) for axis in ("easting", "northing")}
    precise = firms["location_precision"].isin(PRECISE)
    usable = placed["easting"] & placed["northing"] & precise
    again = pd.Series(data=False, index=firms.index)
    again[usable] = firms.loc[usable, "firm_id"].duplicated()
    imprecise = f"not a place of work: only {' or '.join(PRECISE)} take part"
    return [
        Fault(("firm_id",), firms["firm_id"] == "", "no firm_id"),
        *(Fault((axis,), ~finite, f"no {axis} in metres") for axis, finite in placed.items()),
        Fault(("location_precision",), ~precise, imprecise),
        Fault(("firm_id",), again, "firm_id given before"),
    ]


def _label_faults(labels: pd.DataFrame, known: pd.Series) -> list[Fault]:
    """Return what may be wrong with labels of the firms known, the weightiest first."""
    return [
        Fault(("label",), labels["label"] == "", "no label"),
        Fault(("firm_id",), ~labels["firm_id"].isin(known), "its firm takes no part"),
        Fault(("label",), labels.duplicated(["firm_id", "label"]), "label given to this firm before"),
    ]
