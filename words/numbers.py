"""Numbers in words for people: pounds, counts, quotients."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING, Any

from data.plural import count

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["count", "distance", "finite", "listed", "percent", "pounds", "quotient", "said"]

UNITS = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
# From this share of a unit on, three digits round up to it: £999.5k is £1m.
ROUNDS_UP = 0.9995


def pounds(value: float | None) -> str:
    """Return three leading digits with a unit: £21.3m, £1.5bn, £450k; "not known" for none.

    Examples
    --------
    >>> pounds(21_300_000), pounds(999_950), pounds(-1_250)
    ('£21.3m', '£1m', '-£1.25k')
    """
    if value is None or not math.isfinite(value):
        return "not known"
    sign, size = "-" if value < 0 else "", abs(value)
    for scale, unit in UNITS:
        if size >= scale * ROUNDS_UP:
            return f"{sign}£{_three(size / scale)}{unit}"
    return f"{sign}£{_three(size)}"


def said(value: Any, unit: str) -> str:
    """Return a number of a measure in words, with its unit where that is no noun that the measure names.

    Parameters
    ----------
    value
        Of a measure; "not known" for none.
    unit
        As `regions.measures` gives it: ``£``, ``£ per person``, ``share``, ``per 10,000 residents``,
        ``residents per km²``; any other is a count of what it names.

    Examples
    --------
    >>> said(21_300_000, "£"), said(51.76, "£ per person"), said(0.0834, "share")
    ('£21.3m', '£51.8 a head', '8.3%')
    >>> said(0.7415, "per 10,000 residents"), said(5_040.2, "residents per km²"), said(1_204, "firms")
    ('0.74 per 10,000', '5,040 per km²', '1,204')
    """
    if not finite(value):
        return "not known"
    writers: dict[str, Callable[[float], str]] = {
        "£": pounds,
        "£ per person": lambda number: f"{_per_head(number)} a head",
        "share": percent,
        "per 10,000 residents": lambda number: f"{number:,.2f} per 10,000",
        "residents per km²": lambda number: f"{number:,.0f} per km²",
        "LQ": lambda number: f"{number:.1f}",
    }
    if unit not in writers:
        return f"{value:,.0f}"
    return writers[unit](float(value))


def _per_head(value: float) -> str:
    """Return pounds a head: pence below ten pounds, three leading digits from there."""
    return f"£{value:.2f}" if 0 < abs(value) < 9.995 else pounds(value)


def percent(share: float) -> str:
    """Return a share as a percentage: one digit after the point below ten.

    Examples
    --------
    >>> percent(0.0834), percent(0.25), percent(0.0002), percent(0)
    ('8.3%', '25%', 'under 0.1%', '0%')
    """
    value = share * 100
    if 0 < value < 0.1:
        return "under 0.1%"
    return f"{value:.1f}".removesuffix(".0") + "%" if value < 9.95 else f"{value:.0f}%"


def _three(value: float) -> str:
    """Return three leading digits of a number that is not negative; of larger whole ones, all."""
    digits = max(0, 2 - math.floor(math.log10(value))) if value else 0
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quotient(value: float, low: float, high: float) -> str:
    """Return a location quotient with its 95% interval, as far as they are known.

    Examples
    --------
    >>> quotient(2.31, 1.8, 2.94)
    '2.3 (1.8 to 2.9)'
    """
    if not all(map(math.isfinite, (value, low, high))):
        return f"{value:.1f}" if math.isfinite(value) else "not known"
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def finite(value: Any) -> bool:
    """Say whether a number is there: not missing, not infinite."""
    return isinstance(value, Real) and math.isfinite(value)


def listed(parts: list[str]) -> str:
    """Join words.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def distance(metres: float) -> str:
    """Return a distance in words.

    Examples
    --------
    >>> distance(314), distance(5_031), distance(32_000)
    ('310 metres', '5 km', '32 km')
    """
    if metres < 995:
        return f"{round(metres, -1):.0f} metres"
    return f"{_three(float(f'{metres / 1000:.2g}'))} km"
