"""The settings of the scan, checked once, so that no other module has to doubt them."""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import InputError


@dataclass(frozen=True)
class ScanParameters:
    """How clusters are looked for; distances in metres, shares between 0 and 1.

    Attributes
    ----------
    cell_m
        Side of the square cells that firms are counted in.
    radii_m
        Radii of the discs around a cell's centre over which counts are summed, ascending; all share one
        threshold.
    ring_m
        Outer radius of the ring around a disc that tells a local concentration from a specialised city.
    ring_prior
        Firms, at the national share, added to every ring, so that a ring of two firms cannot veto a cluster.
    min_firms, min_lq
        Fewest firms of the label in a disc, and lowest location quotient, that can make a cell specialised.
    local_m
        Reach within which a specialised cell must itself show the lowest quotient to give the cluster its
        firms, so that the halo of a large disc does not.
    link_m
        Cells whose centres are no further apart than this, along both axes, belong to one cluster.
    relabellings, level
        Random maps behind each label's threshold, and how often such a map may show a cluster.
    resamples, core_frequency, overlap
        Resamples of the firms; share of them in which a core cell comes back; share of its firms that must
        lie in specialised cells again for a cluster to count as back.
    hull_ratio, buffer_m
        Shape of the footprint: ratio of the concave hull, and the margin around it.
    confidence
        Coverage of the interval of the location quotient.
    seed
        Start of every random draw.
    """

    cell_m: float = 250.0
    radii_m: tuple[float, ...] = (300.0, 600.0, 1_200.0, 2_400.0)
    ring_m: float = 20_000.0
    ring_prior: float = 10.0
    min_firms: int = 10
    min_lq: float = 1.5
    local_m: float = 600.0
    link_m: float = 1_000.0
    relabellings: int = 199
    level: float = 0.05
    resamples: int = 100
    core_frequency: float = 0.8
    overlap: float = 0.5
    hull_ratio: float = 0.3
    buffer_m: float = 250.0
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise InputError("; ".join(faults))


def _faults(parameters: ScanParameters) -> list[str]:
    """All that is wrong with the parameters, one sentence a fault."""
    p = parameters
    rules = [
        (p.cell_m > 0, f"cell_m is {p.cell_m}: it must be above 0 metres"),
        (
            list(p.radii_m) == sorted({*p.radii_m}) and bool(p.radii_m),
            f"radii_m is {p.radii_m}: they must ascend, and there must be one",
        ),
        (
            min(p.radii_m, default=0) >= p.cell_m,
            f"radii_m is {p.radii_m}: none may be below cell_m ({p.cell_m})",
        ),
        (p.ring_m > max(p.radii_m, default=0), f"ring_m is {p.ring_m}: it must be above radii_m {p.radii_m}"),
        (p.local_m >= p.cell_m, f"local_m is {p.local_m}: it must be at least cell_m ({p.cell_m})"),
        (p.local_m <= p.ring_m, f"local_m is {p.local_m}: it must not be above ring_m ({p.ring_m})"),
        (p.link_m >= p.cell_m, f"link_m is {p.link_m}: it must be at least cell_m ({p.cell_m})"),
        (p.ring_prior >= 0, f"ring_prior is {p.ring_prior}: it must not be negative"),
        (p.min_firms >= 1, f"min_firms is {p.min_firms}: it must be at least 1"),
        (p.min_lq >= 1, f"min_lq is {p.min_lq}: it must be at least 1"),
        (0 < p.level < 1, f"level is {p.level}: it must lie between 0 and 1"),
        (p.resamples >= 0, f"resamples is {p.resamples}: it must not be negative"),
        (0 < p.core_frequency <= 1, f"core_frequency is {p.core_frequency}: it must lie in (0, 1]"),
        (0 < p.overlap <= 1, f"overlap is {p.overlap}: it must lie in (0, 1]"),
        (0 <= p.hull_ratio <= 1, f"hull_ratio is {p.hull_ratio}: it must lie in [0, 1]"),
        (p.buffer_m > 0, f"buffer_m is {p.buffer_m}: it must be above 0 metres"),
        (0 < p.confidence < 1, f"confidence is {p.confidence}: it must lie between 0 and 1"),
        (p.seed >= 0, f"seed is {p.seed}: it must not be negative"),
        (
            p.level * (p.relabellings + 1) >= 1,
            f"relabellings is {p.relabellings}: a level of {p.level} needs at least 1/level - 1 of them",
        ),
    ]
    return [fault for holds, fault in rules if not holds]
