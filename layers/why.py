"""Why a cluster is one: each fact with its value and what it means, for the card, the page and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clusters.evidence import REACH_M
from data.schemas import ASSET_TYPES
from layers.words import count, listed, pounds, quotient

if TYPE_CHECKING:
    import pandas as pd

    from regions.edition import Edition

Fact = tuple[str, str, str]
CRITERIA = {
    "rd_active": "RD&I active",
    "co_located": "co-located",
    "related": "related",
    "collaborating": "collaborating",
}
NEAR = f"within {REACH_M:.0f} metres of the footprint"
# 199 shuffled maps and the real one: no smaller share can be told.
LEAST_CHANCE = 1 / 200


def facts(row: Any, edition: Edition) -> list[Fact]:
    """Return why a cluster is one, as (what, value, what it means).

    Parameters
    ----------
    row
        A row of `Edition.clusters`.
    edition
        Where its awards, research assets and authorities are looked up.
    """
    return [*_test(row), *_kind(row), *_beside(row.cluster_id, edition), _authorities(row, edition)]


def _test(row: Any) -> list[Fact]:
    rare = row.chance <= LEAST_CHANCE
    return [
        (
            "Firms",
            f"{row.firms} observed, {row.expected:.1f} expected",
            "Sample firms of this label in the cluster's cells, and how many there would be at the larger of the "
            "national share and the share in the 20 km around.",
        ),
        (
            "Location quotient",
            quotient(row.lq, row.lq_low, row.lq_high),
            "Observed over expected, with its 95% interval; 1 is no concentration.",
        ),
        (
            "By chance",
            "in less than one shuffled map in 200" if rare else f"in {row.chance:.1%} of shuffled maps",
            "How often maps with this label's firms shuffled among all firms show anything as striking, anywhere.",
        ),
        (
            "Comes back",
            f"in {row.stability:.0%} of resamples",
            "Share of random resamples of the firms in which this cluster is found again.",
        ),
        (
            "Core",
            f"{row.core_share:.0%} of its firms",
            "Firms in cells that come back in at least 80% of resamples; the rest is fringe.",
        ),
    ]


def _kind(row: Any) -> list[Fact]:
    met = [words for name, words in CRITERIA.items() if getattr(row, name)]
    return [
        (
            "Type",
            row.type,
            "Diverse: co-located. Specialised: co-located and related. R&D Collaborating: with evidence of publicly "
            "funded collaboration.",
        ),
        ("Criteria met", listed(met) or "none", "The four published criteria of the UK Government's map."),
    ]


def _beside(cluster_id: str, edition: Edition) -> list[Fact]:
    awards = _of(edition.tables["cluster_awards"], cluster_id)
    assets = _of(edition.tables["cluster_assets"], cluster_id)
    private = awards["private_gbp"].sum()
    kinds = [f"{ASSET_TYPES[row.type]}: {row.assets}" for row in assets.itertuples(index=False)]
    return [
        ("Public money", _money(awards), f"Projects at sites {NEAR}, by kind of figure; kinds are never added up."),
        ("Private money", pounds(private) if private else "none named", "What sources name beside these awards."),
        ("Research beside it", "; ".join(kinds) or "none listed", f"Research assets {NEAR}."),
    ]


def _money(awards: pd.DataFrame) -> str:
    known = awards[awards["gbp"].notna()]
    parts = [
        f"{pounds(row.gbp)} in {count(row.projects, 'project')} ({row.award_kind}{_growth(row.purpose)})"
        for row in known.itertuples(index=False)
    ]
    without = int(awards["without_figure"].sum())
    parts += [f"{count(without, 'project')} without a public figure"] if without else []
    return "; ".join(parts) or "no project with a known site"


def _growth(purpose: str) -> str:
    return ", regional growth" if purpose == "regional growth" else ""


def _authorities(row: Any, edition: Edition) -> Fact:
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    shares = zip(row.la_codes, row.la_shares, strict=True)
    words = [f"{names.get(code, code)} ({code}) {share:.0%}" for code, share in shares]
    return "Authorities", "; ".join(words), "Local authorities by share of the cluster's firms, with GSS codes."


def _of(table: pd.DataFrame, cluster_id: str) -> pd.DataFrame:
    return table[table["cluster_id"] == cluster_id]
