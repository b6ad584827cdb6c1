"""How fast places are compared, with as many firms in the store as asked.

Makes a synthetic register (or takes the result of `cli.py detect` on one), builds the edition of it, and
times what a server does: a comparison of ten places with all its tables, the ranks of a place at every level,
places like it, and areas that cut through authorities.
Run: ``python benchmarks/bench_compare.py --firms 5000000``, or with a result at hand ``--result DIR``
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import shapely  # noqa: E402

from edition.filters import Filters  # noqa: E402
from edition.opening import build_edition  # noqa: E402
from geo.areas.area import area_from  # noqa: E402
from geo.projections import to_lonlat  # noqa: E402
from regions.areas import area_place  # noqa: E402
from regions.comparison import BREAKDOWNS, compare  # noqa: E402
from regions.measures import MEASURES  # noqa: E402
from regions.places import places  # noqa: E402
from regions.ranks import ranks  # noqa: E402
from regions.similar import similar  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

TEN = 10


def milliseconds(work: Callable[[], Any]) -> float:
    """Return how long a piece of work takes."""
    started = time.perf_counter()
    work()
    return 1_000 * (time.perf_counter() - started)


def told(name: str, times: list[float]) -> None:
    """Print the median, the 95th percentile and the longest."""
    high = float(np.quantile(times, 0.95))
    print(f"{name:<52} {statistics.median(times):7.1f} {high:7.1f} {max(times):7.1f} ms of {len(times)}")


def whole(edition: Any, filters: Any, chosen: list[Any]) -> None:
    """Make every table that the page shows of a comparison."""
    found = compare(edition, filters, chosen, ("uk", "nation", "parent"))
    _ = found.figures, found.specialisation, found.clusters, found.assets, found.overlaps, found.sums
    for key in BREAKDOWNS:
        found.money_by(key)


def square(edition: Any, draw: np.random.Generator, number: int) -> Any:
    """Return a square of 20 to 60 km around a random authority."""
    frame = edition.regions["la"]
    centre = frame.geometry.iloc[int(draw.integers(len(frame)))].representative_point()
    half = draw.uniform(10_000, 30_000)
    corners = np.array(
        shapely.box(centre.x - half, centre.y - half, centre.x + half, centre.y + half).exterior.coords
    )
    lon, lat = to_lonlat(corners[:, 0], corners[:, 1])
    polygon = area_from(shapely.Polygon(np.column_stack([lon, lat])))
    return area_place(edition, polygon, f"square {number}", f"square:{number}")


def measure(edition: Any, runs: int) -> None:
    """Time everything."""
    draw = np.random.default_rng(0)
    known = places(edition)
    refs = known.table["ref"].to_numpy()
    sectors = edition.labels.sectors
    filters = [
        Filters(),
        Filters(sector=(sectors[0],)),
        Filters(sector=tuple(sectors[:3]), placed="lead"),
        Filters(year_from=2018, growth=True),
    ]
    print(f"{edition.firm_count[0]:,} firms, {len(edition.clusters):,} clusters, {len(sectors)} sectors")
    print(f"{'':<52}  median     95%    most")
    # What the map's server has done before a visitor asks.
    print(
        f"first comparison of all: {milliseconds(lambda: whole(edition, Filters(), [known.country])):.0f} ms"
    )

    def ten() -> list[Any]:
        return [known.by_ref(str(ref)) for ref in draw.choice(refs, TEN, replace=False)]

    cold = [milliseconds(lambda f=f: whole(edition, f, ten())) for f in filters[1:]]
    told("ten places, filter never asked before", cold)
    told(
        "ten places of any levels",
        [milliseconds(lambda n=n: whole(edition, filters[n % 4], ten())) for n in range(runs)],
    )
    areas = [square(edition, draw, number) for number in range(TEN)]
    told("ten areas drawn, the first time", [milliseconds(lambda: whole(edition, Filters(), areas))])
    told(
        "ten areas drawn, again",
        [milliseconds(lambda n=n: whole(edition, filters[n % 4], areas)) for n in range(12)],
    )
    per_head = MEASURES["per-head"]
    told(
        "ranks of a place at every level",
        [
            milliseconds(lambda: ranks(edition, Filters(), known.by_ref(str(draw.choice(refs))), per_head))
            for _ in range(runs)
        ],
    )
    told(
        "places like one",
        [
            milliseconds(lambda: similar(edition, Filters(), known.by_ref(str(draw.choice(refs)))))
            for _ in range(runs)
        ],
    )


def main() -> None:
    """Build and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=5_000_000)
    parser.add_argument("--sectors", type=int, default=40)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--result", type=Path, help="folder of a result, instead of making a register")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ICM_CACHE_DIR"] = folder
        result = given.result or detected(Path(folder), given.firms, given.sectors)

        edition = build_edition(result)
        _ = edition.tables, edition.regions, edition.clusters
        measure(edition, given.runs)


def detected(folder: Path, firms: int, sectors: int) -> Path:
    """Write a synthetic register, and find its clusters."""
    out = folder / "found"
    commands = [
        [
            "benchmarks/registers.py",
            "--firms",
            str(firms),
            "--sectors",
            str(sectors),
            "--out",
            str(folder / "made"),
        ],
        ["cli.py", "detect", str(folder / "made" / "firms"), "--resamples", "0", "--out", str(out)],
    ]
    for command in commands:
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True)
    return out


if __name__ == "__main__":
    main()
