"""Ids that are in use no more, and what stands for them now: codes of places, and clusters of an own edition.

Codes come from the shipped table `moved_ids`; clusters from the lineage of a result that was made with the
former one beside it. The store holds both as one table: a row for each old id and each that stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edition.edition import Edition

CLUSTER, PLACE = "cluster", "place"
COLUMNS = ("kind", "old_id", "old_name", "new_id", "new_name", "since")
# What is read of a lineage, beside the overlap.
TOLD = ("before_id", "before_name", "after_id")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Moved:
    """An id that is in use no more.

    Attributes
    ----------
    kind
        ``la``, ``itl3`` or ``cluster``.
    old_id, old_name
        What it was, and stood for.
    new_ids
        What stands for it now, in the present edition: of an authority that was divided, every part; of a
        cluster that is gone, nothing.
    since
        Date of codes (a year, month or day); name of the edition that a cluster is not in any more.
    words
        All of it for people, without a full stop; names in it are free text.
    """

    kind: str
    old_id: str
    old_name: str
    new_ids: tuple[str, ...]
    since: str
    words: str


def current(edition: Edition, kind: str, old_id: str) -> Moved | None:
    """Return what became of an id; None for one that is still in use, or was never known.

    Parameters
    ----------
    edition
        Whose ids are the present ones.
    kind
        ``la``, ``itl3``, ``cluster``, or ``place`` for any but clusters.
    old_id
        Codes in any case; a cluster's id as it is.
    """
    known = _index(edition)
    if kind == CLUSTER:
        return known.get((CLUSTER, old_id))
    found = known.get((PLACE, old_id.strip().upper()))
    return found if found is not None and kind in {PLACE, found.kind} else None


def formerly(edition: Edition, name: str) -> list[Moved]:
    """Return the places that had a name, whatever its case, and have it no more."""
    folded = " ".join(name.split()).casefold()
    found = [one for (kind, _), one in _index(edition).items() if kind == PLACE]
    return [one for one in found if one.old_name.casefold() == folded]


# An edition's tables do not change.
@lru_cache(maxsize=4)
def _index(edition: Edition) -> Mapping[tuple[str, str], Moved]:
    rows = edition.tables["moved_ids"]
    return {
        (CLUSTER if kind == CLUSTER else PLACE, str(old)): _moved(str(kind), str(old), part)
        for (kind, old), part in rows.groupby(["kind", "old_id"], sort=False)
    }


def _moved(kind: str, old_id: str, part: pd.DataFrame) -> Moved:
    name, since = str(part["old_name"].iloc[0]), str(part["since"].iloc[0])
    now = part[part["new_id"] != ""]
    new_ids = tuple(now["new_id"].astype(str))
    named = [f"{new} ({called})" for new, called in zip(new_ids, now["new_name"], strict=True)]
    if kind != CLUSTER:
        words = f"{old_id} ({name}) became {_listed(named)} {_when(since)}"
    elif new_ids:
        words = f"The cluster {old_id} ({name}) became part of {_listed(named)} in edition {since}"
    else:
        words = f"The cluster {old_id} ({name}) is gone: edition {since} has none with enough of its firms"
    return Moved(kind, old_id, name, new_ids, since, words)


def _when(date: str) -> str:
    """Return a date in words, with its preposition.

    Examples
    --------
    >>> _when("2023-04-01"), _when("2025-01"), _when("2018")
    ('on 1 April 2023', 'in January 2025', 'in 2018')
    """
    year, *rest = date.split("-")
    if not rest:
        return f"in {year}"
    month = MONTHS[int(rest[0]) - 1]
    return f"on {int(rest[1])} {month} {year}" if rest[1:] else f"in {month} {year}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def moved_places(codes: pd.DataFrame, authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the codes of places as the store has them.

    Parameters
    ----------
    codes
        The shipped table `moved_ids`.
    authorities
        The shipped table `local_authorities`, for the names of today.

    Returns
    -------
    DataFrame
        `COLUMNS`, all text: a row for each old code and each that stands for it now.
    """
    names = {
        **dict(zip(authorities["gss_code"], authorities["name"], strict=True)),
        **dict(zip(authorities["itl3_code"], authorities["itl3_name"], strict=True)),
    }
    rows = codes.assign(new_id=codes["new_ids"].str.split(";")).explode("new_id", ignore_index=True)
    return rows.assign(new_name=rows["new_id"].map(names))[[*COLUMNS]].astype(str)


def moved_clusters(lineage: pd.DataFrame | None, clusters: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the clusters of the former edition whose ids are in use no more, as the store has them.

    Parameters
    ----------
    lineage
        Columns of `clusters.description.lineage.LINEAGE`; None where there was no former edition.
    clusters
        cluster_id and name of the present ones.
    name
        Of the present edition.

    Returns
    -------
    DataFrame
        `COLUMNS`, all text. A cluster that goes on under its id has no row. One that became part of others
        leads to the one that is most like it (by Jaccard overlap of their members); one that is gone, to
        nothing.
    """
    if lineage is None:
        return pd.DataFrame({column: pd.Series(dtype=str) for column in COLUMNS})
    present = dict(zip(clusters["cluster_id"].astype(str), clusters["name"].astype(str), strict=True))
    # What files leave empty comes back as missing, and a column without any text as numbers.
    told = {name: lineage[name].astype(object).where(lineage[name].notna(), "").astype(str) for name in TOLD}
    text = pd.DataFrame(told).assign(jaccard=lineage["jaccard"].astype(float))
    left = text[(text["before_id"] != "") & ~text["before_id"].isin([*present])]
    # What is not in this edition after all, as in files from elsewhere, cannot be led to.
    left = left.assign(lost=~left["after_id"].isin([*present]))
    left = left.assign(after_id=left["after_id"].where(~left["lost"], ""))
    order = ["before_id", "lost", "jaccard", "after_id"]
    first = left.sort_values(order, ascending=[True, True, False, True]).drop_duplicates("before_id")
    return (
        pd.DataFrame(
            {
                "kind": CLUSTER,
                "old_id": first["before_id"],
                "old_name": first["before_name"],
                "new_id": first["after_id"],
                "new_name": [present.get(one, "") for one in first["after_id"]],
                "since": name,
            }
        )
        .astype(str)
        .reset_index(drop=True)
    )
