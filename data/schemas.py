"""One schema a table: columns, types, allowed values, and what each column means.

`check` gathers every fault before it speaks and loses nothing: rows in = rows kept + rows refused.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from data.errors import TableError
from data.refusals import Account, no_refusals, refusals
from data.taxonomy import sectors, technologies

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Form:
    """What a text has to look like, and what to say of one that does not."""

    pattern: str
    """Regular expression for the whole text; ASCII classes only, so that every engine reads it alike."""
    fault: str


GSS = Form(r"[EWSNK][0-9]{8}", "is not a GSS code such as E07000008")
SLUG = Form(
    r"[a-z0-9][a-z0-9-]*", "is not an id of small letters, digits and hyphens such as sipf1-csconnected"
)
PROGRAMME_ID = Form(r"[A-Z0-9-]+", "is not an id of capitals, digits and hyphens such as SIPF-W1")
MOVED_ID = Form(
    r"[EWSNK][0-9]{8}|TL[C-N][0-9A-Z]{2}", "is not a GSS code or the code of an ITL3 area such as TLK12"
)
MOVED_IDS = Form(
    rf"({MOVED_ID.pattern})(;({MOVED_ID.pattern}))*",
    "is not one code or several parted by ; such as E06000063;E06000064",
)
MEMBER_ID = Form(r"[a-z0-9-]+--[EWSNK][0-9]{8}", "is not a place id, two hyphens and a GSS code")
POSTCODE = Form(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}", "is not a unit postcode such as CF10 3AT")
DATE = Form(
    r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?",
    "is not a year, month or day such as 2020, 2020-06 or 2020-06-26",
)
FILLED = Form(r"\S[\s\S]*", "is empty or begins with a space")
# Metres of the British National Grid that hold the whole UK, Northern Ireland and Shetland included.
EASTING = (-120_000, 680_000)
NORTHING = (-10_000, 1_240_000)

PRECISIONS = ("postcode", "site", "campus", "town", "region")
# Precise enough to be drawn as a point, and, for firms, to take part in the scan.
POINT_PRECISIONS = ("postcode", "site", "campus")
AWARD_KINDS = ("award", "at least", "up to", "envelope", "project value")
PURPOSES = ("research and innovation", "regional growth")
CONFIDENCES = ("high", "medium", "low")
SIZE_BANDS = ("micro", "small", "medium", "large")
STATUSES = ("active", "acquired", "in administration", "unknown")
MOVED_KINDS = ("la", "itl3")
ADDRESS_BASES = ("research asset", "firm", "council", "general knowledge")
ASSET_TYPES = {
    "university": "University",
    "catapult": "Catapult",
    "science_park": "Science park",
    "innovation_district": "Innovation district",
    "research_institute": "Research institute",
    "psre": "Public research establishment",
}


@dataclass(frozen=True)
class Checked:
    """A table after its schema: the rows that keep it, and a line for each fault of the others.

    A table of ours is mended by hand, so all faults of a row are told, where `data.refusals.Sieve` tells one.
    """

    kept: pd.DataFrame
    refused: pd.DataFrame

    @property
    def rows_refused(self) -> int:
        """Number of rows with at least one fault."""
        return int(self.refused["row"].nunique())


def _text(description: str, form: Form | None = None, *, unique: bool = False) -> pa.Column:
    checks = [_keeps(form)] if form else []
    return pa.Column(str, checks, unique=unique, description=description)


def _keeps(form: Form) -> pa.Check:
    def fits(texts: pd.Series) -> pd.Series:
        return texts.str.fullmatch(f"({form.pattern})")

    return pa.Check(fits, error=form.fault)


def _filled(description: str, form: Form = FILLED) -> pa.Column:
    return _text(description, form)


def _optional(description: str, form: Form | None = None) -> pa.Column:
    """Text that may be empty, but keeps its form when it is not."""
    return _text(description, Form(f"({form.pattern})?", form.fault) if form else None)


def _one_of(values: tuple[str, ...], description: str, *, empty: bool = False) -> pa.Column:
    allowed = [*values, ""] if empty else list(values)
    check = pa.Check.isin(allowed, error=f"is none of {', '.join(values)}")
    return pa.Column(str, check, description=description)


def _number(description: str, low: float, high: float, *, nullable: bool = True) -> pa.Column:
    bounds = pa.Check.in_range(low, high, error=f"is not between {low:,.0f} and {high:,.0f}")
    return pa.Column(float, bounds, nullable=nullable, description=description)


def _list(allowed: Callable[[], tuple[str, ...]], description: str) -> pa.Column:
    known = frozenset(allowed())

    def all_known(ids: object) -> bool:
        return isinstance(ids, (list, tuple)) and all(isinstance(one, str) and one in known for one in ids)

    check = pa.Check(all_known, element_wise=True, error="is not a list of known ids")
    return pa.Column(object, check, description=description)


def _position() -> dict[str, pa.Column]:
    return {
        "easting": _number("British National Grid, metres (EPSG:27700)", *EASTING, nullable=False),
        "northing": _number("British National Grid, metres (EPSG:27700)", *NORTHING, nullable=False),
        "location_precision": _one_of(
            PRECISIONS, "what the position stands for; town and region rows are placeholders, not points"
        ),
        "la_code": _filled("local authority, GSS code of 2025", GSS),
    }


def _sector_ids() -> tuple[str, ...]:
    return tuple(sector.id for sector in sectors())


def _technology_ids() -> tuple[str, ...]:
    return tuple(technology.id for technology in technologies())


def _firms() -> dict[str, pa.Column]:
    return {
        "firm_id": _text("stable id", SLUG, unique=True),
        "name": _filled("firm, or named site of a large group"),
        "company_group": _optional("group that the site belongs to; count groups when counting companies"),
        "is8": _one_of(_sector_ids(), "sector of the Industrial Strategy, agri-food or other"),
        "technology": _filled("what the firm does, free text"),
        "technologies": _list(
            _technology_ids, "technology families, found in the free text by the terms of sectors.toml"
        ),
        "site": _optional("campus, park or street"),
        "town": _filled("town"),
        "postcode": _optional("unit postcode", POSTCODE),
        "postcode_evidence": _optional("where the postcode was seen"),
        **_position(),
        "founded_year": _number("year, not checked", 1600, 2026),
        "size_band": _one_of(SIZE_BANDS, "by employees, not checked", empty=True),
        "status": _one_of(STATUSES, "not checked since compiled"),
        "source": _filled("where the firm was seen"),
        "confidence": _one_of(CONFIDENCES, "that the firm is real, innovative and in that town"),
        "note": _optional("anything else a reader should know"),
        "list": _filled("list that the firm comes from, an id of firm_lists", SLUG),
    }


def _firm_lists() -> dict[str, pa.Column]:
    return {
        "list_id": _text("stable id", SLUG, unique=True),
        "title": _text("what the list is", FILLED, unique=True),
        "chosen": _filled("how firms were taken from it"),
        "bias": _filled("what is over- and under-represented in it, and what was not checked"),
        "as_of": _filled("what it is as of: year, month or day", DATE),
        "source": _filled("whose list it is"),
        "url": _optional("where it is published"),
        "licence": _filled("under which terms"),
    }


def _known_clusters() -> dict[str, pa.Column]:
    return {
        "known_id": _text("stable id", SLUG, unique=True),
        "name": _filled("the cluster as it is named"),
        "place": _filled("where it is said to be"),
        "is8": _one_of(_sector_ids(), "sector of the Industrial Strategy, agri-food or other"),
        "technology": _one_of(_technology_ids(), "technology family nearest to what is named", empty=True),
        "named_by": _filled("who names it"),
        "kind_of_source": _filled("government, agency, study or other"),
        "url": _filled("page that names it"),
        "year": _number("year of the page", 1900, 2100, nullable=False),
        "la_code": _filled("local authority of the centre, GSS code of 2025", GSS),
        "easting": _number(
            "centre, our reading: British National Grid, metres (EPSG:27700)", *EASTING, nullable=False
        ),
        "northing": _number(
            "centre, our reading: British National Grid, metres (EPSG:27700)", *NORTHING, nullable=False
        ),
        "radius_km": _number(
            "kilometres around the centre that count as there, our reading", 0.5, 100, nullable=False
        ),
        "precise": _one_of(("yes", "no"), "no: named of a whole region, so that a centre says little"),
        "note": _optional("doubts, and further poles"),
    }


def _programmes() -> dict[str, pa.Column]:
    return {
        "programme_id": _text("stable id", PROGRAMME_ID, unique=True),
        "name": _filled("programme or strand"),
        "funders": _filled("who pays; several parted by ;"),
        "purpose": _one_of(PURPOSES, "regional growth is left out of innovation funding unless asked for"),
        "status": _filled("as last read"),
        "start": _optional("announcement or start: year, month or day", DATE),
        "end": _optional("end: year, month or day", DATE),
        "total_gbp": _number("announced total, pounds; empty where none was found", 0, 1e11),
        "amount_note": _filled("what the total is, and what it is not"),
        "source_url": _filled("pages; several parted by ;"),
    }


def _projects() -> dict[str, pa.Column]:
    return {
        "project_id": _text("stable id", SLUG, unique=True),
        "programme_id": _filled("programme", PROGRAMME_ID),
        "name": _filled("project or allocation"),
        "description": _filled("one sentence"),
        "lead": _optional("lead organisation"),
        "partners": _optional("partners as named in the source, parted by ;"),
        "sector": _filled("field, free text"),
        "is8": _one_of(_sector_ids(), "sector of the Industrial Strategy, agri-food or other"),
        "technologies": _list(_technology_ids, "technology families, found in sector and name"),
        "award_gbp": _number("public money, pounds; empty where no figure is public", 0, 1e11),
        "award_kind": _one_of(AWARD_KINDS, "what kind of figure it is", empty=True),
        "award_note": _filled("how the figure was stated"),
        "nested_in": _optional("project whose money contains this row's", SLUG),
        "private_cofunding_gbp": _number("private money named beside it, pounds", 0, 1e11),
        "jobs": _number("jobs named in the source", 0, 1e6),
        "start": _optional("award or start: year, month or day", DATE),
        "end": _optional("end: year, month or day", DATE),
        "region_label": _filled("place as the source names it"),
        "site": _optional("site"),
        "address": _optional("address or postcode as far as known"),
        **_position(),
        "benefiting_places": _optional(
            "places that the award is for: place id, nation:NAME or la:GSS, parted by ;"
        ),
        "source_urls": _filled("pages; several parted by ;"),
        "confidence": _one_of(CONFIDENCES, "in the figure and the place"),
        "note": _optional("contradictions and readings"),
    }


def _participants() -> dict[str, pa.Column]:
    return {
        "project_id": _filled("project", SLUG),
        "organisation": _filled("name, spelled one way"),
        "role": _one_of(("lead", "partner"), "lead or partner"),
    }


def _organisations() -> dict[str, pa.Column]:
    return {
        "organisation": _text("name, as participants has it; a lead of some project", FILLED, unique=True),
        "address": _filled("head office or main site, as far as known"),
        "postcode": _optional("unit postcode, where certain", POSTCODE),
        "la_code": _filled("local authority of the address, GSS code of 2025", GSS),
        "basis": _one_of(
            ADDRESS_BASES,
            "where the address is from: the research asset or firm of that name, the seat of a council or "
            "combined authority, or general knowledge",
        ),
        "source": _filled("id of the research asset or firm, or general knowledge"),
        "confidence": _one_of(CONFIDENCES, "that the organisation's head office lies in the authority"),
        "note": _optional("anything else a reader should know"),
    }


def _places() -> dict[str, pa.Column]:
    return {
        "row_id": _text("place and authority", MEMBER_ID, unique=True),
        "place_id": _filled("stable id", SLUG),
        "place_name": _filled("name"),
        "place_type": _filled("combined authority, city region, deal, launchpad or zone area"),
        "nation": _filled("nation or nations"),
        "place_gss_code": _optional("GSS code where one exists", GSS),
        "local_authority_name": _filled("member authority"),
        "la_code": _filled("member authority, GSS code of 2025", GSS),
        "member_count": _number("members of the place", 1, 400, nullable=False),
        "programme_ids": _optional("programmes that fund the place, parted by ;"),
        "source": _filled("where the membership comes from"),
    }


def _assets() -> dict[str, pa.Column]:
    return {
        "asset_id": _text("stable id", SLUG, unique=True),
        "name": _filled("name"),
        "type": _one_of(tuple(ASSET_TYPES), "kind of research asset"),
        "russell_group": _one_of(("yes", "no"), "universities only", empty=True),
        "town": _filled("town"),
        **_position(),
        "source": _filled("source"),
        "confidence": _one_of(CONFIDENCES, "in the position"),
        "note": _optional("note"),
    }


def _local_authorities() -> dict[str, pa.Column]:
    levels = {
        f"itl{level}_{part}": _filled(f"international territorial level {level} (2025), {part}")
        for level in (3, 2, 1)
        for part in ("code", "name")
    }
    return {
        "gss_code": _text("GSS code of 2025", GSS, unique=True),
        "name": _filled("name"),
        "nation": _one_of(("England", "Scotland", "Wales", "Northern Ireland"), "nation"),
        **levels,
        "population": _number("residents", 1, 2_000_000, nullable=False),
        "population_year": _number("year of the figure", 2000, 2100, nullable=False),
        "population_source": _filled("source of the figure"),
    }


def _moved_ids() -> dict[str, pa.Column]:
    return {
        "kind": _one_of(MOVED_KINDS, "local authority (districts and counties), or ITL3 area of 2021"),
        "old_id": _text("code that is in use no more", MOVED_ID, unique=True),
        "old_name": _filled("what it stood for"),
        "new_ids": _filled(
            "code or codes of 2025 that stand for it now; of an authority that was merged into a larger one, "
            "the larger one's",
            MOVED_IDS,
        ),
        "since": _filled("when that began: year, month or day", DATE),
        "source": _filled("where this is from"),
        "confidence": _one_of(CONFIDENCES, "in the codes and the date"),
        "note": _optional("anything else a reader should know"),
    }


def _contested() -> dict[str, pa.Column]:
    return {
        "project_id": _optional("project; empty where the figure is of a whole programme", SLUG),
        "programme_id": _filled("programme", PROGRAMME_ID),
        "figure_gbp": _number("the figure, pounds; empty where it is none of money", 0, 1e11),
        "figure_other": _optional("the figure, where it is none of money"),
        "what": _filled("what the figure is said to be"),
        "source": _filled("who says so"),
        "used": _one_of(("yes", "no"), "whether the tables use it"),
    }


def _missing() -> dict[str, pa.Column]:
    return {
        "programme_id": _filled("programme", PROGRAMME_ID),
        "what": _filled("what is missing"),
        "known": _number("how many are in the tables", 0, 1e6, nullable=False),
        "expected": _number("how many there are; empty where nobody says", 0, 1e6),
        "note": _filled("what is known about the gap"),
    }


COLUMNS: dict[str, Callable[[], dict[str, pa.Column]]] = {
    "firms": _firms,
    "firm_lists": _firm_lists,
    "known_clusters": _known_clusters,
    "programmes": _programmes,
    "projects": _projects,
    "participants": _participants,
    "organisations": _organisations,
    "places": _places,
    "assets": _assets,
    "local_authorities": _local_authorities,
    "moved_ids": _moved_ids,
    "contested": _contested,
    "missing": _missing,
}


def schema(table: str) -> pa.DataFrameSchema:
    """Return the schema of a table, by its name in `COLUMNS`."""
    return pa.DataFrameSchema(COLUMNS[table](), strict=True, name=table)


def numbers(table: str) -> list[str]:
    """Return the columns of a table that hold numbers."""
    return [name for name, column in COLUMNS[table]().items() if str(column.dtype) == "float64"]


def check(table: str, frame: pd.DataFrame) -> Checked:
    """Hold a table against its schema.

    Parameters
    ----------
    table : str
        Name of a schema in `COLUMNS`.
    frame : DataFrame
        The columns of the schema in any order. Numbers may come as text; an empty one is missing.

    Returns
    -------
    Checked
        ``kept`` on the caller's index, numbers as floats; ``refused`` a line for each fault: row (position in
        `frame`, from 0), column, value (as text), reason.

    Raises
    ------
    TableError
        If columns are missing, unknown or repeated, all named: no row can be judged then.
    """
    _same_columns(table, frame)
    numbered = frame.reset_index(drop=True)
    typed, mistyped = _typed(numbered, schema(table))
    broken = _broken(table, typed)
    # A cell of the wrong type stands in the typed table as missing: what that breaks is no fault of its own.
    cells = pd.MultiIndex.from_frame(mistyped[["row", "column"]])
    broken = broken[~pd.MultiIndex.from_frame(broken[["row", "column"]]).isin(cells)]
    refused = pd.concat([mistyped, broken]).sort_values(["row", "column", "reason"], ignore_index=True)
    good = ~typed.index.isin(refused["row"])
    checked = Checked(typed.set_axis(frame.index)[good], refused)
    Account(len(frame), len(checked.kept), checked.rows_refused)
    return checked


def _same_columns(table: str, frame: pd.DataFrame) -> None:
    wanted = list(COLUMNS[table]())
    given = Counter(str(column) for column in frame.columns)
    faults = [f"column {name!r} is missing" for name in wanted if name not in given]
    faults += [_unknown_column(name, wanted) for name in given if name not in wanted]
    faults += [f"column {name!r} stands there {times} times" for name, times in given.items() if times > 1]
    if faults:
        raise TableError(f"{table}: {'; '.join(faults)}")


def _unknown_column(name: str, wanted: list[str]) -> str:
    near = get_close_matches(name[:100], wanted, n=1)
    return f"column {name[:100]!r} is unknown" + (f", did you mean {near[0]!r}?" if near else "")


def _typed(frame: pd.DataFrame, rules: pa.DataFrameSchema) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every column its type; cells that cannot take it become missing and are listed as faults."""
    as_numbers = numbers(str(rules.name))
    columns, faults = {}, []
    for name in frame.columns:
        lists = str(rules.columns[name].dtype) == "object"
        reason = "is not a number" if name in as_numbers else "is not text"
        change = _as_numbers if name in as_numbers else _as_lists if lists else _as_text
        columns[name], wrong = change(frame[name])
        value = frame.loc[wrong, name].map(str).to_numpy()
        faults.append(refusals(frame.index[wrong], column=name, value=value, reason=reason))
    return pd.DataFrame(columns, index=frame.index), pd.concat(faults, ignore_index=True)


def _as_numbers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    found = pd.to_numeric(values, errors="coerce").astype(float)
    return found, found.isna() & values.notna() & (values.astype(str) != "")


def _as_text(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    text = values.map(lambda value: isinstance(value, str)).astype(bool)
    return values.where(text).astype(str), ~text & values.notna()


def _as_lists(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    # The rule of the column says what is wrong with a list.
    return values.astype(object), pd.Series(data=False, index=values.index)


def _broken(table: str, typed: pd.DataFrame) -> pd.DataFrame:
    try:
        schema(table).validate(typed, lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases
        if cases["index"].isna().any():
            whole = cases[cases["index"].isna()]
            raise TableError(f"{table}: {whole[['column', 'check', 'failure_case']].to_string()}") from found
        column, value = cases["column"].to_numpy(), cases["failure_case"].map(str).to_numpy()
        reason = cases["check"].astype(str).map(_reason).to_numpy()
        return refusals(cases["index"], column=column, value=value, reason=reason)
    return no_refusals()


def _reason(check_name: str) -> str:
    """Put pandera's own checks into words; ours are worded already."""
    return {"field_uniqueness": "is not unique", "not_nullable": "is missing"}.get(check_name, check_name)
