"""The settings of the scan, checked once, so that no other module has to doubt them."""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import InputError

LEAST = 4
"""The minimum that follows a label is never below this many firms."""

A_FIRM_IN = 25
"""The minimum that follows a label is one in so many of its firms, up to `min_firms`."""


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
    kind_m, kinds
        Radii within which all firms are counted to tell kinds of place apart, and into how many kinds each
        of these counts parts the cells.
    kind_prior, ring_prior, window_prior
        Firms, at the national share, added to every kind of place; at the share of the wide window, to every
        ring; at the national share, to every window, of three by three squares of `square_m`.
    min_firms, min_lq
        Fewest firms of the label in a disc, and lowest location quotient, that can make a cell specialised.
    follow
        Whether the minimum is lower for rare labels: one in `A_FIRM_IN` of the label's firms, at least
        `LEAST`.
    local_m
        Reach within which a specialised cell must itself show the lowest quotient to give the cluster its
        firms, so that the halo of a large disc does not.
    link_m
        Cells whose centres are no further apart than this, along both axes, belong to one cluster.
    relabellings, peaks, most_relabellings
        Shuffled maps behind each label's chances: at least the first number, and more until so many peaks are
        seen or the last number is reached. With 0 the chances must be known.
    level, pale
        Largest chance, and largest share of chance among all that is shown, of what is shown as a cluster,
        and of what is shown as uncertain.
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
    kind_m: tuple[float, ...] = (2_400.0, 8_000.0)
    kinds: tuple[int, ...] = (16, 8)
    kind_prior: float = 200.0
    square_m: float = 25_000.0
    ring_prior: float = 300.0
    window_prior: float = 10.0
    min_firms: int = 10
    min_lq: float = 1.5
    follow: bool = True
    local_m: float = 600.0
    link_m: float = 1_000.0
    relabellings: int = 20
    peaks: int = 80
    most_relabellings: int = 199
    level: float = 0.05
    pale: float = 0.2
    resamples: int = 100
    core_frequency: float = 0.8
    overlap: float = 0.5
    hull_ratio: float = 0.3
    buffer_m: float = 250.0
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        faults = [fault for holds, fault in (*_distances(self), *_numbers(self)) if not holds]
        if faults:
            raise InputError("; ".join(faults))

    def least(self, size: int) -> int:
        """Return the fewest firms in a disc that can make a cell specialised, for a label of a size."""
        return min(self.min_firms, max(LEAST, -(-size // A_FIRM_IN))) if self.follow else self.min_firms

    @property
    def link(self) -> int:
        """Columns and rows of cells that `link_m` bridges."""
        return int(self.link_m // self.cell_m)


Rules = tuple[tuple[bool, str], ...]


def _distances(p: ScanParameters) -> Rules:
    """Whether each distance can be, and what is wrong where it cannot."""
    return (
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
        (
            len(p.kind_m) == len(p.kinds) and min(p.kind_m, default=p.cell_m) >= p.cell_m,
            f"kind_m is {p.kind_m}, kinds {p.kinds}: expected as many, no radius below cell_m ({p.cell_m})",
        ),
        (
            p.square_m >= max(p.radii_m, default=0),
            f"square_m is {p.square_m}: it must not be below radii_m {p.radii_m}",
        ),
        (p.local_m >= p.cell_m, f"local_m is {p.local_m}: it must be at least cell_m ({p.cell_m})"),
        (p.local_m <= p.ring_m, f"local_m is {p.local_m}: it must not be above ring_m ({p.ring_m})"),
        (p.link_m >= p.cell_m, f"link_m is {p.link_m}: it must be at least cell_m ({p.cell_m})"),
        (p.buffer_m > 0, f"buffer_m is {p.buffer_m}: it must be above 0 metres"),
    )


def _numbers(p: ScanParameters) -> Rules:
    """Whether each count and share can be, and what is wrong where it cannot."""
    priors = {name: getattr(p, name) for name in ("kind_prior", "ring_prior", "window_prior")}
    return (
        *((value >= 0, f"{name} is {value}: it must not be negative") for name, value in priors.items()),
        (all(number >= 1 for number in p.kinds), f"kinds is {p.kinds}: each must be at least 1"),
        (p.min_firms >= 1, f"min_firms is {p.min_firms}: it must be at least 1"),
        (p.min_lq >= 1, f"min_lq is {p.min_lq}: it must be at least 1"),
        (0 < p.level < 1, f"level is {p.level}: it must lie between 0 and 1"),
        (p.level <= p.pale < 1, f"pale is {p.pale}: it must lie between level ({p.level}) and 1"),
        (p.resamples >= 0, f"resamples is {p.resamples}: it must not be negative"),
        (0 < p.core_frequency <= 1, f"core_frequency is {p.core_frequency}: it must lie in (0, 1]"),
        (0 < p.overlap <= 1, f"overlap is {p.overlap}: it must lie in (0, 1]"),
        (0 <= p.hull_ratio <= 1, f"hull_ratio is {p.hull_ratio}: it must lie in [0, 1]"),
        (0 < p.confidence < 1, f"confidence is {p.confidence}: it must lie between 0 and 1"),
        (p.seed >= 0, f"seed is {p.seed}: it must not be negative"),
        (p.peaks >= 1, f"peaks is {p.peaks}: it must be at least 1"),
        (p.relabellings >= 0, f"relabellings is {p.relabellings}: it must not be negative"),
        (
            p.most_relabellings >= p.relabellings,
            f"most_relabellings is {p.most_relabellings}: at least relabellings ({p.relabellings}) is needed",
        ),
        (
            p.relabellings == 0 or p.level * (p.most_relabellings + 1) >= 1,
            f"most_relabellings is {p.most_relabellings}: a level of {p.level} needs at least 1/level - 1",
        ),
    )
