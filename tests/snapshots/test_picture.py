"""Pictures: same view, same bytes; everything said; nothing over anything else or over the edge."""

from __future__ import annotations

import io
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib.text import Text
from PIL import Image

from data.errors import InputError
from layers.registry import credit
from layers.summary import sentence
from layers.view import View
from snapshots.page import FLAG, LETTERS
from snapshots.picture import figure, picture
from snapshots.words import alt_text, filter_words

DPI = 200
EVERYTHING = ("regions", "clusters", "projects", "firms", "assets", "labels")
VIEWS = {
    "as it opens": View(),
    "everything": View(show=EVERYTHING, level="la"),
    "land alone": View(show=("none",)),
    "nothing passes": View(sector=("agri-food",), year_from=2029, year_to=2030),
    "pairs": View(measure="public-private", level="itl1"),
    "near": View(show=EVERYTHING, level="la", at=(51.5, -0.1, 10)),
    "many filters": View(
        sector=("life-sciences", "defence"),
        programme=("SBCD", "BRCD"),
        type=("Diverse",),
        year_from=2015,
        growth=True,
    ),
}


def texts_of(page):
    return [text for text in page.findobj(Text) if text.get_text().strip() and text.get_visible()]


def words_of(page):
    return " ".join(" ".join(text.get_text() for text in texts_of(page)).split())


def extents(page):
    """Where each text is, in pixels."""
    page.set_dpi(DPI)
    with mpl.rc_context(LETTERS):
        page.canvas.draw()
        drawer = page.canvas.get_renderer()
        return [(text.get_text(), text.get_window_extent(drawer)) for text in texts_of(page)]


PAGES = [*((name, "a4") for name in VIEWS), ("as it opens", "slide"), ("everything", "slide")]


@pytest.fixture(scope="module", params=PAGES, ids=" ".join)
def case(request, edition):
    """A view, its page, and where each text of it is."""
    name, size = request.param
    page = figure(edition, VIEWS[name], size)
    return VIEWS[name], page, extents(page)


def test_no_text_lies_over_another(case):
    _, _, boxes = case
    assert len(boxes) > 5
    for (one, first), (other, second) in combinations(boxes, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        # Descenders of a line may reach into the next by a pixel or two; names must not.
        assert wide <= 1 or high <= 3, f"{one!r} over {other!r}"


def test_no_text_leaves_the_page(case):
    _, page, boxes = case
    wide, high = page.get_size_inches() * DPI
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= wide, text
        assert box.y1 <= high, text


def test_the_page_says_what_whose_and_how_sure(case, edition):
    view, page, _ = case
    words = words_of(page)
    assert sentence(edition, view) in words
    assert credit(view) in words
    assert FLAG in words
    assert "a curated sample" in words
    assert "not a census" in words
    assert "edition sample-" in words
    for phrase in filter_words(edition, view):
        assert phrase[1:] in words


def test_axes_keep_their_limits(edition):
    axes = next(axes for axes in figure(edition, View()).axes if axes.get_label() == "map")
    low, high = axes.get_ylim()
    assert low < 0
    assert high > 1_230_000


def test_names_of_all_clusters_are_written(edition):
    words = words_of(figure(edition, View()))
    for place in edition.clusters.loc[edition.clusters["kind"] == "sector", "place"]:
        assert words.count(place) >= 2, place


def test_the_same_view_gives_the_same_bytes(edition):
    assert picture(edition, View(), dpi=60) == picture(edition, View(), dpi=60)


@pytest.mark.parametrize(("size", "pixels"), [("a4", (827, 1169)), ("slide", (1333, 750))])
def test_pixels_are_those_of_the_page(edition, size, pixels):
    image = Image.open(io.BytesIO(picture(edition, View(show=("none",)), size=size, dpi=100)))
    assert image.size == pytest.approx(pixels, abs=1)
    assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)


def test_the_file_describes_itself(edition):
    view = View(sector=("life-sciences",))
    info = Image.open(io.BytesIO(picture(edition, view, dpi=50))).text
    assert info["Title"] == sentence(edition, view)
    assert info["Description"] == alt_text(edition, view)
    assert info["Source"] == "?sector=life-sciences"
    assert "Creation Time" not in info


@pytest.mark.parametrize("dpi", [0, 49, 601, 10**9])
def test_a_resolution_out_of_bounds_is_refused(edition, dpi):
    with pytest.raises(InputError, match=f"dpi {dpi} cannot be used"):
        picture(edition, View(), dpi=dpi)


def test_the_alternative_text_tells_what_the_map_does(edition):
    text = alt_text(edition, View())
    strongest = edition.clusters[edition.clusters["kind"] == "sector"].nsmallest(1, "log10_p").iloc[0]
    assert text.startswith(sentence(edition, View()))
    assert f"{strongest['name']} ({strongest['firms']} firms where" in text
    assert "Public money per head, highest: " in text
    assert "Boundaries are approximate." in text


def test_the_alternative_text_leaves_out_what_is_not_shown(edition):
    text = alt_text(edition, View(show=("none",)))
    assert "Strongest" not in text
    assert "highest" not in text


def test_long_lists_of_filters_are_cut_short(edition):
    view = View(sector=("life-sciences", "defence", "agri-food", "financial-services", "creative-industries"))
    [phrase] = filter_words(edition, view)
    assert phrase.endswith("and 1 more")
