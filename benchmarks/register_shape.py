"""The shape of synthetic registers: the numbers that they are drawn by, and what one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Codes = NDArray[np.int16]

# The grid on which densities are worked out, and the blocks within which a sector's lean is one number.
CELL_M: Final = 1_000
BLOCK_M: Final = 20_000
WIDTH: Final = 700
HEIGHT: Final = 1_300
# Towns: the power of population, the least population (many have none on record), and how wide they spread.
POWER: Final = 1.05
LEAST_PEOPLE: Final = 500.0
SPREAD_M: Final = 9.0
RURAL_SHARE: Final = 0.08
# Spreads (of logarithms) of luck; offices: their share of postcodes, the power of their tail, its ends. Set
# so that 5.6 million firms stand as those of a South Yorkshire census do: 1.0 million points with 2 firms on
# half of them, 9 on one in ten, 45 on one in 100 and about 300 on one in 1,000 (there: 2, 6, 42 and 275).
LUCK_OF_CELL: Final = 0.5
LUCK_OF_POSTCODE: Final = 1.3
OFFICES: Final = 0.012
OFFICE_TAIL: Final = 1.15
OFFICE_LEAST: Final = 8.0
OFFICE_MOST: Final = 600.0
# No postcode but an agent's draws more than this share of the nation's firms.
MOST_AT_ONE: Final = 5e-4
# Agents at `AGENTS_AT` firms: how many, and the firms of the largest and the smallest. How near to the
# nation's their mixes of sectors are: the weight of the Dirichlet distribution, per sector.
AGENTS_AT: Final = 5_000_000
AGENTS: Final = 60
AGENT_FIRMS: Final = (18_000, 500)
AGENT_MIX: Final = 2.5
# Sectors: Zipf sizes, the spread of urban gradients and of regional leans, and how many fields make those.
ZIPF_POWER: Final = 0.8
ZIPF_SHIFT: Final = 2.0
SURROUNDINGS_M: Final = 8_000
GRADIENT: Final = 0.25
LEAN: Final = 0.2
LEAN_M: Final = 80_000
FIELDS: Final = 8
DENSITY_STEP: Final = 0.25
# Plants: what radius, quotient and shape (the power of the decline from the centre) are drawn between; the
# firms aimed at, whose median grows with this power of the register (places that need fewer are commoner, so
# that about a third as many come out), and the spread of their logarithm; where they may stand and how long
# a place is looked for.
RADII_M: Final = (300.0, 3_000.0)
QUOTIENTS: Final = (2.0, 8.0)
LEAST_FIRMS: Final = 15
TYPICAL_FIRMS: Final = 165.0
TYPICAL_AT: Final = 1_000_000
TYPICAL_POWER: Final = 0.75
SIZE_SPREAD: Final = 0.8
# What share of the firms within the radius the sector may come to have.
MOST_SHARE: Final = 0.8
SHAPES: Final = (0.5, 2.0)
APART_M: Final = 25_000.0
CANDIDATES: Final = 20
TRIES: Final = 8
MOST_SECTORS: Final = 10_000
# Row numbers of postcodes and firms are 32 bits wide, and ids eight digits.
MOST_FIRMS: Final = 90_000_000
NONE: Final = -1
# Files: rows written at once, and the prime below which ids are numbers, no two rows having the same.
ROWS: Final = 500_000
PRIME: Final = 99_999_989
FORMATS: Final = ("parquet", "csv")
COORDINATES: Final = ("grid", "lonlat", "postcode")
PLANT_COLUMNS: Final = (
    "plant", "sector", "easting", "northing", "radius_m", "shape",
    "firms", "background", "carriers", "lq", "lq_drawn",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Register:
    """Firms one by one, in random order; its arrays are not to be changed."""

    place: Ints
    """Where each firm stands: a row of `codes`, `eastings` and `northings`."""
    sector: Codes
    """Code of its sector: a place in `sectors`."""
    second: Codes
    """Code of its second sector, -1 for none."""
    plant: Codes
    """Number of the planted cluster it was added for, -1 for none."""
    sectors: tuple[str, ...]
    codes: NDArray[np.uint64]
    eastings: Ints
    northings: Ints
    """Postcodes of Great Britain, as `geo.postcodes.Postcodes` holds them, in another order."""
    plants: pd.DataFrame
    """One row a planted cluster: number; sector; centre and radius in metres; shape (power of the decline);
    firms added; background (firms of all kinds within the radius that were not planted); carriers (of the
    sector within the radius, all told); lq (location quotient there, as it came out); lq_drawn."""
    agents: pd.DataFrame
    """Postcodes of formation agents: place, easting, northing, firms (all that stand there)."""
    seed: int

    def __len__(self) -> int:
        return len(self.place)

    @property
    def easting(self) -> Ints:
        """Metres (EPSG:27700), one a firm."""
        return self.eastings[self.place]

    @property
    def northing(self) -> Ints:
        """Metres (EPSG:27700), one a firm."""
        return self.northings[self.place]

    @property
    def planted(self) -> NDArray[np.bool_]:
        """Whether each firm was planted."""
        return np.asarray(self.plant != NONE)
