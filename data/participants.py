"""Who takes part in a project: the lead and the partners, spelled one way, and the firms among them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

ALIASES_FILE = Path(__file__).with_name("participants.toml")
SEPARATOR = ";"
# The order is the order of weight: who leads a project is not its partner as well.
ROLES = ("lead", "partner")

# Words that say what kind of company it is, not which; "UK" names the national arm of the same firm.
LEGAL_FORMS = frozenset({"ltd", "limited", "plc", "llp", "lp", "inc", "cic", "uk"})
# How sure a match with a firm is, surest first; see `firm_participants`.
MATCHES = ("name", "name without site", "group")


def participants(projects: pd.DataFrame) -> pd.DataFrame:
    """Return the organisations that take part in each project.

    Parameters
    ----------
    projects : DataFrame
        With columns project_id, lead and partners; several names in a cell are parted by ``;``.

    Returns
    -------
    DataFrame
        Columns project_id, organisation, role (lead or partner); a row an organisation and project, in the
        order of the projects. A lead that is also named as a partner stands once, as the lead. Phrases for
        others who are not named are left to `unnamed_participants`.
    """
    named = _tokens(projects)
    named = named[~named["token"].map(is_unnamed).astype(bool)]
    named = named.assign(organisation=named["token"].map(organisation_name))
    once = named.drop_duplicates(["project_id", "organisation"])
    return once[["project_id", "organisation", "role"]].reset_index(drop=True)


def unnamed_participants(projects: pd.DataFrame) -> pd.DataFrame:
    """Return the phrases that stand for participants whom the source does not name.

    Parameters
    ----------
    projects : DataFrame
        With columns project_id, lead and partners.

    Returns
    -------
    DataFrame
        Columns project_id, phrase, role: what `participants` leaves out, so that nothing is lost.
    """
    tokens = _tokens(projects)
    phrases = tokens[tokens["token"].map(is_unnamed).astype(bool)].rename(columns={"token": "phrase"})
    return phrases[["project_id", "phrase", "role"]].drop_duplicates(ignore_index=True)


def organisation_name(token: str) -> str:
    """Return the one spelling of an organisation's name; a name without another spelling comes back trimmed.

    Examples
    --------
    >>> organisation_name(" UKRI ")
    'UK Research and Innovation'
    """
    plain = " ".join(token.split())
    return _aliases().get(plain.casefold(), plain)


def is_unnamed(token: str) -> bool:
    """Say whether a phrase stands for participants who are not named."""
    return " ".join(token.split()).casefold() in _unnamed()


def firm_participants(people: pd.DataFrame, firms: pd.DataFrame) -> pd.DataFrame:
    """Return the firms that take part in projects, by equal names.

    Names are compared without case, accents, punctuation, legal form and "UK". A shared word is no match.

    Parameters
    ----------
    people : DataFrame
        As `participants` returns.
    firms : DataFrame
        With columns firm_id, name and company_group (empty where the firm is no site of a group).

    Returns
    -------
    DataFrame
        Columns project_id, firm_id, organisation, matched_by:
        ``name``, the firm's full name; ``name without site``, its name without the part in brackets;
        ``group``, the group that the firm is a site of. A match by group gives every site of it: which of
        them took part is not known. An organisation is matched in one of these ways alone.
    """
    keys = _firm_keys(firms)
    named = people["organisation"].astype(str)
    found = {name: _match(organisation_key(name), keys) for name in named.unique().tolist()}
    rows = [
        (project_id, firm_id, name, found[name][0])
        for project_id, name in zip(people["project_id"], named, strict=True)
        for firm_id in found[name][1]
    ]
    return pd.DataFrame(rows, columns=["project_id", "firm_id", "organisation", "matched_by"])


def organisation_key(name: str) -> str:
    """Return a name as it is compared: without case, accents, punctuation, legal form, "UK", leading "the".

    Examples
    --------
    >>> organisation_key("The Morgan & Sons (UK) Ltd") == organisation_key("Morgan and Sons")
    True
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    spaced = re.sub(r"[^a-z0-9]+", " ", plain.replace("&", " and ").replace("'", ""))
    words = [word for word in spaced.split() if word not in LEGAL_FORMS]
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def _tokens(projects: pd.DataFrame) -> pd.DataFrame:
    """Return project_id, token and role of every name or phrase, leads first within a project."""
    parts = [_split(projects, "lead", ROLES[0]), _split(projects, "partners", ROLES[1])]
    joined = pd.concat(parts)
    place = pd.Series(range(len(projects)), index=projects["project_id"])
    order = joined["project_id"].map(place).astype(float)
    return joined.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _split(projects: pd.DataFrame, column: str, role: str) -> pd.DataFrame:
    cells = projects[column].fillna("").astype(str).str.split(SEPARATOR)
    tokens = pd.DataFrame({"project_id": projects["project_id"], "token": cells}).explode("token")
    tokens["token"] = tokens["token"].str.split().str.join(" ")
    return tokens[tokens["token"] != ""].assign(role=role)


def _firm_keys(firms: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Return, for each way of matching, the firms by key."""
    names = firms["name"].astype(str)
    ways = {
        "name": names,
        "name without site": names.str.replace(r"\(.*?\)", " ", regex=True),
        "group": firms["company_group"].fillna("").astype(str),
    }
    # Most names are the same without a site, and of a register many may be missing: each is keyed once.
    distinct = {*chain.from_iterable(column.unique().tolist() for column in ways.values())}
    keys = {name: organisation_key(name) for name in distinct}
    return {way: _by_key(column.map(keys), firms["firm_id"]) for way, column in ways.items()}


def _by_key(keys: pd.Series, firm_ids: pd.Series) -> dict[str, list[str]]:
    firms: dict[str, list[str]] = {}
    named = (keys != "").to_numpy(dtype=bool)
    for key, firm_id in zip(keys[named].tolist(), firm_ids[named].tolist(), strict=True):
        firms.setdefault(str(key), []).append(str(firm_id))
    return firms


def _match(key: str, keys: dict[str, dict[str, list[str]]]) -> tuple[str, list[str]]:
    """Return how a name is matched and with which firms: none, where it is no firm's."""
    # Several sites of a group answer to the group's name: then the group is what is matched.
    if len(keys["group"].get(key, [])) > 1:
        return "group", keys["group"][key]
    return next(((way, keys[way][key]) for way in MATCHES if key in keys[way]), (MATCHES[0], []))


@cache
def _document() -> dict[str, Any]:
    with ALIASES_FILE.open("rb") as file:
        return tomllib.load(file)


@cache
def _aliases() -> dict[str, str]:
    return {alias.casefold(): name for alias, name in _document()["aliases"].items()}


@cache
def _unnamed() -> frozenset[str]:
    return frozenset(phrase.casefold() for phrase in _document()["unnamed"])
