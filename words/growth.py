"""Employment and births of a cluster in words: how many, against how many expected, and what is estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clusters.description.evenness import FEWEST, LEVEL
from clusters.description.growth import BANDS
from words.numbers import count, finite, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

ESTIMATED = "estimated from size bands"
EMPLOYMENT, SIZE, BIRTHS = "Employment", "Size of firms", "Young firms"
Q = "q is corrected for the number of clusters (Benjamini, Hochberg); up to {level} counts as a difference."
TOO_FEW = "known of {known} of {firms}: of fewer than {fewest} nothing is said"


def knows_sizes(row: Any) -> bool:
    """Say whether a cluster is of an edition that knows sizes of firms."""
    return bool(row.employment_basis)


def knows_dates(row: Any) -> bool:
    """Say whether a cluster is of an edition that knows when firms were founded."""
    return finite(row.births_from)


def growth_facts(row: Any) -> dict[str, str]:
    """Return what is known of employment and births, as far as the edition tells sizes and dates."""
    facts: dict[str, str] = {}
    if knows_sizes(row):
        facts |= {EMPLOYMENT: _employment(row), SIZE: _size(row)}
    if knows_dates(row):
        facts[BIRTHS] = _births(row)
    return facts


def growth_meanings(row: Any) -> Mapping[str, str]:
    """Return what these facts mean, for those that there are."""
    q = Q.format(level=LEVEL)
    meanings: dict[str, str] = {}
    if knows_sizes(row):
        by_band = row.employment_basis == BANDS
        how = " Of each size band the middle is taken: an estimate." if by_band else ""
        meanings[EMPLOYMENT] = (
            f"Employees of its firms whose size is known, and those of as many firms of this label.{how}"
            f"{_quotient(row)}"
        )
        meanings[SIZE] = (
            "Sum of the square roots of their employees, so that one giant is not all, against draws of as "
            f"many firms of this label. {q}"
        )
    if knows_dates(row):
        meanings[BIRTHS] = (
            f"Firms founded {row.births_from:.0f} to {row.births_to:.0f}, of those of known date, against as "
            f"many firms of this label (hypergeometric law). {q}{_area(row)}"
        )
    return meanings


def beside_words(row: Any) -> list[str]:
    """Return employment, and births that differ from the label's, in a few words each: for the map."""
    said = []
    if knows_sizes(row) and finite(row.employment):
        of = "" if row.employment_known == row.firms else f" in {count(int(row.employment_known), 'firm')}"
        about = " (estimated)" if row.employment_basis == BANDS else ""
        said.append(f"{employees(row.employment, row.employment_basis)}{of}{about}")
    if knows_dates(row) and finite(row.births_q) and row.births_q <= LEVEL:
        said.append(_differing(row))
    return said


def employees(number: float, basis: str) -> str:
    """Return employees in words; two digits of an estimate.

    Examples
    --------
    >>> employees(1_268, "employees"), employees(1_268, "size bands"), employees(1, "employees")
    ('1,268 employees', 'about 1,300 employees', '1 employee')
    """
    if basis != BANDS:
        return count(int(number), "employee")
    return f"about {_two_digits(number):,.0f} employees"


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")


def _too_few(known: float, firms: int) -> str:
    return TOO_FEW.format(known=f"{known:.0f}", firms=count(firms, "firm"), fewest=FEWEST)


def _employment(row: Any) -> str:
    if not finite(row.employment):
        return _too_few(row.employment_known, row.firms)
    unknown = row.firms - int(row.employment_known)
    firms = f" in {count(int(row.employment_known), 'firm')} of known size" if unknown else ""
    estimated = f" ({ESTIMATED})" if row.employment_basis == BANDS else ""
    expected = employees(row.employment_expected, row.employment_basis).rpartition(" ")[0]
    largest = f"; {percent(row.largest_employer)} at the largest" if finite(row.largest_employer) else ""
    return (
        f"{employees(row.employment, row.employment_basis)}{firms}{estimated}, {expected} expected{largest}"
    )


def _size(row: Any) -> str:
    if not finite(row.employment_p):
        return _too_few(row.employment_known, row.firms)
    of = f"{row.size_ratio:.2f} of what is expected" if finite(row.size_ratio) else "no employees at all"
    if row.employment_q > LEVEL:
        return f"{of}; {_by_chance(row.employment_p, row.employment_q)}"
    which = "larger" if row.size_ratio > 1 else "smaller"
    return f"{which} than the label's elsewhere ({of}); q {_share(row.employment_q)}"


def _births(row: Any) -> str:
    if not finite(row.births_p):
        return _too_few(row.births_dated, row.firms)
    if row.births_q > LEVEL:
        return f"{_counted(row)}; {_by_chance(row.births_p, row.births_q)}"
    return f"{_differing(row)}; q {_share(row.births_q)}"


def _counted(row: Any) -> str:
    return f"{row.births:.0f} of {row.births_dated:.0f} where {row.births_expected:.1f} are expected"


def _differing(row: Any) -> str:
    which = "more" if row.births > row.births_expected else "fewer"
    return f"{which} young firms than the label's elsewhere ({_counted(row)})"


def _by_chance(p: float, q: float) -> str:
    return f"the difference may be chance (p {_share(p)}, q {_share(q)})"


def _area(row: Any) -> str:
    """Say how many of all firms there are young."""
    if not finite(row.area_births):
        return ""
    return (
        f" Of all firms in its cells, of any label, {row.area_births:.0f} of {row.area_dated:.0f} are young "
        f"where {row.area_births_expected:.1f} are expected (p {_share(row.area_births_p)})."
    )


def _quotient(row: Any) -> str:
    if not finite(row.employment_lq):
        return ""
    return (
        f" Employment LQ {row.employment_lq:.1f}: the label's share of the employees in the "
        "cluster's cells over its share in all."
    )


def _share(value: float) -> str:
    """Return a small probability.

    Examples
    --------
    >>> _share(0.0312), _share(0.00002), _share(0.4), _share(1.0)
    ('0.031', 'under 0.001', '0.40', '1')
    """
    if value < 0.001:
        return "under 0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}".replace("1.00", "1")
