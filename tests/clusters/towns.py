"""Small made-up countries for the tests of this folder."""

from __future__ import annotations

import numpy as np
import pandas as pd


def country(
    seed: int = 0, towns: int = 25, firms: int = 400, carried: int = 80
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Firms scattered round towns, and a label carried by some of them at random."""
    draws = np.random.default_rng(seed)
    centres = draws.uniform(100_000, 300_000, (towns, 2))
    home = draws.choice(towns, firms, p=draws.dirichlet(np.ones(towns)))
    points = np.round(centres[home] + draws.normal(0, 1_200, (firms, 2)))
    table = firm_table(points, town=[f"Town {i}" for i in home])
    chosen = draws.choice(firms, carried, replace=False)
    return table, pd.DataFrame({"firm_id": table["firm_id"].to_numpy()[chosen], "label": "pottery"})


def firm_table(points, **columns) -> pd.DataFrame:
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    ids = [f"f{i:05}" for i in range(len(points))]
    base = {
        "firm_id": ids,
        "name": [f"Firm {i}" for i in ids],
        "easting": points[:, 0],
        "northing": points[:, 1],
        "location_precision": "postcode",
        "site": "",
        "town": "Stoke",
        "la_code": "E06000021",
        "la_name": "Stoke-on-Trent",
    }
    return pd.DataFrame({**base, **columns})


def planted(extra: int = 12, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, set[str]]:
    """A country of random labels plus a park of firms that all carry the label, 60 km from all else."""
    firms, labels = country(seed)
    draws = np.random.default_rng(seed)
    points = np.array([400_250.0, 200_250.0]) + np.round(draws.normal(0, 300, (extra, 2)))
    park = firm_table(points, town="Burslem", site="Pot Bank Park")
    park["firm_id"] = [f"p{i:03}" for i in range(extra)]
    both = pd.concat([firms, park], ignore_index=True)
    wanted = set(park["firm_id"])
    more = pd.DataFrame({"firm_id": sorted(wanted), "label": "pottery"})
    return both, pd.concat([labels, more], ignore_index=True), wanted
