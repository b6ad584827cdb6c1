"""Which authorities an award is for, and the share each takes: by place of delivery, or by lead's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from data.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Bases that no source states: how an award is shared is then an estimate.
ESTIMATED = frozenset({"population", "equal split"})
COLUMNS = ["project_id", "la_code", "weight", "basis"]
PLACED_BY_SITE = ("postcode", "site", "campus", "town")


def benefiting(
    text: str, places: Mapping[str, list[str]], nations: Mapping[str, list[str]], known: set[str]
) -> list[str]:
    """Return the authorities (GSS codes, sorted) that a `benefiting_places` text stands for.

    Parameters
    ----------
    text : str
        Place ids, ``nation:NAME`` or ``la:GSS``, parted by ``;``; empty for none.
    places, nations : dict
        Members of each place id and of each nation, as GSS codes.
    known : set of str
        All GSS codes.

    Raises
    ------
    TableError
        If an entry is unknown; the message quotes it.
    """
    members: set[str] = set()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        kind, _, name = entry.rpartition(":")
        if kind == "la":
            found = [name] if name in known else []
        else:
            found = {"": places, "nation": nations}.get(kind, {}).get(name, [])
        if not found:
            raise TableError(
                f"benefiting place {entry!r} is unknown; right are a place id, nation:NAME or la:GSS"
            )
        members.update(found)
    return sorted(members)


def shares(projects: pd.DataFrame, places: pd.DataFrame, authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each project that each authority takes.

    Parameters
    ----------
    projects : DataFrame
        Columns project_id, benefiting_places, location_precision, la_code.
    places : DataFrame
        Columns place_id, la_code: a row per member.
    authorities : DataFrame
        Columns gss_code, nation, population.

    Returns
    -------
    DataFrame
        Columns project_id, la_code, weight (people, or 1), basis, share. The shares of a project that is
        placed sum to one; a project that is not placed has no row.

    Raises
    ------
    TableError
        If a project lies in, or is for, a place or authority that the tables do not have.
    """
    by_place = _listed(places["place_id"], places["la_code"])
    by_nation = _listed(authorities["nation"], authorities["gss_code"])
    population = dict(zip(authorities["gss_code"], authorities["population"], strict=True))
    known = set(population)
    rows = [
        (project.project_id, *part)
        for project in projects.itertuples(index=False)
        for part in _split(
            project, benefiting(str(project.benefiting_places), by_place, by_nation, known), population
        )
    ]
    split = pd.DataFrame(rows, columns=COLUMNS).astype({"weight": "int64"})
    strangers = split[~split["la_code"].isin(population)]
    if len(strangers):
        project_id, la_code = strangers.iloc[0][["project_id", "la_code"]]
        raise TableError(f"project {project_id!r} lies in {la_code!r}, which is no authority of the table")
    return _with_share(split)


def lead_shares(participants: pd.DataFrame, organisations: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each project that the authority of each lead's address takes.

    Parameters
    ----------
    participants : DataFrame
        Columns project_id, organisation, role (lead or partner): each organisation of a project once.
    organisations : DataFrame
        Columns organisation (unique), la_code: where the leads have their head offices, as far as known.

    Returns
    -------
    DataFrame
        As `shares` does; weight is the number of leads in the authority. A project without a lead, or with
        one whose address is not known, has no row.
    """
    leads = participants.loc[participants["role"] == "lead", ["project_id", "organisation"]]
    address = dict(zip(organisations["organisation"], organisations["la_code"], strict=True))
    found = leads.assign(la_code=leads["organisation"].map(address))
    found = found[~found["project_id"].isin(found.loc[found["la_code"].isna(), "project_id"])]
    counts = found.groupby(["project_id", "la_code"]).size().rename("weight").reset_index()
    several = counts["project_id"].duplicated(keep=False)
    split = counts.assign(basis=np.where(several, "equal split", "lead's address"))[COLUMNS]
    return _with_share(split.astype({"weight": "int64"}))


def _with_share(split: pd.DataFrame) -> pd.DataFrame:
    return split.assign(share=split["weight"] / split.groupby("project_id")["weight"].transform("sum"))


def _listed(groups: pd.Series, members: pd.Series) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for group, member in zip(groups, members, strict=True):
        listed.setdefault(group, []).append(member)
    return listed


def _split(project: Any, members: list[str], population: Mapping[str, float]) -> list[tuple[str, int, str]]:
    if len(members) == 1:
        return [(members[0], 1, "named area")]
    if members:
        # A member that is no authority has no residents; `shares` refuses it by name.
        return [(code, int(population.get(code, 0)), "population") for code in members]
    if project.location_precision in PLACED_BY_SITE:
        return [(project.la_code, 1, "site")]
    return []
