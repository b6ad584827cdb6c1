"""Pictures: same view, same bytes; everything said; nothing over anything else or over the edge."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pypdf
import pytest
from matplotlib.text import Text
from PIL import Image

from data.errors import InputError, NotFoundError
from edition.view import View
from layers import regions
from layers.labels import places
from layers.mark import Look, Mark, Name
from layers.registry import credit
from layers.sheet import MOST_LINES, Sheet
from layers.style import style
from snapshots.paper import SIZES, Paper
from snapshots.picture import caption as words
from snapshots.picture.caption import FLAG, alt_text, caption, filter_words, title
from snapshots.picture.chosen import chosen
from snapshots.picture.inset import LONDON, SHETLAND
from snapshots.picture.layout import Box, Layout
from snapshots.picture.page import quiet
from snapshots.picture.picture import figure, picture
from snapshots.picture.place_names import write_names
from snapshots.picture.writers import SETTINGS, WRITERS, pdf, svg
from words.sentence import sentence

DPI = 200
REFERENCES = Path(__file__).parent / "references"
# Dots per inch of the references; which dots differ; and how many of them may.
REFERENCE_DPI, DIFFERENT, MOST_DIFFERENT = 50, 24, 0.01
# Set it to draw the references anew, then look at each before it is committed.
REWRITE = "REWRITE_REFERENCES"
EVERYTHING = ("regions", "clusters", "projects", "firms", "assets", "labels")
CLUSTER = "life-sciences--babraham"
VIEWS = {
    "as it opens": View(),
    "everything": View(show=EVERYTHING, level="la"),
    "totals": View(measure="total", level="la"),
    "land alone": View(show=("none",)),
    "nothing passes": View(sector=("agri-food",), year_from=2029, year_to=2030),
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


@pytest.fixture(scope="session")
def pages(edition, own_edition):
    """Pages by view and size, each composed once."""
    shown = {**{name: (edition, view) for name, view in VIEWS.items()}, "hostile": (own_edition, View())}

    @cache
    def page(name, size):
        return figure(*shown[name], size)

    return page


PAGES = [
    *((name, "a4") for name in VIEWS),
    *(("as it opens", size) for size in SIZES[1:]),
    ("everything", "a3"),
    ("many filters", "a4-landscape"),
    ("cluster", "a3-landscape"),
    ("side by side", "slide"),
]


@pytest.fixture(scope="module", params=PAGES, ids=" ".join)
def case(request, pages):
    """A view, its page, and where each text of it is."""
    name, size = request.param
    page = pages(name, size)
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
    said = words_of(page)
    assert title(edition, view, chosen(edition, view)) in said
    assert credit(view) in said
    assert FLAG in said
    assert "a curated sample" in said
    assert "not a census" in said
    assert "edition sample-" in said
    assert "as of November 2026" in said
    for phrase in filter_words(edition, view):
        assert phrase[1:] in said


def axes_of(page, label):
    return [axes for axes in page.axes if axes.get_label() == label]


def test_axes_keep_their_limits(pages):
    [axes] = axes_of(pages("as it opens", "a4"), "map")
    low, high = axes.get_ylim()
    assert low < 0
    assert high > 1_230_000


def test_names_of_all_clusters_are_written(edition, pages):
    page = pages("as it opens", "a4")
    drawn = [
        text.get_text() for label in ("map", "inset") for axes in axes_of(page, label) for text in axes.texts
    ]
    for place in edition.clusters.loc[edition.clusters["kind"] == "sector", "place"]:
        assert place in drawn, place


# --- Insets


@pytest.mark.parametrize(("size", "framed"), [("a4", False), ("a3", False), ("slide", True)])
def test_shetland_stands_in_a_frame_only_where_height_is_scarce(pages, size, framed):
    page = pages("as it opens", size)
    grounds = [(*axes.get_xlim(), *axes.get_ylim()) for axes in axes_of(page, "inset")]
    shown = [ground for ground in grounds if ground[2] < SHETLAND.middle[1] < ground[3]]
    assert len(shown) == framed
    assert ("further north than shown" in words_of(page)) is framed
    if framed:
        [main], [inset] = (
            axes_of(page, "map"),
            [axes for axes in axes_of(page, "inset") if axes.get_ylim()[0] > 1e6],
        )
        assert metres_per_inch(main) == pytest.approx(metres_per_inch(inset))


def metres_per_inch(axes):
    west, east = axes.get_xlim()
    return (east - west) / (axes.get_position().width * axes.figure.get_size_inches()[0])


@pytest.mark.parametrize(
    ("name", "framed"),
    [("as it opens", True), ("totals", True), ("nothing passes", False), ("near", False), ("pairs", True)],
)
def test_london_is_enlarged_where_it_is_crowded(pages, name, framed):
    page = pages(name, "a4")
    insets = axes_of(page, "inset")
    assert bool(insets) is framed
    assert ("London, " in words_of(page)) is framed
    if framed:
        [main] = axes_of(page, "map")
        assert insets[0].get_xlim() == (LONDON.left, LONDON.right)
        assert metres_per_inch(main) / metres_per_inch(insets[0]) == pytest.approx(4)
        frames = [one for one in main.patches if one.get_gid() is None and hasattr(one, "get_width")]
        assert [(one.get_x(), one.get_width()) for one in frames] == [(LONDON.left, LONDON.width)]


@pytest.mark.parametrize("size", SIZES)
def test_insets_cover_no_land_of_the_uk_and_not_each_other(edition, pages, size):
    import shapely

    page = pages("as it opens", size)
    [main] = axes_of(page, "map")
    insets = axes_of(page, "inset")
    land = shapely.union_all(edition.regions["nation"].geometry.to_numpy())
    to_ground = (main.transData.inverted() + mpl.transforms.IdentityTransform()).transform
    boxes = [one.get_position().transformed(page.transFigure) for one in insets]
    for box in boxes:
        (west, south), (east, north) = to_ground([box.p0, box.p1])
        assert not shapely.box(west, south, east, north).intersects(land)
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)


def test_a_cluster_that_is_looked_at_fills_the_map_and_is_named(edition, pages):
    page = pages("cluster", "a4")
    [axes] = axes_of(page, "map")
    row = edition.clusters.set_index("cluster_id").loc[CLUSTER]
    west, south, east, north = row.geometry.bounds
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert left <= west - 4_900
    assert right >= east + 4_900
    assert bottom <= south - 4_900
    assert top >= north + 4_900
    assert max((right - left) - (east - west), 1) < 40_000
    assert words_of(page).count(row["name"]) >= 1
    widths = [float(width) for one in axes.collections for width in one.get_linewidths()]
    assert max(widths) > 3


def test_a_cluster_that_nobody_knows_is_named(edition):
    with pytest.raises(NotFoundError, match="'no-such--cluster' is no cluster of edition sample"):
        picture(edition, View(cluster="no-such--cluster"))


def test_a_map_of_a_part_has_an_arrow_and_says_that_sums_are_of_the_whole(edition, pages):
    said = words_of(pages("near", "a4"))
    assert "N" in [text.get_text() for text in texts_of(pages("near", "a4"))]
    assert title(edition, VIEWS["near"]) == "London and around: public money per head, by local authority"
    assert "In the whole UK: 9 clusters in 5 sectors; £" in said
    assert "N" not in [text.get_text() for text in texts_of(pages("as it opens", "a4"))]


@pytest.mark.parametrize(
    ("at", "called"),
    [
        ((50.3, -5.0, 9), "Cornwall and around"),
        ((50.154, -5.07, 12), "Falmouth and around"),
        ((60.3, -1.2, 8), "Shetland Islands and around"),
        ((55.86, -4.25, 11), "Glasgow and around"),
        ((58.0, -9.5, 9), "A part of the UK"),
    ],
)
def test_a_map_of_a_part_is_called_after_what_fills_it(edition, at, called):
    assert title(edition, View(at=at, show=("firms", "assets"))) == f"{called}: firms and research assets"
    assert title(edition, View(at=at, show=("labels",))) == called


# --- What stands on a map of a part


def contrast(one, other):
    """Contrast of two colours as the Web Content Accessibility Guidelines measure it."""

    def light(colour):
        parts = np.array(mpl.colors.to_rgb(colour))
        parts = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(parts @ (0.2126, 0.7152, 0.0722)) + 0.05

    first, second = light(one), light(other)
    return max(first, second) / min(first, second)


def assert_seen(dots, halo):
    """Dots have a pale rim, and a diameter of at least three points."""
    assert mpl.colors.to_hex(dots.get_edgecolor()[0]) == halo
    # The size of a mark is the area of the square around it.
    assert dots.get_sizes().min() >= 3.0**2


def test_firms_can_be_told_from_any_ground_and_footprints_do_not_hide_them(edition):
    near = View(show=EVERYTHING, level="la", at=(52.2, 0.12, 12))
    [axes] = axes_of(figure(edition, near), "map")
    firm, halo = (mpl.colors.to_hex(style().colours[role]) for role in ("firm", "halo"))
    dots = [
        one
        for one in axes.collections
        if len(one.get_facecolor()) and mpl.colors.to_hex(one.get_facecolor()[0]) == firm
    ]
    assert dots
    footprints = [
        one.get_zorder()
        for one in axes.collections
        if len(one.get_facecolor())
        and mpl.colors.to_hex(one.get_facecolor()[0])
        == mpl.colors.to_hex(style().sectors["life-sciences"]["colour"])
    ]
    for one in dots:
        assert one.get_zorder() > max(footprints)
        assert_seen(one, halo)
    # Before firms are points, they are counted in cells.
    [axes] = axes_of(figure(edition, View(show=("firms",), at=(51.5, -0.1, 10))), "map")
    for one in axes.collections:
        if len(one.get_facecolor()) and mpl.colors.to_hex(one.get_facecolor()[0]) == firm:
            assert_seen(one, halo)
    grounds = [style().colours["land"], *quiet(style()).colours["ramp"]]
    assert min(contrast(firm, ground) for ground in grounds) > 3
    assert min(contrast(firm, ground) for ground in style().colours["ramp"]) < 3


def test_a_key_says_of_each_layer_that_nothing_of_it_is_on_the_map_and_villages_are_named(edition):
    said = words_of(figure(edition, View(show=EVERYTHING, level="la", at=(60.3, -1.2, 8))))
    for layer in ("Clusters", "Firms", "Research assets"):
        assert f"{layer} None on this map." in said
    assert "Lerwick" in said


def test_a_short_key_does_not_make_the_country_smaller(edition, pages):
    [wide] = axes_of(figure(edition, View(show=("firms", "labels"))), "map")
    [usual] = axes_of(pages("as it opens", "a4"), "map")
    assert metres_per_inch(wide) <= metres_per_inch(usual) * 1.001
    # Of a small part a wider map shows more of the same.
    [near] = axes_of(figure(edition, View(show=("firms",), at=(52.2, 0.12, 12))), "map")
    assert near.get_position().width > usual.get_position().width


def test_towns_are_towns_and_have_one_name(edition):
    named = places(edition)["name"]
    assert not {"Mendip", "High Peak", "Londonderry County Borough", "Derry"} & set(named)
    assert (named == "Derry/Londonderry").sum() == 1
    assert len(named) > 5_000


def test_what_hatching_means_is_true_of_every_measure(edition):
    money = regions.payload(edition, View(measure="private-per-head"))
    assert money["none"] == "no private money named"
    shares = regions.payload(edition, View(measure="clustered-share"))
    many = [row for row in shares["rows"] if row["text"].startswith("0 of ") and "too few" not in row["text"]]
    assert many
    assert shares["none"] == "none, or fewer than 5 firms"


def test_no_sum_a_head_is_told_in_parts_of_a_penny(edition):
    rows = regions.payload(edition, View(measure="private-per-head", level="itl2"))["rows"]
    assert [row["text"] for row in rows if row["text"].startswith("£0.")]
    for row in rows:
        assert not re.match(r"£0\.\d{3}", row["text"]), row["text"]


def test_money_that_is_all_placed_is_told_so(edition):
    said = " ".join(caption(edition, View()))
    assert re.search(r"All £[\d.]+bn in awards is placed", said)
    assert "£0 is not" not in said
    assert re.search(r"Of £[\d.]+bn in awards, .* is not\.", " ".join(caption(edition, View(placed="lead"))))


def test_a3_shows_more_than_a4(pages):
    small, large = pages("as it opens", "a4"), pages("as it opens", "a3")
    towns = [sum(text.get_style() == "italic" for text in texts_of(page)) for page in (small, large)]
    assert towns[1] > 1.4 * towns[0]
    ranked = [sum("a head, " in text.get_text() for text in texts_of(page)) for page in (small, large)]
    assert ranked[1] > ranked[0]


# --- Files


@pytest.fixture(scope="module")
def files(edition, pages):
    """The view that the map opens with, in each form."""
    told = words.metadata(edition, View())
    return {form: write(pages("as it opens", "a4"), 60, told) for form, write in WRITERS.items()}


def test_the_same_view_gives_the_same_bytes_in_another_process_too(edition, files):
    code = """
import hashlib
from edition.view import View
from edition.edition import KEEPER
from snapshots.paper import Paper
from snapshots.picture.picture import picture
edition = KEEPER.wait()
for form in ("png", "svg", "pdf"):
    print(form, hashlib.sha256(picture(edition, View(), form, Paper("a4", 60))).hexdigest())
"""
    asked = {**os.environ, "PYTHONHASHSEED": "7"}
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=asked, cwd=Path.cwd()
    ).stdout
    again = dict(line.split() for line in told.splitlines())
    assert again == {form: hashlib.sha256(file).hexdigest() for form, file in files.items()}
    # Drawn once before in this process: a second time changes nothing either.
    assert picture(edition, View(), "png", Paper("a4", 60)) == files["png"]


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("a4", (827, 1169)), ("a4-landscape", (1169, 827)), ("a3", (1169, 1654)), ("slide", (1333, 750))],
)
def test_pixels_are_those_of_the_page(edition, size, pixels):
    image = Image.open(io.BytesIO(picture(edition, View(show=("none",)), paper=Paper(size, 100))))
    assert image.size == pytest.approx(pixels, abs=1)
    assert image.info["dpi"] == pytest.approx((100, 100), abs=0.1)


def test_the_file_describes_itself(edition):
    view = View(sector=("life-sciences",))
    info = Image.open(io.BytesIO(picture(edition, view, paper=Paper("a4", 50)))).text
    assert info["Title"] == sentence(edition, view)
    assert info["Description"] == alt_text(edition, view)
    assert info["Source"].endswith("?sector=life-sciences")
    assert "Creation Time" not in info


def test_the_pdf_can_be_searched_and_carries_its_fonts(edition, files):
    read = pypdf.PdfReader(io.BytesIO(files["pdf"]))
    [page] = read.pages
    said = " ".join(page.extract_text().split())
    assert sentence(edition, View()).split(";")[0] in said
    for paragraph in (*caption(edition, View()), *words.subtitle(edition, View()).split(". ")):
        for word in paragraph.split():
            assert word in said, word
    # Names on the map are text, not outlines.
    assert "Newcastle Helix" in said
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert len(fonts) >= 3
    for font in fonts:
        kept = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in kept["/FontDescriptor"].get_object(), font["/BaseFont"]
        assert "/ToUnicode" in font
    assert all("SourceSans" in str(font["/BaseFont"]) for font in fonts)
    assert read.metadata.title == sentence(edition, View())
    assert alt_text(edition, View()) in read.metadata.subject
    assert "innovation clusters" in read.metadata["/Keywords"]
    assert "/CreationDate" not in read.metadata
    wide, high = page.mediabox.width, page.mediabox.height
    assert (float(wide), float(high)) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.01)


def test_the_svg_holds_text_and_its_letters_and_asks_nobody(edition, files):
    text = files["svg"].decode()
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == sentence(edition, View())
    assert alt_text(edition, View()) in root.find(f"{SVG}desc").text
    said = " ".join("".join(one.itertext()) for one in root.iter(f"{SVG}text"))
    assert "Newcastle Helix" in said
    assert "Contains OS data" in said
    assert all(word in said for word in sentence(edition, View()).split())
    assert text.count("@font-face") == 3
    # A program that knows no embedded fonts writes in another, and must not run over the edge for that.
    lines = list(root.iter(f"{SVG}text"))
    assert lines
    for one in lines:
        assert one.get("lengthAdjust") == "spacingAndGlyphs"
        assert float(one.get("textLength")) > 0
        if "text-anchor: start" in one.get("style"):
            assert float(one.get("x")) + float(one.get("textLength")) < 210 / 25.4 * 72 - 28, one.text
    assert not list(root.iter(f"{SVG}script"))
    assert "<!DOCTYPE" not in text
    targets = [one.get(HREF) or one.get("href") for one in root.iter() if one.get(HREF) or one.get("href")]
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert all(url.startswith(("#", "data:")) for url in re.findall(r"url\(([^)]*)\)", text))
    assert len(files["svg"]) < 3e6


def test_very_many_marks_become_dots_within_the_file(edition):
    page, sheet = empty_page()
    count = MOST_LINES + 1
    lon, lat = np.linspace(-4, 0, count), np.linspace(50, 54, count)
    sheet.marks(
        lon, lat, [Mark("circle", 1.0 + number / count, Look("#000000")) for number in range(count)], 3
    )
    told = dict.fromkeys(("Title", "Description", "Copyright", "Source", "Software"), "many")
    drawn = svg(page, 100, told)
    assert drawn.count(b"<image") == 1
    assert len(drawn) < 4e5
    assert len(pdf(page, 100, told)) < 4e5


def empty_page():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=(4, 6))
    FigureCanvasAgg(page)
    return page, Sheet(page.add_axes((0, 0, 1, 1), xlim=(0, 7e5), ylim=(0, 1.05e6), autoscale_on=False))


def test_a_form_and_a_resolution_that_cannot_be_are_refused(edition):
    with pytest.raises(InputError, match="'gif' is no form of a picture"):
        picture(edition, View(), "gif")
    for dpi in (0, 49, 601, 10**9):
        with pytest.raises(InputError, match=f"dpi {dpi} cannot be used"):
            Paper("a4", dpi)


# --- Hostile names


def test_hostile_names_are_drawn_as_they_are_or_as_boxes():
    page, sheet = empty_page()
    for number, name in enumerate(HOSTILE):
        lines = (name, name)
        sheet.names.append(Name(lines, -3.0, 51.0 + number / 2, 3.0, 10 - number, "#000000", strong=True))
        sheet.names.append(Name((name * 2,), -1.0, 51.2 + number / 2, 3.0, 1, "#000000"))
    box = Box(0, 0, 4 * 25.4, 6 * 25.4)
    write_names(sheet, box, style(), "flag")
    told = dict.fromkeys(("Title", "Description", "Copyright", "Source", "Software"), HOSTILE[0] + HOSTILE[4])
    drawn = {form: write(page, 50, told) for form, write in WRITERS.items()}
    root = ET.fromstring(drawn["svg"])
    assert not list(root.iter(f"{SVG}script"))
    said = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert HOSTILE[0] in said
    assert "□□ cluster" in said
    assert "right to left" in said
    assert HOSTILE[1] in said


@pytest.mark.parametrize("size", ["a4", "slide"])
def test_endless_names_leave_room_for_the_map_and_for_what_is_owed(edition, monkeypatch, size):
    from snapshots.picture import page

    monkeypatch.setattr(page, "title", lambda *_: "An endless name of a cluster " * 100)
    monkeypatch.setattr(page, "subtitle", lambda *_: "filter " * 2_000)
    view = View(show=("clusters",))
    made = figure(edition, view, size)
    said = words_of(made)
    assert "…" in said
    assert credit(view) in said
    [shown] = axes_of(made, "map")
    assert shown.get_position().height > 0.25
    assert all(axes.get_position().y1 <= 1 + 1e-9 for axes in made.axes)


def test_a_layout_knows_its_shares():
    box = Box(10, 20, 30, 40)
    assert Layout(100, 200, box, box, box, box).share(box) == (0.1, 0.1, 0.3, 0.2)


# --- Words


def test_the_alternative_text_tells_what_the_map_does(edition):
    text = alt_text(edition, View())
    strongest = edition.clusters[edition.clusters["kind"] == "sector"].nsmallest(1, "log10_p").iloc[0]
    assert text.startswith(sentence(edition, View()))
    assert f"{strongest['name']} ({strongest['firms']} firms where" in text
    assert "Public money per head, highest: " in text
    assert "Boundaries are approximate." in text


def test_official_boundaries_are_not_called_approximate(edition, monkeypatch):
    monkeypatch.setattr(words, "is_approximate", lambda: False)
    assert "approximate" not in alt_text(edition, View())


def test_the_alternative_text_leaves_out_what_is_not_shown(edition):
    text = alt_text(edition, View(show=("none",)))
    assert "Strongest" not in text
    assert "highest" not in text


def test_a_link_that_is_too_long_to_print_stays_in_the_file(edition):
    view = View(place=tuple(f"area {number} {'x' * 600}" for number in range(3)))
    assert not any("area" in paragraph for paragraph in caption(edition, view))
    assert "carries it as its source" in caption(edition, view)[-1]
    assert "area" in words.metadata(edition, view)["Source"]


def test_long_lists_of_filters_are_cut_short(edition):
    view = View(sector=("life-sciences", "defence", "agri-food", "financial-services", "creative-industries"))
    [phrase] = filter_words(edition, view)
    assert phrase.endswith("and 1 more")


# --- References

COMPARED = [
    *(("as it opens", size) for size in SIZES),
    *((name, "a4") for name in ("totals", "near", "cluster", "nothing passes")),
    *((name, "a4") for name in ("place", "side by side", "far apart", "outlined")),
    ("side by side", "slide"),
    ("hostile", "a4-landscape"),
]


@pytest.mark.parametrize(("name", "size"), COMPARED, ids=" ".join)
def test_pictures_look_as_they_did(edition, own_edition, pages, name, size):
    told = words.metadata(edition, View())
    drawn = WRITERS["png"](pages(name, size), REFERENCE_DPI, told)
    file = REFERENCES / f"{name.replace(' ', '-')}-{size}.png"
    if os.environ.get(REWRITE):
        file.write_bytes(drawn)
    now, then = (np.asarray(Image.open(io.BytesIO(one)), dtype=int) for one in (drawn, file.read_bytes()))
    assert now.shape == then.shape
    different = (np.abs(now - then).max(axis=2) > DIFFERENT).mean()
    assert different <= MOST_DIFFERENT, f"{different:.1%} of the dots of {file.name} differ"
