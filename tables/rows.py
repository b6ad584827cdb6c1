"""The rows of what the map shows, as tables: one row a thing, codes beside names, units in column names."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clusters.concentration import MOST_FIRMS
from clusters.description.births import BIRTHS
from clusters.description.employment import EMPLOYMENT
from clusters.description.growth import BASIS
from data.schemas import ASSET_TYPES
from data.sources import named, require
from data.taxonomy import titles
from profiles.cluster_why import CRITERIA
from profiles.firm import details, where
from profiles.programmes import programme_rows
from profiles.projects import taking_part
from profiles.region import table as region_figures
from regions.allocation import PENCE
from regions.concentration import LEADING, M_COLUMNS, REGIONAL, concentration
from regions.figures import FAMILIES, clusters_in
from regions.funding import SHARES, funding
from words.provenance import NOT_TESTED, own_firms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from edition.edition import Edition
    from edition.view import View

# What the sums of a region's table leave over.
NOT_PLACED = "Not placed"
ROUNDED = {
    **dict.fromkeys(("expected", "lq", "lq_low", "lq_high", "lq_national", "log10_p", "threshold"), 2),
    **dict.fromkeys(("stability", "core_share"), 3),
    **dict.fromkeys(("p", "q"), 6),
    **dict.fromkeys(("employment_expected", "births_expected", "area_births_expected"), 1),
    **dict.fromkeys(("employment_ratio", "size_ratio", "employment_lq", "births_ratio"), 2),
    **dict.fromkeys(("employment_p", "employment_q", "births_p", "births_q", "area_births_p"), 5),
    "largest_employer": 3,
}
# Columns of clusters that say how large their firms are, and how many of these are young.
SIZED = (BASIS, *EMPLOYMENT, "employment_q")
DATED = (*BIRTHS, "births_q")
WHOLE = (
    *("employment_known", "employment", "births_from", "births_to", "births_dated", "births"),
    *("area_dated", "area_births"),
)
SAMPLE = "Curated sample of firms, not a census."
MONEY_COLUMNS = ("public_gbp", "private_gbp", "moved_gbp", "per_head")
BY_NAME = "ORDER BY name, firm_id"
# Firms that come by name when they are taken away; of five million, sorting takes a gigabyte and seconds.
# More come in pieces of so many rows of the store, some of which may pass no filter.
MOST_SORTED, PIECE = 200_000, 100_000
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
    *("size_band", "founded_year", "status", "location_precision", "confidence", "source", "list", "note"),
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
    beware, sources
        What to beware of, and ids in `data/sources.toml`.
    sampled
        Whether it has to be said first on whose firms it rests.
    of_firms
        Whether it holds firms alone: what an analyst's own are owes nothing to whose the shipped ones are.
    part
        Some rows and the number of all, where the whole may be too many to read for a page of it.
    pieces
        All rows piece by piece, where they may be too many to be held at once.
    """

    id: str
    label: str
    rows: Callable[[Edition, View], pd.DataFrame]
    beware: str
    sources: tuple[str, ...]
    sampled: bool = False
    of_firms: bool = False
    part: Callable[[Edition, View, int, int], tuple[pd.DataFrame, int]] | None = None
    pieces: Callable[[Edition, View], Iterator[pd.DataFrame]] | None = None

    def __post_init__(self) -> None:
        """Refuse a source that is not listed.

        Raises
        ------
        NotFoundError
            The message lists those there are.
        """
        require(self.sources, f"the table {self.id!r}")

    def page(self, edition: Edition, view: View, offset: int, limit: int) -> tuple[pd.DataFrame, int]:
        """Return some rows, and how many there are in all."""
        if self.part is not None:
            return self.part(edition, view, offset, limit)
        rows = self.rows(edition, view)
        return rows.iloc[offset : offset + limit], len(rows)

    def size(self, edition: Edition, view: View) -> int:
        """Return how many rows there are, without reading them where they may be too many."""
        return self.page(edition, view, 0, 0)[1]

    def in_pieces(self, edition: Edition, view: View) -> Iterator[pd.DataFrame]:
        """Yield all rows: in one piece, or in several where they may be too many to be held at once."""
        if self.pieces is None:
            yield self.rows(edition, view)
        else:
            yield from self.pieces(edition, view)

    def sources_of(self, edition: Edition) -> tuple[str, ...]:
        """Return the ids of the sources for an edition: of an analyst's firms none is that of the shipped."""
        left_out = edition.about.own and self.of_firms
        return tuple(one.id for one in named(self.sources) if not (left_out and one.firms))

    @property
    def caveat(self) -> str:
        """The caveat for the edition that ships."""
        return f"{SAMPLE} {self.beware}" if self.sampled else self.beware

    def caveat_of(self, edition: Edition) -> str:
        """Return the caveat for an edition: the firms of a register are no sample of ours."""
        about = edition.about
        if about.own and self.sampled:
            return f"{own_firms(about)}. {self.beware}"
        return self.caveat


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
        "lq_national",
    ]
    test = ["standing", "p", "q", "log10_p", "threshold", "stability", "core_share"]
    if not edition.about.tested:
        test, table = ["test"], table.assign(test=NOT_TESTED)
    beside = [*(SIZED if _knows(edition, BASIS) else ()), *(DATED if _knows(edition, "births_from") else ())]
    table = table.astype({name: "Int64" for name in beside if name in WHOLE})
    rest = ["points", "one_site", "criteria", "research_awards_gbp_within_500_m", "authorities", "edition"]
    return table[[*order, *test, *beside, *rest]]


def _knows(edition: Edition, column: str) -> bool:
    """Say whether an edition tells anything in a column of its clusters."""
    return bool(edition.clusters[column].replace("", np.nan).notna().any())


def nearly(edition: Edition, view: View) -> pd.DataFrame:
    """Return the places that came nearest to being a cluster of a view's labels, the most striking first."""
    rows = edition.tables["nearly"]
    kinds = rows["label"].map(edition.tables["labels"].set_index("label")["kind"])
    wanted = rows["label"].isin(view.labels) if view.labels else kinds.isin(FAMILIES[view.family])
    table = rows[wanted].sort_values(["p", "label", "place"], kind="stable")
    table = table.assign(sector_or_technology=table["label"].map(edition.labels.title))
    table = table.rename(columns={"observed": "firms", "radius_m": "within_m", "label": "label_id"})
    table = table.round({"expected": 2, "lq": 2, "p": 4})
    order = ["place", "sector_or_technology", "firms", "expected", "lq", "within_m", "p", "more", "reason"]
    return table[[*order, "label_id"]].reset_index(drop=True)


def members(edition: Edition, view: View) -> pd.DataFrame:
    """Return the firms of each cluster of a view, core first."""
    return members_with(edition, view, ())


def members_with(edition: Edition, view: View, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table of the firms of clusters with further columns of the firms at its end."""
    clusters_of = clusters_in(edition, view)[["cluster_id", "name"]]
    asked = ", ".join([details(edition), "la_code", "core", *columns])
    sql = f"""
        SELECT cluster_id, firm_id, name AS firm, {asked}
        FROM members JOIN firms USING (firm_id) ORDER BY core DESC, firm
    """
    named = clusters_of.rename(columns={"name": "cluster"})
    found: pd.DataFrame = named.merge(edition.store.query(sql), on="cluster_id")
    return found.reset_index(drop=True)


def regions(edition: Edition, view: View) -> pd.DataFrame:
    """Return the regions of the view's level, most public money a head first."""
    rows = region_figures(edition, view).assign(level=view.level)
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
    whole = whole.astype({"projects": "Int64", "population": "Int64"})
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
    rows = taking_part(edition, view)
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
    condition, values = where(edition, view)
    return condition.replace("point", "TRUE", 1), values


def _firm_pieces(edition: Edition, view: View) -> Iterator[pd.DataFrame]:
    """Yield the firms, by name; many as the store has them, neighbours beside neighbours, west to east."""
    if _firm_page(edition, view, 0, 0)[1] <= MOST_SORTED:
        yield _firms(edition, view)
        return
    last = edition.store.query("SELECT max(rowid) AS last FROM firms")["last"].iloc[0]
    for start in range(0, int(last) + 1, PIECE):
        asked = f"AND rowid BETWEEN {start:d} AND {start + PIECE - 1:d} ORDER BY rowid"
        yield _in_words(edition, edition.store.query(*_firm_query(edition, view, asked)))


def _firm_query(
    edition: Edition, view: View, rest: str = BY_NAME, beside: Sequence[str] = ()
) -> tuple[str, list[Any]]:
    condition, values = _firms_where(edition, view)
    columns = OWN_FIRM_COLUMNS if edition.about.own else FIRM_COLUMNS
    asked = ", ".join([*columns, *beside])
    return f"SELECT {asked} FROM firms WHERE {condition} {rest}", values


def _firms(edition: Edition, view: View, part: str = "", beside: Sequence[str] = ()) -> pd.DataFrame:
    return _in_words(edition, edition.store.query(*_firm_query(edition, view, f"{BY_NAME} {part}", beside)))


def firms_with(edition: Edition, view: View, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table of firms with further columns of the store at its end."""
    return _firms(edition, view, beside=columns)


def _in_words(edition: Edition, found: pd.DataFrame) -> pd.DataFrame:
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
    table[["lat", "lon"]] = table[["lat", "lon"]].mask(table["withheld"])
    return table[list(ASSET_COLUMNS)]


def concentrated(edition: Edition, view: View) -> pd.DataFrame:
    """Return how concentrated each sector and technology of a view is, over the regions of its level."""
    rows = concentration(edition, view.level)
    wanted = rows["label"].isin(view.labels) if view.labels else rows["kind"].isin(FAMILIES[view.family])
    table = rows[wanted].rename(columns={"title": "sector_or_technology", "label": "label_id"})
    table = table.round(dict.fromkeys(("lq", "lq_low", "lq_high", *M_COLUMNS), 2))
    table = table.round(dict.fromkeys(("region_krugman", *REGIONAL), 4))
    order = ["sector_or_technology", "kind", "level", "firms", "regions_with", "regions", *LEADING, *REGIONAL]
    return table[[*order, "placed_firms", *M_COLUMNS, "label_id"]].reset_index(drop=True)


_ROWS = (
    Table(
        "clusters",
        "Clusters",
        clusters,
        "LQ is the location quotient with its 95% interval. Employment and births are told where at least "
        "five sizes or dates are known; employment_basis says whether employment is an estimate.",
        ("register", "onspd"),
        sampled=True,
    ),
    Table(
        "nearly",
        "Nearly",
        nearly,
        "Places that are no clusters: chance does as well too often, or a firm or two are missing.",
        ("register", "onspd"),
        sampled=True,
    ),
    Table(
        "regions",
        "Regions",
        regions,
        "Awards found in public; blank where none was found. By place of delivery, money for several "
        "authorities is split by population; by lead's address, equally between leads. Delivery less lead "
        "(moved_gbp) is of awards that both rules place: it adds up to nothing.",
        ("register", "population", "onspd"),
    ),
    Table(
        "projects",
        "Projects",
        projects,
        "Awards found in public, not all there are; what is counted (counted_gbp) leaves out what is "
        "nested or switched off.",
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
        "Fringe firms lie outside core cells.",
        ("register",),
        sampled=True,
        of_firms=True,
    ),
    Table(
        "firms",
        "Firms",
        firms,
        "Size, year and status were not checked.",
        ("register",),
        sampled=True,
        of_firms=True,
        part=_firm_page,
        pieces=_firm_pieces,
    ),
    Table(
        "concentration",
        "Concentration",
        concentrated,
        "Blank: too few firms, or pairs of firms, to say; not zero. HHI, Krugman and Gini are high by chance "
        "where firms are few beside the regions; gamma allows for that, taking all firms to be of one size, "
        "since sizes are not known. All but M change with the level. Firms known only to their town count in "
        f"regions, not in M, which is not worked out for more than {MOST_FIRMS:,} firms.",
        ("register", "onspd"),
        sampled=True,
    ),
    Table("assets", "Research assets", assets, "Positions from general knowledge.", ("register",)),
)
TABLES: Mapping[str, Table] = MappingProxyType({table.id: table for table in _ROWS})
