"""What the map shows, as tables: one row a thing, codes beside names, units in the column names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.schemas import ASSET_TYPES
from data.spreadsheet import as_csv as safe_csv
from data.taxonomy import titles
from layers import firms as firm_layer
from layers import projects as project_layer
from layers import regions as region_layer
from layers.filter_words import counted_words, filter_words
from layers.programmes import programme_rows
from layers.provenance import NOT_TESTED, credited, own_firms
from layers.why import CRITERIA
from regions.allocation import PENCE
from regions.figures import clusters_in
from regions.funding import SHARES, funding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layers.view import View
    from regions.edition import Edition

# Characters of a label in the name of a file.
LONGEST_PART = 40
# What the sums of a region's table leave over.
NOT_PLACED = "Not placed"
ROUNDED = {
    **dict.fromkeys(("expected", "lq", "lq_low", "lq_high", "log10_p", "threshold"), 2),
    **dict.fromkeys(("chance", "stability", "core_share"), 3),
}
SAMPLE = "Curated sample of firms, not a census."
MONEY_COLUMNS = ("public_gbp", "private_gbp", "moved_gbp", "per_head")
# Tables that hold nothing of ours where the firms are an analyst's own.
OF_FIRMS = ("members", "firms")
# Columns that the cells of a table are asked for, of the firms of a register.
OWN_FIRM_COLUMNS = ("firm_id", "name", "technology AS sector", "la_name", "la_code")
PROJECT_COLUMNS = (
    *(
        "project_id",
        "name",
        "programme",
        "programme_id",
        "award_gbp",
        "award_kind",
        "counted_gbp",
        "nested_in",
    ),
    *(
        "private_cofunding_gbp",
        "sector",
        "lead",
        "partners",
        "region_label",
        "placed_by",
        "start",
        "end",
        "jobs",
    ),
    *("confidence", "note", "source_urls"),
)
FIRM_COLUMNS = (
    *("firm_id", "name", "is8 AS sector", "technologies", "technology", "town", "la_name", "la_code"),
    *("size_band", "founded_year", "status", "location_precision", "confidence", "source"),
)
ASSET_COLUMNS = (
    *("asset_id", "name", "type", "russell_group", "town", "la_code", "lat", "lon", "source", "confidence"),
)


@dataclass(frozen=True)
class Table:
    """One table: how it is made, and what anyone who takes it away has to be told.

    Attributes
    ----------
    id, label
        Its name in the API, and for people.
    rows
        The whole table.
    caveat, sources
        What to beware of, and whose it is.
    part
        Some rows and the number of all, where the whole may be too many to read for a page of it.
    """

    id: str
    label: str
    rows: Callable[[Edition, View], pd.DataFrame]
    caveat: str
    sources: tuple[str, ...]
    part: Callable[[Edition, View, int, int], tuple[pd.DataFrame, int]] | None = None

    def page(self, edition: Edition, view: View, offset: int, limit: int) -> tuple[pd.DataFrame, int]:
        """Return some rows, and how many there are in all."""
        if self.part is not None:
            return self.part(edition, view, offset, limit)
        rows = self.rows(edition, view)
        return rows.iloc[offset : offset + limit], len(rows)

    def caveat_of(self, edition: Edition) -> str:
        """Return the caveat for an edition: the firms of a register are no sample of ours."""
        about = edition.about
        return self.caveat.replace(SAMPLE, f"{own_firms(about)}.") if about.own else self.caveat


def clusters(edition: Edition, view: View) -> pd.DataFrame:
    """Return the clusters of a view, strongest first."""
    rows = clusters_in(edition, view)
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    named = rows["la_codes"].map(lambda codes: "; ".join(f"{names.get(code, '')} ({code})" for code in codes))
    criteria = pd.DataFrame({words: rows[name] for name, words in CRITERIA.items()})
    awards = edition.tables["cluster_awards"]
    plain = awards[(awards["award_kind"] == "award") & (awards["purpose"] == "research and innovation")]
    table: pd.DataFrame = rows.assign(
        sector_or_technology=rows["label"].map(edition.labels.title),
        authorities=named,
        criteria=criteria.apply(lambda met: "; ".join(met.index[met.to_numpy(dtype=bool)]), axis=1),
        research_awards_gbp_within_500_m=rows["cluster_id"].map(plain.set_index("cluster_id")["gbp"]),
    )
    table = table.round(ROUNDED)
    order = [
        "cluster_id",
        "name",
        "sector_or_technology",
        "type",
        "firms",
        "expected",
        "lq",
        "lq_low",
        "lq_high",
    ]
    test = ["log10_p", "threshold", "chance", "stability", "core_share"]
    if not edition.about.tested:
        test, table = ["test"], table.assign(test=NOT_TESTED)
    return table[[*order, *test, "criteria", "research_awards_gbp_within_500_m", "authorities", "edition"]]


def members(edition: Edition, view: View) -> pd.DataFrame:
    """Return the firms of each cluster of a view, core first."""
    clusters_of = clusters_in(edition, view)[["cluster_id", "name"]]
    sql = f"""
        SELECT cluster_id, firm_id, name AS firm, {firm_layer.details(edition)}, la_code, core
        FROM members JOIN firms USING (firm_id) ORDER BY core DESC, firm
    """
    named = clusters_of.rename(columns={"name": "cluster"})
    found: pd.DataFrame = named.merge(edition.store.query(sql), on="cluster_id")
    return found.reset_index(drop=True)


def regions(edition: Edition, view: View) -> pd.DataFrame:
    """Return the regions of the view's level, most public money a head first."""
    rows = region_layer.table(edition, view).assign(level=view.level)
    # Nothing found is not nothing given: left blank, never zero.
    found, named = rows["public_gbp"] > 0, rows["private_gbp"] > 0
    known = {"per_head": found, "estimated_share": found, "public_gbp": found, "private_gbp": named}
    known["moved_gbp"] = found | (rows["moved_gbp"] != 0)
    blanked = rows.assign(**{column: rows[column].where(there) for column, there in known.items()})
    ordered = blanked.sort_values(["per_head", "region_id"], ascending=[False, True])
    ordered = ordered.round({**dict.fromkeys(MONEY_COLUMNS, 2), "estimated_share": 3})
    order = ["region_id", "name", "level", "per_head", "public_gbp", "private_gbp", "moved_gbp", "projects"]
    columns = [*order, "estimated_share", "population", "population_year"]
    whole = pd.concat([ordered[columns], _not_placed(edition, view)], ignore_index=True)
    return whole.rename(columns={"per_head": "public_gbp_per_head"})


def _not_placed(edition: Edition, view: View) -> pd.DataFrame:
    """Return the row that makes the table add up to all awards."""
    rest = funding(edition, view).allocation.not_placed / PENCE
    row = {
        "region_id": "",
        "name": NOT_PLACED,
        "level": "",
        "public_gbp": rest["public"],
        "population_year": "",
    }
    return pd.DataFrame([{**row, "private_gbp": rest["private"]}])


def projects(edition: Edition, view: View) -> pd.DataFrame:
    """Return the projects of a view, largest award first; `counted_gbp` is what the sums take of each."""
    rows = project_layer.taking_part(edition, view)
    shares = edition.tables[SHARES[view.placed]]
    basis = shares.drop_duplicates("project_id").set_index("project_id")["basis"]
    table = rows.assign(
        sector=rows["is8"].map(titles()),
        placed_by=rows["project_id"].map(basis).fillna("not placed"),
        counted_gbp=rows["net_gbp"],
    )
    return table[list(PROJECT_COLUMNS)]


def programmes(edition: Edition, view: View) -> pd.DataFrame:
    """Return the programmes of a view, most public money first."""
    return programme_rows(edition, view).round({"share_of_announced": 4})


def firms(edition: Edition, view: View) -> pd.DataFrame:
    """Return the firms of a view, those known only to their town included."""
    return _firms(edition, view)


def _firm_page(edition: Edition, view: View, offset: int, limit: int) -> tuple[pd.DataFrame, int]:
    condition, values = _firms_where(edition, view)
    total = edition.store.query(f"SELECT count(*) AS n FROM firms WHERE {condition}", values)["n"].iloc[0]
    return _firms(edition, view, f"LIMIT {limit:d} OFFSET {offset:d}"), int(total)


def _firms_where(edition: Edition, view: View) -> tuple[str, list[Any]]:
    """Return the condition of the table: firms that are known only to their town belong to it."""
    condition, values = firm_layer.where(edition, view)
    return condition.replace("point", "TRUE", 1), values


def _firms(edition: Edition, view: View, part: str = "") -> pd.DataFrame:
    condition, values = _firms_where(edition, view)
    columns = OWN_FIRM_COLUMNS if edition.about.own else FIRM_COLUMNS
    sql = f"SELECT {', '.join(columns)} FROM firms WHERE {condition} ORDER BY name, firm_id {part}"
    found = edition.store.query(sql, values)
    if edition.about.own:
        return found
    named = titles()
    return found.assign(
        sector=found["sector"].map(named),
        technologies=found["technologies"].map(lambda ids: "; ".join(named[name] for name in ids)),
        founded_year=found["founded_year"].astype("Int64"),
    )


def assets(edition: Edition, _view: View) -> pd.DataFrame:
    """Return every research asset."""
    rows = edition.tables["assets"]
    table = rows.assign(type=rows["type"].map(ASSET_TYPES))
    return table[list(ASSET_COLUMNS)]


_ROWS = (
    Table(
        "clusters",
        "Clusters",
        clusters,
        f"{SAMPLE} LQ is the location quotient with its 95% interval.",
        ("register", "onspd"),
    ),
    Table(
        "regions",
        "Regions",
        regions,
        "Awards found in public; blank where none was found. By place of delivery, money for several "
        "authorities is split by population; by lead's address, equally between leads. moved_gbp is delivery "
        "less lead, of awards that both rules place: it adds up to nothing.",
        ("register", "population", "onspd"),
    ),
    Table(
        "projects",
        "Projects",
        projects,
        "Awards found in public, not all there are; counted_gbp leaves out what is nested or switched off.",
        ("register",),
    ),
    Table(
        "programmes",
        "Programmes",
        programmes,
        "Of each programme, what its listed projects make up; announced_gbp is what was announced, and is "
        "never added up: strands lie inside programmes, and some totals hold private money.",
        ("register",),
    ),
    Table(
        "members",
        "Firms of clusters",
        members,
        f"{SAMPLE} Fringe firms lie outside core cells.",
        ("register",),
    ),
    Table(
        "firms",
        "Firms",
        firms,
        f"{SAMPLE} Size, year and status were not checked.",
        ("register",),
        part=_firm_page,
    ),
    Table("assets", "Research assets", assets, "Positions from general knowledge.", ("register",)),
)
TABLES: Mapping[str, Table] = MappingProxyType({table.id: table for table in _ROWS})


def as_csv(edition: Edition, table: Table, view: View) -> bytes:
    """Return a table as CSV that is safe to open: UTF-8 with a mark for Excel, no cell starts a formula.

    The last columns carry the filters, the sources and what to beware of, so that these survive being
    passed on.
    """
    rows = table.rows(edition, view)
    own = edition.about.own
    sources = () if own and table.id in OF_FIRMS else table.sources
    owed = " ".join(credited(source, own=own) for source in sources)
    filters = "; ".join([*filter_words(edition, view), counted_words(view)])
    rows = rows.assign(filters=filters, attribution_and_caveats=f"{table.caveat_of(edition)} {owed}".strip())
    return safe_csv(rows)


def file_name(table: Table, view: View) -> str:
    """Return a name that says what is inside: table, level, filters, edition."""
    parts = [table.id, *([view.level] if table.id == "regions" else []), *view.sector, *view.technology]
    return "-".join(["innovation", *map(in_a_file_name, parts[:6])]) + ".csv"


def in_a_file_name(label: str) -> str:
    """Return a label as a name of a file can have it, on any system and in any header.

    Examples
    --------
    >>> in_a_file_name("life-sciences"), in_a_file_name('SIC 24 "x"/..')
    ('life-sciences', 'SIC-24-x')
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", label)[:LONGEST_PART].strip("-") or "label"
