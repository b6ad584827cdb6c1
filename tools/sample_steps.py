"""The steps from the first sample to the one that ships: each takes a part, and refuses what it cannot use.

Tables are text with an empty cell where nothing is known; firms have their id as index too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from data.participants import organisation_key
from data.refusals import Fault, split
from data.schemas import POINT_PRECISIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geo.postcodes import Postcodes

    Mask = NDArray[np.bool_]

# Columns that a part tells of a firm's place.
PLACE: Final = (
    "postcode",
    "site",
    "gss_code",
    "easting",
    "northing",
    "location_precision",
    "postcode_evidence",
)
CONFIRMED: Final = "confirmed"
CORRECTABLE: Final = ("status", "site", "town", "gss_code", "note")
TOO_FAR_M: Final = 300.0
"""A firm that is known to its postcode lies no farther from its point."""
SAME_POINT_M: Final = 2.0
NORTHERN: Final = "N"
OBSOLETE: Final = ("point is the middle of the borough",)
OF_FORMER_POSTCODE: Final = "postcode from a public code file"
GENERAL: Final = "general knowledge"
ROUGH: Final = "placed from general knowledge: in big cities right to the district, not to the building"
MIDDLE: Final = "point is the middle of the authority"


@dataclass(frozen=True)
class Taken:
    """What a step made of a part.

    Attributes
    ----------
    firms
        All firms after it.
    kept
        Rows of the part that it could use.
    refused
        A line for each of the others: row, firm_id, column, value, reason.
    """

    firms: pd.DataFrame
    kept: int
    refused: pd.DataFrame


def located(firms: pd.DataFrame, part: pd.DataFrame, places: Postcodes) -> Taken:
    """Give firms that are known to their town alone a postcode or a campus."""
    known = part["firm_id"].isin(firms.index)
    before = part["firm_id"].map(firms["location_precision"])
    faults = [
        *_ids(part, known),
        Fault(("firm_id",), known & (before != "town"), "is known more precisely than to its town already"),
        *_places(part, places),
    ]
    rows, refused = _parted(part, faults)
    changed = firms.copy()
    rows = rows.set_index("firm_id")
    for column in PLACE:
        given = rows[column]
        # A site that is known stays where the part names none.
        changed.loc[rows.index, column] = given.where(given != "", changed.loc[rows.index, column])
    changed.loc[rows.index, "postcode"] = rows["postcode"]
    _note(changed, rows["note"].str.replace("the table says", "the first sample said"))
    for phrase in OBSOLETE:
        changed.loc[rows.index, "note"] = [_without(text, phrase) for text in changed.loc[rows.index, "note"]]
    return Taken(changed, len(rows), refused)


def checked(firms: pd.DataFrame, part: pd.DataFrame, places: Postcodes) -> Taken:
    """Put in what pages say of postcodes: the evidence where they confirm one, the newer one where not."""
    known = part["firm_id"].isin(firms.index)
    now = part["firm_id"].map(firms["postcode"])
    found = places.geocode(part["new_postcode"])
    stale = part["new_postcode"] != CONFIRMED
    faults = [
        *_ids(part, known),
        Fault(("old_postcode",), known & (now != part["old_postcode"]), "is not the firm's postcode"),
        Fault(("new_postcode",), stale & ~_units(found), "is no postcode of the directory"),
    ]
    rows, refused = _parted(part, faults)
    changed = firms.copy()
    by_firm = rows.set_index("firm_id")
    changed.loc[by_firm.index, "postcode_evidence"] = by_firm["evidence"]
    newer = rows[rows["new_postcode"] != CONFIRMED]
    ids = newer["firm_id"]
    point = found.loc[newer.index].set_axis(ids)
    changed.loc[ids, "postcode"] = point["postcode"]
    changed.loc[ids, "gss_code"] = point["la_code"]
    for axis in ("easting", "northing"):
        changed.loc[ids, axis] = point[axis].round().astype(int).astype(str)
    # The site was that of the former postcode.
    changed.loc[ids, "site"] = ""
    changed.loc[ids, "location_precision"] = "postcode"
    changed.loc[ids, "note"] = [_without(text, OF_FORMER_POSTCODE) for text in changed.loc[ids, "note"]]
    _note(changed, by_firm["note"])
    return Taken(changed, len(rows), refused)


def corrected(firms: pd.DataFrame, part: pd.DataFrame, places: Postcodes) -> Taken:
    """Correct single cells: what is new of a note is added to it, else the new replaces the old."""
    known = part["firm_id"].isin(firms.index)
    allowed = part["column"].isin(CORRECTABLE)
    now = pd.Series(
        [
            str(firms.loc[firm, column]) if fine else ""
            for firm, column, fine in zip(*_texts(part, "firm_id", "column"), known & allowed, strict=True)
        ],
        part.index,
        dtype=str,
    )
    note = part["column"] == "note"
    point = part["firm_id"].map(firms["location_precision"]).isin(POINT_PRECISIONS)
    agreed = now == part["new"]
    faults = [
        Fault(("firm_id",), ~known, "is no firm of the sample"),
        Fault(("column",), ~allowed, f"is none of {', '.join(CORRECTABLE)}"),
        Fault(("old",), ~note & ~agreed & (now != part["old"]), "is not what the table has"),
        Fault(
            ("new",),
            (part["column"] == "gss_code") & point & ~agreed,
            "is not the authority that the firm's point lies in",
        ),
    ]
    rows, refused = _parted(part, faults)
    changed = firms.copy()
    for firm, column, new, remark in zip(*_texts(rows, "firm_id", "column", "new", "note"), strict=True):
        if column == "note":
            _note(changed, pd.Series([new], [firm]))
            continue
        if column == "gss_code" and changed.loc[firm, "gss_code"] != new:
            _stand_in(changed, firm, new, places)
        changed.loc[firm, column] = new
        if column == "status":
            # A status is one word; the remark says what happened.
            _note(changed, pd.Series([remark], [firm]))
    return Taken(changed, len(rows), refused)


def added(
    firms: pd.DataFrame,
    part: pd.DataFrame,
    places: Postcodes,
    lists: Mapping[str, str],
    groups: pd.Series,
) -> Taken:
    """Add firms that are not in the sample yet, each with the list that it comes from."""
    there = part["firm_id"].isin(firms.index)
    same = _same_firm(firms, part, groups)
    faults = [
        Fault(("firm_id",), there | part["firm_id"].duplicated(keep=False), "is not unique"),
        Fault(("name",), same != "", "is in the sample already, under another id"),
        Fault(("list",), ~part["list"].isin(lists), "is none of the lists"),
        *_places(part, places),
    ]
    rows, refused = _parted(part, faults)
    rows = rows.assign(list=rows["list"].map(lists)).set_index("firm_id", drop=False)
    return Taken(pd.concat([firms, rows[firms.columns]]), len(rows), refused)


def grouped(firms: pd.DataFrame, part: pd.DataFrame) -> Taken:
    """Name the group of sites that have none yet."""
    known = part["firm_id"].isin(firms.index)
    now = part["firm_id"].map(firms["company_group"])
    faults = [
        *_ids(part, known),
        Fault(("company_group",), known & (now != ""), "is not the group that the firm has"),
    ]
    rows, refused = _parted(part, faults)
    changed = firms.copy()
    changed.loc[rows["firm_id"], "company_group"] = rows["company_group"].to_numpy()
    return Taken(changed, len(rows), refused)


def as_postcodes(firms: pd.DataFrame, places: Postcodes) -> pd.DataFrame:
    """Call a place in Northern Ireland a postcode where it stands on the point of one.

    Such points may not be shown as they are, whatever they were called; those of a campus may.
    """
    ours = [code for code, name in enumerate(places.authorities) if name.startswith(NORTHERN)]
    units = np.isin(places.authority, ours)
    points = np.column_stack([places.eastings[units], places.northings[units]]).astype(float)
    there = firms["gss_code"].str.startswith(NORTHERN) & ~firms["location_precision"].isin(
        ["postcode", "town"]
    )
    changed = firms.copy()
    for firm in firms.index[there]:
        east, north = (float(firms.loc[firm, axis]) for axis in ("easting", "northing"))
        near = np.hypot(points[:, 0] - east, points[:, 1] - north)
        if len(near) and near.min() <= SAME_POINT_M:
            changed.loc[firm, "location_precision"] = "postcode"
    return changed


def said_of_places(firms: pd.DataFrame, parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Say in the note of firms that were placed from general knowledge how far that may be trusted."""
    ids = pd.concat([parts["firms_located"]["firm_id"], parts["firms_located2"]["firm_id"]])
    rows = firms.index.isin(ids) & firms["postcode_evidence"].str.contains(GENERAL)
    changed = firms.copy()
    _note(changed, pd.Series(ROUGH, changed.index[rows], dtype=str))
    return changed


def _ids(part: pd.DataFrame, known: pd.Series) -> list[Fault]:
    return [
        Fault(("firm_id",), ~known, "is no firm of the sample"),
        Fault(("firm_id",), part["firm_id"].duplicated(keep=False), "comes twice"),
    ]


def _places(part: pd.DataFrame, places: Postcodes) -> list[Fault]:
    """Return what is wrong with places that a part tells: no point, or not where its postcode lies."""
    given = part["postcode"] != ""
    found = places.geocode(part["postcode"])
    metres = part[["easting", "northing"]].apply(pd.to_numeric, errors="coerce")
    away = np.hypot(metres["easting"] - found["easting"], metres["northing"] - found["northing"])
    unit = _units(found)
    return [
        Fault(
            ("location_precision",),
            ~part["location_precision"].isin(POINT_PRECISIONS),
            f"is none of {', '.join(POINT_PRECISIONS)}",
        ),
        Fault(("postcode",), (part["location_precision"] == "postcode") & ~given, "is missing"),
        Fault(("postcode",), given & ~unit, "is no postcode of the directory"),
        Fault(("easting", "northing"), metres.isna().any(axis=1), "are no metres"),
        Fault(
            ("gss_code",),
            given & unit & (found["la_code"] != part["gss_code"]),
            "is not the authority of the postcode",
        ),
        Fault(
            ("easting", "northing"),
            given & unit & (away > TOO_FAR_M),
            f"lie more than {TOO_FAR_M:.0f} m from the postcode",
        ),
    ]


def _units(found: pd.DataFrame) -> pd.Series:
    return found["location_precision"] == "postcode"


def _parted(part: pd.DataFrame, faults: list[Fault]) -> tuple[pd.DataFrame, pd.DataFrame]:
    numbered = part.reset_index(drop=True)
    plain = [fault._replace(mask=np.asarray(fault.mask, dtype=bool)) for fault in faults]
    return split(numbered, plain, told=("firm_id",))


def _same_firm(firms: pd.DataFrame, part: pd.DataFrame, groups: pd.Series) -> pd.Series:
    """Return the id of the firm that a row names under another id; empty for none, or a group's site."""
    ours, theirs = _groups(firms, groups), _groups(part, groups)
    by_key: dict[str, list[tuple[str, str]]] = {}
    for firm, name, group in zip(firms.index, firms["name"], ours, strict=True):
        for key in _keys(name):
            by_key.setdefault(key, []).append((str(firm), str(group)))
    found = [
        next(
            (firm for key in _keys(name) for firm, ours in by_key.get(key, []) if not ours or ours != group),
            "",
        )
        for name, group in zip(part["name"], theirs, strict=True)
    ]
    return pd.Series(found, part.index, dtype=str)


def _groups(table: pd.DataFrame, groups: pd.Series) -> pd.Series:
    """Return the group of each firm: what its row says, else what is known of groups."""
    known = groups.to_dict()
    given = zip(*_texts(table, "firm_id", "company_group"), strict=True)
    return pd.Series([group or known.get(firm, "") for firm, group in given], table.index, dtype=str)


def _keys(name: str) -> set[str]:
    """Return a name as it is compared: whole, and without what stands in brackets."""
    bare = pd.Series([name]).str.replace(r"\(.*?\)", " ", regex=True).iloc[0]
    return {organisation_key(name), organisation_key(bare)} - {""}


def _texts(table: pd.DataFrame, *columns: str) -> list[list[str]]:
    return [[str(text) for text in table[column]] for column in columns]


def _note(firms: pd.DataFrame, texts: pd.Series) -> None:
    """Add to the notes of firms, in place, what does not stand there yet."""
    for firm, text in zip(map(str, texts.index), texts, strict=True):
        old = str(firms.loc[firm, "note"])
        if text and text not in old:
            firms.loc[firm, "note"] = f"{old}; {text}" if old else text


def _without(text: str, phrase: str) -> str:
    return "; ".join(part for part in text.split("; ") if part != phrase)


def _stand_in(firms: pd.DataFrame, firm: str, code: str, places: Postcodes) -> None:
    """Put a firm that is known to its town into the middle of another authority."""
    units = places.authority == places.authorities.index(code)
    firms.loc[firm, "easting"] = f"{np.median(places.eastings[units]):.0f}"
    firms.loc[firm, "northing"] = f"{np.median(places.northings[units]):.0f}"
    firms.loc[firm, "note"] = "; ".join(
        part
        for part in [*(_without(str(firms.loc[firm, "note"]), phrase) for phrase in OBSOLETE), MIDDLE]
        if part
    )
