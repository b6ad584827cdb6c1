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
MEANINGS = {
    "Firms": "Sample firms of this label in the cluster's cells, and how many would be there at the larger "
    "of the national share and the share in the 20 km around.",
    "Location quotient": "Observed over expected, with its 95% interval; 1 is no concentration.",
    "By chance": "How often maps with this label's firms shuffled among all firms show anything as striking.",
    "Comes back": "Share of random resamples of the firms in which this cluster is found again.",
    "Core": "Firms in cells that come back in at least 80% of resamples; the rest is fringe.",
    "Type": "Diverse: co-located. Specialised: co-located and related. R&D Collaborating: with evidence of "
    "publicly funded collaboration.",
    "Criteria met": "The four published criteria of the UK Government's map.",
    "Public money": f"Projects at sites {NEAR}, by kind of figure; kinds are never added up.",
    "Private money": "What sources name beside these awards.",
    "Research beside it": f"Research assets {NEAR}.",
    "Authorities": "Local authorities by share of the cluster's firms, with GSS codes.",
}
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
    values = {**_test(row), **_beside(row.cluster_id, edition), "Authorities": _authorities(row, edition)}
    return [(what, values[what], meaning) for what, meaning in MEANINGS.items()]


def _test(row: Any) -> dict[str, str]:
    rare = row.chance <= LEAST_CHANCE
    met = [words for name, words in CRITERIA.items() if getattr(row, name)]
    return {
        "Firms": f"{row.firms} observed, {row.expected:.1f} expected",
        "Location quotient": quotient(row.lq, row.lq_low, row.lq_high) + _ceiling(row),
        "By chance": "in less than 1 of 200 shuffled maps"
        if rare
        else f"in {row.chance:.1%} of shuffled maps",
        "Comes back": f"in {row.stability:.0%} of resamples",
        "Core": f"{row.core_share:.0%} of its firms",
        "Type": row.type,
        "Criteria met": listed(met) or "none",
    }


def _ceiling(row: Any) -> str:
    """Say why an interval ends at the quotient itself: it cannot be larger where every firm has the label."""
    return (
        "; the most it can be, as every firm there is of this kind" if row.lq_high <= row.lq * 1.001 else ""
    )


def _beside(cluster_id: str, edition: Edition) -> dict[str, str]:
    awards = _of(edition.tables["cluster_awards"], cluster_id)
    assets = _of(edition.tables["cluster_assets"], cluster_id)
    private = awards["private_gbp"].sum()
    kinds = [_asset(row) for row in assets.itertuples(index=False)]
    return {
        "Public money": _money(awards),
        "Private money": pounds(private) if private else "none named",
        "Research beside it": "; ".join(kinds) or "none listed",
    }


def _asset(row: Any) -> str:
    return f"{ASSET_TYPES[row.type]}: {row.assets}"


def _money(awards: pd.DataFrame) -> str:
    parts = [_award(row) for row in awards[awards["gbp"].notna()].itertuples(index=False)]
    without = int(awards["without_figure"].sum())
    parts += [f"{count(without, 'project')} without a public figure"] if without else []
    return "; ".join(parts) or "no project with a known site"


def _award(row: Any) -> str:
    growth = ", regional growth" if row.purpose == "regional growth" else ""
    return f"{pounds(row.gbp)} in {count(row.projects, 'project')} ({row.award_kind}{growth})"


def _authorities(row: Any, edition: Edition) -> str:
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    shares = zip(row.la_codes, row.la_shares, strict=True)
    return "; ".join(f"{names.get(code, code)} ({code}) {share:.0%}" for code, share in shares)


def _of(table: pd.DataFrame, cluster_id: str) -> pd.DataFrame:
    return table[table["cluster_id"] == cluster_id]
