"""Why a cluster is one: each fact with its value and what it means, for the card, the page and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clusters.description.evidence import REACH_M
from clusters.scan.rates import PALE, SOLID
from data.schemas import ASSET_TYPES
from words.growth import growth_facts, growth_meanings
from words.numbers import count, distance, finite, listed, pounds, quotient
from words.provenance import NOT_TESTED, one_in, radii

if TYPE_CHECKING:
    import pandas as pd

    from edition.about import About
    from edition.edition import Edition

Fact = tuple[str, str, str]
SURE = {SOLID: "solid", PALE: "uncertain", "": NOT_TESTED}
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
    "Also specialised in": "Clusters of other labels that are made of the same firms: one family, of which "
    "the map shows the most striking.",
    "Authorities": "Local authorities by share of the cluster's firms, with GSS codes.",
}
POINTS = "Points, such as postcodes, at which the firms stand: many at one may be no more than an address."
QUOTIENT = "Observed over expected, with its {confidence:.0%} interval{choice}; 1 is no concentration."
CHOICE = ", which allows for the place having been picked for its firms"


def why_it_is_one(row: Any) -> str:
    """Return the heading of the facts: it claims no more than the test found."""
    if row.one_site:
        return "Why this site may stand out" if row.standing == PALE else "Why this site stands out"
    return "Why it may be a cluster" if row.standing == PALE else "Why it is a cluster"


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
        **_test(row),
        **growth_facts(row),
        **_beside(row.cluster_id, edition),
        "Also specialised in": _family(row, edition),
        "Authorities": _authorities(row, edition),
    }
    meanings = {**figure_meanings(about), **growth_meanings(row), **MEANINGS}
    return [(what, told[what], meaning) for what, meaning in meanings.items()]


def figure_meanings(about: About) -> dict[str, str]:
    """Return what the figures of the test mean, with the settings that it was made with."""
    scan = about.scan
    firms = "Firms" if about.own else "Sample firms"
    choice = CHOICE if about.tested else ""
    quotient_meaning = QUOTIENT.format(confidence=scan.confidence, choice=choice)
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
        "would be there at the share that it is compared with.",
        "Compared with": "The largest of the national share, the share among places of the same kind (with "
        f"as many firms within {listed([distance(reach) for reach in scan.kind_m])}), and the share in the "
        f"ring around, out to {distance(scan.ring_m)}, drawn towards that of a wider window.",
        "Against the nation": "The same quotient against the national share alone.",
        "Points": POINTS,
        "Location quotient": quotient_meaning,
        "Most striking disc": f"Discs of {radii(scan)} are tried around every cell; this one is least like "
        "chance.",
        "By chance": "How often maps with this label's firms shuffled among all firms show anything as "
        "striking, in any disc; estimated from the tail of such maps.",
        "May be chance": "Of everything on this map that is as striking, of whatever label, the share that "
        f"may be chance. Solid: both at most {scan.level:.0%}; up to {scan.pale:.0%} it is uncertain.",
        "Comes back": "Share of random resamples of the firms in which this cluster is found again; "
        f"{scan.resamples} were made.",
        "Core": f"Firms in cells that come back in at least {scan.core_frequency:.0%} of resamples; the rest "
        "is fringe.",
    }


def _test(row: Any) -> dict[str, str]:
    # Criteria may be unknown, which is not met.
    met = [words for name, words in CRITERIA.items() if getattr(row, name) is True or getattr(row, name) == 1]
    expected = f", {row.expected:.1f} expected" if finite(row.expected) else ""
    return {
        "Firms": f"{row.firms:,} observed{expected}",
        "Points": f"{count(row.points, 'point')}, {row.largest_point:.0%} of the firms at the fullest",
        "Location quotient": quotient(row.lq, row.lq_low, row.lq_high) + _ceiling(row),
        "Compared with": _compared(row),
        "Against the nation": f"{row.lq_national:.1f}" if finite(row.lq_national) else "not known",
        "Most striking disc": _disc(row),
        "By chance": f"in {one_map_in(row.p)}" if finite(row.p) else NOT_TESTED,
        "May be chance": f"{under(row.q)} of all that is as striking: {SURE[row.standing]}"
        if finite(row.q)
        else NOT_TESTED,
        "Comes back": f"in {row.stability:.0%} of resamples" if finite(row.stability) else NOT_TESTED,
        "Core": f"{row.core_share:.0%} of its firms" if finite(row.core_share) else NOT_TESTED,
        "Type": row.type or "not known",
        "Criteria met": listed(met) or "none",
    }


def one_map_in(p: float) -> str:
    """Return a share of shuffled maps as people say it.

    Examples
    --------
    >>> one_map_in(0.04), one_map_in(1e-12)
    ('1 of 25 shuffled maps', 'less than 1 of a million shuffled maps')
    """
    if p < 1e-6:
        return "less than 1 of a million shuffled maps"
    return f"{one_in(p).replace(' in ', ' of ')} shuffled maps"


def under(share: float) -> str:
    """Return a small share, of which more than one digit says nothing."""
    return f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def _compared(row: Any) -> str:
    """Return the share that a cluster is compared with, and whose it is."""
    shares = {
        "the ring around": row.ring_share,
        "places of the same kind": row.kind_share,
        "the whole country": row.national_share,
    }
    known = {whose: share for whose, share in shares.items() if finite(share)}
    if not finite(row.kind_share):
        return f"{row.baseline:.2%}, the share of the whole country"
    whose = max(known, key=lambda name: (known[name], name == "the whole country"))
    return f"{row.baseline:.2%}, the share in {whose} ({row.national_share:.2%} in the whole country)"


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


def _family(row: Any, edition: Edition) -> str:
    """Return the other clusters that are made of the same firms, the most striking first."""
    rows = edition.clusters
    others = rows[(rows["family"] == row.family) & (rows["cluster_id"] != row.cluster_id)].sort_values("e")
    named = [
        f"{edition.labels.title(one.label)}, {one.place} ({count(one.firms, 'firm')}; {SURE[one.standing]})"
        for one in others.itertuples(index=False)
    ]
    return "; ".join(named) or "nothing else"


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
