"""How fast the page is: cold load, filter to picture, panning, bytes and memory, with as many firms as asked.

The firms are synthetic: copies of the shipped ones, strewn around real towns. They only make the store large.
Run: ``python benchmarks/bench_page.py --firms 1000000``
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

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402, TC002
from playwright.sync_api import sync_playwright  # noqa: E402

from data.store import write_store  # noqa: E402
from edition.build import build_tables  # noqa: E402
from edition.opening import edition_path  # noqa: E402
from geo.projections import to_lonlat  # noqa: E402
from tests.browser.atlas import DRAWN, Atlas, serving  # noqa: E402
from tests.chromium import executable  # noqa: E402

# Runs inside the frame of the map: resolves when what was drawn is on the screen.
PAINTED = """() => new Promise((done) => requestAnimationFrame(
    () => requestAnimationFrame(() => done(performance.now()))))"""


def strewn(firms: pd.DataFrame, towns: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return `number` firms: rows of the sample with positions drawn around towns, larger ones more often."""
    draw = np.random.default_rng(0)
    rows = firms.iloc[draw.integers(0, len(firms), number)].reset_index(drop=True)
    weight = towns["weight"].clip(lower=500)
    town = draw.choice(len(towns), number, p=weight / weight.sum())
    spread = draw.normal(0, 3_000, (2, number))
    rows["easting"] = towns["easting"].to_numpy()[town] + spread[0]
    rows["northing"] = towns["northing"].to_numpy()[town] + spread[1]
    rows["lon"], rows["lat"] = to_lonlat(rows["easting"].to_numpy(), rows["northing"].to_numpy())
    rows["firm_id"] = [f"firm-{place}" for place in range(number)]
    rows["point"] = True
    return rows.sort_values(["easting", "northing"], ignore_index=True)


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process and its children, in MB."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        if status.parent.name == str(pid) or fields.get("PPid", "").strip() == str(pid):
            total += int(fields.get("VmRSS", "0 kB").split()[0])
    return total / 1024


def cold_load(browser: object, address: str) -> float:
    """Return seconds from opening the page in an empty browser to the drawn map."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    started = time.perf_counter()
    _open(context, address)
    seconds = time.perf_counter() - started
    context.close()
    return seconds


def _open(context: object, address: str) -> Atlas:
    atlas = Atlas(context.new_page())  # type: ignore[attr-defined]
    atlas.page.goto(address)
    atlas.wait(DRAWN)
    atlas.frame.evaluate(PAINTED)
    return atlas


def filter_to_picture(atlas: Atlas, sector: str) -> tuple[float, int]:
    """Return milliseconds from a press in the legend to the new picture, and the bytes it took."""
    atlas.rest()
    atlas.received.clear()
    milliseconds = atlas.frame.evaluate(
        """async (sector) => {
            const started = performance.now();
            const before = JSON.stringify(window.icm.scene.sectors);
            const painted = new Promise((done) => {
                const look = () => {
                    const changed = JSON.stringify(window.icm.scene.sectors) !== before;
                    const ready = changed && window.icm.pending === 0;
                    ready ? requestAnimationFrame(() => done()) : setTimeout(look, 1);
                };
                look();
            });
            ICM.tell({ kind: "sector", id: sector });
            await painted;
            return performance.now() - started;
        }""",
        sector,
    )
    atlas.rest()
    return milliseconds, sum(atlas.received)


def pan(atlas: Atlas) -> float:
    """Return milliseconds from moving the map to the firms of the new view being drawn."""
    return atlas.frame.evaluate(
        """async () => {
            const started = performance.now();
            const painted = new Promise((done) => window.icm.on("painted", () => done()));
            window.icm.map.panBy([160, 60], { animate: false });
            await painted;
            return performance.now() - started;
        }"""
    )


def main() -> None:
    """Build a large store, serve it, drive it, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tables = build_tables()
        tables["firms"] = strewn(tables["firms"], tables["towns"], options.firms)
        write_store(Path(folder) / edition_path().name, tables)
        del tables
        # As on any day but the first: the file of postcodes is there.
        environment = {**os.environ, "ICM_CACHE_DIR": folder}
        subprocess.run([sys.executable, "cli.py", "prepare"], cwd=ROOT, env=environment, check=True)
        measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Drive the page and print medians."""
    with serving(folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--disable-background-networking"]
        )
        first = cold_load(browser, server.address)
        loads = [cold_load(browser, server.address) for _ in range(options.repeats)]
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        query = "show=regions&show=clusters&show=projects&show=firms&show=labels"
        atlas = _open(context, f"{server.address}/?{query}")
        idle = memory_mb(server.pid)
        filters = [
            filter_to_picture(atlas, sector) for sector in ("life-sciences", "defence") * options.repeats
        ]
        atlas.frame.evaluate("() => window.icm.goto([52.5, -1.5], 8)")
        atlas.wait(DRAWN)
        pans = [pan(atlas) for _ in range(2 * options.repeats)]
        rows = [
            ("firms in the store", f"{options.firms:,}"),
            ("first load after the server is up, s", f"{first:.2f}"),
            ("load in an empty browser, s", f"{statistics.median(loads):.2f}"),
            ("filter to picture, ms", f"{statistics.median(ms for ms, _ in filters):.0f}"),
            (
                "bytes over the websocket for a filter",
                f"{statistics.median(size for _, size in filters):,.0f}",
            ),
            ("pan: fetch and draw, ms", f"{statistics.median(pans):.0f}"),
            (
                "memory of the server, MB",
                f"{idle:.0f} after the first page, {memory_mb(server.pid):.0f} at the end",
            ),
        ]
        for name, value in rows:
            print(f"{name:45} {value}")
        browser.close()


if __name__ == "__main__":
    main()
