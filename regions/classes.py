"""Classes that a map is coloured by: round bounds that a reader can keep in mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from regions.measures import Measure


def classes(values: pd.Series, measure: Measure) -> list[float]:
    """Return the upper bounds of the classes of a measure, rising; see `class_breaks`.

    Where the measure has bounds of its own, these, as far as the values reach, and one above the largest.
    """
    if not measure.bounds:
        return class_breaks(values)
    numbers = values.to_numpy(dtype=float)
    most = float(np.max(numbers[np.isfinite(numbers)], initial=0.0))
    if most <= 0:
        return []
    below = [bound for bound in measure.bounds if bound < most]
    return [*below, next((bound for bound in measure.bounds if bound >= most), _round_up(most))]


def class_breaks(values: pd.Series, most: int = 5) -> list[float]:
    """Return the upper bounds of at most `most` classes, round numbers that a reader can keep in mind.

    Quantiles of the values above zero, each rounded to one or two leading digits (1, 1.5, 2, 3, 4, 5, 7.5).
    Zero and missing values are no class: they are said to have no award found. No class is empty.

    Parameters
    ----------
    values : Series of float
        Any unit; infinities are left out like missing values.
    most : int
        Most classes, 1 or more.

    Returns
    -------
    list of float
        Rising; the last is at or above the largest value. Empty where no value is above zero. A value
        belongs to the first class whose bound is at or above it.
    """
    numbers = values.to_numpy(dtype=float)
    positive = np.sort(numbers[np.isfinite(numbers) & (numbers > 0)])
    if not len(positive):
        return []
    quantiles = np.quantile(positive, np.arange(1, most) / most)
    inner = np.unique([_round(float(bound)) for bound in quantiles])
    below = np.searchsorted(positive, inner, side="right")
    # Of bounds that part the values alike the first will do; one that parts none from the rest does not.
    _, first = np.unique(below, return_index=True)
    telling = [float(inner[place]) for place in first if 0 < below[place] < len(positive)]
    return [*telling, _round_up(float(positive[-1]))]


# Leading digits of a bound.
STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.5)


def _ladder(value: float) -> list[float]:
    """Return the round numbers around a value above zero, rising."""
    # Two decades, since a logarithm close to a whole number may fall on either side of it.
    exponent = int(np.floor(np.log10(value)))
    # Read from text, so that each is the nearest float to what is printed.
    return [float(f"{step}e{power}") for power in (exponent, exponent + 1) for step in STEPS]


def _round(value: float) -> float:
    return min(_ladder(value), key=lambda step: abs(step - value))


def _round_up(value: float) -> float:
    return next(step for step in _ladder(value) if step >= value)
