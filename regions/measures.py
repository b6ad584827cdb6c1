"""What can be said of a region: money, money per head, projects; each with its unit and definition."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True)
class Measure:
    """A measure as it is shown: rates colour regions, sums are drawn as symbols.

    Attributes
    ----------
    id, label
        Its name in the address, and for people.
    column
        Of `regions.figures.figures`.
    kind
        How the map draws it; a ``fact`` stands in tables alone.
    unit
        Of the values.
    definition
        What it is, in a sentence.
    group
        Heading that it stands under in a table of places.
    sources
        Ids in `data/sources.toml`.
    rests_on
        Column of the count behind a rate: where that is below the edition's least count, the rate is marked
        as resting on few, and neither coloured nor ranked. Empty where there is none.
    of_labels
        Whether it can be said of chosen sectors or technologies only.
    bounds
        Upper bounds of the classes that readers expect of it; empty where the values decide.
    """

    id: str
    label: str
    column: str
    kind: Literal["rate", "sum", "pair", "difference", "none", "fact"]
    unit: str
    definition: str
    group: str = ""
    sources: tuple[str, ...] = ("register",)
    rests_on: str = ""
    of_labels: bool = False
    bounds: tuple[float, ...] = ()


CLUSTER_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "R&D Collaborating": "clusters_collaborating",
        "Specialised": "clusters_specialised",
        "Diverse": "clusters_diverse",
    }
)
MONEY_GROUP = "Money"
RESEARCH_GROUP = "Projects and research"
FIRMS_GROUP = "Firms and clusters"
PLACE_GROUP = "The place"
_PER_HEAD = ("register", "population")
_ACROSS = "One that reaches into several places counts in each."
_ROWS = (
    Measure(
        "per-head",
        "Public money per head",
        "per_head",
        "rate",
        "£ per person",
        "Public awards placed in the region, of all years chosen together and not per year, divided by its "
        "residents.",
        MONEY_GROUP,
        _PER_HEAD,
    ),
    Measure(
        "total",
        "Public money in all",
        "public_gbp",
        "sum",
        "£",
        "Public awards placed in the region.",
        MONEY_GROUP,
    ),
    Measure(
        "estimated-share",
        "Of it, place estimated",
        "estimated_share",
        "fact",
        "share",
        "Share of the public money whose split between authorities no source gives.",
        MONEY_GROUP,
    ),
    Measure(
        "public-private",
        "Public beside private money",
        "public_gbp",
        "pair",
        "£",
        "Public awards placed in the region, and the private money that sources name beside them.",
    ),
    Measure(
        "private-per-head",
        "Private money per head",
        "private_per_head",
        "rate",
        "£ per person",
        "Private money that sources name beside the awards, divided by residents. Forecasts and commitments "
        "together, known for few projects.",
        MONEY_GROUP,
        _PER_HEAD,
    ),
    Measure(
        "private",
        "Private money in all",
        "private_gbp",
        "sum",
        "£",
        "Private money that sources name beside the awards placed in the region: forecasts and commitments "
        "together, known for few projects.",
        MONEY_GROUP,
    ),
    Measure(
        "moved",
        "Delivery less lead",
        "moved_gbp",
        "difference",
        "£",
        "Public awards by place of delivery less those by the leads' addresses, over the projects that both "
        "rules place: sums to nothing over the country.",
    ),
    Measure(
        "projects",
        "Number of projects",
        "projects",
        "sum",
        "projects",
        f"Projects and allocations that the region has a part in, with or without a public figure. {_ACROSS}",
        RESEARCH_GROUP,
    ),
    Measure(
        "organisations",
        "Organisations in projects",
        "organisations",
        "sum",
        "organisations",
        "Organisations named as leads or partners of the projects that the region has a part in, wherever "
        "their own address is; each once.",
        RESEARCH_GROUP,
    ),
    Measure(
        "assets",
        "Research assets",
        "assets",
        "sum",
        "assets",
        "Universities, Catapult sites, science parks, innovation districts, research institutes and public "
        "research establishments in the region.",
        RESEARCH_GROUP,
    ),
    Measure(
        "firms",
        "Firms",
        "firms",
        "sum",
        "firms",
        "Firms of the edition with the sectors or technologies chosen, those known only to their town "
        "included.",
        FIRMS_GROUP,
    ),
    Measure(
        "firms-per-10k",
        "Firms per 10,000 residents",
        "firms_per_10k",
        "rate",
        "per 10,000 residents",
        "Firms of the edition divided by residents, times 10,000.",
        FIRMS_GROUP,
        _PER_HEAD,
        "firms",
    ),
    Measure(
        "lq",
        "Specialisation",
        "lq",
        "rate",
        "LQ",
        "Location quotient of the sectors or technologies chosen: their share of the region's firms, divided "
        "by their share of the United Kingdom's. 1 is the country's own; the table shows the 95% interval.",
        FIRMS_GROUP,
        rests_on="firms",
        of_labels=True,
        bounds=(1.0, 1.5, 2.0, 3.0),
    ),
    Measure(
        "clustered-share",
        "Firms in clusters",
        "clustered_share",
        "rate",
        "share",
        "Share of the region's firms that belong to a cluster on the map.",
        FIRMS_GROUP,
        rests_on="firms",
    ),
    Measure(
        "clusters",
        "Clusters",
        "clusters",
        "sum",
        "clusters",
        f"Clusters on the map with a firm in the region. {_ACROSS}",
        FIRMS_GROUP,
        ("register", "onspd"),
    ),
    *(
        Measure(
            column.replace("_", "-"),
            f"Of type {name}",
            column,
            "fact",
            "clusters",
            f"Clusters of the type {name} with a firm in the region. {_ACROSS}",
            FIRMS_GROUP,
            ("register", "onspd"),
        )
        for name, column in CLUSTER_COLUMNS.items()
    ),
    Measure(
        "population",
        "Residents",
        "population",
        "fact",
        "residents",
        "Residents of the authorities: mid-2023 in England and Wales, Census 2022 in Scotland, Census 2021 "
        "in Northern Ireland.",
        PLACE_GROUP,
        ("population",),
    ),
    Measure(
        "density",
        "Residents per km²",
        "density",
        "fact",
        "residents per km²",
        "Residents divided by the land within the boundaries in use, which may be approximate.",
        PLACE_GROUP,
        ("population", "onspd"),
    ),
    Measure("none", "None", "", "none", "", "Regions are outlined only."),
)
# All that can be said of a place, and what of it the map can show.
ALL_MEASURES: Mapping[str, Measure] = MappingProxyType({measure.id: measure for measure in _ROWS})
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {name: measure for name, measure in ALL_MEASURES.items() if measure.kind != "fact"}
)


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
