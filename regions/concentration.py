"""How concentrated each label of an edition is: over the regions of a level, and around its own firms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clusters.concentration import (
    MOST_FIRMS,
    Crowd,
    ellison_glaeser,
    herfindahl,
    krugman,
    locational_gini,
)
from data.shared import kept
from regions.figures import firm_rows, specialisation
from regions.firm_counts import ALL, firm_points, labels_of
from regions.places import places

if TYPE_CHECKING:
    from edition.edition import Edition

RADII_KM = (1, 5, 10, 50)
M_COLUMNS = tuple(f"m_{radius}_km" for radius in RADII_KM)
COUNTED = ("label", "title", "kind", "firms", "regions", "regions_with")
# What rests on the label's firms in regions.
REGIONAL = ("hhi", "hhi_all_firms", "krugman", "gini", "gamma")
LEADING = (
    *("leading_region", "leading_region_id", "leading_firms", "lq", "lq_low", "lq_high"),
    "region_krugman",
)


@kept(maxsize=16)
def concentration(edition: Edition, level: str) -> pd.DataFrame:
    """Return how concentrated each label is.

    What rests on fewer firms than the edition's least count is missing, never zero; so is M at a radius at
    which fewer pairs of the label's firms were found and were to be expected. A firm counts as one plant
    whatever its size, so the Herfindahl index of plants is 1 / firms.

    Parameters
    ----------
    level
        Of the regions, such as ``itl3``.

    Returns
    -------
    DataFrame
        label, title, kind (sector or technology), level; firms (in a known region), regions (of the level),
        regions_with (that have a firm of the label); the region with the highest location quotient among
        those with the least count (`LEADING`; region_krugman is its specialisation over sectors); `REGIONAL`;
        placed_firms (with a precise place) and `M_COLUMNS`. In the order of the edition's labels; those
        without a firm are left out.
    """
    chosen = places(edition).of_level(level)
    quotients = specialisation(edition, chosen)
    counts = quotients.pivot_table(index="ref", columns="label", values="firms", sort=False)
    every = firm_rows(edition, chosen)
    everyone = every[every["label"] == ALL].set_index("ref")["firms"].reindex(counts.index, fill_value=0)
    mixes = counts[[label for label in edition.labels.sectors if label in counts]]
    names = {place.ref: place.name for place in chosen}
    groups = quotients.groupby("label", sort=False)
    least = edition.about.scan.min_firms
    rows = [
        {**_counted(part), **_leading(part, mixes, names), **_regional(counts[label], everyone, least)}
        for label, part in groups
    ]
    table = pd.DataFrame(rows, columns=[*COUNTED, *LEADING, *REGIONAL]).astype({"leading_firms": "Int64"})
    return table.assign(level=level).merge(_nearness(edition), on="label", how="left")


def _counted(rows: pd.DataFrame) -> dict[str, Any]:
    first = rows.iloc[0]
    return {
        **{name: first[name] for name in ("label", "title", "kind")},
        "firms": int(rows["firms"].sum()),
        "regions": len(rows),
        "regions_with": int((rows["firms"] > 0).sum()),
    }


def _leading(rows: pd.DataFrame, mixes: pd.DataFrame, names: dict[str, str]) -> dict[str, Any]:
    """Return the region with the highest quotient of a label; nothing where all have too few firms."""
    enough = rows[~rows["small"]].sort_values(["lq", "firms", "ref"], ascending=[False, False, True])
    if enough.empty:
        return {**dict.fromkeys(LEADING, np.nan), "leading_region": "", "leading_region_id": ""}
    first = enough.iloc[0]
    own = mixes.loc[first["ref"]]
    return {
        "leading_region": names[first["ref"]],
        "leading_region_id": first["ref"],
        "leading_firms": int(first["firms"]),
        "lq": first["lq"],
        "lq_low": first["low"],
        "lq_high": first["high"],
        "region_krugman": krugman(own, mixes.sum()) if own.sum() else np.nan,
    }


def _regional(own: pd.Series, everyone: pd.Series, least: int) -> dict[str, float]:
    found = {"hhi_all_firms": herfindahl(everyone)}
    if own.sum() < least:
        return found
    found |= {
        "hhi": herfindahl(own),
        "krugman": krugman(own, everyone),
        "gini": locational_gini(own, everyone),
    }
    # One firm, or one region that has all, is neither concentrated nor spread.
    if own.sum() > 1 and (everyone > 0).sum() > 1:
        found["gamma"] = ellison_glaeser(own, everyone, 1 / own.sum())
    return found


def too_many(edition: Edition) -> bool:
    """Say whether an edition has more firms than M is worked out for: its columns are then missing."""
    return edition.firm_count[0] > MOST_FIRMS


# It does not depend on the level, and of a large register takes seconds.
@kept(maxsize=4)
def _nearness(edition: Edition) -> pd.DataFrame:
    """Return M of every label at `RADII_KM`, and its firms: label, placed_firms, `M_COLUMNS`."""
    labels = [*edition.labels.sectors, *edition.labels.technologies]
    if too_many(edition):
        return pd.DataFrame({"label": labels}).assign(**dict.fromkeys(("placed_firms", *M_COLUMNS), np.nan))
    rows = firm_points(edition)
    places_of_firms = rows[["easting", "northing"]].to_numpy(float)
    # Rows of one place follow one another.
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (places_of_firms[1:] != places_of_firms[:-1]).any(axis=1)
    at, points, firms = np.cumsum(first) - 1, places_of_firms[first], rows["firms"].to_numpy()
    crowd = Crowd.of(points, _at_points(at, firms, len(points)), [radius * 1_000 for radius in RADII_KM])
    sets = labels_of(edition)
    held = sets.groupby("label")["key"].agg(set).to_dict()
    least = edition.about.scan.min_firms
    found = [
        _near(crowd, at, firms, rows["key"].isin(held.get(label, set())).to_numpy(), least)
        for label in labels
    ]
    table = pd.DataFrame(found, columns=["placed_firms", *M_COLUMNS]).assign(label=labels)
    return table.astype({"placed_firms": "int64"})


def _near(crowd: Crowd, at: Any, firms: Any, chosen: Any, least: int) -> list[float]:
    own = _at_points(at[chosen], firms[chosen], len(crowd.points))
    near = crowd.m(own)
    # Two firms that happen to be neighbours, or none where none was to be expected, tell nothing.
    known = (np.maximum(near.pairs, near.expected_pairs) >= least) & (own.sum() >= least)
    return [int(own.sum()), *np.where(known, near.m, np.nan)]


def _at_points(at: Any, firms: Any, points: int) -> Any:
    return np.bincount(at, weights=firms, minlength=points).astype(np.int64)
