"""How fast a view leaves the map in each format, and how a browser's screenshot of it compares.

Opens the edition that is shown, makes each file once to warm up, then times some views. The peer is headless
Chromium, from its start to a screenshot of the map of the same view, at the same number of pixels.
Run: ``python benchmarks/bench_snapshot.py --repeats 3``
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from data.formats import offered  # noqa: E402
from edition.opening import open_edition  # noqa: E402
from edition.view import View  # noqa: E402
from layers.choices import choices  # noqa: E402
from snapshots.formats import snapshot  # noqa: E402
from snapshots.paper import SIZES, Paper  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

VIEWS = {
    "as it opens": "",
    "authorities, money in all": "level=la&measure=total",
    "London with firms": "at=51.51,-0.12,11&show=regions&show=clusters&show=firms&show=assets",
    "one sector, ITL2": "sector=life-sciences&level=itl2",
    "a cluster": "cluster=space--harwell",
    "three places": "place=Greater+Manchester&place=E06000045&place=W06000015",
}
# A4 at 300 dpi as a browser sees it: CSS pixels, and dots for each.
SHEET, DOTS = {"width": 1240, "height": 1754}, 2
DRAWN = "() => window.icm && window.icm.pending === 0 && window.icm.shown.size > 0"


def seconds(work: Callable[[], Any]) -> tuple[float, int]:
    """Return how long a file takes, and its bytes."""
    started = time.perf_counter()
    body = work()
    return time.perf_counter() - started, len(body)


def report(name: str, taken: list[tuple[float, int]]) -> None:
    """Print the median and the longest of some files, and how large they are."""
    times, sizes = zip(*taken, strict=True)
    print(
        f"{name:<34} median {statistics.median(times):5.2f} s, most {max(times):5.2f} s, "
        f"{min(sizes) / 1e3:,.0f} to {max(sizes) / 1e3:,.0f} kB, {len(times)} files"
    )


def screenshot(page_file: Path) -> bytes:
    """Return the peer's picture: a browser started, the map loaded, its window photographed."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from tests.chromium import executable  # noqa: PLC0415

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable())
        page = browser.new_page(viewport=SHEET, device_scale_factor=DOTS)
        page.goto(page_file.as_uri())
        page.wait_for_function(DRAWN)
        body: bytes = page.screenshot()
        browser.close()
    return body


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    started = time.perf_counter()
    edition = open_edition()
    views = {name: View.parse(parse_qsl(text), choices(edition)) for name, text in VIEWS.items()}
    first = time.perf_counter()
    snapshot(edition, View(), "png", Paper("a4", 300))
    print(f"edition opened in {first - started:.1f} s, first picture in {time.perf_counter() - first:.1f} s")
    forms = [form.id for form in offered("views")]
    for form in forms:
        snapshot(edition, View(), form, Paper("a4", 300))
    for name, view in views.items():
        taken = [
            seconds(lambda view=view: snapshot(edition, view, "png", Paper("a4", 300)))
            for _ in range(given.repeats)
        ]
        report(f"png, a4 at 300 dpi: {name}"[:34], taken)
    for size in SIZES[1:]:
        taken = [
            seconds(lambda size=size, view=view: snapshot(edition, view, "png", Paper(size, 300)))
            for view in views.values()
        ]
        report(f"png, {size} at 300 dpi", taken)
    for form in forms[1:]:
        taken = [
            seconds(lambda form=form, view=view: snapshot(edition, view, form, Paper("a4", 300)))
            for view in views.values()
        ]
        report(form, taken)
    if given.peer:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "map.html"
            page.write_bytes(snapshot(edition, View(), "html"))
            report(
                "peer: Chromium's screenshot",
                [seconds(lambda: screenshot(page)) for _ in range(given.repeats)],
            )


if __name__ == "__main__":
    main()
