"""Why a cluster is one: each fact with its value and what it means, for the card, the page and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clusters.description.evidence import REACH_M
from data.schemas import ASSET_TYPES
from words.growth import growth_facts, growth_meanings
from words.numbers import count, distance, finite, listed, pounds, quotient
from words.provenance import NOT_TESTED, one_in, radii

if TYPE_CHECKING:
    import pandas as pd

    from edition.about import About
    from edition.edition import Edition

Fact = tuple[str, str, str]
CRITERIA = {
    "rd_active": "RD&I active",
    "co_located": "co-located",
    "related": "related",
    "collaborating": "collaborating",
}
NEAR = f"within {REACH_M:.0f} metres of the footprint"
MEANINGS = {
    "Type": "Diverse: co-located. Specialised: co-located and related. R&D Collaborating: with evidence of "
    "publicly funded collaboration.",
    "Criteria met": "The four published criteria of the UK Government's map.",
    "Public money": f"Projects at sites {NEAR}, by kind of figure; kinds are never added up.",
    "Private money": "What sources name beside these awards.",
    "Research beside it": f"Research assets {NEAR}.",
    "Authorities": "Local authorities by share of the cluster's firms, with GSS codes.",
}
POINTS = "Points, such as postcodes, at which the firms stand: many at one may be no more than an address."
QUOTIENT = "Observed over expected, with its {confidence:.0%} interval; 1 is no concentration."


def facts(row: Any, edition: Edition) -> list[Fact]:
    """Return why a cluster is one, as (what, value, what it means).

    Parameters
    ----------
    row
        A row of `Edition.clusters`.
    edition
        Where its awards, research assets and authorities are looked up, and how it was tested.
    """
    about = edition.about
    told = {
        **_test(row, about),
        **growth_facts(row),
        **_beside(row.cluster_id, edition),
        "Authorities": _authorities(row, edition),
    }
    meanings = {**figure_meanings(about), **growth_meanings(row), **MEANINGS}
    return [(what, told[what], meaning) for what, meaning in meanings.items()]


def figure_meanings(about: About) -> dict[str, str]:
    """Return what the figures of the test mean, with the settings that it was made with."""
    scan = about.scan
    firms = "Firms" if about.own else "Sample firms"
    quotient_meaning = QUOTIENT.format(confidence=scan.confidence)
    if not about.tested:
        absent = f"{about.method_name} looks for density alone; only the scan tests against chance."
        return {
            "Firms": f"{firms} of this label in the cluster, and how many are expected, where that is known.",
            "Points": POINTS,
            "Location quotient": quotient_meaning,
            "By chance": absent,
            "Comes back": absent,
            "Core": absent,
        }
    return {
        "Firms": f"{firms} of this label in the cluster's cells of {distance(scan.cell_m)}, and how many "
        "would be there at the larger of the national share and the share in the ring around, out to "
        f"{distance(scan.ring_m)}.",
        "Points": POINTS,
        "Location quotient": quotient_meaning,
        "Most striking disc": f"Discs of {radii(scan)} are tried around every cell; this one is least like "
        "chance.",
        "By chance": "How often maps with this label's firms shuffled among all firms show anything as "
        "striking, in any disc.",
        "Comes back": "Share of random resamples of the firms in which this cluster is found again; "
        f"{scan.resamples} were made.",
        "Core": f"Firms in cells that come back in at least {scan.core_frequency:.0%} of resamples; the rest "
        "is fringe.",
    }


def _test(row: Any, about: About) -> dict[str, str]:
    # Criteria may be unknown, which is not met.
    met = [words for name, words in CRITERIA.items() if getattr(row, name) is True or getattr(row, name) == 1]
    expected = f", {row.expected:.1f} expected" if finite(row.expected) else ""
    return {
        "Firms": f"{row.firms:,} observed{expected}",
        "Points": f"{count(row.points, 'point')}, {row.largest_point:.0%} of the firms at the fullest",
        "Location quotient": quotient(row.lq, row.lq_low, row.lq_high) + _ceiling(row),
        "Most striking disc": _disc(row),
        "By chance": _chance(row, about),
        "Comes back": f"in {row.stability:.0%} of resamples" if finite(row.stability) else NOT_TESTED,
        "Core": f"{row.core_share:.0%} of its firms" if finite(row.core_share) else NOT_TESTED,
        "Type": row.type or "not known",
        "Criteria met": listed(met) or "none",
    }


def _chance(row: Any, about: About) -> str:
    if not finite(row.chance):
        return NOT_TESTED
    # So many shuffled maps and the real one: no smaller share can be told.
    least = 1 / (about.scan.relabellings + 1)
    if row.chance <= least * 1.001:
        return f"in less than {one_in(least).replace(' in ', ' of ')} shuffled maps"
    return f"in {row.chance:.1%} of shuffled maps"


def _disc(row: Any) -> str:
    """Return what was counted in the most striking disc, with the radius of that one."""
    if not (finite(row.peak_radius_m) and finite(row.log10_p)):
        return NOT_TESTED
    expected = f", {row.peak_expected:.1f} expected" if finite(row.peak_expected) else ""
    return f"{row.peak_observed:,.0f} observed within {distance(row.peak_radius_m)}{expected}"


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
