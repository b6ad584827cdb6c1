"""Views of which pages are drawn, and what is read off a page."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.text import Text

from edition.view import View
from snapshots.paper import SIZES
from snapshots.picture.writers import SETTINGS
from tests.asked import LARGEST

DPI = 200
REFERENCES = Path(__file__).parent / "references"
# Dots per inch of the references; which dots differ; and how many of them may.
REFERENCE_DPI, DIFFERENT, MOST_DIFFERENT = 50, 24, 0.01
# Set it to draw the references anew, then look at each before it is committed.
REWRITE = "REWRITE_REFERENCES"
EVERYTHING = ("regions", "clusters", "projects", "firms", "assets", "labels")
CLUSTER = LARGEST
VIEWS = {
    "as it opens": View(),
    "everything": View(show=EVERYTHING, level="la"),
    "totals": View(measure="total", level="la"),
    "land alone": View(show=("none",)),
    "nothing passes": View(sector=("defence",), year_from=2029, year_to=2030),
    "pairs": View(measure="public-private", level="itl1"),
    "near": View(show=EVERYTHING, level="la", at=(51.5, -0.1, 10)),
    "cluster": View(cluster=CLUSTER, level="la", measure="none"),
    "place": View(place=("glasgow-city-region",), level="la"),
    "side by side": View(place=("greater-manchester", "glasgow-city-region", "west-midlands")),
    "far apart": View(place=("Scotland", "Cornwall", "Leeds"), show=EVERYTHING),
    "outlined": View(place=("Leeds", "Bradford"), level="la", at=(53.8, -1.6, 9)),
    "many filters": View(
        sector=("life-sciences", "defence"),
        programme=("SBCD", "BRCD"),
        type=("Diverse",),
        year_from=2015,
        growth=True,
    ),
}
HOSTILE = (
    "<script>alert(1)</script>",
    "$x^2$ & \\frac",
    "漢字 cluster",
    "\u202eright to left",
    "a\nb\u0000c",
    "مرحبا",
    "{{ 7*7 }}",
)
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def texts_of(page):
    return [text for text in page.findobj(Text) if text.get_text().strip() and text.get_visible()]


def words_of(page):
    return " ".join(" ".join(text.get_text() for text in texts_of(page)).split())


def extents(page):
    """Where each text is, in pixels."""
    page.set_dpi(DPI)
    with mpl.rc_context(dict(SETTINGS)):
        drawer = page.canvas.get_renderer()
        return [(text.get_text(), text.get_window_extent(drawer)) for text in texts_of(page)]


PAGES = [
    *((name, "a4") for name in VIEWS),
    *(("as it opens", size) for size in SIZES[1:]),
    ("everything", "a3"),
    ("many filters", "a4-landscape"),
    ("cluster", "a3-landscape"),
    ("side by side", "slide"),
]


def axes_of(page, label):
    return [axes for axes in page.axes if axes.get_label() == label]
