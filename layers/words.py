"""Numbers in words for people: pounds, counts, quotients."""

from __future__ import annotations

import math

UNITS = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def pounds(value: float | None) -> str:
    """Return three leading digits with a unit: £21.3m, £1.5bn, £450k; "not known" for none.

    Examples
    --------
    >>> pounds(21_300_000)
    '£21.3m'
    """
    if value is None or math.isnan(value):
        return "not known"
    for size, unit in UNITS:
        if abs(value) >= size * 0.9995:
            return f"£{_three(value / size)}{unit}"
    return f"£{_three(value)}"


def _three(value: float) -> str:
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "project"), count(1204, "firm")
    ('1 project', '1,204 firms')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def quotient(value: float, low: float, high: float) -> str:
    """Return a location quotient with its 95% interval: 2.3 (1.8 to 2.9)."""
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def listed(parts: list[str]) -> str:
    """Join words: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
