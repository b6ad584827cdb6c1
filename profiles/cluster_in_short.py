"""A cluster in a few words and figures: what a brief and a card say of it first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clusters.scan.rates import PALE
from data.participants import organisation_key
from data.taxonomy import titles
from profiles.cluster import criteria
from profiles.cluster_why import facts
from regions.places import in_a_sentence
from words.numbers import count, finite, listed, quotient

if TYPE_CHECKING:
    import pandas as pd

    from edition.about import About
    from edition.edition import Edition

# Of the texts of one kind of evidence, so many are named.
MOST_NAMED = 3
# What evidence is called, one and many.
KINDS = {
    "asset": ("research asset", "research assets"),
    "project": ("project", "projects"),
    "participant": ("member in a project", "members in projects"),
    "technology": ("shared technology", "shared technologies"),
}


@dataclass(frozen=True)
class KeyFigure:
    """A figure that stands out: the number in words, what it is of, and what has to be known with it."""

    value: str
    label: str
    note: str = ""


def headline(edition: Edition, row: Any) -> str:
    """Return what a cluster is in one sentence: how many firms of what, how concentrated, where."""
    title = edition.labels.title(row.label)
    # Labels of a register keep the letters that they came in.
    firms = f"{count(row.firms, 'firm')} in {in_a_sentence(title) if row.label in titles() else title}"
    expected = f" where {row.expected:.1f} would be expected" if finite(row.expected) else ""
    times = f": a location quotient of {quotient(row.lq, row.lq_low, row.lq_high)}" if finite(row.lq) else ""
    where = _where(edition, row)
    return f"{firms}{expected}{times}{where}."


def _where(edition: Edition, row: Any) -> str:
    names = edition.tables["authorities"].set_index("gss_code")["name"]
    called = [str(names.get(code, code)) for code in row.la_codes]
    if not called:
        return ""
    rest = len(called) - MOST_NAMED
    shown = [*called[:MOST_NAMED], *([f"{rest} more"] if rest > 0 else [])]
    return f", in {listed(shown)}"


def key_figures(edition: Edition, row: Any) -> list[KeyFigure]:
    """Return the figures of a cluster that a reader asks for first, in the words of `cluster_why.facts`."""
    told = {what: value.removeprefix("in ") for what, value, _ in facts(row, edition)}
    scan = edition.about.scan
    expected = (
        f"{row.expected:.1f} expected" if finite(row.expected) else "how many are expected is not known"
    )
    between = (
        f"{scan.confidence:.0%} interval {row.lq_low:.1f} to {row.lq_high:.1f}"
        if finite(row.lq_low)
        else "its interval is not known"
    )
    return [
        KeyFigure(f"{row.firms:,}", "firms observed", expected),
        KeyFigure(f"{row.lq:.1f}" if finite(row.lq) else "not known", "location quotient", between),
        KeyFigure(_first(told["By chance"]), "by chance", "shuffled maps with anything as striking"),
        KeyFigure(_first(told["Comes back"]), "comes back", f"in {scan.resamples} resamples of the firms"),
        KeyFigure(_first(told["Core"]), "core", "of its firms; the rest is fringe"),
        KeyFigure(
            f"{row.points:,}", "point with firms" if row.points == 1 else "points with firms", _fullest(row)
        ),
    ]


def _fullest(row: Any) -> str:
    return f"{row.largest_point:.0%} of the firms at the fullest" if finite(row.largest_point) else ""


def _first(said: str) -> str:
    """Return the number that a fact begins with: "96% of resamples" is 96%.

    Examples
    --------
    >>> _first("96% of resamples"), _first("1 of 25 shuffled maps"), _first("not tested")
    ('96%', '1 in 25', 'not tested')
    >>> _first("less than 1 of a million shuffled maps")
    'under 1 in a million'
    """
    if said.endswith(" shuffled maps"):
        return said.removesuffix(" shuffled maps").replace("less than", "under").replace(" of ", " in ")
    return said.partition(" of ")[0]


def criteria_rows(edition: Edition, row: Any) -> list[tuple[str, str, str]]:
    """Return each published criterion: what it is called, met or not, and what that rests on in words."""
    table = edition.tables["evidence"]
    table = table[table["cluster_id"] == row.cluster_id]
    rows = []
    for name, words, met in criteria(row):
        found = table[table["criterion"] == name]
        said = [_evidence(kind, part["text"].tolist()) for kind, part in found.groupby("kind", sort=False)]
        if name == "co_located" and met == "met":
            said = [*said, co_located(edition.about, row)]
        none = (
            "not known"
            if met == "not known"
            else "no evidence was found; that is not to say that there is none"
        )
        rows.append((words, met, "; ".join(said) or none))
    return rows


def co_located(about: About, row: Any) -> str:
    """Say what being co-located rests on: the test of the scan, how sure that is, or density alone."""
    if about.tested and row.standing == PALE:
        return f"passed the test at its weaker limit ({about.scan.pale:.0%} chance at most): uncertain"
    if about.tested:
        return "passed the test: more of its firms stand close together than the firms around them explain"
    return f"found by density: {about.method_name} tests nothing against chance"


def _evidence(kind: Any, texts: list[str]) -> str:
    one, many = KINDS.get(str(kind), (str(kind), str(kind)))
    unique = list(dict.fromkeys(texts))
    rest = len(unique) - MOST_NAMED
    names = listed([*unique[:MOST_NAMED], *([f"{rest} more"] if rest > 0 else [])])
    return f"{count(len(unique), one, many)}: {names}"


def which_are_firms(edition: Edition, cluster_id: str, organisations: pd.Series) -> pd.Series:
    """Say of organisations whether they are firms of a cluster, by the names that projects know firms by.

    Returns
    -------
    Series of bool
        On the same index.
    """
    members = edition.tables["members"]
    firms = members.loc[members["cluster_id"] == cluster_id, "firm_id"]
    known = edition.tables["firm_participants"]
    names = known.loc[known["firm_id"].isin(firms), "organisation"]
    keys = {organisation_key(str(name)) for name in names}
    return organisations.map(lambda name: organisation_key(str(name)) in keys).astype(bool)
